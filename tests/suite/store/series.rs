//! Growing, shrinking, replacing, repairing, and readers beside a writer.

use std::fs;
use std::sync::atomic::{AtomicBool, Ordering};

use engine::disk::beside;
use engine::model::{Bar, Day};
use engine::store::{Commit, Distrust, Health, Lake, Reading, SeriesKey, StoreError};

use super::{Shore, bars, castagnoli, claims, five_minutes, minute, symbol};

fn committed(lake: &Lake, key: &SeriesKey) -> Vec<Bar> {
    lake.read_series(key).unwrap().expect("a committed series").bars().to_vec()
}

fn write(lake: &Lake, key: &SeriesKey, truth: &[Bar]) {
    let mut writer = lake.open_series(key, false).unwrap();
    writer.append(truth).unwrap();
    writer.publish(claims(truth)).unwrap();
}

#[test]
fn what_is_published_is_read_and_nothing_else() {
    let shore = Shore::new();
    let lake = shore.lake();
    assert!(lake.read_series(&minute()).unwrap().is_none());
    let truth = bars(0, 5000, 0);
    let mut writer = lake.open_series(&minute(), true).unwrap();
    assert_eq!(writer.health(), &Health::New);
    assert_eq!(writer.commit().reconcile_from, Some(Day::from_epoch_days(0)));
    writer.append(&truth[..10]).unwrap();
    assert!(lake.read_series(&minute()).unwrap().is_none(), "not published yet");
    writer.publish(claims(&truth[..10])).unwrap();
    assert_eq!(committed(&lake, &minute()), &truth[..10]);
    // In pieces of all sizes, across the size of the buffer.
    for (from, to) in [(10, 11), (11, 4990), (4990, 5000)] {
        writer.append(&truth[from..to]).unwrap();
    }
    assert_eq!(committed(&lake, &minute()), &truth[..10]);
    assert_eq!(writer.bars_held(), 5000);
    writer.publish(claims(&truth)).unwrap();
    assert_eq!(writer.view().unwrap().bars(), &truth[..]);

    let again = lake.open_series(&minute(), false).unwrap();
    assert_eq!(again.health(), &Health::Whole);
    assert_eq!(again.commit(), &claims(&truth));
    let file = fs::read(lake.series_path(&minute())).unwrap();
    assert_eq!(file, bytemuck::cast_slice::<Bar, u8>(&truth));
}

#[test]
fn an_empty_series_is_an_empty_slice() {
    let lake = Shore::new();
    let lake = lake.lake();
    let commit = Commit { watermark_ms: 7, ..Commit::default() };
    lake.open_series(&minute(), false).unwrap().publish(commit).unwrap();
    let view = lake.read_series(&minute()).unwrap().expect("published");
    view.advise(Reading::Sequential);
    assert_eq!((view.bars(), view.commit().watermark_ms), (&[][..], 7));
}

#[test]
#[should_panic(expected = "claims exactly what was appended")]
fn a_claim_that_was_not_appended_is_a_broken_promise() {
    let shore = Shore::new();
    let mut writer = shore.lake().open_series(&minute(), false).unwrap();
    writer.append(&bars(0, 2, 0)).unwrap();
    writer.publish(claims(&bars(0, 3, 0))).ok();
}

#[test]
fn garbage_goes_by_replacement_and_an_old_view_stays() {
    let shore = Shore::new();
    let lake = shore.lake();
    let truth = bars(0, 300, 0);
    write(&lake, &minute(), &truth);
    let view = lake.read_series(&minute()).unwrap().unwrap();
    let mut writer = lake.open_series(&minute(), false).unwrap();
    writer.shrink(claims(&truth[..100])).unwrap();
    assert_eq!(committed(&lake, &minute()), &truth[..100]);
    let length = || fs::metadata(lake.series_path(&minute())).unwrap().len();
    assert_eq!(length(), 300 * 64, "nothing is cut while others may read it");

    let next = [&truth[..100], &bars(100, 50, 1)].concat();
    writer.append(&next[100..]).unwrap();
    writer.publish(claims(&next)).unwrap();
    assert_eq!(length(), 150 * 64);
    assert_eq!(committed(&lake, &minute()), next);
    assert_eq!(view.bars(), &truth[..], "the old view is as it was");
    assert_eq!(writer.commit().corrections, 1);
}

