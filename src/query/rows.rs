//! Frames as text on a writer, one batch after the other, in flat memory.

use std::io::Write;

use polars::prelude::*;

use super::QueryError;

/// The columns of machine formats, in order.
pub const COLUMNS: [&str; 11] =
    ["symbol", "timeframe", "time", "time_ms", "open", "high", "low", "close", "volume", "count", "closed"];

/// How `time` is written, in the output clock.
pub(super) const TIME_FORMAT: &str = "%Y-%m-%d %H:%M:%S";

/// What a table leaves out first when it does not fit, in this order; the rest it never leaves out.
const DISPENSABLE: [&str; 5] = ["time_ms", "count", "timeframe", "symbol", "closed"];

/// The rows by whose width a table is laid out.
const LAYOUT_ROWS: usize = 1_000;

/// How rows are written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Format {
    /// For people: columns aligned, as wide as fits.
    #[default]
    Table,
    /// One line a bar, with a header.
    Csv,
    /// An array of objects.
    Json,
    /// One object a line.
    Ndjson,
    /// `YYYY.MM.DD,HH:MM,open,high,low,close,volume` without a header, as MetaTrader 4 imports it.
    Mt4,
}

/// Writes frames in one format.
pub struct RowWriter<W: Write> {
    out: W,
    format: Format,
    width_max: Option<usize>,
    rows: u64,
    layout: Option<Layout>,
    text: Vec<u8>,
    /// Columns of the frames after those of the bars.
    more: Vec<String>,
}

/// The columns of a table, decided by its first rows.
struct Layout {
    /// Place in the frame, name, width.
    columns: Vec<(usize, String, usize)>,
    /// Columns beyond those of the bars that do not fit.
    left_out: usize,
}

impl<W: Write> RowWriter<W> {
    /// A writer of `format`; a table is at most `width_max` characters wide where that is possible.
    pub fn new(out: W, format: Format, width_max: Option<usize>) -> RowWriter<W> {
        RowWriter { out, format, width_max, rows: 0, layout: None, text: Vec::new(), more: Vec::new() }
    }

    /// The same for frames that have these columns after those of the bars, such as indicators.
    #[must_use]
    pub fn with_columns(mut self, names: Vec<String>) -> RowWriter<W> {
        self.more = names;
        self
    }

    /// How many of these columns a table leaves out because they do not fit; known after the first rows.
    pub fn columns_left_out(&self) -> usize {
        self.layout.as_ref().map_or(0, |layout| layout.left_out)
    }

    /// All columns, in order.
    fn columns(&self) -> Vec<String> {
        COLUMNS.iter().map(|name| (*name).to_owned()).chain(self.more.iter().cloned()).collect()
    }

    /// Writes the rows of a frame made by [`super::frame`].
    pub fn write(&mut self, frame: &DataFrame) -> Result<(), QueryError> {
        self.text.clear();
        match self.format {
            Format::Table => self.table(frame)?,
            Format::Csv => self.csv(frame, self.rows == 0)?,
            Format::Json => self.json(frame)?,
            Format::Ndjson => json_lines(frame, &mut self.text)?,
            Format::Mt4 => self.mt4(frame)?,
        }
        self.rows += frame.height() as u64;
        self.out.write_all(&self.text)?;
        Ok(())
    }

    /// Writes what the format ends with, a header too when there were no rows; returns the writer and the rows written.
    pub fn finish(mut self) -> Result<(W, u64), QueryError> {
        self.text.clear();
        match (self.format, self.rows) {
            (Format::Json, 0) => self.text.extend_from_slice(b"[]\n"),
            (Format::Json, _) => self.text.extend_from_slice(b"\n]\n"),
            (Format::Csv, 0) => {
                let names: Vec<String> = self.columns().iter().map(|name| quoted(name)).collect();
                self.text.extend_from_slice((names.join(",") + "\n").as_bytes());
            }
            (Format::Table, 0) => self.table_header(Layout::of(&self.columns(), &[], self.width_max)),
            _ => {}
        }
        self.out.write_all(&self.text)?;
        self.out.flush()?;
        Ok((self.out, self.rows))
    }

    fn csv(&mut self, frame: &DataFrame, header: bool) -> Result<(), QueryError> {
        CsvWriter::new(&mut self.text)
            .include_header(header)
            .with_datetime_format(Some(TIME_FORMAT.into()))
            .finish(&mut frame.clone())?;
        Ok(())
    }

