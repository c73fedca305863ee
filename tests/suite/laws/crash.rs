//! The disk stops at the n-th operation, for every n: what is left is true, and the next run ends where it should.

use std::path::Path;
use std::sync::Arc;

use engine::disk::{Fault, FaultyDisk, RealDisk};
use engine::ingest::{Ingest, Rebuild};
use engine::model::{Bar, Day};
use engine::query::OpenedSeries;
use engine::store::{RefusedBar, Release, SeriesKey, StoreError};

use super::{Setup, backfilled, day, plain, server};
use crate::textbook::Dice;
use crate::textbook::series::{TextCascade, TextDay};
use crate::textbook::world::{self, World, assert_bars, candles};

pub(super) fn copy_folder(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).expect("a folder");
    for entry in std::fs::read_dir(from).expect("a folder") {
        let entry = entry.expect("an entry");
        let target = to.join(entry.file_name());
        if entry.file_type().expect("a type").is_dir() {
            copy_folder(&entry.path(), &target);
        } else {
            std::fs::copy(entry.path(), &target).expect("a copy");
            let modified = entry.metadata().and_then(|data| data.modified()).expect("a time");
            let file = std::fs::File::options().write(true).open(&target).expect("a file");
            file.set_modified(modified).expect("a time");
        }
    }
}

/// The same lake once more, in a folder of its own.
fn copy_of(world: &World, setup: Setup) -> World {
    let mut copy = World::new(setup);
    copy_folder(world.dir.path(), copy.dir.path());
    copy.settings.resample.batch_size = world.settings.resample.batch_size;
    copy.feed = world.feed.clone();
    copy
}

/// What happens while the disk may stop.
struct Scene {
    setup: Setup,
    base: World,
    news: Vec<(Day, TextDay)>,
    today: Day,
    then: Option<Rebuild>,
}

impl Scene {
    fn new(setup: Setup, seed: u64, then: Option<Rebuild>) -> Scene {
        let dice = &mut Dice(seed);
        let mut base = World::new(setup);
        base.settings.resample.batch_size = 50;
        let first = day("2024-03-04");
        for (day, said) in world::feed(dice, first, 8, 15) {
            base.receive(day, said);
        }
        base.run(first.plus(8));
        base.assert_textbook("before the crash");
        let corrected = first.plus(3);
        let mut said = backfilled(dice, &base, corrected);
        said.candles.truncate(said.candles.len() / 2);
        let late = first.plus(-3);
        let new = first.plus(8);
        let news = vec![
            (late, TextDay { candles: candles(dice, late, 10), asked_ms: None }),
            (corrected, said),
            (new, TextDay { candles: candles(dice, new, 15), asked_ms: None }),
        ];
        Scene { setup, base, news, today: new.plus(1), then }
    }

    /// Everything up to the step at which the disk stops.
    fn play(&self, world: &World) {
        for (day, said) in &self.news {
            if world.try_receive(*day, said).and_then(|()| set_aside(world, *day)).is_err() {
                return;
            }
        }
        let mut request = world.request(self.today);
        request.from = Some(self.news[0].0);
        let _ = world.try_run(&request);
        if let Some(what) = self.then {
            let ingest =
                Ingest { lake: &world.lake, settings: &world.settings, clock: &|| 0, progress: &|_| {} };
            let _ = ingest.rebuild(what, std::slice::from_ref(&world.symbol));
        }
    }

    /// The next run after the crash, on a sound disk: the download asks again for what is missing.
    fn finish(&self, world: &mut World) {
        for (day, said) in &self.news {
            world.receive(*day, said.clone());
        }
        world.run(self.today);
    }

    fn every_step(&self, fault: Fault, what: &str) -> u64 {
        let counted = copy_of(&self.base, self.setup);
        let disk = FaultyDisk::counting(Arc::new(RealDisk));
        self.play(&counted.on(Arc::new(disk.clone())));
        let steps = disk.steps();
        let mut reference = counted;
        self.finish(&mut reference);
        reference.assert_textbook(&format!("{what}: undisturbed"));
        let files = reference.files();
        for n in 1..=steps {
            let what = format!("{what}: {fault:?} at step {n} of {steps}");
            let mut world = copy_of(&self.base, self.setup);
            let disk = FaultyDisk::breaking(Arc::new(RealDisk), n, fault);
            self.play(&world.on(Arc::new(disk)));
            assert_true(&world, &[&self.base, &reference], &what);
            for key in world.keys() {
                assert_text_of_one(&world, &[&self.base, &reference], &key, &what);
            }
            self.finish(&mut world);
            world.assert_textbook(&what);
            assert_eq!(world.files(), files, "{what}");
        }
        steps
    }
}

