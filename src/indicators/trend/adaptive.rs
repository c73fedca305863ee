use super::super::entry::{Args, Group, Indicator, Input, Param, WarmUp};
use super::super::kernels::{WindowSum, blank, ema_weight, highest, lowest, window_pair};

pub(super) const ENTRIES: &[Indicator] = &[
    Indicator::new("vidya", "Variable index dynamic average", Group::Trend, |_| WarmUp::History, variable)
        .aliases(&["vma"])
        .params(&[Param::period(14, 1), Param::whole("momentum", 9, 1)])
        .overlay()
        .says(
            "v += 2 / (period + 1) |cmo| (x - v), cmo = sum of the last `momentum` changes over the sum of their sizes; begun with the \
             value before the first of these",
            "Chande and Kroll, The New Technical Trader, 1994",
        ),
    Indicator::new("frama", "Fractal adaptive moving average", Group::Trend, |args| {
        WarmUp::decay(1.0 - LEAST).plus(WarmUp::Rows(args.whole(0)))
    }, fractal)
        .params(&[Param::period(16, 2)])
        .inputs(&[Input::HIGH, Input::LOW])
        .overlay()
        .says(
            "f += a (m - f), m = (high + low) / 2, a = exp(-4.6 (D - 1)) between 0.01 and 1, D = log2((n1 + n2) / n3): ranges of the newer \
             half of `period` bars and of the older one, each per bar, and of both, per bar",
            "Ehlers, FRAMA, Stocks & Commodities, October 2005",
        ),
    Indicator::new("mcginley", "McGinley dynamic", Group::Trend, |args| {
        // Where prices are up to 1.4 times the line, what is left of the past is forgotten a quarter as fast.
        WarmUp::decay(1.0 - (0.25 / (args.real(0) * args.real(1))).min(0.9))
    }, dynamic)
        .aliases(&["mcgd", "mcginley_dynamic"])
        .params(&[Param::period(14, 1), Param::real("k", 1.0, 0.01, 100.0)])
        .overlay()
        .says(
            "m += (x - m) / (k period (x / m)^4), at most the whole of x - m; begun with the first value",
            "McGinley, 1990 (k = 0.6); TradingView McGinley Dynamic (k = 1)",
        ),
    Indicator::new("evwma", "Elastic volume-weighted moving average", Group::Trend, |args| {
        // Volumes of a window are no equal parts of it.
        WarmUp::wilder(4 * args.whole(0))
    }, elastic)
        .params(&[Param::period(10, 1)])
        .inputs(&[Input::SOURCE, Input::VOLUME])
        .overlay()
        .says(
            "e += volume / (sum of volume of the last `period` bars) (x - e), begun with x at the first full window",
            "Fries, Stocks & Commodities, June 2001; R package TTR, EVWMA",
        ),
];

/// Least weight of the fractal average.
const LEAST: f64 = 0.01;

fn variable(args: &Args, inputs: &[&[f64]], outputs: &mut [&mut [f64]]) {
    let (input, momentum, output) = (inputs[0], args.whole(1), &mut *outputs[0]);
    if !blank(output, momentum) {
        return;
    }
    let steps = input.windows(2).map(|pair| pair[1] - pair[0]).map(|step| (step, step.abs()));
    let share = |sum: f64, sizes: f64| if sizes == 0.0 { 0.0 } else { (sum / sizes).abs().min(1.0) };
    window_pair(steps, momentum, &mut output[1..], share);
    output[0] = f64::NAN;
    let (weight, mut mean) = (ema_weight(args.whole(0)), input[momentum - 1]);
    for (out, value) in output[momentum..].iter_mut().zip(&input[momentum..]) {
        mean += weight * *out * (value - mean);
        *out = mean;
    }
}

fn fractal(args: &Args, inputs: &[&[f64]], outputs: &mut [&mut [f64]]) {
    let (high, low, half, output) = (inputs[0], inputs[1], args.whole(0) / 2, &mut *outputs[0]);
    let first = 2 * half - 1;
    if !blank(output, first) {
        return;
    }
    let (mut tops, mut bottoms) = (vec![0.0; high.len()], vec![0.0; low.len()]);
    highest(high, half, &mut tops);
    lowest(low, half, &mut bottoms);
    let price = |row: usize| (high[row] + low[row]) / 2.0;
    let (mut line, mut weight) = (price(first), 1.0);
    output[first] = line;
    for row in first + 1..high.len() {
        let before = row - half;
        let (late, early) = (tops[row] - bottoms[row], tops[before] - bottoms[before]);
        let both = tops[row].max(tops[before]) - bottoms[row].min(bottoms[before]);
        if late > 0.0 && early > 0.0 {
            // Each is over its bars, and both have twice as many.
            let dimension = (2.0 * (late + early) / both).log2();
            weight = (-4.6 * (dimension - 1.0)).exp().clamp(LEAST, 1.0);
        }
        line += weight * (price(row) - line);
        output[row] = line;
    }
}

fn dynamic(args: &Args, inputs: &[&[f64]], outputs: &mut [&mut [f64]]) {
    let Some(first) = inputs[0].first() else { return };
    let (mut line, slowness) = (*first, args.real(0) * args.real(1));
    for (out, value) in outputs[0].iter_mut().zip(inputs[0]) {
        let ratio = value / line;
        let squared = ratio * ratio;
        // A price far below the line would throw it beyond the price, and a line at zero would never leave it.
        let weight = if line == 0.0 { 1.0 } else { (1.0 / (slowness * squared * squared)).min(1.0) };
        line += weight * (value - line);
        *out = line;
    }
}

fn elastic(args: &Args, inputs: &[&[f64]], outputs: &mut [&mut [f64]]) {
    let (prices, volumes, period, output) = (inputs[0], inputs[1], args.whole(0), &mut *outputs[0]);
    if !blank(output, period - 1) {
        return;
    }
    let mut sum = WindowSum::default();
    volumes[..period - 1].iter().for_each(|volume| sum.come(*volume, period));
    let mut line = prices[period - 1];
    let rows = prices[period - 1..].iter().zip(&volumes[period - 1..]).zip(volumes);
    for (out, ((price, volume), going)) in output[period - 1..].iter_mut().zip(rows) {
        sum.come(*volume, period);
        if sum.sum > 0.0 {
            line += volume / sum.sum * (price - line);
        }
        *out = line;
        sum.go(*going);
    }
}
