use super::super::entry::{Args, Group, Indicator, Input, WarmUp};
use super::super::kernels::{CHUNK, Running, money_flow};

pub(super) const ENTRIES: &[Indicator] = &[
    Indicator::new("obv", "On balance volume", Group::Volume, |_| WarmUp::History, obv)
        .inputs(&[Input::SOURCE, Input::VOLUME])
        .says(
            "volume added when the close rises and taken away when it falls, from the first bar on",
            "Granville 1963; TA-Lib OBV",
        ),
    Indicator::new("ad", "Accumulation and distribution line", Group::Volume, |_| WarmUp::History, line)
        .aliases(&["adl"])
        .inputs(&[Input::HIGH, Input::LOW, Input::CLOSE, Input::VOLUME])
        .says(
            "sum of volume x ((close - low) - (high - close)) / (high - low), from the first bar on",
            "Chaikin; TA-Lib AD",
        ),
];

fn obv(_: &Args, inputs: &[&[f64]], outputs: &mut [&mut [f64]]) {
    let (close, volume) = (inputs[0], inputs[1]);
    let (Some(first), Some((out, rest))) = (volume.first(), outputs[0].split_first_mut()) else { return };
    let mut sum = *first;
    *out = sum;
    for ((out, volume), pair) in rest.iter_mut().zip(&volume[1..]).zip(close.windows(2)) {
        // Nobody can foretell whether the next bar rises: a product instead of a question.
        let step = i32::from(pair[1] > pair[0]) - i32::from(pair[1] < pair[0]);
        sum += volume * f64::from(step);
        *out = sum;
    }
}

fn line(_: &Args, inputs: &[&[f64]], outputs: &mut [&mut [f64]]) {
    let mut sum = Running(0.0);
    for (out, from) in outputs[0].chunks_mut(CHUNK).zip((0..).step_by(CHUNK)) {
        money_flow(&[0, 1, 2, 3].map(|n| &inputs[n][from..from + out.len()]), out);
        sum.run_over(out);
    }
}
