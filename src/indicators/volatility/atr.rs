use super::super::entry::{Args, Group, Indicator, Input, Param, WarmUp};
use super::super::kernels::{blank, ema_of, range_of, true_range};

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
        |args| WarmUp::wilder(args.whole(0)).plus(WarmUp::Rows(1)),
        average,
    )
    .params(&[Param::period(14, 1)])
    .inputs(HLC)
    .says("Wilder's average of the true range", "Wilder 1978; TA-Lib ATR"),
];

fn range(_: &Args, inputs: &[&[f64]], outputs: &mut [&mut [f64]]) {
    true_range(inputs[0], inputs[1], inputs[2], outputs[0]);
}

fn average(args: &Args, inputs: &[&[f64]], outputs: &mut [&mut [f64]]) {
    // The first bar has no true range.
    let output = &mut *outputs[0];
    if !blank(output, 1) {
        return;
    }
    let period = args.whole(0);
    // Made anew by every request: that takes less time than to write a shared column and to read it again.
    ema_of(
        [inputs[0], inputs[1], inputs[2]],
        period,
        1.0 / period as f64,
        &mut output[1..],
        |[_, _, before], [high, low, _]| range_of(high, low, before),
    );
}
