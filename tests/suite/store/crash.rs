//! Stops the disk at the n-th step, for every n, and compares what is left with lists in memory.

use std::sync::Arc;

use engine::disk::{Fault, FaultyDisk, RealDisk};
use engine::model::Bar;
use engine::store::{Commit, Health, Lake, SeriesKey, StoreError};
use proptest::prelude::*;

use super::{Shore, bars, claims, five_minutes, minute};

/// One thing a writer does to a series.
#[derive(Clone, Debug)]
pub(super) enum Deed {
    /// Appends and publishes so many bars.
    Extend(u64),
    /// Appends and dies before it publishes.
    Abandon(u64),
    /// Claims only this share of its bars (in eighths).
    Shrink(u64),
    /// Keeps this share of its bars (in eighths) and pushes so many others.
    Replace(u64, u64),
    /// As replace, but the new whole is built aside and adopted.
    Adopt(u64, u64),
}

/// What may be committed when a deed was interrupted, and what is when it was not.
pub(super) struct Outcome {
    pub(super) between: Vec<Vec<Bar>>,
    pub(super) after: Vec<Bar>,
}

impl Deed {
    pub(super) fn outcome(&self, old: &[Bar], version: u64) -> Outcome {
        let share = |eighths: u64| old.len() * eighths as usize / 8;
        let with = |keep: usize, more: u64| [&old[..keep], &bars(keep as u64, more, version)].concat();
        match *self {
            Deed::Extend(more) => Outcome { between: vec![], after: with(old.len(), more) },
            Deed::Abandon(_) => Outcome { between: vec![], after: old.to_vec() },
            Deed::Shrink(kept) => Outcome { between: vec![], after: old[..share(kept)].to_vec() },
            Deed::Replace(kept, more) | Deed::Adopt(kept, more) => {
                Outcome { between: vec![old[..share(kept)].to_vec()], after: with(share(kept), more) }
            }
        }
    }

    pub(super) fn act(
        &self,
        lake: &Lake,
        key: &SeriesKey,
        fsync: bool,
        version: u64,
    ) -> Result<(), StoreError> {
        let mut writer = lake.open_series(key, fsync)?;
        let old = writer.view()?.bars().to_vec();
        let Outcome { after, between } = self.outcome(&old, version);
        match *self {
            Deed::Extend(_) => {
                writer.append(&after[old.len()..])?;
                writer.publish(claims(&after))
            }
            Deed::Abandon(more) => writer.append(&bars(old.len() as u64, more, version)),
            Deed::Shrink(_) => writer.shrink(claims(&after)),
            Deed::Replace(..) => {
                let kept = &between[0];
                let mut replacement = writer.replace(kept.len())?;
                replacement.push(&after[kept.len()..])?;
                replacement.finish(claims(kept), claims(&after))
            }
            Deed::Adopt(..) => {
                lake.remove_aside()?;
                let aside = lake.aside();
                let mut builder = aside.open_series(key, fsync)?;
                builder.append(&after)?;
                builder.publish(claims(&after))?;
                writer.adopt(builder, claims(&after))
            }
        }
    }
}

pub(super) fn committed(lake: &Lake, key: &SeriesKey) -> Vec<Bar> {
    lake.read_series(key).unwrap().map_or(vec![], |view| view.bars().to_vec())
}

/// A sound engine finds a series that is whole or new, and can bring it to any truth.
fn finish(lake: &Lake, key: &SeriesKey, truth: &[Bar]) {
    let mut writer = lake.open_series(key, false).unwrap();
    assert!(matches!(writer.health(), Health::Whole | Health::New), "{:?}", writer.health());
    let held = writer.view().unwrap().bars().to_vec();
    let common = held.iter().zip(truth).take_while(|(a, b)| a == b).count();
    if common < held.len() {
        writer.shrink(claims(&truth[..common])).unwrap();
    }
    writer.append(&truth[common..]).unwrap();
    writer.publish(claims(truth)).unwrap();
    assert_eq!(committed(lake, key), truth);
    if !truth.is_empty() && common < truth.len() {
        let bytes = std::fs::read(lake.series_path(key)).unwrap();
        assert_eq!(bytes, bytemuck::cast_slice::<Bar, u8>(truth), "and not a byte more");
    }
}

