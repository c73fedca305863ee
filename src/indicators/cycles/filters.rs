use super::super::entry::{Args, Group, Indicator, Param, WarmUp};
use super::super::kernels::{HighPass, HighPass2, SuperSmoother};
use super::twice;

const ANALYTICS: &str = "Ehlers, Cycle Analytics for Traders, 2013";

pub(super) const ENTRIES: &[Indicator] = &[
    Indicator::new("decycler", "Ehlers' simple decycler", Group::Cycles, |args| WarmUp::decay(HighPass::kept(args.real(0)).abs()), |args, inputs, outputs| {
        rows(inputs[0], outputs[0], |first| {
            let mut high = HighPass::new(args.real(0), first);
            move |value| value - high.step(value)
        });
    })
    .params(&[Param::real("period", 60.0, 5.0, 10_000.0)])
    .overlay()
    .says("x - one-pole high-pass of x: what is longer than `period` bars", "Ehlers, Stocks & Commodities, September 2015"),
    Indicator::new("decycler_osc", "Ehlers' decycler oscillator", Group::Cycles, |args| {
        twice(HighPass2::kept(args.real(0)).abs().max(HighPass2::kept(args.real(1)).abs()))
    }, |args, inputs, outputs| {
        rows(inputs[0], outputs[0], |first| {
            let [mut fast, mut slow] = [0, 1].map(|n| HighPass2::new(args.real(n), first));
            move |value| slow.step(value) - fast.step(value)
        });
    })
    .aliases(&["decycler_oscillator"])
    .params(&[Param::real("fast", 30.0, 5.0, 10_000.0), Param::real("slow", 60.0, 5.0, 10_000.0)])
    .says("two-pole high-pass(slow) - two-pole high-pass(fast): cycles between the two periods", "Ehlers, Stocks & Commodities, September 2015"),
    Indicator::new("roofing", "Ehlers' roofing filter", Group::Cycles, |args| {
        twice(HighPass2::kept(args.real(0)).abs()).plus(WarmUp::decay(SuperSmoother::kept(args.real(1))))
    }, |args, inputs, outputs| {
        rows(inputs[0], outputs[0], |first| {
            let (mut high, mut smooth) = (HighPass2::new(args.real(0), first), SuperSmoother::new(args.real(1), 0.0));
            move |value| smooth.step(high.step(value))
        });
    })
    .aliases(&["roofing_filter", "ehlers_roofing"])
    .params(&[Param::real("long", 48.0, 5.0, 10_000.0), Param::real("short", 10.0, 2.0, 10_000.0)])
    .says("super smoother(short) of the two-pole high-pass(long): cycles between the two periods", ANALYTICS),
    Indicator::new("ebsw", "Even better sine wave", Group::Cycles, |args| {
        WarmUp::decay(HighPass::kept(args.real(0)).abs()).plus(WarmUp::decay(SuperSmoother::kept(args.real(1)))).plus(WarmUp::Rows(2))
    }, sine_wave)
    .aliases(&["even_better_sinewave", "evenbettersinewave"])
    .params(&[Param::real("period", 40.0, 5.0, 10_000.0), Param::real("smoothing", 10.0, 2.0, 10_000.0)])
    .says("mean of the last three over the root of the mean of their squares, of super smoother(smoothing) of one-pole high-pass(period); 0 where nothing moves", ANALYTICS),
];

/// A filter that is begun with the first value, over all rows.
fn rows<F: FnMut(f64) -> f64>(input: &[f64], output: &mut [f64], begin: impl FnOnce(f64) -> F) {
    let Some(first) = input.first() else { return };
    let mut filter = begin(*first);
    output.iter_mut().zip(input).for_each(|(out, value)| *out = filter(*value));
}

fn sine_wave(args: &Args, inputs: &[&[f64]], outputs: &mut [&mut [f64]]) {
    rows(inputs[0], outputs[0], |first| {
        let (mut high, mut smooth) =
            (HighPass::new(args.real(0), first), SuperSmoother::new(args.real(1), 0.0));
        let (mut one, mut two) = (0.0, 0.0);
        move |value| {
            let now = smooth.step(high.step(value));
            let (wave, power): (f64, f64) = (now + one + two, now * now + one * one + two * two);
            (one, two) = (now, one);
            if power == 0.0 { 0.0 } else { wave / (3.0 * power).sqrt() }
        }
    });
}
