//! The text beside a series: against a rendering by other means, through every deed and every broken step.

use std::sync::Arc;

use engine::disk::{Fault, FaultyDisk, RealDisk};
use engine::model::Bar;
use engine::store::{CsvClaim, CsvState, Lake, SeriesKey, StoreError};
use proptest::prelude::*;

use super::crash::{Deed, Outcome, committed};
use super::{Shore, bars, claims, five_minutes, minute};
use crate::forgetful::{ForgetfulDisk, POLICIES};
use crate::textbook::lines::text_of_bars;

fn text_of(lake: &Lake, key: &SeriesKey) -> Option<String> {
    std::fs::read_to_string(lake.csv_path(&key.symbol, &key.timeframe)).ok()
}

fn claim_of(lake: &Lake, key: &SeriesKey) -> CsvClaim {
    lake.read_csv_claim(&key.symbol, &key.timeframe).unwrap().expect("a claim")
}

fn assert_exact(lake: &Lake, key: &SeriesKey, what: &str) {
    let expected = text_of_bars(&committed(lake, key));
    assert!(text_of(lake, key).as_ref() == Some(&expected), "{what}: the text is not that of the bars");
    assert_eq!(lake.csv_state(key).unwrap(), CsvState::Shown, "{what}");
    assert!(lake.csv_is_exact(key).unwrap(), "{what}");
}

/// The whole lines of a text are the beginning of one truth, and what follows them has no line feed.
fn assert_of_one(lake: &Lake, key: &SeriesKey, truths: &[&[Bar]], what: &str) {
    let Some(text) = text_of(lake, key) else { return };
    let whole = &text[..text.rfind('\n').map_or(0, |last| last + 1)];
    let known = truths.iter().any(|truth| text_of_bars(truth).starts_with(whole));
    assert!(known, "{what}: the text is of no truth:\n{text}");
}

/// Acts and keeps the text up, as the stages do.
fn act(lake: &Lake, key: &SeriesKey, deed: &Deed, fsync: bool, version: u64) -> Result<(), StoreError> {
    deed.act(lake, key, fsync, version)?;
    lake.keep_csv(key, fsync).map(drop)
}

#[test]
fn a_text_is_its_header_and_a_line_for_each_bar() {
    let (shore, key) = (Shore::new(), minute());
    let lake = shore.lake();
    assert!(!lake.keep_csv(&key, false).unwrap());
    assert_eq!(text_of(&lake, &key), None, "no series, no text");
    let bar = |time_ms: u64, open: f64, volume: f64, utc_offset_s: i32| {
        Bar { time_ms, open, high: 1700.0, low: 1e-5, close: 1.14331, volume, utc_offset_s, ..Bar::default() }
            .sealed()
    };
    // Half an hour before and after the clocks of a server in New York's time go back: the same hour twice.
    let held = [
        bar(1_699_161_000_000, 0.1 + 0.2, 3e-8, 10_800),
        bar(1_699_164_600_000, 100_000.0, 123_456_789_012.5, 7_200),
        bar(1_709_251_140_000, 1e21, 5e-324, -12_600),
    ];
    let mut writer = lake.open_series(&key, false).unwrap();
    writer.append(&held).unwrap();
    writer.publish(claims(&held)).unwrap();
    assert!(lake.keep_csv(&key, false).unwrap());
    let written = format!(
        "time,open,high,low,close,volume\n\
         2023-11-05 08:10:00,0.30000000000000004,1700,0.00001,1.14331,0.00000003\n\
         2023-11-05 08:10:00,100000,1700,0.00001,1.14331,123456789012.5\n\
         2024-02-29 20:29:00,1000000000000000000000,1700,0.00001,1.14331,0.{}5\n",
        "0".repeat(323)
    );
    assert_eq!(text_of(&lake, &key).unwrap(), written);
    assert_eq!(text_of_bars(&held), written, "and so says the rendering that the others are held to");
}

