use super::super::entry::{Args, Group, Indicator, Input, Param, WarmUp};
use super::super::kernels::{blank, ema_from, ema_weight, rolling_mean, true_range};

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
    let (high, low, period) = (inputs[0], inputs[1], args.whole(0));
    let share = |high: f64, low: f64| if high + low == 0.0 { 0.0 } else { 4.0 * (high - low) / (high + low) };
    let mut moved: Vec<f64> = high.iter().zip(low).map(|(h, l)| h * (1.0 + share(*h, *l))).collect();
    rolling_mean(&moved, period, outputs[0]);
    rolling_mean(inputs[2], period, outputs[1]);
    moved.iter_mut().zip(high.iter().zip(low)).for_each(|(out, (h, l))| *out = l * (1.0 - share(*h, *l)));
    rolling_mean(&moved, period, outputs[2]);
}

fn channel(args: &Args, inputs: &[&[f64]], outputs: &mut [&mut [f64]]) {
    let [upper, middle, lower] = outputs else { unreachable!("the entry has three outputs") };
    let (period, atr, multiplier) = (args.whole(0), args.whole(1), args.real(2));
    let first = (period - 1).max(atr);
    let prices = inputs[0].iter().zip(inputs[1]).zip(inputs[2]);
    let mut column: Vec<f64> =
        prices.map(|((high, low), close)| (high + low + close) * (1.0 / 3.0)).collect();
    ema_from(&column, period, first, ema_weight(period), middle);
    true_range(inputs[0], inputs[1], inputs[2], &mut column);
    ema_from(&column, atr, first, 1.0 / atr as f64, upper);
    blank(lower, first);
    for ((upper, lower), middle) in upper.iter_mut().zip(lower.iter_mut()).zip(middle.iter()).skip(first) {
        let width = multiplier * *upper;
        (*upper, *lower) = (middle + width, middle - width);
    }
}
