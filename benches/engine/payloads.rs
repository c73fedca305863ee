//! What there is to decode: a simulated market's payloads, and a real one where it lies beside the project.

use std::path::Path;

use engine::feed::simulator::Market;
use engine::model::{Day, Symbol};

/// A payload and the day it is of.
pub type DayPayload = (Day, Vec<u8>);

/// A Monday.
const FIRST: Day = Day::from_epoch_days(14_613);

/// Payloads of so many weeks of a symbol, Monday to Friday: weekends are nearly empty and would flatter the figures.
pub fn weekdays(symbol: &Symbol, weeks: i32) -> Vec<DayPayload> {
    let market = Market::new(1);
    let weekdays = (0..weeks * 7).map(|day| FIRST.plus(day)).filter(|day| day.weekday() < 5);
    weekdays.map(|day| (day, payload(&market, symbol, day))).filter(|(_, bytes)| bytes.len() > 500).collect()
}

/// The payload of any day of the same market.
pub fn payload(market: &Market, symbol: &Symbol, day: Day) -> Vec<u8> {
    market.day(symbol, day).payload(day.start_ms()).into_bytes()
}

/// A busy day as the feed really sent it; `None` where it is not at hand.
pub fn real() -> Option<DayPayload> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/data/jetta/cache");
    let bytes = std::fs::read(folder.join("2026/07/EUR-USD_20260710.json")).ok()?;
    Some((Day::from_yyyymmdd(20_260_710).expect("a date"), bytes))
}
