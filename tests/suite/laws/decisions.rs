//! The user's decisions are inputs like payloads: the committed bytes are a function of both.

use std::sync::Arc;

use engine::disk::{Fault, FaultyDisk, RealDisk};
use engine::feed::wire::Candle;
use engine::ingest::{Decision, IngestError, Rebuild};
use engine::model::bar::FLAG_SUSPECT;
use engine::model::settings::{AdjustOp, AdjustStep, PriceColumn, Settings, TransformSymbol, Validate};
use engine::model::{Bar, Day};
use engine::store::{Lake, SeriesKey};

use super::corrections::{Before, payload_path};
use super::modes::{assert_quarantine, spoiled, spoiled_feed};
use super::{Setup, as_of, day, plain, server};
use crate::textbook::Dice;
use crate::textbook::series::TextDay;
use crate::textbook::world::{MINUTE, World, candles};

const FIRST: &str = "2024-02-12";

fn with(setup: Setup, validate: Validate) -> World {
    World::new(|settings: &mut Settings| {
        setup(settings);
        settings.transform.validate = validate;
    })
}

fn finished(candles: Vec<Candle>) -> TextDay {
    TextDay { candles, asked_ms: None }
}

/// Twenty days, of which the third, the tenth and the last have a bar each whose high lies below its low.
fn troubled(setup: Setup, validate: Validate) -> (World, [Day; 3]) {
    let dice = &mut Dice(70);
    let mut world = with(setup, validate);
    let first = day(FIRST);
    let broken = [first.plus(2), first.plus(9), first.plus(19)];
    for date in first.through(first.plus(19)) {
        let mut made = candles(dice, date, 15);
        if broken.contains(&date) {
            made[3].units[1] = made[3].units[2] - 7;
            made[3].volume = 2.5;
        }
        world.receive(date, finished(made));
    }
    world.try_run(&world.request(first.plus(20)));
    world.assert_textbook("before any decision");
    (world, broken)
}

#[test]
fn what_is_released_is_in_the_series_at_once_and_stays() {
    for validate in [Validate::Quarantine, Validate::Reject] {
        for setup in [plain as Setup, server] {
            let (mut world, broken) = troubled(setup, validate);
            let undecided = world.files();
            for date in broken {
                let what = format!("{validate:?}: {date}");
                let before = Before::of(&world);
                let noted = world.commit(&world.minute_key()).reconcile_from;
                let decided = world.decide(Decision::Release, date).expect(&what);
                assert_eq!((decided.bars, decided.not_finite, decided.was_so), (1, 0, false), "{what}");
                world.assert_textbook(&what);
                assert_quarantine(&world, None, &what);
                before.assert_told(&world, decided.correction(), &what);
                assert_eq!(
                    world.commit(&world.minute_key()).reconcile_from,
                    noted,
                    "{what}: all is compared"
                );
                let bars = world.lake.read_series(&world.minute_key()).expect("sound").expect("a series");
                let time_ms = world.feed[&date].candles[3].time_ms as u64;
                let bar = bars.bars().iter().find(|bar| bar.time_ms == time_ms).expect("it is in");
                assert_eq!((bar.flags, bar.high < bar.low), (FLAG_SUSPECT, true), "{what}");
            }
            let released = world.files();
            let again = world.decide(Decision::Release, broken[1]).expect("once more");
            assert!(again.was_so && again.correction().is_none());
            world.run(day(FIRST).plus(20));
            assert_eq!(world.files(), released, "a run has nothing to add");

            std::fs::remove_dir_all(world.dir.path().join("data")).expect("it was there");
            world.rebuild(Rebuild::Full);
            assert_eq!(world.files(), released, "{validate:?}: the decisions lie in the cache");
            world.assert_textbook("rebuilt");

            for date in broken {
                world.decide(Decision::Hold, date).expect("it was released");
                world.assert_textbook(&format!("{validate:?}: {date} is held"));
                assert_quarantine(&world, None, "held");
            }
            assert_eq!(world.files(), undecided, "{validate:?}: as if nobody had decided");
        }
    }
}

