//! The stages in their order, for many symbols at once.
//! Comes in: what to do, a lake, settings, the time. Goes out: a report per symbol.
//! May touch: every room below it, and threads.
//! Never: lets one symbol stop the others, prints, or asks a clock of its own.

mod report;
pub use report::{Event, Gone, IngestError, OddDay, RunReport, SymbolReport};

pub mod window;

mod images;
pub use images::{DayImages, ImageSource, Made};

mod symbol;

mod texts;

mod rebuild;
pub use rebuild::Rebuild;

mod decide;
pub use decide::{Decided, Decision};

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use rayon::prelude::*;

use crate::download::{DownloadRun, Downloaded, SymbolPlan, download};
use crate::feed::FeedClient;
use crate::model::{Day, Settings, Symbol};
use crate::store::{Commit, Lake, RefusedDay, SeriesKey, StoreError};

/// Which stages a run goes through.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stages {
    /// Ask the feed for what the cache lacks.
    pub download: bool,
    /// Payloads into the 1m series.
    pub aggregate: bool,
    /// The 1m series into the coarser ones.
    pub resample: bool,
}

/// What a run is to do.
#[derive(Clone, Debug)]
pub struct Request {
    /// For whom.
    pub symbols: Vec<Symbol>,
    /// First day; without it the last seven days, and whatever is behind.
    pub from: Option<Day>,
    /// Last day, included; without it today.
    pub to: Option<Day>,
    /// The running UTC day, asked of the clock once.
    pub today: Day,
    /// How far the run goes.
    pub stages: Stages,
    /// Finished days that are held are asked for again.
    pub ask_again: bool,
    /// Series made by another configuration are rebuilt at once.
    pub rebuild_changed: bool,
}

/// A lake, and everything needed to work on it.
pub struct Ingest<'a> {
    /// Where everything lies. The caller holds its lock.
    pub lake: &'a Lake,
    /// What the user decided.
    pub settings: &'a Settings,
    /// UTC milliseconds, read when a request is sent.
    pub clock: &'a (dyn Fn() -> i64 + Sync),
    /// Told what happens while it happens.
    pub progress: &'a (dyn Fn(Event<'_>) + Sync),
}

