//! Arithmetic and comparisons of columns, and rows of extremes.

use super::statistics::{one, same, window};
use super::{market, table};

#[test]
fn crossings_and_runs() {
    let table = table(&market(33, 900));
    let (close, open) = (&table.close, &table.open);
    let flag = |is: bool| Some(f64::from(u8::from(is)));
    let up = |row: usize| close[row] > open[row];
    let down = |row: usize| close[row] < open[row];
    let before = |row: usize| row.checked_sub(1);
    same("cross_above", &one(&table, "cross_above(close,open)"), |row| flag(!up(before(row)?) && up(row)));
    same("cross_below", &one(&table, "cross_below(close,open)"), |row| {
        flag(!down(before(row)?) && down(row))
    });
    same("cross", &one(&table, "cross(close,open)"), |row| {
        let before = before(row)?;
        flag(!up(before) && up(row) || !down(before) && down(row))
    });
    same("cross_level", &one(&table, "cross_level_101"), |row| {
        let (then, now) = (close[before(row)?], close[row]);
        Some(if now > 101.0 && then <= 101.0 {
            1.0
        } else if now < 101.0 && then >= 101.0 {
            -1.0
        } else {
            0.0
        })
    });
    same("rising", &one(&table, "rising_3"), |row| {
        let w = window(close, row, 4)?;
        flag(w[..3].iter().all(|x| w[3] > *x))
    });
    same("falling", &one(&table, "falling_3"), |row| {
        let w = window(close, row, 4)?;
        flag(w[..3].iter().all(|x| w[3] < *x))
    });
    same("valuewhen", &one(&table, "valuewhen(2,close,above(close,open))"), |row| {
        (0..=row).rev().filter(|row| up(*row)).nth(2).map(|row| close[row])
    });
    same("highestbars", &one(&table, "highestbars_10"), |row| {
        let w = window(close, row, 10)?;
        let top = w.iter().copied().fold(f64::MIN, f64::max);
        w.iter().rev().position(|x| *x == top).map(|bars| -(bars as f64))
    });
    same("cummax", &one(&table, "cummax()"), |row| close[..=row].iter().copied().reduce(f64::max));
    same("cumsum", &one(&table, "cumsum()"), |row| Some(close[..=row].iter().sum()));
}

#[test]
fn rows_of_extremes_in_long_windows() {
    let mut table = table(&market(34, 3_000));
    table.close.iter_mut().for_each(|close| *close = (*close / 2.0).round());
    // Falls of some length, where the highest leaves the window with every bar.
    (1_000..1_600).for_each(|row| table.close[row] = 3_000.0 - (row / 3) as f64);
    let close = &table.close;
    for period in [2, 3, 7, 64, 500, 2_999, 3_001] {
        let made = table.of(&format!("minmaxindex_{period}"));
        for ((_, ours), sign) in made.iter().zip([-1.0, 1.0]) {
            let better = |a: usize, b: usize| sign * close[a] > sign * close[b];
            let earliest = |rows: std::ops::RangeInclusive<usize>| {
                rows.reduce(|best, row| if better(row, best) { row } else { best }).expect("a row")
            };
            let mut place = 0;
            for (row, ours) in ours.iter().enumerate() {
                if row + 1 < period {
                    assert!(ours.is_nan());
                    continue;
                }
                place = if row + 1 == period || place + period <= row {
                    earliest(row + 1 - period..=row)
                } else if better(place, row) {
                    place
                } else {
                    row
                };
                assert_eq!(*ours, place as f64, "period {period}, row {row}");
            }
        }
    }
}

#[test]
fn whole_numbers_near_and_far() {
    let mut table = table(&market(1, 9));
    let odd = [-0.0, 0.5, -0.5, 2.0, -2.5, 1e18, -4_503_599_627_370_497.5, 4_503_599_627_370_495.5, -1e-300];
    table.close.copy_from_slice(&odd);
    let (floors, ceils) = (one(&table, "floor()"), one(&table, "ceil()"));
    for (row, value) in odd.iter().enumerate() {
        assert_eq!((floors[row], ceils[row]), (value.floor(), value.ceil()), "{value}");
    }
    assert_eq!(one(&table, "round_0.5")[4], -2.5);
    assert_eq!(one(&table, "clip_-1_1")[4], -1.0);
    assert_eq!(one(&table, "sign()")[..3], [0.0, 1.0, -1.0]);
}
