//! An average that is fast where prices go straight.

use super::{CHUNK, Carry, WindowSum, blank};

/// Kaufman's efficiency ratio of every row from `period` on, given to `take` some rows at a time with the first of
/// them: the way made in `period` rows over the sum of the steps, 1 where nothing moved.
#[inline(always)]
pub fn efficiency(input: &[f64], period: usize, mut take: impl FnMut(usize, &mut [f64])) {
    let fill = |steps: &mut [f64], from: usize| {
        for (step, pair) in steps.iter_mut().zip(input[from - 1..].windows(2)) {
            *step = (pair[1] - pair[0]).abs();
        }
    };
    let (mut steps, mut sum) = (Carry::new(period - 1), WindowSum::default());
    let first = steps.next(period - 1);
    fill(first, 1);
    first.iter().for_each(|step| sum.come(*step, period));
    let mut ratios = [0.0; CHUNK];
    for from in (period..input.len()).step_by(CHUNK) {
        let rows = CHUNK.min(input.len() - from);
        let ratios = &mut ratios[..rows];
        fill(steps.next(rows), from);
        let (comings, goings) = steps.both(rows);
        sum.run(comings, goings, period, ratios);
        let ways = input[from..].iter().zip(&input[from - period..]);
        for (ratio, (now, then)) in ratios.iter_mut().zip(ways) {
            let (way, steps) = ((now - then).abs(), *ratio);
            let share = way / steps;
            *ratio = if way >= steps { 1.0 } else { share };
        }
        take(from, ratios);
    }
}

/// Kaufman's adaptive average: weight (ratio (2 / (fast + 1) - 2 / (slow + 1)) + 2 / (slow + 1))^2, begun with the
/// value at row `period - 1`; the first value is at row `period`. Kaufman, Smarter Trading, 1995.
pub fn kama(input: &[f64], period: usize, fast: usize, slow: usize, output: &mut [f64]) {
    if !blank(output, period) {
        return;
    }
    let (most, least) = (2.0 / (fast as f64 + 1.0), 2.0 / (slow as f64 + 1.0));
    let mut mean = input[period - 1];
    efficiency(input, period, |from, ratios| {
        let rows = from..from + ratios.len();
        for weight in ratios.iter_mut() {
            let root = *weight * (most - least) + least;
            *weight = root * root;
        }
        follow(&mut mean, ratios, &input[rows.clone()], &mut output[rows]);
    });
}

/// An average whose weight is another one in every row, four rows at a time: what they make of each other is known
/// before the mean is, and a step waits for one difference, one product and one sum. A constant stays what it is.
fn follow(mean: &mut f64, weights: &[f64], input: &[f64], output: &mut [f64]) {
    let (mut ins, mut outs) = (input.chunks_exact(4), output.chunks_exact_mut(4));
    for ((w, x), out) in weights.chunks_exact(4).zip(&mut ins).zip(&mut outs) {
        let (mut off, mut kept) = ([0.0; 4], [1.0 - w[0]; 4]);
        for n in 1..4 {
            off[n] = off[n - 1] + w[n] * ((x[n] - x[0]) - off[n - 1]);
            kept[n] = kept[n - 1] * (1.0 - w[n]);
        }
        let distance = *mean - x[0];
        for n in 0..4 {
            out[n] = (x[0] + off[n]) + kept[n] * distance;
        }
        *mean = out[3];
    }
    let rest = ins.remainder().iter().zip(weights.chunks_exact(4).remainder());
    for (out, (value, weight)) in outs.into_remainder().iter_mut().zip(rest) {
        *mean += weight * (value - *mean);
        *out = *mean;
    }
}
