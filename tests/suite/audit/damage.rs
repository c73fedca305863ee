//! Every kind of damage, in payloads made on purpose: named with symbol, day and kind, whichever way it is found.

use std::collections::BTreeSet;

use engine::audit::coverage::Audit;
use engine::model::Day;
use engine::model::settings::Validate;
use engine::store::Release;
use serde_json::Value;

use super::{audited, calm, day, payload, put, symbol};
use crate::binary::Place;
use crate::textbook::world::World;

/// Mondays to Fridays in which damage is done, and days around them that are sound.
const FIRST: &str = "2024-01-08";
const LAST: &str = "2024-01-26";

/// What is done to the payload of a day, and how it has to be named: kind and bars.
type Harm = (&'static str, &'static str, u32, fn(Day) -> Vec<u8>);

/// A calm day with some candles changed.
fn changed(day: Day, minutes: &[usize], change: fn(&mut [i64; 4])) -> Vec<u8> {
    let mut candles = calm(day, 0..1440);
    minutes.iter().for_each(|minute| change(&mut candles[*minute].units));
    payload(day, &candles)
}

fn said(day: Day, change: impl FnOnce(String) -> String) -> Vec<u8> {
    change(String::from_utf8(payload(day, &calm(day, 0..1440))).expect("text")).into_bytes()
}

const HARM: [Harm; 13] = [
    ("2024-01-08", "high_below_low", 2, |day| changed(day, &[5, 900], |units| units[1] = units[2] - 1)),
    ("2024-01-09", "high_below_open_or_close", 1, |day| changed(day, &[0], |units| units[1] = units[0] - 1)),
    ("2024-01-10", "low_above_open_or_close", 1, |day| {
        changed(day, &[1439], |units| units[2] = units[0] + 1)
    }),
    ("2024-01-11", "price_not_positive", 3, |day| changed(day, &[7, 8, 9], |units| units[2] = -5)),
    ("2024-01-12", "wide_range", 1, |day| changed(day, &[77], |units| units[1] *= 2)),
    ("2024-01-15", "negative_volume", 1, |day| {
        let mut candles = calm(day, 0..1440);
        candles[3].volume = -1.0;
        payload(day, &candles)
    }),
    ("2024-01-16", "duplicate_minute", 0, |day| said(day, |text| text.replacen("[0,1,1,", "[0,1,0,", 1))),
    ("2024-01-17", "payload_refused", 0, |day| said(day, |text| text[..text.len() / 2].to_owned())),
    ("2024-01-18", "payload_refused", 0, |_| b"<html>Sorry</html>".to_vec()),
    ("2024-01-19", "payload_refused", 0, |day| {
        said(day, |text| text.replacen("\"volumes\":[", "\"volumes\":[1,", 1))
    }),
    ("2024-01-22", "payload_refused", 0, |day| payload(day.plus(1), &calm(day.plus(1), 0..1440))),
    ("2024-01-23", "payload_refused", 0, |_| Vec::new()),
    ("2024-01-24", "payload_refused", 0, |day| {
        said(day, |text| text.replacen("\"multiplier\":", "\"multiplier\":-", 1))
    }),
];

fn harmed(validate: Validate) -> World {
    let world = World::new(|settings| settings.transform.validate = validate);
    for name in ["AUS.IDX-AUD", "EUR-USD"] {
        for date in day(FIRST).through(day(LAST)) {
            put(&world, &symbol(name), date, &calm(date, if date.weekday() < 5 { 0..1440 } else { 0..0 }));
        }
    }
    for (date, _, _, harm) in HARM {
        world.lake.write_finished(&symbol("EUR-USD"), day(date), &harm(day(date))).expect("written");
    }
    world
}

fn named(audit: &Audit) -> Vec<(String, String, &'static str, u32)> {
    let of = |found: &engine::audit::coverage::SymbolAudit| {
        let name = found.symbol.to_string();
        let damages = found.damages.iter();
        damages
            .map(move |damage| (name.clone(), damage.day.to_string(), damage.kind.name(), damage.bars))
            .collect::<Vec<_>>()
    };
    audit.symbols.iter().flat_map(of).collect()
}

fn expected() -> Vec<(String, String, &'static str, u32)> {
    HARM.iter()
        .map(|(date, kind, bars, _)| ("EUR-USD".to_owned(), (*date).to_owned(), *kind, *bars))
        .collect()
}