impl Ingest<'_> {
    /// Takes every symbol through the stages. What fails is in the report; the rest is done.
    ///
    /// `client` is asked where the request wants the download stage; it is the async part of a run.
    pub async fn download(&self, request: &Request, client: &FeedClient) -> Downloaded {
        let today = request.today;
        let plan = self.download_plan(request);
        let note = |symbol: &Symbol, day: Day| self.note_older_payload(&request.symbols, symbol, day);
        let progress = |event: crate::download::Progress<'_>| (self.progress)(Event::Download(event));
        let run = DownloadRun {
            lake: self.lake,
            client,
            settings: &self.settings.download,
            today,
            clock: self.clock,
            before_older_write: &note,
            progress: &progress,
        };
        let mut downloaded = download(run, plan).await;
        for outcome in &mut downloaded.symbols {
            // A day that failed must be asked for again, however long the next run is in coming.
            let failure = window::earliest_failure(outcome, today);
            let noted = failure.map(|day| self.note_older_payload(&request.symbols, &outcome.symbol, day));
            if let Some(Err(error)) = noted {
                outcome.store.get_or_insert(error);
            }
        }
        downloaded
    }

    /// Takes every symbol through the stages after the download. `downloaded` is what that stage said, if it ran.
    pub fn process(&self, request: &Request, downloaded: Option<Downloaded>) -> RunReport {
        let mut report = RunReport::default();
        let mut outcomes = BTreeMap::new();
        if let Some(downloaded) = downloaded {
            report.unreachable = downloaded.unreachable;
            report.nonsense = downloaded.is_nonsense();
            outcomes = downloaded
                .symbols
                .into_iter()
                .map(|outcome| (outcome.symbol.clone(), Arc::new(outcome)))
                .collect();
        }
        (self.progress)(Event::Processing { symbols: request.symbols.len() });
        let cached = match request.rebuild_changed {
            // Left by a rebuild that was interrupted.
            true => self.lake.remove_aside().and_then(|()| self.cached_days(request)),
            false => self.cached_days(request),
        };
        let work = |symbol: &Symbol| {
            let outcome = outcomes.get(self.settings.payload_symbol(symbol)).cloned();
            let report = match &cached {
                Ok(cached) => self.process_symbol(request, symbol, outcome, cached.get(symbol)),
                Err(error) => SymbolReport::failed(symbol, outcome, error.to_string()),
            };
            (self.progress)(Event::Symbol(&report));
            report
        };
        report.symbols = self.in_parallel(&request.symbols, work);
        report
    }

    /// Runs work for every symbol on as many threads as the settings allow, results in the order of the symbols.
    fn in_parallel<T: Send>(&self, symbols: &[Symbol], work: impl Fn(&Symbol) -> T + Sync + Send) -> Vec<T> {
        let threads = self.settings.num_processes.unwrap_or(0);
        match rayon::ThreadPoolBuilder::new().num_threads(threads).build() {
            Ok(pool) => pool.install(|| symbols.par_iter().map(work).collect()),
            // A system without a thread to spare still gets its work done.
            Err(_) => symbols.iter().map(work).collect(),
        }
    }

    fn download_plan(&self, request: &Request) -> Vec<SymbolPlan> {
        let mut plan: Vec<SymbolPlan> = Vec::new();
        let refused = self.refused_days(request);
        for symbol in &request.symbols {
            let source = self.settings.payload_symbol(symbol).clone();
            let commit = self.minute_commit(symbol);
            let history_start = self.settings.download.history_start;
            let window = window::download_window(request, commit.as_ref(), history_start);
            let sharing = self.made_from(&request.symbols, &source);
            let last_date = sharing.iter().filter_map(|symbol| self.minute_commit(symbol)?.last_date).max();
            let refused = sharing.iter().filter_map(|symbol| refused.get(symbol)).flatten().copied();
            match plan.iter_mut().find(|other| other.symbol == source) {
                Some(other) => {
                    other.from = other.from.min(window.from);
                    other.last_date = other.last_date.max(last_date);
                }
                None => plan.push(SymbolPlan {
                    symbol: source,
                    from: window.from,
                    to: window.to,
                    ask_again: request.ask_again,
                    refused: refused.collect(),
                    last_date,
                }),
            }
        }
        plan
    }

    /// The days whose payloads lie in quarantine, by the symbol for which they were refused. Where days are named the
    /// run is about those days only.
    fn refused_days(&self, request: &Request) -> BTreeMap<Symbol, Vec<Day>> {
        if request.from.is_some() || request.to.is_some() {
            return BTreeMap::new();
        }
        let sources = request.symbols.iter().map(|symbol| self.settings.payload_symbol(symbol));
        let symbols: BTreeSet<Symbol> =
            sources.flat_map(|source| self.made_from(&request.symbols, source)).collect();
        let symbols: Vec<Symbol> = symbols.into_iter().collect();
        // What cannot be looked into is looked into again by each symbol, which says so.
        let found = self.lake.refused_days_since(&symbols, Day::from_epoch_days(0)).unwrap_or_default();
        let of_payloads = |days: Vec<RefusedDay>| {
            days.into_iter().filter(|refused| refused.payload).map(|refused| refused.day).collect()
        };
        found.into_iter().map(|(symbol, days)| (symbol, of_payloads(days))).collect()
    }

    /// The symbol's own series, and those of its aliases, must compare a day again.
    fn note_older_payload(&self, symbols: &[Symbol], source: &Symbol, day: Day) -> Result<(), StoreError> {
        for symbol in self.made_from(symbols, source) {
            crate::aggregate::note_older_payload(self.lake, &symbol, day)?;
        }
        Ok(())
    }

    /// All symbols made from a symbol's payloads. Those that this run is not about see its payloads in a later one.
    fn made_from(&self, symbols: &[Symbol], source: &Symbol) -> BTreeSet<Symbol> {
        let configured = self.settings.transform.symbols.keys();
        let all = symbols.iter().chain(configured).chain([source]);
        all.filter(|symbol| self.settings.payload_symbol(symbol) == source).cloned().collect()
    }

    /// What the 1m series of a symbol has promised, when it holds what its record claims. A record that cannot be believed
    /// is treated as none: what it would have told is asked of the feed again, and every payload is compared.
    fn minute_commit(&self, symbol: &Symbol) -> Option<Commit> {
        self.lake.trusted_commit(&SeriesKey::minute(symbol.clone())).ok().flatten()
    }

    /// The cached days of symbols that have no series to go on from.
    fn cached_days(&self, request: &Request) -> Result<BTreeMap<Symbol, Vec<Day>>, StoreError> {
        let unknown = |symbol: &&Symbol| self.minute_commit(symbol).is_none();
        let new: Vec<Symbol> = if request.stages.aggregate {
            request.symbols.iter().filter(unknown).cloned().collect()
        } else {
            Vec::new()
        };
        self.payload_days(&new)
    }

    /// The days for which symbols have payloads, an alias those of its source.
    fn payload_days(&self, symbols: &[Symbol]) -> Result<BTreeMap<Symbol, Vec<Day>>, StoreError> {
        if symbols.is_empty() {
            return Ok(BTreeMap::new());
        }
        let mut sources: Vec<Symbol> =
            symbols.iter().map(|symbol| self.settings.payload_symbol(symbol).clone()).collect();
        sources.sort_unstable();
        sources.dedup();
        let days = self.lake.payload_days(&sources)?;
        let of =
            |symbol: &Symbol| days.get(self.settings.payload_symbol(symbol)).cloned().unwrap_or_default();
        Ok(symbols.iter().map(|symbol| (symbol.clone(), of(symbol))).collect())
    }
}
