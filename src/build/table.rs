//! Aligned columns for people.

use std::io::Write;

use polars::prelude::*;

use super::cells::csv_rows;
use super::{BuildError, Ended, Head, RowSink};
use crate::query::COLUMNS;

/// What a table leaves out first when it does not fit, in this order; the rest of a bar it never leaves out.
const DISPENSABLE: [&str; 5] = ["time_ms", "count", "timeframe", "symbol", "closed"];

/// The rows by whose width a table is laid out.
const LAYOUT_ROWS: usize = 1_000;

/// Rows laid out by the first of them.
pub(super) struct Table<'a> {
    out: &'a mut (dyn Write + Send),
    columns: Vec<Cell>,
    width_max: Option<usize>,
    layout: Option<Layout>,
    rows: u64,
}

/// A column before it has a width.
#[derive(Clone)]
struct Cell {
    name: String,
    /// Numbers stand to the right.
    is_number: bool,
}

/// The columns of a table, decided by its first rows.
struct Layout {
    /// Place in the frame, name, width.
    columns: Vec<(usize, Cell, usize)>,
    /// Columns beyond those of the bars that do not fit.
    left_out: usize,
}

impl<'a> Table<'a> {
    pub(super) fn new(out: &'a mut (dyn Write + Send), head: &Head) -> Table<'a> {
        let cell = |(name, kind): (&PlSmallStr, &DataType)| Cell {
            name: name.to_string(),
            is_number: kind.is_primitive_numeric() || kind.is_bool(),
        };
        let columns = head.schema.iter().map(cell).collect();
        Table { out, columns, width_max: head.width_max, layout: None, rows: 0 }
    }

    fn header(&mut self, layout: Layout) -> Result<(), BuildError> {
        let mut text = String::new();
        layout.line(|(_, cell, _)| cell.name.as_str(), &mut text);
        self.layout = Some(layout);
        Ok(self.out.write_all(text.as_bytes())?)
    }
}

impl RowSink for Table<'_> {
    /// The numbers of a table are the csv's, so that they are the shortest that read back as the same.
    fn write(&mut self, frame: &DataFrame) -> Result<(), BuildError> {
        let lines = csv_rows(frame)?.concat();
        let lines = String::from_utf8_lossy(&lines);
        let cells: Vec<Vec<&str>> = lines.lines().map(values).collect();
        if self.layout.is_none() {
            let first = &cells[..cells.len().min(LAYOUT_ROWS)];
            self.header(Layout::of(&self.columns, first, self.width_max))?;
        }
        let layout = self.layout.as_ref().expect("it was laid out with the header");
        let mut text = String::new();
        for row in &cells {
            layout.line(|(place, ..)| row.get(*place).copied().unwrap_or_default(), &mut text);
        }
        self.rows += frame.height() as u64;
        Ok(self.out.write_all(text.as_bytes())?)
    }

    fn finish(mut self: Box<Self>) -> Result<Ended, BuildError> {
        if self.layout.is_none() {
            self.header(Layout::of(&self.columns, &[], self.width_max))?;
        }
        let columns_left_out = self.layout.as_ref().map_or(0, |layout| layout.left_out);
        Ok(Ended { rows: self.rows, columns_left_out })
    }
}

/// The values of a CSV line; those with commas in them stand in quotes.
fn values(line: &str) -> Vec<&str> {
    let (mut values, mut begin, mut in_quotes) = (Vec::new(), 0, false);
    for (place, byte) in line.bytes().enumerate() {
        match byte {
            b'"' => in_quotes = !in_quotes,
            b',' if !in_quotes => {
                values.push(&line[begin..place]);
                begin = place + 1;
            }
            _ => {}
        }
    }
    values.push(&line[begin..]);
    values
}

impl Layout {
    fn of(cells: &[Cell], rows: &[Vec<&str>], width_max: Option<usize>) -> Layout {
        let is_of_bars = |cell: &Cell| COLUMNS.contains(&cell.name.as_str());
        // The columns of bars are known to people; of any others nobody can say which are dispensable.
        let are_bars = COLUMNS.iter().all(|name| cells.iter().any(|cell| cell.name == *name));
        let width = |i: usize, cell: &Cell| {
            let of_rows = rows.iter().map(|row| row.get(i).map_or(0, |text| text.chars().count()));
            of_rows.fold(cell.name.chars().count(), usize::max)
        };
        // People read the time in the output clock; the instant is for machines.
        let mut columns: Vec<(usize, Cell, usize)> = (cells.iter().enumerate())
            .map(|(i, cell)| (i, cell.clone(), width(i, cell)))
            .filter(|(_, cell, _)| !(are_bars && cell.name == "time_ms"))
            .collect();
        let fits = |columns: &[(usize, Cell, usize)]| {
            width_max
                .is_none_or(|most| columns.iter().map(|(_, _, width)| width + 2).sum::<usize>() <= most + 2)
        };
        for name in DISPENSABLE.iter().filter(|_| are_bars) {
            if fits(&columns) {
                break;
            }
            columns.retain(|column| column.1.name != *name);
        }
        let all = columns.len();
        // The last ones asked for go first; one is always shown.
        let kept = if are_bars { columns.iter().filter(|(_, cell, _)| is_of_bars(cell)).count() } else { 0 };
        while columns.len() > kept + 1 && !fits(&columns) {
            columns.pop();
        }
        let left_out = all - columns.len();
        Layout { columns, left_out }
    }

    /// Words to the left, numbers to the right, two spaces between, none at the end.
    fn line<'a>(&'a self, text_of: impl Fn(&'a (usize, Cell, usize)) -> &'a str, text: &mut String) {
        let mut line = String::new();
        for column in &self.columns {
            let (_, cell, width) = column;
            let text = text_of(column);
            line += &if cell.is_number { format!("{text:>width$}  ") } else { format!("{text:<width$}  ") };
        }
        *text += line.trim_end();
        text.push('\n');
    }
}
