//! Candles written as the feed writes them: what the simulated feed answers with.

use std::fmt::Write;

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
    let mut text = String::with_capacity(200 + candles.len() * 20);
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
    .expect("writing to a string cannot fail");
    let mut last_ms = timestamp_ms;
    let steps = candles.iter().map(|candle| {
        let step = (candle.time_ms - last_ms) / SHIFT_MS;
        last_ms = candle.time_ms;
        step
    });
    push_array(&mut text, "times", steps);
    for (column, name) in ["opens", "highs", "lows", "closes"].into_iter().enumerate() {
        let mut last = candles.first().map_or(0, |first| first.units[column]);
        let deltas = candles.iter().map(|candle| {
            let delta = candle.units[column] - last;
            last = candle.units[column];
            delta
        });
        push_array(&mut text, name, deltas);
    }
    push_array(&mut text, "volumes", candles.iter().map(|candle| candle.volume));
    text.push('}');
    text
}

fn push_array<T: std::fmt::Debug>(text: &mut String, name: &str, values: impl Iterator<Item = T>) {
    write!(text, ",\"{name}\":[").expect("writing to a string cannot fail");
    for (i, value) in values.enumerate() {
        let comma = if i == 0 { "" } else { "," };
        write!(text, "{comma}{value:?}").expect("writing to a string cannot fail");
    }
    text.push(']');
}