#[test]
fn a_newer_payload_is_judged_afresh() {
    for validate in [Validate::Quarantine, Validate::Reject] {
        let (mut world, [_, date, _]) = troubled(server, validate);
        let today = day(FIRST).plus(20);
        world.decide(Decision::Release, date).expect("refused bars");
        let looked_at = world.feed[&date].clone();
        let released = world.files();
        let mut newer = looked_at.clone();
        newer.candles[8].units[3] = newer.candles[8].units[1] + 9;
        world.receive(date, newer);
        let report = world.try_run(&world.request(today));
        world.assert_textbook("the decision was about other bytes");
        let report = &report.symbols[0];
        assert!(report.refused_bars >= 2 || !report.refused_days.is_empty(), "{validate:?}");
        // Nobody has said anything of these bytes, but of the first ones somebody has.
        world.receive(date, looked_at);
        world.try_run(&world.request(today));
        world.assert_textbook("the bytes that were looked at");
        assert_eq!(world.files(), released);
    }
}

fn message(result: Result<engine::ingest::Decided, IngestError>) -> String {
    result.expect_err("this cannot be decided").to_string()
}

#[test]
fn what_cannot_be_released_says_why() {
    let (mut world, broken) = troubled(plain, Validate::Quarantine);
    let first = day(FIRST);
    let held = world.files();
    let said = message(world.decide(Decision::Release, first.plus(8)));
    for word in [first.plus(8), broken[0], broken[1], broken[2]] {
        assert!(said.contains(&word.to_string()), "{said}");
    }
    let said = message(world.decide(Decision::Release, first.plus(-50)));
    assert!(said.contains("no payload"), "{said}");
    let said = message(world.decide(Decision::Hold, broken[0]));
    assert!(said.contains("not released"), "{said}");

    let path = payload_path(&world, broken[1]);
    let sound = std::fs::read(&path).expect("a payload");
    std::fs::write(&path, &sound[..100]).expect("written");
    let said = message(world.decide(Decision::Release, broken[1]));
    assert!(said.contains("not a JSON object") && said.contains("engine run"), "{said}");
    std::fs::remove_file(&path).expect("it is there");
    let said = message(world.decide(Decision::Release, broken[1]));
    assert!(said.contains("not a JSON object"), "its refused payload is known: {said}");
    std::fs::write(&path, &sound).expect("written");

    let today = first.plus(20);
    let noon = today.start_ms() + 720 * MINUTE;
    let running = TextDay { candles: as_of(&world.feed[&broken[1]].candles, noon), asked_ms: Some(noon) };
    let moved = |candle: &Candle| Candle {
        time_ms: candle.time_ms + today.start_ms() - broken[1].start_ms(),
        ..*candle
    };
    let running = TextDay { candles: running.candles.iter().map(moved).collect(), ..running };
    world.receive(today, running);
    let said = message(world.decide(Decision::Release, today));
    assert!(said.contains("not finished"), "{said}");
    assert_eq!(world.files(), held, "none of this changes a byte");

    for validate in [Validate::Flag, Validate::Off] {
        let (mut world, broken) = troubled(plain, validate);
        let said = message(world.decide(Decision::Release, broken[0]));
        assert!(said.contains("keeps every bar"), "{said}");
    }
}

/// One bar that is not a number, on a day with another one that is merely impossible.
#[test]
fn what_is_not_a_number_stays_out() {
    for validate in [Validate::Quarantine, Validate::Reject] {
        let date = day("2024-03-05");
        let mut made = candles(&mut Dice(71), date, 20);
        made.iter_mut().for_each(|candle| candle.volume = 1.0);
        made[3].units[1] = made[3].units[2] - 7;
        let mut world = with(plain, validate);
        let only = |n: usize| AdjustStep {
            op: AdjustOp::Divide,
            columns: vec![PriceColumn::High],
            value: 0.0,
            from_wall_ms: Some(made[n].time_ms),
            to_wall_ms: Some(made[n].time_ms),
        };
        let own = TransformSymbol { source: None, post: vec![only(5)] };
        world.settings.transform.symbols.insert(world.symbol.clone(), own);
        world.receive(date, finished(made.clone()));
        world.try_run(&world.request(date.plus(1)));
        world.assert_textbook("before");
        let decided = world.decide(Decision::Release, date).expect("one of the two");
        assert_eq!((decided.bars, decided.not_finite), (1, 1), "{validate:?}");
        world.assert_textbook("after");
        assert_quarantine(&world, None, "one stays");

        // Alone it cannot be released, but a day rejected for it can be had without it.
        made[3].units[1] = made[3].units[0].max(made[3].units[3]) + 1;
        world.receive(date, finished(made));
        world.try_run(&world.request(date.plus(1)));
        let result = world.decide(Decision::Release, date);
        match validate {
            Validate::Reject => assert_eq!(result.expect("the rest").bars, 0),
            _ => assert!(message(result).contains("not a finite number")),
        }
        world.assert_textbook("alone");
    }
}

