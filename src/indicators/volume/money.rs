use super::super::entry::{Args, Group, Indicator, Input, Param, WarmUp};
use super::super::kernels::{
    CHUNK, Carry, Row, Sliding, WindowSum, blank, ema_weight, flow_of, last_part, money_flow, seated,
    settled_rows, side_by_side,
};

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
    if first >= output.len() {
        blank(output, first);
        return;
    }
    let weights = [0, 1].map(|n| ema_weight(args.whole(n)));
    let kept = weights.map(|weight| 1.0 - weight);
    // The first bar's flow is in the line and in both averages.
    let mut left = [Row::splat(0.0); 2];
    let step = |left: &mut [Row; 2], flow: Row| {
        *left = [0, 1].map(|n| (left[n] + flow) * kept[n]);
        [left[1] - left[0]]
    };
    let bars = inputs.first_chunk().expect("the entry has four inputs");
    let settled = settled_rows(weights[0].min(weights[1]), 1);
    let done = side_by_side(
        *bars,
        [&mut output[1..]],
        settled,
        &mut left,
        |_, bars| flow_of(bars),
        step,
        |left| {
            left.iter_mut().for_each(|left| *left = seated(*left, 0.0));
        },
    );
    for row in 1 + done..output.len() {
        let made = step(&mut left, flow_of(bars.map(|column| Row::splat(column[row]))));
        output[row] = last_part(made[0]);
    }
    blank(output, first);
}

fn flow(args: &Args, inputs: &[&[f64]], outputs: &mut [&mut [f64]]) {
    let (period, output, volumes) = (args.whole(0), &mut *outputs[0], inputs[3]);
    if !blank(output, period - 1) {
        return;
    }
    let fill = |flows: &mut [f64], from: usize| {
        let rows = from..from + flows.len();
        money_flow(&[0, 1, 2, 3].map(|n| &inputs[n][rows.clone()]), flows);
    };
    let (mut flows, mut net, mut all) = (Carry::new(period - 1), Sliding::default(), WindowSum::default());
    let first = flows.next(period - 1);
    fill(first, 0);
    first.iter().for_each(|flow| net.come(*flow));
    volumes[..period - 1].iter().for_each(|volume| all.come(*volume, period));
    let mut sums = [0.0; CHUNK];
    for (out, from) in output[period - 1..].chunks_mut(CHUNK).zip((period - 1..).step_by(CHUNK)) {
        let (rows, sums) = (out.len(), &mut sums[..out.len()]);
        fill(flows.next(rows), from);
        let (comings, goings) = flows.both(rows);
        net.run(comings, goings, out);
        all.run(&volumes[from..from + rows], &volumes[from + 1 - period..][..rows], period, sums);
        for (out, sum) in out.iter_mut().zip(sums) {
            let share = *out / *sum;
            *out = if *sum == 0.0 { 0.0 } else { share };
        }
    }
}
