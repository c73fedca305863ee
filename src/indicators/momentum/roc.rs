use super::super::entry::{Args, Group, Indicator, Param, WarmUp};
use super::super::kernels::{blank, rolling_mean, wma};

pub(super) const ENTRIES: &[Indicator] = &[
    change("mom", "Momentum", |args, inputs, outputs| {
        pairs(args.whole(0), inputs[0], outputs[0], |now, then| now - then)
    })
    .aliases(&["momentum"])
    .says("x - x[period]", "TA-Lib MOM"),
    change("roc", "Rate of change", |args, inputs, outputs| {
        pairs(args.whole(0), inputs[0], outputs[0], |now, then| ratio(100.0 * (now - then), then));
    })
    .aliases(&["rate_of_change"])
    .says("100 (x / x[period] - 1); 0 where x[period] is 0", "TA-Lib ROC"),
    change("rocp", "Rate of change as a share", |args, inputs, outputs| {
        pairs(args.whole(0), inputs[0], outputs[0], |now, then| ratio(now - then, then));
    })
    .says("(x - x[period]) / x[period]; 0 where x[period] is 0", "TA-Lib ROCP"),
    change("rocr", "Rate of change as a ratio", |args, inputs, outputs| {
        pairs(args.whole(0), inputs[0], outputs[0], ratio);
    })
    .says("x / x[period]; 0 where x[period] is 0", "TA-Lib ROCR"),
    change("rocr100", "Rate of change as a ratio in percent", |args, inputs, outputs| {
        pairs(args.whole(0), inputs[0], outputs[0], |now, then| 100.0 * ratio(now, then));
    })
    .says("100 x / x[period]; 0 where x[period] is 0", "TA-Lib ROCR100"),
    Indicator::new(
        "coppock",
        "Coppock curve",
        Group::Momentum,
        |args| WarmUp::Rows(args.whole(0) + args.whole(1).max(args.whole(2))),
        coppock,
    )
    .params(&[Param::whole("period", 10, 1), Param::whole("roc1", 11, 1), Param::whole("roc2", 14, 1)])
    .says("wma(roc(roc1) + roc(roc2), period)", "Coppock, Barron's, 15 October 1962; TA-Lib COPPOCK"),
    Indicator::new(
        "dpo",
        "Detrended price oscillator",
        Group::Momentum,
        |args| WarmUp::Rows(args.whole(0) + 1),
        detrended,
    )
    .aliases(&["detrended_price"])
    .params(&[Param::period(20, 2)])
    .says("x[period / 2 + 1] - sma(period), the half rounded down", "TA-Lib DPO"),
];

const fn change(name: &'static str, title: &'static str, kernel: super::super::entry::Kernel) -> Indicator {
    Indicator::new(name, title, Group::Momentum, |args| WarmUp::Rows(args.whole(0)), kernel).params(BARS)
}

const BARS: &[Param] = &[Param::period(10, 1)];

#[inline(always)]
fn ratio(part: f64, whole: f64) -> f64 {
    if whole == 0.0 { 0.0 } else { part / whole }
}

#[inline(always)]
fn pairs(period: usize, input: &[f64], output: &mut [f64], of: impl Fn(f64, f64) -> f64) {
    if blank(output, period) {
        for ((out, now), then) in output[period..].iter_mut().zip(&input[period..]).zip(input) {
            *out = of(*now, *then);
        }
    }
}

fn coppock(args: &Args, inputs: &[&[f64]], outputs: &mut [&mut [f64]]) {
    let (period, a, b) = (args.whole(0), args.whole(1), args.whole(2));
    let (input, output) = (inputs[0], &mut *outputs[0]);
    let first = a.max(b);
    if !blank(output, first) {
        return;
    }
    let rate = |now: f64, then: f64| ratio(100.0 * (now - then), then);
    let then = input[first - a..].iter().zip(&input[first - b..]);
    let rates: Vec<f64> =
        input[first..].iter().zip(then).map(|(now, (a, b))| rate(*now, *a) + rate(*now, *b)).collect();
    wma(&rates, period, &mut output[first..]);
}

fn detrended(args: &Args, inputs: &[&[f64]], outputs: &mut [&mut [f64]]) {
    let (period, input, output) = (args.whole(0), inputs[0], &mut *outputs[0]);
    rolling_mean(input, period, output);
    let back = period / 2 + 1;
    // The mean begins later than the value that is compared with it, but for the shortest periods.
    let first = back.max(period - 1);
    if blank(output, first) {
        for (out, then) in output[first..].iter_mut().zip(&input[first - back..]) {
            *out = then - *out;
        }
    }
}
