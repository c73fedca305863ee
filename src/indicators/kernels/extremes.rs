//! Highest and lowest of the last bars.

use super::blank;

/// Rows that are worked on at a time.
const CHUNK: usize = 768;
/// Windows up to this are put together from windows of half the length; longer ones from blocks.
const DOUBLING_MAX: usize = 256;
const ROOM: usize = CHUNK + DOUBLING_MAX;

/// Highest of the last `period` values, from row `period - 1` on.
pub fn highest(input: &[f64], period: usize, output: &mut [f64]) {
    extreme(input, period, output, |a, b| if b > a { b } else { a });
}

/// Lowest of the last `period` values, from row `period - 1` on.
pub fn lowest(input: &[f64], period: usize, output: &mut [f64]) {
    extreme(input, period, output, |a, b| if b < a { b } else { a });
}

#[inline(always)]
fn extreme(input: &[f64], period: usize, output: &mut [f64], best: impl Fn(f64, f64) -> f64 + Copy) {
    if !blank(output, period - 1) {
        return;
    }
    if period > DOUBLING_MAX {
        return blocks(input, period, output, best);
    }
    let (first, mut room) = (period - 1, [[0.0; ROOM]; 2]);
    for (n, out) in output[first..].chunks_mut(CHUNK).enumerate() {
        let values = &input[n * CHUNK..n * CHUNK + out.len() + first];
        growing(values, period, out, &mut room, best);
    }
}

/// Highest and lowest of a column, from row `period - 1` on.
pub fn ends_of(input: &[f64], period: usize, tops: &mut [f64], bottoms: &mut [f64]) {
    if period <= 4 || period > DOUBLING_MAX {
        return both_ends(input, input, period, tops, bottoms);
    }
    let first = period - 1;
    if !(blank(tops, first) & blank(bottoms, first)) {
        return;
    }
    let (mut high, mut low, mut room) = ([0.0; ROOM], [0.0; ROOM], [[0.0; ROOM]; 2]);
    let outs = tops[first..].chunks_mut(CHUNK).zip(bottoms[first..].chunks_mut(CHUNK));
    for (n, (top, bottom)) in outs.enumerate() {
        let values = &input[n * CHUNK..n * CHUNK + top.len() + first];
        let rows = values.len() - 3;
        let (high, low) = (&mut high[..rows], &mut low[..rows]);
        ends_of_four(values, high, low);
        grow((high, 4), period, top, &mut room, |a, b| if b > a { b } else { a });
        grow((low, 4), period, bottom, &mut room, |a, b| if b < a { b } else { a });
    }
}

/// Highest and lowest of every value and the three after it.
#[inline(never)]
fn ends_of_four(values: &[f64], tops: &mut [f64], bottoms: &mut [f64]) {
    let more = |a: f64, b: f64| if b > a { b } else { a };
    let less = |a: f64, b: f64| if b < a { b } else { a };
    let fours = values.iter().zip(&values[1..]).zip(values[2..].iter().zip(&values[3..]));
    for ((top, bottom), ((a, b), (c, d))) in tops.iter_mut().zip(bottoms).zip(fours) {
        (*top, *bottom) = (more(more(*a, *b), more(*c, *d)), less(less(*a, *b), less(*c, *d)));
    }
}

/// Highest of one column and lowest of another, from row `period - 1` on.
pub fn both_ends(high: &[f64], low: &[f64], period: usize, tops: &mut [f64], bottoms: &mut [f64]) {
    let first = period - 1;
    if !(blank(tops, first) & blank(bottoms, first)) {
        return;
    }
    if period > DOUBLING_MAX {
        highest(high, period, tops);
        lowest(low, period, bottoms);
        return;
    }
    let mut room = [[0.0; ROOM]; 2];
    let outs = tops[first..].chunks_mut(CHUNK).zip(bottoms[first..].chunks_mut(CHUNK));
    for (n, (top, bottom)) in outs.enumerate() {
        let rows = n * CHUNK..n * CHUNK + top.len() + first;
        growing(&high[rows.clone()], period, top, &mut room, |a, b| if b > a { b } else { a });
        growing(&low[rows], period, bottom, &mut room, |a, b| if b < a { b } else { a });
    }
}

