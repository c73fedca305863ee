//! SPEC 5's law: the committed bytes are a function of payloads, settings and the instant they are finished up to.

mod corrections;
mod crash;
mod decisions;
mod modes;
mod notes;
mod power;
mod readers;
mod real;
mod rollover;
mod windows;

use std::path::Path;

use engine::feed::wire::Candle;
use engine::ingest::Rebuild;
use engine::model::settings::{Limits, PostStep, ResampleSymbol, Session, SessionTimeframe, Settings};
use engine::model::timeframe::{Origin, Side};
use engine::model::{Day, Symbol};

use crate::textbook::Dice;
use crate::textbook::post::merge;
use crate::textbook::series::{TextDay, TextFeed};
use crate::textbook::world::{self, MINUTE, World, assert_sound, candles, spec};

/// A way to configure the engine.
type Setup = fn(&mut Settings);

fn plain(_: &mut Settings) {}

/// An MT4 server's clock, four-hour bars from 01:00, other edges, and timeframes beyond the default ones.
fn server(settings: &mut Settings) {
    world::new_york_server(settings);
    settings.resample.timeframes[4].origin = Origin::At { minutes: 60 };
    settings.resample.timeframes[4].post = vec![merge(&["05:00:00", "09:00:00"], -1)];
    settings.resample.timeframes[2].closed = Side::Right;
    settings.resample.timeframes.push(spec("1Q", "1d", "QS"));
    settings.resample.timeframes.push(spec("12h", "15m", "12h"));
    settings.resample.round_decimals = 5;
}

/// Sessions of an exchange whose clock changes on other days than the server's.
fn sessions(settings: &mut Settings) {
    world::new_york_server(settings);
    let session = |name: &str, ranges: &[(u16, u16)], origin: u16| {
        let change = || SessionTimeframe { origin: Some(Origin::At { minutes: origin }), post: Vec::new() };
        Session {
            name: name.to_owned(),
            from_wall_ms: None,
            to_wall_ms: None,
            weekdays: Vec::new(),
            ranges: ranges.to_vec(),
            catch_all: false,
            timeframes: ["15m", "30m", "1h", "4h"]
                .map(|id| (id.parse().expect("a timeframe"), change()))
                .into_iter()
                .collect(),
        }
    };
    let day = session("day", &[(9 * 60 + 50, 16 * 60 + 30)], 50);
    let night = session("after-hours", &[(17 * 60 + 10, 23 * 60 + 59), (0, 7 * 60)], 8 * 60 + 10);
    let own = ResampleSymbol {
        timezone: Some(chrono_tz::Australia::Sydney),
        sessions: vec![day, night],
        ..ResampleSymbol::default()
    };
    settings.resample.symbols.insert("EUR-USD".parse().expect("a symbol"), own);
}

/// Steps upon steps: chains, both directions, limits, moved labels.
fn steps(settings: &mut Settings) {
    world::new_york_server(settings);
    let limits = Limits { weekdays: vec![0, 2, 4], ..Limits::default() };
    let limited = PostStep::Merge { ends_with: vec![":10:00".to_owned()], offset: -2, limits };
    let timeframes = &mut settings.resample.timeframes;
    timeframes[2].post = vec![merge(&["4:00:00", "4:30:00"], -1), merge(&["1:30:00"], 2)];
    timeframes[3].post = vec![PostStep::Shift { offset_s: 600 }, limited];
    timeframes[4].post = vec![merge(&["08:00:00"], 1), PostStep::Shift { offset_s: -7200 }];
}

/// What is shipped for a symbol of the MetaTrader 4 server, for the symbol of these tests.
fn shipped(settings: &mut Settings, symbol: &str) {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("config.dukascopy-mt4.yaml");
    let shipped = engine::config::load(&file).unwrap_or_else(|error| panic!("{error}")).settings;
    let own = shipped.resample.symbols.get(&symbol.parse::<Symbol>().expect("a symbol")).cloned();
    let own = own.unwrap_or_default();
    settings.transform.timezones = shipped.transform.timezones;
    settings.resample = shipped.resample;
    settings.resample.symbols = [("EUR-USD".parse().expect("a symbol"), own)].into();
}

fn singapore(settings: &mut Settings) {
    shipped(settings, "SGD.IDX-SGD");
}

