//! Averages that remember everything a little.

use super::blank;

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
    Ema::new(mean, weight).run(&input[first + 1..], &mut output[first + 1..]);
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

    /// Two rows on.
    #[inline(always)]
    pub fn two(&mut self, x: [f64; 2]) -> [f64; 2] {
        let off = x[0] - self.mean;
        let first = self.mean + self.weight * off;
        self.mean = (self.mean + self.weight * (x[1] - x[0])) + self.shares[1] * off;
        [first, self.mean]
    }

    /// One row on.
    #[inline(always)]
    pub fn one(&mut self, x: f64) -> f64 {
        self.mean += self.weight * (x - self.mean);
        self.mean
    }

    /// Two averages of the same values, two rows on: side by side in one register.
    #[inline(always)]
    pub fn two_of_both(both: &mut [Ema; 2], x: [f64; 2]) -> [[f64; 2]; 2] {
        let (mut first, mut second) = ([0.0; 2], [0.0; 2]);
        let step = x[1] - x[0];
        for n in 0..2 {
            let off = x[0] - both[n].mean;
            first[n] = both[n].mean + both[n].weight * off;
            second[n] = (both[n].mean + both[n].weight * step) + both[n].shares[1] * off;
        }
        (both[0].mean, both[1].mean) = (second[0], second[1]);
        [first, second]
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

    /// Two rows on, once it is begun.
    #[inline(always)]
    pub fn two(&mut self, values: [f64; 2]) -> [f64; 2] {
        self.ema.two(values)
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

/// Exponential averages of one another, N deep, each begun with the mean of the first `period` values of the one
/// before; what is written is what `shape` makes of the N, row by row in order, from row `N (period - 1)` on.
#[inline]
pub fn ema_chain<const N: usize>(
    input: &[f64],
    period: usize,
    output: &mut [f64],
    mut shape: impl FnMut(&[f64; N]) -> f64,
) {
    let first = N * (period - 1);
    if !blank(output, first) {
        return;
    }
    let weight = ema_weight(period);
    let means = chain_seeds::<N>(input, period, weight);
    output[first] = shape(&means);
    let mut emas = means.map(|mean| Ema::new(mean, weight));
    let (mut ins, mut outs) = (input[first + 1..].chunks_exact(2), output[first + 1..].chunks_exact_mut(2));
    for (values, out) in (&mut ins).zip(&mut outs) {
        let (mut pair, mut early, mut late) = ([values[0], values[1]], [0.0; N], [0.0; N]);
        for n in 0..N {
            pair = emas[n].two(pair);
            (early[n], late[n]) = (pair[0], pair[1]);
        }
        (out[0], out[1]) = (shape(&early), shape(&late));
    }
    for (out, value) in outs.into_remainder().iter_mut().zip(ins.remainder()) {
        let mut newer = *value;
        *out = shape(&emas.each_mut().map(|ema| {
            newer = ema.one(newer);
            newer
        }));
    }
}

/// The N averages at row `N (period - 1)`.
fn chain_seeds<const N: usize>(input: &[f64], period: usize, weight: f64) -> [f64; N] {
    let (mut means, mut seen) = ([0.0; N], [0; N]);
    for value in &input[..=N * (period - 1)] {
        let mut newer = *value;
        for (mean, seen) in means.iter_mut().zip(&mut seen) {
            *seen += 1;
            if *seen <= period {
                // The sum first; at the last of the first values it becomes the mean.
                *mean += newer;
                if *seen < period {
                    break;
                }
                *mean /= period as f64;
            } else {
                *mean += weight * (newer - *mean);
            }
            newer = *mean;
        }
    }
    means
}

/// 2 e1 - e2. Mulloy, Stocks & Commodities, January 1994.
pub fn dema(input: &[f64], period: usize, output: &mut [f64]) {
    ema_chain::<2>(input, period, output, |e| e[0] + (e[0] - e[1]));
}

/// 3 e1 - 3 e2 + e3. Mulloy, Stocks & Commodities, February 1994.
pub fn tema(input: &[f64], period: usize, output: &mut [f64]) {
    ema_chain::<3>(input, period, output, |e| e[2] + 3.0 * (e[0] - e[1]));
}

/// Six averages of one another, mixed so that a generalised dema is applied three times; `volume` 0 is the third
/// average, 1 a dema of demas. Tillson, Stocks & Commodities, January 1998.
pub fn t3(input: &[f64], period: usize, volume: f64, output: &mut [f64]) {
    let (v, vv, vvv) = (volume, volume * volume, volume * volume * volume);
    let (c2, c3, c4) =
        (3.0 * vv + 3.0 * vvv, -6.0 * vv - 3.0 * v - 3.0 * vvv, 1.0 + 3.0 * v + vvv + 3.0 * vv);
    // The four weights sum to one, so differences to the last average keep constants exact.
    ema_chain::<6>(input, period, output, |e| {
        e[5] + (c4 * (e[2] - e[5]) + c3 * (e[3] - e[5]) + c2 * (e[4] - e[5]))
    });
}
