//! Every kind of new truth goes through the one protocol, leaves what a rebuild leaves, and is told as it was.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use engine::aggregate::Correction;
use engine::feed::wire::Candle;
use engine::ingest::{Gone, Rebuild, Request, RunReport, SymbolReport};
use engine::model::settings::{AdjustOp, AdjustStep, PriceColumn, TransformSymbol};
use engine::model::{Bar, Day};

use super::{Setup, as_of, backfilled, day, plain, rebuilt, server, sessions};
use crate::textbook::Dice;
use crate::textbook::series::TextDay;
use crate::textbook::world::{self, MINUTE, World, assert_sound, candles};

/// The 1m series, and how far it is known.
pub(super) struct Before {
    bars: Vec<Bar>,
    known_ms: u64,
}

impl Before {
    pub(super) fn of(world: &World) -> Before {
        let view = world.lake.read_series(&world.minute_key()).expect("a sound series");
        let bars = view.map_or(Vec::new(), |view| view.bars().to_vec());
        Before { bars, known_ms: world.commit(&world.minute_key()).watermark_ms }
    }

    /// Holds a report to what two lists of bars show: from when, how many, by how much.
    pub(super) fn assert_told(&self, after: &World, told: Option<Correction>, what: &str) {
        let by_time = |bars: &[Bar]| bars.iter().map(|bar| (bar.time_ms, *bar)).collect::<BTreeMap<_, _>>();
        let (old, new) = (by_time(&self.bars), by_time(&Before::of(after).bars));
        let times: BTreeSet<u64> = old.keys().chain(new.keys()).copied().collect();
        let differs = |time: &u64| {
            let is_new = !old.contains_key(time) && *time >= self.known_ms;
            old.get(time) != new.get(time) && !is_new
        };
        let times: Vec<u64> = times.into_iter().filter(differs).collect();
        let Some(first) = times.first() else {
            assert_eq!(told, None, "{what}: nothing was corrected");
            return;
        };
        let told = told.unwrap_or_else(|| panic!("{what}: {} bars were corrected in silence", times.len()));
        let either = new.get(first).or(old.get(first)).expect("one of them has it");
        assert_eq!((told.from_ms as u64, told.utc_offset_s), (*first, either.utc_offset_s), "{what}");
        let count = |of: &dyn Fn(&u64) -> bool| times.iter().filter(|time| of(time)).count() as u64;
        let difference = told.difference;
        assert_eq!(difference.bars, times.len() as u64, "{what}: bars");
        assert_eq!(difference.added, count(&|time| !old.contains_key(time)), "{what}: added");
        assert_eq!(difference.removed, count(&|time| !new.contains_key(time)), "{what}: removed");
        let days: BTreeSet<u64> = times.iter().map(|time| time / 86_400_000).collect();
        assert_eq!(difference.days, days.len() as u64, "{what}: days");
        let mut price = 0f64;
        for time in &times {
            if let (Some(a), Some(b)) = (old.get(time), new.get(time)) {
                for (a, b) in [(a.open, b.open), (a.high, b.high), (a.low, b.low), (a.close, b.close)] {
                    price = price.max((a - b).abs());
                }
            }
        }
        assert_eq!(difference.price, price, "{what}: price");
    }
}

fn only(report: RunReport) -> SymbolReport {
    assert_eq!(report.symbols.len(), 1);
    report.symbols.into_iter().next().expect("one symbol")
}

pub(super) fn correction_of(report: &SymbolReport) -> Option<Correction> {
    report.minutes.as_ref().and_then(|minutes| minutes.correction)
}

/// Where the payload of a finished day lies.
pub(super) fn payload_path(world: &World, day: Day) -> PathBuf {
    let (year, month, _) = day.ymd();
    let name = format!("{}_{}.json", world.symbol, day.yyyymmdd());
    world.settings.paths.cache.join(format!("{year:04}/{month:02}")).join(name)
}

