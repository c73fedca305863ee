use super::super::entry::{Args, Group, Indicator, Input, Param, Part, WarmUp};
use super::super::kernels::{blank, ema, ema_chain, rolling_mean};

const HIGH_LOW: &[Input] = &[Input::HIGH, Input::LOW];
const HLC: &[Input] = &[Input::HIGH, Input::LOW, Input::CLOSE];

pub(super) const ENTRIES: &[Indicator] = &[
    Indicator::new(
        "adr",
        "Average day range",
        Group::Volatility,
        |args| WarmUp::Rows(args.whole(0) - 1),
        |args, inputs, outputs| {
            rolling_mean(&widths(inputs), args.whole(0), outputs[0]);
        },
    )
    .aliases(&["average_range", "average_day_range"])
    .params(&[Param::period(14, 1)])
    .inputs(HIGH_LOW)
    .says("sma of high - low", "TA-Lib ADR"),
    Indicator::new(
        "natr",
        "Normalised average true range",
        Group::Volatility,
        |_| WarmUp::Rows(0),
        |_, inputs, outputs| {
            for (out, (range, close)) in outputs[0].iter_mut().zip(inputs[3].iter().zip(inputs[2])) {
                *out = if *close == 0.0 { 0.0 } else { 100.0 * (range / close) };
            }
        },
    )
    .aliases(&["atrp", "atr_percent"])
    .params(&[Param::period(14, 1)])
    .inputs(HLC)
    .parts(&[Part { of: "atr", args: |args| args.all().to_vec(), inputs: &[0, 1, 2], output: 0 }])
    .says("100 atr / close; 0 where the close is 0", "Forman, Stocks & Commodities, May 2006; TA-Lib NATR"),
    Indicator::new(
        "cvi",
        "Chaikin's volatility",
        Group::Volatility,
        |args| WarmUp::ema(args.whole(0)).plus(WarmUp::Rows(args.whole(1))),
        chaikin,
    )
    .aliases(&["chaikin_volatility", "cvol"])
    .params(&[Param::period(10, 2), Param::whole("change", 10, 1)])
    .inputs(HIGH_LOW)
    .says("100 (e / e[change] - 1), e = ema of high - low; 0 where e[change] is 0", "Chaikin; TA-Lib CVI"),
    Indicator::new(
        "massi",
        "Mass index",
        Group::Volatility,
        |args| WarmUp::ema(args.whole(0)).plus(WarmUp::ema(args.whole(0))).plus(WarmUp::Rows(args.whole(1))),
        mass,
    )
    .aliases(&["mass", "mass_index", "massindex"])
    .params(&[Param::period(9, 2), Param::whole("sum", 25, 2)])
    .inputs(HIGH_LOW)
    .says(
        "sum of the last `sum` values of e / ema(e), e = ema of high - low",
        "Dorsey, Stocks & Commodities, June 1992; TA-Lib MASSI",
    ),
];

/// High - low.
fn widths(inputs: &[&[f64]]) -> Vec<f64> {
    inputs[0].iter().zip(inputs[1]).map(|(high, low)| high - low).collect()
}

fn chaikin(args: &Args, inputs: &[&[f64]], outputs: &mut [&mut [f64]]) {
    let (change, output) = (args.whole(1), &mut *outputs[0]);
    let mut averages = vec![0.0; output.len()];
    ema(&widths(inputs), args.whole(0), &mut averages);
    if !blank(output, change) {
        return;
    }
    for (out, (now, before)) in output[change..].iter_mut().zip(averages[change..].iter().zip(&averages)) {
        *out = if *before == 0.0 { 0.0 } else { 100.0 * ((now - before) / before) };
    }
}

fn mass(args: &Args, inputs: &[&[f64]], outputs: &mut [&mut [f64]]) {
    let (period, sum, output) = (args.whole(0), args.whole(1), &mut *outputs[0]);
    let widths = widths(inputs);
    let mut shares = vec![0.0; widths.len()];
    ema_chain::<2>(&widths, period, &mut shares, |e| if e[1] == 0.0 { 1.0 } else { e[0] / e[1] });
    let first = (2 * (period - 1)).min(output.len());
    blank(output, first);
    rolling_mean(&shares[first..], sum, &mut output[first..]);
    output.iter_mut().for_each(|out| *out *= sum as f64);
}
