//! Payloads, instruments, quarantine, exports, the lock, and how failures are worded.

use std::fs;
use std::sync::Arc;

use engine::disk::{Fault, FaultyDisk, RealDisk};
use engine::model::{Bar, Day, Symbol};
use engine::store::{PayloadKind, RefusedBar, RefusedDay, StoreError};

use super::{Shore, bars, symbol};

fn day(text: &str) -> Day {
    text.parse().unwrap()
}

#[test]
fn payloads_come_back_and_the_finished_one_wins() {
    let shore = Shore::new();
    let lake = shore.lake();
    let (eur, date) = (symbol(), day("2024-01-05"));
    let mut bytes = b"left over".to_vec();
    assert_eq!(lake.read_payload(&eur, date, &mut bytes).unwrap(), None);
    assert!(bytes.is_empty());
    lake.write_running(&eur, date, b"running", 1_704_460_000_123).unwrap();
    let kind = lake.read_payload(&eur, date, &mut bytes).unwrap();
    assert_eq!(kind, Some(PayloadKind::Running { asked_ms: 1_704_460_000_123 }));
    assert_eq!(bytes, b"running");
    assert!(!lake.has_finished(&eur, date).unwrap());

    lake.write_finished(&eur, date, b"the whole day").unwrap();
    assert_eq!(lake.read_payload(&eur, date, &mut bytes).unwrap(), Some(PayloadKind::Finished));
    assert_eq!(bytes, b"the whole day");
    assert_eq!(lake.finished_len(&eur, date).unwrap(), Some(13));
    let root = shore.folder.path();
    assert!(root.join("cache/2024/01/EUR-USD_20240105.json").is_file());
    assert!(!root.join("data/temp/EUR-USD_20240105.json").exists(), "the running one is gone");

    // Should both be there after a crash, the finished one wins.
    lake.write_running(&eur, date, b"late", 5).unwrap();
    assert_eq!(lake.read_payload(&eur, date, &mut bytes).unwrap(), Some(PayloadKind::Finished));
}

#[test]
fn a_payload_is_there_whole_or_not_at_all() {
    for n in 1.. {
        let shore = Shore::new();
        let (eur, date) = (symbol(), day("2024-01-05"));
        shore.lake().write_running(&eur, date, b"running", 5_000).unwrap();
        let disk = FaultyDisk::breaking(Arc::new(RealDisk), n, Fault::Tear);
        let lake = shore.lake_on(Arc::new(disk));
        let outcome = lake
            .write_running(&eur, date, b"running more", 9_000)
            .and_then(|()| lake.write_finished(&eur, date, b"finished"));
        let mut bytes = vec![];
        let kind = shore.lake().read_payload(&eur, date, &mut bytes).unwrap().unwrap();
        let whole: &[u8] = match kind {
            PayloadKind::Running { asked_ms: 5_000 } => b"running",
            PayloadKind::Running { asked_ms: 9_000 } => b"running more",
            PayloadKind::Finished => b"finished",
            PayloadKind::Running { asked_ms } => panic!("asked at {asked_ms}?"),
        };
        assert_eq!(bytes, whole, "stopped at {n}");
        if outcome.is_ok() {
            assert!(n > 8, "create, append, set time, rename; create, append, rename, remove");
            return;
        }
    }
}

#[test]
fn payload_days_are_found_in_one_walk() {
    let shore = Shore::new();
    let lake = shore.lake();
    let names = ["EUR-USD", "EUR_USD", "USA500.IDX-USD", "GBP-USD"];
    let symbols: Vec<Symbol> = names.iter().map(|name| name.parse().unwrap()).collect();
    for (place, date) in [(0, "2024-02-01"), (0, "2023-12-31"), (1, "2024-01-01"), (2, "2024-01-02")] {
        lake.write_finished(&symbols[place], day(date), b"{}").unwrap();
    }
    lake.write_running(&symbols[0], day("2024-02-02"), b"{}", 1).unwrap();
    lake.write_running(&symbols[0], day("2024-02-01"), b"{}", 1).unwrap();
    lake.write_instrument(&symbols[0], b"{}", 1).unwrap();
    // What does not belong there is not taken for a payload.
    let month = shore.folder.path().join("cache/2024/01");
    for name in ["EUR-USD_20240230.json", "EUR-USD_20240301.json", ".EUR-USD_20240101.json.beside", "README"]
    {
        fs::write(month.join(name), "").unwrap();
    }
    let days = lake.payload_days(&symbols).unwrap();
    let of = |place: usize| days[&symbols[place]].iter().map(Day::to_string).collect::<Vec<_>>();
    assert_eq!(of(0), ["2023-12-31", "2024-02-01", "2024-02-02"]);
    assert_eq!((of(1), of(2)), (vec!["2024-01-01".to_owned()], vec!["2024-01-02".to_owned()]));
    assert!(of(3).is_empty() && days.len() == 4);
    let since = lake.payload_days_since(&symbols, day("2024-01-02")).unwrap();
    assert_eq!(since[&symbols[0]], [day("2024-02-01"), day("2024-02-02")]);
    assert_eq!((since[&symbols[1]].len(), since[&symbols[2]].len()), (0, 1));
}

#[test]
fn instruments_know_when_they_were_asked() {
    let shore = Shore::new();
    let lake = shore.lake();
    assert_eq!(lake.read_instrument(&symbol()).unwrap(), None);
    lake.write_instrument(&symbol(), b"{\"a\":1}", 1_600_000_000_001).unwrap();
    assert_eq!(lake.read_instrument(&symbol()).unwrap(), Some((b"{\"a\":1}".to_vec(), 1_600_000_000_001)));
    assert!(shore.folder.path().join("cache/instruments/EUR-USD.json").is_file());
}