#[test]
fn a_torn_tail_is_removed_before_the_next_append() {
    let shore = Shore::new();
    let lake = shore.lake();
    let truth = bars(0, 40, 0);
    write(&lake, &five_minutes(), &truth[..30]);
    let path = lake.series_path(&five_minutes());
    let torn = [fs::read(&path).unwrap(), vec![7; 100]].concat();
    fs::write(&path, torn).unwrap();
    assert_eq!(committed(&lake, &five_minutes()), &truth[..30]);
    let mut writer = lake.open_series(&five_minutes(), true).unwrap();
    assert_eq!(writer.health(), &Health::Whole);
    writer.append(&truth[30..]).unwrap();
    writer.publish(claims(&truth)).unwrap();
    assert_eq!(fs::read(&path).unwrap(), bytemuck::cast_slice::<Bar, u8>(&truth));
}

#[test]
fn a_replacement_keeps_a_prefix_and_counts_as_a_correction() {
    let shore = Shore::new();
    let lake = shore.lake();
    let old = bars(0, 200, 0);
    write(&lake, &minute(), &old);
    let view = lake.read_series(&minute()).unwrap().unwrap();
    let new = [&old[..80], &bars(80, 30, 1), &old[110..]].concat();
    let mut writer = lake.open_series(&minute(), true).unwrap();
    let mut replacement = writer.replace(80).unwrap();
    replacement.push(&new[80..90]).unwrap();
    replacement.push(&new[90..]).unwrap();
    assert_eq!(replacement.bars(), 200);
    replacement.finish(claims(&new[..80]), claims(&new)).unwrap();
    assert_eq!(committed(&lake, &minute()), new);
    assert_eq!(view.bars(), &old[..]);
    assert_eq!(lake.read_commit(&minute()).unwrap().unwrap().corrections, 1);
    // The same writer goes on appending to the new file.
    let longer = [new, bars(200, 5, 1)].concat();
    writer.append(&longer[200..]).unwrap();
    writer.publish(claims(&longer)).unwrap();
    assert_eq!(committed(&lake, &minute()), longer);
}

#[test]
fn a_replacement_not_finished_changes_nothing() {
    let shore = Shore::new();
    let lake = shore.lake();
    let truth = bars(0, 20, 0);
    write(&lake, &minute(), &truth);
    let mut writer = lake.open_series(&minute(), false).unwrap();
    writer.replace(5).unwrap().push(&bars(5, 5, 1)).unwrap();
    assert_eq!(committed(&lake, &minute()), truth);
    let left_over = beside(&lake.series_path(&minute()));
    assert!(left_over.exists());
    lake.open_series(&minute(), false).unwrap();
    assert!(!left_over.exists(), "the next writer clears it away");
}

#[test]
fn a_series_built_aside_is_adopted() {
    let shore = Shore::new();
    let lake = shore.lake();
    let aside = lake.aside();
    for (key, old, new) in [
        (minute(), bars(0, 50, 0), [bars(0, 20, 0), bars(20, 60, 1)].concat()),
        (five_minutes(), bars(0, 50, 0), bars(3, 10, 1)),
        (five_minutes(), vec![], bars(0, 10, 2)),
    ] {
        lake.remove_aside().unwrap();
        let mut writer = lake.open_series(&key, true).unwrap();
        let mut rewrite = writer.replace(0).unwrap();
        rewrite.push(&old).unwrap();
        rewrite.finish(Commit::default(), claims(&old)).unwrap();
        write(&aside, &key, &new);
        assert_eq!(committed(&lake, &key), old, "readers see the old whole meanwhile");
        let before = writer.commit().corrections;
        writer.adopt(aside.open_series(&key, true).unwrap(), claims(&new)).unwrap();
        assert_eq!(committed(&lake, &key), new);
        assert_eq!(writer.commit(), &Commit { corrections: before + 1, ..claims(&new) });
    }
    // The same again: the file is left alone, the record is written, and the second copy goes at once.
    write(&aside, &minute(), &committed(&lake, &minute()));
    let mut writer = lake.open_series(&minute(), false).unwrap();
    let whole = Commit { fingerprint: 99, ..*writer.commit() };
    writer.adopt(aside.open_series(&minute(), false).unwrap(), whole).unwrap();
    assert!(!aside.series_path(&minute()).exists(), "a lake takes its size on the disk twice");
    assert_eq!(lake.read_commit(&minute()).unwrap(), Some(whole));
    assert_eq!(committed(&lake, &minute()), [bars(0, 20, 0), bars(20, 60, 1)].concat());
    write(&aside, &minute(), &bars(0, 5, 0));
    lake.remove_aside().unwrap();
    assert!(!aside.series_path(&minute()).exists());
    assert_eq!(lake.list_symbols().unwrap(), [symbol()]);
    assert_eq!(lake.list_timeframes().unwrap(), ["1m".parse().unwrap(), "5m".parse().unwrap()]);
}

