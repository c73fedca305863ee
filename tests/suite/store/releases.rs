//! What the user has taken out of quarantine, as it lies in the cache; and quarantine looked at a few days at a time.

use std::fs;
use std::time::{Duration, SystemTime};

use engine::model::{Day, Symbol};
use engine::store::{RefusedBar, RefusedDay, Release};

use super::{Shore, bars, symbol};

fn day(text: &str) -> Day {
    text.parse().unwrap()
}

#[test]
fn a_decision_lies_beside_the_payload_and_speaks_of_its_bytes() {
    let shore = Shore::new();
    let lake = shore.lake();
    let (eur, date) = (symbol(), day("2024-01-05"));
    assert_eq!(lake.read_release(&eur, date).unwrap(), None);
    assert!(!lake.is_released(&eur, date, b"123456789").unwrap());
    for released_ms in [5, 1_704_500_000_123] {
        let release = Release::of(b"123456789", released_ms);
        lake.write_release(&eur, date, &release).unwrap();
        assert_eq!(lake.read_release(&eur, date).unwrap(), Some(release));
    }
    // The check value of CRC-32C that its definition gives.
    let path = shore.folder.path().join("cache/2024/01/EUR-USD_20240105.released");
    let text = fs::read_to_string(&path).unwrap();
    let object: serde_json::Value = serde_json::from_str(&text).unwrap();
    let expected =
        serde_json::json!({ "crc32c": "e3069283", "length": 9, "released_ms": 1_704_500_000_123u64 });
    assert_eq!(object, expected);
    assert_eq!(path, lake.release_path(&eur, date));

    assert!(lake.is_released(&eur, date, b"123456789").unwrap());
    for other in [&b"12345678"[..], b"123456780", b"1234567890", b""] {
        assert!(!lake.is_released(&eur, date, other).unwrap());
    }
    assert!(!lake.is_released(&eur, day("2024-01-06"), b"123456789").unwrap(), "another day");
    let alias: Symbol = "EUR".parse().unwrap();
    assert!(!lake.is_released(&alias, date, b"123456789").unwrap(), "another symbol");

    let later = day("2025-12-31");
    lake.write_release(&eur, later, &Release::of(b"x", 0)).unwrap();
    assert_eq!(lake.released_days(&eur).unwrap(), [date, later]);
    assert_eq!(lake.released_days(&alias).unwrap(), []);
    assert_eq!(lake.payload_days(std::slice::from_ref(&eur)).unwrap()[&eur], [], "it is no payload");
    for garbled in ["", "{", "{}", "[1]", "{\"crc32c\":\"xyz\",\"length\":9,\"released_ms\":0}"] {
        fs::write(&path, garbled).unwrap();
        assert_eq!(lake.read_release(&eur, date).unwrap(), None, "{garbled}");
    }
    assert!(lake.remove_release(&eur, date).unwrap());
    assert!(!lake.remove_release(&eur, date).unwrap());
    assert_eq!(lake.released_days(&eur).unwrap(), [later]);
}

#[test]
fn a_few_days_of_quarantine_are_those_that_a_walk_finds() {
    let shore = Shore::new();
    let lake = shore.lake();
    let (eur, other): (Symbol, Symbol) = (symbol(), "EUR".parse().unwrap());
    let first = day("2023-12-20");
    let refused = [RefusedBar { bar: bars(0, 1, 0)[0], rule: "a rule".to_owned() }];
    for n in [0, 11, 12, 40, 99, 400] {
        if n % 2 == 0 {
            lake.write_refused_bars(&eur, first.plus(n), &refused).unwrap();
        }
        if n % 3 == 0 {
            lake.write_refused_payload(&eur, first.plus(n), b"{oops", "why").unwrap();
        }
    }
    lake.write_refused_bars(&other, first.plus(5), &refused).unwrap();
    let walked = lake.refused_days(&eur).unwrap();
    let found = |n: i32, payload, bars| RefusedDay { day: first.plus(n), payload, bars };
    let expected = [
        found(0, true, true),
        found(12, true, true),
        found(40, false, true),
        found(99, true, false),
        found(400, false, true),
    ];
    assert_eq!(walked, expected);
    for (from, length) in [(0, 1), (0, 41), (1, 11), (12, 1), (13, 27), (0, 500), (12, 100), (401, 90)] {
        let days: Vec<Day> = first.plus(from).through(first.plus(from + length - 1)).collect();
        let among: Vec<RefusedDay> = lake.refused_among(&eur, &days).unwrap().into_values().collect();
        let inside = |refused: &&RefusedDay| days.contains(&refused.day);
        let expected: Vec<RefusedDay> = walked.iter().filter(inside).copied().collect();
        let among: Vec<RefusedDay> =
            among.into_iter().filter(|refused| days.contains(&refused.day)).collect();
        assert_eq!(among, expected, "{length} days from {from}");
    }
    assert_eq!(lake.refused_among(&eur, &[]).unwrap().len(), 0);
    let both = lake.refused_days_since(&[eur.clone(), other.clone()], first.plus(5)).unwrap();
    assert_eq!((both[&eur].len(), both[&other].len()), (4, 1));
}

#[test]
fn a_newer_payload_makes_an_older_refusal_forgotten() {
    let shore = Shore::new();
    let lake = shore.lake();
    let (eur, alias, date): (Symbol, Symbol, Day) = (symbol(), "EUR".parse().unwrap(), day("2024-01-05"));
    let set = |path: std::path::PathBuf, seconds: u64| {
        let file = fs::File::options().write(true).open(path).unwrap();
        file.set_modified(SystemTime::UNIX_EPOCH + Duration::from_secs(1_704_500_000 + seconds)).unwrap();
    };
    lake.write_finished(&eur, date, b"the day").unwrap();
    let payload = shore.folder.path().join("cache/2024/01/EUR-USD_20240105.json");
    for symbol in [&eur, &alias] {
        lake.write_refused_payload(symbol, date, b"oops", "why").unwrap();
        set(lake.refused_payload_path(symbol, date), 10);
        set(payload.clone(), 9);
        assert!(!lake.clear_older_refusal(symbol, &eur, date).unwrap(), "the feed said it after the payload");
        assert!(lake.read_refused_payload(symbol, date).unwrap().is_some());
        set(payload.clone(), 10);
        assert!(lake.clear_older_refusal(symbol, &eur, date).unwrap());
        assert_eq!(lake.refused_day(symbol, date).unwrap(), None);
        assert!(!lake.refused_reason_path(symbol, date).exists());
        assert!(!lake.clear_older_refusal(symbol, &eur, date).unwrap());
    }
    fs::remove_file(payload).unwrap();
    lake.write_refused_payload(&eur, date, b"oops", "why").unwrap();
    assert!(!lake.clear_older_refusal(&eur, &eur, date).unwrap(), "there is no payload at all");
}