#[test]
fn nothing_new_writes_nothing_and_reads_no_text() {
    let (shore, key) = (Shore::new(), minute());
    act(&shore.lake(), &key, &Deed::Extend(5_000), false, 0).unwrap();
    let path = shore.lake().csv_path(&key.symbol, &key.timeframe);
    // Other bytes of the same number: who reads them would not leave them.
    let rubbish = vec![b'x'; std::fs::metadata(&path).unwrap().len() as usize];
    std::fs::write(&path, &rubbish).unwrap();
    let disk = FaultyDisk::counting(Arc::new(RealDisk));
    assert!(!shore.lake_on(Arc::new(disk.clone())).keep_csv(&key, true).unwrap());
    assert_eq!(disk.steps(), 0);
    assert_eq!(std::fs::read(&path).unwrap(), rubbish);
    assert!(!shore.lake().csv_is_exact(&key).unwrap(), "but whoever compares does see it");
}

/// What is true is copied or left, not rendered again: one digit changed in it goes along.
#[test]
fn what_stays_true_is_not_made_again() {
    let (shore, key) = (Shore::new(), five_minutes());
    let lake = shore.lake();
    act(&lake, &key, &Deed::Extend(9_000), false, 0).unwrap();
    let path = lake.csv_path(&key.symbol, &key.timeframe);
    let mut text = std::fs::read(&path).unwrap();
    text[50] = b'?';
    std::fs::write(&path, &text).unwrap();
    act(&lake, &key, &Deed::Extend(3), false, 1).unwrap();
    act(&lake, &key, &Deed::Replace(6, 50), false, 2).unwrap();
    act(&lake, &key, &Deed::Shrink(7), false, 3).unwrap();
    let mut expected = text_of_bars(&committed(&lake, &key)).into_bytes();
    expected[50] = b'?';
    assert!(std::fs::read(&path).unwrap() == expected);
    lake.doubt_csv(&key).unwrap();
    lake.keep_csv(&key, false).unwrap();
    assert_exact(&lake, &key, "doubted");
}

#[test]
fn a_claim_says_before_the_series_does_what_stays_true() {
    let (shore, key) = (Shore::new(), minute());
    let lake = shore.lake();
    act(&lake, &key, &Deed::Extend(40), false, 0).unwrap();
    let before = claim_of(&lake, &key);
    assert_eq!((before.shown, before.kept, before.since, before.until), (40, 40, 0, 0));
    for deed in [Deed::Shrink(6), Deed::Replace(4, 30), Deed::Adopt(7, 9)] {
        // Twice without a text in between; the shortest prefix counts.
        deed.act(&lake, &key, false, 1).unwrap();
    }
    let claim = claim_of(&lake, &key);
    assert_eq!((claim.shown, claim.end), (40, before.end), "the text is as it was");
    assert_eq!((claim.kept, claim.since, claim.until), (15, 2, 3));
    assert_eq!(lake.csv_state(&key).unwrap(), CsvState::Behind);
    lake.keep_csv(&key, false).unwrap();
    assert_exact(&lake, &key, "three corrections at once");
}

