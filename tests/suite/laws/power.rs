//! The power goes at the n-th step of a run with everything in it, for every n and in many ways: with `fsync` nothing
//! that was committed is lost and nothing lies; without, the next run finds out by itself. Both end where they should.

use std::collections::BTreeMap;
use std::sync::Arc;

use engine::disk::{Disk, Fault, FaultyDisk, RealDisk};
use engine::ingest::{Ingest, Rebuild, RunReport};
use engine::model::day::DAY_MS;
use engine::model::{Day, Settings};
use engine::resample::SeriesState;
use engine::store::{Commit, Lake, PayloadKind, StoreError};

use super::crash::{assert_true, copy_folder, set_aside};
use super::{Setup, as_of, backfilled, day, plain, server};
use crate::forgetful::{ForgetfulDisk, POLICIES};
use crate::textbook::Dice;
use crate::textbook::series::TextDay;
use crate::textbook::world::{self, World, candles, payload};

/// What happens while the power may go.
struct Scene {
    setup: Setup,
    fsync: bool,
    base: World,
    /// Payloads in the order in which they come; a run after each part.
    parts: Vec<Vec<(Day, TextDay)>>,
    rebuild: Option<Rebuild>,
    today: Day,
}

/// What the process saw as committed, and the payloads it saw.
type Seen = (Vec<Option<Commit>>, BTreeMap<Day, Vec<u8>>);

fn set_fsync(settings: &mut Settings, fsync: bool) {
    settings.aggregate_fsync = fsync;
    settings.resample.fsync = fsync;
    settings.transform.fsync = fsync;
    settings.resample.batch_size = 50;
}

fn seen_on(world: &World, disk: Arc<dyn Disk>) -> World {
    let mut seen = world.on(disk.clone());
    seen.lake = Lake::on(disk, world.settings.paths.clone()).syncing_payloads(world.settings.transform.fsync);
    seen
}

impl Scene {
    fn new(setup: Setup, seed: u64, fsync: bool, rebuild: Option<Rebuild>) -> Scene {
        let dice = &mut Dice(seed);
        let mut base = World::new(setup);
        set_fsync(&mut base.settings, true);
        let first = day("2024-03-04");
        for (day, said) in world::feed(dice, first, 8, 15) {
            base.receive(day, said);
        }
        base.run(first.plus(8));
        let (late, corrected, new) = (first.plus(-3), first.plus(3), first.plus(8));
        let whole = |dice: &mut Dice, day| TextDay { candles: candles(dice, day, 15), asked_ms: None };
        let today = new.plus(1);
        let noon_ms = today.start_ms() + DAY_MS / 2 + 30_000;
        let running = TextDay { candles: as_of(&candles(dice, today, 15), noon_ms), asked_ms: Some(noon_ms) };
        // A new day; a late one, one that has changed, and the running one; the very day whose bars are the newest.
        let parts = vec![
            vec![(new, whole(dice, new))],
            vec![
                (late, whole(dice, late)),
                (corrected, backfilled(dice, &base, corrected)),
                (today, running),
            ],
            vec![(today, whole(dice, today))],
        ];
        Scene { setup, fsync, base, parts, rebuild, today: today.plus(1) }
    }

    fn fresh(&self) -> World {
        let mut copy = World::new(self.setup);
        copy_folder(self.base.dir.path(), copy.dir.path());
        set_fsync(&mut copy.settings, self.fsync);
        copy.feed = self.base.feed.clone();
        copy
    }

    /// Everything up to the step at which the disk stops.
    fn play(&self, world: &World) -> Result<(), StoreError> {
        self.play_parts(world, &self.parts)?;
        if let Some(what) = self.rebuild {
            let ingest =
                Ingest { lake: &world.lake, settings: &world.settings, clock: &|| 0, progress: &|_| {} };
            ingest.rebuild(what, std::slice::from_ref(&world.symbol))?;
        }
        Ok(())
    }

    fn play_parts(&self, world: &World, parts: &[Vec<(Day, TextDay)>]) -> Result<(), StoreError> {
        for part in parts {
            for (day, said) in part {
                world.try_receive(*day, said)?;
                set_aside(world, *day)?;
            }
            world.try_run(&world.request(self.today));
        }
        Ok(())
    }

    /// The lake after each part of an undisturbed play.
    fn stages(&self) -> Vec<World> {
        let until = |count| {
            let world = seen_on(&self.fresh(), Arc::new(RealDisk));
            self.play_parts(&world, &self.parts[..count]).expect("a sound lake");
            world
        };
        (0..=self.parts.len()).map(until).collect()
    }

    /// The next run on a sound disk after the system was started again. The feed offers what is missing, and no more.
    fn finish(&self, world: &mut World) -> RunReport {
        for (day, said) in self.parts.iter().flatten() {
            let superseded = said.asked_ms.is_some();
            let mut held = Vec::new();
            let kind = world.lake.read_payload(&world.symbol, *day, &mut held).expect("a sound lake");
            let is_there =
                kind == Some(PayloadKind::Finished) && held == payload(*day, &said.candles).as_bytes();
            if superseded {
                continue;
            }
            match is_there {
                true => drop(world.feed.insert(*day, said.clone())),
                false => world.receive(*day, said.clone()),
            }
        }
        world.run(self.today)
    }

