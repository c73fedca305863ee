//! An instrument's metadata in the feed's own words.

use serde_json::{Map, Value, json};

use super::hours::{Hours, Session, Span, join};
use super::listing::{GROUPS, Group, Listing, scale};
use crate::model::day::DAY_MS;
use crate::model::{Day, Symbol};

const WEEKDAYS: [&str; 7] = ["MONDAY", "TUESDAY", "WEDNESDAY", "THURSDAY", "FRIDAY", "SATURDAY", "SUNDAY"];

/// The years whose holidays are told.
const HOLIDAY_YEARS: (i32, i32) = (2003, 2040);

/// The instrument as `GET /instruments/{SYMBOL}` answers it.
pub fn describe(symbol: &Symbol, listing: &Listing) -> Value {
    let code = symbol.as_str();
    let history_ms = listing.history().start_ms();
    json!({
        "name": code.replace('-', "/"),
        "code": code,
        "pipValue": 1.0 / scale(-listing.exponent - 1),
        "priceScale": -listing.exponent,
        "description": listing.description,
        "countryCode": "US",
        "groupId": listing.group.id,
        "groupCode": listing.group.code,
        "platformGroupId": listing.group.code,
        "sectorIds": [],
        "contractSize": 1,
        "defaultTimezone": listing.hours.zone.name(),
        "holidays": holidays(listing.hours),
        "tradeSchedule": [{
            "id": format!("trade-{}-{}", listing.hours.id, listing.hours.zone.name().replace('/', "_")),
            "from": 10_800_000,
            "to": null,
            "sessions": week(listing.hours),
        }],
        "histories": [
            {"period": "TICK", "from": history_ms},
            {"period": "MINUTE", "from": history_ms},
            {"period": "HOUR", "from": history_ms},
            {"period": "DAY", "from": history_ms - 365 * DAY_MS},
        ],
        "leverage": null,
        "rating": 1000,
    })
}

/// The groups of the listing.
pub fn groups() -> Value {
    let group = |group: &&Group| json!({"id": group.id, "code": group.code, "name": group.title});
    GROUPS.iter().map(group).collect()
}

fn week(hours: &Hours) -> Value {
    let mut week = Map::new();
    for (weekday, name) in WEEKDAYS.into_iter().enumerate() {
        let sessions: Vec<Value> =
            hours.sessions.iter().filter(|session| session.weekdays >> weekday & 1 == 1).map(spell).collect();
        if !sessions.is_empty() {
            week.insert(name.to_owned(), sessions.into());
        }
    }
    week.into()
}

fn spell(session: &Session) -> Value {
    let clock = |minute: i32| {
        let minute = minute.rem_euclid(24 * 60);
        format!("{:02}:{:02}:00", minute / 60, minute % 60)
    };
    json!({
        "start": clock(session.start),
        "previousDayStart": session.start < 0,
        "end": clock(session.end),
        "previousDayEnd": session.end < 0,
    })
}

fn holidays(hours: &Hours) -> Value {
    let date = |number: i32| Day::from_yyyymmdd(number).expect("the first and last of a year are dates");
    let years = date(HOLIDAY_YEARS.0 * 10_000 + 101).through(date(HOLIDAY_YEARS.1 * 10_000 + 1231));
    let mut shut: Vec<Span> = years.filter_map(|date| hours.shut(date)).collect();
    shut.sort_by_key(|span| span.from_ms);
    let shut = shut.into_iter().fold(Vec::new(), join);
    shut.iter().map(|span| json!({"from": span.from_ms, "till": span.until_ms})).collect()
}
