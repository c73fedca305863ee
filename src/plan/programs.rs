//! The user's programs: bars go out to their stdin, columns come back from their stdout, both as Arrow IPC streams.

use std::io::Cursor;

use polars::prelude::*;

use super::ProgramError;
use super::asks::OF_BARS;
use super::child::{Heard, Order, converse};
use crate::model::settings::OwnProgram;
use crate::query::Select;

/// What an answer may have besides its values, at least.
const BYTES_APART: usize = 1 << 20;
/// Of a value in an answer: a number, whether it is there, and the surroundings of short batches.
const BYTES_A_VALUE: usize = 32;

/// The columns of a program for the rows of a frame, named as requests name them.
pub(super) fn answer(
    name: &str,
    program: &OwnProgram,
    select: &Select,
    frame: &DataFrame,
    inputs: &[String],
) -> Result<Vec<Column>, ProgramError> {
    let rows = frame.height();
    let wanted = wanted(name, program);
    if rows == 0 {
        let empty = |name: &String| Column::new_empty(name.as_str().into(), &DataType::Float64);
        return Ok(wanted.iter().map(|(_, name)| empty(name)).collect());
    }
    let sent = sent(frame, inputs)?;
    let values = rows.saturating_mul(sent.width() + wanted.len() + 1);
    let environment = [
        ("ENGINE_INDICATOR", name.to_owned()),
        ("ENGINE_SYMBOL", select.symbol.to_string()),
        ("ENGINE_TIMEFRAME", select.timeframe.to_string()),
    ];
    let order = Order {
        command: &program.command,
        folder: &program.folder,
        environment: &environment,
        timeout: program.timeout,
        answer_bytes_max: values.saturating_mul(BYTES_A_VALUE).saturating_add(BYTES_APART),
    };
    let heard = converse(&order, move |pipe| {
        let mut sent = sent;
        IpcStreamWriter::new(pipe).finish(&mut sent).map_err(std::io::Error::other)
    })?;
    for line in heard.complaints.lines() {
        tracing::info!("indicators.{name}: {line}");
    }
    let answered = frame_of(&heard)?;
    if answered.height() != rows {
        return Err(ProgramError::Rows { rows: answered.height(), wanted: rows });
    }
    columns(&answered, wanted)
}

/// Names in the answer (none: whatever its only column is called), and as requests name them.
fn wanted(name: &str, program: &OwnProgram) -> Vec<(Option<String>, String)> {
    if program.columns.is_empty() {
        return vec![(None, name.to_owned())];
    }
    program.columns.iter().map(|column| (Some(column.clone()), format!("{name}__{column}"))).collect()
}

/// The bars' own columns, times first, then the requested ones, in one piece.
fn sent(frame: &DataFrame, inputs: &[String]) -> Result<DataFrame, ProgramError> {
    const FIRST: [&str; 2] = ["time_ms", "server_time_ms"];
    let prices = OF_BARS.iter().filter(|name| !FIRST.contains(*name));
    let of_bars = FIRST.iter().chain(prices).copied();
    let asked = inputs.iter().map(String::as_str).filter(|name| !OF_BARS.contains(name));
    let sent = frame.select(of_bars.chain(asked));
    let mut sent = sent.map_err(|error| ProgramError::Pipe(std::io::Error::other(error)))?;
    sent.rechunk_mut_par();
    Ok(sent)
}

/// Every stream begins with this.
const STREAM: [u8; 4] = [0xFF; 4];
/// Every file with this.
const FILE: &[u8] = b"ARROW1";

fn frame_of(heard: &Heard) -> Result<DataFrame, ProgramError> {
    let not_arrow = |reason: String| ProgramError::NotArrow {
        reason,
        was_fed: heard.was_fed,
        said: heard.complaints.clone(),
    };
    let answer = &heard.answer;
    if answer.is_empty() {
        return Err(not_arrow("nothing is written on stdout".to_owned()));
    }
    if answer.starts_with(FILE) {
        let remedy = "pyarrow.ipc.new_stream and polars' write_ipc_stream write streams";
        return Err(not_arrow(format!("it is an Arrow file; {remedy}")));
    }
    if !answer.starts_with(&STREAM) {
        return Err(not_arrow(format!("it begins with {}", beginning(answer))));
    }
    IpcStreamReader::new(Cursor::new(answer)).finish().map_err(|error| not_arrow(error.to_string()))
}

/// The first of some bytes, as text where they are text.
fn beginning(bytes: &[u8]) -> String {
    let first = &bytes[..bytes.len().min(40)];
    let text = String::from_utf8_lossy(first);
    let line = text.lines().next().unwrap_or_default();
    if !line.is_empty() && line.chars().all(|c| !c.is_control() && c != char::REPLACEMENT_CHARACTER) {
        return format!("'{line}': whatever it prints belongs on stderr");
    }
    let digits: Vec<String> = first.iter().take(8).map(|byte| format!("{byte:02x}")).collect();
    format!("the bytes {}", digits.join(" "))
}

fn columns(answered: &DataFrame, wanted: Vec<(Option<String>, String)>) -> Result<Vec<Column>, ProgramError> {
    let has: Vec<String> = answered.get_column_names().into_iter().map(|name| name.to_string()).collect();
    let promised: Vec<String> = wanted.iter().filter_map(|(column, _)| column.clone()).collect();
    if let Some(column) = promised.iter().find(|column| !has.contains(column)) {
        return Err(ProgramError::Missing { column: column.clone(), has, wanted: promised });
    }
    if has.len() != wanted.len() {
        return Err(ProgramError::Extra { has, wanted: promised });
    }
    let mut made = Vec::with_capacity(wanted.len());
    for (column, name) in wanted {
        let place = has.iter().position(|known| Some(known) == column.as_ref()).unwrap_or(0);
        made.push(numbers(&answered.columns()[place])?.with_name(name.as_str().into()));
    }
    Ok(made)
}

fn numbers(column: &Column) -> Result<Column, ProgramError> {
    let refuse =
        || ProgramError::Type { column: column.name().to_string(), found: column.dtype().to_string() };
    let dtype = column.dtype();
    if !(dtype.is_primitive_numeric() || dtype.is_bool() || dtype.is_null()) {
        return Err(refuse());
    }
    column.cast(&DataType::Float64).map_err(|_| refuse())
}
