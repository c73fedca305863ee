//! Momentum and cycles against slow versions from the book.

use super::{Table, market, table};

fn one(table: &Table, request: &str) -> Vec<f64> {
    table.of(request).remove(0).1
}

fn same(request: &str, ours: &[f64], slow: impl Fn(usize) -> Option<f64>) {
    for (row, ours) in ours.iter().enumerate() {
        match slow(row) {
            None => assert!(ours.is_nan(), "{request}: row {row} is {ours} and should not be there"),
            Some(wanted) => {
                let near = (ours - wanted).abs() <= 1e-9 * wanted.abs().max(1e-2);
                assert!(near, "{request}: row {row} is {ours} instead of {wanted}");
            }
        }
    }
}

/// The window of `period` values that ends with a row.
fn window(values: &[f64], row: usize, period: usize) -> Option<&[f64]> {
    (row + 1 >= period).then(|| &values[row + 1 - period..=row])
}

fn mean(values: &[f64]) -> f64 {
    values.iter().sum::<f64>() / values.len() as f64
}

fn high(values: &[f64]) -> f64 {
    values.iter().copied().fold(f64::MIN, f64::max)
}

fn low(values: &[f64]) -> f64 {
    values.iter().copied().fold(f64::MAX, f64::min)
}

/// Prices on a coarse grid, so that windows have equal extremes.
fn coarse(rows: usize) -> Table {
    let mut table = table(&market(11, rows));
    for column in [&mut table.open, &mut table.high, &mut table.low, &mut table.close] {
        column.iter_mut().for_each(|price| *price = price.round());
    }
    table
}

#[test]
fn extremes_of_short_and_long_windows() {
    let table = coarse(1_300);
    for period in [2, 3, 4, 5, 14, 64, 255, 256, 257, 300, 1_299, 1_400] {
        let request = format!("willr_{period}");
        same(&request, &one(&table, &request), |row| {
            let (top, bottom) =
                (high(window(&table.high, row, period)?), low(window(&table.low, row, period)?));
            Some(if top == bottom { 0.0 } else { -100.0 * (top - table.close[row]) / (top - bottom) })
        });
        let request = format!("aroon_{period}__up");
        same(&request, &one(&table, &request), |row| {
            let window = window(&table.high, row, period + 1)?;
            let since = window.iter().rev().position(|price| *price == high(window))?;
            Some(100.0 * (period - since) as f64 / period as f64)
        });
    }
}

#[test]
fn few_rows_and_long_periods_are_no_trouble() {
    for rows in [0, 1, 2, 3, 5, 7, 8, 12, 33, 64] {
        let table = table(&market(3, rows));
        for indicator in engine::indicators::catalog() {
            for (name, values) in table.of(&format!("{}()", indicator.name)) {
                assert_eq!(values.len(), rows, "{name}");
            }
        }
    }
}

#[test]
fn oscillators_beyond_ta_lib() {
    let table = table(&market(13, 700));
    let close = &table.close;
    same("psl_12", &one(&table, "psl_12"), |row| {
        let window = window(close, row, 13)?;
        Some(100.0 * window.windows(2).filter(|pair| pair[1] > pair[0]).count() as f64 / 12.0)
    });
    same("bias_26", &one(&table, "bias_26"), |row| {
        let mean = mean(window(close, row, 26)?);
        Some((close[row] - mean) / mean)
    });
    same("tii_20_10", &one(&table, "tii_20_10"), |row| {
        let off = |row: usize| Some(close[row] - mean(window(close, row, 20)?));
        let offs: Option<Vec<f64>> = (row.checked_sub(9)?..=row).map(off).collect();
        let (up, down) =
            offs?.iter().fold((0.0, 0.0), |sum, off| (sum.0 + off.max(0.0), sum.1 + (-off).max(0.0)));
        Some(100.0 * up / (up + down))
    });
    same("cfo_9", &one(&table, "cfo_9"), |row| {
        let window = window(close, row, 9)?;
        let middle = mean(window);
        let tilt =
            window.iter().enumerate().map(|(n, x)| (n as f64 - 4.0) * (x - middle)).sum::<f64>() / 60.0;
        Some(100.0 * (close[row] - middle - 4.0 * tilt) / close[row])
    });
    same("momentum_z_10_30", &one(&table, "momentum_z_10_30"), |row| {
        let move_of = |row: usize| Some(close[row] - close[row.checked_sub(10)?]);
        let moves: Option<Vec<f64>> = (row.checked_sub(29)?..=row).map(move_of).collect();
        let moves = moves?;
        let variance = moves.iter().map(|m| (m - mean(&moves)).powi(2)).sum::<f64>() / 30.0;
        Some((moves[29] - mean(&moves)) / variance.sqrt())
    });
}

