//! Exponential averages of one another.

use std::ops::{Add, Mul};

use super::{Row, blank, ema_weight, last_part, seated, settled_rows, side_by_side};

/// Averages of averages as plain sums, s = x + kept s: the n-th average is the n-th sum times the n-th power of the
/// weight, and a step is one product and one addition. `V` is one value, or one of every part of a column.
#[derive(Clone, Copy, Debug)]
struct Sums<const N: usize, V> {
    sums: [V; N],
    kept: f64,
}

impl<const N: usize, V: Copy + Add<Output = V> + Mul<f64, Output = V>> Sums<N, V> {
    /// One row on; what `mix` makes of the sums.
    #[inline(always)]
    fn one<const FROM: usize>(&mut self, mut value: V, mix: &[f64; N]) -> V {
        for sum in &mut self.sums {
            *sum = *sum * self.kept + value;
            value = *sum;
        }
        let mixed = self.sums[FROM] * mix[FROM];
        (FROM + 1..N).fold(mixed, |mixed, n| mixed + self.sums[n] * mix[n])
    }
}

/// Exponential averages of one another, N deep, each begun with the mean of the first `period` values of the one
/// before, mixed: their sum with the weights of `mix`, of which those before `FROM` do not count. The first value is
/// at row `N (period - 1)`.
pub fn ema_chain<const N: usize, const FROM: usize>(
    input: &[f64],
    period: usize,
    mix: [f64; N],
    output: &mut [f64],
) {
    let first = N * (period - 1);
    if !blank(output, first) {
        return;
    }
    let weight = ema_weight(period);
    let means = chain_seeds::<N>(input, period, weight);
    output[first] = (FROM..N).map(|n| mix[n] * means[n]).sum();
    let (mut scales, mut scale, kept) = ([0.0; N], 1.0, 1.0 - weight);
    for of_sum in &mut scales {
        scale *= weight;
        *of_sum = scale;
    }
    let begun: [f64; N] = std::array::from_fn(|n| means[n] / scales[n]);
    let mix: [f64; N] = std::array::from_fn(|n| mix[n] * scales[n]);
    let mut sums = Sums { sums: begun.map(Row::splat), kept };
    let (input, output) = (&input[first..], &mut output[first + 1..]);
    let step = |sums: &mut Sums<N, Row>, values: Row| [sums.one::<FROM>(values, &mix)];
    let settled = settled_rows(weight, N);
    let done = side_by_side(
        [input],
        [output],
        settled,
        &mut sums,
        |_, [now]| now,
        step,
        |sums| {
            sums.sums.iter_mut().zip(begun).for_each(|(lanes, first)| *lanes = seated(*lanes, first));
        },
    );
    let mut rest = Sums { sums: sums.sums.map(last_part), kept };
    for (value, out) in input[1 + done..].iter().zip(&mut output[done..]) {
        *out = rest.one::<FROM>(*value, &mix);
    }
}

/// The N averages at row `N (period - 1)`.
fn chain_seeds<const N: usize>(input: &[f64], period: usize, weight: f64) -> [f64; N] {
    let (mut means, mut seen) = ([0.0; N], [0; N]);
    for value in &input[..=N * (period - 1)] {
        let mut newer = *value;
        for (mean, seen) in means.iter_mut().zip(&mut seen) {
            *seen += 1;
            if *seen <= period {
                // The sum first; at the last of the first values it becomes the mean.
                *mean += newer;
                if *seen < period {
                    break;
                }
                *mean /= period as f64;
            } else {
                *mean += weight * (newer - *mean);
            }
            newer = *mean;
        }
    }
    means
}

/// 2 e1 - e2. Mulloy, Stocks & Commodities, January 1994.
pub fn dema(input: &[f64], period: usize, output: &mut [f64]) {
    ema_chain::<2, 0>(input, period, [2.0, -1.0], output);
}

/// 3 e1 - 3 e2 + e3. Mulloy, Stocks & Commodities, February 1994.
pub fn tema(input: &[f64], period: usize, output: &mut [f64]) {
    ema_chain::<3, 0>(input, period, [3.0, -3.0, 1.0], output);
}

/// Six averages of one another, mixed so that a generalised dema is applied three times; `volume` 0 is the third
/// average, 1 a dema of demas. Tillson, Stocks & Commodities, January 1998.
pub fn t3(input: &[f64], period: usize, volume: f64, output: &mut [f64]) {
    let (v, vv, vvv) = (volume, volume * volume, volume * volume * volume);
    let (c2, c3, c4) =
        (3.0 * vv + 3.0 * vvv, -6.0 * vv - 3.0 * v - 3.0 * vvv, 1.0 + 3.0 * v + vvv + 3.0 * vv);
    ema_chain::<6, 2>(input, period, [0.0, 0.0, c4, c3, c2, -vvv], output);
}
