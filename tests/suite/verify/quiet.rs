//! No false alarm: whatever state a run, or a run that was stopped, leaves is whole.

use std::sync::Arc;

use engine::audit::verify::Weight;
use engine::disk::{Fault, FaultyDisk, RealDisk};
use engine::model::Day;

use super::{Shore, damage_of, day, verify};
use crate::textbook::Dice;
use crate::textbook::series::TextDay;
use crate::textbook::world::{self, World, candles, new_york_server};

/// A lake of a week, and the news of the next run: a late day, a changed day and a new one.
fn scene(n: u64) -> (World, Vec<(Day, TextDay)>, Day) {
    let dice = &mut Dice(30 + n);
    let mut world = World::new(new_york_server);
    world.settings.resample.batch_size = 50;
    let first = day("2024-03-04");
    for (day, said) in world::feed(dice, first, 8, 12) {
        world.receive(day, said);
    }
    world.run(first.plus(8));
    let of = |dice: &mut Dice, day: Day| (day, TextDay { candles: candles(dice, day, 12), asked_ms: None });
    let news = vec![of(dice, first.plus(-3)), of(dice, first.plus(3)), of(dice, first.plus(8))];
    (world, news, first.plus(9))
}

fn play(world: &World, news: &[(Day, TextDay)], today: Day) {
    for (day, said) in news {
        if world.try_receive(*day, said).is_err() {
            return;
        }
    }
    let mut request = world.request(today);
    request.from = Some(news[0].0);
    let _ = world.try_run(&request);
}

#[test]
fn a_run_stopped_at_any_step_leaves_nothing_that_is_damaged() {
    let (counted, news, today) = scene(0);
    let disk = FaultyDisk::counting(Arc::new(RealDisk));
    play(&counted.on(Arc::new(disk.clone())), &news, today);
    let steps = disk.steps();
    assert!(steps > 50, "{steps} steps are too few to mean anything");
    let mut remarks = 0;
    for n in 1..=steps {
        for fault in [Fault::Fail, Fault::Tear] {
            let (world, news, today) = scene(0);
            play(&world.on(Arc::new(FaultyDisk::breaking(Arc::new(RealDisk), n, fault))), &news, today);
            let report = verify(&world, true, |verify| verify.check()).expect("a lake that can be read");
            assert!(report.is_whole(), "{fault:?} at step {n} of {steps}: {:#?}", damage_of(&report));
            remarks += report.of_weight(Weight::Remark).count();
            // And what a repair does to it is nothing that the next run would not.
            verify(&world, true, |verify| verify.repair(&report)).expect("a lake that can be written");
            let again = verify(&world, true, |verify| verify.check()).expect("a lake that can be read");
            assert!(again.is_whole(), "{fault:?} at step {n}, repaired: {:#?}", damage_of(&again));
            assert!(again.findings.iter().all(|finding| finding.wrong.word() != "left-over"), "{again:#?}");
        }
    }
    assert!(remarks > steps as usize / 2, "interrupted runs are told of: {remarks} remarks");
}

#[test]
fn another_configuration_is_told_and_is_no_damage() {
    let shore = Shore::new(40, 3, 40);
    let mut settings = shore.world.settings.clone();
    settings.resample.round_decimals = 3;
    let check = |settings: &engine::model::Settings| {
        let verify = engine::audit::verify::Verify {
            lake: &shore.world.lake,
            settings,
            symbols: &[],
            deep: true,
            progress: &|_| {},
        };
        verify.check().expect("a lake that can be read")
    };
    let report = check(&settings);
    assert!(report.is_whole());
    let stale = report.of_weight(Weight::Unproven).filter(|finding| finding.wrong.word() == "stale").count();
    assert_eq!(stale, 20, "ten series of two symbols: {report:#?}");
    // A timeframe that the configuration has no more.
    let mut settings = shore.world.settings.clone();
    settings.resample.timeframes.retain(|spec| spec.id.as_str() != "1W");
    let report = check(&settings);
    let words: Vec<_> = report.findings.iter().map(|finding| finding.wrong.word()).collect();
    assert_eq!(words, ["unconfigured", "unconfigured"]);
}

#[test]
fn records_of_other_tools_and_strangers_are_told_and_are_no_damage() {
    let shore = Shore::new(41, 3, 40);
    let path = shore.data().join("aggregate/1m/EUR_X-USD.bin");
    super::spoil(&path, |bytes| bytes.chunks_mut(64).for_each(|record| record[48..].fill(0)));
    std::fs::write(shore.data().join("resample/notes.txt"), "mine").unwrap();
    let report = shore.check(false);
    let words: Vec<_> = report.findings.iter().map(|finding| finding.wrong.word()).collect();
    assert!(words.contains(&"unsealed") && words.contains(&"stranger"), "{words:?}");
    let of_minutes = report.findings.iter().filter(|finding| finding.path == path);
    assert!(of_minutes.clone().all(|finding| finding.weight() == Weight::Unproven), "{report:#?}");
}
