//! A feed that says something new about the past: what it costs beside a day like any other.
//!
//! Every round brings one new day for all symbols (a plain run), then one minute that the feed had not told six days ago
//! (`rebuild weekly` has to find it). At the end every series is held to a full rebuild, byte for byte.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering::Relaxed};
use std::time::Instant;

use engine::feed::FeedClient;
use engine::feed::simulator::{DamagePlan, Faults, Filling, Market, Now, Simulator, SimulatorOptions};
use engine::feed::wire;
use engine::ingest::{Ingest, Rebuild, Request, RunReport, Stages};
use engine::model::{Day, Settings, Symbol};
use engine::store::{Lake, SeriesKey, StoreError};

use super::lakes::TempLake;

/// A Monday, the day after the last one that the history holds, where it is made here.
const FIRST_NEW: i32 = 20_251_222;
/// The backfilled minute is so many days before the running one.
const DAYS_AGO: i32 = 6;
const SEED: u64 = 7;
const HOUR_MS: i64 = 3_600_000;

/// How much history, and how often.
#[derive(Clone, Debug)]
pub struct Extent {
    /// Days of every symbol.
    pub days: i32,
    /// Of the symbols that are shipped.
    pub symbols: usize,
    /// New days.
    pub rounds: i32,
    /// The folder of a lake that is there already: `engine simulate cache --seed 7` has filled it with days of all
    /// symbols up to one in winter, and `engine rebuild full` has made its series.
    pub lake: Option<PathBuf>,
}

/// One run, in seconds.
#[derive(Clone, Copy, Debug)]
struct Took {
    download: f64,
    process: f64,
}

/// A lake with a history, and the feed it asks.
struct Trial {
    lake: Lake,
    settings: Settings,
    symbols: Vec<Symbol>,
    market: Market,
    clock: Arc<AtomicI64>,
    _feed: Simulator,
    runtime: tokio::runtime::Runtime,
}

/// Does it all and prints the figures as they come: with much history it takes long. Panics when something is not found, or not as a full rebuild has it.
pub fn trial(folder: &Path, extent: &Extent) {
    let trial = Trial::new(extent.lake.as_deref().unwrap_or(folder), extent.symbols);
    let mut first_new = Day::from_yyyymmdd(FIRST_NEW).expect("a date");
    let begins = match &extent.lake {
        None => trial.lay_out(first_new.plus(-extent.days), first_new.plus(-1)),
        Some(lake) => {
            first_new = trial.newest().plus(1);
            format!("weekly/{}, {} symbols until {}", lake.display(), trial.symbols.len(), trial.newest())
        }
    };
    println!("{begins}");
    for round in 0..extent.rounds {
        let today = first_new.plus(round + 1);
        trial.clock.store(today.start_ms() + 6 * HOUR_MS, Relaxed);
        let (plain, report) = trial.run(today, false);
        assert_eq!(corrected(&report), [], "a plain run corrects nothing");
        let symbol = &trial.symbols[(round as usize * 11) % trial.symbols.len()];
        let minute_ms = trial.forget_a_minute(symbol, today);
        let (weekly, report) = trial.run(today, true);
        assert_eq!(corrected(&report), [(symbol.clone(), minute_ms, 1)], "exactly the backfill is found");
        println!("{}", worded(round, symbol, plain, weekly));
    }
    println!("{}", trial.held_to_a_full_rebuild());
}

impl Trial {
    fn new(folder: &Path, symbols_max: usize) -> Trial {
        let TempLake { lake, mut settings, symbols } = TempLake::below(folder);
        let clock = Arc::new(AtomicI64::new(0));
        let shared = clock.clone();
        let now = Now::Function(Arc::new(move || shared.load(Relaxed)));
        let options = SimulatorOptions { seed: SEED, port: 0, now, faults: Faults::default() };
        let feed = Simulator::start(options).expect("a port of this machine");
        settings.num_processes = None;
        settings.download.base_url = feed.base_url();
        settings.download.rate_limit_rps = None;
        settings.download.concurrency = 16;
        let symbols = symbols.into_iter().take(symbols_max).collect();
        let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build();
        let runtime = runtime.expect("the machine has threads to spare");
        Trial { lake, settings, symbols, market: Market::new(SEED), clock, _feed: feed, runtime }
    }

