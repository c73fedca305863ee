use super::super::entry::{Args, Group, Indicator, Input, Param, WarmUp};
use super::super::kernels::{WindowSum, blank, rolling_mean};
use super::rsi::{share, wilder};

pub(super) const ENTRIES: &[Indicator] = &[
    Indicator::new("crsi", "Connors rsi", Group::Momentum, |args| {
        // A run of rises or falls counts from its first bar; longer ones than 100 bars are not met.
        WarmUp::wilder(args.whole(0)).max(WarmUp::wilder(args.whole(1)).plus(WarmUp::Rows(100))).max(WarmUp::Rows(args.whole(2) + 1))
    }, connors)
    .aliases(&["connors_rsi", "connorsrsi"])
    .params(&[Param::period(3, 2), Param::whole("streak", 2, 2), Param::whole("rank", 100, 2)])
    .says("mean of rsi(period), rsi(streak) of the number of rises (falls negative) in a row, and the share in percent of the last `rank` one-bar returns below this one", "Connors and Alvarez, An Introduction to ConnorsRSI, 2012"),
    Indicator::new("rmi", "Relative momentum index", Group::Momentum, |args| {
        WarmUp::wilder(args.whole(0)).plus(WarmUp::Rows(args.whole(1)))
    }, |args, inputs, outputs| wilder(args.whole(0), args.whole(1), inputs[0], outputs[0], |up, down| share(up, up + down)))
    .aliases(&["relative_momentum"])
    .params(&[Param::period(14, 2), Param::whole("momentum", 5, 1)])
    .says("rsi of the rises and falls over `momentum` bars instead of one", "Altman, Stocks & Commodities, February 1993"),
    Indicator::new("psl", "Psychological line", Group::Momentum, |args| WarmUp::Rows(args.whole(0)), |args, inputs, outputs| {
        let (period, input, output) = (args.whole(0), inputs[0], &mut *outputs[0]);
        if blank(output, period) {
            let rises = |pair: &[f64]| f64::from(u8::from(pair[1] > pair[0]));
            let mut count: f64 = input[..period].windows(2).map(rises).sum();
            let ends = input[period - 1..].windows(2).map(rises).zip(input.windows(2).map(rises));
            for (out, (coming, going)) in output[period..].iter_mut().zip(ends) {
                count += coming;
                *out = 100.0 * count / period as f64;
                count -= going;
            }
        }
    })
    .aliases(&["psychological_line", "psy"])
    .params(&[Param::period(12, 1)])
    .says("100 (number of the last `period` bars that rose) / period", "pandas-ta psl"),
    Indicator::new("tii", "Trend intensity index", Group::Momentum, |args| WarmUp::Rows(args.whole(0) + args.whole(1)), intensity)
        .aliases(&["trend_intensity"])
        .params(&[Param::period(60, 2), Param::whole("window", 30, 1)])
        .says("100 above / (above + below), sums over `window` bars of x - sma(period) where positive and where negative; 50 where all are 0", "Pee, Stocks & Commodities, June 2002"),
    Indicator::new("rvgi", "Relative vigor index", Group::Momentum, |args| WarmUp::Rows(args.whole(0) + 6), vigor)
        .aliases(&["relative_vigor"])
        .params(&[Param::period(10, 1)])
        .inputs(&[Input::OPEN, Input::HIGH, Input::LOW, Input::CLOSE])
        .outputs(&["rvgi", "signal"])
        .says("sums over `period` bars of close - open over high - low, each weighted 1 2 2 1 over four bars; signal so weighted again; 0 where there is no range", "Ehlers, Stocks & Commodities, January 2002"),
];