/// A run, held to the textbook and to what it says it has corrected.
fn run_and_hold(world: &World, today: Day, what: &str) -> SymbolReport {
    let before = Before::of(world);
    let report = world.run(today);
    world.assert_textbook(what);
    let report = only(report);
    before.assert_told(world, correction_of(&report), what);
    report
}

fn finished(candles: Vec<Candle>) -> TextDay {
    TextDay { candles, asked_ms: None }
}

#[test]
fn each_kind_of_new_truth_is_corrected_and_told() {
    for (what, setup, first) in [
        ("plain", plain as Setup, "2024-03-04"),
        ("server", server, "2024-03-04"),
        ("sessions", sessions, "2024-10-01"),
    ] {
        let dice = &mut Dice(31);
        let first = day(first);
        let mut world = World::new(setup);
        for (day, said) in world::feed(dice, first, 10, 20) {
            world.receive(day, said);
        }
        run_and_hold(&world, first.plus(10), what);

        // A running day, and a second look at it that remembers the morning otherwise.
        let today = first.plus(10);
        let mut whole = candles(dice, today, 300);
        let noon = today.start_ms() + 720 * MINUTE + 1234;
        let running =
            |whole: &[Candle], now_ms| TextDay { candles: as_of(whole, now_ms), asked_ms: Some(now_ms) };
        world.receive(today, running(&whole, noon));
        let report = run_and_hold(&world, today, &format!("{what}: a running day"));
        assert_eq!(correction_of(&report), None, "{what}");
        whole[20].units[1] += 55;
        whole.remove(40);
        world.receive(today, running(&whole, noon + 60 * MINUTE));
        let report = run_and_hold(&world, today, &format!("{what}: a revised running day"));
        let told = correction_of(&report).expect("a correction").difference;
        assert_eq!((told.bars, told.removed, told.days), (2, 1, 1), "{what}");

        // The day as it was in the end is not what was captured live.
        whole[33].units[2] -= 44;
        world.receive(today, finished(whole));
        let report = run_and_hold(&world, today.plus(1), &format!("{what}: the finished day"));
        assert_eq!(correction_of(&report).expect("a correction").difference.changed(), 1, "{what}");
        assert!(
            report.minutes.expect("minutes").new_bars > 100,
            "{what}: the afternoon is new, not corrected"
        );

        // A day from before everything, and two at once.
        let late = first.plus(-9);
        world.receive(late, finished(candles(dice, late, 15)));
        run_and_hold(&world, today.plus(1), &format!("{what}: a late day"));
        for n in [2, 5] {
            let said = backfilled(dice, &world, first.plus(n));
            world.receive(first.plus(n), said);
        }
        run_and_hold(&world, today.plus(1), &format!("{what}: two days"));
        assert_eq!(world.files(), rebuilt(setup, &world.feed, what).files(), "{what}");
    }
}

#[test]
fn several_changed_days_are_one_correction_with_all_their_bars() {
    for seed in 0..12 {
        let dice = &mut Dice(seed);
        let first = day("2024-02-20");
        let mut world = World::new(if seed % 2 == 0 { plain } else { server });
        for (day, said) in world::feed(dice, first, 25, 15) {
            world.receive(day, said);
        }
        world.run(first.plus(25));
        for round in 0..5 {
            for _ in 0..1 + dice.below(4) {
                // Some of them new days, so that what is new and what is corrected come together.
                let date = first.plus(dice.below(27 + round) as i32);
                let said = backfilled(dice, &world, date);
                world.receive(date, said);
            }
            run_and_hold(&world, first.plus(31), &format!("seed {seed} round {round}"));
        }
    }
}

