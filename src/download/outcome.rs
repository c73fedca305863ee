//! What is wanted of a download, what it tells on the way, and what came of it.

use std::time::Duration;

use crate::feed::{Asked, FeedError};
use crate::model::{Day, Symbol};
use crate::store::StoreError;

/// What is wanted for one symbol that has payloads of its own (an alias has none).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SymbolPlan {
    /// The symbol.
    pub symbol: Symbol,
    /// First day of the window.
    pub from: Day,
    /// Last day of the window, included.
    pub to: Day,
    /// Whether finished days that are held are asked for as well.
    pub ask_again: bool,
    /// Finished days outside the window whose payload was refused when it was last looked at, in any order. Those that
    /// still have none that can be read are asked for too.
    pub refused: Vec<Day>,
    /// The last day its 1m series has aggregated; with aliases the latest of theirs and its own.
    pub last_date: Option<Day>,
}

/// Why a day was not brought.
#[derive(Debug, thiserror::Error)]
pub enum DownloadError {
    /// The feed did not give it, after as many attempts as are allowed.
    #[error(transparent)]
    Feed(#[from] FeedError),
    /// Nobody has answered anything so far: not asked (any more). Try again later.
    #[error("{asked}: not asked, the feed is unreachable")]
    Unreachable {
        /// What would have been asked.
        asked: Asked,
    },
    /// The lake could not keep it.
    #[error("{symbol} {day}: {source}")]
    Store {
        /// The symbol.
        symbol: Symbol,
        /// The day.
        day: Day,
        /// What the store said.
        source: StoreError,
    },
}

/// What came of one symbol. Days are in increasing order.
#[derive(Debug)]
pub struct SymbolOutcome {
    /// The symbol.
    pub symbol: Symbol,
    /// Finished days whose payload was written.
    pub fetched: Vec<Day>,
    /// Finished days that were asked for again and answered as before.
    pub unchanged: Vec<Day>,
    /// Whether the running day's payload was written.
    pub running: bool,
    /// Days accepted empty although the instrument trades; later runs ask for them again.
    pub suspicious: Vec<Day>,
    /// Days accepted with a bar that cannot be; later runs ask for them again.
    pub broken: Vec<Day>,
    /// Days whose answer was worse than the payload held (empty, or with a broken bar): that was kept.
    pub kept: Vec<Day>,
    /// Days the feed does not know (404).
    pub not_found: Vec<Day>,
    /// Days not asked for after too many 404s in a row.
    pub skipped: Vec<Day>,
    /// Days that failed; the next run tries again.
    pub failed: Vec<(Day, DownloadError)>,
    /// Days outside the window that were asked for because their payload was refused. Their files in quarantine keep
    /// them in mind when they fail.
    pub beyond: Vec<Day>,
    /// Why the instrument's metadata is older than it should be, or not known at all.
    pub metadata: Option<DownloadError>,
    /// Why the lake could not be looked into, so that nothing was asked for; or why failed days could not be noted.
    pub store: Option<StoreError>,
}

/// What came of the whole plan.
#[derive(Debug)]
pub struct Downloaded {
    /// One for each plan, in its order.
    pub symbols: Vec<SymbolOutcome>,
    /// Candle answers that were payloads.
    pub good_answers: u64,
    /// Candle answers that were refused.
    pub refused_answers: u64,
    /// Answers of any kind that asked to come back later.
    pub busy_answers: u64,
    /// Nobody answered anything, and asking was given up.
    pub unreachable: bool,
}

/// What a download tells while it is at work.
#[derive(Debug)]
pub enum Progress<'a> {
    /// So many requests are to be made for a symbol.
    Planned {
        /// The symbol.
        symbol: &'a Symbol,
        /// Days to ask for.
        days: usize,
    },
    /// A request has to be repeated after a pause.
    Waiting {
        /// The question.
        asked: &'a Asked,
        /// Attempts made so far.
        attempt: u32,
        /// How long until the next one.
        pause: Duration,
        /// What was wrong with the last one.
        reason: &'a str,
    },
    /// A day is settled, one way or the other.
    Day {
        /// The symbol.
        symbol: &'a Symbol,
        /// The day.
        day: Day,
        /// Whether it was brought, or needed no bringing.
        done: bool,
    },
    /// A symbol is settled.
    Symbol {
        /// What came of it.
        outcome: &'a SymbolOutcome,
    },
}

impl SymbolOutcome {
    /// Nothing so far.
    pub(super) fn of(symbol: Symbol) -> SymbolOutcome {
        SymbolOutcome {
            symbol,
            fetched: Vec::new(),
            unchanged: Vec::new(),
            running: false,
            suspicious: Vec::new(),
            broken: Vec::new(),
            kept: Vec::new(),
            not_found: Vec::new(),
            skipped: Vec::new(),
            failed: Vec::new(),
            beyond: Vec::new(),
            metadata: None,
            store: None,
        }
    }

    /// Whether every day asked for is there now; suspicious and broken ones are.
    pub fn is_complete(&self) -> bool {
        self.failed.is_empty() && self.not_found.is_empty() && self.skipped.is_empty() && self.store.is_none()
    }

    /// Whether the feed does not know the symbol, or none of the days asked for.
    pub fn is_unknown(&self) -> bool {
        let anything = !self.fetched.is_empty() || !self.unchanged.is_empty() || self.running;
        !self.not_found.is_empty() && !anything && self.kept.is_empty()
    }

    pub(super) fn sort(&mut self) {
        let lists = [
            &mut self.fetched,
            &mut self.unchanged,
            &mut self.suspicious,
            &mut self.broken,
            &mut self.kept,
            &mut self.not_found,
            &mut self.skipped,
            &mut self.beyond,
        ];
        lists.into_iter().for_each(|days| days.sort_unstable());
        self.failed.sort_by_key(|(day, _)| *day);
    }
}

impl Downloaded {
    /// Whether every symbol is complete.
    pub fn is_complete(&self) -> bool {
        self.symbols.iter().all(SymbolOutcome::is_complete)
    }

    /// Whether answers came, and every single one was refused. A feed that also said it was busy speaks the right
    /// language: when few questions are left, all of them may well fail.
    pub fn is_nonsense(&self) -> bool {
        self.good_answers == 0 && self.busy_answers == 0 && self.refused_answers > 0
    }
}
