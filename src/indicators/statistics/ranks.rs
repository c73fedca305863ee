//! Windows in the order of their sizes: percentiles, medians, ranks.

use super::super::entry::{Args, Field, Group, Indicator, Input, Kernel, Param, WarmUp};
use super::super::kernels::{Sorted, below, blank};

fn window(args: &Args) -> WarmUp {
    WarmUp::Rows(args.whole(0) - 1)
}

const fn of(name: &'static str, title: &'static str, kernel: Kernel) -> Indicator {
    Indicator::new(name, title, Group::Statistics, window, kernel)
}

pub(super) const ENTRIES: &[Indicator] = &[
    of("percentile", "Percentile", |args, inputs, outputs| {
        let place = nearest(args.whole(0), args.real(1));
        sorted(args.whole(0), inputs[0], outputs[0], |_, sorted| sorted.values()[place]);
    })
    .params(&[Param::period(30, 2), Param::real("percentile", 50.0, 0.0, 100.0)])
    .overlay()
    .says(
        "the smallest of the last `period` values that is not less than `percentile` percent of them (nearest rank)",
        "TA-Lib PERCENTILE",
    ),
    Indicator::new("percentrank", "Percent rank", Group::Statistics, |args| WarmUp::Rows(args.whole(0)), rank)
        .aliases(&["percent_rank"])
        .params(&[Param::period(100, 2)])
        .says("share in percent of the `period` values before this one that are less", "TA-Lib PERCENTRANK"),
    of("quantile", "Quantile", |args, inputs, outputs| {
        let rank = args.real(1) * (args.whole(0) - 1) as f64;
        sorted(args.whole(0), inputs[0], outputs[0], |_, sorted| sorted.at(rank));
    })
    .params(&[Param::period(30, 1), Param::real("quantile", 0.5, 0.0, 1.0)])
    .overlay()
    .says(
        "value at the place quantile x (period - 1) among the last `period` values in order, between two of them by a \
         straight line",
        "pandas rolling.quantile; pandas-ta quantile",
    ),
    of("median", "Median", |args, inputs, outputs| {
        sorted(args.whole(0), inputs[0], outputs[0], |_, sorted| sorted.median());
    })
    .aliases(&["rolling_median"])
    .params(&[Param::period(30, 1)])
    .overlay()
    .says("the middle of the last `period` values in order, or the mean of both in the middle", "pandas-ta median"),
    of("mad", "Median absolute deviation", |args, inputs, outputs| {
        sorted(args.whole(0), inputs[0], outputs[0], |_, sorted| sorted.median_distance(sorted.median()));
    })
    .aliases(&["median_absolute_deviation"])
    .params(&[Param::period(30, 1)])
    .says("median of |x - median| of the last `period` values", "Hampel, JASA, 1974"),
    of("robust_zscore", "Robust z-score", |args, inputs, outputs| {
        sorted(args.whole(0), inputs[0], outputs[0], |value, sorted| {
            let middle = sorted.median();
            let usual = sorted.median_distance(middle);
            if usual > 0.0 { 0.6745 * (value - middle) / usual } else { f64::NAN }
        });
    })
    .aliases(&["modified_zscore"])
    .params(&[Param::period(30, 3)])
    .says(
        "0.6745 (x - median) / median of |x - median|; nothing where that is 0",
        "Iglewicz and Hoaglin, How to Detect and Handle Outliers, 1993",
    ),
    of("hampel", "Hampel filter", |args, inputs, outputs| {
        let factor = 1.4826 * args.real(1);
        sorted(args.whole(0), inputs[0], outputs[0], |value, sorted| {
            let middle = sorted.median();
            let far = (value - middle).abs() > factor * sorted.median_distance(middle);
            if far { middle } else { value }
        });
    })
    .params(&[Param::period(10, 3), Param::real("factor", 3.0, 0.0, 1e6)])
    .overlay()
    .says(
        "x, or the median of the last `period` values where x is further from it than factor x 1.4826 x the median of \
         |x - median|",
        "Hampel 1974; the window looks back only",
    ),
    of("iqr", "Interquartile range", |args, inputs, outputs| {
        let last = (args.whole(0) - 1) as f64;
        sorted(args.whole(0), inputs[0], outputs[0], |_, sorted| sorted.at(0.75 * last) - sorted.at(0.25 * last));
    })
    .aliases(&["interquartile_range"])
    .params(&[Param::period(30, 2)])
    .says("quantile 0.75 - quantile 0.25 of the last `period` values", "Tukey, Exploratory Data Analysis, 1977"),
    of("rank_correlation", "Rank correlation", spearman)
        .inputs(&[Input::SOURCE, Input { name: "with", default: Field::Volume }])
        .aliases(&["spearman"])
        .params(&[Param::period(20, 2)])
        .says(
            "Pearson's r of the ranks of the last `period` values of source and with, equals sharing the mean of their \
             ranks; 0 where one of them does not move",
            "Spearman, American Journal of Psychology, 1904",
        ),
];