/// A decision is about the symbol named: an alias has bars of its own, which break rules of their own.
#[test]
fn an_alias_is_decided_about_by_itself() {
    let (mut euro, [_, date, _]) = troubled(server, Validate::Quarantine);
    let mut alias = euro.on(euro.lake.disk().clone());
    alias.symbol = "EURO".parse().expect("a symbol");
    let own = TransformSymbol { source: Some(euro.symbol.clone()), ..TransformSymbol::default() };
    alias.settings.transform.symbols.insert(alias.symbol.clone(), own);
    alias.try_run(&alias.request(day(FIRST).plus(20)));
    alias.assert_textbook("the alias");
    let held = euro.files();
    alias.decide(Decision::Release, date).expect("its own bars");
    alias.assert_textbook("the alias, released");
    assert_eq!(euro.files(), held, "its source is not asked");
    euro.try_run(&euro.request(day(FIRST).plus(20)));
    euro.assert_textbook("the source, undecided");
    euro.decide(Decision::Release, date).expect("its own bars");
    alias.decide(Decision::Hold, date).expect("it was released");
    euro.assert_textbook("the source, released");
    alias.assert_textbook("the alias, held");
}

/// A decision about a day that the series has not come to yet brings all the days before it, too.
#[test]
fn a_decision_before_the_series_is_there_forgets_no_day() {
    let dice = &mut Dice(72);
    let first = day(FIRST);
    let broken = |dice: &mut Dice, date| {
        let mut made = candles(dice, date, 15);
        made[3].units[1] = made[3].units[2] - 7;
        made[3].volume = 2.5;
        finished(made)
    };
    for known in [0, 3] {
        let mut world = with(plain, Validate::Quarantine);
        for n in 0..20 {
            let date = first.plus(n);
            let said = if n == 15 { broken(dice, date) } else { finished(candles(dice, date, 15)) };
            world.receive(date, said);
            if n + 1 == known {
                world.run(first.plus(n + 1));
            }
        }
        world.decide(Decision::Release, first.plus(15)).expect("refused bars");
        world.run(first.plus(60));
        world.assert_textbook(&format!("{known} days were known"));
    }
}

/// A day that is noted and has not been compared yet stays noted, whatever is decided about another one.
#[test]
fn a_decision_forgets_no_note() {
    for late in [1, 14] {
        let (mut world, [_, date, _]) = troubled(plain, Validate::Quarantine);
        let late = day(FIRST).plus(late);
        let made = candles(&mut Dice(73), late, 15);
        world.receive(late, finished(made));
        world.try_decide(Decision::Release, date).expect("refused bars");
        world.decisions.insert(date, world.feed[&date].candles.clone());
        assert_eq!(world.commit(&world.minute_key()).reconcile_from, Some(late), "it is not compared yet");
        world.try_run(&world.request(day(FIRST).plus(40)));
        world.assert_textbook("both");
        assert_eq!(world.commit(&world.minute_key()).reconcile_from, None);
    }
}

fn bars_of(lake: &Lake, key: &SeriesKey) -> Vec<Bar> {
    let view = lake.read_series(key).expect("a reader finds its way");
    view.map_or(Vec::new(), |view| view.bars().to_vec())
}

fn copied(from: &World, setup: Setup, validate: Validate) -> World {
    let mut copy = with(setup, validate);
    for (name, bytes) in crate::binary::files(from.dir.path()) {
        let path = copy.dir.path().join(name);
        std::fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
        std::fs::write(path, bytes).expect("written");
    }
    copy.feed = from.feed.clone();
    copy.decisions = from.decisions.clone();
    copy
}