#[test]
fn a_damaged_payload_changes_nothing_until_a_sound_one_comes() {
    let dice = &mut Dice(5);
    let first = day("2024-03-04");
    let mut world = World::new(server);
    for (day, said) in world::feed(dice, first, 9, 20) {
        world.receive(day, said);
    }
    world.run(first.plus(9));
    let (held, damaged) = (world.files(), first.plus(3));
    let path = payload_path(&world, damaged);
    let sound = std::fs::read(&path).expect("a payload");
    let whole: TextDay = world.feed[&damaged].clone();
    let other_day = world::payload(damaged.plus(1), &candles(dice, damaged.plus(1), 20));
    let damages: [(&str, &[u8]); 5] = [
        ("cut", &sound[..sound.len() / 2]),
        ("garbage", &[0xff, 0x00, 0x9c, 0x13, 0x7f]),
        ("nothing at all", b""),
        ("another day", other_day.as_bytes()),
        ("something else", b"{\"error\": \"no such day\"}"),
    ];
    for (what, bytes) in damages {
        std::fs::write(&path, bytes).expect("written");
        for again in 0..2 {
            let report = only(world.try_run(&world.request(first.plus(9))));
            assert_eq!(report.why_unfinished(), None, "{what}");
            let refused: Vec<Day> = report.refused_days.iter().map(|(day, _)| *day).collect();
            assert_eq!(refused, [damaged], "{what}: run {again}");
            assert_eq!(correction_of(&report), None, "{what}");
            assert_eq!(world.files(), held, "{what}");
        }
        let aside = world.lake.read_refused_payload(&world.symbol, damaged).expect("a lake").expect(what);
        assert_eq!(aside.bytes, bytes, "{what}: the bytes are kept for people to look at");
        assert_eq!(aside.reason.lines().count(), 1, "{what}: {}", aside.reason);

        let mut said = whole.clone();
        said.candles[7].units[1] += 12;
        world.receive(damaged, said);
        let report = run_and_hold(&world, first.plus(9), &format!("{what}: repaired"));
        assert_eq!(correction_of(&report).expect("a correction").difference.bars, 1, "{what}");
        assert_eq!(
            world.lake.refused_day(&world.symbol, damaged).expect("a lake"),
            None,
            "{what}: forgotten"
        );
        world.receive(damaged, whole.clone());
        world.run(first.plus(9));
        assert_eq!(world.files(), held, "{what}");
    }
}

#[test]
fn a_payload_that_vanished_leaves_its_bars_until_a_rebuild() {
    let dice = &mut Dice(6);
    let first = day("2024-03-04");
    for what in [Rebuild::Full, Rebuild::Aggregate] {
        let mut world = World::new(server);
        for date in first.through(first.plus(11)) {
            world.receive(date, finished(candles(dice, date, 20)));
        }
        world.run(first.plus(12));
        let held = world.files();
        let gone = [first.plus(2), first.plus(7), first.plus(8)];
        for date in gone {
            std::fs::remove_file(payload_path(&world, date)).expect("it was there");
        }
        let mut request = world.request(first.plus(12));
        request.from = Some(first);
        for request in [world.request(first.plus(12)), request] {
            let report = world.try_run(&request);
            assert_sound(&report);
            assert_eq!(correction_of(&only(report)), None, "nothing is said");
            assert_eq!(world.files(), held, "and nothing is lost");
        }
        // Another day is corrected meanwhile: what is held of the three is carried along.
        let other = first.plus(4);
        world.receive(other, finished(candles(dice, other, 20)));
        run_and_hold(&world, first.plus(12), "with payloads missing");

        let before = Before::of(&world);
        let bars = gone.iter().map(|date| {
            let lost = world.feed.remove(date).expect("it was there");
            lost.candles.iter().filter(|candle| candle.volume != 0.0).count() as u64
        });
        let bars: u64 = bars.sum();
        let report = world.try_rebuild(what);
        assert_sound(&report);
        let report = only(report);
        world.assert_textbook(&format!("{what:?}"));
        assert_eq!(report.gone, Some(Gone { days: 3, bars }), "{what:?}");
        before.assert_told(&world, correction_of(&report), &format!("{what:?}"));
        let report = only(world.try_rebuild(what));
        assert_eq!((report.gone, correction_of(&report)), (None, None), "{what:?} once more");
    }
}

