//! Highest and lowest of the last bars.

use super::{PARTS, Row, blank, row_at};

/// Rows that are made at a time: few, so that memory brings the next ones while these are worked on.
const BLOCK: usize = 64;
/// Windows up to this are put together from two windows of half the length; longer ones from blocks of their own
/// length.
const PERIOD_MAX: usize = 256;

/// Highest of the last `period` values, from row `period - 1` on.
pub fn highest(input: &[f64], period: usize, output: &mut [f64]) {
    if period > PERIOD_MAX {
        return van_herk(input, period, output, |a, b| if b > a { b } else { a });
    }
    extreme(input, period, output, higher);
}

/// Lowest of the last `period` values, from row `period - 1` on.
pub fn lowest(input: &[f64], period: usize, output: &mut [f64]) {
    if period > PERIOD_MAX {
        return van_herk(input, period, output, |a, b| if b < a { b } else { a });
    }
    extreme(input, period, output, lower);
}

#[inline(always)]
fn higher(a: Row, b: Row) -> Row {
    b.fast_max(a)
}

#[inline(always)]
fn lower(a: Row, b: Row) -> Row {
    b.fast_min(a)
}

#[inline(always)]
fn extreme(input: &[f64], period: usize, output: &mut [f64], best: impl Fn(Row, Row) -> Row + Copy) {
    let mut windows = Windows::new(period);
    for (values, out) in input.chunks(BLOCK).zip(output.chunks_mut(BLOCK)) {
        windows.next(values, out, best);
    }
    blank(output, period - 1);
}

/// Highest of one column and lowest of another, from row `period - 1` on.
pub fn both_ends(high: &[f64], low: &[f64], period: usize, tops: &mut [f64], bottoms: &mut [f64]) {
    if period > PERIOD_MAX {
        highest(high, period, tops);
        lowest(low, period, bottoms);
        return;
    }
    let (mut above, mut below) = (Windows::new(period), Windows::new(period));
    let outs = tops.chunks_mut(BLOCK).zip(bottoms.chunks_mut(BLOCK));
    for ((high, low), (top, bottom)) in high.chunks(BLOCK).zip(low.chunks(BLOCK)).zip(outs) {
        above.next(high, top, higher);
        below.next(low, bottom, lower);
    }
    blank(tops, period - 1);
    blank(bottoms, period - 1);
}

/// Highest of one column and lowest of another, some rows at a time, from row `period - 1` on: the first of the rows,
/// the highest, the lowest.
#[inline(always)]
pub fn ranges(high: &[f64], low: &[f64], period: usize, mut take: impl FnMut(usize, &[f64], &[f64])) {
    let first = period - 1;
    if period > PERIOD_MAX {
        let (mut tops, mut bottoms) = (vec![0.0; high.len()], vec![0.0; low.len()]);
        both_ends(high, low, period, &mut tops, &mut bottoms);
        if first < tops.len() {
            take(first, &tops[first..], &bottoms[first..]);
        }
        return;
    }
    let (mut above, mut below) = (Windows::new(period), Windows::new(period));
    let (mut top, mut bottom) = ([0.0; BLOCK], [0.0; BLOCK]);
    for (n, (high, low)) in high.chunks(BLOCK).zip(low.chunks(BLOCK)).enumerate() {
        let rows = high.len();
        above.next(high, &mut top[..rows], higher);
        below.next(low, &mut bottom[..rows], lower);
        let without = first.saturating_sub(n * BLOCK);
        if without < rows {
            take(n * BLOCK + without, &top[without..rows], &bottom[without..rows]);
        }
    }
}

/// Windows of 2, 4, 8 ... values, each from two of half the length; at last two that overlap. A window is known by its
/// last row; where it begins before the column it means nothing.
struct Windows {
    period: usize,
    /// The greatest power of two that is no longer.
    width: usize,
    last: Last,
    /// Windows of 16 values (or of `width`, if that is less), 32, 64 and so on.
    levels: [[f64; PERIOD_MAX + 4 * BLOCK]; 5],
    /// Where the windows of the next row are kept.
    end: usize,
}

/// What the next rows need of those before them: the values, and windows of 2, 4 and 8.
#[derive(Clone, Copy, Default)]
struct Last {
    ones: Row,
    twos: Row,
    fours: Row,
    eights: [Row; 2],
}

impl Windows {
    fn new(period: usize) -> Windows {
        let width = 1 << period.ilog2();
        Windows { period, width, last: Last::default(), levels: [[0.0; _]; 5], end: period }
    }

