//! Averages that remember everything a little.

use super::blank;

/// Exponential average with weight 2 / (period + 1). The first value, at row `period - 1`, is the mean of the first
/// `period` values, as TA-Lib begins.
pub fn ema(input: &[f64], period: usize, output: &mut [f64]) {
    ema_from(input, period, period - 1, 2.0 / (period as f64 + 1.0), output);
}

/// Exponential average with a weight of one's choice, whose first value at row `first` (at least `period - 1`) is the
/// mean of the `period` values up to there.
pub fn ema_from(input: &[f64], period: usize, first: usize, weight: f64, output: &mut [f64]) {
    if !blank(output, first) {
        return;
    }
    let mut mean = input[first + 1 - period..=first].iter().sum::<f64>() / period as f64;
    output[first] = mean;
    for (out, value) in output[first + 1..].iter_mut().zip(&input[first + 1..]) {
        mean += weight * (value - mean);
        *out = mean;
    }
}

/// Wilder's average: weight 1 / period, begun with the mean of the first `period` values at row `period - 1`.
pub fn wilder(input: &[f64], period: usize, output: &mut [f64]) {
    ema_from(input, period, period - 1, 1.0 / period as f64, output);
}
