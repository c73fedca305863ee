use super::super::entry::{Args, Group, Indicator, Input, Param, Part, WarmUp};
use super::super::kernels::{since_highest, since_lowest};

const HL: &[Input] = &[Input::HIGH, Input::LOW];

pub(super) const ENTRIES: &[Indicator] = &[
    Indicator::new("aroon", "Aroon", Group::Momentum, |args| WarmUp::Rows(args.whole(0)), both)
        .params(&[Param::period(14, 2)])
        .inputs(HL)
        .outputs(&["down", "up"])
        .says(
            "100 (period - bars since the lowest low (highest high) of period + 1 bars) / period; the latest of equals",
            "Chande, Stocks & Commodities, September 1995; TA-Lib AROON",
        ),
    Indicator::new("aroonosc", "Aroon oscillator", Group::Momentum, |_| WarmUp::Rows(0), |_, inputs, outputs| {
        outputs[0].iter_mut().zip(inputs[3].iter().zip(inputs[2])).for_each(|(out, (up, down))| *out = up - down);
    })
        .aliases(&["aroon_osc", "aroon_oscillator"])
        .params(&[Param::period(14, 2)])
        .inputs(HL)
        .parts(&[
            Part { of: "aroon", args: |args| args.all().to_vec(), inputs: &[0, 1], output: 0 },
            Part { of: "aroon", args: |args| args.all().to_vec(), inputs: &[0, 1], output: 1 },
        ])
        .says("aroon up - aroon down", "Chande 1995; TA-Lib AROONOSC"),
];

fn both(args: &Args, inputs: &[&[f64]], outputs: &mut [&mut [f64]]) {
    let period = args.whole(0);
    since_lowest(inputs[1], period + 1, outputs[0]);
    since_highest(inputs[0], period + 1, outputs[1]);
    let (parts, share) = (period as f64, 100.0 / period as f64);
    for output in outputs {
        output.iter_mut().for_each(|out| *out = (parts - *out) * share);
    }
}
