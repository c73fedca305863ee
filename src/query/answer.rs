//! A whole frame of any columns as text.

use std::io::Write;

use polars::prelude::*;

use super::rows::TIME_FORMAT;
use super::{Format, QueryError};

/// How dates without a time are written.
const DAY_FORMAT: &str = "%Y-%m-%d";

/// Writes a frame in a format of rows; a table is at most `width_max` characters wide. Returns how many columns of a table
/// do not fit: the last ones are left out.
///
/// # Errors
/// [`QueryError::Frame`] when a column holds what the format cannot say, [`QueryError::Write`] when the receiver fails.
pub fn write_frame(
    mut frame: DataFrame,
    format: Format,
    width_max: Option<usize>,
    mut out: impl Write,
) -> Result<usize, QueryError> {
    match format {
        Format::Table => return table(&frame, width_max, &mut out),
        Format::Csv | Format::Mt4 => {
            let writer = CsvWriter::new(&mut out).with_date_format(Some(DAY_FORMAT.into()));
            writer.with_datetime_format(Some(TIME_FORMAT.into())).finish(&mut frame)?;
        }
        Format::Json => json(&mut out, said(frame)?)?,
        Format::Ndjson => {
            let mut writer = JsonWriter::new(&mut out).with_json_format(JsonFormat::JsonLines);
            writer.finish(&mut said(frame)?)?;
        }
    }
    Ok(0)
}

/// An array with an object a line.
fn json(out: &mut impl Write, mut frame: DataFrame) -> Result<(), QueryError> {
    if frame.height() == 0 {
        return Ok(out.write_all(b"[]\n")?);
    }
    let mut lines = Vec::new();
    JsonWriter::new(&mut lines).with_json_format(JsonFormat::JsonLines).finish(&mut frame)?;
    let lines = lines.split(|byte| *byte == b'\n').filter(|line| !line.is_empty());
    for (place, line) in lines.enumerate() {
        out.write_all(if place == 0 { b"[\n" } else { b",\n" })?;
        out.write_all(line)?;
    }
    Ok(out.write_all(b"\n]\n")?)
}

/// The same with times as people read them.
fn said(mut frame: DataFrame) -> PolarsResult<DataFrame> {
    for name in frame.get_column_names_owned() {
        let column = frame.column(&name)?;
        let text = match column.dtype() {
            DataType::Datetime(_, None) => column.datetime()?.to_string(TIME_FORMAT)?,
            DataType::Date => column.date()?.to_string(DAY_FORMAT)?,
            _ => continue,
        };
        frame.with_column(text.into_column())?;
    }
    Ok(frame)
}

/// Numbers to the right, all else to the left, two spaces between.
fn table(frame: &DataFrame, width_max: Option<usize>, out: &mut impl Write) -> Result<usize, QueryError> {
    let said = said(frame.clone())?;
    let cells: Vec<Vec<String>> = said.columns().iter().map(cells).collect();
    let name = |place: usize| said.columns()[place].name().as_str();
    let width = |place: usize| {
        let widths = cells[place].iter().map(|cell| cell.chars().count());
        widths.fold(name(place).chars().count(), usize::max)
    };
    let widths: Vec<usize> = (0..cells.len()).map(width).collect();
    let mut shown = cells.len();
    let fits = |shown: usize| {
        width_max.is_none_or(|most| widths[..shown].iter().map(|width| width + 2).sum::<usize>() <= most + 2)
    };
    // One column is always shown.
    while shown > 1 && !fits(shown) {
        shown -= 1;
    }
    let line = |cell: &dyn Fn(usize) -> String| {
        let mut line = String::new();
        for (place, width) in widths[..shown].iter().enumerate() {
            let is_number = said.columns()[place].dtype().is_primitive_numeric();
            let cell = cell(place);
            line += &if is_number { format!("{cell:>width$}  ") } else { format!("{cell:<width$}  ") };
        }
        line.trim_end().to_owned() + "\n"
    };
    out.write_all(line(&|place| name(place).to_owned()).as_bytes())?;
    for row in 0..said.height() {
        out.write_all(line(&|place| cells[place][row].clone()).as_bytes())?;
    }
    Ok(cells.len() - shown)
}

/// Numbers are the shortest that read back as the same; what is not there is an empty cell, as in csv.
fn cells(column: &Column) -> Vec<String> {
    let cell = |value: AnyValue<'_>| match value {
        AnyValue::Null => String::new(),
        AnyValue::Float64(number) => format!("{number:?}"),
        AnyValue::Float32(number) => format!("{number:?}"),
        AnyValue::String(text) => text.to_owned(),
        other => other.to_string(),
    };
    column.as_materialized_series().iter().map(cell).collect()
}
