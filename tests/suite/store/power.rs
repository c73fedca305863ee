//! The power goes before the n-th step, for every n and in many ways, and the medium holds what it happens to hold.

use std::sync::Arc;

use engine::disk::{Fault, FaultyDisk};
use engine::model::Bar;
use engine::store::{Distrust, Health, SeriesKey, StoreError};

use super::crash::{Deed, Outcome, committed};
use super::{Shore, claims, five_minutes, minute};
use crate::forgetful::{ForgetfulDisk, POLICIES};

/// What a series went through: a durable past, and the deeds during which the power goes.
struct Life {
    past: Vec<Deed>,
    deeds: Vec<Deed>,
    key: SeriesKey,
    fsync: bool,
}

/// What a cut has left.
struct Left {
    shore: Shore,
    /// All that was committed one after the other, up to the cut.
    stages: Vec<Vec<Bar>>,
    /// What the process saw as committed when the power went; the last stage, or the one before.
    seen: Vec<Bar>,
    is_over: bool,
}

impl Life {
    fn cut(&self, n: u64, seed: u64) -> Left {
        let shore = Shore::new();
        for (version, deed) in self.past.iter().enumerate() {
            deed.act(&shore.lake(), &self.key, true, version as u64).unwrap();
        }
        let forgetful = ForgetfulDisk::new(shore.folder.path(), 1);
        let faulty = FaultyDisk::breaking(Arc::new(forgetful.clone()), n, Fault::Tear);
        let lake = shore.lake_on(Arc::new(faulty.clone()));
        let mut stages = vec![committed(&shore.lake(), &self.key)];
        for (version, deed) in self.deeds.iter().enumerate() {
            let Outcome { between, after } = deed.outcome(stages.last().unwrap(), 70 + version as u64);
            stages.extend(between);
            stages.push(after);
            if deed.act(&lake, &self.key, self.fsync, 70 + version as u64).is_err() {
                break;
            }
        }
        let seen = committed(&shore.lake(), &self.key);
        forgetful.cut(seed);
        Left { shore, stages, seen, is_over: !faulty.is_broken() }
    }

    /// Every step is cut in `cuts` ways, and all ways take turns.
    fn each_cut(&self, cuts: u64, check: impl Fn(&[Bar], &Left, &str)) {
        let mut seen_before = self.cut(1, 0).seen;
        for n in 1.. {
            assert!(n < 300, "a life is a few steps");
            let mut last = None;
            for seed in n * (POLICIES + 1)..n * (POLICIES + 1) + cuts {
                let left = self.cut(n, seed);
                let what =
                    format!("{:?} {:?} fsync {}: step {n}, seed {seed}", self.key, self.deeds, self.fsync);
                check(&seen_before, &left, &what);
                self.finish(&left, &what);
                last = Some(left);
            }
            let last = last.expect("some cuts");
            if last.is_over {
                return;
            }
            seen_before = last.seen;
        }
    }

    /// The next writer brings the series to any truth, whatever it finds.
    fn finish(&self, left: &Left, what: &str) {
        let lake = left.shore.lake();
        let truth = left.stages.last().unwrap();
        let mut writer = lake.open_series(&self.key, self.fsync).unwrap();
        let held = writer.view().unwrap().bars().to_vec();
        assert!(held.iter().all(Bar::is_intact), "{what}: a writer goes on from damage");
        let common = held.iter().zip(truth).take_while(|(a, b)| a == b).count();
        if common < held.len() {
            writer.shrink(claims(&truth[..common])).unwrap();
        }
        writer.append(&truth[common..]).unwrap();
        writer.publish(claims(truth)).unwrap();
        writer.remove_leftovers().unwrap();
        assert!(lake.trusted_commit(&self.key).unwrap().is_some(), "{what}");
        let bytes = std::fs::read(lake.series_path(&self.key)).unwrap_or_default();
        assert!(bytes == bytemuck::cast_slice::<Bar, u8>(truth), "{what}: not what it should end as");
    }
}

fn lives() -> Vec<(Vec<Deed>, Vec<Deed>)> {
    let big = 4_200;
    vec![
        (vec![], vec![Deed::Extend(30), Deed::Extend(7), Deed::Shrink(5), Deed::Extend(3)]),
        (
            vec![Deed::Extend(4_000)],
            vec![Deed::Extend(90), Deed::Extend(10), Deed::Extend(big), Deed::Extend(20)],
        ),
        (vec![Deed::Extend(40)], vec![Deed::Extend(10), Deed::Replace(3, 50), Deed::Extend(5)]),
        (
            vec![Deed::Extend(big)],
            vec![Deed::Extend(60), Deed::Shrink(7), Deed::Extend(30), Deed::Replace(8, 9)],
        ),
        (
            vec![Deed::Extend(40)],
            vec![Deed::Abandon(big), Deed::Extend(30), Deed::Adopt(3, 50), Deed::Extend(9)],
        ),
        (vec![], vec![Deed::Adopt(0, 5), Deed::Adopt(4, 60), Deed::Adopt(8, 0)]),
    ]
}

