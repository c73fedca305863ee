//! An average that is fast where prices go straight.

use super::{CHUNK, Running, blank};

/// Kaufman's efficiency ratio of every row from `period` on, given to `take` some rows at a time with the first of
/// them: the way made in `period` rows over the sum of the steps, 1 where nothing moved.
#[inline(always)]
pub fn efficiency(input: &[f64], period: usize, mut take: impl FnMut(usize, &mut [f64])) {
    let mut sums = Steps { sum: 0.0, going: 0.0, still: 0, period };
    for pair in input[..period].windows(2) {
        sums.come((pair[1] - pair[0]).abs());
    }
    let mut ratios = [0.0; CHUNK];
    for from in (period..input.len()).step_by(CHUNK) {
        let to = input.len().min(from + CHUNK);
        let ratios = &mut ratios[..to - from];
        sums.run(&input[from - 1..to], &input[from - period..=to - period], ratios);
        let ways = input[from..to].iter().zip(&input[from - period..]);
        for (ratio, (now, then)) in ratios.iter_mut().zip(ways) {
            let (way, steps) = ((now - then).abs(), *ratio);
            let share = way / steps;
            *ratio = if way >= steps { 1.0 } else { share };
        }
        take(from, ratios);
    }
}

/// Sum of the steps of a window. What goes is taken away together with what comes next.
struct Steps {
    sum: f64,
    going: f64,
    /// Rows without a step; when the window has no others, what rounding left of steps that are gone would be taken
    /// for a move.
    still: usize,
    period: usize,
}

impl Steps {
    fn come(&mut self, step: f64) {
        self.sum += step - self.going;
        self.going = 0.0;
        self.still = if step == 0.0 { self.still + 1 } else { 0 };
        if self.still >= self.period {
            self.sum = 0.0;
        }
    }

    /// Sums after each of some steps: `coming` and `going` have one value more than there are steps.
    fn run(&mut self, coming: &[f64], going: &[f64], sums: &mut [f64]) {
        let step = |pair: &[f64]| (pair[1] - pair[0]).abs();
        let rows = sums.len();
        let zeros: usize = coming.windows(2).map(|pair| usize::from(pair[0] == pair[1])).sum();
        if self.still + zeros >= self.period {
            let pairs = coming.windows(2).map(step).zip(going.windows(2).map(step));
            for (sum, (comes, goes)) in sums.iter_mut().zip(pairs) {
                self.come(comes);
                (*sum, self.going) = (self.sum, goes);
            }
            return;
        }
        sums[0] = step(&coming[..2]) - self.going;
        let pairs = coming[1..].windows(2).zip(going.windows(2));
        for (sum, (comes, goes)) in sums[1..].iter_mut().zip(pairs) {
            *sum = step(comes) - step(goes);
        }
        let mut sum = Running(self.sum);
        let mut fours = sums.chunks_exact_mut(4);
        for four in &mut fours {
            let made = sum.four([four[0], four[1], four[2], four[3]]);
            four.copy_from_slice(&made);
        }
        for one in fours.into_remainder() {
            sum.0 += *one;
            *one = sum.0;
        }
        let still = coming.windows(2).rev().take_while(|pair| pair[0] == pair[1]).count();
        self.still = if still == rows { self.still + still } else { still };
        (self.sum, self.going) = (sum.0, step(&going[rows - 1..]));
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
