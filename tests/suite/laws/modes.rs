//! What each mode of `validate` does with bars that cannot be, from the payload to the coarsest series.

use std::collections::BTreeMap;

use engine::feed::wire::Candle;
use engine::ingest::{Rebuild, SymbolReport};
use engine::model::Day;
use engine::model::settings::{Settings, Validate};

use super::corrections::payload_path;
use super::{Setup, as_of, day, plain, server};
use crate::textbook::Dice;
use crate::textbook::series::{TextCascade, TextDay, TextRules};
use crate::textbook::world::{self, MINUTE, World, assert_sound, candles};

pub(super) const MODES: [Validate; 4] =
    [Validate::Quarantine, Validate::Flag, Validate::Off, Validate::Reject];

/// Some candles of a day break a rule, hard or soft.
pub(super) fn spoiled(dice: &mut Dice, mut candles: Vec<Candle>) -> Vec<Candle> {
    for candle in &mut candles {
        if dice.once_in(6) {
            let [open, high, low, close] = &mut candle.units;
            match dice.below(6) {
                0 => *high = (*open).min(*low) - 3,
                1 => *high = *close - 1,
                2 => *low = (*open).max(*close) + 2,
                3 => candle.volume = -candle.volume - 0.5,
                4 => *high *= 2,
                _ => candle.units = [-5, 4, -9, -5],
            }
        }
    }
    candles
}

/// Days of which some are spoiled.
pub(super) fn spoiled_feed(dice: &mut Dice, first: Day, days: i32) -> Vec<(Day, Vec<Candle>)> {
    let days = first.through(first.plus(days - 1));
    days.map(|date| {
        let sound = candles(dice, date, 25);
        (date, if dice.once_in(2) { spoiled(dice, sound) } else { sound })
    })
    .collect()
}

/// Quarantine and figures as the textbook has them.
pub(super) fn assert_quarantine(world: &World, report: Option<&SymbolReport>, what: &str) {
    let cascade = TextCascade::new(&world.symbol, &world.settings);
    let rules = TextRules::of(&world.symbol, &world.settings);
    let (mut refused_bars, mut suspects, mut rejected_days) = (0, 0, Vec::new());
    for (date, said) in &world.feed {
        let what = format!("{what}: {date}");
        let released = said.asked_ms.is_none() && world.decisions.get(date) == Some(&said.candles);
        let judged = rules.judge(said, &cascade.server, released);
        let lies = world.lake.read_refused_bars(&world.symbol, *date).expect("a sound lake");
        let lies: Vec<_> = lies.iter().map(|refused| (refused.bar.time_ms, refused.rule.as_str())).collect();
        let expected: Vec<_> = judged.refused.iter().map(|(bar, rule)| (bar.time_ms, *rule)).collect();
        assert_eq!(lies, expected, "{what}: bars in quarantine");
        let payload = world.lake.read_refused_payload(&world.symbol, *date).expect("a sound lake");
        assert_eq!(payload.is_some(), judged.rejected, "{what}: the payload in quarantine");
        if let Some(payload) = payload {
            assert_eq!(payload.bytes, world::payload(*date, &said.candles).into_bytes(), "{what}");
            assert!(payload.reason.contains(&date.to_string()), "{what}: {}", payload.reason);
        }
        refused_bars += judged.refused.len() as u64;
        suspects += judged.bars.iter().filter(|bar| bar.flags != 0).count() as u64;
        rejected_days.extend(judged.rejected.then_some(*date));
    }
    if let Some(report) = report {
        assert_eq!((report.refused_bars, report.suspects), (refused_bars, suspects), "{what}");
        let refused: Vec<Day> = report.refused_days.iter().map(|(day, _)| *day).collect();
        assert_eq!(refused, rejected_days, "{what}: refused days");
    }
}

fn with(setup: Setup, validate: Validate) -> World {
    World::new(|settings: &mut Settings| {
        setup(settings);
        settings.transform.validate = validate;
    })
}

#[test]
fn each_mode_does_what_it_says_in_every_series() {
    for (n, validate) in MODES.into_iter().enumerate() {
        for (setup, first) in [(plain as Setup, "2024-03-04"), (server, "2024-03-06")] {
            let what = format!("{validate:?}");
            let dice = &mut Dice(40 + n as u64);
            let first = day(first);
            let mut world = with(setup, validate);
            let mut seen = 0;
            for (date, whole) in spoiled_feed(dice, first, 12) {
                // Caught at noon first: what the morning brought may not survive the verdict on the whole day.
                let noon = date.start_ms() + 720 * MINUTE;
                world.receive(date, TextDay { candles: as_of(&whole, noon), asked_ms: Some(noon) });
                world.try_run(&world.request(date));
                world.assert_textbook(&format!("{what}: {date} at noon"));
                world.receive(date, TextDay { candles: whole, asked_ms: None });
                let report = world.try_run(&world.request(date.plus(1)));
                world.assert_textbook(&format!("{what}: {date}"));
                assert_quarantine(&world, None, &what);
                seen += report.symbols[0].suspects + report.symbols[0].refused_bars;
                seen += report.symbols[0].refused_days.len() as u64;
            }
            assert_eq!(seen > 0, validate != Validate::Off, "{what}: the feed is spoiled");
            let mut reference = with(setup, validate);
            for (date, said) in &world.feed {
                reference.receive(*date, said.clone());
            }
            let report = reference.try_rebuild(Rebuild::Full);
            reference.assert_textbook(&format!("{what}: rebuilt"));
            assert_quarantine(&reference, Some(&report.symbols[0]), &format!("{what}: rebuilt"));
            assert_eq!(world.files(), reference.files(), "{what}");
        }
    }
}

