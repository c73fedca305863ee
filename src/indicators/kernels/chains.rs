//! Exponential averages of one another.

use super::{PARTS, blank, ema_weight, quarters, settled_rows};

/// Averages of averages as plain sums, s = x + kept s: the n-th average is the n-th sum times the n-th power of the
/// weight, and a step is one product and one addition. In every lane another part of the column.
#[derive(Clone, Copy, Debug)]
struct Sums<const N: usize, const L: usize> {
    sums: [[f64; L]; N],
    kept: f64,
}

impl<const N: usize, const L: usize> Sums<N, L> {
    /// As if the value of each lane had always been there.
    fn level(values: [f64; L], weight: f64) -> Sums<N, L> {
        let mut scale = 1.0;
        let sums = [(); N].map(|()| {
            scale *= weight;
            values.map(|value| value / scale)
        });
        Sums { sums, kept: 1.0 - weight }
    }

    /// One row on in every lane; what `mix` makes of the sums.
    #[inline(always)]
    fn one<const FROM: usize>(&mut self, mut values: [f64; L], mix: &[f64; N]) -> [f64; L] {
        let mut mixed = [0.0; L];
        for (n, (sums, part)) in self.sums.iter_mut().zip(mix).enumerate() {
            for (sum, value) in sums.iter_mut().zip(&mut values) {
                *sum = self.kept * *sum + *value;
                *value = *sum;
            }
            if n >= FROM {
                mixed.iter_mut().zip(&values).for_each(|(mixed, sum)| *mixed += part * sum);
            }
        }
        mixed
    }

    /// Some rows on; all slices are of one length.
    #[inline(always)]
    fn run<const FROM: usize>(&mut self, ins: [&[f64]; L], outs: [&mut [f64]; L], mix: &[f64; N]) {
        let (rows, mut sums) = (ins[0].len(), *self);
        let (ins, mut outs) = (ins.map(|values| &values[..rows]), outs.map(|values| &mut values[..rows]));
        for row in 0..rows {
            let mixed = sums.one::<FROM>(ins.map(|values| values[row]), mix);
            outs.iter_mut().zip(mixed).for_each(|(out, mixed)| out[row] = mixed);
        }
        *self = sums;
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
    let mut scale = 1.0;
    let mix = mix.map(|part| {
        scale *= weight;
        part * scale
    });
    let mut begun = Sums::<N, 1>::level([1.0], weight);
    begun.sums.iter_mut().zip(means).for_each(|(sum, mean)| sum[0] *= mean);
    let (input, output) = (&input[first + 1..], &mut output[first + 1..]);
    let settled = settled_rows(weight, N);
    let done = if input.len() >= 2 * PARTS * settled {
        side_by_side::<N, FROM>(&mut begun, settled, weight, input, output, &mix)
    } else {
        0
    };
    begun.run::<FROM>([&input[done..]], [&mut output[done..]], &mix);
}

/// Four parts of a column at once, so that a row of one does not wait for the row before it of the same; how many
/// rows that makes. All parts but the first begin some rows early, with whatever they meet there.
fn side_by_side<const N: usize, const FROM: usize>(
    begun: &mut Sums<N, 1>,
    settled: usize,
    weight: f64,
    input: &[f64],
    output: &mut [f64],
    mix: &[f64; N],
) -> usize {
    let rows = input.len() / PARTS;
    let begins = [0, rows, 2 * rows, 3 * rows];
    // The first part has nothing before it: its lane idles until its sums are put in.
    let early = begins.map(|begin| begin.saturating_sub(settled));
    let mut sums = Sums::<N, PARTS>::level(early.map(|begin| input[begin]), weight);
    for row in 0..settled {
        sums.one::<FROM>(early.map(|begin| input[begin + row]), mix);
    }
    sums.sums.iter_mut().zip(&begun.sums).for_each(|(lanes, first)| lanes[0] = first[0]);
    let outs = quarters(&mut output[..PARTS * rows]);
    sums.run::<FROM>(begins.map(|begin| &input[begin..begin + rows]), outs, mix);
    begun.sums.iter_mut().zip(&sums.sums).for_each(|(first, lanes)| first[0] = lanes[PARTS - 1]);
    PARTS * rows
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
