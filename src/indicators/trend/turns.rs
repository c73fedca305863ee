use super::super::entry::{Args, Group, Indicator, Input, Param, Part, WarmUp};
use super::super::kernels::blank;

const HLC: &[Input] = &[Input::HIGH, Input::LOW, Input::CLOSE];

pub(super) const ENTRIES: &[Indicator] = &[
    Indicator::new("hilo", "HiLo activator", Group::Trend, |_| WarmUp::History, activator)
        .aliases(&["gann_hilo", "hilo_activator", "hlactivator"])
        .params(&[Param::whole("high", 3, 1), Param::whole("low", 3, 1).like(0)])
        .inputs(HLC)
        .parts(&[
            Part { of: "ma", args: |args| vec![args.real(0), 0.0], inputs: &[0], output: 0 },
            Part { of: "ma", args: |args| vec![args.real(1), 0.0], inputs: &[1], output: 0 },
        ])
        .outputs(&["line", "trend"])
        .overlay()
        .says(
            "sma of lows while trend = 1, sma of highs while trend = -1; the trend turns up with a close above the sma of highs of \
             the bar before, down with one below that of lows, and is 0 before the first of these",
            "Krausz, Stocks & Commodities, February 1998",
        ),
    Indicator::new("fcb", "Fractal chaos bands", Group::Trend, |_| WarmUp::History, |args, inputs, outputs| {
        hold(inputs[0], args.whole(0), outputs[0], |a, b| a > b);
        hold(inputs[1], args.whole(0), outputs[1], |a, b| a < b);
    })
    .aliases(&["fractal_chaos_bands"])
    .params(&[Param::whole("window", 2, 1)])
    .inputs(&[Input::HIGH, Input::LOW])
    .outputs(&["upper", "lower"])
    .overlay()
    .says(
        "the last high above all of the `window` bars on both sides of it, and the last such low, from the bar on at which that is \
         known",
        "Stock.Indicators GetFcb",
    ),
];

fn activator(_: &Args, inputs: &[&[f64]], outputs: &mut [&mut [f64]]) {
    let [line, trend] = outputs else { unreachable!("the entry has two outputs") };
    if !(blank(line, 1) & blank(trend, 1)) {
        return;
    }
    let (close, highs, lows) = (inputs[2], inputs[3], inputs[4]);
    let mut side = 0.0;
    for row in 1..close.len() {
        if close[row] > highs[row - 1] {
            side = 1.0;
        } else if close[row] < lows[row - 1] {
            side = -1.0;
        }
        trend[row] = side;
        line[row] = if side < 0.0 { highs[row] } else { lows[row] };
    }
}

/// The last value that beats `reach` neighbours on both sides, from where it is known.
fn hold(values: &[f64], reach: usize, output: &mut [f64], beats: impl Fn(f64, f64) -> bool) {
    if !blank(output, 2 * reach) {
        return;
    }
    let mut held = f64::NAN;
    for (out, window) in output[2 * reach..].iter_mut().zip(values.windows(2 * reach + 1)) {
        let middle = window[reach];
        let is_turn = window.iter().enumerate().all(|(n, value)| n == reach || beats(middle, *value));
        held = if is_turn { middle } else { held };
        *out = held;
    }
}