fn australia(settings: &mut Settings) {
    shipped(settings, "AUS.IDX-AUD");
}

fn hong_kong(settings: &mut Settings) {
    shipped(settings, "HKG.IDX-HKD");
}

fn germany(settings: &mut Settings) {
    shipped(settings, "DEU.IDX-EUR");
}

/// Also what bitcoin has, which trades around the clock as the candles of these tests do.
fn currencies(settings: &mut Settings) {
    shipped(settings, "GBP-USD");
}

const SETUPS: [(&str, Setup, &str); 9] = [
    ("plain", plain, "2024-01-20"),
    ("server", server, "2024-02-01"),
    ("sessions", sessions, "2024-09-01"),
    ("steps", steps, "2024-10-20"),
    ("SGD", singapore, "2024-02-26"),
    ("AUS", australia, "2024-03-25"),
    ("HKG", hong_kong, "2024-01-25"),
    ("DEU", germany, "2024-02-20"),
    ("FX", currencies, "2024-09-01"),
];

fn day(text: &str) -> Day {
    text.parse().expect("a day")
}

/// A lake that holds these payloads and was rebuilt once, held to the textbook.
fn rebuilt(setup: Setup, feed: &TextFeed, what: &str) -> World {
    let mut world = World::new(setup);
    for (day, said) in feed {
        world.receive(*day, said.clone());
    }
    world.rebuild(Rebuild::Full);
    world.assert_textbook(&format!("{what}: rebuilt"));
    world
}

#[test]
fn ninety_daily_runs_are_one_rebuild() {
    for (what, setup, first) in SETUPS {
        let feed = world::feed(&mut Dice(1), day(first), 90, 25);
        let reference = rebuilt(setup, &feed, what);
        let mut world = World::new(setup);
        for (n, (day, said)) in feed.iter().enumerate() {
            world.receive(*day, said.clone());
            world.run(day.plus(1));
            if n % 15 == 7 {
                world.assert_textbook(&format!("{what}: day {day}"));
            }
        }
        assert_eq!(world.files(), reference.files(), "{what}");
        world.assert_textbook(what);
        for rebuild in [Rebuild::Resample, Rebuild::Aggregate, Rebuild::Full] {
            world.rebuild(rebuild);
            assert_eq!(world.files(), reference.files(), "{what}: {rebuild:?}");
        }
    }
}

/// What the feed says of a running day: the minute that is still forming has not come to its end.
fn as_of(whole: &[Candle], now_ms: i64) -> Vec<Candle> {
    let mut known: Vec<Candle> = whole.iter().filter(|candle| candle.time_ms <= now_ms).copied().collect();
    if let Some(last) = known.last_mut()
        && now_ms < last.time_ms + MINUTE
    {
        last.units[3] = last.units[0];
        last.volume /= 2.0;
    }
    known
}

#[test]
fn a_run_every_quarter_of_an_hour_is_one_rebuild() {
    // The last ones over the change of the clocks in New York, and in Sydney.
    let setups: [(&str, Setup, &str); 9] = [
        ("plain", plain, "2024-03-07"),
        ("server", server, "2024-11-01"),
        ("steps", steps, "2024-05-07"),
        ("SGD", singapore, "2024-11-03"),
        ("AUS", australia, "2024-04-07"),
        ("HKG", hong_kong, "2024-03-10"),
        ("DEU", germany, "2024-03-31"),
        ("around the clock, spring", currencies, "2024-03-10"),
        ("around the clock, autumn", currencies, "2024-11-03"),
    ];
    for (what, setup, first) in setups {
        let dice = &mut Dice(5);
        let mut world = World::new(setup);
        for (day, said) in world::feed(dice, day(first).plus(-9), 9, 25) {
            world.receive(day, said);
        }
        world.run(day(first));
        let whole: TextFeed = [0, 1]
            .map(|n| day(first).plus(n))
            .map(|day| (day, TextDay { candles: candles(dice, day, 400), asked_ms: None }))
            .into();
        for (today, said) in &whole {
            for quarter in 1..96 {
                // Not on the minute, as runs are not.
                let now_ms = today.start_ms() + quarter * 15 * MINUTE + dice.below(60_000) as i64;
                let running = TextDay { candles: as_of(&said.candles, now_ms), asked_ms: Some(now_ms) };
                world.receive(*today, running);
                // The day before comes to its end an hour late, when this one has begun.
                if quarter == 4 && today.plus(-1) >= day(first) {
                    world.receive(today.plus(-1), whole[&today.plus(-1)].clone());
                }
                world.run(*today);
                if quarter % 12 == 3 {
                    world.assert_textbook(&format!("{what}: {today} quarter {quarter}"));
                }
            }
        }
        let last = day(first).plus(1);
        world.receive(last, whole[&last].clone());
        world.run(last.plus(1));
        world.assert_textbook(what);
        assert_eq!(world.files(), rebuilt(setup, &world.feed, what).files(), "{what}");
    }
}

