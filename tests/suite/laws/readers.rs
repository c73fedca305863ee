//! Readers beside a writer: committed and open bars are always the fold of the minutes there are.

use std::collections::BTreeMap;
use std::sync::Mutex;

use engine::model::{Bar, Timeframe};
use engine::query::OpenedSeries;

use super::{Setup, as_of, backfilled, day, plain, server, sessions};
use crate::textbook::Dice;
use crate::textbook::series::{TextCascade, TextDay};
use crate::textbook::world::{self, MINUTE, World, assert_bars, candles};

/// Committed and open bars of a timeframe.
fn read(world: &World, timeframe: &Timeframe) -> Vec<Bar> {
    let opened = OpenedSeries::read(&world.lake, &world.symbol, &world.cascade(), timeframe)
        .expect("a reader finds its way");
    let mut bars = opened.view.map_or(Vec::new(), |view| view.bars().to_vec());
    bars.extend(opened.open.iter().map(|bar| bar.sealed()));
    bars
}

fn timeframes(world: &World) -> Vec<Timeframe> {
    world.keys().into_iter().map(|key| key.timeframe).collect()
}

/// What readers of each timeframe should see of some minutes.
fn seen_of(world: &World, minutes: &[Bar]) -> BTreeMap<Timeframe, Vec<Bar>> {
    let mut all = TextCascade::new(&world.symbol, &world.settings).all(minutes);
    all.insert(Timeframe::minute(), minutes.to_vec());
    all
}

#[test]
fn committed_and_open_bars_are_the_fold_of_all_minutes_at_any_moment() {
    for (setup, first) in [(plain as Setup, "2024-03-07"), (server, "2024-03-08"), (sessions, "2024-10-04")] {
        let dice = &mut Dice(8);
        let mut world = World::new(setup);
        for (day, said) in world::feed(dice, day(first).plus(-4), 4, 25) {
            world.receive(day, said);
        }
        for n in 0..3 {
            let today = day(first).plus(n);
            let whole = candles(dice, today, 300);
            for step in 1..12 {
                let now_ms = today.start_ms() + step * 120 * MINUTE + dice.below(7_200_000) as i64;
                let said = TextDay { candles: as_of(&whole, now_ms), asked_ms: Some(now_ms) };
                world.receive(today, said);
                world.run(today);
                let (minutes, _) = world.text_minutes();
                let seen = seen_of(&world, &minutes);
                for timeframe in timeframes(&world) {
                    let what = format!("{timeframe} on {today} after {step} runs");
                    assert_bars(&seen[&timeframe], read(&world, &timeframe), &what);
                }
            }
            world.receive(today, TextDay { candles: whole, asked_ms: None });
        }
    }
}

#[test]
fn a_symbol_without_series_has_no_bars() {
    let world = World::new(plain);
    for timeframe in timeframes(&world) {
        assert!(read(&world, &timeframe).is_empty());
    }
}

/// The 1m series as it stands at one moment of the writer's work.
type Moments = Mutex<Vec<Vec<Bar>>>;

/// Grows and corrects the lake, and notes every state of the 1m series before it can be seen.
fn write(world: &mut World, moments: &Moments) {
    let dice = &mut Dice(21);
    let first = day("2024-03-04");
    let (mut today, mut whole) = (first.plus(5), candles(dice, first.plus(5), 200));
    for turn in 1..=48 {
        let (old, _) = world.text_minutes();
        let changed = if turn % 3 == 0 {
            let date = first.plus(dice.below(5) as i32);
            let said = backfilled(dice, world, date);
            (date, said)
        } else {
            let now_ms = today.start_ms() + turn % 12 * 120 * MINUTE + 30_000;
            (today, TextDay { candles: as_of(&whole, now_ms), asked_ms: Some(now_ms) })
        };
        world.feed.insert(changed.0, changed.1.clone());
        let (new, _) = world.text_minutes();
        let kept = old.iter().zip(&new).take_while(|(a, b)| a == b).count();
        moments.lock().expect("a sound lock").extend([old[..kept].to_vec(), new]);
        world.receive(changed.0, changed.1);
        world.run(today);
        if turn % 12 == 11 {
            today = today.plus(1);
            whole = candles(dice, today, 200);
        }
    }
}

#[test]
fn readers_beside_a_writer_see_one_moment_or_another_and_never_a_mixture() {
    let mut world = World::new(server);
    for (day, said) in world::feed(&mut Dice(20), day("2024-03-04"), 5, 40) {
        world.receive(day, said);
    }
    world.run(day("2024-03-09"));
    let (minutes, _) = world.text_minutes();
    let moments = Mutex::new(vec![minutes]);
    let reader = world.on(world.lake.disk().clone());
    let frames = timeframes(&world);
    let mut sightings: Vec<(Timeframe, Vec<Bar>)> = Vec::new();
    std::thread::scope(|scope| {
        let writer = scope.spawn(|| write(&mut world, &moments));
        for n in 0.. {
            let timeframe = &frames[n % frames.len()];
            let bars = read(&reader, timeframe);
            if sightings.iter().rev().take(40).all(|(frame, seen)| frame != timeframe || *seen != bars) {
                sightings.push((timeframe.clone(), bars));
            }
            if writer.is_finished() {
                break;
            }
        }
    });
    let truths: Vec<_> = {
        let moments = moments.lock().expect("a sound lock");
        moments.iter().map(|minutes| seen_of(&reader, minutes)).collect()
    };
    assert!(sightings.len() > frames.len(), "the reader saw nothing change");
    for (timeframe, bars) in &sightings {
        let known = truths.iter().any(|truth| truth[timeframe] == *bars);
        assert!(known, "{timeframe}: {} bars that no moment had", bars.len());
    }
}
