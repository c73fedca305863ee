//! Mean, width and shape of windows.

use super::super::entry::{Args, Group, Indicator, Kernel, Param, Values, WarmUp};
use super::super::kernels::{Pairs, blank, deviation, squares, sums};

fn window(args: &Args) -> WarmUp {
    WarmUp::Rows(args.whole(0) - 1)
}

const fn of(name: &'static str, title: &'static str, kernel: Kernel) -> Indicator {
    Indicator::new(name, title, Group::Statistics, window, kernel)
}

/// What is taken from the number of values before it divides the squares.
pub(super) const fn ddof(default: u32) -> Param {
    Param { name: "ddof", values: Values::Whole(0.0, 1.0), default: default as f64, like: None }
}

pub(super) const ENTRIES: &[Indicator] = &[
    of("stddev", "Standard deviation", |args, inputs, outputs| {
        let (period, factor) = (args.whole(0), args.real(1));
        deviation(inputs[0], period, 0, outputs[0]);
        if factor != 1.0 {
            outputs[0].iter_mut().for_each(|out| *out *= factor);
        }
    })
    .aliases(&["stdev", "std"])
    .params(&[Param::period(5, 2), Param::real("factor", 1.0, -1e6, 1e6)])
    .says("factor x sqrt(mean of (x - mean)^2) of the last `period` values", "TA-Lib STDDEV"),
    of("var", "Variance", |args, inputs, outputs| variance(args.whole(0), 0, inputs[0], outputs[0]))
        .aliases(&["variance"])
        .params(&[Param::period(5, 1), Param::real("factor", 1.0, -1e6, 1e6)])
        .says(
            "mean of (x - mean)^2 of the last `period` values; the factor changes nothing, as in TA-Lib",
            "TA-Lib VAR",
        ),
    of("zscore", "Z-score", |args, inputs, outputs| {
        let (period, part) = (args.whole(0), 1.0 / (args.whole(0) - args.whole(1)) as f64);
        let share = 1.0 / period as f64;
        let input = inputs[0];
        scores(input, period, outputs[0], |off, sum, squares| {
            let square = (squares - sum * sum * share) * part;
            if square > 0.0 { (off - sum * share) / square.sqrt() } else { 0.0 }
        });
    })
    .params(&[Param::period(30, 2), ddof(0)])
    .aliases(&["z_score"])
    .says(
        "(x - mean) / standard deviation of the last `period` values, squares divided by period - ddof; 0 where nothing \
         deviates",
        "Stock.Indicators GetStdDev, zScore",
    ),
    of("coefficient_of_variation", "Coefficient of variation", |args, inputs, outputs| {
        let (share, part) = (1.0 / args.whole(0) as f64, 1.0 / (args.whole(0) - args.whole(1)) as f64);
        squares(inputs[0], args.whole(0), outputs[0], |centre, sum, squares| {
            let square = (squares - sum * sum * share) * part;
            (if square > 0.0 { square.sqrt() } else { 0.0 }) / (centre + sum * share)
        });
    })
    .aliases(&["cv"])
    .params(&[Param::period(20, 2), ddof(0)])
    .says("standard deviation / mean of the last `period` values; nothing where both are 0", "Pearson 1896"),
    of("standard_error_of_mean", "Standard error of the mean", |args, inputs, outputs| {
        deviation(inputs[0], args.whole(0), 1, outputs[0]);
        let share = 1.0 / (args.whole(0) as f64).sqrt();
        outputs[0].iter_mut().for_each(|out| *out *= share);
    })
    .aliases(&["sem"])
    .params(&[Param::period(20, 2)])
    .says("sqrt(sum of (x - mean)^2 / (period - 1)) / sqrt(period)", "pandas rolling.sem with ddof 1"),
    of("rms", "Root mean square", |args, inputs, outputs| {
        let share = 1.0 / args.whole(0) as f64;
        squares(inputs[0], args.whole(0), outputs[0], |centre, sum, squares| {
            let mean = (squares + 2.0 * centre * sum) * share + centre * centre;
            if mean > 0.0 { mean.sqrt() } else { 0.0 }
        });
    })
    .aliases(&["quadratic_mean"])
    .params(&[Param::period(20, 1)])
    .overlay()
    .says("sqrt(mean of x^2)", "the quadratic mean of statistics"),
    of("skew", "Skewness", |args, inputs, outputs| {
        let n = args.whole(0) as f64;
        let unbiased = (n * (n - 1.0)).sqrt() / (n - 2.0);
        powers(args.whole(0), inputs[0], outputs[0], |_, second, third, _| {
            if second > 0.0 { unbiased * third / (second * second.sqrt()) } else { 0.0 }
        });
    })
    .aliases(&["skewness"])
    .params(&[Param::period(30, 3)])
    .says(
        "m3 / m2^1.5 sqrt(n (n - 1)) / (n - 2), m2 and m3 means of squares and cubes of x - mean; 0 where nothing deviates",
        "Fisher's G1, as pandas rolling.skew and pandas-ta skew",
    ),
    of("kurtosis", "Excess kurtosis", |args, inputs, outputs| {
        let n = args.whole(0) as f64;
        let scale = (n - 1.0) / ((n - 2.0) * (n - 3.0));
        powers(args.whole(0), inputs[0], outputs[0], |_, second, _, fourth| {
            let plain = fourth / (second * second) - 3.0;
            if second > 0.0 { scale * ((n + 1.0) * plain + 6.0) } else { 0.0 }
        });
    })
    .aliases(&["kurt"])
    .params(&[Param::period(30, 4)])
    .says(
        "(n - 1) ((n + 1) (m4 / m2^2 - 3) + 6) / ((n - 2) (n - 3)); 0 where nothing deviates",
        "Fisher's G2, as pandas rolling.kurt and pandas-ta kurtosis",
    ),
    of("jarque_bera", "Jarque-Bera statistic", |args, inputs, outputs| {
        let n = args.whole(0) as f64;
        powers(args.whole(0), inputs[0], outputs[0], |_, second, third, fourth| {
            let (lean, plain) = (third / (second * second.sqrt()), fourth / (second * second) - 3.0);
            if second > 0.0 { n / 6.0 * (lean * lean + plain * plain / 4.0) } else { 0.0 }
        });
    })
    .params(&[Param::period(100, 4)])
    .says(
        "n / 6 (m3^2 / m2^3 + (m4 / m2^2 - 3)^2 / 4): near 0 for normal samples; 0 where nothing deviates",
        "Jarque and Bera, Economics Letters, 1980",
    ),
];

