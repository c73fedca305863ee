//! Why a query has no answer.

use polars::prelude::PolarsError;

use super::words::{marked, place_of};
use crate::plan::PlanError;
use crate::query::QueryError;

/// What stands in the way of an answer, named by what to write instead.
#[derive(Debug, thiserror::Error)]
pub enum SqlError {
    /// No query at all.
    #[error(
        "the query is empty: write one such as SELECT time, close FROM eurusd_1h ORDER BY time DESC LIMIT 10"
    )]
    Empty,
    /// A statement that would do something else than look.
    #[error("{word} is not possible here: the lake is only read, write SELECT or WITH ... SELECT")]
    NotASelect {
        /// What the query begins with.
        word: String,
    },
    /// A function that reads files.
    #[error(
        "{function} would read a file: the tables are the series of the lake, and `engine list tables` shows them"
    )]
    ReadsFiles {
        /// The function.
        function: String,
    },
    /// A name of the query's own that is a table already.
    #[error("'{name}' is a table of the lake: call what the query defines by another name")]
    TakenName {
        /// The name.
        name: String,
    },
    /// The query cannot be read or carried out as it is written.
    #[error("the query has no answer: {reason}")]
    Refused {
        /// What polars says, and where.
        reason: String,
    },
    /// Polars takes something for impossible that the query does.
    #[error("the query has no answer: polars stumbles over it, write it in another way")]
    Stumbled,
    /// A table that is not known, or may be several.
    #[error(transparent)]
    Table(#[from] QueryError),
    /// The lake or an indicator said no.
    #[error(transparent)]
    Plan(#[from] PlanError),
}

impl SqlError {
    /// What polars says about a query, for people: what is meant, and where.
    pub(super) fn refused(error: &PolarsError, text: &str, columns: &[String]) -> SqlError {
        SqlError::Refused { reason: reason(error, text, columns) }
    }
}

/// How the plan looked until then, and what to do in Rust, tells people nothing.
const PLAN: [&str; 3] =
    ["\n\nResolved plan until failure", "\n\nThis error occurred", "\n\nYou might want to try"];

fn reason(error: &PolarsError, text: &str, columns: &[String]) -> String {
    let said = error.to_string();
    let said = PLAN.iter().fold(&said[..], |said, plan| said.split(plan).next().unwrap_or(said)).trim();
    let said = ["sql parser error: ", "SQL interface: ", "SQL syntax: ", "not found: "]
        .iter()
        .fold(said, |said, prefix| said.strip_prefix(prefix).unwrap_or(said));
    if let Some((complaint, line, column)) = place_of(said) {
        let complaint = complaint.trim_start_matches("sql parser error: ");
        let marked = marked(text, line, column).map(|marked| format!("\n{marked}")).unwrap_or_default();
        return format!("{complaint} at line {line}, column {column}{marked}");
    }
    if said.starts_with("join type 'AsOf") {
        return "there is no ASOF JOIN; -i close@XAU-USD has what another series showed".to_owned();
    }
    if said.contains("cannot compare 'date/datetime/time' to a string") {
        return format!("{said}: write times as '2024-01-31' or '2024-01-31 14:30'");
    }
    let nearest = match error {
        PolarsError::ColumnNotFound(_) => said.split('"').nth(1).map(|name| near(name, columns)),
        _ => None,
    };
    format!("{said}{}", nearest.unwrap_or_default())
}

fn near(name: &str, columns: &[String]) -> String {
    match &crate::query::nearest(name, columns.iter().map(String::as_str))[..] {
        [] => String::new(),
        names => format!(" (did you mean {}?)", names.join(" or ")),
    }
}
