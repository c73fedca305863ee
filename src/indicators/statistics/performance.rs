//! What was earned for what was risked, from one-bar returns.

use super::super::entry::{Args, Group, Indicator, Kernel, Param, WarmUp};
use super::super::kernels::{Sorted, WindowSum, blank, log_returns, returns, squares};

/// Windows of changes begin one bar before the first change.
fn changes(args: &Args) -> WarmUp {
    WarmUp::Rows(args.whole(0))
}

const fn of(name: &'static str, title: &'static str, kernel: Kernel) -> Indicator {
    Indicator::new(name, title, Group::Statistics, changes, kernel)
}

const QUARTER: Param = Param::period(63, 2);
const FREE: Param = Param::real("free", 0.0, -1.0, 1.0);
const YEAR: Param = Param::real("bars_a_year", 252.0, 1.0, 1e6);
const SHARE: Param = Param::real("share", 0.05, 0.0, 0.5);

pub(super) const ENTRIES: &[Indicator] = &[
    of("sharpe", "Sharpe ratio", |args, inputs, outputs| {
        let (free, year) = (args.real(1), args.real(2).sqrt());
        moments(args.whole(0), returns, 1, inputs[0], outputs[0], |mean, square| {
            if square > 0.0 { (mean - free) / square.sqrt() * year } else { f64::NAN }
        });
    })
    .aliases(&["sharpe_ratio"])
    .params(&[QUARTER, FREE, YEAR])
    .says(
        "(mean - free) / standard deviation (n - 1) of the last `period` one-bar returns x sqrt(bars_a_year), `free` the \
         riskless return of a bar; nothing where nothing deviates",
        "Sharpe, Journal of Portfolio Management, 1994",
    ),
    of("sortino", "Sortino ratio", sortino)
        .aliases(&["sortino_ratio"])
        .params(&[QUARTER, FREE, YEAR])
        .says(
            "(mean - free) / sqrt(mean of min(r - free, 0)^2) of the last `period` one-bar returns r, x sqrt(bars_a_year); \
             nothing where none was below",
            "Sortino and Price, Journal of Investing, 1994",
        ),
    of("downside_deviation", "Downside deviation", |args, inputs, outputs| {
        let (period, free, year) = (args.whole(0), args.real(1), args.real(2).sqrt());
        let below = |r: f64| if r < free { (r - free) * (r - free) } else { 0.0 };
        sums_of(period, inputs[0], outputs[0], |r| [below(r), 0.0], |[below, _]| {
            (below / period as f64).max(0.0).sqrt() * year
        });
    })
    .params(&[QUARTER, FREE, YEAR])
    .says(
        "sqrt(mean of min(r - free, 0)^2) of the last `period` one-bar returns r, x sqrt(bars_a_year)",
        "Sortino and Price, Journal of Investing, 1994",
    ),
    of("omega", "Omega ratio", |args, inputs, outputs| {
        let free = args.real(1);
        sums_of(args.whole(0), inputs[0], outputs[0], |r| sides(r - free), |[up, down]| {
            if down > 0.0 { up / down } else { f64::NAN }
        });
    })
    .aliases(&["omega_ratio", "profit_factor"])
    .params(&[QUARTER, FREE])
    .says(
        "sum of what the last `period` one-bar returns are above `free` / sum of what they are below; nothing where none \
         was below",
        "Keating and Shadwick, A Universal Performance Measure, 2002",
    ),
    of("gain_to_pain", "Gain to pain", |args, inputs, outputs| {
        sums_of(args.whole(0), inputs[0], outputs[0], sides, |[up, down]| {
            if down > 0.0 { (up - down) / down } else { f64::NAN }
        });
    })
    .params(&[QUARTER])
    .says(
        "sum of the last `period` one-bar returns / sum of the sizes of the negative ones; nothing where none was",
        "Schwager, Hedge Fund Market Wizards, 2012",
    ),
    of("win_rate", "Share of winning bars", |args, inputs, outputs| {
        let share = 1.0 / args.whole(0) as f64;
        let won = |r: f64| [f64::from(u8::from(r > 0.0)), 0.0];
        sums_of(args.whole(0), inputs[0], outputs[0], won, |[won, _]| won * share);
    })
    .params(&[QUARTER])
    .says("share of the last `period` one-bar returns that are positive, 0 to 1", "a relative frequency"),
    of("kelly", "Kelly fraction", |args, inputs, outputs| {
        let free = args.real(1);
        moments(args.whole(0), returns, 0, inputs[0], outputs[0], |mean, square| {
            if square > 0.0 { (mean - free) / square } else { f64::NAN }
        });
    })
    .params(&[QUARTER, FREE])
    .says(
        "(mean - free) / variance of the last `period` one-bar returns; nothing where nothing deviates",
        "Thorp, The Kelly Criterion in Blackjack, Sports Betting and the Stock Market, 1997, continuous approximation",
    ),
    of("drift", "Drift", |args, inputs, outputs| {
        let year = args.real(1);
        moments(args.whole(0), log_returns, 1, inputs[0], outputs[0], |mean, square| {
            (mean + square / 2.0) * year
        });
    })
    .params(&[Param::period(20, 2), Param::real("bars_a_year", 1.0, 1.0, 1e6)])
    .says(
        "(mean + variance / 2) of the last `period` one-bar logarithmic returns x bars_a_year, variance with n - 1: the growth \
         rate of a geometric Brownian motion",
        "Hull, Options, Futures and Other Derivatives, log-normal prices",
    ),
    of("hv", "Historical volatility", |args, inputs, outputs| {
        let year = args.real(1);
        moments(args.whole(0), log_returns, 1, inputs[0], outputs[0], |_, square| (square * year).sqrt());
    })
    .aliases(&["historical_volatility", "close_to_close_volatility"])
    .params(&[Param::period(20, 2), Param::real("bars_a_year", 252.0, 1.0, 1e6)])
    .says(
        "standard deviation (n - 1) of the last `period` one-bar logarithmic returns x sqrt(bars_a_year), a fraction",
        "Hull, Options, Futures and Other Derivatives, estimating volatility from historical data",
    ),
    of("value_at_risk", "Value at risk", |args, inputs, outputs| {
        let rank = args.real(1) * (args.whole(0) - 1) as f64;
        in_order(args.whole(0), inputs[0], outputs[0], |sorted| 0.0 - sorted.at(rank));
    })
    .params(&[Param::period(252, 2), SHARE])
    .says(
        "minus the quantile `share` of the last `period` one-bar returns, between two of them by a straight line",
        "historical simulation, as in Jorion, Value at Risk, 1996",
    ),
    of("expected_shortfall", "Expected shortfall", |args, inputs, outputs| {
        let worst = ((args.real(1) * args.whole(0) as f64).floor() as usize).max(1);
        in_order(args.whole(0), inputs[0], outputs[0], |sorted| {
            0.0 - sorted.values()[..worst].iter().sum::<f64>() / worst as f64
        });
    })
    .aliases(&["cvar"])
    .params(&[Param::period(252, 2), SHARE])
    .says(
        "minus the mean of the lowest share x period (rounded down, at least one) of the last `period` one-bar returns",
        "Acerbi and Tasche, Journal of Banking and Finance, 2002",
    ),
    of("tail_ratio", "Tail ratio", |args, inputs, outputs| {
        let last = (args.whole(0) - 1) as f64;
        let (low, high) = (args.real(1) * last, (1.0 - args.real(1)) * last);
        in_order(args.whole(0), inputs[0], outputs[0], |sorted| {
            let down = sorted.at(low).abs();
            if down > 0.0 { sorted.at(high).abs() / down } else { f64::NAN }
        });
    })
    .params(&[Param::period(252, 2), SHARE])
    .says(
        "|quantile 1 - share| / |quantile share| of the last `period` one-bar returns; nothing where that is 0",
        "empyrical tail_ratio",
    ),
];

