//! An average that is fast where prices go straight.

use super::blank;

/// Kaufman's efficiency ratio of every row from `period` on, given to `take` in order with the row's value: the way
/// made in `period` rows over the sum of the steps, 1 where nothing moved.
#[inline]
pub fn efficiency(input: &[f64], period: usize, mut take: impl FnMut(f64, f64)) {
    let step = |pair: &[f64]| (pair[1] - pair[0]).abs();
    let mut steps: f64 = input[..period].windows(2).map(step).sum();
    let mut still = input[..period].windows(2).rev().take_while(|pair| step(pair) == 0.0).count();
    let coming = input[period - 1..].windows(2);
    for (coming, (going, value)) in coming.zip(input.windows(2).zip(&input[period..])) {
        let new = step(coming);
        steps += new;
        still = if new == 0.0 { still + 1 } else { 0 };
        if still >= period {
            // What rounding left of the steps that are gone would be taken for a move.
            steps = 0.0;
        }
        let way = (value - going[0]).abs();
        take(if way >= steps { 1.0 } else { way / steps }, *value);
        steps -= step(going);
    }
}

/// Kaufman's adaptive average: weight (ratio (2 / (fast + 1) - 2 / (slow + 1)) + 2 / (slow + 1))^2, begun with the
/// value at row `period - 1`; the first value is at row `period`. Kaufman, Smarter Trading, 1995.
pub fn kama(input: &[f64], period: usize, fast: usize, slow: usize, output: &mut [f64]) {
    if !blank(output, period) {
        return;
    }
    let (most, least) = (2.0 / (fast as f64 + 1.0), 2.0 / (slow as f64 + 1.0));
    let mut mean = input[period - 1];
    let mut outs = output[period..].iter_mut();
    efficiency(input, period, |ratio, value| {
        let weight = ratio * (most - least) + least;
        mean += weight * weight * (value - mean);
        if let Some(out) = outs.next() {
            *out = mean;
        }
    });
}
