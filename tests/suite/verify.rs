//! The lake proves that it is whole, finds what is not, and heals it: held to copies of its files taken before the
//! damage, and to the textbook.
#![allow(clippy::unwrap_used, clippy::print_stdout)]

mod damage;
mod flips;
mod loss;
mod quiet;
mod records;
mod texts;
mod words;

use std::path::{Path, PathBuf};
use std::time::SystemTime;

use engine::audit::verify::{Finding, Repair, Report, Verify, Weight};
use engine::ingest::RunReport;
use engine::model::settings::{AdjustOp, AdjustStep, PriceColumn, TransformSymbol};
use engine::model::{Day, Symbol};

use crate::binary::{Files, files};
use crate::textbook::Dice;
use crate::textbook::series::TextDay;
use crate::textbook::world::{self, MINUTE, World, candles};

pub fn day(text: &str) -> Day {
    text.parse().expect("a day")
}

/// A lake with two symbols, one of them an alias, that has something in every folder: finished days and a running one,
/// refused bars, a refused payload, day images, a lock.
pub struct Shore {
    pub world: World,
    pub symbols: Vec<Symbol>,
    pub today: Day,
}

impl Shore {
    pub fn new(seed: u64, days: i32, per_mille: u64) -> Shore {
        let alias: Symbol = "EUR_X-USD".parse().expect("a symbol");
        let mut world = World::new(|settings| {
            world::new_york_server(settings);
            settings.transform.keep_days = true;
            // Texts have their own tests: what is wrong with them is made again, never turned back.
            settings.csv = false;
            let step = AdjustStep {
                op: AdjustOp::Multiply,
                columns: vec![PriceColumn::Open, PriceColumn::High, PriceColumn::Low, PriceColumn::Close],
                value: 2.0,
                from_wall_ms: None,
                to_wall_ms: None,
            };
            let source = Some("EUR-USD".parse().expect("a symbol"));
            settings.transform.symbols.insert(alias.clone(), TransformSymbol { source, post: vec![step] });
        });
        let symbols = vec![world.symbol.clone(), alias];
        let dice = &mut Dice(seed);
        let first = day("2024-03-04");
        let today = first.plus(days);
        for day in first.through(today.plus(-1)) {
            let mut candles = candles(dice, day, per_mille);
            if day == first.plus(1)
                && let Some(candle) = candles.get_mut(3)
            {
                // A high below its low: one bar for the quarantine.
                candle.units[1] = candle.units[2] - 5;
            }
            world.receive(day, TextDay { candles, asked_ms: None });
        }
        let asked_ms = today.start_ms() + 600 * MINUTE;
        let running = candles(dice, today, per_mille).into_iter().filter(|candle| candle.time_ms < asked_ms);
        world.receive(today, TextDay { candles: running.collect(), asked_ms: Some(asked_ms) });
        let lake = &world.lake;
        lake.write_refused_payload(&world.symbol, first.plus(-1), b"{\"timestamp\": oops", "it is not JSON")
            .unwrap();
        drop(lake.try_lock(0).expect("nobody else is here"));
        std::fs::write(lake.lock_path(), b"").expect("the lock is empty when nobody holds it");
        let shore = Shore { world, symbols, today };
        shore.run();
        shore
    }

    pub fn run(&self) -> RunReport {
        let mut request = self.world.request(self.today);
        request.symbols = self.symbols.clone();
        let report = self.world.try_run(&request);
        for symbol in &report.symbols {
            assert_eq!(symbol.why_unfinished(), None);
            assert!(!symbol.is_stale());
        }
        report
    }

    pub fn root(&self) -> &Path {
        self.world.dir.path()
    }

    pub fn data(&self) -> PathBuf {
        self.root().join("data")
    }

    pub fn check(&self, deep: bool) -> Report {
        verify(&self.world, deep, |verify| verify.check()).expect("a lake that can be read")
    }

    pub fn repair(&self, deep: bool, report: &Report) -> Vec<Repair> {
        verify(&self.world, deep, |verify| verify.repair(report)).expect("a lake that can be written")
    }

    /// Repairs, and sees that nothing is damaged any more.
    pub fn heal(&self, deep: bool, what: &str) -> Vec<Repair> {
        let report = self.check(deep);
        assert!(!report.findings.is_empty(), "{what}: not found");
        let repairs = self.repair(deep, &report);
        let again = self.check(deep);
        assert!(again.is_whole(), "{what}: {:#?}\nafter {repairs:#?}", damage_of(&again));
        repairs
    }
}

pub fn verify<T>(world: &World, deep: bool, work: impl FnOnce(&Verify<'_>) -> T) -> T {
    let (lake, settings) = (&world.lake, &world.settings);
    work(&Verify { lake, settings, symbols: &[], deep, progress: &|_| {} })
}

pub fn damage_of(report: &Report) -> Vec<&Finding> {
    report.of_weight(Weight::Damage).collect()
}

/// Changes the bytes of a file where it lies, as a failing disk does: its time stays.
pub fn spoil(path: &Path, change: impl FnOnce(&mut Vec<u8>)) {
    let before: SystemTime = std::fs::metadata(path).and_then(|data| data.modified()).expect("a time");
    let mut bytes = std::fs::read(path).expect("a file");
    change(&mut bytes);
    std::fs::write(path, bytes).expect("written");
    set_time(path, before);
}

pub fn set_time(path: &Path, time: SystemTime) {
    let file = std::fs::File::options().write(true).open(path).expect("a file");
    file.set_modified(time).expect("a time");
}

/// All files below `data` and the times of those whose time means something.
pub fn snapshot(shore: &Shore) -> (Files, Vec<SystemTime>) {
    let times = files(&shore.data().join("temp")).into_keys().filter(|name| !name.starts_with('.'));
    let time =
        |name| std::fs::metadata(shore.data().join("temp").join(name)).and_then(|data| data.modified());
    (files(&shore.data()), times.map(|name| time(name).expect("a time")).collect())
}
