use super::super::entry::{Args, Group, Indicator, Input, Kernel, Param, Part, WarmUp};
use super::super::kernels::{EMA, SMA, highest, kind_param, lowest, rolling_mean};

const HLC: &[Input] = &[Input::HIGH, Input::LOW, Input::CLOSE];
const BANDS: &[&str] = &["upper", "middle", "lower"];
const KELTNER: &[Param] =
    &[Param::period(20, 2), times(2.0), Param::whole("atr", 10, 1), kind_param("kind", EMA)];

const fn times(default: f64) -> Param {
    Param::real("multiplier", default, 0.0, 1e6)
}

const fn atr(args: fn(&Args) -> Vec<f64>) -> Part {
    Part { of: "atr", args, inputs: &[0, 1, 2], output: 0 }
}

/// A line of keltner with all of its arguments.
const fn keltner(output: usize) -> Part {
    Part { of: "keltner", args: |args| args.all().to_vec(), inputs: &[0, 1, 2], output }
}

/// A line of donchian with all of its arguments.
const fn donchian(output: usize) -> Part {
    Part { of: "donchian", args: |args| args.all().to_vec(), inputs: &[0, 1], output }
}

/// An indicator that is made of its parts row by row.
const fn of_parts(name: &'static str, title: &'static str, kernel: Kernel) -> Indicator {
    Indicator::new(name, title, Group::Volatility, |_| WarmUp::Rows(0), kernel).inputs(HLC)
}

pub(super) const ENTRIES: &[Indicator] = &[
    of_parts("keltner", "Keltner channel of an average of closes", |args, inputs, outputs| {
        around(inputs[3], inputs[4], args.real(1), outputs);
    })
    .aliases(&["keltner_channel", "keltner_channels"])
    .params(KELTNER)
    .parts(&[
        Part { of: "ma", args: |args| vec![args.real(0), args.real(3)], inputs: &[2], output: 0 },
        atr(|args| vec![args.real(2)]),
    ])
    .outputs(BANDS)
    .overlay()
    .says(
        "middle = ema(close, period); upper and lower = middle +- multiplier x atr",
        "Raschke's variant of Keltner's channel; Stock.Indicators GetKeltner, TradingView Keltner Channels",
    ),
    of_parts("keltner_width", "Width of the Keltner channel", |_, inputs, outputs| width(&inputs[3..], outputs[0]))
        .aliases(&["kcw"])
        .params(KELTNER)
        .parts(&[keltner(0), keltner(2), keltner(1)])
        .says("(upper - lower) / middle of keltner", "Stock.Indicators GetKeltner"),
    of_parts("keltner_b", "Place in the Keltner channel", |_, inputs, outputs| {
        place(inputs[2], &inputs[3..], outputs[0]);
    })
    .aliases(&["kcp"])
    .params(KELTNER)
    .parts(&[keltner(0), keltner(2)])
    .says("(close - lower) / (upper - lower) of keltner; nothing where it has no width", "as Bollinger's %b, of Keltner's channel"),
    Indicator::new("keltner_original", "Keltner's own channel", Group::Volatility, |args| WarmUp::Rows(args.whole(0) - 1), original)
        .params(&[Param::period(10, 2), times(1.0)])
        .inputs(HLC)
        .outputs(BANDS)
        .overlay()
        .says(
            "middle = sma of (high + low + close) / 3; upper and lower = middle +- multiplier x sma of high - low",
            "Keltner, How to Make Money in Commodities, 1960 (ten-day moving average trading rule)",
        ),
    of_parts("starc", "Stoller average range channel", |args, inputs, outputs| {
        around(inputs[3], inputs[4], args.real(1), outputs);
    })
    .aliases(&["starc_bands", "stoller"])
    .params(&[Param::period(6, 2), times(2.0), Param::whole("atr", 15, 1)])
    .parts(&[
        Part { of: "sma", args: |args| vec![args.real(0)], inputs: &[2], output: 0 },
        atr(|args| vec![args.real(2)]),
    ])
    .outputs(BANDS)
    .overlay()
    .says("middle = sma(close, period); upper and lower = middle +- multiplier x atr", "Stoller; Stock.Indicators GetStarcBands"),
    of_parts("atr_bands", "Bands of the average true range", |args, inputs, outputs| {
        around(inputs[2], inputs[3], args.real(1), outputs);
    })
    .params(&[Param::period(14, 1), times(2.0)])
    .parts(&[atr(|args| vec![args.real(0)])])
    .outputs(BANDS)
    .overlay()
    .says("close +- multiplier x atr, the close between them", "as traders draw them for stops and targets; after Wilder 1978"),
    of_parts("aberration", "Aberration", |_, inputs, outputs| around(inputs[3], inputs[4], 1.0, outputs))
        .params(&[Param::period(5, 2), Param::whole("atr", 15, 1)])
        .inputs(&[Input::HIGH, Input::LOW, Input::CLOSE])
        .parts(&[
            Part { of: "keltner_original", args: |args| vec![args.real(0), 1.0], inputs: &[0, 1, 2], output: 1 },
            atr(|args| vec![args.real(1)]),
        ])
        .outputs(BANDS)
        .overlay()
        .says("sma of (high + low + close) / 3 +- atr", "pandas-ta aberration (zg, sg, xg)"),
    Indicator::new("envelope", "Moving average envelope", Group::Volatility, |_| WarmUp::Rows(0), |args, inputs, outputs| {
        let share = args.real(1) / 100.0;
        let [upper, middle, lower] = outputs else { unreachable!("the entry has three outputs") };
        middle.copy_from_slice(inputs[1]);
        for ((upper, lower), middle) in upper.iter_mut().zip(lower.iter_mut()).zip(inputs[1]) {
            (*upper, *lower) = (middle * (1.0 + share), middle * (1.0 - share));
        }
    })
    .aliases(&["envelopes", "ma_envelope", "ma_envelopes", "mae"])
    .params(&[Param::period(20, 1), Param::real("percent", 2.5, 0.0, 1e6), kind_param("kind", SMA)])
    .parts(&[Part { of: "ma", args: |args| vec![args.real(0), args.real(2)], inputs: &[0], output: 0 }])
    .outputs(BANDS)
    .overlay()
    .says("average x (1 +- percent / 100)", "Stock.Indicators GetMaEnvelopes; TradingView Envelope"),
    Indicator::new("donchian_before", "Donchian channel of the bars before", Group::Volatility, |args| WarmUp::Rows(args.whole(0)), before)
        .aliases(&["price_channel", "turtle_channel"])
        .params(&[Param::period(20, 2)])
        .inputs(&[Input::HIGH, Input::LOW])
        .outputs(BANDS)
        .overlay()
        .says(
            "highest high and lowest low of the `period` bars before this one, and their middle: what a breakout breaks",
            "Donchian; Faith, Way of the Turtle, 2007; Stock.Indicators GetDonchian",
        ),
    of_parts("donchian_width", "Width of the Donchian channel", |_, inputs, outputs| width(&inputs[2..], outputs[0]))
        .aliases(&["dcw"])
        .params(&[Param::period(20, 2)])
        .inputs(&[Input::HIGH, Input::LOW])
        .parts(&[donchian(0), donchian(2), donchian(1)])
        .says("(upper - lower) / middle of donchian", "Stock.Indicators GetDonchian"),
    of_parts("donchian_b", "Place in the Donchian channel", |_, inputs, outputs| {
        place(inputs[2], &inputs[3..], outputs[0]);
    })
    .aliases(&["dcp"])
    .params(&[Param::period(20, 2)])
    .parts(&[donchian(0), donchian(2)])
    .says("(close - lower) / (upper - lower) of donchian; nothing where it has no width", "as Bollinger's %b, of Donchian's channel"),
];

