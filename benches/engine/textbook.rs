//! The same answers the slow way: what the contract says, word for word, with nothing of the engine but its record.

use std::collections::BTreeMap;

use chrono::{DateTime, Datelike, NaiveDate};
use engine::model::Bar;
use serde_json::Value;

/// Checksum of bars, going on from an earlier one.
pub fn checksum(before: u64, bars: &[Bar]) -> u64 {
    u64::from(crc32c::crc32c_append(before as u32, bytemuck::cast_slice(bars)))
}

/// The bars of a payload for a server that shows UTC, at eight decimals.
pub fn bars_of(payload: &[u8]) -> Vec<Bar> {
    let payload: Value = serde_json::from_slice(payload).expect("a payload is JSON");
    let number = |name: &str| payload[name].as_f64().expect("a field that is a number");
    let array = |name: &str| payload[name].as_array().expect("a field that is an array").clone();
    let integers = |name: &str| -> Vec<i64> {
        array(name).iter().map(|delta| delta.as_i64().expect("deltas are integers")).collect()
    };
    let times = sums(number("timestamp") as i64, &integers("times"), number("shift") as i64);
    let multiplier = number("multiplier");
    let prices = ["open", "high", "low", "close"].map(|name| {
        let base = payload[name].as_f64().map_or(0, |base| (base / multiplier).round() as i64);
        let units = sums(base, &integers(&format!("{name}s")), 1);
        units.iter().map(|units| in_decimals(*units, multiplier)).collect::<Vec<f64>>()
    });
    let volumes: Vec<f64> = array("volumes").iter().map(|v| v.as_f64().expect("a number")).collect();
    let bar = |i: usize| Bar {
        time_ms: times[i] as u64,
        open: prices[0][i],
        high: prices[1][i],
        low: prices[2][i],
        close: prices[3][i],
        volume: rounded(volumes[i]),
        count: 1,
        ..Bar::default()
    };
    (0..times.len()).filter(|i| volumes[*i] != 0.0).map(|i| sealed(bar(i))).collect()
}

/// Base plus the sum of the deltas up to each place, each delta times `step`.
fn sums(base: i64, deltas: &[i64], step: i64) -> Vec<i64> {
    let mut sum = base;
    deltas
        .iter()
        .map(|delta| {
            sum += delta * step;
            sum
        })
        .collect()
}

/// The decimal `units * multiplier` as the nearest double: written out and read again.
fn in_decimals(units: i64, multiplier: f64) -> f64 {
    let exponent = multiplier.log10().round() as i32;
    assert_eq!(format!("1e{exponent}").parse(), Ok(multiplier), "the feed's multipliers are powers of ten");
    format!("{units}e{exponent}").parse().expect("an integer and an exponent are a number")
}

fn rounded(x: f64) -> f64 {
    if x.abs() * 1e8 >= (1u64 << 52) as f64 { x } else { (x * 1e8).round_ties_even() / 1e8 }
}

fn sealed(bar: Bar) -> Bar {
    Bar { crc32c: crc32c::crc32c(&bytemuck::bytes_of(&bar)[..60]), ..bar }
}

/// A timeframe, the one it is folded from, and the label of an instant, all in UTC.
type Step = (&'static str, &'static str, fn(i64) -> i64);

const MINUTE: i64 = 60_000;
const DAY: i64 = 1440 * MINUTE;

const STEPS: [Step; 10] = [
    ("5m", "1m", |t| t - t % (5 * MINUTE)),
    ("15m", "5m", |t| t - t % (15 * MINUTE)),
    ("30m", "15m", |t| t - t % (30 * MINUTE)),
    ("1h", "30m", |t| t - t % (60 * MINUTE)),
    ("4h", "1h", |t| t - t % (240 * MINUTE)),
    ("8h", "4h", |t| t - t % (480 * MINUTE)),
    ("1d", "4h", |t| t - t % DAY),
    // 1970-01-01 was a Thursday.
    ("1W", "1d", |t| t - (t + 3 * DAY) % (7 * DAY)),
    ("1M", "1d", |t| first_of(t, None)),
    ("1Y", "1M", |t| first_of(t, Some(1))),
];

fn first_of(time_ms: i64, month: Option<u32>) -> i64 {
    let date = DateTime::from_timestamp_millis(time_ms).expect("an instant of our age").date_naive();
    let first = NaiveDate::from_ymd_opt(date.year(), month.unwrap_or(date.month()), 1);
    i64::from(first.expect("every month has a first").to_epoch_days()) * DAY
}

/// The committed bars of every default timeframe, in the default order, over 1m bars that are complete up to
/// `watermark_ms`.
pub fn coarser(minutes: &[Bar], watermark_ms: i64) -> BTreeMap<&'static str, Vec<Bar>> {
    coarser_on(|_| 0, minutes, watermark_ms)
}

/// The same on a server's clock: `offset_ms` is clock minus UTC at an instant. Only for rows of days in which that
/// clock does not change.
pub fn coarser_on(
    offset_ms: impl Fn(i64) -> i64,
    minutes: &[Bar],
    watermark_ms: i64,
) -> BTreeMap<&'static str, Vec<Bar>> {
    let mut series = BTreeMap::from([("1m", (minutes.to_vec(), watermark_ms))]);
    for (name, source, label) in STEPS {
        let (rows, source_ms) = &series[source];
        let label = |time_ms: i64| {
            let edge_ms = label(time_ms + offset_ms(time_ms));
            edge_ms - offset_ms(edge_ms - offset_ms(time_ms))
        };
        // A bar is closed when its source is complete up to its end, which is when the label has moved on.
        let watermark_ms = label(*source_ms);
        let mut groups: BTreeMap<i64, Vec<Bar>> = BTreeMap::new();
        for row in rows {
            groups.entry(label(row.time_ms as i64)).or_default().push(*row);
        }
        let one = |(label, rows): (&i64, &Vec<Bar>)| one_of(*label, rows, offset_ms(*label));
        let bars = groups.range(..watermark_ms).map(one).collect();
        series.insert(name, (bars, watermark_ms));
    }
    series.into_iter().map(|(name, (bars, _))| (name, bars)).filter(|(name, _)| *name != "1m").collect()
}

fn one_of(label_ms: i64, rows: &[Bar], offset_ms: i64) -> Bar {
    sealed(Bar {
        time_ms: label_ms as u64,
        open: rounded(rows[0].open),
        high: rounded(rows.iter().map(|row| row.high).fold(f64::MIN, f64::max)),
        low: rounded(rows.iter().map(|row| row.low).fold(f64::MAX, f64::min)),
        close: rounded(rows[rows.len() - 1].close),
        volume: rounded(rows[1..].iter().fold(rows[0].volume, |sum, row| sum + row.volume)),
        count: rows.iter().map(|row| row.count).sum(),
        utc_offset_s: (offset_ms / 1000) as i32,
        ..Bar::default()
    })
}
