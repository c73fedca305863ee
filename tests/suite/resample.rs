//! The coarser series of one symbol: extended, taken back and extended again, against the textbook.

use engine::ingest::Rebuild;
use engine::model::Bar;
use engine::model::settings::{PostStep, Settings};
use engine::model::timeframe::{Origin, Side};
use engine::resample::{SeriesState, extend, rewind};

use crate::textbook::Dice;
use crate::textbook::post::merge;
use crate::textbook::series::TextCascade;
use crate::textbook::text;
use crate::textbook::world::{self, World, assert_bars, spec};

fn odd_edges(settings: &mut Settings) {
    world::new_york_server(settings);
    settings.resample.timeframes[4].origin = Origin::At { minutes: 60 };
    settings.resample.timeframes[1].closed = Side::Right;
    settings.resample.timeframes[3].label = Side::Right;
    settings.resample.timeframes.push(spec("3h", "5m", "3h"));
    settings.resample.timeframes.push(spec("1Q", "1d", "QS"));
    settings.resample.timeframes.push(spec("1WS", "1d", "W-SUN"));
    // Bars that wait for their neighbours, one time with another date after the labels were moved.
    settings.resample.timeframes[3].post =
        vec![merge(&["5:00:00", "6:00:00"], -1), PostStep::Shift { offset_s: 1800 }, merge(&["0:30:00"], 1)];
    settings.resample.timeframes[4].post = vec![merge(&["05:00:00", "09:00:00", "21:00:00"], -1)];
    settings.resample.batch_size = 100;
}

/// A symbol with some weeks behind it, rebuilt once.
fn world_of(seed: u64) -> World {
    let dice = &mut Dice(seed);
    let mut world = World::new(|settings| {
        if seed % 2 == 1 {
            odd_edges(settings);
        }
    });
    let first = if seed.is_multiple_of(3) { "2024-02-20" } else { "2024-10-15" };
    for (day, said) in world::feed(dice, first.parse().expect("a day"), 30, 30) {
        world.receive(day, said);
    }
    world.rebuild(Rebuild::Full);
    world.assert_textbook("a rebuild");
    world
}

fn committed(world: &World, key: &engine::store::SeriesKey) -> Vec<Bar> {
    let view = world.lake.read_series(key).expect("a sound series");
    view.map_or(Vec::new(), |view| view.bars().to_vec())
}

#[test]
fn going_back_is_the_state_of_that_watermark_and_extending_again_is_a_rebuild() {
    for seed in 0..8 {
        let world = world_of(seed);
        let dice = &mut Dice(seed ^ 99);
        let (cascade, slow) = (world.cascade(), TextCascade::new(&world.symbol, &world.settings));
        let (minutes, _) = world.text_minutes();
        let files = world.files();
        for _ in 0..6 {
            let t = dice.pick(&minutes).time_ms as i64 + if dice.once_in(3) { 3_600_000 } else { 0 };
            let before: Vec<Bar> = minutes.iter().filter(|bar| (bar.time_ms as i64) < t).copied().collect();
            let expected = slow.committed(&before, t);
            rewind(&world.lake, &world.symbol, &cascade, t, false).expect("a sound lake");
            for key in world.keys().into_iter().skip(1) {
                let what = format!("seed {seed}: {} back to {}", key.timeframe, text(t));
                let expected = &expected[&key.timeframe];
                assert_bars(&expected.committed, committed(&world, &key), &what);
                let commit = world.commit(&key);
                assert_eq!(text(commit.watermark_ms as i64), text(expected.watermark_ms.max(0)), "{what}");
                assert!(commit.in_pos as usize <= 64 * expected.resume_row, "{what}: resumes too late");
            }
            // Going back to a later instant changes nothing.
            rewind(&world.lake, &world.symbol, &cascade, t + 999_999_999, false).expect("a sound lake");
            for key in world.keys().into_iter().skip(1) {
                let what = format!("seed {seed}: {} not forward", key.timeframe);
                assert_bars(&expected[&key.timeframe].committed, committed(&world, &key), &what);
            }
            extend(&world.lake, &world.symbol, &cascade, false).expect("a sound lake");
            assert_eq!(world.files(), files, "seed {seed}: back to {} and forward", text(t));
        }
    }
}

#[test]
fn extending_twice_writes_nothing_the_second_time() {
    let world = world_of(1);
    let cascade = world.cascade();
    let stamp = |world: &World| -> Vec<_> {
        let modified =
            |path: std::path::PathBuf| std::fs::metadata(path).and_then(|data| data.modified()).ok();
        world
            .keys()
            .iter()
            .flat_map(|key| [world.lake.series_path(key), world.lake.commit_path(key)])
            .map(modified)
            .collect()
    };
    let before = stamp(&world);
    let reports = extend(&world.lake, &world.symbol, &cascade, false).expect("a sound lake");
    assert!(reports.iter().all(|report| report.new_bars == 0 && report.state == SeriesState::Sound));
    assert_eq!(stamp(&world), before);
}

