//! The simulated market with holes in it, counted once more minute by minute.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Datelike, TimeDelta, Timelike};
use chrono_tz::Tz;
use engine::audit::counts::Counts;
use engine::audit::findings::DayState;
use engine::feed::simulator::Market;
use engine::model::{Day, Symbol};
use serde_json::Value;

use super::{audited, day, symbol};
use crate::textbook::Dice;
use crate::textbook::world::World;

const MINUTE: i64 = 60_000;
const FIRST: &str = "2023-10-16";
/// Clocks change on both sides of the ocean, Thanksgiving closes early, and Christmas and New Year are shut.
const LAST: &str = "2024-01-05";
const SYMBOLS: [&str; 6] = ["EUR-USD", "XAU-USD", "USA500.IDX-USD", "BTC-USD", "AAPL.US-USD", "AUS.IDX-AUD"];

/// The minutes of a UTC day on which a market is open, read from the words of its description one minute after the other.
fn open_minutes(description: &Value, day: Day) -> Vec<bool> {
    let zone: Tz = description["defaultTimezone"].as_str().expect("a zone").parse().expect("a zone");
    let shut: Vec<(i64, i64)> = description["holidays"]
        .as_array()
        .expect("a list")
        .iter()
        .map(|holiday| (holiday["from"].as_i64().expect("a time"), holiday["till"].as_i64().expect("a time")))
        .collect();
    let sessions = &description["tradeSchedule"][0]["sessions"];
    let is_open = |minute: i64| {
        let time_ms = day.start_ms() + minute * MINUTE;
        if shut.iter().any(|(from, till)| (*from..*till).contains(&time_ms)) {
            return false;
        }
        let wall =
            DateTime::from_timestamp_millis(time_ms).expect("a time").with_timezone(&zone).naive_local();
        // The session may belong to this date, or to the next one and have begun the evening before.
        [0, 1].into_iter().any(|ahead| {
            let date = wall.date() + TimeDelta::days(ahead);
            let name = format!("{:?}", date.weekday());
            let full = ["MONDAY", "TUESDAY", "WEDNESDAY", "THURSDAY", "FRIDAY", "SATURDAY", "SUNDAY"];
            let name = full.iter().find(|full| full.starts_with(&name.to_uppercase())).expect("a weekday");
            let now = i64::from(wall.hour() * 60 + wall.minute()) - ahead * 1440;
            sessions[*name].as_array().into_iter().flatten().any(|session| {
                let at = |field: &str, before: &str| {
                    let text = session[field].as_str().expect("a time of day");
                    let (hour, rest) = text.split_once(':').expect("hours");
                    let minute: i64 = rest[..2].parse().expect("minutes");
                    let earlier = if session[before].as_bool().expect("yes or no") { 1440 } else { 0 };
                    hour.parse::<i64>().expect("hours") * 60 + minute - earlier
                };
                (at("start", "previousDayStart")..at("end", "previousDayEnd")).contains(&now)
            })
        })
    };
    (0..1440).map(is_open).collect()
}

/// What a symbol's days and silences come to, counted slowly.
#[derive(Debug, Default, PartialEq)]
struct Slow {
    expected: u64,
    present: u64,
    suspicious: Vec<Day>,
    missing: Vec<Day>,
    gaps: Vec<(i64, i64)>,
}

/// `held` has the traded minutes of every day with a payload.
fn slowly(description: &Value, held: &BTreeMap<Day, BTreeSet<i64>>, longest: i64) -> Slow {
    let mut slow = Slow::default();
    let (mut silent, mut began) = (Vec::new(), false);
    for date in day(FIRST).through(day(LAST)) {
        let open = open_minutes(description, date);
        let bars = held.get(&date).filter(|bars| !bars.is_empty());
        if open.contains(&true) {
            slow.expected += 1;
            match (held.get(&date), bars) {
                (_, Some(_)) => slow.present += 1,
                (Some(_), None) => slow.suspicious.push(date),
                (None, None) => slow.missing.push(date),
            }
        }
        for (minute, is_open) in (0..).zip(open) {
            let time_ms = date.start_ms() + minute * MINUTE;
            let has_bar = bars.is_some_and(|bars| bars.contains(&time_ms));
            began |= has_bar;
            if is_open && !has_bar && bars.is_some() {
                silent.push((time_ms, began));
            } else {
                end(&mut silent, longest, &mut slow.gaps);
            }
        }
    }
    end(&mut silent, longest, &mut slow.gaps);
    slow
}