/// An exponential average begun with the mean of the first `period` of the values that are there.
fn ema(values: &[f64], period: usize, weight: f64) -> Vec<f64> {
    let first = values.iter().position(|value| !value.is_nan()).unwrap_or(values.len());
    let mut averages = vec![f64::NAN; values.len()];
    if first + period > values.len() {
        return averages;
    }
    let mut average = mean(&values[first..first + period]);
    averages[first + period - 1] = average;
    for row in first + period..values.len() {
        average = weight * values[row] + (1.0 - weight) * average;
        averages[row] = average;
    }
    averages
}

fn there(value: f64) -> Option<f64> {
    (!value.is_nan()).then_some(value)
}

#[test]
fn smoothed_oscillators_beyond_ta_lib() {
    let table = table(&market(14, 700));
    let close = &table.close;
    let rate = |row: usize, back: usize| Some(100.0 * (close[row] / close[row.checked_sub(back)?] - 1.0));
    let rates: Vec<f64> = (0..close.len()).map(|row| rate(row, 1).unwrap_or(f64::NAN)).collect();
    let first: Vec<f64> = ema(&rates, 35, 2.0 / 35.0).iter().map(|value| 10.0 * value).collect();
    let pmo = ema(&first, 20, 2.0 / 20.0);
    same("pmo", &one(&table, "pmo_35_20_10__pmo"), |row| there(pmo[row]));
    let signal = ema(&pmo, 10, 2.0 / 11.0);
    same("pmo signal", &one(&table, "pmo_35_20_10__signal"), |row| there(signal[row]));
    same("kst", &one(&table, "kst()__kst"), |row| {
        let part = |back: usize, period: usize| {
            let rates: Option<Vec<f64>> =
                (row.checked_sub(period - 1)?..=row).map(|row| rate(row, back)).collect();
            Some(mean(&rates?))
        };
        Some(part(10, 10)? + 2.0 * part(15, 10)? + 3.0 * part(20, 10)? + 4.0 * part(30, 15)?)
    });
    let sizes: Vec<f64> =
        (0..close.len()).map(|row| if row == 0 { f64::NAN } else { table.volume[row] }).collect();
    let signed = |row: usize| if row > 0 && close[row] > close[row - 1] { sizes[row] } else { -sizes[row] };
    let signed = ema(&(0..close.len()).map(signed).collect::<Vec<f64>>(), 14, 2.0 / 15.0);
    let sizes = ema(&sizes, 14, 2.0 / 15.0);
    same("vzo", &one(&table, "vzo_14"), |row| there(100.0 * signed[row] / sizes[row]));
}

