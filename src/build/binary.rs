//! Formats for machines: Parquet, and Arrow as a file and as a stream.

use std::io::{self, Write};
use std::sync::{Arc, Mutex, PoisonError};

use polars::prelude::*;
use polars_arrow::datatypes::{ArrowSchema, Metadata};
use polars_arrow::io::ipc::write::{Compression as IpcPages, FileWriter, StreamWriter, WriteOptions};
use polars_arrow::record_batch::RecordBatch;

use super::{BuildError, Compression, Ended, Head, RowSink};

/// A reader of columns skips row groups by their statistics: `time_ms` of a day lies in one or two of these.
pub(super) const ROW_GROUP_ROWS: usize = 1 << 18;

/// Series of fewer rows share a row group.
const GROUP_ROWS_MIN: usize = 1 << 16;

type Out<'a> = &'a mut (dyn Write + Send);

/// Remembers why the writer failed: a format's library words that in its own way, and a closed pipe would look like damage.
struct Watched<'a> {
    out: Out<'a>,
    fault: Fault,
}

/// What a watched writer said.
#[derive(Clone, Default)]
struct Fault(Arc<Mutex<Option<io::Error>>>);

impl Fault {
    /// The writer's own words where it failed, else the library's.
    fn instead_of(&self, error: PolarsError) -> BuildError {
        let said = self.0.lock().unwrap_or_else(PoisonError::into_inner).take();
        said.map_or_else(|| error.into(), BuildError::Write)
    }
}

impl Write for Watched<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.out.write(bytes).inspect_err(|error| {
            let copy = io::Error::new(error.kind(), error.to_string());
            *self.fault.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(copy);
        })
    }

    fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}

fn watched(out: Out<'_>) -> (Watched<'_>, Fault) {
    let fault = Fault::default();
    (Watched { out, fault: fault.clone() }, fault)
}

/// Rows that wait for others to make a group of theirs worthwhile.
#[derive(Default)]
struct Waiting {
    rows: Option<DataFrame>,
    count: u64,
}

impl Waiting {
    /// Takes rows in; hands out a group, in one piece, when there are enough.
    fn with(&mut self, frame: &DataFrame) -> Result<Option<DataFrame>, BuildError> {
        self.count += frame.height() as u64;
        match &mut self.rows {
            Some(rows) => rows.vstack_mut(frame).map(|_| ())?,
            None => self.rows = Some(frame.clone()),
        }
        let is_enough = self.rows.as_ref().is_some_and(|rows| rows.height() >= GROUP_ROWS_MIN);
        Ok(if is_enough { self.rest() } else { None })
    }

    /// What is left, if anything.
    fn rest(&mut self) -> Option<DataFrame> {
        let mut rows = self.rows.take().filter(|rows| rows.height() > 0)?;
        rows.rechunk_mut();
        Some(rows)
    }
}

/// Columns in row groups.
pub(super) struct ParquetFile<'a> {
    writer: polars::io::parquet::write::BatchedWriter<Watched<'a>>,
    fault: Fault,
    waiting: Waiting,
}

impl<'a> ParquetFile<'a> {
    pub(super) fn new(out: Out<'a>, head: &Head) -> Result<ParquetFile<'a>, BuildError> {
        let notes = (!head.notes.is_empty()).then(|| KeyValueMetadata::from_static(head.notes.clone()));
        let (out, fault) = watched(out);
        let writer = ParquetWriter::new(out)
            .with_compression(pages(head.compression.unwrap_or(Compression::Zstd)))
            .with_statistics(StatisticsOptions::default())
            .with_row_group_size(Some(ROW_GROUP_ROWS))
            .with_key_value_metadata(notes)
            .batched(&head.schema)
            .map_err(|error| fault.instead_of(error))?;
        Ok(ParquetFile { writer, fault, waiting: Waiting::default() })
    }
}

impl RowSink for ParquetFile<'_> {
    fn write(&mut self, frame: &DataFrame) -> Result<(), BuildError> {
        if let Some(group) = self.waiting.with(frame)? {
            self.writer.write_batch(&group).map_err(|error| self.fault.instead_of(error))?;
        }
        Ok(())
    }

