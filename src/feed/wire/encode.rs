//! Candles written as the feed writes them: what the simulated feed answers with.

use std::io::Write;

use crate::model::decimal::Decimal;

/// One minute in units of a payload's multiplier.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Candle {
    /// Start of the minute, UTC.
    pub time_ms: i64,
    /// Open, high, low, close as multiples of the multiplier.
    pub units: [i64; 4],
    /// As the feed counts it.
    pub volume: f64,
}

const SHIFT_MS: i64 = 60_000;

/// Writes candles in increasing time as the feed would: base prices and deltas, or nulls for an empty day.
pub fn encode(timestamp_ms: i64, multiplier: Decimal, candles: &[Candle]) -> String {
    let mut text = Vec::with_capacity(200 + candles.len() * 24);
    let base = |column: usize| {
        candles.first().map_or("null".to_owned(), |first| {
            let units = Decimal {
                mantissa: first.units[column] * multiplier.mantissa,
                exponent: multiplier.exponent,
            };
            units.to_string()
        })
    };
    let (o, h, l, c) = (base(0), base(1), base(2), base(3));
    write!(
        text,
        "{{\"timestamp\":{timestamp_ms},\"multiplier\":{multiplier},\"open\":{o},\"high\":{h},\"low\":{l},\"close\":{c},\"shift\":{SHIFT_MS}"
    )
    .expect("a Vec takes everything");
    let mut last_ms = timestamp_ms;
    let steps = candles.iter().map(|candle| {
        let step = (candle.time_ms - last_ms) / SHIFT_MS;
        last_ms = candle.time_ms;
        step
    });
    push_array(&mut text, "times", steps, push_integer);
    for (column, name) in ["opens", "highs", "lows", "closes"].into_iter().enumerate() {
        let mut last = candles.first().map_or(0, |first| first.units[column]);
        let deltas = candles.iter().map(|candle| {
            let delta = candle.units[column] - last;
            last = candle.units[column];
            delta
        });
        push_array(&mut text, name, deltas, push_integer);
    }
    push_array(&mut text, "volumes", candles.iter().map(|candle| candle.volume), push_volume);
    text.push(b'}');
    String::from_utf8(text).expect("nothing but ASCII was written")
}

fn push_array<T>(
    text: &mut Vec<u8>,
    name: &str,
    values: impl Iterator<Item = T>,
    push: impl Fn(&mut Vec<u8>, T),
) {
    write!(text, ",\"{name}\":[").expect("a Vec takes everything");
    for (i, value) in values.enumerate() {
        if i > 0 {
            text.push(b',');
        }
        push(text, value);
    }
    text.push(b']');
}

/// A candle has six numbers and a history half a billion candles: the standard library's formatting would be most of
/// the time it takes to simulate one.
fn push_integer(text: &mut Vec<u8>, value: i64) {
    if value < 0 {
        text.push(b'-');
    }
    match value.unsigned_abs() {
        // Most deltas are small.
        digit @ 0..10 => text.push(b'0' + digit as u8),
        number => push_digits(text, number, 1),
    }
}

/// At least so many digits, zeros before the number where it has fewer.
fn push_digits(text: &mut Vec<u8>, mut number: u64, least: usize) {
    let mut digits = [b'0'; 20];
    let mut first = digits.len();
    while number > 0 {
        first -= 1;
        digits[first] = b'0' + (number % 10) as u8;
        number /= 10;
    }
    text.extend_from_slice(&digits[first.min(digits.len() - least)..]);
}

/// Decimals that are written without the general way of writing a number.
const PLACES: usize = 6;

/// The shortest decimal that reads back as the same number, as `{:?}` writes it.
///
/// Up to 15 digits no two decimals are the same `f64`, so one that is found to be n / 10^6 has no shorter form.
fn push_volume(text: &mut Vec<u8>, volume: f64) {
    const ONE: u64 = 10u64.pow(PLACES as u32);
    let millionths = (volume * ONE as f64).round();
    let is_plain = (1e-4..1e9).contains(&volume) && millionths / ONE as f64 == volume;
    if !is_plain {
        write!(text, "{volume:?}").expect("a Vec takes everything");
        return;
    }
    let millionths = millionths as u64;
    push_digits(text, millionths / ONE, 1);
    text.push(b'.');
    push_digits(text, millionths % ONE, PLACES);
    // One digit stays behind the point.
    for _ in 1..PLACES {
        if text.last() != Some(&b'0') {
            break;
        }
        text.pop();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_written_as_the_standard_library_writes_them() {
        let written = |push: &dyn Fn(&mut Vec<u8>)| {
            let mut text = Vec::new();
            push(&mut text);
            String::from_utf8(text).expect("ASCII")
        };
        for value in [0, 1, -1, 9, 10, -10, 99, 100, 12_345, -98_760, i64::MAX, i64::MIN] {
            assert_eq!(written(&|text| push_integer(text, value)), value.to_string());
        }
        let odd = [0.0, -1.5, 1e-7, 1.0 / 3.0, 0.1 + 0.2, 1e9, 999_999_999.999_999, 1e16, 5e-324, f64::NAN];
        let millionths = (0..3_000_000).step_by(37).chain((1..2_000_000_000).step_by(999_983));
        let hundredths = (0..200_000).map(|n| f64::from(n) / 100.0);
        for value in odd.into_iter().chain(millionths.map(|n| f64::from(n) / 1e6)).chain(hundredths) {
            assert_eq!(written(&|text| push_volume(text, value)), format!("{value:?}"));
        }
    }
}
