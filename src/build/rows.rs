//! Frames on a writer, one after the other, in flat memory.

use std::io::Write;
use std::panic::resume_unwind;
use std::sync::mpsc::sync_channel;

use polars::prelude::*;

use super::arrow::Arrow;
use super::parquet::ParquetFile;
use super::table::Table;
use super::text::{Csv, Json, Mt4};
use super::{BuildError, Compression, Format};

/// What has to be known before the first row.
#[derive(Clone, Debug)]
pub struct Head {
    /// Names and types of the columns.
    pub schema: Schema,
    /// What formats with a place for it keep beside the columns: names and texts.
    pub notes: Vec<(String, String)>,
    /// `None` is the format's own default.
    pub compression: Option<Compression>,
    /// A table is at most so many characters wide where that is possible.
    pub width_max: Option<usize>,
    /// Whether the header was written by somebody before.
    pub goes_on: bool,
}

impl Head {
    /// A head of these columns, with nothing special about it.
    pub fn of(schema: Schema) -> Head {
        Head { schema, notes: Vec::new(), compression: None, width_max: None, goes_on: false }
    }

    /// Names of the columns, in order.
    pub fn names(&self) -> Vec<String> {
        self.schema.iter_names().map(|name| name.to_string()).collect()
    }
}

/// What was written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Ended {
    /// Rows.
    pub rows: u64,
    /// Columns that a table left out because they did not fit.
    pub columns_left_out: usize,
}

/// Takes frames of one schema.
pub trait RowSink {
    /// Writes the rows of a frame.
    ///
    /// # Errors
    /// [`BuildError::Write`] when the writer fails.
    fn write(&mut self, frame: &DataFrame) -> Result<(), BuildError>;

    /// Writes what the format ends with, a header too when there were no rows.
    ///
    /// # Errors
    /// As [`RowSink::write`].
    fn finish(self: Box<Self>) -> Result<Ended, BuildError>;
}

/// What writes rows in a format.
///
/// # Errors
/// [`BuildError::Write`] when the beginning cannot be written.
///
/// # Panics
/// For [`Format::Bin`], which has records and no columns: see [`super::Piece::bars`].
pub fn row_sink<'a>(
    out: &'a mut (dyn Write + Send),
    format: Format,
    head: &Head,
) -> Result<Box<dyn RowSink + Send + 'a>, BuildError> {
    Ok(match format {
        Format::Table => Box::new(Table::new(out, head)),
        Format::Csv => Box::new(Csv::new(out, head)),
        Format::Json => Box::new(Json::array(out)),
        Format::Ndjson => Box::new(Json::lines(out)),
        Format::Mt4 => Box::new(Mt4::new(out)),
        Format::Parquet => Box::new(ParquetFile::new(out, head)?),
        Format::Arrow => Box::new(Arrow::file(out, head)?),
        Format::ArrowStream => Box::new(Arrow::stream(out, head)?),
        Format::Bin => panic!("records are written as they are"),
    })
}

/// Writes frames on a thread of its own, while `make` is at work on the next one. At most two are on their way.
///
/// # Errors
/// What the sink says, else what `make` says.
pub fn hand_over(
    sink: &mut (dyn RowSink + Send),
    make: impl FnOnce(&mut dyn FnMut(DataFrame) -> Result<(), BuildError>) -> Result<(), BuildError>,
) -> Result<(), BuildError> {
    std::thread::scope(|scope| {
        let (give, take) = sync_channel::<DataFrame>(1);
        let writer = scope.spawn(move || take.iter().try_for_each(|frame| sink.write(&frame)));
        // A writer that has given up has the reason.
        let left = || BuildError::Write(std::io::ErrorKind::BrokenPipe.into());
        let made = make(&mut |frame| give.send(frame).map_err(|_| left()));
        drop(give);
        writer.join().unwrap_or_else(|panic| resume_unwind(panic))?;
        made
    })
}
