//! What candle patterns are made of: bars with the means of the bars before them, and the walk over all of them.
//!
//! The words are TA-Lib's default candle settings. A body is long above and short below the mean body of the ten bars
//! before; it is a doji's up to a tenth of their mean range. A shadow is long above the bar's own body, very long
//! above twice that; short below half the mean of both shadows of the ten bars before; very short below a tenth of
//! their mean range. Near is a fifth of the mean range of the five bars before, far three fifths, equal a twentieth.

use std::array;

use super::super::entry::{Args, Group, Indicator, Input, Kernel, Param, Part, WarmUp};
use super::super::kernels::blank;

/// The pattern compares with the mean body of the ten bars before.
pub(super) const BODY: u8 = 1;
/// ... with the mean range of the ten bars before.
pub(super) const RANGE: u8 = 2;
/// ... with the mean range of the five bars before.
pub(super) const NEAR: u8 = 4;
/// ... with the mean of both shadows of the ten bars before.
pub(super) const SHADOW: u8 = 8;

/// Open, high, low, close.
pub(super) const OHLC: &[Input] = &[Input::OPEN, Input::HIGH, Input::LOW, Input::CLOSE];

const fn mean_of(name: &'static str, args: fn(&Args) -> Vec<f64>) -> Part {
    Part { of: name, args, inputs: &[0, 1, 2, 3], output: 0 }
}

const BODY_PART: Part = mean_of("candle_body", |_| vec![10.0]);
const RANGE_PART: Part = mean_of("candle_range", |_| vec![10.0]);
const NEAR_PART: Part = mean_of("candle_range", |_| vec![5.0]);
const SHADOW_PART: Part = mean_of("candle_shadow", |_| vec![10.0]);

/// The shared means of a set, in the order of their bits.
pub(super) const fn parts_of(means: u8) -> &'static [Part] {
    match means {
        0 => &[],
        1 => &[BODY_PART],
        2 => &[RANGE_PART],
        3 => &[BODY_PART, RANGE_PART],
        4 => &[NEAR_PART],
        5 => &[BODY_PART, NEAR_PART],
        6 => &[RANGE_PART, NEAR_PART],
        7 => &[BODY_PART, RANGE_PART, NEAR_PART],
        9 => &[BODY_PART, SHADOW_PART],
        13 => &[BODY_PART, NEAR_PART, SHADOW_PART],
        _ => panic!("a set of means that no pattern has"),
    }
}

/// One bar, and the means of the bars before it; a mean that the pattern has not asked for is NaN.
#[derive(Clone, Copy)]
pub(super) struct Bar {
    pub open: f64,
    pub high: f64,
    pub low: f64,
    pub close: f64,
    body_mean: f64,
    range_mean: f64,
    near_mean: f64,
    shadow_mean: f64,
}

impl Bar {
    /// Closes at its open or higher.
    #[inline(always)]
    pub fn white(self) -> bool {
        self.close >= self.open
    }

    /// Closes below its open.
    #[inline(always)]
    pub fn black(self) -> bool {
        self.close < self.open
    }

    /// 1 when white, -1 when black.
    #[inline(always)]
    pub fn sign(self) -> f64 {
        if self.white() { 1.0 } else { -1.0 }
    }

    #[inline(always)]
    pub fn body(self) -> f64 {
        (self.close - self.open).abs()
    }

    /// The body's upper end.
    #[inline(always)]
    pub fn top(self) -> f64 {
        if self.white() { self.close } else { self.open }
    }

    /// The body's lower end.
    #[inline(always)]
    pub fn bottom(self) -> f64 {
        if self.white() { self.open } else { self.close }
    }

    #[inline(always)]
    pub fn upper(self) -> f64 {
        self.high - self.top()
    }

    #[inline(always)]
    pub fn lower(self) -> f64 {
        self.bottom() - self.low
    }

    #[inline(always)]
    pub fn long(self) -> bool {
        self.body() > self.body_mean
    }

    #[inline(always)]
    pub fn short(self) -> bool {
        self.body() < self.body_mean
    }

    /// Mean body of the ten bars before.
    #[inline(always)]
    pub fn body_mean(self) -> f64 {
        self.body_mean
    }

    #[inline(always)]
    pub fn doji(self) -> bool {
        self.doji_beside(self)
    }

    /// Whether it is a doji by the measure of another bar.
    #[inline(always)]
    pub fn doji_beside(self, other: Bar) -> bool {
        self.body() <= other.tiny()
    }

    /// A tenth of the mean range: a doji's body is not above it, a very short shadow below it.
    #[inline(always)]
    pub fn tiny(self) -> f64 {
        0.1 * self.range_mean
    }

    /// Its upper shadow is very short.
    #[inline(always)]
    pub fn no_upper(self) -> bool {
        self.upper() < self.tiny()
    }

    /// Its lower shadow is very short.
    #[inline(always)]
    pub fn no_lower(self) -> bool {
        self.lower() < self.tiny()
    }

    /// Below this a shadow is short.
    #[inline(always)]
    pub fn short_shadow(self) -> f64 {
        self.shadow_mean / 2.0
    }

    #[inline(always)]
    pub fn near(self) -> f64 {
        0.2 * self.near_mean
    }

