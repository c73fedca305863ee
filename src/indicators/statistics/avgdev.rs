use super::super::entry::{Group, Indicator, Param, WarmUp};
use super::super::kernels::rolling_mean;

/// Rows that are worked on side by side.
const SIDE: usize = 16;

pub(super) const ENTRIES: &[Indicator] = &[Indicator::new(
    "avgdev",
    "Mean absolute deviation",
    Group::Statistics,
    |args| WarmUp::Rows(args.whole(0) - 1),
    |args, inputs, outputs| deviations(args.whole(0), inputs[0], outputs[0]),
)
.aliases(&["mean_deviation", "mean_absolute_deviation"])
.params(&[Param::period(14, 2)])
.says("mean of |x - mean| of the last `period` values", "TA-Lib AVGDEV")];

fn deviations(period: usize, input: &[f64], output: &mut [f64]) {
    rolling_mean(input, period, output);
    let (first, share) = ((period - 1).min(output.len()), 1.0 / period as f64);
    let mut outs = output[first..].chunks_exact_mut(SIDE);
    for (begin, outs) in (0..).step_by(SIDE).zip(&mut outs) {
        let (mut means, mut sums) = ([0.0; SIDE], [0.0; SIDE]);
        means.copy_from_slice(outs);
        for window in input[begin..begin + period + SIDE - 1].windows(SIDE) {
            for n in 0..SIDE {
                sums[n] += (window[n] - means[n]).abs();
            }
        }
        outs.iter_mut().zip(sums).for_each(|(out, sum)| *out = sum * share);
    }
    let rest = outs.into_remainder();
    let begin = input.len() - rest.len() - first;
    for (out, window) in rest.iter_mut().zip(input[begin..].windows(period)) {
        let mean = *out;
        *out = window.iter().map(|value| (value - mean).abs()).sum::<f64>() * share;
    }
}
