use super::super::entry::{Args, Group, Indicator, Input, Param, WarmUp};
use super::super::kernels::{CHUNK, SeededEma, blank};

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
                *out = if *volume == 0.0 { 0.0 } else { (high - low) / volume };
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
    let mut average = SeededEma::new(args.whole(0));
    for (out, from) in outputs[0][1..].chunks_mut(CHUNK).zip((1..).step_by(CHUNK)) {
        let bars = inputs[0][from..].iter().zip(&inputs[0][from - 1..]).zip(&inputs[1][from..]);
        out.iter_mut().zip(bars).for_each(|(out, ((now, before), volume))| *out = (now - before) * volume);
        average.run_over(out);
    }
}
