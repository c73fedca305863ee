//! Schedules, against the real file, against real candles, and minute by minute against a second reckoning.

use std::path::PathBuf;

use chrono::{Datelike, TimeZone, Timelike, Weekday};
use chrono_tz::America::New_York;
use engine::feed::wire::{Payload, parse};
use engine::model::Day;
use engine::model::day::MINUTE_MS;
use engine::model::instrument::{Instrument, Span, trades_on_weekday};
use proptest::prelude::*;

use super::day;

fn jetta(path: &str) -> Option<Vec<u8>> {
    let file = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../shared/data/jetta").join(path);
    let bytes = std::fs::read(file).ok();
    if bytes.is_none() {
        println!("skipped: no ../shared");
    }
    bytes
}

fn hours(instrument: &Instrument, text: &str) -> Vec<(f64, f64)> {
    let at = day(text);
    let in_hours = |ms: i64| (ms - at.start_ms()) as f64 / 3_600_000.0;
    instrument.trading_intervals(at).into_iter().map(|(a, b)| (in_hours(a), in_hours(b))).collect()
}

fn instrument(json: &str) -> Instrument {
    Instrument::from_json(json.as_bytes()).unwrap()
}

#[test]
fn euro_dollar_trades_when_its_metadata_says() {
    let Some(bytes) = jetta("instruments/EUR-USD.json") else { return };
    let euro = Instrument::from_json(&bytes).unwrap();
    assert_eq!((euro.code.as_str(), euro.group_code.as_str()), ("EUR-USD", "FX_MAJORS"));
    assert_eq!((euro.pip_value, euro.price_scale), (Some(1e-4), Some(5)));
    assert_eq!(euro.history_start(), Some(day("2003-05-04")));
    let table: [(&str, &[(f64, f64)]); 12] = [
        ("2024-03-09", &[]),                         // Saturday
        ("2024-03-10", &[(21.0, 24.0)]),             // New York went to summer time that morning
        ("2024-03-03", &[(22.0, 24.0)]),             // Sunday in winter
        ("2024-03-08", &[(0.0, 22.0)]),              // Friday in winter
        ("2024-03-15", &[(0.0, 21.0)]),              // Friday in summer
        ("2024-07-10", &[(0.0, 24.0)]),              // Wednesday
        ("2024-11-03", &[(22.0, 24.0)]),             // back to winter time
        ("2023-12-24", &[(23.0, 24.0)]),             // closed until 23:00
        ("2023-12-25", &[(0.0, 8.0), (22.0, 24.0)]), // Christmas closure 08:00 to 22:00
        ("2024-12-25", &[(0.0, 8.0), (22.0, 24.0)]),
        ("2023-12-30", &[]),             // Saturday
        ("2024-01-01", &[(22.0, 24.0)]), // closed until 22:00
    ];
    for (text, expected) in table {
        assert_eq!(hours(&euro, text), expected, "{text}");
        assert_eq!(euro.trades_on(day(text)), !expected.is_empty(), "{text}");
    }
}

#[test]
fn real_candles_lie_inside_the_trading_hours() {
    let Some(bytes) = jetta("instruments/EUR-USD.json") else { return };
    let euro = Instrument::from_json(&bytes).unwrap();
    for (text, file) in [
        ("2024-03-10", "cache/2024/03/EUR-USD_20240310.json"),
        ("2024-12-25", "cache/2024/12/EUR-USD_20241225.json"),
        ("2026-07-10", "cache/2026/07/EUR-USD_20260710.json"),
        ("2026-07-11", "cache/2026/07/EUR-USD_20260711.json"),
    ] {
        let Some(bytes) = jetta(file) else { return };
        let mut payload = Payload::default();
        parse(&bytes, &mut payload).unwrap();
        let times = payload.check(day(text), false).unwrap().times_ms.to_vec();
        let open = euro.trading_intervals(day(text));
        let inside = |time: &i64| open.iter().any(|(start, end)| start <= time && *time < *end);
        assert!(times.iter().all(inside), "{text}: a candle outside {open:?}");
        assert_eq!(times.is_empty(), !euro.trades_on(day(text)), "{text}");
    }
}

