//! Highest and lowest of the last bars.

use super::blank;

/// Highest of the last `period` values, from row `period - 1` on.
pub fn highest(input: &[f64], period: usize, output: &mut [f64]) {
    extreme(input, period, output, |a, b| a >= b, |value, _| value);
}

/// Lowest of the last `period` values, from row `period - 1` on.
pub fn lowest(input: &[f64], period: usize, output: &mut [f64]) {
    extreme(input, period, output, |a, b| a <= b, |value, _| value);
}

/// The row of the highest of the last `period` values, the latest of equals.
pub fn highest_place(input: &[f64], period: usize, output: &mut [f64]) {
    extreme(input, period, output, |a, b| a >= b, |_, place| place as f64);
}

/// The row of the lowest of the last `period` values, the latest of equals.
pub fn lowest_place(input: &[f64], period: usize, output: &mut [f64]) {
    extreme(input, period, output, |a, b| a <= b, |_, place| place as f64);
}

/// Remembers the best and its place; looks through the window again only when the best has left it.
#[inline]
fn extreme(
    input: &[f64],
    period: usize,
    output: &mut [f64],
    beats: impl Fn(f64, f64) -> bool,
    write: impl Fn(f64, usize) -> f64,
) {
    if !blank(output, period - 1) {
        return;
    }
    let mut place = 0;
    let mut best = input[0];
    let mut look = |from: usize, to: usize| {
        let mut found = from;
        for row in from + 1..=to {
            if beats(input[row], input[found]) {
                found = row;
            }
        }
        found
    };
    place = look(place, period - 1);
    best = if place < input.len() { input[place] } else { best };
    output[period - 1] = write(best, place);
    for row in period..input.len() {
        if beats(input[row], best) {
            (place, best) = (row, input[row]);
        } else if place + period <= row {
            place = look(row + 1 - period, row);
            best = input[place];
        }
        output[row] = write(best, place);
    }
}
