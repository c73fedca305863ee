//! At which row the extreme of a window is, as TA-Lib chooses among equals: a later equal takes the place of the one
//! that was found, and when that leaves the window the earliest of the best that are left follows.

use super::ages::{since_first_highest, since_first_lowest};

/// Rows of the highest of the last `period` values.
pub fn highest_row(input: &[f64], period: usize, output: &mut [f64]) {
    since_first_highest(input, period, output);
    rows_of(period, output);
}

/// Rows of the lowest of the last `period` values.
pub fn lowest_row(input: &[f64], period: usize, output: &mut [f64]) {
    since_first_lowest(input, period, output);
    rows_of(period, output);
}

/// The rows in the place of how long ago the earliest of equals was. Nobody can foretell when an extreme leaves its
/// window: numbers that are chosen from instead of questions.
fn rows_of(period: usize, ages: &mut [f64]) {
    let Some(first) = ages.get_mut(period - 1) else { return };
    let (mut row, window) = ((period - 1) as f64, period as f64);
    let mut place = row - first.abs();
    *first = place;
    for out in &mut ages[period..] {
        row += 1.0;
        let earliest = row - out.abs();
        let newest = if *out <= 0.0 { row } else { 0.0 };
        let kept = if newest > place { newest } else { place };
        place = if place <= row - window { earliest } else { kept };
        *out = place;
    }
}
