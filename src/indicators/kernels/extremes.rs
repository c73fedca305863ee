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

/// The row of the highest of the last `period` values, the latest of equals.
pub fn highest_place(input: &[f64], period: usize, output: &mut [f64]) {
    since_highest(input, period, output);
    output.iter_mut().enumerate().for_each(|(row, out)| *out = row as f64 - *out);
}

/// The row of the lowest of the last `period` values, the latest of equals.
pub fn lowest_place(input: &[f64], period: usize, output: &mut [f64]) {
    since_lowest(input, period, output);
    output.iter_mut().enumerate().for_each(|(row, out)| *out = row as f64 - *out);
}

#[inline(always)]
fn extreme(input: &[f64], period: usize, output: &mut [f64], best: impl Fn(f64, f64) -> f64 + Copy) {
    if !blank(output, period - 1) {
        return;
    }
    if period > DOUBLING_MAX {
        return blocks(input, period, output, best);
    }
    let first = period - 1;
    for (n, out) in output[first..].chunks_mut(CHUNK).enumerate() {
        let values = &input[n * CHUNK..n * CHUNK + out.len() + first];
        doubling(values, period, out, best);
    }
}

/// Windows of 2, 4, 8 ... values, each from two of the length before; at last two that overlap. `values` begin
/// `period - 1` rows before `output`.
#[inline(always)]
fn doubling(values: &[f64], period: usize, output: &mut [f64], best: impl Fn(f64, f64) -> f64) {
    let (mut one, mut other) = ([0.0; ROOM], [0.0; ROOM]);
    let (mut from, mut to) = (&mut one, &mut other);
    let (mut width, mut rows) = (1, values.len());
    from[..rows].copy_from_slice(values);
    while 2 * width < period {
        let (early, late) = (&from[..rows - width], &from[width..rows]);
        to.iter_mut().zip(early.iter().zip(late)).for_each(|(to, (a, b))| *to = best(*a, *b));
        rows -= width;
        width *= 2;
        std::mem::swap(&mut from, &mut to);
    }
    let late = &from[period - width..];
    output.iter_mut().zip(from.iter().zip(late)).for_each(|(to, (a, b))| *to = best(*a, *b));
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
    if period > DOUBLING_MAX {
        return look_again(input, period, output, beats);
    }
    let first = period - 1;
    for (n, out) in output[first..].chunks_mut(CHUNK).enumerate() {
        let values = &input[n * CHUNK..n * CHUNK + out.len() + first];
        doubling_since(values, period, out, beats);
    }
}

/// `ages` are counted from the last row of a window.
#[inline(always)]
fn doubling_since(values: &[f64], period: usize, output: &mut [f64], beats: impl Fn(f64, f64) -> bool) {
    let (mut one, mut other) = (([0.0; ROOM], [0.0; ROOM]), ([0.0; ROOM], [0.0; ROOM]));
    let (mut from, mut to) = (&mut one, &mut other);
    let (mut width, mut rows) = (1, values.len());
    from.0[..rows].copy_from_slice(values);
    while 2 * width < period {
        let older = width as f64;
        let early = from.0[..rows - width].iter().zip(&from.1);
        let late = from.0[width..rows].iter().zip(&from.1[width..rows]);
        for ((value, age), (early, late)) in to.0.iter_mut().zip(&mut to.1).zip(early.zip(late)) {
            let wins = beats(*late.0, *early.0);
            *value = if wins { *late.0 } else { *early.0 };
            *age = if wins { *late.1 } else { *early.1 + older };
        }
        rows -= width;
        width *= 2;
        std::mem::swap(&mut from, &mut to);
    }
    let shift = period - width;
    let older = shift as f64;
    let early = from.0.iter().zip(&from.1);
    let late = from.0[shift..].iter().zip(&from.1[shift..]);
    for (out, (early, late)) in output.iter_mut().zip(early.zip(late)) {
        *out = if beats(*late.0, *early.0) { *late.1 } else { *early.1 + older };
    }
}

/// For long windows: remembers the best and its row, and looks through the window again only when it has left.
#[inline(always)]
fn look_again(input: &[f64], period: usize, output: &mut [f64], beats: impl Fn(f64, f64) -> bool) {
    let look = |from: usize, to: usize| {
        (from + 1..=to).fold(from, |found, row| if beats(input[row], input[found]) { row } else { found })
    };
    let mut place = look(0, period - 1);
    for row in period - 1..input.len() {
        if beats(input[row], input[place]) {
            place = row;
        } else if place + period <= row {
            place = look(row + 1 - period, row);
        }
        output[row] = (row - place) as f64;
    }
}
