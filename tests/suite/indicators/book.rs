//! Slow versions from the book, row by row.

use super::Table;

/// The first column of a request.
pub fn one(table: &Table, request: &str) -> Vec<f64> {
    table.of(request).remove(0).1
}

/// Every row of a request against a slow version of it; `None` where there is no value yet.
pub fn same(table: &Table, request: &str, slow: impl Fn(usize) -> Option<f64>) {
    let ours = one(table, request);
    let mut values = 0;
    for (row, ours) in ours.iter().enumerate() {
        match slow(row) {
            None => assert!(ours.is_nan(), "{request}: row {row} is {ours} and should not be there"),
            Some(wanted) => {
                let near = (ours - wanted).abs() <= 1e-9 * wanted.abs().max(1e-2);
                assert!(near, "{request}: row {row} is {ours} instead of {wanted}");
                values += 1;
            }
        }
    }
    assert!(values * 2 > ours.len(), "{request}: only {values} rows");
}

/// The same against a column that was made beforehand, NaN where there is no value.
pub fn same_as(table: &Table, request: &str, slow: &[f64]) {
    assert_eq!(slow.len(), table.rows());
    same(table, request, |row| Some(slow[row]).filter(|value| !value.is_nan()));
}

/// The window of `period` values that ends with a row; `None` where it is not full or has a gap.
pub fn window(values: &[f64], row: usize, period: usize) -> Option<&[f64]> {
    let window = (row + 1 >= period).then(|| &values[row + 1 - period..=row])?;
    window.iter().all(|value| !value.is_nan()).then_some(window)
}

pub fn mean(values: &[f64]) -> f64 {
    values.iter().sum::<f64>() / values.len() as f64
}

/// Of the population.
pub fn deviation(values: &[f64]) -> f64 {
    let mean = mean(values);
    (values.iter().map(|value| (value - mean) * (value - mean)).sum::<f64>() / values.len() as f64).sqrt()
}

pub fn high(values: &[f64]) -> f64 {
    values.iter().copied().fold(f64::MIN, f64::max)
}

pub fn low(values: &[f64]) -> f64 {
    values.iter().copied().fold(f64::MAX, f64::min)
}

/// What `make` makes of every full window.
pub fn rolling(values: &[f64], period: usize, make: impl Fn(&[f64]) -> f64) -> Vec<f64> {
    (0..values.len()).map(|row| window(values, row, period).map_or(f64::NAN, &make)).collect()
}

/// Averages with the newest value's weight, begun with the mean of the first `period` values there are.
pub fn smooth(values: &[f64], period: usize, weight: f64) -> Vec<f64> {
    let first = values.iter().take_while(|value| value.is_nan()).count() + period - 1;
    let mut last = f64::NAN;
    let step = |row: usize| {
        if row == first {
            last = mean(&values[row + 1 - period..=row]);
        } else if row > first {
            last = (1.0 - weight) * last + weight * values[row];
        }
        last
    };
    (0..values.len()).map(step).collect()
}

pub fn ema(values: &[f64], period: usize) -> Vec<f64> {
    smooth(values, period, 2.0 / (period as f64 + 1.0))
}

pub fn wilder(values: &[f64], period: usize) -> Vec<f64> {
    smooth(values, period, 1.0 / period as f64)
}

pub fn sma(values: &[f64], period: usize) -> Vec<f64> {
    rolling(values, period, mean)
}

/// Weights 1, 2, ... for the oldest, the next, ...
pub fn wma(values: &[f64], period: usize) -> Vec<f64> {
    weighted(values, &(1..=period).map(|n| n as f64).collect::<Vec<_>>())
}

/// Any weights, the oldest first.
pub fn weighted(values: &[f64], weights: &[f64]) -> Vec<f64> {
    let sum: f64 = weights.iter().sum();
    rolling(values, weights.len(), |window| {
        window.iter().zip(weights).map(|(value, weight)| value * weight).sum::<f64>() / sum
    })
}

/// Row by row; NaN where a column has none.
pub fn map(a: &[f64], b: &[f64], make: impl Fn(f64, f64) -> f64) -> Vec<f64> {
    a.iter().zip(b).map(|(a, b)| make(*a, *b)).collect()
}

/// What `make` makes of every row but the first; the first is NaN.
pub fn steps(rows: usize, make: impl Fn(usize) -> f64) -> Vec<f64> {
    (0..rows).map(|row| if row == 0 { f64::NAN } else { make(row) }).collect()
}

pub fn true_ranges(table: &Table) -> Vec<f64> {
    steps(table.rows(), |row| {
        let before = table.close[row - 1];
        table.high[row].max(before) - table.low[row].min(before)
    })
}

pub fn atr(table: &Table, period: usize) -> Vec<f64> {
    wilder(&true_ranges(table), period)
}

pub fn typical(table: &Table) -> Vec<f64> {
    (0..table.rows()).map(|row| (table.high[row] + table.low[row] + table.close[row]) / 3.0).collect()
}
