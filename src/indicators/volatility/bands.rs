use super::super::entry::{Args, Group, Indicator, Input, Param, WarmUp};
use super::super::kernels::{CHUNK, SeededEma, blank, range_rows, rolling_mean, rolling_mean_of};

const HLC: &[Input] = &[Input::HIGH, Input::LOW, Input::CLOSE];
const BANDS: &[&str] = &["upper", "middle", "lower"];

pub(super) const ENTRIES: &[Indicator] = &[
    Indicator::new("accbands", "Acceleration bands", Group::Volatility, |args| WarmUp::Rows(args.whole(0) - 1), acceleration)
        .aliases(&["abands", "acceleration_bands"])
        .params(&[Param::period(20, 2)])
        .inputs(HLC)
        .outputs(BANDS)
        .overlay()
        .says(
            "sma of high (1 + w), of close, of low (1 - w), w = 4 (high - low) / (high + low)",
            "Headley, Big Trends in Trading, 2002; TA-Lib ACCBANDS",
        ),
    Indicator::new("kc", "Keltner channel", Group::Volatility, |args| {
        WarmUp::ema(args.whole(0)).max(WarmUp::wilder(args.whole(1))).plus(WarmUp::Rows(args.whole(0).max(args.whole(1))))
    }, channel)
        .params(&[Param::period(20, 2), Param::whole("atr", 10, 1), Param::real("multiplier", 2.0, -1e6, 1e6)])
        .inputs(HLC)
        .outputs(BANDS)
        .overlay()
        .says(
            "ema of (high + low + close) / 3, and multiplier times Wilder's average of the true range above and below it, \
             both begun at the row at which the later one can be",
            "TA-Lib KC",
        ),
];

fn acceleration(args: &Args, inputs: &[&[f64]], outputs: &mut [&mut [f64]]) {
    let period = args.whole(0);
    let moved = |line: &[f64], sign: f64, from: usize, next: &mut [f64]| {
        let ranges = inputs[0][from..].iter().zip(&inputs[1][from..]);
        for ((out, value), (high, low)) in next.iter_mut().zip(&line[from..]).zip(ranges) {
            let (width, both) = (high - low, high + low);
            let share = 4.0 * width / both;
            *out = value * (1.0 + sign * if both == 0.0 { 0.0 } else { share });
        }
    };
    rolling_mean_of(period, outputs[0], |from, next| moved(inputs[0], 1.0, from, next));
    rolling_mean(inputs[2], period, outputs[1]);
    rolling_mean_of(period, outputs[2], |from, next| moved(inputs[1], -1.0, from, next));
}

fn channel(args: &Args, inputs: &[&[f64]], outputs: &mut [&mut [f64]]) {
    let [upper, middle, lower] = outputs else { unreachable!("the entry has three outputs") };
    let (period, atr, multiplier) = (args.whole(0), args.whole(1), args.real(2));
    let first = (period - 1).max(atr);
    if !(blank(upper, first) & blank(middle, first) & blank(lower, first)) {
        return;
    }
    // Each begins with the mean of as many values as it needs up to the first row.
    let mut line = SeededEma::new(period);
    let mut width = SeededEma::wilder(atr);
    let mut lead = vec![0.0; period.max(atr)];
    typical(inputs, first + 1 - period, &mut lead[..period - 1]);
    line.run_over(&mut lead[..period - 1]);
    let rows = first - atr..first;
    range_rows(&inputs[0][rows.clone()], &inputs[1][rows.clone()], &inputs[2][rows], &mut lead[..atr - 1]);
    width.run_over(&mut lead[..atr - 1]);
    let outs = upper[first..]
        .chunks_mut(CHUNK)
        .zip(middle[first..].chunks_mut(CHUNK))
        .zip(lower[first..].chunks_mut(CHUNK));
    for (((upper, middle), lower), from) in outs.zip((first..).step_by(CHUNK)) {
        typical(inputs, from, middle);
        line.run_over(middle);
        let rows = from - 1..from + upper.len();
        range_rows(&inputs[0][rows.clone()], &inputs[1][rows.clone()], &inputs[2][rows], upper);
        width.run_over(upper);
        for ((upper, lower), middle) in upper.iter_mut().zip(lower.iter_mut()).zip(middle.iter()) {
            let width = multiplier * *upper;
            (*upper, *lower) = (middle + width, middle - width);
        }
    }
}

/// (high + low + close) / 3 of some rows.
fn typical(inputs: &[&[f64]], from: usize, output: &mut [f64]) {
    let prices = inputs[0][from..].iter().zip(&inputs[1][from..]).zip(&inputs[2][from..]);
    for (out, ((high, low), close)) in output.iter_mut().zip(prices) {
        *out = (high + low + close) * (1.0 / 3.0);
    }
}
