//! Averages of a window whose weights are not equal.

use super::averages::{ema_from, ema_weight};
use super::{blank, rolling_mean};

/// Rows after which sums are made anew: an error of the plain sum goes into the weighted one with every row, so that
/// left alone it would grow with the 3/2th power of the rows.
const FRESH_ROWS: usize = 1024;

/// Weights 1, 2 ... period, the newest the heaviest; the first value is at row `period - 1`.
pub fn wma(input: &[f64], period: usize, output: &mut [f64]) {
    if !blank(output, period - 1) {
        return;
    }
    let block = FRESH_ROWS.max(8 * period);
    let rows = output.len() - (period - 1);
    for first in (0..rows).step_by(block) {
        let end = (first + block).min(rows);
        wma_block(&input[first..end + period - 1], period, &mut output[first + period - 1..end + period - 1]);
    }
}

/// One block; `input` begins `period - 1` rows before `output`. Sums are of differences to the block's first value.
fn wma_block(input: &[f64], period: usize, output: &mut [f64]) {
    let centre = input[0];
    let (mut sum, mut weighted) = (0.0, 0.0);
    for (n, value) in input[..period - 1].iter().enumerate() {
        sum += value - centre;
        weighted += (n + 1) as f64 * (value - centre);
    }
    let (parts, share) = (period as f64, 2.0 / (period as f64 * (period as f64 + 1.0)));
    for ((out, coming), going) in output.iter_mut().zip(&input[period - 1..]).zip(input) {
        let coming = coming - centre;
        weighted += parts * coming;
        sum += coming;
        *out = centre + weighted * share;
        weighted -= sum;
        sum -= going - centre;
    }
}

/// wma(2 wma(period / 2) - wma(period), sqrt(period)), halves and roots rounded down. Hull 2005.
pub fn hma(input: &[f64], period: usize, output: &mut [f64]) {
    let half = (period / 2).max(1);
    let root = period.isqrt().max(1);
    let first = (period - 1).min(input.len());
    let (mut fast, mut slow) = (vec![0.0; input.len()], vec![0.0; input.len()]);
    wma(input, half, &mut fast);
    wma(input, period, &mut slow);
    fast.iter_mut().zip(&slow).for_each(|(fast, slow)| *fast += *fast - slow);
    blank(output, first);
    wma(&fast[first..], root, &mut output[first..]);
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
