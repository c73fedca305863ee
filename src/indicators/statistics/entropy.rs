//! How much disorder is in a window.

use super::super::entry::{Args, Group, Indicator, Param, WarmUp};
use super::super::kernels::{blank, highest, log_returns, lowest};

fn changes(args: &Args) -> WarmUp {
    WarmUp::Rows(args.whole(0))
}

pub(super) const ENTRIES: &[Indicator] = &[
    Indicator::new("entropy", "Shannon entropy of returns", Group::Statistics, changes, shannon)
        .aliases(&["shannon_entropy"])
        .params(&[Param::period(64, 2), Param::whole("bins", 8, 2)])
        .says(
            "-sum of p log2 p in bits, p the shares of the last `period` one-bar logarithmic returns that fall into `bins` \
             equal parts of their range; 0 where nothing deviates",
            "Shannon, Bell System Technical Journal, 1948",
        ),
    Indicator::new(
        "price_entropy",
        "Entropy of prices",
        Group::Statistics,
        |args| WarmUp::Rows(2 * args.whole(0) - 2),
        of_prices,
    )
    .params(&[Param::period(10, 2), Param::real("base", 2.0, 1.1, 100.0)])
    .says(
        "sum over the last `period` bars of -p log(p) to `base`, p = x / sum of x over the `period` bars up to its own; of \
         positive values",
        "pandas-ta entropy",
    ),
    Indicator::new(
        "permutation_entropy",
        "Permutation entropy",
        Group::Statistics,
        |args| WarmUp::Rows(args.whole(0) + args.whole(1) - 2),
        permutation,
    )
    .params(&[
        Param::period(100, 2),
        Param { values: super::super::entry::Values::Whole(2.0, 6.0), ..Param::whole("order", 3, 2) },
    ])
    .says(
        "-sum of p log2 p / log2(order!), p the shares of the orders of size in which `order` values in a row stand, equals \
         in order of time, over the last `period` of them: 1 for noise, 0 for a straight rise",
        "Bandt and Pompe, Physical Review Letters, 2002",
    ),
];

/// Bins of one window; what a count adds to the entropy is looked up.
struct Counts {
    counts: Vec<u32>,
    /// c log2 c.
    weights: Vec<f64>,
}

impl Counts {
    fn new(bins: usize, period: usize) -> Counts {
        let weight = |count: usize| if count == 0 { 0.0 } else { count as f64 * (count as f64).log2() };
        Counts { counts: vec![0; bins], weights: (0..=period).map(weight).collect() }
    }

    /// -sum of p log2 p = log2 n - sum of c log2 c / n.
    fn entropy(&self) -> f64 {
        let period = self.weights.len() - 1;
        let sum: f64 = self.counts.iter().map(|count| self.weights[*count as usize]).sum();
        (self.weights[period] - sum) / period as f64
    }
}

fn shannon(args: &Args, inputs: &[&[f64]], outputs: &mut [&mut [f64]]) {
    let (period, bins, output) = (args.whole(0), args.whole(1), &mut *outputs[0]);
    if !blank(output, period) {
        return;
    }
    let returns = log_returns(inputs[0]);
    let (mut tops, mut bottoms) = (vec![0.0; returns.len()], vec![0.0; returns.len()]);
    highest(&returns, period, &mut tops);
    lowest(&returns, period, &mut bottoms);
    let mut counts = Counts::new(bins, period);
    let ranges = tops[period - 1..].iter().zip(&bottoms[period - 1..]);
    for ((out, window), (top, bottom)) in output[period..].iter_mut().zip(returns.windows(period)).zip(ranges)
    {
        let scale = bins as f64 / (top - bottom);
        counts.counts.fill(0);
        for value in window {
            let bin = ((value - bottom) * scale) as usize;
            counts.counts[bin.min(bins - 1)] += 1;
        }
        *out = if top > bottom { counts.entropy() } else { 0.0 };
    }
}

fn of_prices(args: &Args, inputs: &[&[f64]], outputs: &mut [&mut [f64]]) {
    let (period, base, output) = (args.whole(0), args.real(1).ln(), &mut *outputs[0]);
    if !blank(output, 2 * period - 2) {
        return;
    }
    let mut parts = vec![0.0; inputs[0].len()];
    super::super::kernels::rolling_sum(inputs[0], period, &mut parts);
    for (part, value) in parts[period - 1..].iter_mut().zip(&inputs[0][period - 1..]) {
        let share = value / *part;
        *part = if share > 0.0 { -share * share.ln() / base } else { 0.0 };
    }
    super::super::kernels::rolling_sum(&parts[period - 1..], period, &mut output[period - 1..]);
}

fn permutation(args: &Args, inputs: &[&[f64]], outputs: &mut [&mut [f64]]) {
    let (period, order, output) = (args.whole(0), args.whole(1), &mut *outputs[0]);
    let first = period + order - 2;
    if !blank(output, first) {
        return;
    }
    let kinds: usize = (1..=order).product();
    let places: Vec<usize> = inputs[0].windows(order).map(order_of).collect();
    let mut counts = Counts::new(kinds, period);
    places[..period - 1].iter().for_each(|place| counts.counts[*place] += 1);
    let share = 1.0 / (kinds as f64).log2();
    for ((out, comes), goes) in output[first..].iter_mut().zip(&places[period - 1..]).zip(&places) {
        counts.counts[*comes] += 1;
        *out = counts.entropy() * share;
        counts.counts[*goes] -= 1;
    }
}

/// The number of an order of sizes, after Lehmer: of each value, how many later ones are smaller.
fn order_of(values: &[f64]) -> usize {
    values.iter().enumerate().fold(0, |number, (place, value)| {
        let later = &values[place + 1..];
        number * (later.len() + 1) + later.iter().filter(|other| *other < value).count()
    })
}
