use super::super::entry::{Args, Group, Indicator, Kernel, Param, Values, WarmUp};
use super::super::kernels::{
    EMA, SuperSmoother, average, average_reach, blank, ema, ema_chain, ema_from, ema_weight, weighted_sum,
    wma,
};

/// A number of bars of which every one has a weight of its own in every row.
const fn period(default: f64) -> Param {
    Param { name: "period", values: Values::Whole(1.0, 5_000.0), default, like: None }
}

const fn window(name: &'static str, title: &'static str, kernel: Kernel) -> Indicator {
    Indicator::new(name, title, Group::Trend, |args| WarmUp::Rows(args.whole(0) - 1), kernel).overlay()
}

pub(super) const ENTRIES: &[Indicator] = &[
    window("alma", "Arnaud Legoux moving average", |args, inputs, outputs| {
        let parts = args.real(0);
        let (middle, width) = (args.real(1) * (parts - 1.0), parts / args.real(2));
        weights(args, inputs, outputs, |n| (-(n - middle) * (n - middle) / (2.0 * width * width)).exp());
    })
    .params(&[period(9.0), Param::real("offset", 0.85, 0.0, 1.0), Param::real("sigma", 6.0, 0.01, 1e6)])
    .says(
        "weights exp(-(i - m)^2 / (2 s^2)), i from the oldest, m = offset (period - 1), s = period / sigma",
        "Legoux and Kouzis Loukas 2009; TradingView ta.alma, Stock.Indicators GetAlma",
    ),
    window("sinwma", "Sine-weighted moving average", |args, inputs, outputs| {
        let parts = args.real(0) + 1.0;
        weights(args, inputs, outputs, |n| (std::f64::consts::PI * (n + 1.0) / parts).sin());
    })
    .aliases(&["sine_wma"])
    .params(&[period(14.0)])
    .says("weights sin(pi i / (period + 1)), i from 1 to period", "pandas-ta sinwma"),
    window("pwma", "Pascal-weighted moving average", |args, inputs, outputs| {
        let last = args.real(0) - 1.0;
        // In logarithms: the middle of a long row of the triangle is beyond any number.
        let mut log = 0.0;
        weights(args, inputs, outputs, |n| {
            if n > 0.0 {
                log += (last + 1.0 - n).ln() - n.ln();
            }
            (log - last * std::f64::consts::LN_2).exp()
        });
    })
    .aliases(&["pascal_wma"])
    .params(&[period(10.0)])
    .says("weights of a row of Pascal's triangle", "pandas-ta pwma"),
    window("fwma", "Fibonacci-weighted moving average", |args, inputs, outputs| {
        // Powers of the golden ratio for the newest values: numbers of Fibonacci soon are beyond any number.
        let (golden, last) = (0.5 + 0.5 * 5.0_f64.sqrt(), args.real(0) - 1.0);
        weights(args, inputs, outputs, |n| golden.powf(n - last) - (-golden).powi(-(n as i32) - 1) * golden.powf(-last - 1.0));
    })
    .aliases(&["fibonacci_wma"])
    .params(&[period(10.0)])
    .says("weights of Fibonacci's numbers 1, 1, 2, 3 ..., the newest value has the largest", "pandas-ta fwma"),
    Indicator::new("ehma", "Exponential Hull moving average", Group::Trend, |args| {
        WarmUp::ema(args.whole(0)).plus(WarmUp::ema(root(args)))
    }, exponential_hull)
    .params(&[Param::period(20, 2)])
    .overlay()
    .says("ema(2 ema(x, period / 2) - ema(x, period), sqrt(period)), the half rounded down and the root to the nearest", "InSilico, Hull Suite, TradingView"),
    Indicator::new("thma", "Triple Hull moving average", Group::Trend, |args| WarmUp::Rows(2 * args.whole(0)), triple_hull)
        .aliases(&["hma3"])
        .params(&[Param::period(21, 3)])
        .overlay()
        .says("wma(3 wma(x, period / 3) - wma(x, period / 2) - wma(x, period), period), parts rounded down", "InSilico, Hull Suite, TradingView"),
    Indicator::new("gd", "Generalised double exponential moving average", Group::Trend, |args| average_reach(DEMA, args.whole(0)), |args, inputs, outputs| {
        let volume = args.real(1);
        ema_chain::<2, 0>(inputs[0], args.whole(0), [1.0 + volume, -volume], outputs[0]);
    })
    .params(&[Param::period(5, 2), Param::real("volume", 0.7, 0.0, 1.0)])
    .overlay()
    .says("(1 + volume) ema - volume ema(ema)", "Tillson, Stocks & Commodities, January 1998"),
    Indicator::new("super_smoother", "Ehlers' super smoother", Group::Trend, |args| {
        WarmUp::decay(SuperSmoother::kept(args.real(0))).plus(WarmUp::Rows(2))
    }, |args, inputs, outputs| {
        let Some(first) = inputs[0].first() else { return };
        let mut smoother = SuperSmoother::new(args.real(0), *first);
        outputs[0].iter_mut().zip(inputs[0]).for_each(|(out, value)| *out = smoother.step(*value));
    })
    .aliases(&["ssf", "supersmoother", "ehlers_super_smoother"])
    .params(&[Param::real("period", 10.0, 2.0, 10_000.0)])
    .overlay()
    .says(
        "a (x + x[1]) / 2 + b s[1] + c s[2], b = 2 exp(-r) cos(r), c = -exp(-2 r), a = 1 - b - c, r = sqrt(2) pi / period",
        "Ehlers, Cycle Analytics for Traders, 2013",
    ),
    Indicator::new("gmma", "Guppy's multiple moving averages", Group::Trend, |_| WarmUp::ema(60), |_, inputs, outputs| {
        GUPPY.iter().zip(outputs).for_each(|(period, output)| ema(inputs[0], *period, output));
    })
    .aliases(&["guppy"])
    .outputs(&["e3", "e5", "e8", "e10", "e12", "e15", "e30", "e35", "e40", "e45", "e50", "e60"])
    .overlay()
    .says("ema of 3, 5, 8, 10, 12, 15 (traders) and 30, 35, 40, 45, 50, 60 bars (investors)", "Guppy, Trend Trading, 2004"),
    Indicator::new("dwma", "Double weighted moving average", Group::Trend, |args| WarmUp::Rows(2 * (args.whole(0) - 1)), |args, inputs, outputs| {
        let (period, rows) = (args.whole(0), inputs[0].len());
        let mut once = vec![0.0; rows];
        wma(inputs[0], period, &mut once);
        let first = (period - 1).min(rows);
        blank(outputs[0], first);
        wma(&once[first..], period, &mut outputs[0][first..]);
    })
    .params(&[Param::period(10, 2)])
    .overlay()
    .says("wma(wma(x, period), period)", "as dema's inner average, of weighted ones"),
];