/// What `shape` makes of a value and its window in order.
#[inline(always)]
fn sorted(period: usize, input: &[f64], output: &mut [f64], shape: impl Fn(f64, &Sorted) -> f64) {
    if !blank(output, period - 1) {
        return;
    }
    let mut window = Sorted::new(&input[..period]);
    output[period - 1] = shape(input[period - 1], &window);
    for ((out, comes), goes) in output[period..].iter_mut().zip(&input[period..]).zip(input) {
        window.replace(*goes, *comes);
        *out = shape(*comes, &window);
    }
}

/// Place of the nearest rank.
fn nearest(period: usize, percent: f64) -> usize {
    let rank = (percent * period as f64 / 100.0).ceil();
    (rank as usize).clamp(1, period) - 1
}

/// Windows up to this are counted through; in longer ones the order is kept.
const COUNTED_MAX: usize = 256;
/// Rows that are counted side by side.
const SIDE: usize = 16;

fn rank(args: &Args, inputs: &[&[f64]], outputs: &mut [&mut [f64]]) {
    let (period, input, output) = (args.whole(0), inputs[0], &mut *outputs[0]);
    if !blank(output, period) {
        return;
    }
    let share = 100.0 / period as f64;
    if period > COUNTED_MAX {
        let mut window = Sorted::new(&input[..period]);
        for ((out, value), goes) in output[period..].iter_mut().zip(&input[period..]).zip(input) {
            *out = share * window.below(*value) as f64;
            window.replace(*goes, *value);
        }
        return;
    }
    let mut outs = output[period..].chunks_exact_mut(SIDE);
    for (first, outs) in (0..).step_by(SIDE).zip(&mut outs) {
        let mut values = [0.0; SIDE];
        values.copy_from_slice(&input[first + period..first + period + SIDE]);
        let mut counts = [0_i64; SIDE];
        for window in input[first..first + period + SIDE - 1].windows(SIDE) {
            for n in 0..SIDE {
                counts[n] += i64::from(window[n] < values[n]);
            }
        }
        outs.iter_mut().zip(counts).for_each(|(out, count)| *out = share * count as f64);
    }
    let rest = outs.into_remainder();
    let first = input.len() - rest.len() - period;
    for (out, window) in rest.iter_mut().zip(input[first..].windows(period + 1)) {
        let count = window[..period].iter().filter(|value| **value < window[period]).count();
        *out = share * count as f64;
    }
}

fn spearman(args: &Args, inputs: &[&[f64]], outputs: &mut [&mut [f64]]) {
    let (period, output) = (args.whole(0), &mut *outputs[0]);
    if !blank(output, period - 1) {
        return;
    }
    let (mut x, mut y) = (Sorted::new(&inputs[0][..period]), Sorted::new(&inputs[1][..period]));
    let mut ranks = vec![[0.0; 2]; period];
    for row in period - 1..output.len() {
        let first = row + 1 - period;
        if first > 0 {
            x.replace(inputs[0][first - 1], inputs[0][row]);
            y.replace(inputs[1][first - 1], inputs[1][row]);
        }
        let values = inputs[0][first..=row].iter().zip(&inputs[1][first..=row]);
        for (rank, (of_x, of_y)) in ranks.iter_mut().zip(values) {
            *rank = [middle_rank(x.values(), *of_x), middle_rank(y.values(), *of_y)];
        }
        output[row] = pearson(&ranks);
    }
}

/// Twice the rank of a value less that of the middle, equals sharing one: a whole number.
fn middle_rank(sorted: &[f64], value: f64) -> f64 {
    let first = below(sorted, value);
    let equals = sorted[first..].iter().take_while(|one| **one == value).count();
    (2 * first + equals) as f64 - sorted.len() as f64
}

/// Of ranks, whose mean is 0.
fn pearson(ranks: &[[f64; 2]]) -> f64 {
    let [mut xx, mut yy, mut xy] = [0.0; 3];
    for [x, y] in ranks {
        xx += x * x;
        yy += y * y;
        xy += x * y;
    }
    if xx > 0.0 && yy > 0.0 { xy / (xx * yy).sqrt() } else { 0.0 }
}
