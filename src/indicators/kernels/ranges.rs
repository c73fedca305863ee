//! How far a bar went.

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
        *out = range_of(*high, *low, *before);
    }
}

/// The same of one row: from the lower to the higher of what the bar and the close before it reach.
#[inline(always)]
pub fn range_of(high: f64, low: f64, before: f64) -> f64 {
    (if high > before { high } else { before }) - (if low < before { low } else { before })
}

/// Of two numbers; without the care that `f64::max` takes of what is none, which costs as much as all the rest.
#[inline(always)]
fn larger(a: f64, b: f64) -> f64 {
    if b > a { b } else { a }
}
