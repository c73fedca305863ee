use super::super::entry::{Args, Group, Indicator, Input, Param, WarmUp};
use super::super::kernels::{blank, ema_of, ema_weight};

pub(super) const ENTRIES: &[Indicator] = &[
    Indicator::new(
        "efi",
        "Elder's force index",
        Group::Volume,
        |args| WarmUp::ema(args.whole(0)).plus(WarmUp::Rows(1)),
        force,
    )
    .aliases(&["force", "force_index"])
    .params(&[Param::period(13, 1)])
    .inputs(&[Input::SOURCE, Input::VOLUME])
    .says("ema of (x - x[1]) x volume", "Elder, Trading for a Living, 1993; TA-Lib EFI"),
    Indicator::new(
        "marketfi",
        "Market facilitation index",
        Group::Volume,
        |_| WarmUp::Rows(0),
        |_, inputs, outputs| {
            let ranges = inputs[0].iter().zip(inputs[1]);
            for (out, ((high, low), volume)) in outputs[0].iter_mut().zip(ranges.zip(inputs[2])) {
                let range = (high - low) / volume;
                *out = if *volume == 0.0 { 0.0 } else { range };
            }
        },
    )
    .aliases(&["bw_mfi", "market_facilitation"])
    .inputs(&[Input::HIGH, Input::LOW, Input::VOLUME])
    .says(
        "(high - low) / volume; 0 where there is no volume",
        "Williams, Trading Chaos, 1995; TA-Lib MARKETFI",
    ),
];

fn force(args: &Args, inputs: &[&[f64]], outputs: &mut [&mut [f64]]) {
    if !blank(outputs[0], 1) {
        return;
    }
    let (period, inputs) = (args.whole(0), [inputs[0], inputs[1]]);
    ema_of(inputs, period, ema_weight(period), &mut outputs[0][1..], |[before, _], [now, volume]| {
        (now - before) * volume
    });
}