#[test]
fn stopped_at_every_step_of_every_deed() {
    let big = 4_200;
    let deeds = [
        (vec![], Deed::Extend(30)),
        (vec![Deed::Extend(20)], Deed::Extend(30)),
        (vec![Deed::Extend(20)], Deed::Extend(big)),
        (vec![Deed::Extend(20), Deed::Abandon(big)], Deed::Extend(30)),
        (vec![Deed::Extend(20)], Deed::Shrink(3)),
        (vec![Deed::Extend(40), Deed::Shrink(4)], Deed::Extend(5)),
        (vec![Deed::Extend(40)], Deed::Replace(3, 50)),
        (vec![Deed::Extend(400)], Deed::Replace(6, 10)),
        (vec![Deed::Extend(40)], Deed::Adopt(3, 50)),
        (vec![Deed::Extend(40)], Deed::Adopt(8, 0)),
        (vec![Deed::Extend(40)], Deed::Adopt(0, 0)),
        (vec![], Deed::Adopt(0, 5)),
    ];
    for (before, deed) in deeds {
        for (key, fsync, fault) in [
            (minute(), true, Fault::Fail),
            (minute(), false, Fault::Tear),
            (five_minutes(), true, Fault::Tear),
            (five_minutes(), true, Fault::Full),
        ] {
            stop_everywhere(&before, &deed, &key, fsync, fault);
        }
    }
}

fn stop_everywhere(before: &[Deed], deed: &Deed, key: &SeriesKey, fsync: bool, fault: Fault) {
    for n in 1.. {
        assert!(n < 200, "a deed is a few steps");
        let shore = Shore::new();
        let sound = shore.lake();
        for (version, earlier) in before.iter().enumerate() {
            earlier.act(&sound, key, false, version as u64).unwrap();
        }
        let view = sound.read_series(key).unwrap();
        let old = committed(&sound, key);
        let disk = FaultyDisk::breaking(Arc::new(RealDisk), n, fault);
        let result = deed.act(&shore.lake_on(Arc::new(disk.clone())), key, fsync, 77);
        let Outcome { mut between, after } = deed.outcome(&old, 77);
        let found = committed(&sound, key);
        let context = format!("{before:?} {deed:?} {key:?} {fault:?} at {n}");
        match result {
            Ok(()) => assert_eq!(found, after, "{context}"),
            Err(error) => {
                between.extend([old.clone(), after.clone()]);
                assert!(between.contains(&found), "{context}: {} bars", found.len());
                assert_eq!(
                    matches!(error, StoreError::DiskFull { .. }),
                    fault == Fault::Full,
                    "{context}: {error}"
                );
            }
        }
        assert_eq!(view.as_ref().map_or(&[][..], |view| view.bars()), &old[..], "{context}: the old view");
        finish(&sound, key, &after);
        if !disk.is_broken() {
            return;
        }
    }
}

/// A crash inside adopt leaves a record from which work resumes: what was common, folded from the start, or compared
/// from the day of the first difference on.
#[test]
fn an_interrupted_adoption_says_where_to_resume() {
    for key in [minute(), five_minutes()] {
        let mut seen = 0;
        for n in 1..100 {
            let shore = Shore::new();
            Deed::Extend(4000).act(&shore.lake(), &key, false, 0).unwrap();
            let disk = FaultyDisk::breaking(Arc::new(RealDisk), n, Fault::Fail);
            let result = Deed::Adopt(4, 2000).act(&shore.lake_on(Arc::new(disk)), &key, true, 1);
            let commit = shore.lake().read_commit(&key).unwrap().unwrap();
            if commit.bars() == 2000 {
                seen += 1;
                let common = bars(0, 2000, 0);
                let last = common.last().unwrap().time_ms;
                assert_eq!((commit.in_pos, commit.corrections), (0, 1));
                assert!(commit.watermark_ms > last && commit.watermark_ms <= last + 60_000);
                let day = |time_ms: u64| engine::model::Day::of_ms(time_ms as i64);
                let minute = key.source.is_none();
                assert_eq!(commit.reconcile_from, minute.then(|| day(last + 60_000)));
                assert_eq!(commit.last_date, minute.then(|| day(last)));
            }
            if result.is_ok() {
                break;
            }
        }
        assert!(seen >= 2, "before and after the rename");
    }
}

#[test]
fn a_writer_goes_on_after_the_disk_was_full() {
    let shore = Shore::new();
    let key = minute();
    Deed::Extend(10).act(&shore.lake(), &key, false, 0).unwrap();
    // Step 1 opens the file, step 2 writes: the write is torn by a disk that is full at that moment.
    let disk = FaultyDisk::breaking(Arc::new(RealDisk), 2, Fault::Full);
    let mut writer = shore.lake_on(Arc::new(disk.clone())).open_series(&key, false).unwrap();
    writer.append(&bars(10, 5, 0)).unwrap();
    let error = writer.publish(claims(&bars(0, 15, 0))).unwrap_err();
    assert!(matches!(&error, StoreError::DiskFull { path, .. } if *path == shore.lake().series_path(&key)));
    let words = error.to_string();
    assert!(
        words.contains("the disk is full")
            && words.contains("EUR-USD.bin")
            && words.contains("free some space")
    );
    assert_eq!(writer.bars_held(), 10, "what was appended is forgotten");
    assert_eq!(writer.view().unwrap().bars(), bars(0, 10, 0));
    disk.mend();
    writer.append(&bars(10, 3, 0)).unwrap();
    writer.publish(claims(&bars(0, 13, 0))).unwrap();
    assert_eq!(committed(&shore.lake(), &key), bars(0, 13, 0));
    finish(&shore.lake(), &key, &bars(0, 15, 0));
}

