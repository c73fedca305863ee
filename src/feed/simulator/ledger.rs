//! Who asked for what, how often, and how many at once: tests of politeness read it.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

use super::faults::Fault;
use crate::model::{Day, Symbol};

/// Requests kept in full; later ones are only counted.
const LOG_MAX: usize = 100_000;

/// What a request asks for.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Asked {
    /// The candles of a day, running or finished.
    Candles(Symbol, Day),
    /// One instrument.
    Instrument(Symbol),
    /// All instruments.
    Listing,
    /// The rolls of all futures.
    Rolls,
}

/// One request as it came in.
#[derive(Clone, Debug)]
pub struct Request {
    /// What stood after the host, query included.
    pub path: String,
    /// Since the server's start.
    pub at: Duration,
    /// As the client named itself.
    pub user_agent: Option<String>,
    /// What went wrong with the answer, to order.
    pub fault: Option<Fault>,
}

/// The book; clones share it.
#[derive(Clone)]
pub struct Ledger {
    started: Instant,
    pages: Arc<Mutex<Pages>>,
}

#[derive(Default)]
struct Pages {
    counts: HashMap<Asked, u32>,
    total: u64,
    present: usize,
    most_present: usize,
    log: Vec<Request>,
}

/// A request being answered; dropping it says that the answer is on its way.
pub struct Visit {
    ledger: Ledger,
    /// How many times the same was asked before, plus one.
    pub nth: u32,
    entry: Option<usize>,
}

impl Ledger {
    /// An empty book.
    pub fn new() -> Ledger {
        Ledger { started: Instant::now(), pages: Arc::default() }
    }

    /// Writes a request down.
    pub fn enter(&self, asked: Asked, path: String, user_agent: Option<String>) -> Visit {
        let at = self.started.elapsed();
        let mut pages = self.pages();
        pages.total += 1;
        pages.present += 1;
        pages.most_present = pages.most_present.max(pages.present);
        let entry = (pages.log.len() < LOG_MAX).then_some(pages.log.len());
        if entry.is_some() {
            pages.log.push(Request { path, at, user_agent, fault: None });
        }
        let count = pages.counts.entry(asked).or_default();
        *count += 1;
        Visit { ledger: self.clone(), nth: *count, entry }
    }

    /// Requests about a day's candles so far.
    pub fn asked(&self, symbol: &Symbol, day: Day) -> u32 {
        let asked = Asked::Candles(symbol.clone(), day);
        self.pages().counts.get(&asked).copied().unwrap_or_default()
    }

    /// All requests so far.
    pub fn total(&self) -> u64 {
        self.pages().total
    }

    /// The most requests that waited for an answer at one time.
    pub fn most_present(&self) -> usize {
        self.pages().most_present
    }

    /// The first 100,000 requests.
    pub fn log(&self) -> Vec<Request> {
        self.pages().log.clone()
    }

    /// A panic elsewhere leaves the counts as true as they were.
    fn pages(&self) -> MutexGuard<'_, Pages> {
        self.pages.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Visit {
    /// Notes what goes wrong with the answer.
    pub fn note(&self, fault: Fault) {
        if let Some(entry) = self.entry {
            self.ledger.pages().log[entry].fault = Some(fault);
        }
    }
}

impl Drop for Visit {
    fn drop(&mut self) {
        self.ledger.pages().present -= 1;
    }
}

impl Asked {
    /// A text and a number that tell this question from every other.
    pub fn name(&self) -> (&str, i32) {
        match self {
            Asked::Candles(symbol, day) => (symbol.as_str(), day.epoch_days()),
            Asked::Instrument(symbol) => (symbol.as_str(), -1),
            Asked::Listing => ("", -1),
            Asked::Rolls => ("", -2),
        }
    }

    /// Whether it is about candles.
    pub fn is_candles(&self) -> bool {
        matches!(self, Asked::Candles(..))
    }
}
