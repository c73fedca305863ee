//! Two columns, often of two symbols: `correl(with=close@BTC-USD, period=30)`.

use super::super::entry::{Args, Field, Group, Indicator, Input, Kernel, Param, WarmUp};
use super::super::kernels::{Pairs, Sums, blank, changes_of_both, return_of, returns, sums};
use super::moments::ddof;

const HIGH_LOW: &[Input] =
    &[Input { name: "source", default: Field::High }, Input { name: "with", default: Field::Low }];
const CLOSE_OPEN: &[Input] = &[Input::SOURCE, Input { name: "with", default: Field::Open }];
const CLOSE_VOLUME: &[Input] = &[Input::SOURCE, Input { name: "with", default: Field::Volume }];

fn window(args: &Args) -> WarmUp {
    WarmUp::Rows(args.whole(0) - 1)
}

/// Windows of changes begin one bar before the first change.
fn changes(args: &Args) -> WarmUp {
    WarmUp::Rows(args.whole(0))
}

const fn of(
    name: &'static str,
    title: &'static str,
    reach: fn(&Args) -> WarmUp,
    kernel: Kernel,
) -> Indicator {
    Indicator::new(name, title, Group::Statistics, reach, kernel).inputs(CLOSE_OPEN)
}

pub(super) const ENTRIES: &[Indicator] = &[
    of("correl", "Correlation", window, |args, inputs, outputs| {
        correlation(args.whole(0), inputs[0], inputs[1], outputs[0]);
        blank(outputs[0], args.whole(0) - 1);
    })
    .inputs(HIGH_LOW)
    .params(&[Param::period(30, 1)])
    .says(
        "Pearson's r of the last `period` values of source and with; 0 where one of them does not move",
        "TA-Lib CORREL",
    ),
    of("correlation", "Correlation with volume or another column", window, |args, inputs, outputs| {
        correlation(args.whole(0), inputs[0], inputs[1], outputs[0]);
        blank(outputs[0], args.whole(0) - 1);
    })
    .inputs(CLOSE_VOLUME)
    .aliases(&["cc"])
    .params(&[Param::period(20, 2)])
    .says("Pearson's r of source and with; 0 where one of them does not move", "TradingView ta.correlation"),
    of("return_correlation", "Correlation of returns", changes, |args, inputs, outputs| {
        over_returns(args.whole(0), inputs, outputs[0], correlation);
    })
    .params(&[Param::period(30, 2)])
    .says("Pearson's r of the one-bar returns of source and with; 0 where one of them does not move", "Pearson 1896"),
    of("autocorr", "Autocorrelation", |args| WarmUp::Rows(args.whole(0) + args.whole(1) - 1), |args, inputs, outputs| {
        let (lag, output) = (args.whole(1), &mut *outputs[0]);
        if blank(output, args.whole(0) + lag - 1) {
            correlation(args.whole(0), &inputs[0][lag..], &inputs[0][..inputs[0].len() - lag], &mut output[lag..]);
        }
    })
    .inputs(&[Input::SOURCE])
    .aliases(&["autocorrelation"])
    .params(&[Param::period(30, 2), Param::whole("lag", 1, 1)])
    .says(
        "Pearson's r of the last `period` values and those `lag` bars before them; 0 where they do not move",
        "pandas Series.autocorr over a window",
    ),
    of("covariance", "Covariance", window, |args, inputs, outputs| {
        let (period, part) = (args.whole(0), 1.0 / (args.whole(0) - args.whole(1)) as f64);
        products(period, inputs[0], inputs[1], outputs[0], |_, _, product| product * part);
        blank(outputs[0], period - 1);
    })
    .aliases(&["cov"])
    .params(&[Param::period(30, 2), ddof(1)])
    .says("sum of (x - mean) (y - mean) / (period - ddof)", "pandas rolling.cov"),
    of("beta", "Beta", changes, |args, inputs, outputs| {
        over_returns(args.whole(0), inputs, outputs[0], slope);
    })
    .inputs(HIGH_LOW)
    .params(&[Param::period(5, 1)])
    .says(
        "covariance of the one-bar returns of source and with / variance of those of source; 0 where source does not move",
        "TA-Lib BETA",
    ),
    of("market_beta", "Beta and alpha to a market", changes, market)
        .params(&[Param::period(50, 3)])
        .outputs(&["beta", "alpha", "rsquared"])
        .says(
            "least squares of the one-bar returns of source on those of with: slope, level, share explained; 0 where with \
             does not move",
            "Sharpe, Journal of Finance, 1964",
        ),
    of("pair_spread", "Spread of a pair", window, spread)
        .params(&[Param::period(60, 3)])
        .outputs(&["hedge", "spread", "z"])
        .says(
            "least squares of source on with: hedge is the slope, spread what is left at the last bar, z the spread / root \
             mean square of what is left in the window; 0 where nothing moves",
            "Engle and Granger, Econometrica, 1987, first step",
        ),
    of("information_ratio", "Information ratio", changes, |args, inputs, outputs| {
        tracking(args, inputs, outputs[0], |mean, error, year| {
            if error > 0.0 { mean / error * year.sqrt() } else { f64::NAN }
        });
    })
    .params(&[Param::period(63, 2), Param::real("bars_a_year", 252.0, 1.0, 1e6)])
    .says(
        "mean / standard deviation (n - 1) of the one-bar returns of source less those of with, x sqrt(bars_a_year); nothing \
         where nothing deviates",
        "Grinold, Journal of Portfolio Management, 1989",
    ),
    of("tracking_error", "Tracking error", changes, |args, inputs, outputs| {
        tracking(args, inputs, outputs[0], |_, error, year| error * year.sqrt());
    })
    .params(&[Param::period(63, 2), Param::real("bars_a_year", 252.0, 1.0, 1e6)])
    .says(
        "standard deviation (n - 1) of the one-bar returns of source less those of with, x sqrt(bars_a_year)",
        "Grinold and Kahn, Active Portfolio Management, 1995",
    ),
];

