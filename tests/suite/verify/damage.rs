//! More than a bit: whole pages, ends and files that are gone. What has a source comes back from it, byte for byte.

use engine::audit::verify::{How, Weight};
use engine::model::bar::BAR_SIZE;
use engine::store::{Commit, SeriesKey, UnverifiedCommit};

use super::{Shore, damage_of, snapshot, spoil};
use crate::binary::{Files, different, files};
use crate::textbook::Dice;

/// Commit records without what counts how often something was taken back.
fn uncounted(mut all: Files) -> Files {
    for (name, bytes) in &mut all {
        if name.ends_with(".idx") {
            let commit = UnverifiedCommit(bytes).verify().expect("a sound record");
            *bytes = Commit { corrections: 0, ..commit }.encode().to_vec();
        }
    }
    all
}

/// Everything below `data` is as it was, but for `corrections`.
fn assert_healed(shore: &Shore, whole: &Files, what: &str) {
    let now = uncounted(files(&shore.data()));
    let whole = uncounted(whole.clone());
    assert!(now == whole, "{what}: differs in {:?}", different(&now, &whole));
}

#[test]
fn garbage_over_many_records_is_replaced_from_the_payloads_and_sources() {
    let shore = Shore::new(3, 4, 40);
    let (whole, _) = snapshot(&shore);
    let series: Vec<&String> =
        whole.keys().filter(|name| name.ends_with(".bin") && whole[*name].len() > 640).collect();
    let dice = &mut Dice(4);
    let mut healed = 0;
    for n in 0..150 {
        let name = series[n % series.len()];
        let length = whole[name].len();
        let from = dice.below(length as u64) as usize;
        let to = (from + 1 + dice.below(700) as usize).min(length);
        let zeros = dice.once_in(3);
        spoil(&shore.data().join(name), |bytes| {
            bytes[from..to].iter_mut().for_each(|byte| *byte = if zeros { 0 } else { dice.roll() as u8 });
        });
        if std::fs::read(shore.data().join(name)).unwrap() == whole[name] {
            continue;
        }
        let what = format!("bytes {from} to {to} of {name}, zeros: {zeros}");
        let repairs = shore.heal(false, &what);
        assert!(repairs.iter().all(|repair| repair.how.is_healed()), "{what}: {repairs:#?}");
        assert_eq!(different(&files(&shore.data()), &whole), Vec::<&str>::new(), "{what}: {repairs:#?}");
        healed += 1;
    }
    println!("{healed} places of garbage healed");
    assert!(healed > 140);
}

#[test]
fn a_series_that_lost_its_end_gets_it_back() {
    let shore = Shore::new(5, 4, 40);
    let (whole, _) = snapshot(&shore);
    let series: Vec<&String> =
        whole.keys().filter(|name| name.contains("/1m/EUR-USD.bin") || name.contains("15m")).collect();
    for name in series.into_iter().filter(|name| name.ends_with(".bin")) {
        for cut in [1, 64, 100, whole[name].len()] {
            spoil(&shore.data().join(name), |bytes| bytes.truncate(bytes.len() - cut));
            let what = format!("{name} without its last {cut} bytes");
            shore.heal(false, &what);
            assert_healed(&shore, &whole, &what);
        }
    }
}

#[test]
fn lost_and_unreadable_records_are_made_again() {
    let shore = Shore::new(6, 4, 40);
    let (whole, _) = snapshot(&shore);
    let records: Vec<&String> =
        whole.keys().filter(|name| name.ends_with(".idx") && name.contains("EUR-USD")).collect();
    assert_eq!(records.len(), 11);
    for name in records {
        spoil(&shore.data().join(name), |bytes| bytes[8..40].fill(0x5A));
        let what = format!("{name} overwritten");
        shore.heal(false, &what);
        assert_healed(&shore, &whole, &what);
    }
}

#[test]
fn bars_and_record_damaged_at_once_come_back_too() {
    let shore = Shore::new(7, 4, 40);
    let (whole, _) = snapshot(&shore);
    let data = shore.data();
    spoil(&data.join("aggregate/1m/index/EUR-USD.idx"), |bytes| bytes.fill(1));
    spoil(&data.join("aggregate/1m/EUR-USD.bin"), |bytes| bytes[640..960].fill(7));
    spoil(&data.join("resample/1h/EUR-USD.bin"), |bytes| bytes[64..70].fill(7));
    spoil(&data.join("resample/5m/index/EUR-USD_1m.idx"), |bytes| bytes.truncate(3));
    let report = shore.check(false);
    let bad: Vec<_> = damage_of(&report).iter().map(|finding| finding.wrong.word()).collect();
    assert!(bad.contains(&"record") && bad.contains(&"checksum"), "{bad:?}");
    shore.heal(false, "four at once");
    assert_healed(&shore, &whole, "four at once");
}

