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

/// What all prices of a day have in common: whole multiples of `10^exponent`, none above `farthest` in size.
#[derive(Clone, Copy, Debug)]
pub(super) struct Grid {
    exponent: i32,
    farthest: Option<u64>,
}

impl Grid {
    /// Whether rounding these prices at so many decimals is known to leave every one as it is.
    ///
    /// A price is the `f64` nearest to n / 10^p. Let K = n * 10^(d - p), an integer. The computed x * 10^d is off K by
    /// two roundings, |K| * 2^-52 together: below 2^50 less than a half, so that rint gives K; and the `f64` nearest
    /// to K / 10^d is the one nearest to n / 10^p, which is the price.
    pub fn is_settled_at(&self, decimals: u32) -> bool {
        let places = i64::from(decimals) + i64::from(self.exponent);
        let power = u32::try_from(places).ok().and_then(|places| 10u64.checked_pow(places));
        let largest = self.farthest.zip(power).and_then(|(far, power)| far.checked_mul(power));
        (decimals as usize) < POWERS_OF_TEN.len() && largest.is_some_and(|largest| largest < 1 << 50)
    }
}

/// Fills `columns` with the candles that were traded and, with `asked_ms`, were over when the feed was asked.
pub(super) fn decode(candles: Candles<'_>, asked_ms: Option<i64>, columns: &mut Columns) -> Grid {
    let is_over = |start_ms: &i64| asked_ms.is_none_or(|asked_ms| start_ms + MINUTE_MS <= asked_ms);
    let count = candles.times_ms.partition_point(is_over);
    let volumes = &candles.volumes[..count];
    columns.times_ms.clear();
    columns.times_ms.extend_from_slice(&candles.times_ms[..count]);
    columns.volumes.clear();
    columns.volumes.extend_from_slice(volumes);
    for (prices, units) in columns.prices.iter_mut().zip(candles.units) {
        to_prices(&units[..count], candles.farthest, candles.multiplier, prices);
    }
    if volumes.contains(&0.0) {
        drop_untraded(volumes, columns);
    }
    let Decimal { mantissa, exponent } = candles.multiplier;
    Grid { exponent, farthest: candles.farthest.checked_mul(mantissa.unsigned_abs()) }
}

/// The decimals `units * multiplier`, each as the nearest `f64`.
fn to_prices(units: &[i64], farthest: u64, multiplier: Decimal, prices: &mut Vec<f64>) {
    prices.clear();
    let mantissa = multiplier.mantissa;
    let product = farthest.checked_mul(mantissa.unsigned_abs());
    let power = POWERS_OF_TEN.get(multiplier.exponent.unsigned_abs() as usize);
    match power {
        // Exact integers and an exact power of ten: one rounding, which gives the nearest.
        Some(power) if product.is_some_and(|product| product < EXACT_INTEGERS / 4) => {
            let whole = units.iter().map(|units| small_to_f64(units * mantissa));
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

/// An integer below 2^51 in size as an `f64`, exactly, with instructions that every processor has for several at once:
/// added to the bits of 1.5 * 2^52 it is that number plus the integer.
#[inline]
fn small_to_f64(integer: i64) -> f64 {
    const MIDDLE: f64 = 6_755_399_441_055_744.0;
    f64::from_bits(MIDDLE.to_bits().wrapping_add(integer as u64)) - MIDDLE
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
