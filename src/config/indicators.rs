//! The indicators section: the user's own, by name.

use std::collections::BTreeMap;
use std::path::Path;

use crate::model::settings::{OwnIndicator, OwnProgram};

use super::error::Fault;
use super::keys::KEYS;
use super::reader::Section;
use super::values;

/// Names that requests and expressions give to the bars' own columns.
pub(super) const TAKEN: &[&str] = &[
    "open",
    "high",
    "low",
    "close",
    "volume",
    "hl2",
    "hlc3",
    "ohlc4",
    "hlcc4",
    "time",
    "time_ms",
    "server_time_ms",
    "symbol",
    "timeframe",
    "count",
    "closed",
];

/// Keys that only programs take.
const OF_PROGRAMS: [&str; 4] = ["columns", "inputs", "warm_up", "timeout"];

pub(super) fn own(section: &Section<'_>, folder: &Path) -> BTreeMap<String, OwnIndicator> {
    let entries = section.sections().into_iter();
    entries.filter_map(|(entry, own)| Some((name(section, &entry.key)?, indicator(&own, folder)?))).collect()
}

/// A request is read by its underscores and brackets, so a name has letters, digits and single underscores only.
fn name(section: &Section<'_>, key: &str) -> Option<String> {
    match plain_name(key) {
        Err(fault) => section.problem(key, fault),
        Ok(_) if TAKEN.contains(&key.to_ascii_lowercase().as_str()) => {
            let reason = format!("'{key}' is a column that bars have");
            section.problem(key, Fault::new(reason, format!("take another name, such as my_{key}")));
        }
        Ok(name) => return Some(name),
    }
    None
}

fn plain_name(key: &str) -> Result<String, Fault> {
    let plain = key.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
    let begins = key.bytes().next().is_some_and(|byte| byte.is_ascii_alphabetic());
    if plain && begins && !key.contains("__") && !key.ends_with('_') {
        return Ok(key.to_owned());
    }
    let remedy = "begin with a letter; then letters, digits and single underscores between them";
    Err(Fault::new(format!("'{key}' is no name of an indicator or column"), remedy))
}

fn indicator(section: &Section<'_>, folder: &Path) -> Option<OwnIndicator> {
    let is_written = |key: &&&str| section.field(key).is_some();
    let of_program = OF_PROGRAMS.iter().find(is_written);
    match (section.field("expr").is_some(), section.field("command").is_some(), of_program) {
        (true, true, _) => {
            let fault = Fault::new("expr and command are both written", "keep one of the two");
            section.problem("command", fault);
            None
        }
        (true, false, None) => section.value("expr", expression),
        (true, false, Some(key)) => {
            let reason = format!("{key} is for programs only, and this is an expression");
            section.problem(key, Fault::new(reason, "remove it"));
            None
        }
        (false, false, None) => {
            let remedy = "write expr: \"close - sma_20\", or command: [python3, my_program.py]";
            section.problem("expr", Fault::new("neither an expression nor a command is written", remedy));
            None
        }
        (false, _, _) => program(section, folder).map(OwnIndicator::Program),
    }
}

fn expression(text: &str) -> Result<OwnIndicator, Fault> {
    match text.trim() {
        "" => {
            Err(Fault::new("the expression is empty", "write an SQL expression such as \"close - sma_20\""))
        }
        expr => Ok(OwnIndicator::Expr { expr: expr.to_owned() }),
    }
}

fn program(section: &Section<'_>, folder: &Path) -> Option<OwnProgram> {
    let command = section.list("command", |text| Ok(text.to_owned()));
    let columns = section.list("columns", plain_name);
    let twice = columns.iter().enumerate().find(|(n, column)| columns[..*n].contains(column));
    if let Some((_, column)) = twice {
        let reason = format!("column '{column}' is written twice");
        section.problem("columns", Fault::new(reason, "give each a name of its own"));
    }
    let inputs = section.list("inputs", |text| Ok(text.trim().to_owned()));
    let warm_up = setting(section, "warm_up", warm_up);
    let timeout = setting(section, "timeout", values::seconds);
    let command = sound_command(section, command)?;
    Some(OwnProgram { command, folder: folder.to_path_buf(), columns, inputs, warm_up, timeout })
}

fn sound_command(section: &Section<'_>, command: Vec<String>) -> Option<Vec<String>> {
    let remedy = "write a list: [python3, my_program.py]";
    let fault = match &command[..] {
        [] if section.field("command").is_none() => Fault::new("a command is missing", remedy),
        [] => Fault::new("the command is empty", remedy),
        [program, ..] if program.trim().is_empty() => Fault::new("the program has no name", remedy),
        parts if parts.iter().any(|part| part.contains('\0')) => {
            Fault::new("a command cannot hold a zero byte", remedy)
        }
        [line] if line.contains(char::is_whitespace) => {
            let words: Vec<&str> = line.split_whitespace().collect();
            let remedy = format!("write its parts as a list: [{}]", words.join(", "));
            Fault::new(format!("'{line}' is a line for a shell, not a program"), remedy)
        }
        _ => return Some(command),
    };
    section.problem("command", fault);
    None
}

/// A value whose default stands in the table of keys under the section's `*`.
fn setting<T>(section: &Section<'_>, key: &str, parse: impl Fn(&str) -> Result<T, Fault>) -> T {
    section.value(key, &parse).unwrap_or_else(|| {
        let path = format!("indicators.*.{key}");
        let default = KEYS.iter().find(|known| known.path == path).map_or("", |known| known.default);
        let Ok(value) = parse(default) else { unreachable!("the defaults of indicators.* are readable") };
        value
    })
}

/// Bars before a row; `None` is the whole history.
fn warm_up(text: &str) -> Result<Option<usize>, Fault> {
    if text.trim().eq_ignore_ascii_case("history") {
        return Ok(None);
    }
    let refuse =
        |fault: Fault| Fault::new(fault.reason, "write a number of bars from 0 to 10000000, or history");
    values::whole(0..=10_000_000)(text).map(|rows| Some(rows as usize)).map_err(refuse)
}
