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
    for (out, window) in output.iter_mut().skip(period - 1).zip(typical.windows(period)) {
        let mean = *out;
        let sizes = deviation(window, mean);
        let off = window[period - 1] - mean;
        // The mean of equal numbers is off by its last bits; no market moves by so little.
        let nothing = sizes <= 1e-14 * period as f64 * mean.abs();
        *out = if nothing { 0.0 } else { off * scale / sizes };
    }
}

/// Sum of the distances to the mean, in four sums at a time.
fn deviation(window: &[f64], mean: f64) -> f64 {
    let mut fours = window.chunks_exact(4);
    let mut sums = [0.0; 4];
    for values in &mut fours {
        for (sum, value) in sums.iter_mut().zip(values) {
            *sum += (value - mean).abs();
        }
    }
    let rest: f64 = fours.remainder().iter().map(|value| (value - mean).abs()).sum();
    (sums[0] + sums[1]) + (sums[2] + sums[3]) + rest
}
