use super::super::entry::{Args, Field, Group, Indicator, Input, Param, WarmUp};
use super::super::kernels::{blank, rolling_mean, wma};
use super::twice;

const CYBERNETIC: &str = "Ehlers, Cybernetic Analysis for Stocks and Futures, 2004";
const MIDDLE: &[Input] = &[Input { name: "source", default: Field::Hl2 }];
/// Bars that are filled otherwise until the recursion has something to go on.
const FIRST: usize = 6;

pub(super) const ENTRIES: &[Indicator] = &[
    Indicator::new("cybercycle", "Ehlers' cyber cycle", Group::Cycles, |args| twice(1.0 - args.real(0)).plus(WarmUp::Rows(FIRST)), cyber)
        .aliases(&["cyber_cycle", "ehlers_cyber_cycle"])
        .params(&[Param::real("alpha", 0.07, 0.001, 0.999)])
        .inputs(MIDDLE)
        .outputs(&["cycle", "trigger"])
        .says("(1 - a / 2)^2 (s - 2 s[1] + s[2]) + 2 (1 - a) c[1] - (1 - a)^2 c[2], s = (x + 2 x[1] + 2 x[2] + x[3]) / 6; trigger = c[1]", CYBERNETIC),
    Indicator::new("itrend", "Ehlers' instantaneous trendline", Group::Cycles, |args| twice(1.0 - args.real(0)).plus(WarmUp::Rows(FIRST)), trendline)
        .aliases(&["instantaneous_trendline", "ehlers_itrend"])
        .params(&[Param::real("alpha", 0.07, 0.001, 0.999)])
        .inputs(MIDDLE)
        .outputs(&["line", "trigger"])
        .overlay()
        .says("(a - a^2 / 4) x + a^2 / 2 x[1] - (a - 3 a^2 / 4) x[2] + 2 (1 - a) l[1] - (1 - a)^2 l[2]; trigger = 2 l - l[2]", CYBERNETIC),
    Indicator::new("cg", "Center of gravity", Group::Cycles, |args| WarmUp::Rows(args.whole(0)), gravity)
        .aliases(&["center_of_gravity", "cog"])
        .params(&[Param::period(10, 2)])
        .inputs(MIDDLE)
        .says("(period + 1) / 2 - sum of (1 + i) x[i] / sum of x[i], i from 0; 0 where the sum is 0", CYBERNETIC),
    Indicator::new("laguerre", "Laguerre filter", Group::Cycles, |args| quadruple(args.real(0)), |args, inputs, outputs| {
        laguerre(args.real(0), inputs[0], outputs[0], |[a, b, c, d]| (a + 2.0 * b + 2.0 * c + d) / 6.0);
    })
    .aliases(&["laguerre_filter"])
    .params(&[Param::real("gamma", 0.8, 0.0, 0.99)])
    .inputs(MIDDLE)
    .overlay()
    .says("(l0 + 2 l1 + 2 l2 + l3) / 6, l0 = (1 - g) x + g l0[1], each further one -g of the one before + its [1] + g of its own [1]", CYBERNETIC),
    Indicator::new("laguerre_rsi", "Laguerre rsi", Group::Cycles, |args| quadruple(args.real(0)), |args, inputs, outputs| {
        laguerre(args.real(0), inputs[0], outputs[0], strength);
    })
    .aliases(&["lrsi", "laguerrersi"])
    .params(&[Param::real("gamma", 0.5, 0.0, 0.99)])
    .says("up / (up + down), sums of the rises and falls between neighbours of laguerre's l3, l2, l1, l0; 0 where they are equal", CYBERNETIC),
];