    fn seen(&self, world: &World) -> Seen {
        let commits = world.keys().iter().map(|key| world.lake.read_commit(key).expect("a record")).collect();
        let mut payloads = BTreeMap::new();
        for (day, _) in self.parts.iter().flatten() {
            let mut bytes = Vec::new();
            if world.lake.read_payload(&world.symbol, *day, &mut bytes).expect("a sound lake").is_some() {
                payloads.insert(*day, bytes);
            }
        }
        (commits, payloads)
    }

    /// Returns how many steps there are and how often the next run said that it had something to make good.
    /// Every step is cut in `cuts` ways, and all ways take turns.
    fn every_step(&self, cuts: u64, what: &str) -> (u64, u64) {
        let mut reference = self.fresh();
        let counting = FaultyDisk::counting(Arc::new(ForgetfulDisk::new(reference.dir.path(), 1)));
        self.play(&seen_on(&reference, Arc::new(counting.clone()))).expect("an undisturbed run");
        let steps = counting.steps();
        self.finish(&mut reference);
        reference.assert_textbook(&format!("{what}: undisturbed"));
        let files = reference.files();
        let stages = self.stages();
        let stages: Vec<&World> = stages.iter().chain([&reference]).collect();
        let mut repairs = 0;
        let mut before = self.seen(&self.fresh());
        for n in 1..=steps {
            let mut after = None;
            for seed in n * (POLICIES + 1)..n * (POLICIES + 1) + cuts {
                let what = format!("{what}: the power goes at step {n} of {steps}, seed {seed}");
                let mut world = self.fresh();
                let forgetful = ForgetfulDisk::new(world.dir.path(), 1);
                let faulty = FaultyDisk::breaking(Arc::new(forgetful.clone()), n, Fault::Tear);
                // Where it stopped inside a run, that run has told of it in its report.
                let _ = self.play(&seen_on(&world, Arc::new(faulty.clone())));
                assert!(faulty.is_broken(), "{what}: the same steps every time");
                let seen = self.seen(&world);
                forgetful.cut(seed);
                world = seen_on(&world, Arc::new(RealDisk));
                if self.fsync {
                    self.assert_nothing_lost(&world, [&before, &seen], &what);
                    assert_true(&world, &stages, &what);
                }
                after = Some(seen);
                let report = self.finish(&mut world);
                repairs += u64::from(says_repaired(&report));
                world.assert_textbook(&what);
                assert_eq!(world.files(), files, "{what}");
            }
            before = after.unwrap_or(before);
        }
        (steps, repairs)
    }

    /// Every record and payload is as the process saw it last or, of the step under way, just before.
    fn assert_nothing_lost(&self, world: &World, seen: [&Seen; 2], what: &str) {
        let (commits, payloads) = self.seen(world);
        for (place, key) in world.keys().iter().enumerate() {
            let known = seen.iter().any(|seen| seen.0[place] == commits[place]);
            assert!(known, "{what}: {}: {:?}", key.timeframe, commits[place]);
            world.lake.trusted_commit(key).unwrap_or_else(|error| panic!("{what}: {error}"));
        }
        for (day, _) in self.parts.iter().flatten() {
            let known = seen.iter().any(|seen| seen.1.get(day) == payloads.get(day));
            assert!(known, "{what}: the payload of {day}");
        }
    }
}

fn says_repaired(report: &RunReport) -> bool {
    let symbol = &report.symbols[0];
    let folded = symbol.series.iter().any(|series| matches!(series.state, SeriesState::Repaired { .. }));
    folded || symbol.minutes.as_ref().is_some_and(|minutes| minutes.repaired.is_some())
}

/// Only the part with the corrections, and what a rebuild makes of it.
fn corrections(setup: Setup, seed: u64, fsync: bool, rebuild: Option<Rebuild>) -> Scene {
    let mut scene = Scene::new(setup, seed, fsync, rebuild);
    scene.parts = vec![scene.parts.swap_remove(1)];
    scene.parts[0].truncate(2);
    scene
}

#[test]
fn with_fsync_nothing_committed_is_lost_with_the_power() {
    let (steps, repairs) = Scene::new(plain, 1, true, None).every_step(1, "plain");
    assert!(steps > 400 && repairs == 0, "{steps} steps, {repairs} repairs");
    let (_, repairs) = corrections(server, 2, true, None).every_step(2, "server");
    assert_eq!(repairs, 0, "what was synced needs none");
}

#[test]
fn with_fsync_a_rebuild_outlives_the_power() {
    for what in [Rebuild::Full, Rebuild::Aggregate] {
        corrections(server, 3, true, Some(what)).every_step(1, &format!("{what:?}"));
    }
}

#[test]
fn without_fsync_the_next_run_makes_good_what_the_power_took() {
    let (steps, repairs) = Scene::new(plain, 4, false, None).every_step(2, "plain");
    assert!(
        repairs > steps / 2,
        "{repairs} repairs in {steps} steps: it does not say so, or nothing was lost"
    );
    corrections(server, 5, false, None).every_step(3, "server");
}

#[test]
fn without_fsync_a_rebuild_is_made_good_too() {
    for what in [Rebuild::Full, Rebuild::Aggregate, Rebuild::Resample] {
        corrections(server, 6, false, Some(what)).every_step(1, &format!("{what:?}"));
    }
}

/// A symbol that was never seen before: everything is new, down to the folders.
#[test]
fn a_first_run_outlives_the_power() {
    for fsync in [true, false] {
        let mut scene = corrections(plain, 7, fsync, None);
        let feed = std::mem::take(&mut scene.base.feed);
        scene.base = World::new(plain);
        scene.parts.insert(0, feed.into_iter().collect());
        scene.every_step(1, &format!("first run, fsync {fsync}"));
    }
}
