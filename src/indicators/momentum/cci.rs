use super::super::entry::{Args, Group, Indicator, Input, Param, WarmUp};
use super::super::kernels::rolling_mean;

pub(super) const ENTRIES: &[Indicator] = &[Indicator::new(
    "cci",
    "Commodity channel index",
    Group::Momentum,
    |args| WarmUp::Rows(args.whole(0)),
    kernel,
)
.params(&[Param::period(14, 2)])
.inputs(&[Input::HIGH, Input::LOW, Input::CLOSE])
.says(
    "(typical - mean) / (0.015 mean absolute deviation), typical = (high + low + close) / 3; 0 where nothing deviates",
    "Lambert, Commodities, October 1980; TA-Lib CCI",
)];

fn kernel(args: &Args, inputs: &[&[f64]], outputs: &mut [&mut [f64]]) {
    let (period, output) = (args.whole(0), &mut *outputs[0]);
    let prices = inputs[0].iter().zip(inputs[1]).zip(inputs[2]);
    let typical: Vec<f64> = prices.map(|((high, low), close)| (high + low + close) / 3.0).collect();
    rolling_mean(&typical, period, output);
    let scale = period as f64 / 0.015;
    let shape = |mean: f64, sizes: f64, newest: f64| {
        // The mean of equal numbers is off by its last bits; no market moves by so little.
        let nothing = sizes <= 1e-14 * period as f64 * mean.abs();
        let value = (newest - mean) * scale / sizes;
        if nothing { 0.0 } else { value }
    };
    let Some(outs) = output.get_mut(period - 1..) else { return };
    let (eights, rest) = outs.as_chunks_mut::<8>();
    let done = 8 * eights.len();
    for (outs, first) in eights.iter_mut().zip((0..).step_by(8)) {
        let sizes = deviations(&typical[first..first + period + 7], outs);
        let newest = &typical[first + period - 1..];
        for ((out, sizes), newest) in outs.iter_mut().zip(sizes).zip(newest) {
            *out = shape(*out, sizes, *newest);
        }
    }
    for (out, window) in rest.iter_mut().zip(typical[done.min(typical.len())..].windows(period)) {
        let sizes = window.iter().map(|value| (value - *out).abs()).sum();
        *out = shape(*out, sizes, window[period - 1]);
    }
}

/// Sums of the distances to their means of eight windows, each one row after the other: side by side, so that no
/// addition waits for the one before it.
fn deviations(values: &[f64], means: &[f64; 8]) -> [f64; 8] {
    let (mut sums, means) = ([0.0; 8], *means);
    for eight in values.array_windows::<8>() {
        for n in 0..8 {
            sums[n] += (eight[n] - means[n]).abs();
        }
    }
    sums
}
