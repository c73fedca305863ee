use super::super::entry::{Args, Group, Indicator, Input, Param, WarmUp};
use super::super::kernels::{Sliding, WindowSum, blank};

pub(super) const ENTRIES: &[Indicator] = &[
    Indicator::new("bop", "Balance of power", Group::Momentum, |_| WarmUp::Rows(0), balance)
        .aliases(&["balance_of_power"])
        .inputs(&[Input::OPEN, Input::HIGH, Input::LOW, Input::CLOSE])
        .says(
            "(close - open) / (high - low); 0 where there is no range",
            "Livshin, Stocks & Commodities, August 2001; TA-Lib BOP",
        ),
    Indicator::new("qstick", "Qstick", Group::Momentum, |args| WarmUp::Rows(args.whole(0)), qstick)
        .params(&[Param::period(10, 1)])
        .inputs(&[Input::OPEN, Input::CLOSE])
        .says("sma of close - open", "Chande and Kroll, The New Technical Trader, 1994; TA-Lib QSTICK"),
    Indicator::new(
        "imi",
        "Intraday momentum index",
        Group::Momentum,
        |args| WarmUp::Rows(args.whole(0)),
        intraday,
    )
    .params(&[Param::period(14, 2)])
    .inputs(&[Input::OPEN, Input::CLOSE])
    .says(
        "100 gains / (gains + losses), sums of the rising and falling bodies; 50 where no bar has a body",
        "Chande and Kroll, The New Technical Trader, 1994; TA-Lib IMI",
    ),
];

fn balance(_: &Args, inputs: &[&[f64]], outputs: &mut [&mut [f64]]) {
    let ends = inputs[0].iter().zip(inputs[3]);
    let ranges = inputs[1].iter().zip(inputs[2]);
    for (out, ((open, close), (high, low))) in outputs[0].iter_mut().zip(ends.zip(ranges)) {
        let range = high - low;
        let balance = (close - open) / range;
        *out = if range == 0.0 { 0.0 } else { balance };
    }
}

fn qstick(args: &Args, inputs: &[&[f64]], outputs: &mut [&mut [f64]]) {
    let (period, output) = (args.whole(0), &mut *outputs[0]);
    if !blank(output, period - 1) {
        return;
    }
    let body = |(open, close): (&f64, &f64)| close - open;
    let bodies = |from: usize| inputs[0][from..].iter().zip(&inputs[1][from..]).map(body);
    let mut sum = Sliding::default();
    bodies(0).take(period - 1).for_each(|body| sum.come(body));
    let share = 1.0 / period as f64;
    for ((out, coming), going) in output[period - 1..].iter_mut().zip(bodies(period - 1)).zip(bodies(0)) {
        sum.come(coming);
        *out = sum.sum * share;
        sum.go(going);
    }
}

fn intraday(args: &Args, inputs: &[&[f64]], outputs: &mut [&mut [f64]]) {
    let (period, output) = (args.whole(0), &mut *outputs[0]);
    if !blank(output, period - 1) {
        return;
    }
    let body = |(open, close): (&f64, &f64)| close - open;
    let bodies = |from: usize| inputs[0][from..].iter().zip(&inputs[1][from..]).map(body);
    let (mut sizes, mut net) = (WindowSum::default(), Sliding::default());
    for body in bodies(0).take(period - 1) {
        sizes.come(body.abs(), period);
        net.come(body);
    }
    for ((out, coming), going) in output[period - 1..].iter_mut().zip(bodies(period - 1)).zip(bodies(0)) {
        sizes.come(coming.abs(), period);
        net.come(coming);
        *out = if sizes.sum == 0.0 { 50.0 } else { 50.0 + 50.0 * (net.sum / sizes.sum) };
        sizes.go(going.abs());
        net.go(going);
    }
}
