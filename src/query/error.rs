//! What can go wrong between a question and its rows, named by what the reader should do.

use std::path::PathBuf;

use super::Select;
use crate::model::cascade::NoOrder;
use crate::model::rollover::{Adjustment, Impossible, NotACalendar};
use crate::model::{Symbol, Timeframe};
use crate::store::StoreError;

/// Why a query has no answer.
#[derive(Debug, thiserror::Error)]
pub enum QueryError {
    /// The select word cannot be read: write it again.
    #[error("'{word}' is not a selection: {reason} (for example EUR-USD/1h or EUR-USD/1h,4h:skiplast)")]
    Select {
        /// As it was typed.
        word: String,
        /// What is wrong with it.
        reason: String,
    },
    /// A modifier this engine does not have.
    #[error("'{word}': the modifier '{modifier}' is not known; there are panama, ratio and skiplast")]
    Modifier {
        /// As it was typed.
        word: String,
        /// The modifier.
        modifier: String,
    },
    /// Nobody said when the contracts of a symbol rolled: fetch the calendar, or write it.
    #[error(
        "{symbol}:{adjustment} needs the roll calendar {path}, which is not there: `engine rollover {symbol}` fetches it from the provider, or write it by hand (a line date,gap and below it lines such as 2025-12-23,-0.44)",
        path = path.display()
    )]
    NoCalendar {
        /// Whose contracts.
        symbol: Symbol,
        /// What was asked for.
        adjustment: Adjustment,
        /// Where the calendar is looked for.
        path: PathBuf,
    },
    /// A roll calendar that cannot be read: correct the line.
    #[error("{path}:{line}: {reason}", path = path.display(), line = .reason.line)]
    Calendar {
        /// The file.
        path: PathBuf,
        /// Line, reason and remedy.
        reason: NotACalendar,
    },
    /// Prices cannot be scaled over an event: correct it, or add instead.
    #[error(
        "{path}:{line}: a {kind} of {value} on {day} leaves nothing of the close before it, {close}, to scale by: correct the line, or ask for {symbol}:panama, which adds",
        path = path.display(), line = .event.line, kind = .event.event.kind, value = .event.event.value,
        day = .event.event.day, close = .event.close
    )]
    NoRatio {
        /// Whose prices.
        symbol: Symbol,
        /// The calendar.
        path: PathBuf,
        /// The event, its line, and the close.
        event: Impossible,
    },
    /// The stored bars are not those that the 1m series makes by the present configuration.
    #[error("{}/{} holds a bar at {time_ms} ms which its 1m series does not make: run `engine rebuild resample --symbols {}`", .select.symbol, .select.timeframe, .select.symbol)]
    Unfolded {
        /// The series that was read.
        select: Select,
        /// Label of the bar, UTC.
        time_ms: i64,
    },
    /// The configuration gives a symbol's timeframes no order: correct it.
    #[error(transparent)]
    Timeframes(#[from] NoOrder),
    /// The lake said no.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// No such symbol: choose another.
    #[error("unknown symbol '{symbol}'{}", did_you_mean(.nearest))]
    UnknownSymbol {
        /// The one asked for.
        symbol: Symbol,
        /// The nearest ones there are.
        nearest: Vec<String>,
    },
    /// No such timeframe: choose another.
    #[error("unknown timeframe '{timeframe}' of {symbol}{}; there are {}", did_you_mean(.nearest), .known.join(", "))]
    UnknownTimeframe {
        /// Of this symbol.
        symbol: Symbol,
        /// The one asked for.
        timeframe: Timeframe,
        /// The nearest ones there are.
        nearest: Vec<String>,
        /// All there are.
        known: Vec<String>,
    },
    /// No such table: choose another.
    #[error(
        "unknown table '{name}'{}; `engine list tables` shows what there is, and \"EUR-USD/1h\" in double quotes names a series as elsewhere",
        did_you_mean(.nearest)
    )]
    UnknownTable {
        /// As it was typed.
        name: String,
        /// The nearest ones there are.
        nearest: Vec<String>,
    },
    /// Several series share the short name of a table: write the select word of one of them.
    #[error("table '{name}' may be {}: write one of them, in double quotes", .series.join(" or "))]
    AmbiguousTable {
        /// As it was typed.
        name: String,
        /// Select words in double quotes.
        series: Vec<String>,
    },
    /// A time that cannot be read: write it again.
    #[error(
        "'{text}' is not a time: {reason} (for example 2024-01-31, '2024-01-31 14:30', 2024-01-31T14:30:00Z or 1706711400000)"
    )]
    Time {
        /// As it was typed.
        text: String,
        /// What is wrong with it.
        reason: &'static str,
    },
    /// A clock that is not known: choose another.
    #[error("unknown clock '{text}'{}; write server, utc, exchange or an IANA time zone such as Europe/Paris", did_you_mean(.nearest))]
    Clock {
        /// As it was typed.
        text: String,
        /// The nearest zones there are.
        nearest: Vec<String>,
    },
    /// A bar that no calendar has: another program wrote the file, or the disk lost it.
    #[error("{}/{} holds a bar at {time_ms} ms, which no calendar has: run `engine verify`", .select.symbol, .select.timeframe)]
    Damaged {
        /// The series that was read.
        select: Select,
        /// What the output clock would show.
        time_ms: i64,
    },
    /// The receiver of the rows failed; a closed pipe arrives here too.
    #[error("the rows cannot be written")]
    Write(#[from] std::io::Error),
    /// The frame library refused.
    #[error("the rows cannot be put into columns")]
    Frame(#[from] polars::error::PolarsError),
}

/// The first clause of a sentence that goes on, or nothing.
fn did_you_mean(nearest: &[String]) -> String {
    match nearest {
        [] => String::new(),
        [one] => format!(" (did you mean {one}?)"),
        [most @ .., last] => format!(" (did you mean {} or {last}?)", most.join(", ")),
    }
}