/// Windows of 4, 16, 64 ... values, each from four of the length before; at last up to four that overlap. `values`
/// begin `period - 1` rows before `output`.
#[inline(always)]
fn growing(
    values: &[f64],
    period: usize,
    output: &mut [f64],
    room: &mut [[f64; ROOM]; 2],
    best: impl Fn(f64, f64) -> f64 + Copy,
) {
    grow((values, 1), period, output, room, best);
}

/// The same from windows of a length that are there already.
#[inline(always)]
fn grow(
    (values, first_width): (&[f64], usize),
    period: usize,
    output: &mut [f64],
    [from, to]: &mut [[f64; ROOM]; 2],
    best: impl Fn(f64, f64) -> f64 + Copy,
) {
    let (mut from, mut to) = (from, to);
    let (mut width, mut rows) = (first_width, values.len());
    while 4 * width < period {
        let longer = rows - 3 * width;
        let shorter = if width == first_width { values } else { &from[..rows] };
        best_of_four(shorter, [width, 2 * width, 3 * width], &mut to[..longer], best);
        (rows, width) = (longer, 4 * width);
        std::mem::swap(&mut from, &mut to);
    }
    let shorter = if width == first_width { values } else { &from[..rows] };
    let last = period - width;
    if period <= 2 * width {
        best_of_two(shorter, last, output, best);
    } else {
        best_of_four(shorter, [width, (2 * width).min(last), last], output, best);
    }
}

/// The better of every value and the one some rows on.
///
/// These are functions of their own, so that the compiler knows that what is written is not what is read.
#[inline(never)]
fn best_of_two(values: &[f64], ahead: usize, output: &mut [f64], best: impl Fn(f64, f64) -> f64) {
    output.iter_mut().zip(values.iter().zip(&values[ahead..])).for_each(|(out, (a, b))| *out = best(*a, *b));
}

/// The best of every value and those some rows on.
#[inline(never)]
fn best_of_four(values: &[f64], ahead: [usize; 3], output: &mut [f64], best: impl Fn(f64, f64) -> f64) {
    let [b, c, d] = ahead.map(|rows| &values[rows..]);
    let fours = values.iter().zip(b).zip(c.iter().zip(d));
    for (out, ((a, b), (c, d))) in output.iter_mut().zip(fours) {
        *out = best(best(*a, *b), best(*c, *d));
    }
}

/// Highest of one column and lowest of another, some rows at a time, from row `period - 1` on: the first of the rows,
/// the highest, the lowest.
#[inline(always)]
pub fn ranges(high: &[f64], low: &[f64], period: usize, mut take: impl FnMut(usize, &[f64], &[f64])) {
    let first = period - 1;
    if period > DOUBLING_MAX {
        let (mut tops, mut bottoms) = (vec![0.0; high.len()], vec![0.0; low.len()]);
        highest(high, period, &mut tops);
        lowest(low, period, &mut bottoms);
        if first < tops.len() {
            take(first, &tops[first..], &bottoms[first..]);
        }
        return;
    }
    let (mut top, mut bottom, mut room) = ([0.0; CHUNK], [0.0; CHUNK], [[0.0; ROOM]; 2]);
    for begin in (first..high.len()).step_by(CHUNK) {
        let end = (begin + CHUNK).min(high.len());
        let (top, bottom) = (&mut top[..end - begin], &mut bottom[..end - begin]);
        growing(&high[begin - first..end], period, top, &mut room, |a, b| if b > a { b } else { a });
        growing(&low[begin - first..end], period, bottom, &mut room, |a, b| if b < a { b } else { a });
        take(begin, top, bottom);
    }
}

/// Van Herk, and Gil and Werman, 1992: with rows in blocks of `period`, a window is the end of one block and the
/// beginning of the next.
#[inline(always)]
fn blocks(input: &[f64], period: usize, output: &mut [f64], best: impl Fn(f64, f64) -> f64) {
    let first = period - 1;
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