#[test]
fn what_is_found_is_named_where_it_is() {
    let shore = Shore::new(8, 3, 40);
    let path = shore.data().join("aggregate/1m/EUR-USD.bin");
    let before: Vec<engine::model::Bar> = bytemuck::pod_collect_to_vec(&std::fs::read(&path).unwrap());
    spoil(&path, |bytes| bytes[7 * BAR_SIZE + 9] ^= 0xFF);
    spoil(&path, |bytes| bytes[8 * BAR_SIZE + 9] ^= 0xFF);
    let report = shore.check(false);
    let [finding] = damage_of(&report)[..] else { panic!("{report:#?}") };
    assert_eq!(finding.wrong.word(), "checksum");
    assert_eq!(finding.symbol.as_ref(), Some(&shore.world.symbol));
    assert_eq!(finding.path, path);
    let place = finding.records.expect("a place");
    assert_eq!((place.first, place.count), (7, 2));
    // The damaged record's own time is not believed: the one before it says where this is.
    assert_eq!(place.server_ms, Some(before[6].server_ms()));
    // Coarser series are not called damaged for what their source has.
    assert!(report.of_weight(Weight::Unproven).all(|finding| finding.wrong.word() == "source-unproven"));
    let repairs = shore.heal(false, "two bars");
    assert!(repairs.iter().any(|repair| repair.how == How::FromPayload(2)), "{repairs:#?}");
}

#[test]
fn sealed_records_that_are_wrong_are_told_by_the_fold_and_the_payload() {
    let shore = Shore::new(9, 4, 40);
    let (whole, _) = snapshot(&shore);
    let reseal = |name: &str, index: usize, change: fn(&mut engine::model::Bar)| {
        spoil(&shore.data().join(name), |bytes| {
            let place = index * BAR_SIZE..(index + 1) * BAR_SIZE;
            let mut bar: engine::model::Bar = bytemuck::pod_read_unaligned(&bytes[place.clone()]);
            change(&mut bar);
            bytes[place].copy_from_slice(bytemuck::bytes_of(&bar.sealed()));
        });
    };
    reseal("resample/15m/EUR-USD.bin", 3, |bar| bar.volume += 1.0);
    let report = shore.check(false);
    let [finding] = damage_of(&report)[..] else { panic!("{report:#?}") };
    assert_eq!((finding.wrong.word(), finding.records.unwrap().first), ("not-its-source", 3));
    shore.heal(false, "a coarser bar with a right checksum");
    assert_healed(&shore, &whole, "a coarser bar");

    reseal("aggregate/1m/EUR-USD.bin", 5, |bar| bar.close = bar.high);
    reseal("aggregate/1m/EUR-USD.bin", 6, |bar| bar.volume += 1.0);
    let shallow = shore.check(false);
    assert!(
        damage_of(&shallow).iter().all(|finding| finding.wrong.word() == "not-its-source"),
        "{shallow:#?}"
    );
    let deep = shore.check(true);
    let found = damage_of(&deep);
    let finding =
        found.iter().find(|finding| finding.wrong.word() == "not-its-payload").expect("the payload says so");
    let place = finding.records.unwrap();
    assert!(place.first == 5 || place.first == 6, "{place:?}");
    shore.heal(true, "1m bars with right checksums");
    assert_healed(&shore, &whole, "1m bars");
}

