use super::super::entry::{Args, Group, Indicator, Input, Param, WarmUp};
use super::super::kernels::{EMA, OWN, SMA, SeededEma, average, average_reach, blank, kind_param};

pub(super) const ENTRIES: &[Indicator] = &[
    Indicator::new("vzo", "Volume zone oscillator", Group::Momentum, |args| WarmUp::ema(args.whole(0)).plus(WarmUp::Rows(1)), |args, inputs, outputs| {
        zone(args.whole(0), inputs[0], inputs[1], outputs[0]);
    })
    .aliases(&["volume_zone"])
    .params(&[Param::period(14, 2)])
    .inputs(&[Input::SOURCE, Input::VOLUME])
    .says("100 ema of volume, negative where x did not rise, / ema of volume; 0 where there is none", "Khalil and Steckler, Stocks & Commodities, May 2011"),
    Indicator::new("pzo", "Price zone oscillator", Group::Momentum, |args| WarmUp::ema(args.whole(0)).plus(WarmUp::Rows(1)), |args, inputs, outputs| {
        zone(args.whole(0), inputs[0], inputs[0], outputs[0]);
    })
    .aliases(&["price_zone"])
    .params(&[Param::period(14, 2)])
    .says("100 ema of x, negative where it did not rise, / ema of x; 0 where that is 0", "Khalil and Steckler, Stocks & Commodities, June 2011"),
    Indicator::new("disparity", "Disparity index", Group::Momentum, |args| average_reach(kind(args, EMA), args.whole(0)), |args, inputs, outputs| {
        off(args.whole(0), kind(args, EMA), 100.0, inputs[0], outputs[0]);
    })
    .aliases(&["disparity_index"])
    .params(&[Param::period(14, 1), kind_param("kind", EMA)])
    .says("100 (x - average) / average; 0 where that is 0", "Nison, Beyond Candlesticks, 1994"),
    Indicator::new("bias", "Bias from the average", Group::Momentum, |args| average_reach(kind(args, SMA), args.whole(0)), |args, inputs, outputs| {
        off(args.whole(0), kind(args, SMA), 1.0, inputs[0], outputs[0]);
    })
    .params(&[Param::period(26, 1), kind_param("kind", SMA)])
    .says("(x - average) / average; 0 where that is 0", "pandas-ta bias"),
    Indicator::new("momentum_z", "Momentum in standard deviations", Group::Momentum, |args| WarmUp::Rows(args.whole(0) + args.whole(1)), standard)
        .aliases(&["mom_z", "momentum_zscore"])
        .params(&[Param::period(10, 1), Param::whole("window", 60, 2)])
        .says("(m - mean of m) / standard deviation of m over `window` bars (divided by window), m = x - x[period]; 0 where nothing deviates", "the z-score of statistics on TA-Lib's MOM"),
];

fn kind(args: &Args, default: usize) -> usize {
    if args.whole(1) == OWN { default } else { args.whole(1) }
}

fn zone(period: usize, source: &[f64], size: &[f64], output: &mut [f64]) {
    if !blank(output, 1) {
        return;
    }
    for ((out, pair), size) in output[1..].iter_mut().zip(source.windows(2)).zip(&size[1..]) {
        *out = if pair[1] > pair[0] { *size } else { -size };
    }
    let mut sizes = size[1..].to_vec();
    let skipped = SeededEma::new(period).run_over(&mut output[1..]);
    SeededEma::new(period).run_over(&mut sizes);
    for (out, size) in output[1 + skipped..].iter_mut().zip(&sizes[skipped..]) {
        *out = if *size == 0.0 { 0.0 } else { 100.0 * (*out / size) };
    }
}

fn off(period: usize, kind: usize, scale: f64, input: &[f64], output: &mut [f64]) {
    average(kind, input, period, output);
    for (out, value) in output.iter_mut().zip(input) {
        *out = if *out == 0.0 { 0.0 } else { scale * ((value - *out) / *out) };
    }
}

fn standard(args: &Args, inputs: &[&[f64]], outputs: &mut [&mut [f64]]) {
    let (back, window, output) = (args.whole(0), args.whole(1), &mut *outputs[0]);
    if !blank(output, back + window - 1) {
        return;
    }
    let moves: Vec<f64> = inputs[0][back..].iter().zip(inputs[0]).map(|(now, then)| now - then).collect();
    for (out, moves) in output[back + window - 1..].iter_mut().zip(moves.windows(window)) {
        let mean = moves.iter().sum::<f64>() / window as f64;
        let variance = moves.iter().map(|m| (m - mean) * (m - mean)).sum::<f64>() / window as f64;
        let level = variance.sqrt() <= 1e-13 * mean.abs();
        *out = if level { 0.0 } else { (moves[window - 1] - mean) / variance.sqrt() };
    }
}
