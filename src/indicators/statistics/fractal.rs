//! How rough a line is.

use super::super::entry::{Args, Group, Indicator, Param, WarmUp};
use super::super::kernels::{blank, highest, log_returns, lowest, ranges, rolling_mean};

fn window(args: &Args) -> WarmUp {
    WarmUp::Rows(args.whole(0) - 1)
}

pub(super) const ENTRIES: &[Indicator] = &[
    Indicator::new("hurst", "Hurst exponent", Group::Statistics, |args| WarmUp::Rows(args.whole(0)), hurst)
        .aliases(&["hurst_exponent"])
        .params(&[Param::period(100, 16)])
        .says(
            "slope of ln(R / S) over ln(n), n = period, half of it and so on down to 8: means of (highest - lowest of the \
             running sums of r - mean) / standard deviation over the stretches of n one-bar logarithmic returns r, counted \
             back from the bar, that do not overlap; about 0.5 for a random walk, more in trends; nothing where a stretch \
             does not move",
            "Hurst 1951; Mandelbrot and Wallis, Water Resources Research, 1969",
        ),
    Indicator::new("fractal_dimension", "Fractal dimension after Sevcik", Group::Statistics, window, sevcik)
        .aliases(&["sevcik_fd", "fdi"])
        .params(&[Param::period(30, 3)])
        .says(
            "1 + ln(2 L) / ln(2 (period - 1)), L the length of the line through the last `period` values drawn into a \
             square of size 1: 1 for a straight line, 2 for one that fills the plane; 1 where nothing moves",
            "Sevcik, Complexity International, 1998",
        ),
    Indicator::new("katz_fd", "Fractal dimension after Katz", Group::Statistics, window, katz)
        .params(&[Param::period(30, 3)])
        .says(
            "ln n / (ln n + ln(d / L)), n = period - 1 steps, L the sum of |steps|, d the largest distance from the first \
             value of the window; 1 where nothing moves",
            "Katz, Computers in Biology and Medicine, 1988, with distances in price",
        ),
    Indicator::new("higuchi_fd", "Fractal dimension after Higuchi", Group::Statistics, window, higuchi)
        .params(&[Param::period(64, 8), Param::whole("most", 8, 2)])
        .says(
            "slope of ln L(k) over ln(1 / k), k = 1 ... most (not more than half of the period): means of the normalised \
             lengths of the lines through every k-th of the last `period` values; nothing where a line does not move",
            "Higuchi, Physica D, 1988",
        ),
    Indicator::new("frama_dimension", "Fractal dimension after Ehlers", Group::Statistics, window, ehlers)
        .params(&[Param::period(16, 4)])
        .says(
            "(ln(a + b) - ln c) / ln 2: ranges per bar of both halves of the last `period` values (an odd one is one less) \
             and of all of them; 1 where a range is empty",
            "Ehlers, FRAMA: Fractal Adaptive Moving Average, Stocks & Commodities, October 2005",
        ),
];

/// Rows that are worked on side by side.
const SIDE: usize = 8;

/// Lengths of stretches: the period, half of it, and so on.
fn stretches(period: usize) -> Vec<usize> {
    std::iter::successors(Some(period), |length| Some(length / 2)).take_while(|length| *length >= 8).collect()
}

fn hurst(args: &Args, inputs: &[&[f64]], outputs: &mut [&mut [f64]]) {
    let (period, output) = (args.whole(0), &mut *outputs[0]);
    if !blank(output, period) {
        return;
    }
    let returns = log_returns(inputs[0]);
    let lengths = stretches(period);
    let logs: Vec<f64> = lengths.iter().map(|length| (*length as f64).ln()).collect();
    let middle = logs.iter().sum::<f64>() / logs.len() as f64;
    let squares: f64 = logs.iter().map(|log| (log - middle) * (log - middle)).sum();
    output[period..].fill(0.0);
    let mut scaled = vec![0.0; returns.len()];
    for (length, log) in lengths.iter().zip(&logs) {
        rescaled(&returns, *length, &mut scaled);
        let (count, weight) = (period / length, (log - middle) / squares);
        for (row, out) in (period - 1..).zip(&mut output[period..]) {
            let sum: f64 = (0..count).map(|n| scaled[row - n * length]).sum();
            *out += weight * (sum / count as f64).ln();
        }
    }
}

/// Range of the running sums of x - mean over the standard deviation, of the last `length` values; NaN where nothing
/// deviates.
fn rescaled(input: &[f64], length: usize, output: &mut [f64]) {
    rolling_mean(input, length, output);
    let first = length - 1;
    let share = 1.0 / length as f64;
    let mut begin = 0;
    while begin + first < input.len() {
        let rows = SIDE.min(input.len() - first - begin);
        let outs = &mut output[begin + first..begin + first + rows];
        let mut means = [0.0; SIDE];
        means[..rows].copy_from_slice(outs);
        let [mut sums, mut tops, mut bottoms, mut squares] = [[0.0_f64; SIDE]; 4];
        for place in begin..begin + length {
            let mut values = [0.0; SIDE];
            if place + SIDE <= input.len() {
                values.copy_from_slice(&input[place..place + SIDE]);
            } else {
                values[..rows].copy_from_slice(&input[place..place + rows]);
            }
            for n in 0..SIDE {
                let off = values[n] - means[n];
                sums[n] += off;
                squares[n] += off * off;
                tops[n] = if sums[n] > tops[n] { sums[n] } else { tops[n] };
                bottoms[n] = if sums[n] < bottoms[n] { sums[n] } else { bottoms[n] };
            }
        }
        for (n, out) in outs.iter_mut().enumerate() {
            let deviation = (squares[n] * share).sqrt();
            let moves = deviation > 1e-12 * means[n].abs() && deviation > 0.0;
            *out = if moves { (tops[n] - bottoms[n]) / deviation } else { f64::NAN };
        }
        begin += rows;
    }
}

