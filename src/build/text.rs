//! Formats that people can read, without alignment.

use std::io::Write;

use polars::prelude::*;

use super::cells::{csv_rows, quoted};
use super::{BuildError, Ended, Head, RowSink};

/// How times are written, in the output clock.
const TIME_FORMAT: &str = "%Y-%m-%d %H:%M:%S";
/// How dates without a time are written.
const DAY_FORMAT: &str = "%Y-%m-%d";

/// Lines of values under a header.
pub(super) struct Csv<'a> {
    out: &'a mut (dyn Write + Send),
    names: Vec<String>,
    has_header: bool,
    rows: u64,
}

impl<'a> Csv<'a> {
    pub(super) fn new(out: &'a mut (dyn Write + Send), head: &Head) -> Csv<'a> {
        Csv { out, names: head.names(), has_header: head.goes_on, rows: 0 }
    }
}

impl RowSink for Csv<'_> {
    fn write(&mut self, frame: &DataFrame) -> Result<(), BuildError> {
        if !self.has_header {
            self.out.write_all(csv_header(&self.names).as_bytes())?;
            self.has_header = true;
        }
        csv_rows(frame)?.iter().try_for_each(|piece| self.out.write_all(piece))?;
        self.rows += frame.height() as u64;
        Ok(())
    }

    fn finish(self: Box<Self>) -> Result<Ended, BuildError> {
        if !self.has_header {
            self.out.write_all(csv_header(&self.names).as_bytes())?;
        }
        Ok(Ended { rows: self.rows, columns_left_out: 0 })
    }
}

/// The first line of a CSV file.
pub(super) fn csv_header(names: &[String]) -> String {
    names.iter().map(|name| String::from_utf8_lossy(&quoted(name)).into_owned()).collect::<Vec<_>>().join(",")
        + "\n"
}

/// Objects, each in a line of its own.
pub(super) struct Json<'a> {
    out: &'a mut (dyn Write + Send),
    is_array: bool,
    text: Vec<u8>,
    rows: u64,
}

impl<'a> Json<'a> {
    pub(super) fn array(out: &'a mut (dyn Write + Send)) -> Json<'a> {
        Json { out, is_array: true, text: Vec::new(), rows: 0 }
    }

    pub(super) fn lines(out: &'a mut (dyn Write + Send)) -> Json<'a> {
        Json { out, is_array: false, text: Vec::new(), rows: 0 }
    }
}

impl RowSink for Json<'_> {
    fn write(&mut self, frame: &DataFrame) -> Result<(), BuildError> {
        let mut lines = Vec::new();
        json_lines(frame, &mut lines)?;
        self.text.clear();
        if self.is_array {
            for line in lines.split(|byte| *byte == b'\n').filter(|line| !line.is_empty()) {
                let is_first = self.rows == 0 && self.text.is_empty();
                self.text.extend_from_slice(if is_first { b"[\n" } else { b",\n" });
                self.text.extend_from_slice(line);
            }
        } else {
            self.text = lines;
        }
        self.rows += frame.height() as u64;
        Ok(self.out.write_all(&self.text)?)
    }

    fn finish(self: Box<Self>) -> Result<Ended, BuildError> {
        self.out.write_all(match (self.is_array, self.rows) {
            (true, 0) => b"[]\n",
            (true, _) => b"\n]\n",
            (false, _) => b"",
        })?;
        Ok(Ended { rows: self.rows, columns_left_out: 0 })
    }
}

/// One object a line.
fn json_lines(frame: &DataFrame, text: &mut Vec<u8>) -> Result<(), BuildError> {
    let mut frame = frame.clone();
    for name in frame.get_column_names_owned() {
        let column = frame.column(&name)?;
        let text = match column.dtype() {
            DataType::Datetime(_, None) => column.datetime()?.to_string(TIME_FORMAT)?,
            DataType::Date => column.date()?.to_string(DAY_FORMAT)?,
            _ => continue,
        };
        frame.with_column(text.into_column())?;
    }
    JsonWriter::new(text).with_json_format(JsonFormat::JsonLines).finish(&mut frame)?;
    Ok(())
}

/// MetaTrader 4's import.
pub(super) struct Mt4<'a> {
    out: &'a mut (dyn Write + Send),
    rows: u64,
}

/// How MetaTrader 4 writes a bar's date and time, apart.
pub(super) const MT4_TIME: [&str; 2] = ["%Y.%m.%d", "%H:%M"];

impl<'a> Mt4<'a> {
    pub(super) fn new(out: &'a mut (dyn Write + Send)) -> Mt4<'a> {
        Mt4 { out, rows: 0 }
    }
}

impl RowSink for Mt4<'_> {
    fn write(&mut self, frame: &DataFrame) -> Result<(), BuildError> {
        let time = frame.column("time")?.clone();
        let text = |name: &str, format: &str| -> Result<Column, BuildError> {
            Ok(time.datetime()?.to_string(format)?.with_name(name.into()).into_column())
        };
        let mut columns = vec![text("date", MT4_TIME[0])?, text("time", MT4_TIME[1])?];
        for name in ["open", "high", "low", "close", "volume"] {
            columns.push(frame.column(name)?.clone());
        }
        let rows = DataFrame::new(frame.height(), columns)?;
        csv_rows(&rows)?.iter().try_for_each(|piece| self.out.write_all(piece))?;
        self.rows += frame.height() as u64;
        Ok(())
    }

    fn finish(self: Box<Self>) -> Result<Ended, BuildError> {
        Ok(Ended { rows: self.rows, columns_left_out: 0 })
    }
}