/// A day that was taken, and whose newer payload is rejected, is not finished any more; and comes back.
#[test]
fn the_newest_day_can_be_rejected_after_it_was_taken() {
    let dice = &mut Dice(50);
    let first = day("2024-03-04");
    let mut world = with(server, Validate::Reject);
    for date in first.through(first.plus(4)) {
        world.receive(date, TextDay { candles: candles(dice, date, 25), asked_ms: None });
    }
    world.run(first.plus(5));
    world.assert_textbook("five days");
    let held = world.files();
    let newest = first.plus(4);
    let sound = world.feed[&newest].clone();
    let mut broken = sound.clone();
    broken.candles[9].units[1] = broken.candles[9].units[2] - 1;
    world.receive(newest, broken);
    let report = world.try_run(&world.request(first.plus(5)));
    assert_eq!(report.symbols[0].refused_days.len(), 1);
    world.assert_textbook("the newest is rejected");
    assert_eq!(world.commit(&world.minute_key()).last_date, Some(newest.plus(-1)), "not finished");
    world.receive(newest, sound);
    world.run(first.plus(5));
    world.assert_textbook("the newest is back");
    assert_eq!(world.files(), held);
}

#[test]
fn trouble_of_one_symbol_is_its_own() {
    let first = day("2024-03-04");
    for validate in MODES {
        let fill = |world: &mut World| {
            for (day, said) in world::feed(&mut Dice(61), first, 10, 25) {
                world.receive(day, said);
            }
        };
        let mut alone = with(server, validate);
        fill(&mut alone);
        alone.run(first.plus(10));

        let mut sound = with(server, validate);
        fill(&mut sound);
        let mut troubled = sound.on(sound.lake.disk().clone());
        troubled.symbol = "USD-JPY".parse().expect("a symbol");
        troubled.feed.clear();
        for (date, candles) in spoiled_feed(&mut Dice(62), first, 10) {
            troubled.receive(date, TextDay { candles, asked_ms: None });
        }
        for n in [1, 6] {
            std::fs::write(payload_path(&troubled, first.plus(n)), "no payload").expect("written");
            troubled.feed.remove(&first.plus(n));
        }
        let mut request = sound.request(first.plus(10));
        request.symbols.push(troubled.symbol.clone());
        let mut report = sound.try_run(&request);
        let of_troubled = report.symbols.pop().expect("two symbols");
        assert_sound(&report);
        assert_eq!(of_troubled.why_unfinished(), None, "{validate:?}: the others of its days are done");
        assert!(of_troubled.refused_days.len() >= 2, "{validate:?}");
        assert_eq!(sound.files(), alone.files(), "{validate:?}");
        sound.assert_textbook(&format!("{validate:?}: the sound one"));
        troubled.assert_textbook(&format!("{validate:?}: the troubled one"));
        let days: BTreeMap<_, _> =
            sound.lake.refused_days_since(&request.symbols, Day::from_epoch_days(0)).expect("a lake");
        assert!(days[&sound.symbol].is_empty() && !days[&troubled.symbol].is_empty(), "{validate:?}");
    }
}

/// A day refused by every run is written into quarantine once.
#[test]
fn a_run_that_refuses_the_same_again_writes_nothing() {
    for validate in [Validate::Quarantine, Validate::Reject] {
        let first = day("2024-03-04");
        let mut world = with(plain, validate);
        for (date, candles) in spoiled_feed(&mut Dice(63), first, 5) {
            world.receive(date, TextDay { candles, asked_ms: None });
        }
        std::fs::write(payload_path(&world, first.plus(2)), "no payload").expect("written");
        world.try_run(&world.request(first.plus(5)));
        // Settles what the first one did not wait for.
        world.try_run(&world.request(first.plus(5)));
        let stamps = |world: &World| {
            let files = crate::binary::files(world.dir.path());
            let stamp = |name: &String| {
                let path = world.dir.path().join(name);
                std::fs::metadata(path).and_then(|data| data.modified()).expect("a time")
            };
            files.keys().map(|name| (name.clone(), stamp(name))).collect::<BTreeMap<_, _>>()
        };
        let before = stamps(&world);
        assert!(before.keys().any(|name| name.contains("quarantine")), "{validate:?}");
        world.try_run(&world.request(first.plus(5)));
        assert_eq!(stamps(&world), before, "{validate:?}");
    }
}
