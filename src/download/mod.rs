//! Brings what the cache lacks: which days to ask for, how often, and what to believe of the answers.
//! Comes in: a plan per symbol, the lake, the feed. Goes out: payload files in the lake, and an outcome per symbol.
//! May touch: `model`, `store`, `feed`.
//! Never: stops the other days because one failed, replaces candles by an empty answer, or reads a clock of its own.

mod outcome;
pub use outcome::{DownloadError, Downloaded, Progress, SymbolOutcome, SymbolPlan};

pub mod worklist;

pub mod retry;

mod rolls;
pub use rolls::rolls;

mod asking;

mod symbol;

use futures_util::StreamExt;

use crate::feed::FeedClient;
use crate::feed::client::Clock;
use crate::model::settings::DownloadSettings;
use crate::model::{Day, Symbol};
use crate::store::{Lake, StoreError};

/// What all symbols of one run share.
#[derive(Clone, Copy)]
pub struct DownloadRun<'a> {
    /// Where answers are kept.
    pub lake: &'a Lake,
    /// Who is asked.
    pub client: &'a FeedClient,
    /// How often and how patiently.
    pub settings: &'a DownloadSettings,
    /// The running UTC day, asked of the clock once per run.
    pub today: Day,
    /// Read for the moment a request is sent and for the age of metadata.
    pub clock: Clock<'a>,
    /// Called with the earliest day of a symbol's window that is asked for, before the first payload of a day at or
    /// before its [`SymbolPlan::last_date`] is written, and once more with each still earlier day. When it returns, the symbol's 1m commit record, and that of every
    /// alias made from its payloads, must say `reconcile_from` that day or earlier.
    pub before_older_write: &'a (dyn Fn(&Symbol, Day) -> Result<(), StoreError> + Sync),
    /// Told what happens while it happens.
    pub progress: &'a (dyn Fn(Progress<'_>) + Sync),
}

/// Downloads what the plan's windows lack; outcomes come in the plan's order. Dropping the future at any moment leaves
/// whole files only.
///
/// There is no error: what went wrong is told per symbol and day, and the rest was done.
pub async fn download(run: DownloadRun<'_>, plan: Vec<SymbolPlan>) -> Downloaded {
    let asking = asking::Asking::new(&run);
    // A symbol that waits before its next attempt must not keep connections idle: more symbols than connections are
    // under way, and the client alone counts connections.
    let under_way = run.settings.concurrency.max(1).saturating_add(2);
    let mut symbols: Vec<(usize, SymbolOutcome)> = futures_util::stream::iter(plan.into_iter().enumerate())
        .map(|(index, plan)| {
            let asking = &asking;
            async move { (index, symbol::download_symbol(asking, plan).await) }
        })
        .buffer_unordered(under_way)
        .collect()
        .await;
    symbols.sort_by_key(|(index, _)| *index);
    asking.summed_up(symbols.into_iter().map(|(_, outcome)| outcome).collect())
}