fn sevcik(args: &Args, inputs: &[&[f64]], outputs: &mut [&mut [f64]]) {
    let (period, input, output) = (args.whole(0), inputs[0], &mut *outputs[0]);
    let steps: Vec<f64> = input.windows(2).map(|pair| (pair[1] - pair[0]) * (pair[1] - pair[0])).collect();
    let across = 1.0 / (period - 1) as f64;
    let (square, scale) = (across * across, 1.0 / (2.0 * (period - 1) as f64).ln());
    blank(output, period - 1);
    ranges(input, input, period, |first, tops, bottoms| {
        let outs =
            output[first..first + tops.len()].iter_mut().zip(steps[first + 1 - period..].windows(period - 1));
        for ((out, steps), (top, bottom)) in outs.zip(tops.iter().zip(bottoms)) {
            let high = 1.0 / ((top - bottom) * (top - bottom));
            let length = sum_of(steps, |step| (step * high + square).sqrt());
            *out = if top > bottom { 1.0 + (2.0 * length).ln() * scale } else { 1.0 };
        }
    });
}

/// A sum whose parts do not wait for one another.
#[inline(always)]
fn sum_of(values: &[f64], make: impl Fn(f64) -> f64) -> f64 {
    let mut sums = [0.0; 4];
    let fours = values.chunks_exact(4);
    let rest: f64 = fours.remainder().iter().map(|value| make(*value)).sum();
    for four in fours {
        for n in 0..4 {
            sums[n] += make(four[n]);
        }
    }
    (sums[0] + sums[1]) + (sums[2] + sums[3]) + rest
}

fn katz(args: &Args, inputs: &[&[f64]], outputs: &mut [&mut [f64]]) {
    let (period, input, output) = (args.whole(0), inputs[0], &mut *outputs[0]);
    if !blank(output, period - 1) {
        return;
    }
    let steps: Vec<f64> = input.windows(2).map(|pair| (pair[1] - pair[0]).abs()).collect();
    let logs = ((period - 1) as f64).ln();
    let (mut tops, mut bottoms) = (vec![0.0; input.len()], vec![0.0; input.len()]);
    highest(input, period, &mut tops);
    lowest(input, period, &mut bottoms);
    let ends = tops[period - 1..].iter().zip(&bottoms[period - 1..]);
    let windows = steps.windows(period - 1).zip(input);
    for ((out, (steps, first)), (top, bottom)) in output[period - 1..].iter_mut().zip(windows).zip(ends) {
        let distance = (top - first).max(first - bottom);
        let length = sum_of(steps, |step| step);
        *out = if distance > 0.0 { logs / (logs + (distance / length).ln()) } else { 1.0 };
    }
}

fn higuchi(args: &Args, inputs: &[&[f64]], outputs: &mut [&mut [f64]]) {
    let (period, input, output) = (args.whole(0), inputs[0], &mut *outputs[0]);
    let most = args.whole(1).min(period / 2);
    if !blank(output, period - 1) {
        return;
    }
    let logs: Vec<f64> = (1..=most).map(|k| -(k as f64).ln()).collect();
    let middle = logs.iter().sum::<f64>() / logs.len() as f64;
    let squares: f64 = logs.iter().map(|log| (log - middle) * (log - middle)).sum();
    output[period - 1..].fill(0.0);
    for (k, log) in (1..).zip(&logs) {
        let steps: Vec<f64> = input[k..].iter().zip(input).map(|(now, then)| (now - then).abs()).collect();
        let weight = (log - middle) / squares;
        for (out, steps) in output[period - 1..].iter_mut().zip(steps.windows(period - k)) {
            *out += weight * (length(steps, k, period) / k as f64).ln();
        }
    }
}

/// Mean over the k starting values of the normalised lengths of the lines through every k-th value; `steps` are the
/// distances between values k apart.
fn length(steps: &[f64], k: usize, period: usize) -> f64 {
    let of_start = |start: usize| {
        let count = (period - 1 - start) / k;
        let sum: f64 = steps[start..].iter().step_by(k).sum();
        sum * (period - 1) as f64 / (count * k) as f64
    };
    (0..k).map(of_start).sum::<f64>() / k as f64
}

fn ehlers(args: &Args, inputs: &[&[f64]], outputs: &mut [&mut [f64]]) {
    let (period, input, output) = (args.whole(0) / 2 * 2, inputs[0], &mut *outputs[0]);
    let half = period / 2;
    let width = |period: usize| {
        let (mut tops, mut bottoms) = (vec![0.0; input.len()], vec![0.0; input.len()]);
        highest(input, period, &mut tops);
        lowest(input, period, &mut bottoms);
        tops.iter_mut().zip(&bottoms).for_each(|(top, bottom)| *top = (*top - bottom) / period as f64);
        tops
    };
    let (halves, wholes) = (width(half), width(period));
    if !blank(output, args.whole(0) - 1) {
        return;
    }
    for (row, out) in (args.whole(0) - 1..).zip(&mut output[args.whole(0) - 1..]) {
        let (late, early, whole) = (halves[row], halves[row - half], wholes[row]);
        let moves = late > 0.0 && early > 0.0 && whole > 0.0;
        *out = if moves { ((early + late) / whole).ln() / std::f64::consts::LN_2 } else { 1.0 };
    }
}