/// What `shape` makes of mean and variance of the changes.
#[inline(always)]
fn moments(
    period: usize,
    changes: fn(&[f64]) -> Vec<f64>,
    ddof: usize,
    input: &[f64],
    output: &mut [f64],
    shape: impl Fn(f64, f64) -> f64,
) {
    if !blank(output, 1) {
        return;
    }
    let (share, part) = (1.0 / period as f64, 1.0 / (period - ddof) as f64);
    squares(&changes(input), period, &mut output[1..], |centre, sum, squares| {
        let square = (squares - sum * sum * share) * part;
        shape(centre + sum * share, if square > 0.0 { square } else { 0.0 })
    });
}

/// What is above 0 and what is below, both as sizes.
fn sides(change: f64) -> [f64; 2] {
    if change > 0.0 { [change, 0.0] } else { [0.0, 0.0 - change] }
}

/// What `shape` makes of the sums over `period` returns of two terms that are never negative.
#[inline(always)]
fn sums_of(
    period: usize,
    input: &[f64],
    output: &mut [f64],
    terms: impl Fn(f64) -> [f64; 2],
    shape: impl Fn([f64; 2]) -> f64,
) {
    if !blank(output, period) {
        return;
    }
    let terms: Vec<[f64; 2]> = returns(input).into_iter().map(terms).collect();
    let mut sums = [WindowSum::default(); 2];
    let come = |sums: &mut [WindowSum; 2], values: [f64; 2]| {
        sums.iter_mut().zip(values).for_each(|(sum, value)| sum.come(value, period));
    };
    terms[..period - 1].iter().for_each(|values| come(&mut sums, *values));
    for ((out, comes), goes) in output[period..].iter_mut().zip(&terms[period - 1..]).zip(&terms) {
        come(&mut sums, *comes);
        *out = shape(sums.map(|sum| sum.sum));
        sums.iter_mut().zip(goes).for_each(|(sum, value)| sum.go(*value));
    }
}

fn sortino(args: &Args, inputs: &[&[f64]], outputs: &mut [&mut [f64]]) {
    let (period, free, year) = (args.whole(0), args.real(1), args.real(2).sqrt());
    let below = |r: f64| [if r < free { (r - free) * (r - free) } else { 0.0 }, 0.0];
    let share = 1.0 / period as f64;
    sums_of(period, inputs[0], outputs[0], below, |[below, _]| {
        if below > 0.0 { 1.0 / (below * share).sqrt() * year } else { f64::NAN }
    });
    let mut means = vec![0.0; outputs[0].len()];
    moments(period, returns, 0, inputs[0], &mut means, |mean, _| mean - free);
    outputs[0].iter_mut().zip(&means).for_each(|(out, mean)| *out *= mean);
}

/// What `shape` makes of the returns of a window in order.
#[inline(always)]
fn in_order(period: usize, input: &[f64], output: &mut [f64], shape: impl Fn(&Sorted) -> f64) {
    if !blank(output, period) {
        return;
    }
    let returns = returns(input);
    let mut window = Sorted::new(&returns[..period]);
    output[period] = shape(&window);
    for ((out, comes), goes) in output[period + 1..].iter_mut().zip(&returns[period..]).zip(&returns) {
        window.replace(*goes, *comes);
        *out = shape(&window);
    }
}
