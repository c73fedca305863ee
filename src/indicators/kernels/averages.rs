//! Averages that remember everything a little.

use super::{CHUNK, PARTS, Row, blank, last_part, row_at, seated, settled_rows, side_by_side};

/// Weight of the newest value in an exponential average that is as old, on average, as one of `period` equal weights.
pub fn ema_weight(period: usize) -> f64 {
    2.0 / (period as f64 + 1.0)
}

/// Exponential average with weight 2 / (period + 1). The first value, at row `period - 1`, is the mean of the first
/// `period` values, as TA-Lib begins.
pub fn ema(input: &[f64], period: usize, output: &mut [f64]) {
    ema_from(input, period, period - 1, ema_weight(period), output);
}

/// Exponential average with a weight of one's choice, whose first value at row `first` (at least `period - 1`) is the
/// mean of the `period` values up to there.
pub fn ema_from(input: &[f64], period: usize, first: usize, weight: f64, output: &mut [f64]) {
    if !blank(output, first) {
        return;
    }
    let mean = input[first + 1 - period..=first].iter().sum::<f64>() / period as f64;
    output[first] = mean;
    let mut ema = Ema::new(mean, weight);
    let (input, output) = (&input[first..], &mut output[first + 1..]);
    let done = ema.run_in_parts([input], output, |_, [now]| now);
    ema.run(&input[1 + done..], &mut output[done..]);
}

/// Exponential average, with a weight of one's choice, of what `value` makes of every row of some columns but the
/// first and of the row before it; the output has one row less. The first average, at row `period - 1` of the output,
/// is the mean of the first `period` values.
#[inline(always)]
pub fn ema_of<const K: usize>(
    inputs: [&[f64]; K],
    period: usize,
    weight: f64,
    output: &mut [f64],
    value: impl Fn([Row; K], [Row; K]) -> Row + Copy,
) {
    if !blank(output, period - 1) {
        return;
    }
    let (seeds, output) = output.split_at_mut(period);
    fill(inputs, seeds, value);
    let mut ema = Ema::new(seeds.iter().sum::<f64>() / period as f64, weight);
    seeds.fill(f64::NAN);
    seeds[period - 1] = ema.mean;
    ema.run_of(inputs.map(|of| &of[period..]), output, value);
}

/// What `value` makes of every row but the first and of the row before it.
#[inline(always)]
fn fill<const K: usize>(inputs: [&[f64]; K], output: &mut [f64], value: impl Fn([Row; K], [Row; K]) -> Row) {
    let (fours, rest) = output.as_chunks_mut::<PARTS>();
    let done = PARTS * fours.len();
    for (four, row) in fours.iter_mut().zip((0..).step_by(PARTS)) {
        *four = value(inputs.map(|of| row_at(of, row)), inputs.map(|of| row_at(of, row + 1))).to_array();
    }
    for (out, row) in rest.iter_mut().zip(done..) {
        let at = |row: usize| inputs.map(|of| Row::splat(of[row]));
        *out = last_part(value(at(row), at(row + 1)));
    }
}

/// An exponential average on its way; what comes may come in pieces.
///
/// Four rows at a time, each of them from the mean before the four: a step then waits for one subtraction, one
/// product and one sum instead of four of each. Everything is reckoned in differences, so that the average of a
/// constant stays that constant to the last bit.
#[derive(Clone, Copy, Debug)]
pub struct Ema {
    /// The average so far.
    pub mean: f64,
    weight: f64,
    /// What one to four rows take of the distance to a first value that stays.
    shares: [f64; 4],
    /// Weights of a value one and two rows old.
    older: [f64; 2],
}

impl Ema {
    /// From a mean on, with the weight of the newest value.
    pub fn new(mean: f64, weight: f64) -> Ema {
        let kept = 1.0 - weight;
        let shares = [1, 2, 3, 4].map(|rows| 1.0 - kept.powi(rows));
        Ema { mean, weight, shares, older: [weight * kept, weight * kept * kept] }
    }

    #[inline(always)]
    fn four(&mut self, x: [f64; 4]) -> [f64; 4] {
        let (b, c, d) = (x[1] - x[0], x[2] - x[0], x[3] - x[0]);
        let ([w, s, ss, sss], [wk, wkk], mean) = (self.shares, self.older, self.mean);
        let off = x[0] - mean;
        self.mean = (mean + (w * d + (wk * c + wkk * b))) + sss * off;
        [mean + w * off, (mean + w * b) + s * off, (mean + (w * c + wk * b)) + ss * off, self.mean]
    }

