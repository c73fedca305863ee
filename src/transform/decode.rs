//! Checked candles to columns of numbers.

use crate::feed::wire::Candles;
use crate::model::day::MINUTE_MS;
use crate::model::decimal::{Decimal, EXACT_INTEGERS, POWERS_OF_TEN, nearest_f64};

/// The bars of a day while they are worked on, one vector for each field, all of one length.
#[derive(Clone, Debug, Default)]
pub(super) struct Columns {
    /// Starts of the minutes, UTC milliseconds.
    pub times_ms: Vec<i64>,
    /// Open, high, low, close.
    pub prices: [Vec<f64>; 4],
    pub volumes: Vec<f64>,
}

/// Fills `columns` with the candles that were traded and, with `asked_ms`, were over when the feed was asked.
pub(super) fn decode(candles: Candles<'_>, asked_ms: Option<i64>, columns: &mut Columns) {
    let is_over = |start_ms: &i64| asked_ms.is_none_or(|asked_ms| start_ms + MINUTE_MS <= asked_ms);
    let count = candles.times_ms.partition_point(is_over);
    let volumes = &candles.volumes[..count];
    columns.times_ms.clear();
    columns.times_ms.extend_from_slice(&candles.times_ms[..count]);
    columns.volumes.clear();
    columns.volumes.extend_from_slice(volumes);
    for (prices, units) in columns.prices.iter_mut().zip(candles.units) {
        to_prices(&units[..count], candles.multiplier, prices);
    }
    if volumes.contains(&0.0) {
        drop_untraded(volumes, columns);
    }
}

/// The decimals `units * multiplier`, each as the nearest `f64`.
fn to_prices(units: &[i64], multiplier: Decimal, prices: &mut Vec<f64>) {
    prices.clear();
    let mantissa = multiplier.mantissa;
    let farthest = units.iter().fold(0, |far, units| far | units.unsigned_abs());
    let product = farthest.checked_mul(mantissa.unsigned_abs());
    let power = POWERS_OF_TEN.get(multiplier.exponent.unsigned_abs() as usize);
    match power {
        // Exact integers below 2^53 and an exact power of ten: one rounding, which gives the nearest.
        Some(power) if product.is_some_and(|product| product < EXACT_INTEGERS) => {
            let whole = units.iter().map(|units| (units * mantissa) as f64);
            if multiplier.exponent < 0 {
                prices.extend(whole.map(|whole| whole / power));
            } else {
                prices.extend(whole.map(|whole| whole * power));
            }
        }
        _ => prices.extend(
            units
                .iter()
                .map(|units| nearest_f64(i128::from(*units) * i128::from(mantissa), multiplier.exponent)),
        ),
    }
}

fn drop_untraded(volumes: &[f64], columns: &mut Columns) {
    fn keep_traded<T>(volumes: &[f64], column: &mut Vec<T>) {
        let mut traded = volumes.iter().map(|volume| *volume != 0.0);
        column.retain(|_| traded.next().unwrap_or(false));
    }
    keep_traded(volumes, &mut columns.times_ms);
    columns.prices.iter_mut().for_each(|prices| keep_traded(volumes, prices));
    keep_traded(volumes, &mut columns.volumes);
}
