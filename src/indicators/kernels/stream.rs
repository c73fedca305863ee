//! Columns that are made a few rows at a time and never kept whole.

use super::windows::rolling_block;
use super::{CHUNK, Sliding, WindowSum, blank};

/// What comes next of a column, with as many values before it as a window needs.
#[derive(Clone, Debug)]
pub struct Carry {
    values: Vec<f64>,
    kept: usize,
    filled: usize,
}

impl Carry {
    /// Keeps `kept` values before those that come next; before the first ones there is nothing, which is NaN.
    pub fn new(kept: usize) -> Carry {
        Carry { values: vec![f64::NAN; kept + CHUNK.max(kept)], kept, filled: kept }
    }

    /// Room for the next `rows` values, at most `CHUNK`; the values before them that are kept stay in front.
    pub fn next(&mut self, rows: usize) -> &mut [f64] {
        if self.filled + rows > self.values.len() {
            let begin = self.filled - self.kept;
            self.values.copy_within(begin..self.filled, 0);
            self.filled -= begin;
        }
        self.filled += rows;
        &mut self.values[self.filled - rows..self.filled]
    }

    /// The last `rows` values, and those that are as many rows before them as are kept.
    pub fn both(&self, rows: usize) -> (&[f64], &[f64]) {
        let first = self.filled - rows;
        (&self.values[first..self.filled], &self.values[first - self.kept..self.filled - self.kept])
    }
}

/// Mean of the last `period` values of a column that `next` makes piece by piece, in order.
#[inline(always)]
pub fn rolling_mean_of(period: usize, output: &mut [f64], mut next: impl FnMut(usize, &mut [f64])) {
    if !blank(output, period - 1) {
        return;
    }
    let share = 1.0 / period as f64;
    // Long enough that what is summed anew in every block is little.
    let block = (2 * CHUNK).max(16 * period).min(output.len());
    let mut values = vec![0.0; block + period - 1];
    next(0, &mut values[..period - 1]);
    for (begin, out) in (period - 1..).step_by(block).zip(output[period - 1..].chunks_mut(block)) {
        let rows = out.len();
        next(begin, &mut values[period - 1..period - 1 + rows]);
        let centre = values[0];
        rolling_block(&values[..period - 1 + rows], period, out, |sum| centre + sum * share);
        values.copy_within(rows..rows + period - 1, 0);
    }
}

/// Sums of two columns over a window that goes along; the second column is never negative, and its sum is exactly zero
/// where the window has nothing else.
#[derive(Clone, Copy, Debug)]
pub struct PairSums {
    top: Sliding,
    bottom: WindowSum,
    period: usize,
}

impl PairSums {
    /// Over windows of `period` rows.
    pub fn new(period: usize) -> PairSums {
        PairSums { top: Sliding::default(), bottom: WindowSum::default(), period }
    }

    /// A row before the first full window.
    pub fn come(&mut self, (a, b): (f64, f64)) {
        self.top.come(a);
        self.bottom.come(b, self.period);
    }

    /// What `shape` makes of both sums, row by row: what comes in, what goes out after it.
    #[inline(always)]
    pub fn run(
        &mut self,
        output: &mut [f64],
        comings: impl Iterator<Item = (f64, f64)>,
        goings: impl Iterator<Item = (f64, f64)>,
        shape: impl Fn(f64, f64) -> f64,
    ) {
        let mut sums = *self;
        for ((out, coming), going) in output.iter_mut().zip(comings).zip(goings) {
            sums.come(coming);
            *out = shape(sums.top.sum, sums.bottom.sum);
            sums.top.go(going.0);
            sums.bottom.go(going.1);
        }
        *self = sums;
    }
}

/// The same of two columns that are there.
#[inline(always)]
pub fn window_pair(
    pairs: impl Iterator<Item = (f64, f64)> + Clone,
    period: usize,
    output: &mut [f64],
    shape: impl Fn(f64, f64) -> f64,
) {
    if !blank(output, period - 1) {
        return;
    }
    let mut sums = PairSums::new(period);
    pairs.clone().take(period - 1).for_each(|pair| sums.come(pair));
    sums.run(&mut output[period - 1..], pairs.clone().skip(period - 1), pairs, shape);
}