    /// A cache with the history, and the series made from it.
    fn lay_out(&self, first: Day, last: Day) -> String {
        let days: Vec<Day> = first.through(last).collect();
        let plan = DamagePlan::default();
        let (market, symbols) = (&self.market, &self.symbols[..]);
        let filling = Filling { market, symbols, days: &days, plan: &plan, seed: SEED, threads: 0 };
        let began = Instant::now();
        let write = |symbol: &Symbol, day, payload: &[u8]| self.lake.write_finished(symbol, day, payload);
        filling.hand_over::<StoreError>(write).expect("the folder can be written to");
        let filled_s = began.elapsed().as_secs_f64();
        let began = Instant::now();
        self.rebuild();
        let rebuilt_s = began.elapsed().as_secs_f64();
        let files = (symbols.len() * days.len()) as f64;
        format!(
            "weekly/{} symbols, {} days each, {files} day-files: written in {filled_s:.1} s ({:.0} files/s), \
             rebuild full in {rebuilt_s:.1} s ({:.0} files/s)",
            symbols.len(),
            days.len(),
            files / filled_s,
            files / rebuilt_s
        )
    }

    fn rebuild(&self) {
        let now = || self.clock.load(Relaxed);
        let ingest = Ingest { lake: &self.lake, settings: &self.settings, clock: &now, progress: &|_| () };
        let report = ingest.rebuild(Rebuild::Full, &self.symbols).expect("the lake can be rebuilt");
        let unfinished = report.symbols.iter().find_map(|symbol| symbol.why_unfinished());
        assert_eq!(unfinished, None);
    }

    /// The last day that every series has aggregated.
    fn newest(&self) -> Day {
        let last = |symbol: &Symbol| {
            let commit = self.lake.read_commit(&SeriesKey::minute(symbol.clone())).expect("a sound record");
            commit.and_then(|commit| commit.last_date).expect("every symbol has a series")
        };
        self.symbols.iter().map(last).min().expect("there are symbols")
    }

    /// A run of all stages: over what is new, or over the last days again.
    fn run(&self, today: Day, ask_again: bool) -> (Took, RunReport) {
        let request = Request {
            symbols: self.symbols.clone(),
            from: None,
            to: None,
            today,
            stages: Stages { download: true, aggregate: true, resample: true },
            ask_again,
            rebuild_changed: false,
        };
        let now = || self.clock.load(Relaxed);
        let ingest = Ingest { lake: &self.lake, settings: &self.settings, clock: &now, progress: &|_| () };
        let began = Instant::now();
        let downloaded = self.runtime.block_on(async {
            let client = FeedClient::new(&self.settings.download).expect("a loopback address");
            ingest.download(&request, &client).await
        });
        assert!(downloaded.is_complete(), "the feed answers everything");
        let download = began.elapsed().as_secs_f64();
        let began = Instant::now();
        let report = ingest.process(&request, Some(downloaded));
        must_be_sound(&report);
        (Took { download, process: began.elapsed().as_secs_f64() }, report)
    }

    /// The lake is as if the feed had not known one minute of a day six days ago.
    fn forget_a_minute(&self, symbol: &Symbol, today: Day) -> i64 {
        let on = |days: i32| today.plus(-days);
        // On a weekend there may be nothing to forget: the next older day will do, as long as it is asked for again.
        let day = [on(DAYS_AGO), on(DAYS_AGO + 1), on(DAYS_AGO - 1), on(DAYS_AGO - 2)]
            .into_iter()
            .find(|day| self.market.day(symbol, *day).candles.len() > 2)
            .expect("no market is shut for four days");
        let mut known = self.market.day(symbol, day);
        let forgotten = known.candles.remove(known.candles.len() / 2);
        let payload = wire::encode(day.start_ms(), known.multiplier, &known.candles);
        engine::aggregate::note_older_payload(&self.lake, symbol, day).expect("noted");
        self.lake.write_finished(symbol, day, payload.as_bytes()).expect("written");
        let request = Request {
            symbols: vec![symbol.clone()],
            from: Some(day),
            to: None,
            today,
            stages: Stages { download: false, aggregate: true, resample: true },
            ask_again: false,
            rebuild_changed: false,
        };
        let now = || self.clock.load(Relaxed);
        let ingest = Ingest { lake: &self.lake, settings: &self.settings, clock: &now, progress: &|_| () };
        let report = ingest.process(&request, None);
        must_be_sound(&report);
        assert_eq!(corrected(&report), [(symbol.clone(), forgotten.time_ms, 1)], "the minute is forgotten");
        forgotten.time_ms
    }

