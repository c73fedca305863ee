use super::super::entry::{Args, Group, Indicator, Input, Param, Part, WarmUp};
use super::super::kernels::{blank, true_range, wilder};

const HLC: &[Input] = &[Input::HIGH, Input::LOW, Input::CLOSE];

pub(super) const ENTRIES: &[Indicator] = &[
    Indicator::new("trange", "True range", Group::Volatility, |_| WarmUp::Rows(1), range)
        .aliases(&["tr", "true_range"])
        .inputs(HLC)
        .says(
            "max(high - low, |high - previous close|, |low - previous close|)",
            "Wilder 1978; TA-Lib TRANGE",
        ),
    Indicator::new(
        "atr",
        "Average true range",
        Group::Volatility,
        |args| WarmUp::wilder(args.whole(0)),
        average,
    )
    .params(&[Param::period(14, 1)])
    .inputs(HLC)
    .parts(&[Part { of: "trange", args: |_| Vec::new(), inputs: &[0, 1, 2], output: 0 }])
    .says("Wilder's average of the true range", "Wilder 1978; TA-Lib ATR"),
];

fn range(_: &Args, inputs: &[&[f64]], outputs: &mut [&mut [f64]]) {
    true_range(inputs[0], inputs[1], inputs[2], outputs[0]);
}

fn average(args: &Args, inputs: &[&[f64]], outputs: &mut [&mut [f64]]) {
    // The rows begin where the shared true range does, one bar late.
    let output = &mut *outputs[0];
    if blank(output, 0) {
        wilder(inputs[3], args.whole(0), output);
    }
}