#[test]
fn files_that_are_no_series_are_made_again_or_kept_aside() {
    let shore = Shore::new(10, 3, 40);
    let (whole, _) = snapshot(&shore);
    let garbage =
        |name: &str| spoil(&shore.data().join(name), |bytes| bytes.iter_mut().for_each(|byte| *byte ^= 0x3C));
    let find = |end: &str| {
        whole.keys().find(|name| name.ends_with(end) && !name.contains("/.")).expect("it is there").clone()
    };

    for end in ["EUR-USD_20240305.jsonl", "EUR-USD_20240306.bin"] {
        garbage(&find(end));
        shore.heal(false, end);
        assert_eq!(different(&files(&shore.data()), &whole), Vec::<&str>::new(), "{end}");
    }
    // A refused payload lies nowhere else.
    let refused = find("EUR-USD_20240303.json");
    garbage(&refused);
    let damaged = std::fs::read(shore.data().join(&refused)).unwrap();
    let repairs = shore.heal(false, "a refused payload");
    let kept = repairs.iter().find_map(|repair| match &repair.how {
        How::Kept(path) => Some(path.clone()),
        _ => None,
    });
    assert_eq!(std::fs::read(kept.expect("it is kept")).unwrap(), damaged);
    assert!(!shore.data().join(&refused).exists());
    // The running day can be asked for again, and its bars stay.
    let running = shore.data().join("temp/EUR-USD_20240307.json");
    garbage("temp/EUR-USD_20240307.json");
    let repairs = shore.heal(false, "the running day");
    assert!(repairs.iter().any(|repair| repair.how == How::AskAgain) && !running.exists(), "{repairs:#?}");
    let now = files(&shore.data());
    let series = |files: &Files| {
        files
            .iter()
            .filter(|(name, _)| name.ends_with(".bin"))
            .map(|(_, bytes)| bytes.clone())
            .collect::<Vec<_>>()
    };
    assert_eq!(series(&now), series(&whole));
}

#[test]
fn a_running_day_whose_file_time_is_not_its_own_gets_it_back() {
    let shore = Shore::new(11, 3, 40);
    let path = shore.data().join("temp/EUR-USD_20240307.json");
    let before = std::fs::metadata(&path).unwrap().modified().unwrap();
    super::set_time(&path, before + std::time::Duration::from_secs(3600));
    let report = shore.check(false);
    assert_eq!(
        damage_of(&report).iter().map(|finding| finding.wrong.word()).collect::<Vec<_>>(),
        ["file-time"]
    );
    shore.heal(false, "a file time");
    assert_eq!(std::fs::metadata(&path).unwrap().modified().unwrap(), before);
}

#[test]
fn a_seal_is_what_the_format_says() {
    let shore = Shore::new(14, 3, 40);
    let path = shore.data().join("temp/EUR-USD_20240307.json");
    let (file, seal) = (
        std::fs::read(&path).unwrap(),
        std::fs::read(shore.data().join("temp/.EUR-USD_20240307.json.seal")).unwrap(),
    );
    let number =
        |from: usize, to: usize| seal[from..to].iter().rev().fold(0_u64, |n, byte| n << 8 | u64::from(*byte));
    assert_eq!(seal.len(), 32);
    assert_eq!((&seal[..4], number(4, 8)), (&b"SEAL"[..], 1));
    assert_eq!(number(8, 16), file.len() as u64);
    assert_eq!(number(16, 24) as i64, shore.today.start_ms() + 600 * 60_000, "the moment it was asked for");
    assert_eq!(number(24, 28), u64::from(crc32c::crc32c(&file)));
    assert_eq!(number(28, 32), u64::from(crc32c::crc32c(&seal[..28])));
}

#[test]
fn a_sound_series_is_not_touched_by_the_repair_of_another() {
    let shore = Shore::new(12, 3, 40);
    let (whole, _) = snapshot(&shore);
    spoil(&shore.data().join("resample/5m/EUR-USD.bin"), |bytes| bytes[100..200].fill(9));
    let times = |name: &String| std::fs::metadata(shore.data().join(name)).unwrap().modified().unwrap();
    let others: Vec<&String> = whole.keys().filter(|name| *name != "resample/5m/EUR-USD.bin").collect();
    let before: Vec<_> = others.iter().map(|name| times(name)).collect();
    shore.heal(false, "5m");
    assert_eq!(others.iter().map(|name| times(name)).collect::<Vec<_>>(), before, "nothing else was written");
}

#[test]
fn a_reader_of_a_damaged_series_keeps_its_view_while_it_is_mended() {
    let shore = Shore::new(13, 3, 40);
    let key = SeriesKey::minute(shore.world.symbol.clone());
    let path = shore.data().join("aggregate/1m/EUR-USD.bin");
    // Opened before the damage: after it nobody gets in, as it lies where every opening looks.
    let view = shore.world.lake.read_series(&key).unwrap().unwrap();
    spoil(&path, |bytes| bytes[65] ^= 4);
    let seen: Vec<u8> = bytemuck::cast_slice(view.bars()).to_vec();
    shore.heal(false, "1m");
    assert_eq!(bytemuck::cast_slice::<_, u8>(view.bars()), seen, "files are replaced, never written into");
    assert!(std::fs::read(&path).unwrap() != seen);
}