#[test]
fn the_size_of_a_batch_leaves_no_trace() {
    for (what, setup, first) in SETUPS {
        let feed = world::feed(&mut Dice(2), day(first), 20, 20);
        let reference = rebuilt(setup, &feed, what);
        for batch_size in [1, 7, 1000] {
            let mut world = World::new(setup);
            world.settings.resample.batch_size = batch_size;
            for (n, (day, said)) in feed.iter().enumerate() {
                world.receive(*day, said.clone());
                if n % 5 == 4 {
                    world.run(day.plus(1));
                }
            }
            world.run(day(first).plus(20));
            assert_eq!(world.files(), reference.files(), "{what} in batches of {batch_size}");
            world.rebuild(Rebuild::Full);
            assert_eq!(world.files(), reference.files(), "{what} rebuilt in batches of {batch_size}");
        }
    }
}

#[test]
fn late_days_in_any_order_slot_in_without_a_rebuild() {
    for (what, setup, first) in SETUPS {
        for seed in 0..4 {
            let dice = &mut Dice(seed);
            let feed = world::feed(dice, day(first), 40, 15);
            let reference = rebuilt(setup, &feed, what);
            let mut world = World::new(setup);
            let mut days: Vec<Day> = feed.keys().copied().collect();
            dice.shuffle(&mut days);
            for (n, date) in days.iter().enumerate() {
                world.receive(*date, feed[date].clone());
                if dice.once_in(4) || n == 0 {
                    world.run(day(first).plus(40));
                    world.assert_textbook(&format!("{what} seed {seed}: after {} days", n + 1));
                }
            }
            world.run(day(first).plus(40));
            assert_eq!(world.files(), reference.files(), "{what} seed {seed}");
        }
    }
}

#[test]
fn older_history_asked_for_later_slots_in() {
    let feed = world::feed(&mut Dice(3), day("2024-01-01"), 60, 20);
    let reference = rebuilt(server, &feed, "history");
    let mut world = World::new(server);
    let begins = [40, 20, 0];
    for (begin, end) in begins.into_iter().zip([60, 40, 20]) {
        for (day, said) in feed.iter().skip(begin).take(end - begin) {
            world.receive(*day, said.clone());
        }
        world.run(day("2024-03-01"));
        world.assert_textbook(&format!("history from day {begin} on"));
    }
    assert_eq!(world.files(), reference.files());
}

/// A run that ends before another late day leaves that day to the next run.
#[test]
fn a_late_day_beyond_the_window_of_a_run_is_not_forgotten() {
    let feed = world::feed(&mut Dice(6), day("2024-01-01"), 60, 20);
    let mut world = World::new(plain);
    let late = [5, 30, 31, 45];
    let is_late = |date: Day| late.iter().any(|n| day("2024-01-01").plus(*n) == date);
    for (date, said) in feed.iter().filter(|(date, _)| !is_late(**date)) {
        world.receive(*date, said.clone());
    }
    world.run(day("2024-03-01"));
    for n in late {
        let date = day("2024-01-01").plus(n);
        let said = TextDay { candles: candles(&mut Dice(n as u64), date, 20), asked_ms: None };
        world.receive(date, said);
    }
    let mut request = world.request(day("2024-03-01"));
    request.from = Some(day("2024-01-03"));
    request.to = Some(day("2024-01-10"));
    assert_sound(&world.try_run(&request));
    world.run(day("2024-03-01"));
    world.assert_textbook("all late days");
    assert_eq!(world.commit(&world.minute_key()).reconcile_from, None);
}

