//! From the text of a query to its rows.

use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::Arc;

use polars::error::set_warning_function;
use polars::prelude::*;
use polars::sql::{SQLContext, extract_table_identifiers};

use super::SqlError;
use super::office::Office;
use super::table::Table;
use super::words::{defined_names, first_word};
use crate::indicators::{Ask, Graph};
use crate::plan::Desk;
use crate::query::{COLUMNS, ClockChoice, QueryError, Range, Select, table_select};

/// What is asked.
#[derive(Clone, Copy)]
pub struct SqlQuestion<'a> {
    /// One SELECT, perhaps with WITH before it.
    pub text: &'a str,
    /// The rows that tables have, before the query looks at them.
    pub range: Range,
    /// The clock of the column `time`, and of the range's times.
    pub clock: ClockChoice,
    /// Whether tables have no bars that may still change.
    pub closed_only: bool,
    /// Columns that every table has besides those of its bars.
    pub asks: &'a [Ask],
}

/// The rows a query answers.
#[derive(Debug)]
pub struct SqlAnswer {
    /// Columns as the query names them.
    pub frame: DataFrame,
    /// Series the query names that have no bars at all.
    pub missing: Vec<Select>,
}

/// What a query may begin with: nothing else only looks. `FROM t SELECT x` and a bare `FROM t` are queries too.
const FIRST_WORDS: [&str; 3] = ["SELECT", "WITH", "FROM"];

/// Table functions of polars: each reads a file.
const READERS: [&str; 4] = ["read_csv", "read_parquet", "read_ipc", "read_json"];

/// Enough for more terms than polars can hold in memory. Only what is used of it is taken.
const STACK_BYTES: usize = 256 << 20;

impl Desk<'_> {
    /// Answers a query in SQL over the series as tables.
    ///
    /// Only the series that the query names are opened; of these only the columns it uses are read, and only the rows
    /// that its conditions on `time` and `time_ms` leave, where they compare with values.
    ///
    /// # Errors
    /// [`SqlError::Table`] for a table nobody knows, [`SqlError::Refused`] for what polars cannot read or carry out.
    pub fn sql(&self, question: &SqlQuestion<'_>) -> Result<SqlAnswer, SqlError> {
        // Polars walks down an expression of a thousand terms a thousand calls deep.
        std::thread::scope(|scope| {
            let walk = std::thread::Builder::new().stack_size(STACK_BYTES);
            let walk =
                walk.spawn_scoped(scope, || self.carried_out(question)).map_err(|_| SqlError::Stumbled)?;
            walk.join().unwrap_or_else(|panic| resume_unwind(panic))
        })
    }

    fn carried_out(&self, question: &SqlQuestion<'_>) -> Result<SqlAnswer, SqlError> {
        let text = question.text;
        look_at(text)?;
        // Polars would tell those who write SQL what programmers of it should do instead.
        set_warning_function(|warning, _| tracing::debug!("{warning}"));
        let mut columns: Vec<String> = COLUMNS.map(str::to_owned).to_vec();
        columns.extend(Graph::new(question.asks).names().into_iter().map(str::to_owned));
        let refused = |error: &PolarsError| SqlError::refused(error, text, &columns);

        let names = extract_table_identifiers(text, false, true).map_err(|error| refused(&error))?;
        if let Some(reader) = names.iter().find(|name| READERS.contains(&&*name.to_ascii_lowercase())) {
            return Err(SqlError::ReadsFiles { function: reader.clone() });
        }
        let office = Arc::new(Office::of(self));
        let mut context = SQLContext::new();
        let mut unknown = BTreeMap::new();
        let mut missing = Vec::new();
        for name in names {
            match table_select(self.catalog, &name) {
                Ok(select) => {
                    if defined_names(text).contains(&name) {
                        return Err(SqlError::TakenName { name });
                    }
                    let table = open(self, &office, select, question)?;
                    missing.extend(table.is_missing().then(|| table.select.clone()));
                    context.register(&name, table.scan().map_err(|error| refused(&error))?);
                }
                // It may be the name of a query within the query: polars knows.
                Err(error) => drop(unknown.insert(name, error)),
            }
        }
        // Nothing of what is left half done by a panic is looked at again.
        let carried_out =
            catch_unwind(AssertUnwindSafe(|| context.execute(text).and_then(LazyFrame::collect)));
        let frame = carried_out.map_err(|_| SqlError::Stumbled)?.map_err(|error| {
            office.take_failed().map(SqlError::Plan).unwrap_or_else(|| {
                unknown_table(&error, &mut unknown).map_or_else(|| refused(&error), SqlError::Table)
            })
        })?;
        Ok(SqlAnswer { frame, missing })
    }
}

/// Whether a query only looks.
fn look_at(text: &str) -> Result<(), SqlError> {
    match first_word(text) {
        Some(word) if FIRST_WORDS.contains(&word.as_str()) => Ok(()),
        Some(word) => Err(SqlError::NotASelect { word }),
        None => Err(SqlError::Empty),
    }
}

fn open(
    desk: &Desk<'_>,
    office: &Arc<Office>,
    select: Select,
    question: &SqlQuestion<'_>,
) -> Result<Table, SqlError> {
    crate::query::check_calendar(desk.lake, &select)?;
    let clock = question.clock.for_symbol(desk.settings, &select.symbol);
    let closed_only = question.closed_only || select.skip_last;
    Ok(Table::open(office, select, clock, closed_only, question.asks, question.range)?)
}

/// What polars does not find and the catalogue does not know either.
fn unknown_table(error: &PolarsError, unknown: &mut BTreeMap<String, QueryError>) -> Option<QueryError> {
    let said = error.to_string();
    let is_it = |name: &&String| {
        said.contains(&format!("'{name}' was not found")) || said.contains(&format!("named '{name}' found"))
    };
    let name = unknown.keys().find(is_it)?.clone();
    unknown.remove(&name)
}
