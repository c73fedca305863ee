//! The walk of a pattern's shape over all bars, and the entry that goes with it.
//!
//! Shapes weigh all their conditions with `&`: without jumps several rows are computed at once. Where what is left of
//! a shape without the means is common, the means are made for every bar ([`common`]); where it is rare, only for the
//! bars that need them ([`rare`]). A column of means that patterns share would cost more: it is written and read through
//! the memory, and a block's means are made in less time than that takes.

use std::array;

use super::super::entry::{Args, Group, Indicator, Kernel, Param, WarmUp};
use super::super::kernels::blank;
use super::candle::{Bar, Means};
use super::means::{OHLC, body, lengths, mean_before, mean_lengths, range, shadow};

/// The pattern compares with the mean body of the ten bars before.
pub(super) const BODY: u8 = 1;
/// ... with the mean range of the ten bars before.
pub(super) const RANGE: u8 = 2;
/// ... with the mean range of the five bars before.
pub(super) const NEAR: u8 = 4;
/// ... with the mean of both shadows of the ten bars before.
pub(super) const SHADOW: u8 = 8;

/// Bars before a bar that its means are of.
pub(super) const fn memory(means: u8) -> usize {
    if means & !NEAR != 0 {
        10
    } else if means & NEAR != 0 {
        5
    } else {
        0
    }
}

/// Means that were made before; those the pattern has not asked for are NaN.
#[derive(Clone, Copy)]
pub(super) struct Made([f64; 4]);

impl Means for Made {
    const KNOWN: bool = true;

    #[inline(always)]
    fn body(self) -> f64 {
        self.0[0]
    }

    #[inline(always)]
    fn range(self) -> f64 {
        self.0[1]
    }

    #[inline(always)]
    fn near(self) -> f64 {
        self.0[2]
    }

    #[inline(always)]
    fn shadow(self) -> f64 {
        self.0[3]
    }
}

/// No means.
#[derive(Clone, Copy)]
pub(super) struct Unknown;

impl Means for Unknown {
    const KNOWN: bool = false;

    #[inline(always)]
    fn body(self) -> f64 {
        f64::NAN
    }

    #[inline(always)]
    fn range(self) -> f64 {
        f64::NAN
    }

    #[inline(always)]
    fn near(self) -> f64 {
        f64::NAN
    }

    #[inline(always)]
    fn shadow(self) -> f64 {
        f64::NAN
    }
}

/// Means of the bars before a row, summed up when asked for.
#[derive(Clone, Copy)]
pub(super) struct Summed<'a> {
    columns: [&'a [f64]; 4],
    row: usize,
}

impl Means for Summed<'_> {
    const KNOWN: bool = true;

    #[inline(always)]
    fn body(self) -> f64 {
        mean_before::<10>(self.columns, self.row, body)
    }

    #[inline(always)]
    fn range(self) -> f64 {
        mean_before::<10>(self.columns, self.row, range)
    }

    #[inline(always)]
    fn near(self) -> f64 {
        mean_before::<5>(self.columns, self.row, range)
    }

    #[inline(always)]
    fn shadow(self) -> f64 {
        mean_before::<10>(self.columns, self.row, shadow)
    }
}

/// Rows that are worked on at a time: what is made of them stays in the nearest cache.
const BLOCK: usize = 128;

/// Bars of the longest pattern.
const BARS_MAX: usize = 5;

/// Means of the bars of a block.
struct Block {
    lengths: [f64; BLOCK + BARS_MAX + 10],
    means: [[f64; BLOCK + BARS_MAX]; 4],
}

impl Block {
    /// Makes the means of `bars` bars; the columns begin `memory(MEANS)` bars before them.
    #[inline(always)]
    fn make<const MEANS: u8>(&mut self, columns: [&[f64]; 4], bars: usize) {
        let [bodies, ranges, nears, shadows] = self.means.each_mut().map(|means| &mut means[..bars]);
        let all = &mut self.lengths[..bars + memory(MEANS) - 1];
        if MEANS & BODY != 0 {
            lengths(columns, body, all);
            mean_lengths::<10>(all, bodies);
        }
        if MEANS & SHADOW != 0 {
            lengths(columns, shadow, all);
            mean_lengths::<10>(all, shadows);
        }
        if MEANS & (RANGE | NEAR) != 0 {
            lengths(columns, range, all);
        }
        if MEANS & RANGE != 0 {
            mean_lengths::<10>(all, ranges);
        }
        if MEANS & NEAR != 0 {
            mean_lengths::<5>(&all[memory(MEANS) - 5..], nears);
        }
    }
}

/// Writes what `shape` says of every run of `BARS` bars into the row of the last of them.
#[inline(always)]
pub(super) fn common<const BARS: usize, const MEANS: u8>(
    inputs: &[&[f64]],
    output: &mut [f64],
    shape: impl Fn([Bar<Made>; BARS]) -> f64,
) {
    if !blank(output, BARS - 1 + memory(MEANS)) {
        return;
    }
    let mut made = Block { lengths: [0.0; BLOCK + BARS_MAX + 10], means: [[0.0; BLOCK + BARS_MAX]; 4] };
    let columns: [&[f64]; 4] = array::from_fn(|n| inputs[n]);
    for (block, output) in output[BARS - 1 + memory(MEANS)..].chunks_mut(BLOCK).enumerate() {
        let bars = output.len() + BARS - 1;
        let columns = columns.map(|column| &column[block * BLOCK..][..memory(MEANS) + bars]);
        made.make::<MEANS>(columns, bars);
        let means = made.means.each_ref().map(|means| &means[..bars]);
        walk(
            columns.map(|column| &column[memory(MEANS)..]),
            output,
            |row, bar| {
                let of = |n: usize| if MEANS & (1 << n) != 0 { means[n][row + bar] } else { f64::NAN };
                Made(array::from_fn(of))
            },
            &shape,
        );
    }
}