#[test]
fn backfills_anywhere_followed_by_a_run_are_a_rebuild() {
    for (what, setup, first) in SETUPS {
        for seed in 10..13 {
            let dice = &mut Dice(seed);
            let mut world = World::new(setup);
            for (day, said) in world::feed(dice, day(first), 35, 20) {
                world.receive(day, said);
            }
            world.run(day(first).plus(35));
            for round in 0..6 {
                for _ in 0..1 + dice.below(3) {
                    let date = day(first).plus(dice.below(36) as i32);
                    let said = backfilled(dice, &world, date);
                    world.receive(date, said);
                }
                world.run(day(first).plus(36));
                world.assert_textbook(&format!("{what} seed {seed} round {round}"));
            }
            let reference = rebuilt(setup, &world.feed, what);
            assert_eq!(world.files(), reference.files(), "{what} seed {seed}");
        }
    }
}

/// Another truth about a day: one candle more, one less, one changed, all new, or none at all.
fn backfilled(dice: &mut Dice, world: &World, date: Day) -> TextDay {
    let mut known = world.feed.get(&date).map_or_else(Vec::new, |said| said.candles.clone());
    match dice.below(5) {
        0 => known = candles(dice, date, 20),
        1 => known.clear(),
        2 if !known.is_empty() => {
            known.remove(dice.below(known.len() as u64) as usize);
        }
        3 if !known.is_empty() => {
            let i = dice.below(known.len() as u64) as usize;
            known[i].units[1] += 77;
        }
        _ => {
            let minute = date.start_ms() + dice.below(1440) as i64 * MINUTE;
            known.retain(|candle| candle.time_ms != minute);
            known.push(Candle { time_ms: minute, units: [110_000, 110_010, 109_990, 110_000], volume: 3.0 });
            known.sort_by_key(|candle| candle.time_ms);
        }
    }
    TextDay { candles: known, asked_ms: None }
}

#[test]
fn threads_leave_no_trace() {
    let names = ["EUR-USD", "USD-JPY", "BTC-USD", "XAU-USD", "GBP-USD"];
    let lake_of = |threads: usize| {
        let base = World::new(server);
        let mut worlds: Vec<World> = Vec::new();
        for (n, name) in names.iter().enumerate() {
            let mut world = base.on(base.lake.disk().clone());
            world.symbol = name.parse().expect("a symbol");
            for (day, said) in world::feed(&mut Dice(n as u64), day("2024-03-01"), 20, 20) {
                world.receive(day, said);
            }
            world.settings.num_processes = Some(threads);
            worlds.push(world);
        }
        let symbols: Vec<Symbol> = worlds.iter().map(|world| world.symbol.clone()).collect();
        for to in [8, 20] {
            let mut request = worlds[0].request(day("2024-03-01").plus(to));
            request.symbols = symbols.clone();
            request.from = Some(day("2024-03-01"));
            request.to = Some(day("2024-03-01").plus(to - 1));
            assert_sound(&worlds[0].try_run(&request));
        }
        worlds
    };
    let (one, two) = (lake_of(1), lake_of(2));
    for (one, two) in one.iter().zip(&two) {
        assert_eq!(one.files(), two.files(), "{}", one.symbol);
        one.assert_textbook(one.symbol.as_str());
    }
}

/// A payload that brings nothing new leaves every byte and every file time as it was.
#[test]
fn a_run_without_news_writes_nothing() {
    let feed = world::feed(&mut Dice(4), day("2024-03-01"), 12, 20);
    let mut world = World::new(server);
    for (day, said) in feed {
        world.receive(day, said);
    }
    world.run(day("2024-03-13"));
    // Settles what the first one did not wait for.
    world.run(day("2024-03-13"));
    let stamps = |world: &World| -> Vec<_> {
        let paths = world.keys().into_iter().flat_map(|key| {
            let (symbol, timeframe) = (&key.symbol, &key.timeframe);
            let text = [world.lake.csv_path(symbol, timeframe), world.lake.csv_claim_path(symbol, timeframe)];
            [world.lake.series_path(&key), world.lake.commit_path(&key)].into_iter().chain(text)
        });
        paths.map(|path| std::fs::metadata(path).and_then(|data| data.modified()).ok()).collect()
    };
    let before = stamps(&world);
    assert!(before.iter().flatten().count() > 30, "the files are there");
    world.run(day("2024-03-13"));
    assert_eq!(stamps(&world), before);
}
