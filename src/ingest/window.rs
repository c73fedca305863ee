//! Which days a run looks at.

use super::Request;
use crate::download::SymbolOutcome;
use crate::model::Day;
use crate::store::Commit;

/// Finished days before today that every run looks at again.
pub const DEFAULT_DAYS: i32 = 7;

/// Days from `from` to `to`, both included.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Window {
    /// The first day.
    pub from: Day,
    /// The last day.
    pub to: Day,
}

/// The days of a symbol to have in the cache: those asked for, else the last seven and those that are behind. A symbol
/// never seen begins at `history_start`, where there is one.
pub fn download_window(request: &Request, commit: Option<&Commit>, history_start: Option<Day>) -> Window {
    let usual = request.today.plus(-DEFAULT_DAYS);
    let from = request.from.unwrap_or_else(|| match commit {
        Some(commit) => usual.min(behind(commit, noted(commit)).unwrap_or(usual)),
        None => usual.min(history_start.unwrap_or(usual)),
    });
    Window { from, to: request.to.unwrap_or(request.today).min(request.today) }
}

/// The days of a series to compare with their payloads: those asked for, else the last seven; in any case those that are
/// behind.
pub fn aggregate_window(request: &Request, commit: &Commit) -> Window {
    let from = request.from.unwrap_or(request.today.plus(-DEFAULT_DAYS));
    let from = from.min(behind(commit, commit.reconcile_from).unwrap_or(from));
    Window { from, to: request.to.unwrap_or(request.today).min(request.today) }
}

/// The first day that a series is behind on: noted as to be compared again, or after the last one aggregated.
fn behind(commit: &Commit, noted: Option<Day>) -> Option<Day> {
    [noted, commit.last_date.map(|date| date.plus(1))].into_iter().flatten().min()
}

/// The day noted in a record. The first day of all says "compare whatever is there", and names no payload to ask for: a
/// series interrupted in its first run must not be taken for one whose history since 1970 is missing.
fn noted(commit: &Commit) -> Option<Day> {
    commit.reconcile_from.filter(|day| *day > Day::from_epoch_days(0))
}

/// The first finished day that a download did not get. Those beyond its window are kept in mind by their files in
/// quarantine: noted, they would have every run compare all the days since.
pub fn earliest_failure(outcome: &SymbolOutcome, today: Day) -> Option<Day> {
    let failed = outcome.failed.iter().map(|(day, _)| *day);
    failed.filter(|day| *day < today && !outcome.beyond.contains(day)).min()
}

/// What the download of this run has asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sought {
    /// From this day on.
    pub from: Day,
    /// The first day it did not get.
    pub failure: Option<Day>,
}

/// From where on a series stays to be compared again after a run over `window`.
///
/// A noted day that was not asked for and still has no payload stays noted. A note speaks of all days from its own on,
/// so those up to `last_date` that the window did not reach stay noted too.
pub fn still_behind(
    commit: Option<&Commit>,
    window: Window,
    sought: Option<Sought>,
    has_payload: impl FnOnce(Day) -> bool,
) -> Option<Day> {
    let last_date = commit.and_then(|commit| commit.last_date);
    let unreached = last_date.filter(|last| *last > window.to).map(|_| window.to.plus(1));
    let anything = commit.and_then(|commit| commit.reconcile_from);
    let unseen = anything.and_then(|day| if day > window.to { Some(day) } else { unreached });
    let asked = |day: Day| sought.is_some_and(|sought| day >= sought.from);
    let noted = commit.and_then(noted).filter(|day| *day <= window.to && !asked(*day));
    let missing = noted.filter(|day| !has_payload(*day));
    let failure = sought.and_then(|sought| sought.failure);
    [unseen, missing, failure].into_iter().flatten().min()
}