#[test]
fn all_damage_is_named_and_nothing_else_whichever_way_it_is_found() {
    for validate in [Validate::Quarantine, Validate::Flag, Validate::Reject] {
        let world = harmed(validate);
        let look = |deep| audited(&world, &["AUS.IDX-AUD", "EUR-USD"], LAST, |order| order.deep = deep);
        assert_eq!(named(&look(false)), expected(), "{validate:?}: from the payloads");
        world.try_run(&world.request(day("2024-01-27")));
        let (light, deep) = (look(false), look(true));
        assert_eq!(named(&light), expected(), "{validate:?}: from the series and the quarantine");
        assert_eq!(named(&deep), expected(), "{validate:?}: from the payloads, asked for");
        // Those of the symbol that was not aggregated, and those of which the series has no bar.
        let without_bars = if validate == Validate::Reject { 7 + 4 } else { 7 };
        assert_eq!(light.files_read(), 19 + without_bars, "{validate:?}");
        assert_eq!(deep.files_read(), 2 * 19);
        let total = deep.total();
        assert_eq!((total.files, total.damaged_files, total.refused), (38, 13, 7), "{validate:?}");
        assert_eq!((total.quarantined_bars(), total.suspect_bars(), total.damaged_payloads()), (5, 4, 7));
        assert_eq!((total.missing, total.suspicious, total.gaps), (0, 0, 0), "{validate:?}");
        assert_eq!(light.total(), total, "{validate:?}");
    }
}

#[test]
fn a_deep_look_needs_no_rules_of_the_configuration() {
    let world = harmed(Validate::Off);
    world.try_run(&world.request(day("2024-01-27")));
    let deep = audited(&world, &["EUR-USD"], LAST, |order| order.deep = true);
    assert_eq!(named(&deep), expected());
}

#[test]
fn a_payload_that_was_refused_and_never_kept_is_named_by_what_is_wrong_with_it() {
    let world = World::new(|_| {});
    let eurusd = symbol("EUR-USD");
    for date in ["2024-01-08", "2024-01-10"] {
        put(&world, &eurusd, day(date), &calm(day(date), 0..1440));
    }
    let (_, _, _, duplicate) = HARM[6];
    let bytes = duplicate(day("2024-01-09"));
    world
        .lake
        .write_refused_payload(&eurusd, day("2024-01-09"), &bytes, "whatever was said")
        .expect("written");
    // The feed has sent a sound one since: the one in quarantine is an old story.
    world.lake.write_refused_payload(&eurusd, day("2024-01-10"), b"{}", "an old story").expect("written");
    for run in [false, true] {
        if run {
            world.try_run(&world.request(day("2024-01-11")));
        }
        let audit = audited(&world, &["EUR-USD"], "2024-01-10", |_| {});
        let named = named(&audit);
        assert_eq!(named, [("EUR-USD".to_owned(), "2024-01-09".to_owned(), "duplicate_minute", 0)], "{run}");
        let total = audit.total();
        assert_eq!((total.refused, total.missing, total.damaged_files), (1, 0, 0), "{run}");
    }
}

#[test]
fn what_the_user_released_is_listed_and_not_counted_until_the_payload_changes() {
    let world = harmed(Validate::Quarantine);
    let eurusd = symbol("EUR-USD");
    let (date, kind, bars, harm) = HARM[0];
    let date = day(date);
    world.lake.write_release(&eurusd, date, &Release::of(&harm(date), 0)).expect("written");
    for run in [false, true] {
        if run {
            world.try_run(&world.request(day("2024-01-27")));
        }
        for deep in [false, true] {
            let audit = audited(&world, &["EUR-USD"], LAST, |order| order.deep = deep);
            assert_eq!(named(&audit), expected(), "all of it is listed");
            let first = &audit.symbols[0].damages[0];
            assert_eq!((first.day, first.kind.name(), first.bars, first.released), (date, kind, bars, true));
            let total = audit.total();
            assert_eq!((total.released, total.damaged, total.damaged_files), (1, 12, 12));
            assert_eq!((total.quarantined_bars(), audit.symbols[0].days[0].bars), (3, 1440));
        }
    }
    // Other bytes: the decision was not about them.
    let other = changed(date, &[5], |units| units[1] = units[2] - 1);
    world.lake.write_finished(&eurusd, date, &other).expect("written");
    let total = audited(&world, &["EUR-USD"], LAST, |_| {}).total();
    assert_eq!((total.released, total.damaged, total.quarantined_bars()), (0, 13, 4));
}