#[test]
fn a_record_that_cannot_be_believed_is_cut_back_to_the_proven() {
    let intact = bars(0, 100, 0);
    type Damage = fn(&mut Vec<Bar>);
    let damages: [(usize, Damage); 4] = [
        (100, |_| ()),
        (60, |bars| bars[60].close = 9.0),
        (30, |bars| bars[30].time_ms = bars[29].time_ms),
        (0, |bars| bars.iter_mut().for_each(|bar| (bar.count, bar.crc32c) = (0, 0))),
    ];
    for (proven, damage) in damages {
        let shore = Shore::new();
        let lake = shore.lake();
        write(&lake, &minute(), &intact);
        let mut damaged = intact.clone();
        damage(&mut damaged);
        if proven == 30 {
            damaged[30] = damaged[30].sealed();
        }
        fs::write(lake.series_path(&minute()), bytemuck::cast_slice::<Bar, u8>(&damaged)).unwrap();
        let record = lake.commit_path(&minute());
        let mut bytes = fs::read(&record).unwrap();
        bytes[10] ^= 1;
        fs::write(&record, bytes).unwrap();

        let refused = lake.read_series(&minute()).unwrap_err();
        assert!(
            matches!(&refused, StoreError::Repair { reason: Distrust::Checksum, path } if *path == record)
        );
        assert!(refused.to_string().contains("engine run"), "{refused}");
        let mut writer = lake.open_series(&minute(), false).unwrap();
        assert_eq!(writer.health(), &Health::Repaired { reason: Distrust::Checksum });
        assert_eq!(writer.view().unwrap().bars(), &intact[..proven]);
        let commit = *writer.commit();
        assert_eq!(commit.reconcile_from, Some(Day::from_epoch_days(0)));
        let end_ms = intact[..proven].last().map_or(0, |bar| bar.time_ms + 60_000);
        assert_eq!((commit.out_pos, commit.watermark_ms), (proven as u64 * 64, end_ms));
        assert!(commit.fits(1) && commit.fits(2), "a repaired series is anyone's");
        assert!(lake.read_series(&minute()).is_err(), "nothing is written before the first change");

        writer.append(&intact[proven..]).unwrap();
        writer.publish(claims(&intact)).unwrap();
        assert_eq!(committed(&lake, &minute()), intact);
        assert_eq!(fs::metadata(lake.series_path(&minute())).unwrap().len(), 6400);
    }
}

#[test]
fn a_claim_beyond_the_file_does_not_come_true_by_growing() {
    let shore = Shore::new();
    let lake = shore.lake();
    let truth = bars(0, 10, 0);
    write(&lake, &minute(), &truth);
    fs::write(lake.series_path(&minute()), bytemuck::cast_slice::<Bar, u8>(&truth[..6])).unwrap();
    let reason = Distrust::Claims { claimed: 640, held: 384 };
    assert!(matches!(lake.read_series(&minute()), Err(StoreError::Repair { reason: r, .. }) if r == reason));
    let mut writer = lake.open_series(&minute(), false).unwrap();
    assert_eq!(writer.health(), &Health::Repaired { reason });
    // More than the buffer takes, so that the file has grown when the run dies.
    writer.append(&bars(6, 9000, 1)).unwrap();
    drop(writer);
    assert!(fs::metadata(lake.series_path(&minute())).unwrap().len() > 640);
    assert_eq!(committed(&lake, &minute()), &truth[..6]);

    fs::remove_file(lake.series_path(&minute())).unwrap();
    let mut gone = lake.open_series(&minute(), false).unwrap();
    assert!(matches!(gone.health(), Health::Repaired { .. }) && gone.commit().out_pos == 0);
    gone.append(&truth).unwrap();
    gone.publish(claims(&truth)).unwrap();
    assert_eq!(committed(&lake, &minute()), truth);
}

