use std::time::Duration;

use crate::indicators::IndicatorError;
use crate::model::cascade::NoOrder;
use crate::query::QueryError;
use crate::store::StoreError;

/// Why a question has no answer.
#[derive(Debug, thiserror::Error)]
pub enum PlanError {
    /// The lake said no.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The selection, a time or a name is wrong.
    #[error(transparent)]
    Query(#[from] QueryError),
    /// The timeframes cannot be put in order.
    #[error(transparent)]
    Order(#[from] NoOrder),
    /// A request for an indicator is wrong.
    #[error(transparent)]
    Indicator(#[from] IndicatorError),
    /// What follows the @ is no series.
    #[error("indicator '{text}': after the @ comes a timeframe, a symbol, or SYMBOL/TIMEFRAME")]
    Place {
        /// As typed.
        text: String,
    },
    /// One of the user's expressions cannot be read, or looks at later bars.
    #[error(
        "indicators.{name}.expr: {reason}; it is an SQL expression over columns, such as \"(close - sma_20) / atr_14\""
    )]
    Expression {
        /// Of which indicator.
        name: String,
        /// What the reader of expressions says.
        reason: String,
    },
    /// What one of the user's indicators is made of is not there.
    #[error("indicators.{name}.{key}: {source}")]
    Needs {
        /// Of which indicator.
        name: String,
        /// `expr` or `inputs`.
        key: &'static str,
        /// What is wrong with it.
        source: Box<PlanError>,
    },
    /// One of the user's programs did not answer as it should.
    #[error("indicators.{name}: {command}: {source}")]
    Program {
        /// Of which indicator.
        name: String,
        /// As it was started.
        command: String,
        /// What went wrong.
        source: ProgramError,
    },
    /// Indicators of the user's that are made of each other.
    #[error("indicators of the configuration are made of each other: {path}")]
    Cycle {
        /// The way round.
        path: String,
    },
    /// Series of series of series.
    #[error("{select}: requests of other symbols and timeframes are nested too deeply")]
    TooDeep {
        /// Where it was given up.
        select: String,
    },
    /// The frame library refused.
    #[error("the indicators cannot be computed")]
    Frame(#[from] polars::prelude::PolarsError),
}

/// What a program of the user's did instead of answering the columns it is there for.
#[derive(Debug, thiserror::Error)]
pub enum ProgramError {
    /// Nothing of this name can be started.
    #[error("'{program}' is not found: {hint}")]
    NotFound {
        /// As it was looked for.
        program: String,
        /// Where it was looked for.
        hint: String,
    },
    /// It is there and does not start.
    #[error("'{program}' cannot be started: {reason}")]
    NotStarted {
        /// Where it is.
        program: String,
        /// What the system says, and what helps.
        reason: String,
    },
    /// It was ended when its time was up.
    #[error("no answer within {} s (timeout): it was ended{}", .after.as_secs_f64(), last_lines(.said))]
    TooLate {
        /// The time it had.
        after: Duration,
        /// The end of its stderr.
        said: String,
    },
    /// It ended with a code other than 0.
    #[error("it ended with exit code {code}{}{}", unread(*.was_fed), last_lines(.said))]
    Failed {
        /// The code.
        code: i32,
        /// Whether it had read its input.
        was_fed: bool,
        /// The end of its stderr.
        said: String,
    },
    /// A signal ended it.
    #[error("signal {signal}{} ended it{}{}", signal_name(*.signal), unread(*.was_fed), last_lines(.said))]
    Killed {
        /// Its number.
        signal: i32,
        /// Whether it had read its input.
        was_fed: bool,
        /// The end of its stderr.
        said: String,
    },
    /// It wrote more than any right answer has.
    #[error("it answered more than {bytes_max} bytes: it was ended")]
    TooMuch {
        /// The limit.
        bytes_max: usize,
    },
    /// What it wrote on stdout is no Arrow IPC stream.
    #[error("its answer is no Arrow IPC stream: {reason}{}{}", unread(*.was_fed), last_lines(.said))]
    NotArrow {
        /// What it is instead.
        reason: String,
        /// Whether it had read its input.
        was_fed: bool,
        /// The end of its stderr.
        said: String,
    },
    /// A row is missing, or there is one too many.
    #[error("it answered {rows} rows to {wanted}: a row for each bar is wanted")]
    Rows {
        /// Those it answered.
        rows: usize,
        /// Those it got.
        wanted: usize,
    },
    /// A column that was promised is not there.
    #[error("its answer has no column '{column}' but {}; `columns` promises {}", listed(.has), listed(.wanted))]
    Missing {
        /// The first that is not there.
        column: String,
        /// Those that are.
        has: Vec<String>,
        /// Those that were promised.
        wanted: Vec<String>,
    },
    /// A column nobody has asked for.
    #[error("its answer has the columns {}; wanted: {}", listed(.has), wanted_words(.wanted))]
    Extra {
        /// Those that are there.
        has: Vec<String>,
        /// Those that were promised; none for a single one of any name.
        wanted: Vec<String>,
    },
    /// A column that is no number.
    #[error("its column '{column}' holds {found}: numbers are wanted")]
    Type {
        /// The column.
        column: String,
        /// What it holds.
        found: String,
    },
    /// A pipe failed.
    #[error("its output cannot be read: {0}")]
    Pipe(std::io::Error),
}

fn wanted_words(wanted: &[String]) -> String {
    match wanted {
        [] => "one column, or the names of all of them as `columns` in the configuration".to_owned(),
        names => format!("{} only, as `columns` in the configuration says", listed(names)),
    }
}

/// Lines of stderr that are shown.
const LINES: usize = 8;

fn last_lines(said: &str) -> String {
    let lines: Vec<&str> = said.lines().map(str::trim_end).filter(|line| !line.is_empty()).collect();
    let shown: Vec<String> =
        lines[lines.len().saturating_sub(LINES)..].iter().map(|line| format!("\n  {line}")).collect();
    if shown.is_empty() { String::new() } else { format!("; it said:{}", shown.concat()) }
}

fn unread(was_fed: bool) -> &'static str {
    if was_fed { "" } else { ", without having read its input to the end" }
}

fn signal_name(signal: i32) -> &'static str {
    match signal {
        6 => " (abort)",
        9 => " (kill)",
        11 => " (segmentation fault)",
        13 => " (broken pipe)",
        15 => " (terminate)",
        _ => "",
    }
}

fn listed(names: &[String]) -> String {
    match names {
        [] => "no column".to_owned(),
        [one] => format!("'{one}'"),
        [most @ .., last] => {
            format!(
                "{} and '{last}'",
                most.iter().map(|name| format!("'{name}'")).collect::<Vec<_>>().join(", ")
            )
        }
    }
}