    #[inline(always)]
    pub fn far(self) -> f64 {
        0.6 * self.near_mean
    }

    #[inline(always)]
    pub fn equal(self) -> f64 {
        0.05 * self.near_mean
    }

    /// The body lies above the other's.
    #[inline(always)]
    pub fn body_above(self, other: Bar) -> bool {
        self.bottom() > other.top()
    }

    /// The body lies below the other's.
    #[inline(always)]
    pub fn body_below(self, other: Bar) -> bool {
        self.top() < other.bottom()
    }

    /// The whole bar lies above the other.
    #[inline(always)]
    pub fn above(self, other: Bar) -> bool {
        self.low > other.high
    }

    /// The whole bar lies below the other.
    #[inline(always)]
    pub fn below(self, other: Bar) -> bool {
        self.high < other.low
    }

    /// Opens within the other's body, its ends not counted; `other` is black.
    #[inline(always)]
    pub fn opens_in_black(self, other: Bar) -> bool {
        (self.open < other.open) & (self.open > other.close)
    }
}

/// `value` where something holds, 0 elsewhere.
#[inline(always)]
pub(super) fn when(holds: bool, value: f64) -> f64 {
    if holds { value } else { 0.0 }
}

/// Whether two values are not more than `width` apart.
#[inline(always)]
pub(super) fn within(value: f64, of: f64, width: f64) -> bool {
    (value <= of + width) & (value >= of - width)
}

/// Writes what `shape` says of every run of `BARS` bars into the row of the last of them. Shapes weigh all their
/// conditions with `&`: without jumps in them several rows are computed at once.
#[inline(always)]
pub(super) fn scan<const BARS: usize, const MEANS: u8>(
    inputs: &[&[f64]],
    output: &mut [f64],
    shape: impl Fn([Bar; BARS]) -> f64,
) {
    if !blank(output, BARS - 1) {
        return;
    }
    let output = &mut output[BARS - 1..];
    let rows = output.len();
    // Bar k of the run of row r is at r in the columns moved by k.
    let columns: [[&[f64]; 8]; BARS] = array::from_fn(|bar| {
        array::from_fn(|n| match place_of(MEANS, n) {
            Some(place) => &inputs[place][bar..bar + rows],
            None => &[],
        })
    });
    for (row, out) in output.iter_mut().enumerate() {
        *out = shape(array::from_fn(|bar| {
            let of = |n: usize| if place_of(MEANS, n).is_some() { columns[bar][n][row] } else { f64::NAN };
            Bar {
                open: of(0),
                high: of(1),
                low: of(2),
                close: of(3),
                body_mean: of(4),
                range_mean: of(5),
                near_mean: of(6),
                shadow_mean: of(7),
            }
        }));
    }
}

/// Where the n-th member of [`Bar`] is among the inputs.
#[inline(always)]
const fn place_of(means: u8, n: usize) -> Option<usize> {
    if n < 4 {
        return Some(n);
    }
    let bit = 1 << (n - 4);
    if means & bit == 0 { None } else { Some(4 + (means & (bit - 1)).count_ones() as usize) }
}

fn rows_before<const BARS: usize>(_: &Args) -> WarmUp {
    WarmUp::Rows(BARS - 1)
}

/// The entry of a pattern over `BARS` bars; [`pattern!`] makes the kernel with it.
pub(super) const fn entry<const BARS: usize>(
    names: (&'static str, &'static [&'static str]),
    title: &'static str,
    means: u8,
    kernel: Kernel,
    says: (&'static str, &'static str),
) -> Indicator {
    Indicator::new(names.0, title, Group::Patterns, rows_before::<BARS>, kernel)
        .aliases(names.1)
        .inputs(OHLC)
        .parts(parts_of(means))
        .says(says.0, says.1)
}

/// How far a candle has to reach into another's body, as a share of it.
pub(super) const PENETRATION_30: &[Param] = &[Param::real("penetration", 0.3, 0.0, 3e37)];
pub(super) const PENETRATION_50: &[Param] = &[Param::real("penetration", 0.5, 0.0, 3e37)];

/// A pattern: name and TA-Lib's name without the prefix, title, bars and means it looks at, its shape (and the
/// parameters the shape is given the first of), the shape in words.
macro_rules! pattern {
    ($name:literal, $alias:literal, $title:literal, $bars:literal, $means:expr, $shape:path, $says:literal) => {
        $crate::indicators::patterns::candle::entry::<$bars>(
            ($name, &[$alias]),
            $title,
            $means,
            |_, inputs, outputs| scan::<$bars, { $means }>(inputs, outputs[0], $shape),
            ($says, concat!("TA-Lib ", $name)),
        )
    };
    ($name:literal, $alias:literal, $title:literal, $bars:literal, $means:expr, $shape:path, $params:expr, $says:literal) => {
        $crate::indicators::patterns::candle::entry::<$bars>(
            ($name, &[$alias]),
            $title,
            $means,
            |args, inputs, outputs| {
                let share = args.real(0);
                scan::<$bars, { $means }>(inputs, outputs[0], |bars| $shape(bars, share));
            },
            ($says, concat!("TA-Lib ", $name)),
        )
        .params($params)
    };
}
pub(super) use pattern;