#[test]
fn what_does_not_fit_its_claim_is_made_again() {
    let truth = |lake: &Lake, key: &SeriesKey, what: &str| {
        lake.keep_csv(key, false).unwrap();
        assert_exact(lake, key, what);
    };
    let (shore, key) = (Shore::new(), minute());
    let lake = shore.lake();
    act(&lake, &key, &Deed::Extend(200), false, 0).unwrap();
    let (path, claim) = (lake.csv_path(&key.symbol, &key.timeframe), claim_of(&lake, &key));
    let claim_path = lake.csv_claim_path(&key.symbol, &key.timeframe);
    let text = std::fs::read(&path).unwrap();

    std::fs::write(&path, &text[..text.len() - 1]).unwrap();
    truth(&lake, &key, "too short");
    std::fs::write(&path, [&text[..], b"2024"].concat()).unwrap();
    truth(&lake, &key, "too long");
    std::fs::remove_file(&path).unwrap();
    truth(&lake, &key, "removed");
    std::fs::write(&claim_path, &claim.encode()[..40]).unwrap();
    truth(&lake, &key, "half a claim");
    for bit in 0..claim.encode().len() * 8 {
        let mut bytes = claim.encode();
        bytes[bit / 8] ^= 1 << (bit % 8);
        assert_eq!(CsvClaim::decode(&bytes), None, "bit {bit}");
    }
    // Sound, and of another series: counts that do not come before those of this one.
    let strange = CsvClaim { since: 5, until: 5, kept: 3, ..claim };
    std::fs::write(&claim_path, strange.encode()).unwrap();
    truth(&lake, &key, "of another count");
    let strange = CsvClaim { shown: u64::MAX, kept: u64::MAX, ..claim };
    std::fs::write(&claim_path, strange.encode()).unwrap();
    truth(&lake, &key, "more than there is");
    let strange = CsvClaim { shown: u64::MAX, kept: 100, ..claim };
    std::fs::write(&claim_path, strange.encode()).unwrap();
    truth(&lake, &key, "more lines than there are");
}

/// In a later boot the end of the text may have been lost, though its length was not.
#[test]
fn after_a_restart_the_end_of_the_text_is_looked_at() {
    for first in [8_300, 4_096, 5, 100] {
        let (shore, key) = (Shore::new(), minute());
        let at = |boot| shore.lake_on(Arc::new(ForgetfulDisk::new(shore.folder.path(), boot)));
        act(&at(1), &key, &Deed::Extend(first), false, 0).unwrap();
        let path = shore.lake().csv_path(&key.symbol, &key.timeframe);
        let text = std::fs::read(&path).unwrap();
        assert!(at(2).keep_csv(&key, false).unwrap(), "the claim takes the name of this boot");
        assert!(!at(2).keep_csv(&key, false).unwrap());
        let mut lost = text.clone();
        lost.truncate(text.len() - 30);
        lost.resize(text.len(), 0);
        std::fs::write(&path, &lost).unwrap();
        assert!(!at(2).keep_csv(&key, false).unwrap(), "in the same boot nobody looks");
        assert!(at(3).keep_csv(&key, false).unwrap());
        assert_exact(&at(3), &key, "the end was lost");
    }
}

#[test]
fn an_interrupted_text_is_completed_where_it_was_right() {
    let (shore, key) = (Shore::new(), minute());
    let lake = shore.lake();
    act(&lake, &key, &Deed::Extend(30), false, 0).unwrap();
    let old = text_of_bars(&committed(&lake, &key));
    Deed::Extend(12_000).act(&lake, &key, false, 1).unwrap();
    let new = text_of_bars(&committed(&lake, &key));
    let path = lake.csv_path(&key.symbol, &key.timeframe);
    for left in [1, 31, 300_000, new.len() - old.len()] {
        std::fs::write(&path, &new[..old.len() + left]).unwrap();
        let was = std::fs::metadata(&path).unwrap();
        let claim = CsvClaim { end: old.len() as u64, shown: 30, kept: 30, ..claim_of(&lake, &key) };
        std::fs::write(lake.csv_claim_path(&key.symbol, &key.timeframe), claim.encode()).unwrap();
        assert!(lake.keep_csv(&key, false).unwrap());
        assert_exact(&lake, &key, "completed");
        #[cfg(unix)]
        {
            use std::os::unix::fs::MetadataExt;
            assert_eq!(std::fs::metadata(&path).unwrap().ino(), was.ino(), "the same file has grown");
        }
        assert!(was.len() <= new.len() as u64);
    }
}

