use super::super::entry::{Args, Field, Group, Indicator, Input, Param, Part, WarmUp};
use super::super::kernels::{blank, highest, lowest, wma};

pub(super) const ENTRIES: &[Indicator] = &[
    Indicator::new("fisher", "Fisher transform", Group::Momentum, |args| {
        WarmUp::Rows(args.whole(0)).plus(WarmUp::decay(0.67)).plus(WarmUp::decay(0.5))
    }, fisher)
    .aliases(&["fisher_transform"])
    .params(&[Param::period(9, 2)])
    .inputs(&[Input { name: "source", default: Field::Hl2 }])
    .outputs(&["fisher", "trigger"])
    .says("0.5 ln((1 + v) / (1 - v)) + 0.5 fisher[1], v = 0.66 (place of x between lowest and highest - 0.5) + 0.67 v[1], 0.999 where it is above 0.99 (so below); trigger = fisher[1]", "Ehlers, Stocks & Commodities, November 2002"),
    Indicator::new("ifisher", "Inverse Fisher transform of rsi", Group::Momentum, |args| WarmUp::Rows(args.whole(1)), |args, inputs, outputs| {
        let scaled: Vec<f64> = inputs[1].iter().map(|rsi| 0.1 * (rsi - 50.0)).collect();
        wma(&scaled, args.whole(1), outputs[0]);
        outputs[0].iter_mut().for_each(|out| *out = out.tanh());
    })
    .aliases(&["inverse_fisher", "inverse_fisher_rsi", "ift_rsi"])
    .params(&[Param::period(5, 2), Param::whole("smoothing", 9, 1)])
    .parts(&[Part { of: "rsi", args: |args| args.all()[..1].to_vec(), inputs: &[0], output: 0 }])
    .says("(e^2v - 1) / (e^2v + 1), v = wma of (rsi(period) - 50) / 10 over `smoothing` bars", "Ehlers, Stocks & Commodities, May 2004"),
];

fn fisher(args: &Args, inputs: &[&[f64]], outputs: &mut [&mut [f64]]) {
    let (period, [line, trigger]) = (args.whole(0), outputs) else { unreachable!("two outputs") };
    highest(inputs[0], period, line);
    lowest(inputs[0], period, trigger);
    let first = (period - 1).min(line.len());
    let (mut place, mut before) = (0.0, 0.0);
    let outs = line[first..].iter_mut().zip(&mut trigger[first..]);
    for ((line, trigger), value) in outs.zip(&inputs[0][first..]) {
        let range = *line - *trigger;
        let new = if range == 0.0 { 0.0 } else { (value - *trigger) / range - 0.5 };
        place = 0.66 * new + 0.67 * place;
        if place.abs() > 0.99 {
            place = 0.999_f64.copysign(place);
        }
        let now = 0.5 * ((1.0 + place) / (1.0 - place)).ln() + 0.5 * before;
        (*line, *trigger) = (now, before);
        before = now;
    }
    // There is no value before the first one that it could be compared with.
    blank(trigger, period);
}
