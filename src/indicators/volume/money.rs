use super::super::entry::{Args, Group, Indicator, Input, Param, WarmUp};
use super::super::kernels::{CHUNK, WindowSum, blank, ema_weight, money_flow, rolling_mean_of};

const BARS: &[Input] = &[Input::HIGH, Input::LOW, Input::CLOSE, Input::VOLUME];

pub(super) const ENTRIES: &[Indicator] = &[
    Indicator::new("adosc", "Chaikin oscillator", Group::Volume, |args| {
        let longest = args.whole(0).max(args.whole(1));
        WarmUp::ema(longest)
    }, oscillator)
        .aliases(&["chaikin_osc", "chaikin_oscillator", "cho"])
        .params(&[Param::whole("fast", 3, 2), Param::whole("slow", 10, 2)])
        .inputs(BARS)
        .says("ema(fast) - ema(slow) of the accumulation and distribution line, both begun with its first value", "Chaikin; TA-Lib ADOSC"),
    Indicator::new("cmf", "Chaikin money flow", Group::Volume, |args| WarmUp::Rows(args.whole(0) - 1), flow)
        .aliases(&["chaikin_money_flow"])
        .params(&[Param::period(20, 2)])
        .inputs(BARS)
        .says("sum of volume x ((close - low) - (high - close)) / (high - low) over the sum of volume; 0 where there is none", "Chaikin; TA-Lib CMF"),
];

/// The line itself cancels out: what is left of it above its average is `kept` (left + flow), so that nothing grows
/// with the history.
fn oscillator(args: &Args, inputs: &[&[f64]], outputs: &mut [&mut [f64]]) {
    let output = &mut *outputs[0];
    let first = args.whole(0).max(args.whole(1)) - 1;
    if !blank(output, first) {
        return;
    }
    let kept = [1, 0].map(|n| 1.0 - ema_weight(args.whole(n)));
    let squares = kept.map(|kept| kept * kept);
    let mut left = [0.0; 2];
    let mut flows = [0.0; CHUNK];
    let rows = output.len();
    // The first bar's flow is in the line and in both averages.
    for from in (1..rows).step_by(CHUNK) {
        let to = (from + CHUNK).min(rows);
        let flows = &mut flows[..to - from];
        money_flow(&[0, 1, 2, 3].map(|n| &inputs[n][from..to]), flows);
        let mut twos = flows.chunks_exact_mut(2);
        for two in &mut twos {
            let (a, b) = (two[0], two[1]);
            let early = [0, 1].map(|n| kept[n] * (left[n] + a));
            left = [0, 1].map(|n| squares[n] * left[n] + (squares[n] * a + kept[n] * b));
            (two[0], two[1]) = (early[0] - early[1], left[0] - left[1]);
        }
        for flow in twos.into_remainder() {
            left = [0, 1].map(|n| kept[n] * (left[n] + *flow));
            *flow = left[0] - left[1];
        }
        let begin = from.max(first).min(to);
        output[begin..to].copy_from_slice(&flows[begin - from..]);
    }
}

fn flow(args: &Args, inputs: &[&[f64]], outputs: &mut [&mut [f64]]) {
    let (period, output, volumes) = (args.whole(0), &mut *outputs[0], inputs[3]);
    rolling_mean_of(period, output, |from, next| {
        let to = from + next.len();
        money_flow(&[0, 1, 2, 3].map(|n| &inputs[n][from..to]), next);
    });
    let (mut sum, parts) = (WindowSum::default(), period as f64);
    volumes.iter().take(period - 1).for_each(|volume| sum.come(*volume, period));
    for ((out, coming), going) in output.iter_mut().zip(volumes).skip(period - 1).zip(volumes) {
        sum.come(*coming, period);
        *out = if sum.sum == 0.0 { 0.0 } else { parts * *out / sum.sum };
        sum.go(*going);
    }
}
