use super::super::entry::{Args, Group, Indicator, Param, WarmUp};
use super::super::kernels::{SeededEma, blank, rolling_mean};

pub(super) const ENTRIES: &[Indicator] = &[
    Indicator::new("kst", "Know sure thing", Group::Momentum, |args| {
        let one = |n: usize| args.whole(n) + args.whole(n + 4);
        WarmUp::Rows((0..4).map(one).max().unwrap_or(0) + args.whole(8))
    }, |args, inputs, outputs| {
        let [kst, signal] = outputs else { unreachable!("the entry has two outputs") };
        let four = [0, 1, 2, 3].map(|n| (args.whole(n), args.whole(n + 4), (n + 1) as f64));
        let first = sum_of(&four, inputs[0], kst).min(kst.len());
        blank(signal, first);
        rolling_mean(&kst[first..], args.whole(8), &mut signal[first..]);
    })
    .aliases(&["know_sure_thing"])
    .params(&[
        Param::whole("roc1", 10, 1), Param::whole("roc2", 15, 1), Param::whole("roc3", 20, 1), Param::whole("roc4", 30, 1),
        Param::whole("sma1", 10, 1), Param::whole("sma2", 10, 1), Param::whole("sma3", 10, 1), Param::whole("sma4", 15, 1),
        Param::whole("signal", 9, 1),
    ])
    .outputs(&["kst", "signal"])
    .says("1, 2, 3 and 4 times the sma of roc of growing periods, added; signal = sma of it", "Pring, Stocks & Commodities, September 1992"),
    Indicator::new("special_k", "Pring's special K", Group::Momentum, |args| WarmUp::Rows(530 + 195 + args.whole(0)), |args, inputs, outputs| {
        let [line, signal] = outputs else { unreachable!("the entry has two outputs") };
        let first = sum_of(SPECIAL, inputs[0], line).min(line.len());
        blank(signal, first);
        rolling_mean(&line[first..], args.whole(0), &mut signal[first..]);
    })
    .aliases(&["pring_special_k", "specialk"])
    .params(&[Param::whole("signal", 100, 1)])
    .outputs(&["special_k", "signal"])
    .says("1, 2, 3 and 4 times the sma of roc, in three ranges of periods from roc 10 to roc 530, added; signal = sma of it", "Pring, Stocks & Commodities, December 2008"),
    Indicator::new("pmo", "Price momentum oscillator", Group::Momentum, |args| {
        let decay = |n: usize| WarmUp::decay(1.0 - 2.0 / args.real(n)).plus(WarmUp::Rows(args.whole(n)));
        decay(0).plus(decay(1)).plus(WarmUp::ema(args.whole(2))).plus(WarmUp::Rows(1))
    }, price_momentum)
    .aliases(&["price_momentum"])
    .params(&[Param::whole("first", 35, 2), Param::whole("second", 20, 2), Param::whole("signal", 10, 1)])
    .outputs(&["pmo", "signal"])
    .says("roc(1) averaged with weight 2 / first, ten times that with weight 2 / second, each begun with a mean; signal = ema of it", "Swenlin, DecisionPoint"),
];

/// Period of roc, of its average, weight.
type Rate = (usize, usize, f64);

const SPECIAL: &[Rate] = &[
    (10, 10, 1.0),
    (15, 10, 2.0),
    (20, 10, 3.0),
    (30, 15, 4.0),
    (40, 50, 1.0),
    (65, 65, 2.0),
    (75, 75, 3.0),
    (100, 100, 4.0),
    (195, 130, 1.0),
    (265, 130, 2.0),
    (390, 130, 3.0),
    (530, 195, 4.0),
];

fn rate(now: f64, then: f64) -> f64 {
    if then == 0.0 { 0.0 } else { 100.0 * (now - then) / then }
}

/// The weighted sum of averages of rates of change; the row of its first value.
fn sum_of(rates: &[Rate], input: &[f64], output: &mut [f64]) -> usize {
    let first = rates.iter().map(|(back, period, _)| back + period - 1).max().unwrap_or(0);
    output.fill(0.0);
    if !blank(output, first) {
        return first;
    }
    let mut means = vec![0.0; input.len()];
    for (back, period, weight) in rates {
        let changes: Vec<f64> =
            input[*back..].iter().zip(input).map(|(now, then)| rate(*now, *then)).collect();
        rolling_mean(&changes, *period, &mut means[*back..]);
        output[first..].iter_mut().zip(&means[first..]).for_each(|(out, mean)| *out += weight * mean);
    }
    first
}

fn price_momentum(args: &Args, inputs: &[&[f64]], outputs: &mut [&mut [f64]]) {
    let [line, signal] = outputs else { unreachable!("the entry has two outputs") };
    if !(blank(line, 1) & blank(signal, 1)) {
        return;
    }
    for (out, pair) in line[1..].iter_mut().zip(inputs[0].windows(2)) {
        // Ten times the first average: the averages are linear, so it may as well be ten times its input.
        *out = 10.0 * rate(pair[1], pair[0]);
    }
    let mut first = 1;
    for n in [0, 1] {
        let mut average = SeededEma::weighted(args.whole(n), 2.0 / args.real(n));
        first += average.run_over(&mut line[first..]);
    }
    signal.copy_from_slice(line);
    SeededEma::new(args.whole(2)).run_over(&mut signal[first..]);
}