    fn finish(mut self: Box<Self>) -> Result<Ended, BuildError> {
        if let Some(group) = self.waiting.rest() {
            self.writer.write_batch(&group).map_err(|error| self.fault.instead_of(error))?;
        }
        self.writer.finish().map_err(|error| self.fault.instead_of(error))?;
        Ok(Ended { rows: self.waiting.count, columns_left_out: 0 })
    }
}

fn pages(compression: Compression) -> ParquetCompression {
    match compression {
        Compression::None => ParquetCompression::Uncompressed,
        Compression::Zstd => ParquetCompression::Zstd(None),
        Compression::Snappy => ParquetCompression::Snappy,
        Compression::Gzip => ParquetCompression::Gzip(None),
        Compression::Brotli => ParquetCompression::Brotli(None),
        Compression::Lz4 => ParquetCompression::Lz4Raw,
    }
}

/// Every reader of Arrow knows these types; the newest ones only some.
const TYPES: fn() -> CompatLevel = CompatLevel::oldest;

/// Arrow's messages: as a file, which readers map, or as a stream, which goes through pipes.
pub(super) struct Arrow<'a> {
    writer: Messages<'a>,
    fault: Fault,
    waiting: Waiting,
}

enum Messages<'a> {
    File(FileWriter<Watched<'a>>),
    Stream(StreamWriter<Watched<'a>>),
}

impl<'a> Arrow<'a> {
    pub(super) fn file(out: Out<'a>, head: &Head) -> Result<Arrow<'a>, BuildError> {
        let (out, fault) = watched(out);
        let mut writer = FileWriter::new(out, Arc::new(arrow_schema(head)), None, options(head));
        writer.set_custom_schema_metadata(notes(head));
        writer.start().map_err(|error| fault.instead_of(error))?;
        Ok(Arrow { writer: Messages::File(writer), fault, waiting: Waiting::default() })
    }

    pub(super) fn stream(out: Out<'a>, head: &Head) -> Result<Arrow<'a>, BuildError> {
        let (out, fault) = watched(out);
        let mut writer = StreamWriter::new(out, options(head));
        writer.set_custom_schema_metadata(notes(head));
        writer.start(&arrow_schema(head), None).map_err(|error| fault.instead_of(error))?;
        Ok(Arrow { writer: Messages::Stream(writer), fault, waiting: Waiting::default() })
    }

    fn group(&mut self, rows: Option<DataFrame>) -> Result<(), BuildError> {
        for batch in rows.iter().flat_map(batches) {
            let written = match &mut self.writer {
                Messages::File(writer) => writer.write(&batch, None),
                Messages::Stream(writer) => writer.write(&batch, None),
            };
            written.map_err(|error| self.fault.instead_of(error))?;
        }
        Ok(())
    }
}

impl RowSink for Arrow<'_> {
    fn write(&mut self, frame: &DataFrame) -> Result<(), BuildError> {
        let group = self.waiting.with(frame)?;
        self.group(group)
    }

    fn finish(mut self: Box<Self>) -> Result<Ended, BuildError> {
        let rest = self.waiting.rest();
        self.group(rest)?;
        let ended = match &mut self.writer {
            Messages::File(writer) => writer.finish(),
            Messages::Stream(writer) => writer.finish(),
        };
        ended.map_err(|error| self.fault.instead_of(error))?;
        Ok(Ended { rows: self.waiting.count, columns_left_out: 0 })
    }
}

fn batches(frame: &DataFrame) -> impl Iterator<Item = RecordBatch> {
    frame.iter_chunks(TYPES(), true)
}

fn arrow_schema(head: &Head) -> ArrowSchema {
    head.schema.to_arrow(TYPES())
}

fn notes(head: &Head) -> Arc<Metadata> {
    Arc::new(head.notes.iter().map(|(name, text)| (name.as_str().into(), text.as_str().into())).collect())
}

fn options(head: &Head) -> WriteOptions {
    WriteOptions {
        compression: match head.compression {
            Some(Compression::Lz4) => Some(IpcPages::LZ4),
            Some(Compression::Zstd) => Some(IpcPages::ZSTD(Default::default())),
            _ => None,
        },
    }
}
