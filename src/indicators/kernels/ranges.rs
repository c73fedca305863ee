//! How far a bar went.

use super::Row;

/// max(high - low, |high - previous close|, |low - previous close|); the first row, which has no previous close, is
/// NaN. Wilder, New Concepts in Technical Trading Systems, 1978.
pub fn true_range(high: &[f64], low: &[f64], close: &[f64], output: &mut [f64]) {
    if let Some(first) = output.first_mut() {
        *first = f64::NAN;
    }
    let bars = high.iter().zip(low).skip(1).zip(close);
    for (out, ((high, low), before)) in output.iter_mut().skip(1).zip(bars) {
        *out = larger(larger(high - low, (high - before).abs()), (low - before).abs());
    }
}

/// The same of every row but the first, which is there for its close only; the output has one row less.
pub fn range_rows(high: &[f64], low: &[f64], close: &[f64], output: &mut [f64]) {
    for (out, ((high, low), before)) in output.iter_mut().zip(high[1..].iter().zip(&low[1..]).zip(close)) {
        *out = larger(*high, *before) - smaller(*low, *before);
    }
}

/// The same of four rows: from the lower to the higher of what a bar and the close before it reach.
#[inline(always)]
pub fn range_of(high: Row, low: Row, before: Row) -> Row {
    high.fast_max(before) - low.fast_min(before)
}

/// Of two numbers; without the care that `f64::max` takes of what is none, which costs as much as all the rest.
#[inline(always)]
fn larger(a: f64, b: f64) -> f64 {
    if b > a { b } else { a }
}

#[inline(always)]
fn smaller(a: f64, b: f64) -> f64 {
    if b < a { b } else { a }
}