/// Prices times a factor between two dates of the server's clock.
fn scaled(factor: f64, from: Option<Day>, to: Option<Day>) -> Vec<AdjustStep> {
    let columns = vec![PriceColumn::Open, PriceColumn::High, PriceColumn::Low, PriceColumn::Close];
    let (from_wall_ms, to_wall_ms) = (from.map(Day::start_ms), to.map(Day::start_ms));
    let halved = AdjustStep {
        op: AdjustOp::Divide,
        columns: vec![PriceColumn::Volume],
        value: 2.0,
        from_wall_ms: None,
        to_wall_ms: None,
    };
    vec![AdjustStep { op: AdjustOp::Multiply, columns, value: factor, from_wall_ms, to_wall_ms }, halved]
}

#[test]
fn a_changed_step_is_said_and_waits_for_a_rebuild() {
    let first = day("2024-03-04");
    let with = |world: &mut World, post: Vec<AdjustStep>| {
        let own = TransformSymbol { source: None, post };
        world.settings.transform.symbols.insert(world.symbol.clone(), own);
    };
    for setup in [plain as Setup, server] {
        let mut world = World::new(setup);
        for (day, said) in world::feed(&mut Dice(7), first, 10, 20) {
            world.receive(day, said);
        }
        world.run(first.plus(10));
        let held = world.files();
        with(&mut world, scaled(1.001, Some(first.plus(4)), Some(first.plus(6))));
        let report = only(world.try_run(&world.request(first.plus(10))));
        assert!(report.is_stale() && report.why_unfinished().is_none(), "it is said");
        assert_eq!(world.files(), held, "and left as it is");

        let changed_steps: [Vec<AdjustStep>; 3] =
            [scaled(1.001, Some(first.plus(4)), Some(first.plus(6))), scaled(0.5, None, None), Vec::new()];
        for (n, post) in changed_steps.into_iter().enumerate() {
            with(&mut world, post);
            let before = Before::of(&world);
            let report = match n {
                1 => world.try_run(&Request { rebuild_changed: true, ..world.request(first.plus(10)) }),
                _ => world.try_rebuild(Rebuild::Full),
            };
            assert_sound(&report);
            world.assert_textbook(&format!("step {n}"));
            before.assert_told(&world, correction_of(&only(report)), &format!("step {n}"));
        }
        assert_eq!(world.files(), held, "without a step it is as it was");
    }
}

#[test]
fn an_alias_of_something_else_is_another_series() {
    let first = day("2024-03-04");
    let mut euro = World::new(server);
    let mut yen = euro.on(euro.lake.disk().clone());
    yen.symbol = "USD-JPY".parse().expect("a symbol");
    for (seed, world) in [&mut euro, &mut yen].into_iter().enumerate() {
        for (day, said) in world::feed(&mut Dice(seed as u64), first, 9, 20) {
            world.receive(day, said);
        }
    }
    let mut alias = euro.on(euro.lake.disk().clone());
    alias.symbol = "MINE".parse().expect("a symbol");
    let of = |alias: &mut World, source: &World, post| {
        let own = TransformSymbol { source: Some(source.symbol.clone()), post };
        alias.settings.transform.symbols.insert(alias.symbol.clone(), own);
        alias.feed = source.feed.clone();
    };
    of(&mut alias, &euro, Vec::new());
    alias.run(first.plus(9));
    alias.assert_textbook("of the euro");
    let held = alias.files();
    of(&mut alias, &yen, Vec::new());
    assert!(only(alias.try_run(&alias.request(first.plus(9)))).is_stale());
    assert_eq!(alias.files(), held);
    let before = Before::of(&alias);
    let report = only(alias.try_rebuild(Rebuild::Full));
    alias.assert_textbook("of the yen");
    before.assert_told(&alias, correction_of(&report), "of the yen");
    of(&mut alias, &euro, scaled(2.0, None, None));
    assert_sound(&alias.try_run(&Request { rebuild_changed: true, ..alias.request(first.plus(9)) }));
    alias.assert_textbook("of the euro, doubled");
    for world in [&euro, &yen] {
        world.run(first.plus(9));
        world.assert_textbook("its source");
    }
}
