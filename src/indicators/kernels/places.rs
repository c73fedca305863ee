//! At which row the extreme of a window is, as TA-Lib chooses among equals: a later equal takes the place of the one
//! that was found, and when that leaves the window the earliest of the best that are left follows.

use super::{highest, lowest};

/// Rows of the highest of the last `period` values.
pub fn highest_row(input: &[f64], period: usize, output: &mut [f64]) {
    highest(input, period, output);
    rows_of(input, period, output);
}

/// Rows of the lowest of the last `period` values.
pub fn lowest_row(input: &[f64], period: usize, output: &mut [f64]) {
    lowest(input, period, output);
    rows_of(input, period, output);
}

/// Where the extremes are, in their place. What is gone is never looked at again, so that all looking together is one
/// walk over the column.
fn rows_of(input: &[f64], period: usize, extremes: &mut [f64]) {
    let from = |row: usize, extreme: f64| {
        let ahead = input[row..].iter().position(|value| *value == extreme);
        (row + ahead.unwrap_or(0)) as f64
    };
    let Some(first) = extremes.get_mut(period - 1) else { return };
    // Counted in the numbers that are written: nothing is turned into another kind row by row.
    let (mut place, mut row, window) = (from(0, *first), period as f64, period as f64);
    *first = place;
    for (out, value) in extremes[period..].iter_mut().zip(&input[period..]) {
        let extreme = *out;
        if place + window <= row {
            place = from(place as usize + 1, extreme);
        } else {
            place = if *value == extreme { row } else { place };
        }
        *out = place;
        row += 1.0;
    }
}