#[test]
fn refused_payloads_and_bars_are_kept_and_forgotten() {
    let shore = Shore::new();
    let lake = shore.lake();
    let (eur, first, second) = (symbol(), day("2024-01-05"), day("2024-02-06"));
    lake.write_refused_payload(&eur, first, b"{oops", "not JSON:\nline 1").unwrap();
    let refused = lake.read_refused_payload(&eur, first).unwrap().unwrap();
    assert_eq!((&refused.bytes[..], &refused.reason[..]), (&b"{oops"[..], "not JSON: line 1"));
    let folder = shore.folder.path().join("data/quarantine");
    assert_eq!(fs::read(folder.join("2024/01/EUR-USD_20240105.json")).unwrap(), b"{oops");

    let mut list: Vec<RefusedBar> =
        bars(0, 2, 0).into_iter().map(|bar| RefusedBar { bar, rule: "high < \"open\"".to_owned() }).collect();
    list[1].bar = Bar { low: f64::NEG_INFINITY, ..list[1].bar }.sealed();
    assert!(lake.write_refused_bars(&eur, second, &list).unwrap());
    assert!(!lake.write_refused_bars(&eur, second, &list).unwrap(), "the same again is not written");
    assert_eq!(lake.read_refused_bars(&eur, second).unwrap(), list);
    let text = fs::read_to_string(folder.join("2024/02/EUR-USD_20240206.jsonl")).unwrap();
    let lines: Vec<serde_json::Value> =
        text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!((&lines[0]["time_ms"], &lines[1]["low"]), (&1_700_000_040_000u64.into(), &"-inf".into()));
    assert!(text.starts_with("{\"time_ms\":1700000040000,\"open\":1.0,"), "{text}");

    let found = |date, payload, bars| RefusedDay { day: date, payload, bars };
    assert_eq!(lake.refused_days(&eur).unwrap(), [found(first, true, false), found(second, false, true)]);
    assert!(lake.refused_days(&"EUR".parse().unwrap()).unwrap().is_empty());
    assert!(lake.has_refused_bars(&eur, second).unwrap() && !lake.has_refused_bars(&eur, first).unwrap());
    assert!(lake.write_refused_bars(&eur, second, &[]).unwrap(), "none clears them");
    assert!(!lake.clear_refused_bars(&eur, second).unwrap());
    assert!(lake.clear_refused_payload(&eur, first).unwrap());
    assert!(!lake.clear_refused_payload(&eur, first).unwrap());
    assert!(lake.refused_days(&eur).unwrap().is_empty());
}

#[test]
fn a_day_image_is_an_array_of_records() {
    let shore = Shore::new();
    let image = bars(0, 3, 0);
    shore.lake().write_day_image(&symbol(), day("2023-11-14"), &image, true).unwrap();
    let path = shore.folder.path().join("data/transform/1m/2023/11/EUR-USD_20231114.bin");
    assert_eq!(fs::read(path).unwrap(), bytemuck::cast_slice::<Bar, u8>(&image));
}

#[test]
fn a_second_writer_is_told_who_holds_the_lock() {
    let shore = Shore::new();
    let lake = shore.lake();
    let lock = lake.try_lock(1_704_067_200_000).unwrap();
    let refused = lake.try_lock(5).unwrap_err();
    let StoreError::Locked { path, pid, since_ms } = &refused else { panic!("{refused}") };
    assert_eq!(
        (path.as_path(), *pid, *since_ms),
        (lock.path(), Some(std::process::id()), Some(1_704_067_200_000))
    );
    let words = refused.to_string();
    assert!(words.contains(&format!("process {}", std::process::id())), "{words}");
    assert!(words.contains("2024-01-01 00:00:00 UTC") && words.contains("run.lock"), "{words}");
    drop(lock);
    drop(lake.try_lock(6).unwrap());
}

#[test]
fn who_waits_gets_the_lock_when_it_is_free() {
    let shore = Shore::new();
    let lake = shore.lake();
    let lock = lake.try_lock(1).unwrap();
    std::thread::scope(|scope| {
        let waiting = scope.spawn(|| lake.wait_lock(|| 2).unwrap());
        drop(lock);
        let taken = waiting.join().unwrap();
        let refused = lake.try_lock(3).unwrap_err();
        assert!(matches!(refused, StoreError::Locked { since_ms: Some(2), .. }));
        drop(taken);
    });
}

#[test]
fn failures_name_the_path_and_the_remedy() {
    let shore = Shore::new();
    let full = FaultyDisk::breaking(Arc::new(RealDisk), 1, Fault::Full);
    let lake = shore.lake_on(Arc::new(full));
    let error = lake.write_finished(&symbol(), day("2024-01-05"), b"{}").unwrap_err();
    assert!(matches!(error, StoreError::DiskFull { .. }));
    assert!(error.path().ends_with("2024/01/EUR-USD_20240105.json"));
    assert!(error.to_string().contains("free some space and run again"), "{error}");

    // A file where a folder should be.
    fs::write(shore.folder.path().join("cache"), "").unwrap();
    let error = shore.lake().write_finished(&symbol(), day("2024-01-05"), b"{}").unwrap_err();
    assert!(
        matches!(error, StoreError::Io { .. }) && error.to_string().contains("EUR-USD_20240105.json"),
        "{error}"
    );
}
