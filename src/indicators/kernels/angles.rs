//! Sine, cosine, tangent and arc tangent, four rows at a time.
//!
//! The C library's are calls, one for every value. These are right to the last bit or the one before it.

use super::{PARTS, Row};

/// A quarter of a turn, with so few digits that a product with any number of quarters up to 2^20 is exact; the same of
/// what is left of it, and what is left then.
const QUARTER: [f64; 3] = [1.570_796_326_734_125_6, 6.077_100_506_303_966e-11, 2.022_266_248_795_950_6e-21];

/// Angles from here on are left to the library.
const FAR: f64 = 1e6;

/// Added to a number below 2^51 it leaves the nearest whole number in the last bits.
const WHOLE: f64 = 6_755_399_441_055_744.0;

/// Sine.
#[inline(always)]
pub fn sine(x: Row) -> Row {
    let turn = Turn::of(x);
    or_library(x, turn.sine(turn.quarters), f64::sin)
}

/// Cosine: the sine a quarter of a turn ahead.
#[inline(always)]
pub fn cosine(x: Row) -> Row {
    let turn = Turn::of(x);
    or_library(x, turn.sine(turn.quarters + 1.0), f64::cos)
}

/// Tangent.
#[inline(always)]
pub fn tangent(x: Row) -> Row {
    let Turn { quarters, sine, cosine } = Turn::of(x);
    let is_odd = is_odd(quarters);
    let tangent = is_odd.select(-cosine, sine) / is_odd.select(sine, cosine);
    or_library(x, tangent, f64::tan)
}

#[inline(always)]
fn or_library(x: Row, made: Row, library: impl Fn(f64) -> f64) -> Row {
    if x.abs().simd_lt(Row::splat(FAR)).all() { made } else { x.to_array().map(library).into() }
}

/// An angle as whole quarters of a turn, and sine and cosine of what is left, an eighth at most.
struct Turn {
    quarters: Row,
    sine: Row,
    cosine: Row,
}

impl Turn {
    #[inline(always)]
    fn of(x: Row) -> Turn {
        let quarters = (x * std::f64::consts::FRAC_2_PI + WHOLE) - WHOLE;
        let (high, low) = (x - quarters * QUARTER[0], quarters * QUARTER[1]);
        let r = high - low;
        let lost = ((high - r) - low) - quarters * QUARTER[2];
        let z = r * r;
        let zz = z * z;
        // By their series, whose next terms are below 1e-17.
        let pair = |n: usize| z * OF_SERIES[n + 2] + OF_SERIES[n];
        let of_sine = (pair(3) + zz * pair(7)) + (zz * zz) * (pair(11) + zz * pair(15));
        let of_cosine = (pair(4) + zz * pair(8)) + (zz * zz) * (pair(12) + zz * OF_SERIES[16]);
        let half = z * 0.5;
        let one = Row::splat(1.0);
        let rough = one - half;
        Turn {
            quarters,
            sine: r + (z * r * of_sine + lost),
            cosine: rough + (((one - rough) - half) + (zz * of_cosine - r * lost)),
        }
    }

    /// The sine of so many quarters and what is left.
    #[inline(always)]
    fn sine(&self, quarters: Row) -> Row {
        let is_odd = is_odd(quarters);
        let value = is_odd.select(self.cosine, self.sine);
        // Below nothing in the third and fourth quarter of every turn.
        let halves = (quarters - is_odd.select(Row::splat(1.0), Row::splat(0.0))) * 0.5;
        self::is_odd(halves).select(-value, value)
    }
}

#[inline(always)]
fn is_odd(whole: Row) -> Row {
    let half = whole * 0.5;
    ((half + WHOLE) - WHOLE).simd_ne(half)
}

/// 1 / n!, with the signs that sine and cosine give them.
const OF_SERIES: [f64; 18] = {
    let (mut all, mut factorial, mut n) = ([1.0; 18], 1.0, 1);
    while n < 18 {
        factorial *= n as f64;
        all[n] = if n % 4 < 2 { 1.0 / factorial } else { -1.0 / factorial };
        n += 1;
    }
    all
};

/// Tangents of 1, 3, 5 and 7 sixteenths of half a turn: where the next of `CENTRES` begins.
const BORDERS: [f64; 4] =
    [0.198_912_367_379_658, 0.668_178_637_919_298_9, 1.496_605_762_665_489, 5.027_339_492_125_846];

/// Tangents of 1, 2 and 3 eighths of half a turn.
const CENTRES: [f64; 3] = [0.414_213_562_373_095_03, 1.0, 2.414_213_562_373_095];

/// Arc tangent.
#[inline(always)]
pub fn arc_tangent(x: Row) -> Row {
    use std::f64::consts::{FRAC_PI_2, FRAC_PI_4, FRAC_PI_8};
    let size = x.abs();
    let one = Row::splat(1.0);
    // As an angle c and what is left of it, whose tangent is (x - tan c) / (1 + x tan c) and small.
    let (mut top, mut bottom, mut angle) = (size, one, Row::splat(0.0));
    for (n, to) in [FRAC_PI_8, FRAC_PI_4, FRAC_PI_8 + FRAC_PI_4].into_iter().enumerate() {
        let is_beyond = size.simd_gt(Row::splat(BORDERS[n]));
        top = is_beyond.select(size - CENTRES[n], top);
        bottom = is_beyond.select(size * CENTRES[n] + 1.0, bottom);
        angle = is_beyond.select(Row::splat(to), angle);
    }
    let is_beyond = size.simd_gt(Row::splat(BORDERS[3]));
    let t = is_beyond.select(-one, top) / is_beyond.select(size, bottom);
    let angle = is_beyond.select(Row::splat(FRAC_PI_2), angle);
    // t - t^3 / 3 + t^5 / 5 - ..., whose next term is below 1e-17.
    let z = t * t;
    let zz = z * z;
    let pair = |n: f64| z * (1.0 / (n + 2.0)) - 1.0 / n;
    let zzzz = zz * zz;
    let series = (pair(3.0) + zz * pair(7.0)) + zzzz * ((pair(11.0) + zz * pair(15.0)) + zzzz * pair(19.0));
    let arc = angle + (t + t * z * series);
    let is_below = x.simd_lt(Row::splat(0.0));
    is_below.select(-arc, arc)
}

/// What `make` makes of every value; the last rows are made up to four with nothing.
#[inline(always)]
pub fn by_rows(input: &[f64], output: &mut [f64], make: impl Fn(Row) -> Row) {
    let (fours, rest) = input.as_chunks::<PARTS>();
    let (outs, last) = output.as_chunks_mut::<PARTS>();
    for (out, four) in outs.iter_mut().zip(fours) {
        *out = make(Row::from(*four)).to_array();
    }
    let mut four = [0.0; PARTS];
    four[..rest.len()].copy_from_slice(rest);
    last.copy_from_slice(&make(Row::from(four)).to_array()[..last.len()]);
}

/// The same in place.
#[inline(always)]
pub fn over_rows(values: &mut [f64], make: impl Fn(Row) -> Row) {
    let (fours, rest) = values.as_chunks_mut::<PARTS>();
    for four in fours {
        *four = make(Row::from(*four)).to_array();
    }
    let mut four = [0.0; PARTS];
    four[..rest.len()].copy_from_slice(rest);
    rest.copy_from_slice(&make(Row::from(four)).to_array()[..rest.len()]);
}