#[test]
fn a_series_that_cannot_be_believed_is_said_and_the_payloads_are_asked() {
    let world = World::new(|_| {});
    let date = day("2024-01-08");
    put(&world, &symbol("EUR-USD"), date, &calm(date, 0..1440));
    world.run(day("2024-01-09"));
    let record = world.lake.commit_path(&world.minute_key());
    let mut bytes = std::fs::read(&record).expect("a record");
    bytes[20] ^= 1;
    std::fs::write(&record, bytes).expect("written");
    let audit = audited(&world, &["EUR-USD"], "2024-01-08", |_| {});
    let found = &audit.symbols[0];
    assert!(found.series_error.as_deref().is_some_and(|error| error.contains("checksum")), "{found:?}");
    assert_eq!((audit.total().bars, audit.files_read()), (1440, 1));
    assert!(!audit.is_whole(&engine::audit::report::Tolerance::default()));
}

/// The fields of an object and of those in it.
fn fields(value: &Value, into: &mut BTreeSet<String>) {
    match value {
        Value::Object(object) => {
            for (name, value) in object {
                into.insert(name.clone());
                fields(value, into);
            }
        }
        Value::Array(values) => values.iter().for_each(|value| fields(value, into)),
        _ => {}
    }
}

#[test]
fn the_binary_says_the_same_in_json_and_ends_with_the_code_that_scripts_know() {
    let place = Place::new(&["EUR-USD"], "");
    let lake = place.lake();
    let eurusd = symbol("EUR-USD");
    for date in day("2024-01-08").through(day("2024-01-12")) {
        lake.write_finished(&eurusd, date, &payload(date, &calm(date, 0..1440))).expect("written");
    }
    let words = |more: &[&'static str]| {
        let words = ["audit", "--now", "2024-01-13 12:00"];
        [&words[..], more].concat()
    };
    let (report, code) = place.figures(&words(&["--by", "month"]), &[0, 1]);
    assert_eq!((code, report["whole"].as_bool()), (0, Some(true)), "{report:#}");
    let total = &report["total"];
    assert_eq!((total["expected"].as_u64(), total["bars"].as_u64()), (Some(5), Some(5 * 1440)));
    assert_eq!(
        (total["success_percent"].as_f64(), report["symbols"][0]["periods"][0]["period"].as_str()),
        (Some(100.0), Some("2024-01"))
    );

    let (date, _, _, harm) = HARM[0];
    lake.write_finished(&eurusd, day(date), &harm(day(date))).expect("written");
    lake.write_finished(&eurusd, day("2024-01-09"), &payload(day("2024-01-09"), &[])).expect("written");
    let (report, code) = place.figures(&words(&["--deep"]), &[0, 1]);
    assert_eq!((code, report["whole"].as_bool()), (1, Some(false)));
    let damage = &report["damaged"][0];
    assert_eq!((damage["symbol"].as_str(), damage["day"].as_str()), (Some("EUR-USD"), Some(date)));
    assert_eq!((damage["kind"].as_str(), damage["bars"].as_u64()), (Some("high_below_low"), Some(2)));
    assert_eq!(damage["first_ms"].as_i64(), Some(day(date).start_ms() + 5 * 60_000));
    assert_eq!(report["suspicious"][0]["day"], "2024-01-09");
    place.ends(&words(&["--max-suspect", "2"]), &[1]);
    place.ends(&words(&["--max-suspect", "2", "--max-missing", "1"]), &[0]);
    place.ends(&words(&["--from", "2024-01-10"]), &[0]);
    place.ends(&words(&["--from", "2024-01-10", "--to", "2024-01-09"]), &[2]);

    let mut named = BTreeSet::new();
    fields(&report, &mut named);
    let documented = include_str!("../../../docs/AUDIT.md");
    let words: BTreeSet<&str> =
        documented.split(|letter: char| !letter.is_alphanumeric() && letter != '_').collect();
    let missing: Vec<&String> = named.iter().filter(|name| !words.contains(name.as_str())).collect();
    assert!(missing.is_empty(), "docs/AUDIT.md does not speak of {missing:?}");

    let output = place.ends(&words_of_table(), &[1]);
    let table = String::from_utf8(output.stdout).expect("text");
    assert!(table.contains("high below low") && table.contains("suspiciously empty"), "{table}");
    assert!(
        table.contains("Monday to Friday") && table.contains("4 of 5 day-files are clean (80.00 %)"),
        "{table}"
    );
    assert!(table.lines().all(|line| line.chars().count() <= 132), "{table}");
}

fn words_of_table() -> [&'static str; 5] {
    ["audit", "--now", "2024-01-13 12:00", "--by", "year"]
}