#[test]
fn the_counting_disk_counts_and_breaks_where_it_was_told() {
    use engine::disk::Disk;
    let shore = Shore::new();
    let path = shore.folder.path().join("a/b");
    let disk = FaultyDisk::counting(Arc::new(RealDisk));
    disk.replace(&path, b"0123456789", true).unwrap();
    assert_eq!(disk.steps(), 5, "create, append, sync, rename, sync the folder");
    for n in 1..=5 {
        let broken = FaultyDisk::breaking(Arc::new(RealDisk), n, Fault::Tear);
        assert!(broken.replace(&path, b"abc", true).is_err());
        assert!(broken.is_broken() && broken.steps() == n);
        assert!(broken.read(&path).is_err(), "a dead process does not read");
        let expected: &[u8] = if n < 5 { b"0123456789" } else { b"abc" };
        assert_eq!(disk.read(&path).unwrap().as_deref(), Some(expected), "stopped at {n}");
    }
    assert!(disk.append(&path, 2).is_err(), "not the length it should have");
    disk.append(&path, 3).unwrap().append(b"d").unwrap();
    assert_eq!(disk.read(&path).unwrap().as_deref(), Some(&b"abcd"[..]));
}

fn deeds() -> impl Strategy<Value = Deed> {
    prop_oneof![
        (0u64..40).prop_map(Deed::Extend),
        (1u64..40).prop_map(Deed::Abandon),
        (0u64..=8).prop_map(Deed::Shrink),
        (0u64..=8, 0u64..30).prop_map(|(kept, more)| Deed::Replace(kept, more)),
        (0u64..=8, 0u64..30).prop_map(|(kept, more)| Deed::Adopt(kept, more)),
    ]
}

fn crashes() -> impl Strategy<Value = Option<(u64, Fault)>> {
    let fault = prop_oneof![Just(Fault::Fail), Just(Fault::Tear), Just(Fault::Full)];
    proptest::option::of((1u64..20, fault))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn any_life_of_a_series_is_the_life_of_a_list(
        life in proptest::collection::vec((deeds(), crashes()), 1..20),
        fsync in any::<bool>(),
        coarse in any::<bool>(),
    ) {
        let key = if coarse { five_minutes() } else { minute() };
        let shore = Shore::new();
        let mut list: Vec<Bar> = vec![];
        let mut corrections = 0;
        for (version, (deed, crash)) in life.iter().enumerate() {
            let (n, fault) = crash.unwrap_or((u64::MAX, Fault::Fail));
            let disk = FaultyDisk::breaking(Arc::new(RealDisk), n, fault);
            let result = deed.act(&shore.lake_on(Arc::new(disk)), &key, fsync, version as u64);
            let Outcome { mut between, after } = deed.outcome(&list, version as u64);
            let found = committed(&shore.lake(), &key);
            let commit = shore.lake().read_commit(&key).unwrap().unwrap_or_default();
            // Bars that were committed are only taken back with a correction counted.
            prop_assert!(commit.corrections > corrections || found.starts_with(&list));
            prop_assert!(commit.corrections >= corrections);
            corrections = commit.corrections;
            prop_assert!(result.is_ok() || crash.is_some(), "{:?}", result);
            if result.is_ok() {
                prop_assert_eq!(&found, &after);
            } else {
                between.extend([list, after]);
                prop_assert!(between.contains(&found));
            }
            list = found;
        }
        finish(&shore.lake(), &key, &bars(0, 25, 99));
    }
}

#[test]
fn nothing_new_is_no_step() {
    let shore = Shore::new();
    Deed::Extend(10).act(&shore.lake(), &minute(), true, 0).unwrap();
    let disk = FaultyDisk::counting(Arc::new(RealDisk));
    let mut writer = shore.lake_on(Arc::new(disk.clone())).open_series(&minute(), true).unwrap();
    let same: Commit = *writer.commit();
    writer.append(&[]).unwrap();
    writer.publish(same).unwrap();
    assert_eq!(disk.steps(), 0);
}