/// What a download, a transform and the user leave in quarantine for a day that nobody has candles of.
pub(super) fn set_aside(world: &World, day: Day) -> Result<(), StoreError> {
    let bar = RefusedBar { bar: Bar::default().sealed(), rule: "high below low".to_owned() };
    let long_ago = day.plus(-900);
    world.lake.write_refused_payload(&world.symbol, long_ago, b"{no", "not JSON")?;
    world.lake.write_refused_bars(&world.symbol, long_ago, &[bar])?;
    world.lake.write_release(&world.symbol, long_ago, &Release::of(b"{no", 5))
}

/// What a reader sees right after the crash: shorter but true series, and open bars that go with them.
pub(super) fn assert_true(world: &World, versions: &[&World], what: &str) {
    let held = |world: &World, key: &_| -> Vec<Bar> {
        let view = world.lake.read_series(key).unwrap_or_else(|error| panic!("{what}: {error}"));
        view.map_or(Vec::new(), |view| view.bars().to_vec())
    };
    let cascade = world.cascade();
    let slow = TextCascade::new(&world.symbol, &world.settings);
    let minutes = held(world, &world.minute_key());
    let all = slow.all(&minutes);
    for key in world.keys() {
        let bars = held(world, &key);
        let known = versions.iter().any(|version| {
            let other = held(version, &key);
            other.get(..bars.len()).is_some_and(|other| other == bars)
        });
        // Between two corrections of one run the 1m series is neither the old nor the new one.
        assert!(known || key.timeframe.is_minute(), "{what}: {} holds what never was true", key.timeframe);
        if !key.timeframe.is_minute() {
            let opened = OpenedSeries::read(&world.lake, &world.symbol, &cascade, &key.timeframe)
                .unwrap_or_else(|error| panic!("{what}: {error}"));
            let mut seen = opened.view.map_or(Vec::new(), |view| view.bars().to_vec());
            seen.extend(opened.open.iter().map(|bar| bar.sealed()));
            assert_bars(&all[&key.timeframe], seen, &format!("{what}: a reader of {}", key.timeframe));
        }
    }
}

/// Whoever reads the text at that moment sees whole lines of one truth, and at its end perhaps a line that was cut.
fn assert_text_of_one(world: &World, versions: &[&World], key: &SeriesKey, what: &str) {
    let Some(text) = world.text_of(key) else { return };
    let whole = text.rfind('\n').map_or(0, |last| last + 1);
    let of_one =
        |version: &&World| version.text_of(key).is_some_and(|other| other.starts_with(&text[..whole]));
    let known = versions.iter().any(of_one);
    assert!(known, "{what}: the text of {} is of no truth:\n{text}", key.timeframe);
}

/// The same on the clock of UTC and on that of a server.
fn stopped_everywhere(fault: Fault, seed: u64) {
    for (setup, what) in [(plain as Setup, "plain"), (server, "server")] {
        let steps = Scene::new(setup, seed, None).every_step(fault, what);
        assert!(steps > 50, "{steps} steps are too few to mean anything");
    }
}

#[test]
fn a_run_with_a_correction_survives_a_stop_at_any_step() {
    stopped_everywhere(Fault::Fail, 1);
}

#[test]
fn a_torn_write_at_any_step_does_no_harm() {
    stopped_everywhere(Fault::Tear, 2);
}

#[test]
fn a_full_disk_at_any_step_does_no_harm() {
    stopped_everywhere(Fault::Full, 3);
}

#[test]
fn rebuilds_survive_a_stop_at_any_step() {
    for what in [Rebuild::Full, Rebuild::Aggregate, Rebuild::Resample] {
        let mut scene = Scene::new(plain, 4, Some(what));
        // The news is in before the rebuild begins, so that every step is the rebuild's.
        scene.play(&scene.base);
        scene.news.iter().for_each(|(day, said)| drop(scene.base.feed.insert(*day, said.clone())));
        scene.news.truncate(1);
        scene.every_step(Fault::Tear, &format!("{what:?}"));
    }
}