/// Writes, where a window is full, what `shape` makes of the sums of (x - mean)^2, (y - mean)^2 and (x - mean) (y - mean).
#[inline(always)]
fn products(period: usize, x: &[f64], y: &[f64], output: &mut [f64], shape: impl Fn(f64, f64, f64) -> f64) {
    let share = 1.0 / period as f64;
    let pairs = Pairs::new(x, y, period);
    sums::<5, 2>(
        pairs,
        |x, y, _| [x, x * x, y, y * y, x * y],
        |sums| {
            sums.write(output, |[x, xx, y, yy, xy], _, _| {
                shape(xx - x * x * share, yy - y * y * share, xy - x * y * share)
            });
        },
    );
}

/// What `make` writes of the one-bar returns of both inputs.
#[inline(always)]
fn over_returns(
    period: usize,
    inputs: &[&[f64]],
    output: &mut [f64],
    make: impl Fn(usize, &[f64], &[f64], &mut [f64]),
) {
    changes_of_both(inputs[0], inputs[1], period, return_of, |row, x, y| {
        make(period, x, y, &mut output[row..row + x.len()]);
    });
    blank(output, period);
}

fn correlation(period: usize, x: &[f64], y: &[f64], output: &mut [f64]) {
    products(period, x, y, output, |xx, yy, xy| {
        let r = xy / (xx * yy).sqrt();
        if (xx > 0.0) & (yy > 0.0) { r.clamp(-1.0, 1.0) } else { 0.0 }
    });
}

/// Slope of y over x, where a window is full.
fn slope(period: usize, x: &[f64], y: &[f64], output: &mut [f64]) {
    let share = 1.0 / period as f64;
    let pairs = Pairs::new(x, y, period);
    sums::<4, 1>(
        pairs,
        |x, y, _| [x, x * x, y, x * y],
        |sums| {
            sums.write(output, |[x, xx, y, xy], _, _| {
                let square = xx - x * x * share;
                if square > 0.0 { (xy - x * y * share) / square } else { 0.0 }
            });
        },
    );
}

/// A straight line y = level + slope x through a window.
struct Line {
    slope: f64,
    level: f64,
    /// Sums of the squares of y - mean and of what the line leaves of them.
    all: f64,
    left: f64,
}

#[inline(always)]
fn line([x, xx, y, yy, xy]: [f64; 5], centre: [f64; 2], share: f64) -> Line {
    let (square, all, product) = (xx - x * x * share, yy - y * y * share, xy - x * y * share);
    let slope = if square > 0.0 { product / square } else { 0.0 };
    let level = centre[1] + y * share - slope * (centre[0] + x * share);
    let left = all - slope * product;
    Line { slope, level, all, left: if left > 1e-14 * all { left } else { 0.0 } }
}

const TERMS: fn(f64, f64, f64) -> [f64; 5] = |x, y, _| [x, x * x, y, y * y, x * y];

fn market(args: &Args, inputs: &[&[f64]], outputs: &mut [&mut [f64]]) {
    let (period, [betas, alphas, shares]) = (args.whole(0), outputs) else {
        unreachable!("the entry has three outputs")
    };
    if !(blank(betas, period) & blank(alphas, period) & blank(shares, period)) {
        return;
    }
    let (x, y) = (returns(inputs[1]), returns(inputs[0]));
    let share = 1.0 / period as f64;
    sums::<5, 2>(Pairs::new(&x, &y, period), TERMS, |sums: Sums<'_, 5>| {
        for (row, of) in sums.each() {
            let (line, row) = (line(of, sums.centre, share), row + 1);
            (betas[row], alphas[row]) = (line.slope, line.level);
            shares[row] = if line.all > 0.0 { 1.0 - line.left / line.all } else { 0.0 };
        }
    });
}

fn spread(args: &Args, inputs: &[&[f64]], outputs: &mut [&mut [f64]]) {
    let (period, [hedges, spreads, scores]) = (args.whole(0), outputs) else {
        unreachable!("the entry has three outputs")
    };
    if !(blank(hedges, period - 1) & blank(spreads, period - 1) & blank(scores, period - 1)) {
        return;
    }
    let (x, y, share) = (inputs[1], inputs[0], 1.0 / period as f64);
    sums::<5, 2>(Pairs::new(x, y, period), TERMS, |sums: Sums<'_, 5>| {
        for (row, of) in sums.each() {
            let line = line(of, sums.centre, share);
            let (spread, usual) = (y[row] - line.level - line.slope * x[row], (line.left * share).sqrt());
            (hedges[row], spreads[row]) = (line.slope, spread);
            scores[row] = if usual > 0.0 { spread / usual } else { 0.0 };
        }
    });
}

fn tracking(args: &Args, inputs: &[&[f64]], output: &mut [f64], shape: impl Fn(f64, f64, f64) -> f64) {
    if !blank(output, 1) {
        return;
    }
    let (x, y) = (returns(inputs[0]), returns(inputs[1]));
    let active: Vec<f64> = x.iter().zip(&y).map(|(x, y)| x - y).collect();
    let (share, part) = (1.0 / args.whole(0) as f64, 1.0 / (args.whole(0) - 1) as f64);
    super::super::kernels::squares(&active, args.whole(0), &mut output[1..], |centre, sum, squares| {
        let square = (squares - sum * sum * share) * part;
        shape(centre + sum * share, if square > 0.0 { square.sqrt() } else { 0.0 }, args.real(1))
    });
}