/// The disk stops at every step of a decision: what is left is true, the next run brings the series in line with what
/// the cache says, and deciding again ends where it should.
#[test]
fn a_decision_survives_a_stop_at_any_step() {
    let scenes = [
        (Decision::Release, Validate::Quarantine, Fault::Fail, true),
        (Decision::Hold, Validate::Quarantine, Fault::Fail, true),
        (Decision::Release, Validate::Reject, Fault::Tear, false),
        (Decision::Hold, Validate::Reject, Fault::Full, false),
    ];
    for (decision, validate, fault, fsync) in scenes {
        let (mut base, [_, date, _]) = troubled(server, validate);
        if decision == Decision::Hold {
            base.decide(Decision::Release, date).expect("refused bars");
        }
        let synced = |mut world: World| {
            world.settings.aggregate_fsync = fsync;
            world.settings.resample.fsync = fsync;
            world
        };
        let mut after = synced(copied(&base, server, validate));
        let counting = FaultyDisk::counting(Arc::new(RealDisk));
        after.on(Arc::new(counting.clone())).try_decide(decision, date).expect("a sound disk");
        let steps = counting.steps();
        match decision {
            Decision::Release => drop(after.decisions.insert(date, after.feed[&date].candles.clone())),
            Decision::Hold => drop(after.decisions.remove(&date)),
        }
        after.assert_textbook("undisturbed");
        assert!(steps > 10, "{steps} steps are too few to mean anything");
        for n in 1..=steps {
            let what = format!("{decision:?} with {validate:?}: {fault:?} at step {n} of {steps}");
            let mut world = synced(copied(&base, server, validate));
            let disk = FaultyDisk::breaking(Arc::new(RealDisk), n, fault);
            // It says so, or the step was one that nothing depends on.
            let _ = world.on(Arc::new(disk)).try_decide(decision, date);
            for key in world.keys() {
                let bars = bars_of(&world.lake, &key);
                let true_in = |other: &World| bars_of(&other.lake, &key).starts_with(&bars);
                assert!(true_in(&base) || true_in(&after), "{what}: {} was never true", key.timeframe);
            }
            let payload = std::fs::read(payload_path(&world, date)).expect("a payload");
            let is_released = world.lake.is_released(&world.symbol, date, &payload).expect("a sound disk");
            world.decisions.remove(&date);
            if is_released {
                world.decisions.insert(date, world.feed[&date].candles.clone());
            }
            world.try_run(&world.request(day(FIRST).plus(20)));
            world.assert_textbook(&what);
            if is_released != (decision == Decision::Release) {
                world.decide(decision, date).expect(&what);
            }
            world.assert_textbook(&what);
            assert_eq!(world.files(), after.files(), "{what}");
        }
    }
}

/// Payloads and decisions in any order, and runs in between.
#[test]
fn any_history_of_payloads_and_decisions_is_one_rebuild() {
    for seed in 0..10 {
        let dice = &mut Dice(800 + seed);
        let validate = *dice.pick(&[Validate::Quarantine, Validate::Reject]);
        let setup = *dice.pick(&[plain as Setup, server]);
        let first = day("2024-03-01");
        let mut world = with(setup, validate);
        for (date, made) in spoiled_feed(dice, first, 14) {
            world.receive(date, finished(made));
        }
        for round in 0..25 {
            let date = first.plus(dice.below(14) as i32);
            match dice.below(5) {
                0 => {
                    let made = candles(dice, date, 20);
                    let made = spoiled(dice, made);
                    world.receive(date, finished(made));
                }
                1 => drop(world.decide(Decision::Hold, date)),
                2 | 3 => drop(world.decide(Decision::Release, date)),
                _ => {}
            }
            if dice.once_in(2) {
                world.try_run(&world.request(first.plus(14)));
                world.assert_textbook(&format!("seed {seed} round {round}"));
            }
        }
        world.try_run(&world.request(first.plus(14)));
        let held = world.files();
        std::fs::remove_dir_all(world.dir.path().join("data")).expect("it was there");
        world.try_rebuild(Rebuild::Full);
        world.assert_textbook(&format!("seed {seed}: rebuilt"));
        assert_eq!(world.files(), held, "seed {seed}");
    }
}
