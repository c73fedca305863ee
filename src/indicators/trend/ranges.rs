use super::super::entry::{Args, Group, Indicator, Input, Param, WarmUp};
use super::super::kernels::{blank, both_ends, line_at, ranges};

fn window(args: &Args) -> WarmUp {
    WarmUp::Rows(args.whole(0) - 1)
}

const FOURTEEN: &[Param] = &[Param::period(14, 2)];
const HIGH_LOW: &[Input] = &[Input::HIGH, Input::LOW];

pub(super) const ENTRIES: &[Indicator] = &[
    Indicator::new("midpoint", "Middle of the range of a column", Group::Trend, window, midpoint)
        .params(FOURTEEN)
        .overlay()
        .says("(highest + lowest) / 2 of the last `period` values", "TA-Lib MIDPOINT"),
    Indicator::new("midprice", "Middle of the range of prices", Group::Trend, window, midprice)
        .params(FOURTEEN)
        .inputs(HIGH_LOW)
        .overlay()
        .says("(highest high + lowest low) / 2 of the last `period` bars", "TA-Lib MIDPRICE"),
    Indicator::new("donchian", "Donchian channel", Group::Trend, window, donchian)
        .params(&[Param::period(20, 2)])
        .inputs(HIGH_LOW)
        .outputs(&["upper", "middle", "lower"])
        .overlay()
        .says(
            "highest high and lowest low of the last `period` bars, and their middle",
            "Donchian; TA-Lib DONCHIAN",
        ),
    Indicator::new("linearreg", "Linear regression", Group::Trend, window, |args, inputs, outputs| {
        line_at(inputs[0], args.whole(0), 0.0, outputs[0]);
    })
    .aliases(&["linreg", "lsma"])
    .params(FOURTEEN)
    .overlay()
    .says("the line of least squares through the last `period` values, at the newest", "TA-Lib LINEARREG"),
    Indicator::new("tsf", "Time series forecast", Group::Trend, window, |args, inputs, outputs| {
        line_at(inputs[0], args.whole(0), 1.0, outputs[0]);
    })
    .params(FOURTEEN)
    .overlay()
    .says("the line of least squares through the last `period` values, one bar ahead", "TA-Lib TSF"),
];

fn midpoint(args: &Args, inputs: &[&[f64]], outputs: &mut [&mut [f64]]) {
    middle(inputs[0], inputs[0], args.whole(0), outputs[0]);
}

fn midprice(args: &Args, inputs: &[&[f64]], outputs: &mut [&mut [f64]]) {
    middle(inputs[0], inputs[1], args.whole(0), outputs[0]);
}

fn middle(high: &[f64], low: &[f64], period: usize, output: &mut [f64]) {
    blank(output, period - 1);
    ranges(high, low, period, |first, tops, bottoms| {
        let ends = tops.iter().zip(bottoms);
        output[first..].iter_mut().zip(ends).for_each(|(out, (top, bottom))| *out = (top + bottom) / 2.0);
    });
}

fn donchian(args: &Args, inputs: &[&[f64]], outputs: &mut [&mut [f64]]) {
    let [upper, between, lower] = outputs else { unreachable!("the entry has three outputs") };
    let period = args.whole(0);
    both_ends(inputs[0], inputs[1], period, upper, lower);
    let ends = upper.iter().zip(lower.iter());
    between.iter_mut().zip(ends).for_each(|(out, (top, bottom))| *out = (top + bottom) / 2.0);
}