/// A line, and a multiple of a range above and below it.
fn around(line: &[f64], ranges: &[f64], multiplier: f64, outputs: &mut [&mut [f64]]) {
    let [upper, middle, lower] = outputs else { unreachable!("the entry has three outputs") };
    middle.copy_from_slice(line);
    for ((upper, lower), (middle, range)) in
        upper.iter_mut().zip(lower.iter_mut()).zip(line.iter().zip(ranges))
    {
        let width = multiplier * range;
        (*upper, *lower) = (middle + width, middle - width);
    }
}

/// Of upper, lower and middle.
fn width(lines: &[&[f64]], output: &mut [f64]) {
    for (out, (middle, (upper, lower))) in
        output.iter_mut().zip(lines[2].iter().zip(lines[0].iter().zip(lines[1])))
    {
        *out = if *middle == 0.0 { f64::NAN } else { (upper - lower) / middle };
    }
}

/// Between lower and upper, which come the other way round.
fn place(values: &[f64], lines: &[&[f64]], output: &mut [f64]) {
    for (out, (value, (upper, lower))) in
        output.iter_mut().zip(values.iter().zip(lines[0].iter().zip(lines[1])))
    {
        *out = if upper == lower { f64::NAN } else { (value - lower) / (upper - lower) };
    }
}

fn original(args: &Args, inputs: &[&[f64]], outputs: &mut [&mut [f64]]) {
    let (high, low, close, period) = (inputs[0], inputs[1], inputs[2], args.whole(0));
    let prices = high.iter().zip(low).zip(close);
    let typical: Vec<f64> = prices.map(|((high, low), close)| (high + low + close) / 3.0).collect();
    let ranges: Vec<f64> = high.iter().zip(low).map(|(high, low)| high - low).collect();
    let (mut means, mut widths) = (vec![0.0; close.len()], vec![0.0; close.len()]);
    rolling_mean(&typical, period, &mut means);
    rolling_mean(&ranges, period, &mut widths);
    around(&means, &widths, args.real(1), outputs);
}

fn before(args: &Args, inputs: &[&[f64]], outputs: &mut [&mut [f64]]) {
    let [upper, middle, lower] = outputs else { unreachable!("the entry has three outputs") };
    let Some(last) = upper.len().checked_sub(1) else { return };
    (upper[0], lower[0]) = (f64::NAN, f64::NAN);
    highest(&inputs[0][..last], args.whole(0), &mut upper[1..]);
    lowest(&inputs[1][..last], args.whole(0), &mut lower[1..]);
    for (middle, (upper, lower)) in middle.iter_mut().zip(upper.iter().zip(lower.iter())) {
        *middle = (upper + lower) / 2.0;
    }
}
