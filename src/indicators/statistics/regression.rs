//! The straight line of least squares through a window.

use super::super::entry::{Args, Group, Indicator, Kernel, Param, WarmUp};
use super::super::kernels::{Pairs, Sums, arc_tangent, blank, over_rows, sums};

fn window(args: &Args) -> WarmUp {
    WarmUp::Rows(args.whole(0) - 1)
}

const fn of(name: &'static str, title: &'static str, kernel: Kernel) -> Indicator {
    Indicator::new(name, title, Group::Statistics, window, kernel).params(FOURTEEN)
}

/// In half a turn, over its radians.
const DEGREES: f64 = 180.0 / std::f64::consts::PI;

const FOURTEEN: &[Param] = &[Param::period(14, 2)];

pub(super) const ENTRIES: &[Indicator] = &[
    of("linearreg_slope", "Linear regression slope", |args, inputs, outputs| {
        slopes(args.whole(0), inputs[0], outputs[0], |slope, _| slope);
    })
    .aliases(&["linreg_slope", "slope"])
    .says("slope, per bar, of the line of least squares through the last `period` values", "TA-Lib LINEARREG_SLOPE"),
    of("linearreg_angle", "Linear regression angle", |args, inputs, outputs| {
        slopes(args.whole(0), inputs[0], outputs[0], |slope, _| slope);
        over_rows(outputs[0], |slopes| arc_tangent(slopes) * DEGREES);
    })
    .aliases(&["linreg_angle"])
    .says("arc tangent of the slope of the line of least squares, in degrees", "TA-Lib LINEARREG_ANGLE"),
    of("linearreg_intercept", "Linear regression intercept", |args, inputs, outputs| {
        let half = (args.whole(0) - 1) as f64 / 2.0;
        slopes(args.whole(0), inputs[0], outputs[0], |slope, mean| mean - half * slope);
    })
    .aliases(&["linreg_intercept"])
    .overlay()
    .says("value of the line of least squares at the first bar of the window", "TA-Lib LINEARREG_INTERCEPT"),
    of("rsquared", "Coefficient of determination", |args, inputs, outputs| {
        lines(args.whole(0), inputs[0], outputs[0], |line| line.share());
    })
    .aliases(&["r2", "r_squared", "linreg_r2"])
    .says(
        "share of the squares around the mean that the line of least squares explains, 0 to 1; 0 where nothing moves",
        "Stock.Indicators GetSlope, rSquared",
    ),
    of("cti", "Correlation trend", |args, inputs, outputs| {
        lines(args.whole(0), inputs[0], outputs[0], |line| line.share().sqrt().copysign(line.slope));
    })
    .aliases(&["correlation_trend", "linreg_r"])
    .params(&[Param::period(12, 2)])
    .says(
        "Pearson's r of the last `period` values and a rising straight line; 0 where nothing moves",
        "Ehlers, Stocks & Commodities, May 2020; pandas-ta cti",
    ),
    of("standard_error", "Standard error of regression", |args, inputs, outputs| {
        let part = 1.0 / (args.whole(0) - 2) as f64;
        lines(args.whole(0), inputs[0], outputs[0], |line| (line.left * part).sqrt());
    })
    .aliases(&["stderr", "linreg_stderr", "steyx"])
    .params(&[Param::period(21, 3)])
    .says("sqrt(sum of squares of what the line of least squares leaves / (period - 2))", "Excel STEYX"),
    of("slope_t", "Significance of the slope", |args, inputs, outputs| {
        let (parts, part) = (squares_of_places(args.whole(0)), 1.0 / (args.whole(0) - 2) as f64);
        lines(args.whole(0), inputs[0], outputs[0], |line| {
            let error = (line.left * part / parts).sqrt();
            if error > 0.0 { line.slope / error } else { f64::NAN }
        });
    })
    .aliases(&["trend_t"])
    .params(&[Param::period(21, 3)])
    .says("slope / its standard error; nothing where the line leaves nothing", "Student 1908"),
    of("linreg_channel", "Linear regression channel", channel)
        .aliases(&["lrc", "regression_channel"])
        .params(&[Param::period(100, 2), Param::real("factor", 2.0, 0.0, 1e6)])
        .outputs(&["lower", "middle", "upper"])
        .overlay()
        .says(
            "middle: the line of least squares at its last bar; the others `factor` x the root mean square of what it leaves \
             away from it",
            "least squares, as charting programs draw their channel",
        ),
];

/// Sum of the squares of 1 ... period less their mean.
fn squares_of_places(period: usize) -> f64 {
    let n = period as f64;
    n * (n * n - 1.0) / 12.0
}

/// What `shape` makes of slope and mean.
#[inline(always)]
fn slopes(period: usize, input: &[f64], output: &mut [f64], shape: impl Fn(f64, f64) -> f64) {
    if !blank(output, period - 1) {
        return;
    }
    let (share, part, half) = shares(period);
    let pairs = Pairs::placed(input, period);
    sums::<2, 0>(
        pairs,
        |x, _, place| [x, place * x],
        |sums| {
            sums.write(output, |[sum, placed], [centre, _], begin| {
                shape((placed - (begin + half) * sum) * part, centre + sum * share)
            });
        },
    );
}

/// Of one value, of the squares of places, and half the way through the window.
fn shares(period: usize) -> (f64, f64, f64) {
    (1.0 / period as f64, 1.0 / squares_of_places(period), (period - 1) as f64 / 2.0)
}

struct Line {
    slope: f64,
    mean: f64,
    /// Sums of squares: around the mean, and what the line leaves of them.
    all: f64,
    left: f64,
}

impl Line {
    #[inline(always)]
    fn share(&self) -> f64 {
        if self.all > 0.0 { 1.0 - self.left / self.all } else { 0.0 }
    }
}

/// What `take` does with the row and the line of every window.
#[inline(always)]
fn each_line(period: usize, input: &[f64], mut take: impl FnMut(usize, Line)) {
    let (share, part, half) = shares(period);
    let pairs = Pairs::placed(input, period);
    sums::<3, 1>(
        pairs,
        |x, _, place| [x, x * x, place * x],
        |sums: Sums<'_, 3>| {
            for (row, [sum, squares, placed]) in sums.each() {
                let product = placed - (sums.begin_of(row) + half) * sum;
                let around = squares - sum * sum * share;
                let left = around - product * product * part;
                let left = if left > 1e-14 * around { left } else { 0.0 };
                let line =
                    Line { slope: product * part, mean: sums.centre[0] + sum * share, all: around, left };
                take(row, line);
            }
        },
    );
}

#[inline(always)]
fn lines(period: usize, input: &[f64], output: &mut [f64], shape: impl Fn(Line) -> f64) {
    if blank(output, period - 1) {
        each_line(period, input, |row, line| output[row] = shape(line));
    }
}

fn channel(args: &Args, inputs: &[&[f64]], outputs: &mut [&mut [f64]]) {
    let (period, factor) = (args.whole(0), args.real(1));
    let [lower, middle, upper] = outputs else { unreachable!("the entry has three outputs") };
    if !(blank(lower, period - 1) & blank(middle, period - 1) & blank(upper, period - 1)) {
        return;
    }
    let (share, half) = (1.0 / period as f64, (period - 1) as f64 / 2.0);
    each_line(period, inputs[0], |row, line| {
        let (end, width) = (line.mean + half * line.slope, factor * (line.left * share).sqrt());
        (lower[row], middle[row], upper[row]) = (end - width, end, end + width);
    });
}