#[test]
fn what_is_missing_or_odd_is_not_known() {
    for json in [
        "{}",
        r#"{"name":5,"holidays":null,"tradeSchedule":"daily","histories":[{"period":"MINUTE"}],"new":[1]}"#,
        r#"{"defaultTimezone":"Mars/Olympus","tradeSchedule":[{"sessions":{"SUNDAY":[{"start":"1:00","end":"2:00"}]}}]}"#,
        r#"{"defaultTimezone":"UTC","tradeSchedule":[{"sessions":{}}]}"#,
    ] {
        let unknown = instrument(json);
        assert_eq!(unknown.history_start(), None, "{json}");
        for at in day("2024-01-01").through(day("2024-01-14")) {
            assert_eq!(unknown.trades_on(at), trades_on_weekday(at), "{json} {at}");
        }
    }
    let weekdays: Vec<bool> = day("2024-01-01").through(day("2024-01-07")).map(trades_on_weekday).collect();
    assert_eq!(weekdays, [true, true, true, true, true, false, false]);
    for json in ["", "[]", "null", "\"x\"", "{\"name\":", "<html>"] {
        assert!(Instrument::from_json(json.as_bytes()).is_err(), "{json}");
    }
    let odd =
        instrument(r#"{"histories":[{"period":"TICK","from":1},{"period":"MINUTE","from":99792000000}]}"#);
    assert_eq!(odd.history_start(), Some(day("1973-03-01")), "an odd history means what it says");
}

#[test]
fn periods_hold_from_their_first_instant_to_their_last() {
    // Wednesday 2024-01-03 12:00 UTC: from 09:00-17:00 to around the clock.
    let json = r#"{"defaultTimezone":"UTC","tradeSchedule":[
        {"from":null,"to":1704283200000,"sessions":{"WEDNESDAY":[{"start":"09:00:00","end":"17:00:00"}],
                                                    "TUESDAY":[{"start":"09:00:00","end":"17:00:00"}]}},
        {"from":1704283200000,"to":null,"sessions":{"WEDNESDAY":[{"start":"00:00:00","end":"00:00:00"}],
                                                    "THURSDAY":[{"start":"00:00:00","end":"12:00"},{"start":"13:00","end":"24:00:00"}]}}]}"#;
    let changing = instrument(json);
    assert_eq!(hours(&changing, "2024-01-02"), [(9.0, 17.0)]);
    assert_eq!(hours(&changing, "2024-01-03"), [(9.0, 24.0)], "touching spans become one");
    assert_eq!(hours(&changing, "2024-01-04"), [(0.0, 12.0), (13.0, 24.0)]);
    assert_eq!(hours(&changing, "2024-01-05"), []);
}

#[test]
fn less_than_a_minute_is_not_trading() {
    let with_holiday = |till: i64| {
        instrument(&format!(
            r#"{{"defaultTimezone":"UTC","holidays":[{{"from":0,"till":{till}}}],"tradeSchedule":[
               {{"sessions":{{"MONDAY":[{{"start":"09:00:00","end":"10:00:00"}}]}}}}]}}"#
        ))
    };
    let ten = day("2024-01-01").start_ms() + 10 * 3_600_000;
    assert!(with_holiday(ten - MINUTE_MS).trades_on(day("2024-01-01")));
    assert!(!with_holiday(ten - MINUTE_MS + 1).trades_on(day("2024-01-01")));
    assert!(!with_holiday(ten).trades_on(day("2024-01-01")));
}

/// The same week, minute by minute on the clock of New York.
fn open_in_new_york(time_ms: i64) -> bool {
    let local = New_York.timestamp_millis_opt(time_ms).unwrap();
    match local.weekday() {
        Weekday::Sat => false,
        Weekday::Sun => local.hour() >= 17,
        Weekday::Fri => local.hour() < 17,
        _ => true,
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    #[test]
    fn every_minute_of_any_day_agrees(epoch_day in 365..25_000i32) {
        let sessions: Vec<String> = ["MONDAY", "TUESDAY", "WEDNESDAY", "THURSDAY", "FRIDAY"].iter().map(|name| {
            format!(r#""{name}":[{{"start":"17:00:00","previousDayStart":true,"end":"17:00:00","previousDayEnd":false}}]"#)
        }).collect();
        let json = format!(
            r#"{{"defaultTimezone":"America/New_York","tradeSchedule":[{{"from":10800000,"to":null,"sessions":{{{}}}}}]}}"#,
            sessions.join(",")
        );
        let at = Day::from_epoch_days(epoch_day);
        let open: Vec<Span> = instrument(&json).trading_intervals(at);
        for time_ms in (at.start_ms()..at.end_ms()).step_by(MINUTE_MS as usize) {
            let inside = open.iter().any(|&(start, end)| start <= time_ms && time_ms < end);
            prop_assert_eq!(inside, open_in_new_york(time_ms), "{} {}", at, time_ms);
        }
        prop_assert!(open.iter().all(|&(start, end)| at.start_ms() <= start && start < end && end <= at.end_ms()));
    }
}