fn connors(args: &Args, inputs: &[&[f64]], outputs: &mut [&mut [f64]]) {
    let (input, output) = (inputs[0], &mut *outputs[0]);
    let rank = args.whole(2);
    wilder(args.whole(0), 1, input, output, |up, down| share(up, up + down));
    let streaks = streaks(input);
    let mut of_streaks = vec![0.0; input.len()];
    wilder(args.whole(1), 1, &streaks, &mut of_streaks, |up, down| share(up, up + down));
    let first = (rank + 1).max(args.whole(0)).max(args.whole(1));
    if !blank(output, first) {
        return;
    }
    let change = |pair: &[f64]| if pair[0] == 0.0 { 0.0 } else { (pair[1] - pair[0]) / pair[0] };
    let returns: Vec<f64> = input.windows(2).map(change).collect();
    for ((out, streak), window) in output[first..]
        .iter_mut()
        .zip(&of_streaks[first..])
        .zip(returns[first - rank - 1..].windows(rank + 1))
    {
        let below = window[..rank].iter().filter(|before| **before < window[rank]).count();
        *out = (*out + streak + 100.0 * below as f64 / rank as f64) / 3.0;
    }
}

/// How many bars in a row rose, or fell (negative).
fn streaks(input: &[f64]) -> Vec<f64> {
    let mut streak = 0.0_f64;
    let next = |pair: &[f64]| {
        let step = pair[1] - pair[0];
        streak = if step == 0.0 {
            0.0
        } else if streak * step > 0.0 {
            streak + step.signum()
        } else {
            step.signum()
        };
        streak
    };
    let rest = input.windows(2).map(next);
    std::iter::once(0.0).chain(rest).take(input.len()).collect()
}

fn intensity(args: &Args, inputs: &[&[f64]], outputs: &mut [&mut [f64]]) {
    let (period, window, output) = (args.whole(0), args.whole(1), &mut *outputs[0]);
    let mut offs = vec![0.0; output.len()];
    rolling_mean(inputs[0], period, &mut offs);
    offs.iter_mut().zip(inputs[0]).for_each(|(off, value)| *off = value - *off);
    if !blank(output, period + window - 2) {
        return;
    }
    let offs = &offs[period - 1..];
    let (mut sizes, mut net) = (WindowSum::default(), 0.0);
    for off in &offs[..window - 1] {
        sizes.come(off.abs(), window);
        net += off;
    }
    for ((out, coming), going) in output[period + window - 2..].iter_mut().zip(&offs[window - 1..]).zip(offs)
    {
        sizes.come(coming.abs(), window);
        net += coming;
        *out = if sizes.sum == 0.0 { 50.0 } else { 50.0 + 50.0 * (net / sizes.sum) };
        sizes.go(going.abs());
        net -= going;
    }
}

/// (x + 2 x[1] + 2 x[2] + x[3]) / 6 of four values.
fn symmetric(four: &[f64]) -> f64 {
    (four[3] + 2.0 * four[2] + 2.0 * four[1] + four[0]) / 6.0
}

fn vigor(args: &Args, inputs: &[&[f64]], outputs: &mut [&mut [f64]]) {
    let (period, [line, signal]) = (args.whole(0), outputs) else {
        unreachable!("the entry has two outputs")
    };
    if !(blank(line, period + 2) & blank(signal, period + 5)) {
        signal.fill(f64::NAN);
    }
    if line.len() < period + 3 {
        return;
    }
    let weighted = |a: &[f64], b: &[f64]| -> Vec<f64> {
        let differences: Vec<f64> = a.iter().zip(b).map(|(a, b)| a - b).collect();
        differences.windows(4).map(symmetric).collect()
    };
    let (bodies, ranges) = (weighted(inputs[3], inputs[0]), weighted(inputs[1], inputs[2]));
    let mut body: f64 = bodies[..period - 1].iter().sum();
    let mut range = WindowSum::default();
    ranges[..period - 1].iter().for_each(|coming| range.come(*coming, period));
    let comings = bodies[period - 1..].iter().zip(&ranges[period - 1..]);
    for ((out, coming), going) in line[period + 2..].iter_mut().zip(comings).zip(bodies.iter().zip(&ranges)) {
        body += coming.0;
        range.come(*coming.1, period);
        *out = if range.sum == 0.0 { 0.0 } else { body / range.sum };
        body -= going.0;
        range.go(*going.1);
    }
    let lines = line[period + 2..].windows(4);
    signal.iter_mut().skip(period + 5).zip(lines).for_each(|(out, four)| *out = symmetric(four));
}