#[test]
fn a_series_of_another_configuration_is_left_alone_with_all_that_is_folded_from_it() {
    let mut world = world_of(2);
    let before = world.files();
    world.settings.resample.timeframes[3].label = Side::Right;
    let cascade = world.cascade();
    let reports = extend(&world.lake, &world.symbol, &cascade, false).expect("a sound lake");
    for report in reports {
        let stale = !["5m", "15m", "30m"].contains(&report.timeframe.as_str());
        assert_eq!(report.state == SeriesState::Stale, stale, "{}", report.timeframe);
    }
    assert_eq!(world.files(), before);
}

/// Ways to hurt a series.
fn hurt(world: &World, key: &engine::store::SeriesKey, how: u32) {
    let (bin, idx) = (world.lake.series_path(key), world.lake.commit_path(key));
    match how {
        0 => {
            let mut bytes = std::fs::read(&idx).expect("a record");
            bytes[20] ^= 1;
            std::fs::write(&idx, &bytes).expect("a record");
        }
        1 => {
            let mut bytes = std::fs::read(&bin).expect("a series");
            bytes.truncate(bytes.len() / 128 * 64);
            std::fs::write(&bin, &bytes).expect("a series");
        }
        2 => std::fs::remove_file(&idx).expect("a record"),
        3 => std::fs::remove_file(&bin).expect("a series"),
        _ => {
            std::fs::remove_file(&idx).expect("a record");
            std::fs::remove_file(&bin).expect("a series");
        }
    }
}

/// Each series in turn cannot be believed: the next run, an ordinary one, makes it anew and ends where it was, also when
/// the truth about some old day changed in the meantime.
#[test]
fn a_broken_series_costs_work_and_no_bar() {
    for how in 0..5 {
        let mut world = world_of(4);
        let today = world.feed.keys().last().expect("days").plus(1);
        for (n, key) in world.keys().into_iter().enumerate() {
            let what = format!("{} hurt in way {how}", key.timeframe);
            let date = *world.feed.keys().nth(n + 2).expect("days");
            if std::fs::metadata(world.lake.series_path(&key)).is_ok_and(|data| data.len() >= 128) {
                hurt(&world, &key, how);
            }
            if n % 2 == 0 {
                let said = crate::textbook::series::TextDay {
                    candles: world::candles(&mut Dice(n as u64), date, 30),
                    asked_ms: None,
                };
                // Written without a note: a record that cannot be believed is no place for one.
                let bytes = world::payload(date, &said.candles);
                if key.timeframe.is_minute() {
                    world.lake.write_finished(&world.symbol, date, bytes.as_bytes()).expect("a sound lake");
                    world.feed.insert(date, said);
                } else {
                    world.receive(date, said);
                }
            }
            let report = world.try_run(&world.request(today));
            assert_eq!(report.symbols[0].why_unfinished(), None, "{what}");
            world.assert_textbook(&what);
        }
        let files = world.files();
        world.rebuild(Rebuild::Full);
        assert_eq!(world.files(), files);
    }
}

/// While a series belongs to another configuration its source is corrected; then the old configuration comes back.
#[test]
fn a_configuration_that_comes_back_finds_no_bar_that_is_no_longer_true() {
    for (timeframe, change) in [(4, "01:00"), (3, "label"), (6, "weeks")] {
        let mut world = world_of(4);
        let old = world.settings.clone();
        let first = *world.feed.keys().next().expect("days");
        match change {
            "01:00" => world.settings.resample.timeframes[timeframe].origin = Origin::At { minutes: 60 },
            "label" => world.settings.resample.timeframes[timeframe].label = Side::Right,
            _ => world.settings.resample.timeframes[timeframe].rule = "W-WED".parse().expect("a rule"),
        }
        for n in 5..9 {
            let date = first.plus(n);
            let mut said = world.feed[&date].clone();
            said.candles.pop();
            if let Some(candle) = said.candles.first_mut() {
                candle.units[1] += 500;
            }
            world.receive(date, said);
            let report = world.try_run(&world.request(first.plus(30)));
            assert_eq!(report.symbols[0].why_unfinished(), None);
            assert!(report.symbols[0].is_stale(), "{change}");
        }
        world.settings = old;
        world.run(first.plus(30));
        world.assert_textbook(&format!("{change} and back"));
    }
}

/// Rebuilding coarser series from minutes of another configuration would put nothing in place of something.
#[test]
fn nothing_is_folded_from_minutes_of_another_configuration() {
    let mut world = world_of(4);
    let commits = |world: &World| -> Vec<_> { world.keys().iter().map(|key| world.commit(key)).collect() };
    let before = (world.files(), commits(&world));
    world.settings.transform.round_decimals = 3;
    let ingest = engine::ingest::Ingest {
        lake: &world.lake,
        settings: &world.settings,
        clock: &|| 0,
        progress: &|_| {},
    };
    let symbols = [world.symbol.clone()];
    let report = ingest.rebuild(Rebuild::Resample, &symbols).expect("a sound lake");
    assert!(report.symbols[0].is_stale());
    assert_eq!(report.symbols[0].why_unfinished(), None);
    assert!((world.files(), commits(&world)) == before, "what there was is as it was");
    world.rebuild(Rebuild::Full);
    world.assert_textbook("three decimals");
}