#[test]
fn stopped_at_every_step_of_every_deed() {
    let lives = [
        (vec![], Deed::Extend(30)),
        (vec![Deed::Extend(20)], Deed::Extend(4_200)),
        (vec![Deed::Extend(20), Deed::Abandon(9)], Deed::Extend(30)),
        (vec![Deed::Extend(20)], Deed::Shrink(3)),
        (vec![Deed::Extend(20)], Deed::Shrink(0)),
        (vec![Deed::Extend(40)], Deed::Replace(3, 50)),
        (vec![Deed::Extend(4_400)], Deed::Replace(6, 10)),
        (vec![Deed::Extend(40)], Deed::Adopt(3, 50)),
        (vec![Deed::Extend(40)], Deed::Adopt(8, 0)),
        (vec![], Deed::Adopt(0, 5)),
    ];
    // What replaces a coarser series waits in other places than what replaces 1m; every fault with and without fsync.
    let ways = [
        (minute(), Fault::Tear, false),
        (minute(), Fault::Tear, true),
        (minute(), Fault::Full, true),
        (five_minutes(), Fault::Fail, false),
        (five_minutes(), Fault::Tear, true),
        (five_minutes(), Fault::Full, false),
    ];
    for (past, deed) in lives {
        for (key, fault, fsync) in &ways {
            stopped_everywhere(&past, &deed, key, *fault, *fsync);
        }
    }
}

fn stopped_everywhere(past: &[Deed], deed: &Deed, key: &SeriesKey, fault: Fault, fsync: bool) {
    for n in 1.. {
        assert!(n < 200, "a deed is a few steps");
        let what = format!("{past:?} {deed:?} {:?}, fsync {fsync}, {fault:?} at step {n}", key.timeframe);
        let shore = Shore::new();
        for (version, deed) in past.iter().enumerate() {
            act(&shore.lake(), key, deed, fsync, version as u64).unwrap();
        }
        let old = committed(&shore.lake(), key);
        let Outcome { after, .. } = deed.outcome(&old, 70);
        let disk = FaultyDisk::breaking(Arc::new(RealDisk), n, fault);
        let done = act(&shore.lake_on(Arc::new(disk.clone())), key, deed, fsync, 70);
        let lake = shore.lake();
        assert_of_one(&lake, key, &[&old, &after], &what);
        if !disk.is_broken() {
            assert!(done.is_ok(), "{what}");
            assert_exact(&lake, key, &what);
            return;
        }
        // Whatever the series has come to, the text follows; and with the next deed once more.
        if n % 2 == 0 {
            lake.keep_csv(key, fsync).unwrap();
            match committed(&lake, key) {
                held if held.is_empty() && text_of(&lake, key).is_none() => {}
                _ => assert_exact(&lake, key, &what),
            }
        }
        act(&lake, key, &Deed::Replace(4, 7), fsync, 80).unwrap();
        assert_exact(&lake, key, &what);
    }
}

/// Full disk: the text fails, by name; the series has what was committed, and the half of a text is not left lying.
#[test]
fn a_full_disk_costs_the_series_nothing() {
    let (shore, key) = (Shore::new(), minute());
    let disk = FaultyDisk::counting(Arc::new(RealDisk));
    let lake = shore.lake_on(Arc::new(disk.clone()));
    Deed::Extend(3_000).act(&lake, &key, false, 0).unwrap();
    let steps = disk.steps();
    for n in 1..=4 {
        let full = FaultyDisk::breaking(Arc::new(RealDisk), n, Fault::Full);
        let failed = shore.lake_on(Arc::new(full.clone())).keep_csv(&key, false);
        if !full.is_broken() {
            break;
        }
        let error = failed.expect_err("the disk is full");
        assert!(matches!(&error, StoreError::DiskFull { .. }), "{error}");
        assert!(error.to_string().contains("csv"), "{error}");
        assert_eq!(committed(&shore.lake(), &key).len(), 3_000);
        let left = std::fs::read_dir(shore.lake().csv_path(&key.symbol, &key.timeframe).parent().unwrap());
        let names = left.unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
        assert_eq!(names.filter(|name| name.ends_with(".csv.beside")).count(), 0);
    }
    assert!(steps > 0);
    shore.lake().keep_csv(&key, false).unwrap();
    assert_exact(&shore.lake(), &key, "space was freed");
}

