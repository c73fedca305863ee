//! Whether the lake is whole: every record against its checksum, every series against its source, every other file
//! against its seal; with `deep` the 1m series against the payloads. And the repair of what is not.
//!
//! What an interrupted run leaves is never called damage: a series that is behind its source is true, if shorter.

mod finding;
pub use finding::{Finding, Place, Report, Tally, Weight, Wrong};

pub mod records;

mod series;

mod refold;

mod payloads;

mod files;

mod repair;
pub use repair::{How, Repair};

mod minutes;

mod coarser;

mod texts;

use std::collections::BTreeSet;

use rayon::prelude::*;

use crate::ingest::IngestError;
use crate::model::cascade::Cascade;
use crate::model::{Settings, Symbol};
use crate::resample::key_of;
use crate::store::{Lake, Resident, Role, SeriesKey};
use payloads::CachedDay;
use records::Law;
use series::{Expected, Looked};

/// A lake to be verified. The caller holds its lock.
pub struct Verify<'a> {
    /// Where everything lies.
    pub lake: &'a Lake,
    /// What the user decided.
    pub settings: &'a Settings,
    /// Only these; all that lie in the lake when empty.
    pub symbols: &'a [Symbol],
    /// Whether the 1m series are compared with the payloads of the cache.
    pub deep: bool,
    /// Told how far the work is.
    pub progress: &'a (dyn Fn(Progress<'_>) + Sync),
}

/// How far the work is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Progress<'a> {
    /// A stage begins, of so many steps.
    Stage(Stage, usize),
    /// A symbol is through.
    Symbol(&'a Symbol),
}

/// The stages of the work.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stage {
    /// Looking at everything.
    Verify,
    /// Putting right what is damaged.
    Repair,
}

/// What lies in the lake, and what of it is asked about.
struct Scope {
    residents: Vec<Resident>,
    symbols: Vec<Symbol>,
    cache: Vec<CachedDay>,
    /// Files in the cache that are no payloads.
    others: Vec<Resident>,
}

impl Verify<'_> {
    /// Looks at everything and changes nothing.
    pub fn check(&self) -> Result<Report, IngestError> {
        let scope = self.scope()?;
        (self.progress)(Progress::Stage(Stage::Verify, scope.symbols.len()));
        let of_symbols = self.in_parallel(&scope.symbols, |symbol| {
            let report = self.check_symbol(symbol, &scope);
            (self.progress)(Progress::Symbol(symbol));
            report
        });
        let mut whole = Report::default();
        for report in of_symbols {
            whole.add(report?);
        }
        // A payload that cannot be used is one finding, however many symbols are made of it.
        let mut told = BTreeSet::new();
        let is_new = |finding: &Finding| {
            !matches!(finding.wrong, Wrong::Payload(_)) || told.insert(finding.path.clone())
        };
        whole.findings.retain(is_new);
        whole.add(self.check_files(&scope)?);
        whole.add(self.check_cache(&scope)?);
        Ok(whole)
    }

    fn check_symbol(&self, symbol: &Symbol, scope: &Scope) -> Result<Report, IngestError> {
        let cascade = Cascade::new(symbol, self.settings)?;
        let mut report = Report::default();
        let mut looked = self.look_at_series(symbol, &cascade, &mut report.tally)?;
        let unconfigured = unconfigured(&scope.residents, symbol, &cascade);
        if let Some(minutes) = looked.iter_mut().find(|looked| looked.key.source.is_none()) {
            self.compare_with_payloads(minutes, &cascade, scope, &mut report.tally)?;
        }
        self.check_texts(symbol, &cascade, scope, &mut report)?;
        for key in unconfigured {
            looked.extend(series::look(self.lake, &key, Expected::Unconfigured)?);
        }
        for looked in looked {
            report.tally.series += 1;
            report.tally.records += looked.bars().len() as u64;
            report.findings.extend(looked.findings);
        }
        Ok(report)
    }

    /// The configured series of a symbol, each compared with its source.
    fn look_at_series(
        &self,
        symbol: &Symbol,
        cascade: &Cascade,
        tally: &mut Tally,
    ) -> Result<Vec<Looked>, IngestError> {
        let minute_key = SeriesKey::minute(symbol.clone());
        let minutes = series::look(self.lake, &minute_key, series::minutes(cascade, self.settings))?;
        let mut all: Vec<Looked> = Vec::from_iter(minutes);
        for step in &cascade.steps {
            let expected = Expected::Known(step.fingerprint, Law::default());
            let Some(mut looked) = series::look(self.lake, &key_of(symbol, step), expected)? else {
                continue;
            };
            if looked.is_comparable() {
                match all.iter().find(|other| other.key.timeframe == step.spec.source) {
                    Some(source) if source.is_comparable() => {
                        refold::compare(self.lake, &mut looked, step, source);
                        tally.refolded += 1;
                    }
                    _ => looked.say(self.lake, Wrong::SourceUnproven(step.spec.source.clone())),
                }
            }
            all.push(looked);
        }
        Ok(all)
    }

    fn scope(&self) -> Result<Scope, IngestError> {
        let residents = self.lake.census()?;
        let mut symbols: BTreeSet<Symbol> = self.symbols.iter().cloned().collect();
        if self.symbols.is_empty() {
            symbols.extend(residents.iter().filter_map(|resident| match &resident.role {
                Role::Series(symbol, _) => Some(symbol.clone()),
                Role::Record(key) => Some(key.symbol.clone()),
                _ => None,
            }));
        }
        let (cache, others) = if self.deep { self.cached_days(&residents)? } else { Default::default() };
        Ok(Scope { residents, symbols: symbols.into_iter().collect(), cache, others })
    }

    fn is_asked(&self, symbol: &Symbol) -> bool {
        self.symbols.is_empty() || self.symbols.contains(symbol)
    }

    /// Work for every symbol on as many threads as the settings allow, results in the order of the symbols.
    fn in_parallel<T: Send>(&self, symbols: &[Symbol], work: impl Fn(&Symbol) -> T + Sync + Send) -> Vec<T> {
        let threads = self.settings.num_processes.unwrap_or(0);
        match rayon::ThreadPoolBuilder::new().num_threads(threads).build() {
            Ok(pool) => pool.install(|| symbols.par_iter().map(work).collect()),
            // A system without a thread to spare still gets its work done.
            Err(_) => symbols.iter().map(work).collect(),
        }
    }
}

/// Series of a symbol that the configuration does not have: another timeframe, or another source.
fn unconfigured(residents: &[Resident], symbol: &Symbol, cascade: &Cascade) -> Vec<SeriesKey> {
    let configured: Vec<SeriesKey> = cascade.steps.iter().map(|step| key_of(symbol, step)).collect();
    let records = residents.iter().filter_map(|resident| match &resident.role {
        Role::Record(key) if key.symbol == *symbol && key.source.is_some() => Some(key.clone()),
        _ => None,
    });
    let mut keys: Vec<SeriesKey> = records.filter(|key| !configured.contains(key)).collect();
    for resident in residents {
        if let Role::Series(of, timeframe) = &resident.role
            && of == symbol
            && !timeframe.is_minute()
            && !configured.iter().chain(&keys).any(|key| key.timeframe == *timeframe)
        {
            keys.push(SeriesKey { symbol: symbol.clone(), timeframe: timeframe.clone(), source: None });
        }
    }
    keys
}
