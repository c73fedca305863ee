//! Frames as lines of comma-separated values.
//!
//! polars can do that too, with a format string for every time and a general routine for every number; of bars more is
//! known: times mostly have the date of the one before, and prices as many decimals.

use polars::prelude::*;
use rayon::prelude::*;

use super::BuildError;
use crate::model::lines::WallTimes;
use crate::model::shortest::{Shortest, write_whole};

/// Rows that one thread turns into text at a time.
const PIECE_ROWS: usize = 1 << 14;
/// A line of bars is about so long.
const LINE_BYTES: usize = 96;

/// The lines of a frame, without a header, in pieces that were made on all cores. A value that is missing is nothing
/// between its commas.
///
/// # Errors
/// [`BuildError::Frame`] for a kind of column that has no text.
pub(super) fn csv_rows(frame: &DataFrame) -> Result<Vec<Vec<u8>>, BuildError> {
    let columns = frame.columns().iter().map(Cells::of).collect::<Result<Vec<_>, _>>()?;
    let rows = frame.height();
    let piece = |place: usize| {
        let rows = place * PIECE_ROWS..((place + 1) * PIECE_ROWS).min(rows);
        let mut text = Vec::with_capacity(rows.len() * LINE_BYTES);
        lines(&columns, rows, &mut text);
        text
    };
    // To wake up another thread would take longer than a short piece.
    if rows <= PIECE_ROWS {
        return Ok(vec![piece(0)]);
    }
    Ok((0..rows.div_ceil(PIECE_ROWS)).into_par_iter().map(piece).collect())
}

fn lines(columns: &[Cells], rows: std::ops::Range<usize>, text: &mut Vec<u8>) {
    // What was written last differs from column to column, and from thread to thread.
    let mut pens: Vec<Pen> = columns.iter().map(|_| Pen::default()).collect();
    for row in rows {
        for (place, (column, pen)) in columns.iter().zip(&mut pens).enumerate() {
            if place > 0 {
                text.push(b',');
            }
            column.write(row, pen, text);
        }
        text.push(b'\n');
    }
}

/// What a column's texts have in common from row to row.
#[derive(Default)]
struct Pen {
    numbers: Shortest,
    times: WallTimes,
}

/// One column, ready to be written.
enum Cells {
    /// The same in every row.
    Same(Vec<u8>),
    Floats(Float64Chunked),
    /// Without gaps, in one piece: what bars have.
    Prices(Float64Chunked),
    Whole(Int64Chunked),
    Times(Int64Chunked),
    Bools(BooleanChunked),
    Texts(StringChunked),
}

impl Cells {
    fn of(column: &Column) -> PolarsResult<Cells> {
        if let (Some(scalar), DataType::String) = (column.as_scalar_column(), column.dtype()) {
            let value = scalar.scalar().value();
            return Ok(Cells::Same(value.get_str().map_or_else(Vec::new, quoted)));
        }
        let series = column.as_materialized_series().rechunk();
        Ok(match series.dtype() {
            DataType::Float64 if series.null_count() == 0 => Cells::Prices(series.f64()?.clone()),
            DataType::Float64 => Cells::Floats(series.f64()?.clone()),
            DataType::Boolean => Cells::Bools(series.bool()?.clone()),
            DataType::String => Cells::Texts(series.str()?.clone()),
            DataType::Datetime(..) => {
                let times = series.cast(&DataType::Datetime(TimeUnit::Milliseconds, None))?;
                Cells::Times(times.datetime()?.physical().clone())
            }
            DataType::Int8
            | DataType::Int16
            | DataType::Int32
            | DataType::Int64
            | DataType::UInt8
            | DataType::UInt16
            | DataType::UInt32 => Cells::Whole(series.cast(&DataType::Int64)?.i64()?.clone()),
            kind if kind.is_float() => Cells::Floats(series.cast(&DataType::Float64)?.f64()?.clone()),
            // Dates and whatever else an answer of SQL may have, as polars words it.
            _ => Cells::Texts(series.cast(&DataType::String)?.str()?.clone()),
        })
    }

    #[inline]
    fn write(&self, row: usize, pen: &mut Pen, text: &mut Vec<u8>) {
        match self {
            Cells::Same(same) => text.extend_from_slice(same),
            Cells::Prices(values) => {
                let all = values.downcast_as_array().values();
                pen.numbers.write_with_point(all[row], text);
            }
            Cells::Floats(values) => {
                if let Some(value) = values.get(row) {
                    pen.numbers.write_with_point(value, text);
                }
            }
            Cells::Whole(values) => {
                if let Some(value) = values.get(row) {
                    write_whole(value, text);
                }
            }
            Cells::Times(values) => {
                if let Some(wall_ms) = values.get(row) {
                    pen.times.write(wall_ms, text);
                }
            }
            Cells::Bools(values) => {
                let word = values.get(row).map_or("", |value| if value { "true" } else { "false" });
                text.extend_from_slice(word.as_bytes());
            }
            Cells::Texts(values) => {
                if let Some(value) = values.get(row) {
                    text.extend_from_slice(&quoted(value));
                }
            }
        }
    }
}

/// A text as a line has it: in quotes where a comma or a line break within would be taken for the end of it.
pub(super) fn quoted(text: &str) -> Vec<u8> {
    if text.contains([',', '"', '\n', '\r']) {
        format!("\"{}\"", text.replace('"', "\"\"")).into_bytes()
    } else {
        text.as_bytes().to_vec()
    }
}
