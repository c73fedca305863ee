//! At which row the extreme of a window is, as TA-Lib chooses among equals: a later equal takes the place of the one
//! that was found, and when that leaves the window the earliest of the best that are left follows.

use super::blank;

/// Rows of the highest of the last `period` values.
pub fn highest_row(input: &[f64], period: usize, output: &mut [f64]) {
    extreme_row(input, period, output, |a, b| a > b);
}

/// Rows of the lowest of the last `period` values.
pub fn lowest_row(input: &[f64], period: usize, output: &mut [f64]) {
    extreme_row(input, period, output, |a, b| a < b);
}

#[inline(always)]
fn extreme_row(input: &[f64], period: usize, output: &mut [f64], beats: impl Fn(f64, f64) -> bool + Copy) {
    if !blank(output, period - 1) {
        return;
    }
    let mut blocks = Blocks { input, period, rows: vec![0; period], of: usize::MAX, seen: 0, best: 0 };
    let mut place = (1..period).fold(0, |best, row| if beats(input[row], input[best]) { row } else { best });
    output[period - 1] = place as f64;
    let mut value = input[place];
    for ((row, out), new) in (period..).zip(&mut output[period..]).zip(&input[period..]) {
        if place + period <= row {
            place = blocks.earliest(row, beats);
            value = input[place];
        } else if !beats(value, *new) {
            (place, value) = (row, *new);
        }
        *out = place as f64;
    }
}

/// Windows up to this are looked through; of longer ones the blocks are kept.
const LOOKED_MAX: usize = 64;

/// The place of the earliest of the best of a window.
#[inline(always)]
fn earliest(window: &[f64], beats: impl Fn(f64, f64) -> bool) -> usize {
    let better = |a: f64, b: f64| if beats(b, a) { b } else { a };
    let mut best = [window[0]; 4];
    let fours = window.chunks_exact(4);
    let rest = fours.remainder().iter().fold(window[0], |best, value| better(best, *value));
    for four in fours {
        for n in 0..4 {
            best[n] = better(best[n], four[n]);
        }
    }
    let best = better(better(better(best[0], best[1]), better(best[2], best[3])), rest);
    window.iter().position(|value| *value == best).unwrap_or(0)
}

/// Rows in blocks of a window's length: a window is the end of one block and the beginning of the next. What is known
/// of a block is found when it is asked for.
struct Blocks<'a> {
    input: &'a [f64],
    period: usize,
    /// The earliest of the best from each row of a block to its end.
    rows: Vec<usize>,
    /// Which block that is.
    of: usize,
    /// The best of the next block up to the row before this one.
    seen: usize,
    best: usize,
}

impl Blocks<'_> {
    /// The earliest of the best of the window that ends with a row, the first window aside.
    fn earliest(&mut self, row: usize, beats: impl Fn(f64, f64) -> bool) -> usize {
        let (input, first) = (self.input, row + 1 - self.period);
        if self.period <= LOOKED_MAX {
            return first + earliest(&input[first..=row], beats);
        }
        let block = first / self.period;
        let next = (block + 1) * self.period;
        if self.of != block {
            self.of = block;
            let mut best = next - 1;
            for (row, kept) in (next - self.period..next).zip(&mut self.rows).rev() {
                best = if beats(input[best], input[row]) { best } else { row };
                *kept = best;
            }
            (self.seen, self.best) = (next, next);
        }
        let early = self.rows[first + self.period - next];
        if row < next {
            return early;
        }
        for later in self.seen..=row {
            self.best = if beats(input[later], input[self.best]) { later } else { self.best };
        }
        self.seen = row + 1;
        if beats(input[self.best], input[early]) { self.best } else { early }
    }
}