#[test]
fn vigor_and_connors_by_hand() {
    let table = table(&market(15, 400));
    let four = |a: &[f64], b: &[f64], row: usize| {
        let off = |back: usize| Some(a[row.checked_sub(back)?] - b[row - back]);
        Some((off(0)? + 2.0 * off(1)? + 2.0 * off(2)? + off(3)?) / 6.0)
    };
    let sum = |a: &[f64], b: &[f64], row: usize| -> Option<f64> {
        let parts: Option<Vec<f64>> = (row.checked_sub(9)?..=row).map(|row| four(a, b, row)).collect();
        Some(parts?.iter().sum())
    };
    same("rvgi", &one(&table, "rvgi_10__rvgi"), |row| {
        Some(sum(&table.close, &table.open, row)? / sum(&table.high, &table.low, row)?)
    });
    let close = &table.close;
    let (rsi, ours) = (one(&table, "rsi_3"), one(&table, "crsi_3_2_100"));
    // Rises and falls in a row, and Wilder's averages of their changes with weight a half.
    let (mut streaks, mut streak) = (vec![0.0], 0.0_f64);
    for pair in close.windows(2) {
        let step = pair[1] - pair[0];
        streak = match step.partial_cmp(&0.0) {
            Some(std::cmp::Ordering::Greater) => streak.max(0.0) + 1.0,
            Some(std::cmp::Ordering::Less) => streak.min(0.0) - 1.0,
            _ => 0.0,
        };
        streaks.push(streak);
    }
    let side = |sign: f64| {
        let moves = streaks.windows(2).map(|pair| (sign * (pair[1] - pair[0])).max(0.0));
        ema(&std::iter::once(f64::NAN).chain(moves).collect::<Vec<f64>>(), 2, 0.5)
    };
    let (ups, downs) = (side(1.0), side(-1.0));
    same("crsi", &ours, |row| {
        let returns: Vec<f64> = close.windows(2).map(|pair| pair[1] / pair[0] - 1.0).collect();
        let last = *returns.get(row.checked_sub(1)?)?;
        let before = window(&returns, row.checked_sub(2)?, 100)?;
        let rank = before.iter().filter(|earlier| **earlier < last - 1e-15).count() as f64;
        Some((rsi[row] + 100.0 * ups[row] / (ups[row] + downs[row]) + rank) / 3.0)
    });
}

#[test]
fn filters_pass_what_they_should() {
    // A cycle of 20 bars goes through a roof of 10 to 48, one of 4 and a level do not.
    let wave = |period: f64| {
        let mut table = table(&market(1, 1_500));
        for row in 0..table.rows() {
            table.close[row] = 100.0 + (std::f64::consts::TAU * row as f64 / period).sin();
        }
        table
    };
    let size = |values: &[f64]| high(&values[1_000..]);
    let passed = |period: f64| size(&one(&wave(period), "roofing_48_10"));
    assert!(
        passed(20.0) > 0.5 && passed(4.0) < 0.2 && passed(1e9) < 1e-6,
        "{} {}",
        passed(20.0),
        passed(4.0)
    );
    let level = one(&wave(1e12), "decycler_60");
    assert!(level.iter().all(|value| (value - 100.0).abs() < 1e-6));
    let sine = one(&wave(20.0), "ebsw_40_10");
    assert!(size(&sine) > 0.9 && size(&sine) <= 1.0 + 1e-12);
    let cycle = one(&wave(20.0), "cybercycle(0.07,close)__cycle");
    assert!(size(&cycle) > 0.5, "{}", size(&cycle));
    // The slower the line, the closer it is to the level.
    let line = one(&wave(20.0), "itrend(0.07,close)__line");
    assert!(line[1_000..].iter().all(|value| (value - 100.0).abs() < 0.5));
}

#[test]
fn ranges_that_definitions_promise() {
    let table = table(&market(16, 2_000));
    for (request, least, most) in [
        ("laguerre_rsi", 0.0, 1.0),
        ("stc", 0.0, 100.0),
        ("crsi", 0.0, 100.0),
        ("rmi", 0.0, 100.0),
        ("ifisher", -1.0, 1.0),
        ("vzo", -100.0, 100.0),
        ("pzo", -100.0, 100.0),
        ("ebsw", -1.0, 1.0),
        ("squeeze__on", 0.0, 1.0),
        ("qqe__qqe", 0.0, 100.0),
    ] {
        let request =
            if request.contains("__") { request.replace("__", "()__") } else { format!("{request}()") };
        let values = one(&table, &request);
        let inside = |value: &f64| (least - 1e-12..=most + 1e-12).contains(value);
        assert!(values.iter().filter(|value| !value.is_nan()).all(inside), "{request}");
        assert!(values.iter().filter(|value| !value.is_nan()).count() > 1_000, "{request}");
    }
}
