//! The provider's list of monthly adjustments: the rolls of all its futures, as a script that calls a function.

use chrono::NaiveDate;
use serde_json::Value;

use crate::model::rollover::{Event, EventKind, provider_title};
use crate::model::{Day, Symbol};

/// Name of the function the answer is asked to call.
pub const CALLBACK: &str = "engine_rolls";

/// Why an answer is no list of adjustments. The remedy is always the same: ask again.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[allow(missing_docs)]
pub enum NotRolls {
    #[error("not {}([...]): it begins with '{begins}'", CALLBACK)]
    NotJsonp { begins: String },
    #[error("what {} is called with is no JSON: {why}", CALLBACK)]
    NotJson { why: String },
    #[error("what {} is called with is no array", CALLBACK)]
    NotAnArray,
    #[error("the list is empty")]
    Empty,
    #[error("row {row} is no object with a title")]
    NoTitle { row: usize },
    #[error("row {row} ({title}): {field} is {found}, not {expected}")]
    Field { row: usize, title: String, field: &'static str, found: String, expected: &'static str },
    #[error("row {row} ({title}): another value for {date}, which row {first} has already")]
    Twice { row: usize, title: String, date: Day, first: usize },
}

/// The list as it came, looked into as far as that every row has a title.
#[derive(Clone, Debug, PartialEq)]
pub struct Rolls {
    rows: Vec<(String, Value)>,
}

impl Rolls {
    /// Reads `CALLBACK([...])`, with or without a semicolon, and with the comment that some servers put before it.
    pub fn parse(bytes: &[u8]) -> Result<Rolls, NotRolls> {
        let text = String::from_utf8_lossy(bytes);
        let inner = argument(text.trim()).ok_or_else(|| NotRolls::NotJsonp { begins: beginning(&text) })?;
        let value: Value =
            serde_json::from_str(inner).map_err(|error| NotRolls::NotJson { why: error.to_string() })?;
        let Value::Array(rows) = value else { return Err(NotRolls::NotAnArray) };
        if rows.is_empty() {
            return Err(NotRolls::Empty);
        }
        let titled = |(place, row): (usize, Value)| {
            let title = row.get("title").and_then(Value::as_str).map(|title| title.trim().to_owned());
            title.map(|title| (title, row)).ok_or(NotRolls::NoTitle { row: place + 1 })
        };
        Ok(Rolls { rows: rows.into_iter().enumerate().map(titled).collect::<Result<_, _>>()? })
    }

    /// The rolls of one symbol, oldest first; none when the list does not know it.
    ///
    /// # Errors
    /// A row of that symbol without a date or a value, or two values for one date.
    pub fn of(&self, symbol: &Symbol) -> Result<Vec<Event>, NotRolls> {
        let title = provider_title(symbol);
        let mut found: Vec<(usize, Event)> = Vec::new();
        for (place, (name, row)) in self.rows.iter().enumerate() {
            if !name.eq_ignore_ascii_case(&title) {
                continue;
            }
            let event = event(place + 1, name, row)?;
            match found.iter().find(|(_, other)| other.day == event.day) {
                Some((_, other)) if other.value == event.value => {}
                Some(&(first, _)) => {
                    let (row, title, date) = (place + 1, name.clone(), event.day);
                    return Err(NotRolls::Twice { row, title, date, first });
                }
                None => found.push((place + 1, event)),
            }
        }
        found.sort_by_key(|(_, event)| event.day);
        Ok(found.into_iter().map(|(_, event)| event).collect())
    }

    /// The names in the list.
    pub fn titles(&self) -> impl Iterator<Item = &str> {
        self.rows.iter().map(|(title, _)| title.as_str())
    }
}

fn argument(text: &str) -> Option<&str> {
    let text = text.strip_prefix("/**/").unwrap_or(text).trim_start();
    let call = text.strip_prefix(CALLBACK)?.trim_start().strip_prefix('(')?;
    call.trim_end().trim_end_matches(';').trim_end().strip_suffix(')')
}

fn event(row: usize, title: &str, value: &Value) -> Result<Event, NotRolls> {
    let wrong = |field: &'static str, expected: &'static str| NotRolls::Field {
        row,
        title: title.to_owned(),
        field,
        found: value.get(field).map_or("missing".to_owned(), |found| beginning(&found.to_string())),
        expected,
    };
    let date = value.get("date").and_then(Value::as_str).and_then(date);
    let long = value.get("long").and_then(number);
    let day = date.ok_or_else(|| wrong("date", "a date such as 24-Dec-25"))?;
    let long = long.ok_or_else(|| wrong("long", "a number"))?;
    // What a long position is charged is what the new contract costs more or less; no sign on zero.
    Ok(Event { day, kind: EventKind::Roll, value: 0.0 - long })
}

fn date(text: &str) -> Option<Day> {
    let date = NaiveDate::parse_from_str(text.trim(), "%d-%b-%y").ok()?;
    date.format("%Y-%m-%d").to_string().parse().ok()
}

/// A number, or one in quotes.
fn number(value: &Value) -> Option<f64> {
    let number = match value {
        Value::String(text) => text.trim().parse().ok(),
        other => other.as_f64(),
    };
    number.filter(|number: &f64| number.is_finite())
}

/// Enough of a text to recognise it.
fn beginning(text: &str) -> String {
    text.trim().chars().map(|c| if c.is_control() { ' ' } else { c }).take(40).collect()
}
