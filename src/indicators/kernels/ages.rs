//! How many bars ago the extreme of the last bars was.

use super::{PARTS, blank, quarters};

/// Bars since the highest of the last `period` values, the latest of equals; the first is at row `period - 1`.
pub fn since_highest(input: &[f64], period: usize, output: &mut [f64]) {
    since::<true>(input, period, output, |a, b| if b > a { b } else { a });
}

/// Bars since the lowest of the last `period` values, the latest of equals; the first is at row `period - 1`.
pub fn since_lowest(input: &[f64], period: usize, output: &mut [f64]) {
    since::<true>(input, period, output, |a, b| if b < a { b } else { a });
}

/// Bars since the highest of the last `period` values, the earliest of equals; below zero where the newest is one.
pub(super) fn since_first_highest(input: &[f64], period: usize, output: &mut [f64]) {
    since::<false>(input, period, output, |a, b| if b > a { b } else { a });
}

/// Bars since the lowest of the last `period` values, the earliest of equals; below zero where the newest is one.
pub(super) fn since_first_lowest(input: &[f64], period: usize, output: &mut [f64]) {
    since::<false>(input, period, output, |a, b| if b < a { b } else { a });
}

/// The `LATEST` of equals, or else the earliest.
#[inline(always)]
fn since<const LATEST: bool>(
    input: &[f64],
    period: usize,
    output: &mut [f64],
    best: impl Fn(f64, f64) -> f64 + Copy,
) {
    if !blank(output, period - 1) {
        return;
    }
    let output = &mut output[period - 1..];
    let rows = output.len() / PARTS;
    let mut done = 0;
    if rows >= period {
        // Four parts of the column side by side.
        done = PARTS * rows;
        let ins = [0, 1, 2, 3].map(|part| &input[part * rows..(part + 1) * rows + period - 1]);
        blocks::<LATEST, _>(ins, quarters(&mut output[..done]), period, best);
    }
    blocks::<LATEST, _>([&input[done..]], [&mut output[done..]], period, best);
}

/// The best of some rows in every part, and at which row it is.
#[derive(Clone, Copy)]
struct Best<const L: usize> {
    value: [f64; L],
    row: [f64; L],
}

impl<const L: usize> Best<L> {
    /// Of two; where they are as good, the `LATEST` or else the earliest.
    #[inline(always)]
    fn or<const LATEST: bool>(self, later: Best<L>, best: impl Fn(f64, f64) -> f64) -> Best<L> {
        let mut made = self;
        for (value, later) in made.value.iter_mut().zip(later.value) {
            *value = best(*value, later);
        }
        for n in 0..L {
            let is_later =
                if LATEST { later.value[n] == made.value[n] } else { self.value[n] != made.value[n] };
            made.row[n] = if is_later { later.row[n] } else { self.row[n] };
        }
        made
    }
}

/// Rows in blocks of `period`: a window is the end of one block and the beginning of the next. Van Herk, and Gil and
/// Werman, 1992. Every part of `ins` has `period - 1` rows more than its part of `outs`, before it.
#[inline(always)]
fn blocks<const LATEST: bool, const L: usize>(
    ins: [&[f64]; L],
    mut outs: [&mut [f64]; L],
    period: usize,
    best: impl Fn(f64, f64) -> f64 + Copy,
) {
    let windows = outs[0].len();
    let mut ends = vec![Best { value: [0.0; L], row: [0.0; L] }; period];
    for begin in (0..windows).step_by(period) {
        let end = windows.min(begin + period);
        let block = ins.map(|values| &values[begin..begin + period]);
        let next = ins.map(|values| &values[begin + period..end + period - 1]);
        ends_of::<LATEST, L>(block, &mut ends, best);
        joined::<LATEST, L>(&ends, next, outs.each_mut().map(|values| &mut values[begin..end]), best);
    }
}

fn at<const L: usize>(columns: &[&[f64]; L], n: usize, row: usize) -> Best<L> {
    Best { value: columns.map(|values| values[n]), row: [f64::from(row as u32 as i32); L] }
}

/// The best from each row of a block to its end.
#[inline(never)]
fn ends_of<const LATEST: bool, const L: usize>(
    block: [&[f64]; L],
    ends: &mut [Best<L>],
    best: impl Fn(f64, f64) -> f64 + Copy,
) {
    let rows = ends.len();
    let block = block.map(|values| &values[..rows]);
    let mut so_far = at(&block, rows - 1, rows - 1);
    for (n, end) in ends.iter_mut().enumerate().rev() {
        so_far = at(&block, n, n).or::<LATEST>(so_far, best);
        *end = so_far;
    }
}

/// The ages in the windows that begin in a block.
#[inline(never)]
fn joined<const LATEST: bool, const L: usize>(
    ends: &[Best<L>],
    next: [&[f64]; L],
    mut outs: [&mut [f64]; L],
    best: impl Fn(f64, f64) -> f64 + Copy,
) {
    let (period, rows) = (ends.len(), next[0].len());
    let next = next.map(|values| &values[..rows]);
    let mut outs = outs.each_mut().map(|values| &mut values[..=rows]);
    let mut write = |n: usize, found: Best<L>, newest: [f64; L]| {
        let last = f64::from((n + period - 1) as u32 as i32);
        for (k, out) in outs.iter_mut().enumerate() {
            let age = last - found.row[k];
            out[n] = if !LATEST && newest[k] == found.value[k] { -age } else { age };
        }
    };
    write(0, ends[0], ends[period - 1].value);
    if rows == 0 {
        return;
    }
    let mut so_far = at(&next, 0, period);
    for (n, end) in ends[1..=rows].iter().enumerate() {
        let newest = at(&next, n, period + n);
        so_far = so_far.or::<LATEST>(newest, best);
        write(n + 1, end.or::<LATEST>(so_far, best), newest.value);
    }
}