fn variance(period: usize, ddof: usize, input: &[f64], output: &mut [f64]) {
    let (share, part) = (1.0 / period as f64, 1.0 / (period - ddof) as f64);
    squares(input, period, output, |_, sum, squares| {
        let square = (squares - sum * sum * share) * part;
        if square > 0.0 { square } else { 0.0 }
    });
}

/// As `squares`, with the value itself.
#[inline(always)]
fn scores(input: &[f64], period: usize, output: &mut [f64], shape: impl Fn(f64, f64, f64) -> f64) {
    if !blank(output, period - 1) {
        return;
    }
    let terms = |x: f64, _: f64, _: f64| [x, x * x];
    sums::<2, 1>(Pairs::one(input, period), terms, |sums| {
        let rows = sums.row..sums.row + sums.rows;
        output[rows.clone()].copy_from_slice(&input[rows]);
        sums.rewrite(output, |value, [sum, squares], [centre, _], _| shape(value - centre, sum, squares));
    });
}

/// What `shape` makes of the mean less a centre and of the mean second, third and fourth powers of x - mean.
#[inline(always)]
fn powers(period: usize, input: &[f64], output: &mut [f64], shape: impl Fn(f64, f64, f64, f64) -> f64) {
    if !blank(output, period - 1) {
        return;
    }
    let share = 1.0 / period as f64;
    let pairs = Pairs::of_powers(input, period);
    let terms = |x: f64, _: f64, _: f64| [x, x * x, x * x * x, x * x * (x * x)];
    sums::<4, 1>(pairs, terms, |sums| {
        sums.write(output, |of, _, _| {
            let [mean, second, third, fourth] = of.map(|sum| sum * share);
            let square = mean * mean;
            shape(
                mean,
                second - square,
                third - mean * (3.0 * second - 2.0 * square),
                fourth - mean * (4.0 * third - mean * (6.0 * second - 3.0 * square)),
            )
        });
    });
}
