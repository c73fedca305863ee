//! Whether prices come back to a mean, trend, or wander.

use super::super::entry::{Args, Group, Indicator, Param, WarmUp};
use super::super::kernels::{Pairs, Sums, blank, log_returns, sums};

fn changes(args: &Args) -> WarmUp {
    WarmUp::Rows(args.whole(0))
}

pub(super) const ENTRIES: &[Indicator] = &[
    Indicator::new("half_life", "Half-life of mean reversion", Group::Statistics, changes, |args, inputs, outputs| {
        pull(args.whole(0), inputs[0], |row, pull| {
            outputs[0][row] = if pull.slope < 0.0 { -std::f64::consts::LN_2 / pull.slope } else { f64::NAN };
        });
        blank(outputs[0], args.whole(0));
    })
    .aliases(&["halflife"])
    .params(&[Param::period(100, 3)])
    .says(
        "-ln 2 / slope, least squares of the last `period` one-bar changes on the values before them, in bars; nothing \
         where the slope is not negative",
        "Chan, Algorithmic Trading, 2013",
    ),
    Indicator::new("ou", "Ornstein-Uhlenbeck process", Group::Statistics, changes, ornstein)
        .aliases(&["ornstein_uhlenbeck"])
        .params(&[Param::period(100, 4)])
        .outputs(&["mean", "speed", "sigma", "z"])
        .says(
            "x' = a + b x + e by least squares over `period` bars: speed -ln b, mean a / (1 - b), sigma the deviation it \
             swings with, root mean square of e / sqrt(1 - b^2), z = (x - mean) / sigma; nothing where b is not between 0 \
             and 1",
            "Uhlenbeck and Ornstein, Physical Review, 1930, in its exact discrete form",
        ),
    Indicator::new("variance_ratio", "Variance ratio", Group::Statistics, changes, variance_ratio)
        .aliases(&["vr"])
        .params(&[Param::period(100, 3), Param::whole("lag", 2, 2)])
        .outputs(&["ratio", "z"])
        .says(
            "ratio: variance of logarithmic returns over `lag` bars, overlapping and unbiased, / (lag x that over one bar), \
             of the last `period` returns: 1 for a random walk, less in reversion; z: (ratio - 1) / its standard error \
             with equal variances; nothing where the period is not longer than the lag or nothing deviates",
            "Lo and MacKinlay, Review of Financial Studies, 1988",
        ),
];

/// Change over value before: least squares.
struct Pull {
    slope: f64,
    level: f64,
    /// Sum of the squares of what the line leaves.
    left: f64,
}

/// What `take` does with the line of every window of `period` changes, from row `period` on.
#[inline(always)]
fn pull(period: usize, input: &[f64], mut take: impl FnMut(usize, Pull)) {
    if input.len() <= period {
        return;
    }
    let steps: Vec<f64> = input.windows(2).map(|pair| pair[1] - pair[0]).collect();
    let share = 1.0 / period as f64;
    let pairs = Pairs::new(&input[..input.len() - 1], &steps, period);
    sums::<5, 2>(
        pairs,
        |x, y, _| [x, x * x, y, y * y, x * y],
        |sums: Sums<'_, 5>| {
            for (row, [x, xx, y, yy, xy]) in sums.each() {
                let (square, product, all) = (xx - x * x * share, xy - x * y * share, yy - y * y * share);
                let slope = if square > 0.0 { product / square } else { 0.0 };
                let level = sums.centre[1] + y * share - slope * (sums.centre[0] + x * share);
                let left = all - slope * product;
                take(row + 1, Pull { slope, level, left: if left > 1e-14 * all { left } else { 0.0 } });
            }
        },
    );
}

fn ornstein(args: &Args, inputs: &[&[f64]], outputs: &mut [&mut [f64]]) {
    let (period, share) = (args.whole(0), 1.0 / args.whole(0) as f64);
    let [mean, speed, sigma, z] = outputs else { unreachable!("the entry has four outputs") };
    pull(period, inputs[0], |row, pull| {
        let kept = 1.0 + pull.slope;
        let comes_back = pull.slope < 0.0 && kept > 0.0;
        mean[row] = if comes_back { -pull.level / pull.slope } else { f64::NAN };
        speed[row] = if comes_back { -pull.slope.ln_1p() } else { f64::NAN };
        // 1 - b^2 = (1 - b) (1 + b), without the loss of digits near 1.
        let width = (pull.left * share / (-pull.slope * (1.0 + kept))).sqrt();
        sigma[row] = if comes_back { width } else { f64::NAN };
        z[row] = if comes_back && width > 0.0 { (inputs[0][row] - mean[row]) / width } else { f64::NAN };
    });
    [mean, speed, sigma, z].into_iter().for_each(|output| {
        blank(output, period);
    });
}

fn variance_ratio(args: &Args, inputs: &[&[f64]], outputs: &mut [&mut [f64]]) {
    let (period, lag) = (args.whole(0), args.whole(1));
    let [ratios, scores] = outputs else { unreachable!("the entry has two outputs") };
    if lag >= period {
        ratios.fill(f64::NAN);
        scores.fill(f64::NAN);
        return;
    }
    if !(blank(ratios, period) & blank(scores, period)) {
        return;
    }
    let single = log_returns(inputs[0]);
    let several: Vec<f64> = single.windows(lag).map(|window| window.iter().sum()).collect();
    let (n, q) = (period as f64, lag as f64);
    let windows = period - lag + 1;
    // Sums of the squares of several bars' returns less their centre; the mean is known from the single ones.
    let mut long = vec![[0.0; 3]; ratios.len()];
    sums::<2, 1>(
        Pairs::one(&several, windows),
        |x, _, _| [x, x * x],
        |sums| {
            for (row, [sum, squares]) in sums.each() {
                // A window of several ends with the same bar as that of single ones.
                long[row + lag] = [sums.centre[0], sum, squares];
            }
        },
    );
    let unbiased = q * windows as f64 * (1.0 - q / n);
    let error = (2.0 * (2.0 * q - 1.0) * (q - 1.0) / (3.0 * q * n)).sqrt();
    sums::<2, 1>(
        Pairs::one(&single, period),
        |x, _, _| [x, x * x],
        |sums| {
            for (row, [sum, squares]) in sums.each() {
                let row = row + 1;
                let (mean, square) = (sums.centre[0] + sum / n, (squares - sum * sum / n) / (n - 1.0));
                let [centre, sum, squares] = long[row];
                let off = centre - q * mean;
                let of_several = (squares + off * (2.0 * sum + windows as f64 * off)) / unbiased;
                let ratio = if square > 0.0 { of_several / square } else { f64::NAN };
                (ratios[row], scores[row]) = (ratio, (ratio - 1.0) / error);
            }
        },
    );
}
