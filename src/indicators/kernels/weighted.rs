//! Averages of a window whose weights are not equal.

use super::averages::{ema_from, ema_weight};
use super::{Running, blank, rolling_mean};

/// Rows after which sums are made anew: an error of the plain sum goes into the weighted one with every row, so that
/// left alone it would grow with the 3/2th power of the rows.
const FRESH_ROWS: usize = 128;

/// Weights 1, 2 ... period, the newest the heaviest; the first value is at row `period - 1`.
pub fn wma(input: &[f64], period: usize, output: &mut [f64]) {
    let share = 2.0 / (period as f64 * (period as f64 + 1.0));
    window_sums(input, period, output, |_, weighted| weighted * share);
}

/// The straight line of least squares through the last `period` values, at its last point and `ahead` bars on (or
/// back, when negative); the first value is at row `period - 1`. A window of one is a level line.
pub fn line_at(input: &[f64], period: usize, ahead: f64, output: &mut [f64]) {
    let parts = period as f64;
    let (share, even) = (2.0 / (parts * (parts + 1.0)), 1.0 / parts);
    // With w the weighted and m the plain mean the slope is 6 (w - m) / (period - 1) and the last point 3 w - 2 m.
    let tilt = if period > 1 { 2.0 + 6.0 * ahead / (parts - 1.0) } else { 0.0 };
    window_sums(input, period, output, |sum, weighted| {
        let (weighted, mean) = (weighted * share, sum * even);
        weighted + tilt * (weighted - mean)
    });
}

/// What `shape` makes of the sum and of the sum with weights 1 ... period of every window, both of differences to some
/// value which is added to what it makes.
#[inline]
pub fn window_sums(input: &[f64], period: usize, output: &mut [f64], shape: impl Fn(f64, f64) -> f64) {
    if !blank(output, period - 1) {
        return;
    }
    let block = FRESH_ROWS.max(8 * period);
    let rows = output.len() - (period - 1);
    for first in (0..rows).step_by(block) {
        let end = (first + block).min(rows);
        let last = end + period - 1;
        block_sums(&input[first..last], period, &mut output[first + period - 1..last], &shape);
    }
}

/// One block; `input` begins `period - 1` rows before `output`.
#[inline(always)]
fn block_sums(input: &[f64], period: usize, output: &mut [f64], shape: &impl Fn(f64, f64) -> f64) {
    let centre = input[0];
    let (mut sum, mut weighted) = (0.0, 0.0);
    for (n, value) in input[..period - 1].iter().enumerate() {
        sum += value - centre;
        weighted += (n + 1) as f64 * (value - centre);
    }
    let parts = period as f64;
    let first = input[period - 1] - centre;
    sum += first;
    weighted += parts * first;
    output[0] = centre + shape(sum, weighted);
    let (mut sums, mut weights) = (Running(sum), Running(weighted));
    let mut outs = output[1..].chunks_exact_mut(4);
    let (mut comings, mut goings) = (input[period..].chunks_exact(4), input.chunks_exact(4));
    for ((out, coming), going) in (&mut outs).zip(&mut comings).zip(&mut goings) {
        let before = sums.0;
        let plain = sums.four([0, 1, 2, 3].map(|n| coming[n] - going[n]));
        // With every row each value of the window gets lighter by one share; what comes has all of them.
        let lighter = [before, plain[0], plain[1], plain[2]];
        let weighted = weights.four([0, 1, 2, 3].map(|n| parts * (coming[n] - centre) - lighter[n]));
        out.copy_from_slice(&[0, 1, 2, 3].map(|n| centre + shape(plain[n], weighted[n])));
    }
    let done = input.len() - comings.remainder().len() - period;
    let rest = comings.remainder().iter().zip(&input[done..]);
    for (out, (coming, going)) in outs.into_remainder().iter_mut().zip(rest) {
        weights.0 += parts * (coming - centre) - sums.0;
        sums.0 += coming - going;
        *out = centre + shape(sums.0, weights.0);
    }
}

/// wma(2 wma(period / 2) - wma(period), sqrt(period)), halves and roots rounded down. Hull 2005.
pub fn hma(input: &[f64], period: usize, output: &mut [f64]) {
    let (first, root) = (period - 1, period.isqrt().max(1));
    if !blank(output, first) {
        return;
    }
    wma(&hull_ahead(input, period), root, &mut output[first..]);
}

/// 2 wma(period / 2) - wma(period), from row `period - 1` on: both of some rows at a time, so that neither is written
/// as a whole column.
fn hull_ahead(input: &[f64], period: usize) -> Vec<f64> {
    let half = (period / 2).max(1);
    let share = |period: usize| 2.0 / (period as f64 * (period as f64 + 1.0));
    let (rows, block) = (input.len() + 1 - period, FRESH_ROWS.max(8 * period));
    let mut ahead = Vec::with_capacity(rows);
    let (mut fast, mut slow) = (vec![0.0; block.min(rows)], vec![0.0; block.min(rows)]);
    for begin in (0..rows).step_by(block) {
        let end = (begin + block).min(rows);
        let (fast, slow, last) = (&mut fast[..end - begin], &mut slow[..end - begin], end + period - 1);
        block_sums(&input[begin + period - half..last], half, fast, &|_, sum| sum * share(half));
        block_sums(&input[begin..last], period, slow, &|_, sum| sum * share(period));
        ahead.extend(fast.iter().zip(slow).map(|(fast, slow)| fast + (*fast - *slow)));
    }
    ahead
}

/// Weights that rise and fall: the mean over one half of the means over the other.
pub fn trima(input: &[f64], period: usize, output: &mut [f64]) {
    let inner = period.div_ceil(2);
    let first = (inner - 1).min(input.len());
    let mut means = vec![0.0; input.len()];
    rolling_mean(input, inner, &mut means);
    blank(output, first);
    rolling_mean(&means[first..], period + 1 - inner, &mut output[first..]);
}

/// The exponential average of 2 x - x[lag], lag = (period - 1) / 2 rounded down. Ehlers and Way, Zero Lag, 2010.
pub fn zlema(input: &[f64], period: usize, output: &mut [f64]) {
    let lag = (period - 1) / 2;
    if !blank(output, lag) {
        return;
    }
    let ahead: Vec<f64> =
        input[lag..].iter().zip(input).map(|(value, before)| value + (value - before)).collect();
    ema_from(&ahead, period, period - 1, ema_weight(period), &mut output[lag..]);
}

/// Rows that are worked on at a time, so that they stay in the nearest cache.
const ROWS: usize = 256;

/// Sum of the last values times weights, the oldest first; the first value is at row `weights.len() - 1`.
pub fn weighted_sum(input: &[f64], weights: &[f64], output: &mut [f64]) {
    let first = weights.len() - 1;
    if !blank(output, first) {
        return;
    }
    for (begin, out) in (0..).step_by(ROWS).zip(output[first..].chunks_mut(ROWS)) {
        out.fill(0.0);
        for (n, weight) in weights.iter().enumerate() {
            out.iter_mut().zip(&input[begin + n..]).for_each(|(out, value)| *out += weight * value);
        }
    }
}
