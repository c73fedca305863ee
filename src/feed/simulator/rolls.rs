//! When the simulated futures roll, and by how much: every month, on a weekday around the 24th.

use serde_json::{Value, json};

use super::chance::{bell, key, mix};
use super::listing::{Listing, scale};
use crate::model::rollover::provider_title;
use crate::model::{Day, Symbol};

/// The first month that is told.
const FIRST: (i32, i32) = (2015, 1);

/// Deviation of a gap, as a share of the price.
const GAP: f64 = 0.006;

/// The rows of all futures among the symbols, newest first, as the provider sorts them.
pub fn list(seed: u64, symbols: &[Symbol], until: Day) -> Value {
    let futures = symbols.iter().filter(|symbol| symbol.as_str().contains(".CMD-"));
    let mut rows: Vec<(Day, Value)> = futures.flat_map(|symbol| rows(seed, symbol, until)).collect();
    rows.sort_by_key(|(day, _)| std::cmp::Reverse(*day));
    rows.into_iter().map(|(_, row)| row).collect()
}

fn rows(seed: u64, symbol: &Symbol, until: Day) -> Vec<(Day, Value)> {
    let listing = Listing::of(seed, symbol);
    let key = key(seed, symbol.as_str(), "rolls");
    let row = |day: Day| {
        let share = bell(mix(key ^ day.epoch_days() as u64)) * GAP;
        // Whole units first, so that the decimals are those of a price on every machine.
        let units = (listing.level * scale(-listing.exponent) * share) as i64;
        let long = units as f64 / scale(-listing.exponent);
        let row = json!({
            "title": provider_title(symbol), "date": spell(day), "long": long, "short": 0.0 - long,
            "description": listing.description,
        });
        (day, row)
    };
    months().map(roll_day).take_while(|day| *day <= until).map(row).collect()
}

fn months() -> impl Iterator<Item = (i32, i32)> {
    (0..).map(|month| (FIRST.0 + month / 12, FIRST.1 + month % 12))
}

/// The 24th, or the Friday before it.
fn roll_day((year, month): (i32, i32)) -> Day {
    let day = Day::from_yyyymmdd(year * 10_000 + month * 100 + 24).unwrap_or(Day::from_epoch_days(i32::MAX));
    day.plus(-(day.weekday().saturating_sub(4) as i32))
}

/// As the provider spells dates: `24-Dec-25`.
fn spell(day: Day) -> String {
    const MONTHS: [&str; 12] =
        ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
    let (year, month, date) = day.ymd();
    format!("{date:02}-{}-{:02}", MONTHS[month as usize - 1], year % 100)
}