/// With `fsync` the medium holds what the process saw at the cut, or, if the step before the cut was the one that showed
/// it, what it saw before that.
#[test]
fn what_was_committed_with_fsync_outlives_the_power() {
    for (past, deeds) in lives() {
        for key in [minute(), five_minutes()] {
            let life = Life { past: past.clone(), deeds: deeds.clone(), key, fsync: true };
            life.each_cut(2, |seen_before, left, what| {
                let commit = left.shore.lake().trusted_commit(&life.key);
                assert!(commit.is_ok(), "{what}: {commit:?}");
                let found = committed(&left.shore.lake(), &life.key);
                assert!(found == left.seen || found == seen_before, "{what}: {} bars", found.len());
            });
        }
    }
}

/// Without, whatever is left is either one of the stages the series went through, or it is not believed.
#[test]
fn what_was_not_synced_is_a_stage_of_the_series_or_is_not_believed() {
    let mut repaired = 0;
    for (past, deeds) in lives() {
        for key in [minute(), five_minutes()] {
            let life = Life { past: past.clone(), deeds: deeds.clone(), key, fsync: false };
            let count = std::cell::Cell::new(0);
            life.each_cut(4, |_, left, what| match left.shore.lake().trusted_commit(&life.key) {
                Ok(None) => assert!(life.past.is_empty(), "{what}: a record that was durable is gone"),
                Ok(Some(_)) => {
                    let found = committed(&left.shore.lake(), &life.key);
                    assert!(left.stages.contains(&found), "{what}: {} bars that never were", found.len());
                }
                Err(StoreError::Repair { .. }) => count.set(count.get() + 1),
                Err(error) => panic!("{what}: {error}"),
            });
            repaired += count.get();
        }
    }
    assert!(repaired > 100, "only {repaired} cuts left damage: the disk forgets too little");
}

/// A series whose replacements are announced is believed within the boot, and after it only as far as it proves itself.
#[test]
fn an_announced_series_is_doubted_after_the_boot_and_not_before() {
    let shore = Shore::new();
    let lake_in = |boot| shore.lake_on(Arc::new(ForgetfulDisk::new(shore.folder.path(), boot)));
    Deed::Extend(50).act(&lake_in(1), &minute(), true, 0).unwrap();
    lake_in(1).open_series(&minute(), false).unwrap().unsettle().unwrap();
    Deed::Replace(4, 10).act(&lake_in(1), &minute(), false, 1).unwrap();
    let bars = committed(&lake_in(1), &minute());
    assert_eq!(lake_in(1).open_series(&minute(), false).unwrap().health(), &Health::Whole);

    let second = lake_in(2);
    assert_eq!(committed(&second, &minute()), bars, "readers are not troubled");
    assert!(matches!(
        second.trusted_commit(&minute()),
        Err(StoreError::Repair { reason: Distrust::Unsettled, .. })
    ));
    let mut writer = second.open_series(&minute(), false).unwrap();
    assert!(writer.doubts_folded());
    assert_eq!(writer.view().unwrap().bars(), bars, "all of it proves itself");
    assert!(writer.commit().reconcile_from.is_some_and(|day| day.yyyymmdd() == 19700101));
    writer.publish(claims(&bars)).unwrap();
    for boot in [2, 3] {
        assert!(
            lake_in(boot).trusted_commit(&minute()).is_ok(),
            "made good in the second boot for all later ones"
        );
    }
}

/// Once it was waited for, a restart is no reason any more to doubt it, whatever the disk would have forgotten.
#[test]
fn a_settled_series_outlives_the_power() {
    for seed in 0..3 * POLICIES {
        let shore = Shore::new();
        let disk = ForgetfulDisk::new(shore.folder.path(), 1);
        let first = shore.lake_on(Arc::new(disk.clone()));
        Deed::Extend(50).act(&first, &minute(), true, 0).unwrap();
        assert!(!first.settle(&minute().symbol).unwrap(), "nothing was announced");
        first.open_series(&minute(), false).unwrap().unsettle().unwrap();
        Deed::Replace(4, 10).act(&first, &minute(), false, 1).unwrap();
        Deed::Extend(30).act(&first, &five_minutes(), false, 2).unwrap();
        let bars = [minute(), five_minutes()].map(|key| committed(&first, &key));
        assert!(first.settle(&minute().symbol).unwrap());
        drop(first);
        disk.cut(seed);
        let second = shore.lake_on(Arc::new(ForgetfulDisk::new(shore.folder.path(), 2)));
        for (key, bars) in [minute(), five_minutes()].iter().zip(&bars) {
            assert_eq!(&committed(&second, key), bars, "seed {seed}");
            assert!(second.trusted_commit(key).is_ok(), "seed {seed}: {}", key.timeframe);
        }
    }
}