    fn json(&mut self, frame: &DataFrame) -> Result<(), QueryError> {
        let mut lines = Vec::new();
        json_lines(frame, &mut lines)?;
        for line in lines.split(|byte| *byte == b'\n').filter(|line| !line.is_empty()) {
            let first = self.rows == 0 && self.text.is_empty();
            self.text.extend_from_slice(if first { b"[\n" } else { b",\n" });
            self.text.extend_from_slice(line);
        }
        Ok(())
    }

    fn mt4(&mut self, frame: &DataFrame) -> Result<(), QueryError> {
        let time = frame.column("time")?.clone();
        let text = |name: &str, format: &str| -> Result<Column, QueryError> {
            Ok(time.datetime()?.to_string(format)?.with_name(name.into()).into_column())
        };
        let mut columns = vec![text("date", "%Y.%m.%d")?, text("time", "%H:%M")?];
        for name in ["open", "high", "low", "close", "volume"] {
            columns.push(frame.column(name)?.clone());
        }
        CsvWriter::new(&mut self.text)
            .include_header(false)
            .finish(&mut DataFrame::new(frame.height(), columns)?)?;
        Ok(())
    }

    /// The numbers of a table are the csv's, so that they are the shortest that read back as the same.
    fn table(&mut self, frame: &DataFrame) -> Result<(), QueryError> {
        self.csv(frame, false)?;
        let lines = std::mem::take(&mut self.text);
        let text = String::from_utf8_lossy(&lines);
        let cells: Vec<Vec<&str>> = text.lines().map(|line| line.split(',').collect()).collect();
        if self.layout.is_none() {
            self.table_header(Layout::of(
                &self.columns(),
                &cells[..cells.len().min(LAYOUT_ROWS)],
                self.width_max,
            ));
        }
        let layout = self.layout.as_ref().expect("it was laid out with the header");
        for row in &cells {
            layout.line(|column| row[column.0], &mut self.text);
        }
        Ok(())
    }

    fn table_header(&mut self, layout: Layout) {
        layout.line(|column| column.1.as_str(), &mut self.text);
        self.layout = Some(layout);
    }
}

impl Layout {
    fn of(names: &[String], rows: &[Vec<&str>], width_max: Option<usize>) -> Layout {
        let width = |i: usize| rows.iter().map(|row| row[i].len()).fold(names[i].len(), usize::max);
        // People read the time in the output clock; the instant is for machines.
        let mut columns: Vec<(usize, String, usize)> = names
            .iter()
            .enumerate()
            .map(|(i, name)| (i, name.clone(), width(i)))
            .filter(|(_, name, _)| *name != "time_ms")
            .collect();
        let fits = |columns: &[(usize, String, usize)]| {
            width_max
                .is_none_or(|most| columns.iter().map(|(_, _, width)| width + 2).sum::<usize>() <= most + 2)
        };
        for name in DISPENSABLE {
            if fits(&columns) {
                break;
            }
            columns.retain(|column| column.1 != name);
        }
        let all = columns.len();
        // The last ones asked for go first; one is always shown.
        let bars = columns.iter().filter(|(place, ..)| *place < COLUMNS.len()).count();
        while columns.len() > bars + 1 && !fits(&columns) {
            columns.pop();
        }
        let left_out = all - columns.len();
        Layout { columns, left_out }
    }

    /// Names to the left, numbers to the right, two spaces between, none at the end.
    fn line<'a>(&'a self, cell: impl Fn(&'a (usize, String, usize)) -> &'a str, text: &mut Vec<u8>) {
        let mut line = String::new();
        for column in &self.columns {
            let (place, _, width) = column;
            let cell = cell(column);
            line += &if *place < 3 { format!("{cell:<width$}  ") } else { format!("{cell:>width$}  ") };
        }
        text.extend_from_slice(line.trim_end().as_bytes());
        text.push(b'\n');
    }
}

/// A name as a CSV header has it: requests may hold commas.
fn quoted(name: &str) -> String {
    if name.contains([',', '"']) { format!("\"{}\"", name.replace('"', "\"\"")) } else { name.to_owned() }
}

fn json_lines(frame: &DataFrame, text: &mut Vec<u8>) -> Result<(), QueryError> {
    let mut frame = frame.clone();
    let time = frame.column("time")?.datetime()?.to_string(TIME_FORMAT)?.into_column();
    frame.with_column(time)?;
    JsonWriter::new(text).with_json_format(JsonFormat::JsonLines).finish(&mut frame)?;
    Ok(())
}