    /// One row on.
    #[inline(always)]
    pub fn one(&mut self, x: f64) -> f64 {
        self.mean += self.weight * (x - self.mean);
        self.mean
    }

    /// The weight of the newest value.
    pub fn weight(&self) -> f64 {
        self.weight
    }

    /// The averages of what comes next.
    pub fn run(&mut self, input: &[f64], output: &mut [f64]) {
        let (mut ins, mut outs) = (input.chunks_exact(4), output.chunks_exact_mut(4));
        for (x, out) in (&mut ins).zip(&mut outs) {
            out.copy_from_slice(&self.four([x[0], x[1], x[2], x[3]]));
        }
        for (out, value) in outs.into_remainder().iter_mut().zip(ins.remainder()) {
            *out = self.one(*value);
        }
    }

    /// The averages of what `value` makes of every row but the first and of the row before it, which is in the inputs
    /// only.
    #[inline(always)]
    pub fn run_of<const K: usize>(
        &mut self,
        inputs: [&[f64]; K],
        output: &mut [f64],
        value: impl Fn([Row; K], [Row; K]) -> Row + Copy,
    ) {
        let done = self.run_in_parts(inputs, output, value);
        for (out, from) in output[done..].chunks_mut(CHUNK).zip((done..).step_by(CHUNK)) {
            fill(inputs.map(|of| &of[from..=from + out.len()]), out, value);
            self.run_over(out);
        }
    }

    /// Most of a column that is long enough for it, in four parts side by side; how many rows that makes.
    #[inline(always)]
    fn run_in_parts<const K: usize>(
        &mut self,
        inputs: [&[f64]; K],
        output: &mut [f64],
        value: impl Fn([Row; K], [Row; K]) -> Row,
    ) -> usize {
        let (mut means, weight, mean) = (Row::splat(self.mean), self.weight, self.mean);
        let step = |means: &mut Row, values: Row| {
            *means += (values - *means) * weight;
            [*means]
        };
        let settled = settled_rows(weight, 1);
        let done = side_by_side(inputs, [output], settled, &mut means, value, step, |means| {
            *means = seated(*means, mean);
        });
        if done > 0 {
            self.mean = last_part(means);
        }
        done
    }

    /// The same, in place.
    pub fn run_over(&mut self, values: &mut [f64]) {
        let mut fours = values.chunks_exact_mut(4);
        for x in &mut fours {
            x.copy_from_slice(&self.four([x[0], x[1], x[2], x[3]]));
        }
        for x in fours.into_remainder() {
            *x = self.one(*x);
        }
    }
}

/// Two exponential averages of one weight side by side, each begun with the mean of its first `period` values: two
/// rows at a time, and both in one register. A constant other than zero is kept to its last bits only.
#[derive(Clone, Copy, Debug)]
pub struct EmaPair {
    period: usize,
    seen: usize,
    means: [f64; 2],
    weight: f64,
}

impl EmaPair {
    /// With weight 2 / (period + 1).
    pub fn new(period: usize) -> EmaPair {
        EmaPair { period, seen: 0, means: [0.0; 2], weight: ema_weight(period) }
    }

    /// With weight 1 / period.
    pub fn wilder(period: usize) -> EmaPair {
        EmaPair { period, seen: 0, means: [0.0; 2], weight: 1.0 / period as f64 }
    }

    /// With weight 1 / period, going on from two means.
    pub fn wilder_on(period: usize, means: [f64; 2]) -> EmaPair {
        EmaPair { period, seen: period, means, weight: 1.0 / period as f64 }
    }

    /// Puts the averages in the place of the values that come next; says how many of these have none yet, and are
    /// left as something that means nothing.
    pub fn run_over(&mut self, values: &mut [[f64; 2]]) -> usize {
        let seeds = (self.period - self.seen).min(values.len());
        if seeds == 0 {
            self.go_on(values);
            return 0;
        }
        for value in &values[..seeds] {
            self.means = [self.means[0] + value[0], self.means[1] + value[1]];
        }
        self.seen += seeds;
        if self.seen < self.period {
            return seeds;
        }
        self.means = self.means.map(|sum| sum / self.period as f64);
        values[seeds - 1] = self.means;
        self.go_on(&mut values[seeds..]);
        seeds - 1
    }