fn cyber(args: &Args, inputs: &[&[f64]], outputs: &mut [&mut [f64]]) {
    let (alpha, [cycle, trigger]) = (args.real(0), outputs) else {
        unreachable!("the entry has two outputs")
    };
    if !(blank(cycle, FIRST) & blank(trigger, FIRST)) {
        return;
    }
    let half = (1.0 - 0.5 * alpha) * (1.0 - 0.5 * alpha);
    let (kept, kept2) = (2.0 * (1.0 - alpha), (1.0 - alpha) * (1.0 - alpha));
    let input = inputs[0];
    let curve = |row: usize| (input[row] - 2.0 * input[row - 1] + input[row - 2]) * 0.25;
    let (mut one, mut two) = (curve(FIRST - 1), curve(FIRST - 2));
    let smooth = |last: &[f64]| (last[3] + 2.0 * last[2] + 2.0 * last[1] + last[0]) / 6.0;
    let mut smooths = input[FIRST - 5..].windows(4).map(smooth);
    let (mut s2, mut s1) = (smooths.next().unwrap_or(0.0), smooths.next().unwrap_or(0.0));
    for ((cycle, trigger), s0) in cycle[FIRST..].iter_mut().zip(&mut trigger[FIRST..]).zip(smooths) {
        let now = half * (s0 - 2.0 * s1 + s2) + kept * one - kept2 * two;
        (*cycle, *trigger) = (now, one);
        (one, two, s1, s2) = (now, one, s0, s1);
    }
}

fn trendline(args: &Args, inputs: &[&[f64]], outputs: &mut [&mut [f64]]) {
    let (a, [line, trigger]) = (args.real(0), outputs) else { unreachable!("the entry has two outputs") };
    if !(blank(line, FIRST) & blank(trigger, FIRST)) {
        return;
    }
    let input = inputs[0];
    let (now, before, older) = (a - a * a * 0.25, 0.5 * a * a, a - 0.75 * a * a);
    let (kept, kept2) = (2.0 * (1.0 - a), (1.0 - a) * (1.0 - a));
    let mean = |row: usize| (input[row] + 2.0 * input[row - 1] + input[row - 2]) * 0.25;
    let (mut one, mut two) = (mean(FIRST - 1), mean(FIRST - 2));
    let outs = line[FIRST..].iter_mut().zip(&mut trigger[FIRST..]);
    for ((line, trigger), x) in outs.zip(input[FIRST - 2..].windows(3)) {
        let new = now * x[2] + before * x[1] - older * x[0] + kept * one - kept2 * two;
        (*line, *trigger) = (new, 2.0 * new - two);
        (one, two) = (new, one);
    }
}

fn gravity(args: &Args, inputs: &[&[f64]], outputs: &mut [&mut [f64]]) {
    let (period, output) = (args.whole(0), &mut *outputs[0]);
    let mut means = vec![0.0; output.len()];
    rolling_mean(inputs[0], period, &mut means);
    wma(inputs[0], period, output);
    let half = 0.5 * (period as f64 + 1.0);
    for (out, mean) in output.iter_mut().zip(&means) {
        *out = if *mean == 0.0 { 0.0 } else { half * ((*out - mean) / mean) };
    }
}

/// Four poles at the same place keep more than one.
fn quadruple(gamma: f64) -> WarmUp {
    WarmUp::decay(gamma.powf(0.65)).plus(WarmUp::Rows(4))
}

#[inline]
fn laguerre(gamma: f64, input: &[f64], output: &mut [f64], shape: impl Fn([f64; 4]) -> f64) {
    let Some(first) = input.first() else { return };
    let mut l = [*first; 4];
    for (out, value) in output.iter_mut().zip(input) {
        let before = l;
        l[0] = value + gamma * (before[0] - value);
        for n in 1..4 {
            l[n] = before[n - 1] + gamma * (before[n] - l[n - 1]);
        }
        *out = shape(l);
    }
}

fn strength(l: [f64; 4]) -> f64 {
    let steps = [l[0] - l[1], l[1] - l[2], l[2] - l[3]];
    let up: f64 = steps.iter().map(|step| step.max(0.0)).sum();
    let both: f64 = steps.iter().map(|step| step.abs()).sum();
    if both == 0.0 { 0.0 } else { up / both }
}