/// The same for shapes that are rare: `rough`, without means, over all bars, then `shape` where it found something.
#[inline(always)]
pub(super) fn rare<'a, const BARS: usize, const MEANS: u8>(
    inputs: &[&'a [f64]],
    output: &mut [f64],
    rough: impl Fn([Bar<Unknown>; BARS]) -> f64,
    shape: impl Fn([Bar<Summed<'a>>; BARS]) -> f64,
) {
    let before = BARS - 1 + memory(MEANS);
    if !blank(output, before) {
        return;
    }
    let columns: [&[f64]; 4] = array::from_fn(|n| inputs[n]);
    for (block, output) in output[before..].chunks_mut(BLOCK).enumerate() {
        let first = memory(MEANS) + block * BLOCK;
        let bars = output.len() + BARS - 1;
        walk(columns.map(|column| &column[first..first + bars]), output, |_, _| Unknown, &rough);
        if MEANS == 0 {
            continue;
        }
        for (row, out) in output.iter_mut().enumerate().filter(|(_, out)| **out != 0.0) {
            *out = shape(array::from_fn(|bar| {
                let row = first + row + bar;
                let [open, high, low, close] = columns.map(|column| column[row]);
                Bar { open, high, low, close, means: Summed { columns, row } }
            }));
        }
    }
}

/// One block.
#[inline(always)]
fn walk<M: Means, const BARS: usize>(
    columns: [&[f64]; 4],
    output: &mut [f64],
    means: impl Fn(usize, usize) -> M,
    shape: impl Fn([Bar<M>; BARS]) -> f64,
) {
    let rows = output.len();
    // Bar k of the run of row r is at r in the columns moved by k.
    let [open, high, low, close] =
        columns.map(|column| -> [&[f64]; BARS] { array::from_fn(|bar| &column[bar..bar + rows]) });
    for (row, out) in output.iter_mut().enumerate() {
        *out = shape(array::from_fn(|bar| Bar {
            open: open[bar][row],
            high: high[bar][row],
            low: low[bar][row],
            close: close[bar][row],
            means: means(row, bar),
        }));
    }
}

fn rows_before<const BEFORE: usize>(_: &Args) -> WarmUp {
    WarmUp::Rows(BEFORE)
}

/// The entry of a pattern that looks `BEFORE` bars back.
pub(super) const fn entry<const BEFORE: usize>(
    names: (&'static str, &'static [&'static str]),
    title: &'static str,
    kernel: Kernel,
    says: (&'static str, &'static str),
) -> Indicator {
    Indicator::new(names.0, title, Group::Patterns, rows_before::<BEFORE>, kernel)
        .aliases(names.1)
        .inputs(OHLC)
        .says(says.0, says.1)
}

/// How far a candle has to reach into another's body, as a share of it; TA-Lib's range.
const fn penetration(default: f64) -> Param {
    Param::real("penetration", default, 0.0, 3e37)
}

pub(super) const PENETRATION_30: &[Param] = &[penetration(0.3)];
pub(super) const PENETRATION_50: &[Param] = &[penetration(0.5)];

/// A pattern: whether its shape is common or rare, its name and TA-Lib's without the prefix, its title, how many bars
/// and which means it looks at, its shape (and the parameters the shape is given the first of), the shape in words.
macro_rules! pattern {
    (common, $name:literal, $alias:literal, $title:literal, $bars:literal, $means:expr, $shape:path, $says:literal) => {
        entry::<{ $bars - 1 + memory($means) }>(
            ($name, &[$alias]),
            $title,
            |_, inputs, outputs| common::<$bars, { $means }>(inputs, outputs[0], $shape),
            ($says, concat!("TA-Lib ", $name)),
        )
    };
    (rare, $name:literal, $alias:literal, $title:literal, $bars:literal, $means:expr, $shape:path, $says:literal) => {
        entry::<{ $bars - 1 + memory($means) }>(
            ($name, &[$alias]),
            $title,
            |_, inputs, outputs| rare::<$bars, { $means }>(inputs, outputs[0], $shape, $shape),
            ($says, concat!("TA-Lib ", $name)),
        )
    };
    (rare, $name:literal, $alias:literal, $title:literal, $bars:literal, $means:expr, $shape:path, $params:expr, $says:literal) => {
        entry::<{ $bars - 1 + memory($means) }>(
            ($name, &[$alias]),
            $title,
            |args, inputs, outputs| {
                let share = args.real(0);
                let (rough, shape) =
                    (|bars: [_; $bars]| $shape(bars, share), |bars: [_; $bars]| $shape(bars, share));
                rare::<$bars, { $means }>(inputs, outputs[0], rough, shape);
            },
            ($says, concat!("TA-Lib ", $name)),
        )
        .params($params)
    };
}
pub(super) use pattern;