#[test]
fn a_coarser_series_is_folded_again_from_nothing() {
    let shore = Shore::new();
    let lake = shore.lake();
    write(&lake, &five_minutes(), &bars(0, 10, 0));
    fs::write(lake.commit_path(&five_minutes()), "short").unwrap();
    let writer = lake.open_series(&five_minutes(), false).unwrap();
    assert_eq!(writer.health(), &Health::Repaired { reason: Distrust::Size(5) });
    assert_eq!(writer.commit(), &Commit { corrections: 1, ..Commit::default() });
}

#[test]
fn bytes_without_a_record_are_garbage_and_another_source_begins_anew() {
    let shore = Shore::new();
    let lake = shore.lake();
    write(&lake, &five_minutes(), &bars(0, 10, 0));
    let other = SeriesKey::folded(symbol(), "5m".parse().unwrap(), "3m".parse().unwrap());
    let neighbour =
        SeriesKey::folded("EUR-USD_X".parse().unwrap(), "5m".parse().unwrap(), "1m".parse().unwrap());
    write(&lake, &neighbour, &bars(0, 3, 0));
    let mut writer = lake.open_series(&other, false).unwrap();
    assert_eq!((writer.health(), writer.commit().out_pos), (&Health::New, 0));
    assert!(lake.read_series(&five_minutes()).unwrap().is_none(), "its record went before its bytes change");
    assert_eq!(committed(&lake, &neighbour).len(), 3, "a neighbour with a longer name is left alone");
    writer.append(&bars(0, 2, 1)).unwrap();
    writer.publish(claims(&bars(0, 2, 1))).unwrap();
    assert_eq!(committed(&lake, &other), bars(0, 2, 1));
}

#[test]
fn a_record_of_another_version_is_left_alone() {
    let shore = Shore::new();
    let lake = shore.lake();
    write(&lake, &minute(), &bars(0, 10, 0));
    let mut record = claims(&bars(0, 10, 0)).encode();
    record[4] = 2;
    let crc = castagnoli(&record[..60]);
    record[60..].copy_from_slice(&crc.to_le_bytes());
    fs::write(lake.commit_path(&minute()), record).unwrap();
    let refused = |error: StoreError| assert!(matches!(error, StoreError::OtherVersion { version: 2, .. }));
    refused(lake.read_series(&minute()).unwrap_err());
    refused(lake.open_series(&minute(), false).unwrap_err());
}

/// Every record carries a checksum of the bars it claims, so a reader can tell a view that mixes two truths.
#[test]
fn readers_beside_a_writer_never_see_a_mixture() {
    let shore = Shore::new();
    let lake = shore.lake();
    write(&lake, &minute(), &bars(0, 1, 0));
    let done = AtomicBool::new(false);
    let read = || {
        let mut views = 0;
        while !done.load(Ordering::Acquire) || views == 0 {
            match lake.read_series(&minute()) {
                Ok(view) => {
                    let view = view.expect("it was committed before");
                    assert_eq!(
                        view.commit(),
                        &Commit { corrections: view.commit().corrections, ..claims(view.bars()) }
                    );
                    views += 1;
                }
                Err(StoreError::Busy { .. }) => (),
                Err(error) => panic!("{error}"),
            }
        }
    };
    std::thread::scope(|scope| {
        let readers: Vec<_> = (0..2).map(|_| scope.spawn(read)).collect();
        let mut writer = lake.open_series(&minute(), false).unwrap();
        let mut truth = writer.view().unwrap().bars().to_vec();
        for round in 0..400u64 {
            let keep = truth.len() / 2;
            let fresh = |from: usize| bars(from as u64, 1 + round % 7, round);
            match round % 4 {
                0 | 1 => {
                    truth.extend(fresh(truth.len()));
                    writer.append(&truth[writer.commit().bars()..]).unwrap();
                    writer.publish(claims(&truth)).unwrap();
                }
                2 => {
                    truth.truncate(keep.max(1));
                    writer.shrink(claims(&truth)).unwrap();
                }
                _ => {
                    let next = [&truth[..keep], &fresh(keep)].concat();
                    let mut replacement = writer.replace(keep).unwrap();
                    replacement.push(&next[keep..]).unwrap();
                    replacement.finish(claims(&truth[..keep]), claims(&next)).unwrap();
                    truth = next;
                }
            }
        }
        done.store(true, Ordering::Release);
        for reader in readers {
            reader.join().expect("a reader that saw only truths");
        }
        assert_eq!(committed(&lake, &minute()), truth);
    });
}
