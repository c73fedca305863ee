//! What the lake lacks: days, hours and bars counted by hand or slowly, and every kind of damage made on purpose.

mod damage;
mod days;
mod html;
mod market;
mod spikes;

use engine::audit::coverage::{Audit, Order, SymbolAudit, audit};
use engine::feed::wire::{Candle, encode};
use engine::model::decimal::Decimal;
use engine::model::{Day, Symbol};
use serde_json::{Value, json};

use crate::textbook::at;
use crate::textbook::world::World;

fn day(text: &str) -> Day {
    text.parse().expect("a day")
}

fn symbol(text: &str) -> Symbol {
    text.parse().expect("a symbol")
}

/// New York evenings to afternoons, Sunday to Friday.
fn currency_week() -> Value {
    let night = json!([{ "start": "17:00:00", "previousDayStart": true, "end": "17:00:00", "previousDayEnd": false }]);
    json!({ "MONDAY": night, "TUESDAY": night, "WEDNESDAY": night, "THURSDAY": night, "FRIDAY": night })
}

/// An instrument's description as the feed words it; holidays are UTC times.
fn instrument(zone: &str, sessions: &Value, holidays: &[(&str, &str)]) -> String {
    let holidays: Vec<Value> =
        holidays.iter().map(|(from, till)| json!({ "from": at(from), "till": at(till) })).collect();
    json!({
        "defaultTimezone": zone,
        "holidays": holidays,
        "tradeSchedule": [{ "from": 0, "to": null, "sessions": sessions }],
    })
    .to_string()
}

/// A calm candle of every minute of a day between two of its minutes.
fn calm(day: Day, minutes: std::ops::Range<i64>) -> Vec<Candle> {
    let candle = |minute: i64| {
        let level = 110_000 + minute % 7;
        Candle {
            time_ms: day.start_ms() + minute * 60_000,
            units: [level, level + 3, level - 3, level + 1],
            volume: 2.0,
        }
    };
    minutes.map(candle).collect()
}

fn payload(day: Day, candles: &[Candle]) -> Vec<u8> {
    encode(day.start_ms(), Decimal { mantissa: 1, exponent: -5 }, candles).into_bytes()
}

fn put(world: &World, symbol: &Symbol, day: Day, candles: &[Candle]) {
    world.lake.write_finished(symbol, day, &payload(day, candles)).expect("a sound lake");
}

/// What an audit up to a day says.
fn audited(world: &World, symbols: &[&str], to: &str, change: impl FnOnce(&mut Order)) -> Audit {
    let symbols = symbols.iter().map(|name| symbol(name)).collect();
    let mut order = Order { symbols, from: None, to: day(to), gap_minutes: 60, deep: false };
    change(&mut order);
    audit(&world.lake, &world.settings, &order, &|_| {}).expect("a lake that can be read")
}

fn one<'a>(audit: &'a Audit, name: &str) -> &'a SymbolAudit {
    audit.symbols.iter().find(|found| found.symbol.as_str() == name).expect("it was asked for")
}
