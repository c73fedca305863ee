//! Highest and lowest of the last bars.

use super::blank;

/// Rows that are worked on at a time.
const CHUNK: usize = 1024;
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

/// How many bars ago the highest of the last `period` values was, the latest of equals.
pub fn since_highest(input: &[f64], period: usize, output: &mut [f64]) {
    since(input, period, output, |later, earlier| later >= earlier);
}

/// How many bars ago the lowest of the last `period` values was, the latest of equals.
pub fn since_lowest(input: &[f64], period: usize, output: &mut [f64]) {
    since(input, period, output, |later, earlier| later <= earlier);
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

/// Windows of 4, 16, 64 ... values, each from four of the length before; at last up to four that overlap. `values`
/// begin `period - 1` rows before `output`.
#[inline(always)]
fn growing(
    values: &[f64],
    period: usize,
    output: &mut [f64],
    [from, to]: &mut [[f64; ROOM]; 2],
    best: impl Fn(f64, f64) -> f64 + Copy,
) {
    let (mut from, mut to) = (from, to);
    let (mut width, mut rows) = (1, values.len());
    while 4 * width < period {
        let longer = rows - 3 * width;
        let shorter = if width == 1 { values } else { &from[..rows] };
        best_of_four(shorter, [width, 2 * width, 3 * width], &mut to[..longer], best);
        (rows, width) = (longer, 4 * width);
        std::mem::swap(&mut from, &mut to);
    }
    let shorter = if width == 1 { values } else { &from[..rows] };
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

/// As `extreme`, with the bars since the value along with it.
#[inline(always)]
fn since(input: &[f64], period: usize, output: &mut [f64], beats: impl Fn(f64, f64) -> bool + Copy) {
    if !blank(output, period - 1) {
        return;
    }
    let first = period - 1;
    if period > DOUBLING_MAX {
        return look_again(input, period, &mut output[first..], beats);
    }
    for (n, out) in output[first..].chunks_mut(CHUNK).enumerate() {
        let values = &input[n * CHUNK..n * CHUNK + out.len() + first];
        doubling_since(values, period, out, beats);
    }
}

/// `ages` are counted from the last row of a window.
#[inline(always)]
fn doubling_since(
    values: &[f64],
    period: usize,
    output: &mut [f64],
    beats: impl Fn(f64, f64) -> bool + Copy,
) {
    let (mut one, mut other) = (([0.0; ROOM], [0.0; ROOM]), ([0.0; ROOM], [0.0; ROOM]));
    let (mut from, mut to) = (&mut one, &mut other);
    let (mut width, mut rows) = (1, values.len());
    from.0[..rows].copy_from_slice(values);
    while 2 * width < period {
        rows -= width;
        join(rows, width, (&from.0, &from.1), &mut to.0, &mut to.1, beats);
        width *= 2;
        std::mem::swap(&mut from, &mut to);
    }
    join(output.len(), period - width, (&from.0, &from.1), &mut [0.0; ROOM], output, beats);
}

/// From windows to windows `shift` rows longer: the better value of two, and how old it is.
///
/// A function of its own, so that the compiler knows that what is written is not what is read.
#[inline(never)]
fn join(
    rows: usize,
    shift: usize,
    (values, ages): (&[f64], &[f64]),
    value: &mut [f64],
    age: &mut [f64],
    beats: impl Fn(f64, f64) -> bool,
) {
    let (early, late) = (&values[..rows], &values[shift..shift + rows]);
    let (early_age, late_age) = (&ages[..rows], &ages[shift..shift + rows]);
    let (value, age, older) = (&mut value[..rows], &mut age[..rows], shift as f64);
    for n in 0..rows {
        // A choice by bits: a jump would be foreseen wrongly half of the time, and nothing done two rows at once.
        let wins = u64::from(beats(late[n], early[n])).wrapping_neg();
        let choice = |a: f64, b: f64| f64::from_bits((a.to_bits() & wins) | (b.to_bits() & !wins));
        value[n] = choice(late[n], early[n]);
        age[n] = choice(late_age[n], early_age[n] + older);
    }
}

/// For long windows: remembers the best and its row, and looks through the window again only when it has left.
/// `input` begins `period - 1` rows before `output`.
#[inline(always)]
fn look_again(input: &[f64], period: usize, output: &mut [f64], beats: impl Fn(f64, f64) -> bool) {
    let look = |from: usize, to: usize| {
        (from + 1..=to).fold(from, |found, row| if beats(input[row], input[found]) { row } else { found })
    };
    let mut place = look(0, period - 1);
    let mut best = input[place];
    for (n, (out, value)) in output.iter_mut().zip(&input[period - 1..]).enumerate() {
        let row = n + period - 1;
        if beats(*value, best) {
            (place, best) = (row, *value);
        } else if place < n {
            place = look(n, row);
            best = input[place];
        }
        *out = (row - place) as f64;
    }
}