    /// The extremes of the windows that end with the next rows, a block of them or what is left at the end.
    #[inline(always)]
    fn next(&mut self, values: &[f64], output: &mut [f64], best: impl Fn(Row, Row) -> Row + Copy) {
        match values.as_array() {
            Some(values) => self.block(values, output, best),
            None => {
                let (mut all, mut made) = ([0.0; BLOCK], [0.0; BLOCK]);
                all[..values.len()].copy_from_slice(values);
                self.block(&all, &mut made, best);
                output.copy_from_slice(&made[..values.len()]);
            }
        }
    }

    #[inline(always)]
    fn block(&mut self, values: &[f64; BLOCK], output: &mut [f64], best: impl Fn(Row, Row) -> Row + Copy) {
        if self.end + BLOCK > self.levels[0].len() {
            let kept = self.end - self.period..self.end;
            let used = 1 + (self.width / 16).checked_ilog2().unwrap_or(0) as usize;
            self.levels[..used].iter_mut().for_each(|level| level.copy_within(kept.clone(), 0));
            self.end = self.period;
        }
        let (end, [first, longer @ ..]) = (self.end, &mut self.levels);
        let made = &mut first[end..end + BLOCK];
        match self.width {
            1 => first_windows::<1>(values, made, &mut self.last, best),
            2 => first_windows::<2>(values, made, &mut self.last, best),
            4 => first_windows::<4>(values, made, &mut self.last, best),
            8 => first_windows::<8>(values, made, &mut self.last, best),
            _ => first_windows::<16>(values, made, &mut self.last, best),
        }
        let (mut shorter, mut width) = (&*first, self.width.min(16));
        for level in longer {
            if width == self.width {
                break;
            }
            best_of_two(shorter, end, width, &mut level[end..end + BLOCK], best);
            (shorter, width) = (level, 2 * width);
        }
        best_of_two(shorter, end, self.period - width, output, best);
        self.end += BLOCK;
    }
}

/// Windows of up to 16 values, each row's from those of the rows before it while they are at hand.
///
/// These are functions of their own, so that the compiler knows that what is written is not what is read.
#[inline(never)]
fn first_windows<const WIDTH: usize>(
    values: &[f64; BLOCK],
    output: &mut [f64],
    last: &mut Last,
    best: impl Fn(Row, Row) -> Row,
) {
    let Last { mut ones, mut twos, mut fours, mut eights } = *last;
    for (n, out) in output[..BLOCK].as_chunks_mut::<PARTS>().0.iter_mut().enumerate() {
        let mut window = row_at(values, PARTS * n);
        if WIDTH >= 2 {
            let [.., before] = std::mem::replace(&mut ones, window).to_array();
            let [a, b, c, _] = window.to_array();
            window = best([before, a, b, c].into(), window);
        }
        if WIDTH >= 4 {
            let [_, _, before, last] = std::mem::replace(&mut twos, window).to_array();
            let [a, b, ..] = window.to_array();
            window = best([before, last, a, b].into(), window);
        }
        if WIDTH >= 8 {
            window = best(std::mem::replace(&mut fours, window), window);
        }
        if WIDTH >= 16 {
            let before = eights[0];
            eights = [eights[1], window];
            window = best(before, window);
        }
        *out = window.to_array();
    }
    *last = Last { ones, twos, fours, eights };
}

/// The better of every value of a block and the one some rows back.
#[inline(never)]
fn best_of_two(values: &[f64], at: usize, back: usize, output: &mut [f64], best: impl Fn(Row, Row) -> Row) {
    let [a, b] = [back, 0].map(|back| &values[at - back..][..BLOCK]);
    for (n, out) in output[..BLOCK].as_chunks_mut::<PARTS>().0.iter_mut().enumerate() {
        *out = best(row_at(a, PARTS * n), row_at(b, PARTS * n)).to_array();
    }
}

/// Van Herk, and Gil and Werman, 1992: with rows in blocks of `period`, a window is the end of one block and the
/// beginning of the next.
#[inline(always)]
fn van_herk(input: &[f64], period: usize, output: &mut [f64], best: impl Fn(f64, f64) -> f64) {
    let first = period - 1;
    if !blank(output, first) {
        return;
    }
    let rows = output.len();
    for begin in (0..rows).step_by(period) {
        // The end of this block from each of its rows on, kept at the row whose window begins there.
        let end = (begin + period).min(rows);
        let last_start = end.min(rows - first);
        let mut so_far = input[end - 1];
        for row in (begin..end).rev() {
            so_far = best(input[row], so_far);
            if row < last_start {
                output[row + first] = so_far;
            }
        }
        let next = end..(end + first).min(rows);
        let Some(start) = input.get(end) else { continue };
        let mut so_far = *start;
        for (out, value) in output[next.clone()].iter_mut().zip(&input[next]) {
            so_far = best(so_far, *value);
            *out = best(*out, so_far);
        }
    }
}