/// Silence is over; what was silent before the first bar does not count.
fn end(silent: &mut Vec<(i64, bool)>, longest: i64, gaps: &mut Vec<(i64, i64)>) {
    silent.retain(|(_, began)| *began);
    if silent.len() as i64 > longest {
        gaps.push((silent[0].0, silent[silent.len() - 1].0 + MINUTE));
    }
    silent.clear();
}

/// Puts the market into the lake and takes some of it away; what is left is returned.
fn holed(world: &World, market: &Market, name: &Symbol, dice: &mut Dice) -> BTreeMap<Day, BTreeSet<i64>> {
    let mut held = BTreeMap::new();
    for date in day(FIRST).through(day(LAST)) {
        let mut traded = market.day(name, date);
        let first = date == day(FIRST);
        match dice.below(20) {
            0 if !first => continue,
            1 if !first => traded.candles.clear(),
            // Some hours, or the beginning or the end of the day, are silent.
            2..=6 => {
                let (from, hours) = (dice.below(1440) as i64, 1 + dice.below(9) as i64);
                let from_ms = date.start_ms() + from * MINUTE;
                traded
                    .candles
                    .retain(|candle| !(from_ms..from_ms + hours * 60 * MINUTE).contains(&candle.time_ms));
            }
            _ => {}
        }
        world.lake.write_finished(name, date, traded.payload(date.start_ms()).as_bytes()).expect("written");
        held.insert(date, traded.candles.iter().map(|candle| candle.time_ms).collect());
    }
    held
}

#[test]
fn days_and_gaps_of_the_simulated_market_are_those_that_are_counted_slowly() {
    let (market, mut dice) = (Market::new(5), Dice(3));
    let world = World::new(|settings| settings.num_processes = Some(2));
    let mut truth = BTreeMap::new();
    for name in SYMBOLS.map(symbol) {
        let description = market.instrument(&name);
        world.lake.write_instrument(&name, description.to_string().as_bytes(), 0).expect("written");
        let held = holed(&world, &market, &name, &mut dice);
        truth.insert(name, (description, held));
    }
    let mut gaps = 0;
    for (longest, run) in [(60, false), (12, true)] {
        if run {
            for name in SYMBOLS.map(symbol) {
                let request =
                    engine::ingest::Request { symbols: vec![name], ..world.request(day("2024-01-06")) };
                world.try_run(&request);
            }
        }
        let audit = audited(&world, &SYMBOLS, LAST, |order| order.gap_minutes = longest as u32);
        for (name, (description, held)) in &truth {
            let found = audit.symbols.iter().find(|found| found.symbol == *name).expect("it was asked for");
            let of_state = |state: DayState| {
                found.days.iter().filter(|day| day.state == state).map(|day| day.day).collect::<Vec<_>>()
            };
            let counts = Counts::of(found);
            let fast = Slow {
                expected: counts.expected,
                present: counts.present,
                suspicious: of_state(DayState::Suspicious),
                missing: of_state(DayState::Missing),
                gaps: found.gaps.iter().map(|gap| (gap.from_ms, gap.until_ms)).collect(),
            };
            let slow = slowly(description, held, longest);
            assert_eq!(fast, slow, "{name}, gaps above {longest} minutes");
            assert_eq!(counts.bars, held.values().map(|bars| bars.len() as u64).sum::<u64>(), "{name}");
            assert_eq!((counts.damaged, found.spikes.len()), (0, 0), "{name}");
            gaps += slow.gaps.len();
        }
    }
    assert!(gaps > 100, "there were {gaps} gaps to find");
}