    fn held_to_a_full_rebuild(&self) -> String {
        let corrected = self.checksums();
        let began = Instant::now();
        self.rebuild();
        let rebuilt_s = began.elapsed().as_secs_f64();
        assert!(corrected == self.checksums(), "corrected series are not those of a full rebuild");
        format!(
            "  all {} series are byte for byte those of a full rebuild ({rebuilt_s:.1} s)",
            corrected.len()
        )
    }

    /// Length and checksum of every series file.
    fn checksums(&self) -> Vec<(String, u64, u32)> {
        let mut sums = Vec::new();
        for symbol in &self.symbols {
            let specs = self.settings.timeframes_of(symbol);
            let folded = specs
                .iter()
                .map(|spec| SeriesKey::folded(symbol.clone(), spec.id.clone(), spec.source.clone()));
            for key in folded.chain([SeriesKey::minute(symbol.clone())]) {
                let view = self.lake.read_series(&key).expect("the series can be read");
                let view = view.expect("there is a series");
                let bytes: &[u8] = bytemuck::cast_slice(view.bars());
                assert!(!bytes.is_empty() || key.timeframe.as_str() == "1Y", "{symbol} {}", key.timeframe);
                let name = format!("{symbol}/{}", key.timeframe);
                sums.push((name, bytes.len() as u64, crc_of(bytes)));
            }
        }
        sums
    }
}

/// Records end with their own checksum, and a checksum over such a record is the same for all of them: a byte apart,
/// it is not.
fn crc_of(bytes: &[u8]) -> u32 {
    let bare = bytes.chunks(64).map(|record| &record[..60]);
    bare.fold(0, |sum, record| crc32c::crc32c_append(sum.rotate_left(1), record))
}

/// Symbol, first instant, and bars of every correction.
fn corrected(report: &RunReport) -> Vec<(Symbol, i64, u64)> {
    let of = |symbol: &engine::ingest::SymbolReport| {
        let correction = symbol.minutes.as_ref()?.correction?;
        Some((symbol.symbol.clone(), correction.from_ms, correction.difference.bars))
    };
    report.symbols.iter().filter_map(of).collect()
}

fn must_be_sound(report: &RunReport) {
    for symbol in &report.symbols {
        assert_eq!(symbol.why_unfinished(), None, "{} was not finished", symbol.symbol);
        assert!(symbol.refused_days.is_empty(), "{}: {:?}", symbol.symbol, symbol.refused_days);
    }
}

fn worded(round: i32, symbol: &Symbol, plain: Took, weekly: Took) -> String {
    let all = |took: Took| took.download + took.process;
    let figures = format!(
        "  plain run {:.3} s (download {:.3}, process {:.3}); rebuild weekly with one bar of {symbol} {:.3} s \
         (download {:.3}, process {:.3})",
        all(plain),
        plain.download,
        plain.process,
        all(weekly),
        weekly.download,
        weekly.process
    );
    // The aim: twice a plain run, and what the longer download takes besides.
    let besides = (all(weekly) - (weekly.download - plain.download).max(0.0)) / all(plain);
    let (total, process) = (all(weekly) / all(plain), weekly.process / plain.process);
    format!(
        "{figures}; {total:.2} times, {besides:.2} without the days asked again, {process:.2} without any download [{round}]"
    )
}