/// The power goes at every step of a life with texts, and the medium holds what it happens to hold.
#[test]
fn after_a_loss_of_power_the_text_follows_the_series() {
    let past = vec![Deed::Extend(50)];
    let deeds =
        [Deed::Extend(20), Deed::Replace(5, 40), Deed::Extend(4_100), Deed::Shrink(6), Deed::Extend(9)];
    for key in [minute(), five_minutes()] {
        for fsync in [false, true] {
            for n in 1.. {
                assert!(n < 300, "a life is a few steps");
                let mut is_over = false;
                for seed in n * (POLICIES + 1)..n * (POLICIES + 1) + 4 {
                    let shore = Shore::new();
                    for deed in &past {
                        act(&shore.lake(), &key, deed, true, 0).unwrap();
                    }
                    let forgetful = ForgetfulDisk::new(shore.folder.path(), 1);
                    let faulty = FaultyDisk::breaking(Arc::new(forgetful.clone()), n, Fault::Tear);
                    let lake = shore.lake_on(Arc::new(faulty.clone()));
                    for (version, deed) in deeds.iter().enumerate() {
                        if act(&lake, &key, deed, fsync, 70 + version as u64).is_err() {
                            break;
                        }
                    }
                    is_over = !faulty.is_broken();
                    drop(lake);
                    forgetful.cut(seed);
                    let what = format!("{:?}, fsync {fsync}, step {n}, seed {seed}", key.timeframe);
                    let lake = shore.lake_on(Arc::new(ForgetfulDisk::new(shore.folder.path(), 2)));
                    // As the stages do: a writer looks at the series, and may go on with other bars than were lost.
                    let deed = if seed % 2 == 0 { Deed::Extend(13) } else { Deed::Replace(6, 3) };
                    act(&lake, &key, &deed, fsync, 90).unwrap();
                    assert_exact(&lake, &key, &what);
                }
                if is_over {
                    break;
                }
            }
        }
    }
}

fn any_deed() -> impl Strategy<Value = Deed> {
    prop_oneof![
        (0u64..60).prop_map(Deed::Extend),
        (0u64..30).prop_map(Deed::Abandon),
        (0u64..9).prop_map(Deed::Shrink),
        (0u64..9, 0u64..40).prop_map(|(keep, more)| Deed::Replace(keep, more)),
        (0u64..9, 0u64..40).prop_map(|(keep, more)| Deed::Adopt(keep, more)),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 150, failure_persistence: None, ..ProptestConfig::default() })]

    /// Deeds in any order, texts kept up after some of them, and the disk stopping now and then.
    #[test]
    fn any_life_ends_with_the_text_of_its_bars(
        life in prop::collection::vec((any_deed(), any::<bool>(), prop::option::weighted(0.3, 1u64..25)), 1..12),
        fsync: bool,
    ) {
        let (shore, key) = (Shore::new(), minute());
        for (version, (deed, with_text, stop)) in life.iter().enumerate() {
            let disk = FaultyDisk::breaking(Arc::new(RealDisk), stop.unwrap_or(u64::MAX), Fault::Tear);
            let lake = shore.lake_on(Arc::new(disk.clone()));
            let done = match with_text {
                true => act(&lake, &key, deed, fsync, version as u64),
                false => deed.act(&lake, &key, fsync, version as u64),
            };
            prop_assert!(done.is_ok() || disk.is_broken());
        }
        let truth = bars(0, 3, 99);
        let lake = shore.lake();
        if lake.read_commit(&key).unwrap().is_none() {
            let mut writer = lake.open_series(&key, fsync).unwrap();
            writer.append(&truth).unwrap();
            writer.publish(claims(&truth)).unwrap();
        }
        lake.keep_csv(&key, fsync).unwrap();
        assert_exact(&lake, &key, &format!("{life:?}"));
    }
}