/// Place in the list of kinds.
const DEMA: usize = 3;
const GUPPY: [usize; 12] = [3, 5, 8, 10, 12, 15, 30, 35, 40, 45, 50, 60];

/// Weights by place, the oldest is 0, made to sum to one.
fn weights(args: &Args, inputs: &[&[f64]], outputs: &mut [&mut [f64]], weight: impl FnMut(f64) -> f64) {
    let mut weights: Vec<f64> = (0..args.whole(0)).map(|n| n as f64).map(weight).collect();
    let sum: f64 = weights.iter().sum();
    weights.iter_mut().for_each(|weight| *weight /= sum);
    weighted_sum(inputs[0], &weights, outputs[0]);
}

fn root(args: &Args) -> usize {
    args.real(0).sqrt().round() as usize
}

fn exponential_hull(args: &Args, inputs: &[&[f64]], outputs: &mut [&mut [f64]]) {
    let (period, rows) = (args.whole(0), inputs[0].len());
    let (mut fast, mut slow) = (vec![0.0; rows], vec![0.0; rows]);
    average(EMA, inputs[0], period / 2, &mut fast);
    average(EMA, inputs[0], period, &mut slow);
    fast.iter_mut().zip(&slow).for_each(|(fast, slow)| *fast += *fast - slow);
    let first = (period - 1).min(rows);
    blank(outputs[0], first);
    let smooth = root(args).max(1);
    ema_from(&fast[first..], smooth, smooth - 1, ema_weight(smooth), &mut outputs[0][first..]);
}

fn triple_hull(args: &Args, inputs: &[&[f64]], outputs: &mut [&mut [f64]]) {
    let (period, rows) = (args.whole(0), inputs[0].len());
    let [mut fast, mut half, mut slow] = [(); 3].map(|()| vec![0.0; rows]);
    wma(inputs[0], period / 3, &mut fast);
    wma(inputs[0], period / 2, &mut half);
    wma(inputs[0], period, &mut slow);
    for (fast, (half, slow)) in fast.iter_mut().zip(half.iter().zip(&slow)) {
        *fast = *fast + (*fast - half) + (*fast - slow);
    }
    let first = (period - 1).min(rows);
    blank(outputs[0], first);
    wma(&fast[first..], period, &mut outputs[0][first..]);
}
