//! What came of a run.

use std::sync::Arc;

use crate::aggregate::MinuteReport;
use crate::download::{Progress, SymbolOutcome};
use crate::model::cascade::NoOrder;
use crate::model::{Day, Symbol};
use crate::resample::SeriesReport;
use crate::store::StoreError;

/// Why a symbol could not be worked on.
#[derive(Debug, thiserror::Error)]
pub enum IngestError {
    /// The lake said no.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// Its timeframes cannot be put in order.
    #[error(transparent)]
    Order(#[from] NoOrder),
    /// A rebuild would leave nothing of it.
    #[error(
        "{symbol}: the cache holds no payload, so there is nothing to rebuild from; its series were left as they are: run `engine run --from DATE` to download"
    )]
    NothingToRebuild {
        /// The symbol.
        symbol: Symbol,
    },
    /// A decision about a day of which nothing was refused.
    #[error("{symbol} {day}: {why}, so there is nothing to release{}", in_quarantine(nearest))]
    NothingToRelease {
        /// The symbol.
        symbol: Symbol,
        /// The day.
        day: Day,
        /// What was found instead.
        why: &'static str,
        /// The nearest days of that symbol with something in quarantine.
        nearest: Vec<Day>,
    },
    /// A decision about bars or bytes that nothing can be made of.
    #[error("{symbol} {day}: cannot be released: {reason}; {remedy}")]
    CannotBeReleased {
        /// The symbol.
        symbol: Symbol,
        /// The day.
        day: Day,
        /// Why.
        reason: String,
        /// What to do instead.
        remedy: String,
    },
    /// There is no decision to take back.
    #[error("{symbol} {day}: was not released, so there is nothing to take back{}", released(nearest))]
    NotReleased {
        /// The symbol.
        symbol: Symbol,
        /// The day.
        day: Day,
        /// The nearest days of that symbol that were.
        nearest: Vec<Day>,
    },
}

fn in_quarantine(days: &[Day]) -> String {
    match days {
        [] => "; no day of this symbol is in quarantine".to_owned(),
        days => format!("; nearest in quarantine: {}", listed(days)),
    }
}

fn released(days: &[Day]) -> String {
    match days {
        [] => "; no day of this symbol was".to_owned(),
        days => format!("; nearest released: {}", listed(days)),
    }
}

fn listed(days: &[Day]) -> String {
    days.iter().map(Day::to_string).collect::<Vec<_>>().join(", ")
}

/// What happens during a run.
#[derive(Debug)]
pub enum Event<'a> {
    /// In the download stage.
    Download(Progress<'a>),
    /// The stages after the download begin.
    Processing {
        /// For so many symbols.
        symbols: usize,
    },
    /// One symbol is through.
    Symbol(&'a SymbolReport),
}

/// A day with an image, some bars of which are not as they should be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OddDay {
    /// The UTC day.
    pub day: Day,
    /// Bars set aside.
    pub refused: usize,
    /// The rules they break, each once, in words.
    pub rules: Vec<String>,
    /// Bars kept and flagged.
    pub suspects: usize,
}

/// What a series held of days that the cache has no payload of any more, and a rebuild has dropped.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Gone {
    /// Days.
    pub days: u64,
    /// 1m bars.
    pub bars: u64,
}

/// What came of one symbol.
#[derive(Clone, Debug)]
pub struct SymbolReport {
    /// The symbol.
    pub symbol: Symbol,
    /// What the download said, if it ran; an alias has its source's.
    pub download: Option<Arc<SymbolOutcome>>,
    /// Days whose payloads were looked at.
    pub days: u64,
    /// The 1m series, if that stage ran.
    pub minutes: Option<MinuteReport>,
    /// The coarser series, sources first, if that stage ran.
    pub series: Vec<SeriesReport>,
    /// Bars set aside in the days looked at.
    pub refused_bars: u64,
    /// Days with a payload that gave no image, and why.
    pub refused_days: Vec<(Day, String)>,
    /// Bars of the days looked at that broke a soft rule, or a hard one and were released.
    pub suspects: u64,
    /// The days with bars set aside or flagged, in order.
    pub odd_days: Vec<OddDay>,
    /// What a rebuild did not find again, if anything.
    pub gone: Option<Gone>,
    /// Why the symbol was not finished.
    pub error: Option<Arc<IngestError>>,
    /// The same, where many symbols share one reason.
    pub failure: Option<String>,
}

/// What came of all symbols.
#[derive(Clone, Debug, Default)]
pub struct RunReport {
    /// In the order asked for.
    pub symbols: Vec<SymbolReport>,
    /// Nobody answered anything.
    pub unreachable: bool,
    /// Everything that was answered was nonsense.
    pub nonsense: bool,
}

impl SymbolReport {
    pub(super) fn of(symbol: &Symbol, download: Option<Arc<SymbolOutcome>>) -> SymbolReport {
        SymbolReport {
            symbol: symbol.clone(),
            download,
            days: 0,
            minutes: None,
            series: Vec::new(),
            refused_bars: 0,
            refused_days: Vec::new(),
            suspects: 0,
            odd_days: Vec::new(),
            gone: None,
            error: None,
            failure: None,
        }
    }

    pub(super) fn failed(
        symbol: &Symbol,
        download: Option<Arc<SymbolOutcome>>,
        failure: String,
    ) -> SymbolReport {
        SymbolReport { failure: Some(failure), ..SymbolReport::of(symbol, download) }
    }

    /// Whether some series was made by another configuration and was left as it is.
    pub fn is_stale(&self) -> bool {
        self.minutes.as_ref().is_some_and(|minutes| minutes.stale)
            || self.series.iter().any(|series| series.state == crate::resample::SeriesState::Stale)
    }

    /// Why the symbol was not finished, in words.
    pub fn why_unfinished(&self) -> Option<String> {
        self.error.as_ref().map(|error| error.to_string()).or_else(|| self.failure.clone())
    }
}
