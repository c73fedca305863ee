//! Damage whose source is gone: nothing is dropped in silence, and the day heals when its payload is back.

use engine::audit::verify::{How, Weight};
use engine::model::Bar;
use engine::model::bar::BAR_SIZE;

use super::{Shore, damage_of, day, files, spoil};
use crate::binary::different;

#[test]
fn one_flipped_bit_heals_without_any_payload() {
    let shore = Shore::new(20, 3, 40);
    let whole = files(&shore.data());
    std::fs::remove_dir_all(shore.root().join("cache")).expect("the cache goes");
    spoil(&shore.data().join("aggregate/1m/EUR-USD.bin"), |bytes| bytes[5 * BAR_SIZE + 17] ^= 16);
    let repairs = shore.heal(false, "one bit");
    assert!(repairs.iter().any(|repair| repair.how == How::OneBit), "{repairs:#?}");
    assert_eq!(different(&files(&shore.data()), &whole), Vec::<&str>::new());
}

#[test]
fn bars_that_nothing_holds_are_told_kept_and_come_back_with_their_payload() {
    let shore = Shore::new(21, 4, 40);
    let whole = files(&shore.data());
    let lost_day = day("2024-03-05");
    let payload = shore.root().join("cache/2024/03/EUR-USD_20240305.json");
    let aside = shore.root().join("payload.json");
    std::fs::rename(&payload, &aside).expect("the payload goes");
    let name = "aggregate/1m/EUR-USD.bin";
    let bars: Vec<Bar> = bytemuck::pod_collect_to_vec(&whole[name]);
    let first = bars.iter().position(|bar| bar.time_ms as i64 >= lost_day.start_ms()).unwrap() + 4;
    spoil(&shore.data().join(name), |bytes| bytes[first * BAR_SIZE..(first + 3) * BAR_SIZE].fill(0xEE));

    let report = shore.check(false);
    let repairs = shore.repair(false, &report);
    let lost = repairs.iter().find_map(|repair| match &repair.how {
        How::Lost { bars, from, to, kept } => Some((*bars, *from, *to, kept.clone())),
        _ => None,
    });
    let (count, from, to, kept) = lost.expect("the loss is told");
    assert_eq!((count, from, to), (3, lost_day, lost_day));
    assert_eq!(std::fs::read(kept).unwrap(), vec![0xEE; 3 * BAR_SIZE]);
    let after = shore.check(true);
    assert!(after.is_whole(), "{:#?}", damage_of(&after));
    assert!(after.of_weight(Weight::Remark).any(|finding| finding.wrong.word() == "kept"));
    let held: Vec<Bar> = bytemuck::pod_collect_to_vec(&std::fs::read(shore.data().join(name)).unwrap());
    let expected: Vec<Bar> = [&bars[..first], &bars[first + 3..]].concat();
    assert!(held == expected, "every other bar is still there");
    let commit = shore.world.commit(&shore.world.minute_key());
    assert_eq!(commit.reconcile_from, Some(lost_day), "the next run asks for the day");

    std::fs::rename(&aside, &payload).expect("the payload is back");
    shore.run();
    let now = files(&shore.data());
    let series = |(name, _): &(&String, &Vec<u8>)| name.ends_with(".bin") && !name.contains("damaged");
    assert!(now.iter().filter(series).eq(whole.iter().filter(series)), "the day is whole again");
}

#[test]
fn a_series_whose_record_was_removed_is_not_thrown_away() {
    let shore = Shore::new(22, 4, 40);
    let whole = files(&shore.data());
    std::fs::remove_file(shore.root().join("cache/2024/03/EUR-USD_20240304.json")).expect("a payload goes");
    std::fs::remove_file(shore.data().join("aggregate/1m/index/EUR-USD.idx")).expect("the record goes");
    let report = shore.check(false);
    assert!(damage_of(&report).iter().any(|finding| finding.wrong.word() == "no-record"), "{report:#?}");
    shore.heal(false, "no record");
    let now = files(&shore.data());
    let series = |(name, _): &(&String, &Vec<u8>)| name.ends_with(".bin");
    assert!(now.iter().filter(series).eq(whole.iter().filter(series)), "every bar is where it was");
}