    /// The same through this one and then through a second one.
    pub fn run_both(&mut self, second: &mut EmaPair, values: &mut [[f64; 2]]) -> usize {
        if self.seen < self.period || second.seen < second.period {
            let skipped = self.run_over(values);
            return skipped + second.run_over(&mut values[skipped..]);
        }
        // Side by side: while one waits for its last mean the other one works.
        let (mut a, mut b) = (*self, *second);
        let mut twos = values.chunks_exact_mut(2);
        for two in &mut twos {
            let pair = b.two(a.two([two[0], two[1]]));
            (two[0], two[1]) = (pair[0], pair[1]);
        }
        for value in twos.into_remainder() {
            *value = b.one(a.one(*value));
        }
        (*self, *second) = (a, b);
        0
    }

    /// Whether the first means are there.
    pub fn is_begun(&self) -> bool {
        self.seen == self.period
    }

    /// The averages so far, once they are begun.
    pub fn means(&self) -> [f64; 2] {
        self.means
    }

    /// The weight of the newest values.
    pub fn weight(&self) -> f64 {
        self.weight
    }

    /// Once they are begun: as if the averages were these.
    pub fn go_on_from(&mut self, means: [f64; 2]) {
        self.means = means;
    }

    #[inline]
    fn go_on(&mut self, values: &mut [[f64; 2]]) {
        let mut pair = *self;
        let mut twos = values.chunks_exact_mut(2);
        for two in &mut twos {
            let means = pair.two([two[0], two[1]]);
            (two[0], two[1]) = (means[0], means[1]);
        }
        for value in twos.into_remainder() {
            *value = pair.one(*value);
        }
        *self = pair;
    }

    #[inline(always)]
    fn two(&mut self, values: [[f64; 2]; 2]) -> [[f64; 2]; 2] {
        let (w, kept) = (self.weight, 1.0 - self.weight);
        let kept_twice = kept * kept;
        let (mut first, mut second) = ([0.0; 2], [0.0; 2]);
        for n in 0..2 {
            let (x, y) = (w * values[0][n], w * values[1][n]);
            first[n] = kept * self.means[n] + x;
            second[n] = kept_twice * self.means[n] + (kept * x + y);
        }
        self.means = second;
        [first, second]
    }

    #[inline(always)]
    fn one(&mut self, value: [f64; 2]) -> [f64; 2] {
        for (mean, value) in self.means.iter_mut().zip(value) {
            *mean = (1.0 - self.weight) * *mean + self.weight * value;
        }
        self.means
    }
}

/// An exponential average that begins with the mean of its first `period` values.
#[derive(Clone, Copy, Debug)]
pub struct SeededEma {
    period: usize,
    seen: usize,
    ema: Ema,
}

impl SeededEma {
    /// Whether the first mean is there.
    pub fn is_begun(&self) -> bool {
        self.seen == self.period
    }

    /// The average so far, once it is begun.
    pub fn mean(&self) -> f64 {
        self.ema.mean
    }

    /// The weight of the newest value.
    pub fn weight(&self) -> f64 {
        self.ema.weight
    }

    /// Once it is begun: as if the average were this one.
    pub fn go_on(&mut self, mean: f64) {
        self.ema.mean = mean;
    }

    /// With weight 2 / (period + 1).
    pub fn new(period: usize) -> SeededEma {
        SeededEma { period, seen: 0, ema: Ema::new(0.0, ema_weight(period)) }
    }

    /// With weight 1 / period.
    pub fn wilder(period: usize) -> SeededEma {
        SeededEma { period, seen: 0, ema: Ema::new(0.0, 1.0 / period as f64) }
    }

    /// With a weight of one's choice.
    pub fn weighted(period: usize, weight: f64) -> SeededEma {
        SeededEma { period, seen: 0, ema: Ema::new(0.0, weight) }
    }

    /// Puts the averages in the place of the values that come next, NaN where there is none yet; says how many of
    /// these there are.
    pub fn run_over(&mut self, values: &mut [f64]) -> usize {
        if self.is_begun() {
            self.ema.run_over(values);
            return 0;
        }
        let seeds = (self.period - self.seen).min(values.len());
        self.ema.mean += values[..seeds].iter().sum::<f64>();
        self.seen += seeds;
        values[..seeds].fill(f64::NAN);
        if self.seen < self.period {
            return seeds;
        }
        self.ema.mean /= self.period as f64;
        values[seeds - 1] = self.ema.mean;
        self.ema.run_over(&mut values[seeds..]);
        seeds - 1
    }
}

/// Wilder's average: weight 1 / period, begun with the mean of the first `period` values at row `period - 1`.
pub fn wilder(input: &[f64], period: usize, output: &mut [f64]) {
    ema_from(input, period, period - 1, 1.0 / period as f64, output);
}
