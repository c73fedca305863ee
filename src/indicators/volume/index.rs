use super::super::entry::{Args, Group, Indicator, Input, Param, Part, WarmUp};
use super::super::kernels::{CHUNK, Running, ema};

const INPUTS: &[Input] = &[Input::SOURCE, Input::VOLUME];
const SIGNAL: &[Param] = &[Param::period(255, 2)];

const fn line(of: &'static str) -> Part {
    Part { of, args: |_| Vec::new(), inputs: &[0, 1], output: 0 }
}

pub(super) const ENTRIES: &[Indicator] = &[
    Indicator::new(
        "nvi",
        "Negative volume index",
        Group::Volume,
        |_| WarmUp::History,
        |_, inputs, outputs| {
            product(inputs, outputs[0], |now, before| now < before);
        },
    )
    .aliases(&["negative_volume_index"])
    .inputs(INPUTS)
    .says(
        "1000 at the first bar, times x / x[1] at every bar whose volume is less than the one before",
        "Dysart; Fosback, Stock Market Logic, 1976; TA-Lib NVI",
    ),
    Indicator::new(
        "pvi",
        "Positive volume index",
        Group::Volume,
        |_| WarmUp::History,
        |_, inputs, outputs| {
            product(inputs, outputs[0], |now, before| now > before);
        },
    )
    .aliases(&["positive_volume_index"])
    .inputs(INPUTS)
    .says(
        "1000 at the first bar, times x / x[1] at every bar whose volume is more than the one before",
        "Dysart; Fosback, Stock Market Logic, 1976; TA-Lib PVI",
    ),
    Indicator::new(
        "nvi_signal",
        "Negative volume index and its average",
        Group::Volume,
        |args| WarmUp::ema(args.whole(0)),
        with_average,
    )
    .params(SIGNAL)
    .inputs(INPUTS)
    .parts(&[line("nvi")])
    .outputs(&["nvi", "signal"])
    .says("nvi and its ema, by default of 255 bars", "Fosback, Stock Market Logic, 1976"),
    Indicator::new(
        "pvi_signal",
        "Positive volume index and its average",
        Group::Volume,
        |args| WarmUp::ema(args.whole(0)),
        with_average,
    )
    .params(SIGNAL)
    .inputs(INPUTS)
    .parts(&[line("pvi")])
    .outputs(&["pvi", "signal"])
    .says("pvi and its ema, by default of 255 bars", "Fosback, Stock Market Logic, 1976"),
    Indicator::new(
        "pvt",
        "Price volume trend",
        Group::Volume,
        |_| WarmUp::History,
        |_, inputs, outputs| {
            let Some((first, outs)) = outputs[0].split_first_mut() else { return };
            *first = 0.0;
            let mut sum = Running(0.0);
            for (outs, from) in outs.chunks_mut(CHUNK).zip((0..).step_by(CHUNK)) {
                let bars = inputs[0][from..].windows(2).zip(&inputs[1][from + 1..]);
                outs.iter_mut().zip(bars).for_each(|(out, (prices, volume))| *out = change(prices) * volume);
                sum.run_over(outs);
            }
        },
    )
    .aliases(&["vpt", "price_volume_trend", "volume_price_trend"])
    .inputs(INPUTS)
    .says("running sum of volume x (x / x[1] - 1), 0 at the first bar", "TA-Lib PVT"),
];

/// The index, which is the part, and its average.
fn with_average(args: &Args, inputs: &[&[f64]], outputs: &mut [&mut [f64]]) {
    outputs[0].copy_from_slice(inputs[2]);
    ema(inputs[2], args.whole(0), outputs[1]);
}

/// x / x[1] - 1, nothing where there is nothing to divide by.
#[inline(always)]
fn change(prices: &[f64]) -> f64 {
    let change = (prices[1] - prices[0]) / prices[0];
    if prices[0] == 0.0 { 0.0 } else { change }
}

#[inline(always)]
fn product(inputs: &[&[f64]], output: &mut [f64], counts: impl Fn(f64, f64) -> bool) {
    let Some((first, outs)) = output.split_first_mut() else { return };
    let mut index = 1000.0;
    *first = index;
    for (out, (prices, volumes)) in outs.iter_mut().zip(inputs[0].windows(2).zip(inputs[1].windows(2))) {
        // A quotient that is not used costs less than a jump that is foreseen wrongly half of the time.
        let ratio = prices[1] / prices[0];
        index *= if counts(volumes[1], volumes[0]) && prices[0] != 0.0 { ratio } else { 1.0 };
        *out = index;
    }
}
