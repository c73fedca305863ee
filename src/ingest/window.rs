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

/// The days of a symbol to have in the cache: those asked for, else the last seven; in any case those that are behind.
/// A symbol never seen begins at `history_start`, where there is one.
pub fn download_window(request: &Request, commit: Option<&Commit>, history_start: Option<Day>) -> Window {
    let to = request.to.unwrap_or(request.today).min(request.today);
    let asked = request.from.unwrap_or(request.today.plus(-DEFAULT_DAYS));
    let from = match commit {
        Some(commit) => asked.min(behind(commit).unwrap_or(asked)),
        None if request.from.is_none() => asked.min(history_start.unwrap_or(asked)),
        None => asked,
    };
    Window { from, to }
}

/// The days of a series to compare with their payloads.
pub fn aggregate_window(request: &Request, commit: &Commit) -> Window {
    download_window(request, Some(commit), None)
}

/// The first day that a series is behind on: noted as to be compared again, or after the last one aggregated.
fn behind(commit: &Commit) -> Option<Day> {
    [commit.reconcile_from, commit.last_date.map(|date| date.plus(1))].into_iter().flatten().min()
}

/// The first finished day that a download did not get.
pub fn earliest_failure(outcome: &SymbolOutcome, today: Day) -> Option<Day> {
    outcome.failed.iter().map(|(day, _)| *day).filter(|day| *day < today).min()
}

/// From where on a series stays to be compared again after a run over `window`.
///
/// `failure` is the first day that the download of this run did not get; `None` within `Some` when it got all.
/// Without a download, a noted day that still has no payload stays noted. A note speaks of all days from its own on, so
/// those up to `last_date` that the window did not reach stay noted too.
pub fn still_behind(
    commit: Option<&Commit>,
    window: Window,
    failure: Option<Option<Day>>,
    has_payload: impl FnOnce(Day) -> bool,
) -> Option<Day> {
    let noted = commit.and_then(|commit| commit.reconcile_from);
    let last_date = commit.and_then(|commit| commit.last_date);
    let unreached = last_date.filter(|last| *last > window.to).map(|_| window.to.plus(1));
    let unseen = noted.and_then(|day| if day > window.to { Some(day) } else { unreached });
    let missing = match failure {
        Some(failure) => failure,
        None => noted.filter(|day| *day > Day::from_epoch_days(0) && *day <= window.to && !has_payload(*day)),
    };
    [unseen, missing].into_iter().flatten().min()
}
