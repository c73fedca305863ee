//! Formats for machines: Parquet, and Arrow as a file and as a stream.

use std::io::Write;
use std::sync::Arc;

use polars::prelude::*;
use polars_arrow::datatypes::{ArrowSchema, Metadata};
use polars_arrow::io::ipc::write::{Compression as IpcPages, FileWriter, StreamWriter, WriteOptions};

use super::{BuildError, Compression, Ended, Head, RowSink};

/// A reader of columns skips row groups by their statistics: `time_ms` of a day lies in one or two of these.
pub(super) const ROW_GROUP_ROWS: usize = 1 << 18;

type Out<'a> = &'a mut (dyn Write + Send);

/// Columns in row groups.
pub(super) struct ParquetFile<'a> {
    writer: polars::io::parquet::write::BatchedWriter<Out<'a>>,
    rows: u64,
}

impl<'a> ParquetFile<'a> {
    pub(super) fn new(out: Out<'a>, head: &Head) -> Result<ParquetFile<'a>, BuildError> {
        let notes = (!head.notes.is_empty()).then(|| KeyValueMetadata::from_static(head.notes.clone()));
        let writer = ParquetWriter::new(out)
            .with_compression(pages(head.compression.unwrap_or(Compression::Zstd)))
            .with_statistics(StatisticsOptions::default())
            .with_row_group_size(Some(ROW_GROUP_ROWS))
            .with_key_value_metadata(notes)
            .batched(&head.schema)?;
        Ok(ParquetFile { writer, rows: 0 })
    }
}

impl RowSink for ParquetFile<'_> {
    fn write(&mut self, frame: &DataFrame) -> Result<(), BuildError> {
        let mut frame = frame.clone();
        frame.align_chunks();
        self.writer.write_batch(&frame)?;
        self.rows += frame.height() as u64;
        Ok(())
    }

    fn finish(self: Box<Self>) -> Result<Ended, BuildError> {
        self.writer.finish()?;
        Ok(Ended { rows: self.rows, columns_left_out: 0 })
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

/// Arrow's file, which readers map.
pub(super) struct ArrowFile<'a> {
    writer: FileWriter<Out<'a>>,
    rows: u64,
}

impl<'a> ArrowFile<'a> {
    pub(super) fn new(out: Out<'a>, head: &Head) -> Result<ArrowFile<'a>, BuildError> {
        let schema = Arc::new(arrow_schema(head));
        let mut writer = FileWriter::new(out, schema, None, options(head));
        writer.set_custom_schema_metadata(notes(head));
        writer.start()?;
        Ok(ArrowFile { writer, rows: 0 })
    }
}

impl RowSink for ArrowFile<'_> {
    fn write(&mut self, frame: &DataFrame) -> Result<(), BuildError> {
        let mut frame = frame.clone();
        frame.align_chunks();
        for batch in frame.iter_chunks(TYPES(), true) {
            self.writer.write(&batch, None)?;
        }
        self.rows += frame.height() as u64;
        Ok(())
    }

    fn finish(mut self: Box<Self>) -> Result<Ended, BuildError> {
        self.writer.finish()?;
        Ok(Ended { rows: self.rows, columns_left_out: 0 })
    }
}

/// Arrow's stream, which goes through pipes.
pub(super) struct ArrowPipe<'a> {
    writer: StreamWriter<Out<'a>>,
    rows: u64,
}

impl<'a> ArrowPipe<'a> {
    pub(super) fn new(out: Out<'a>, head: &Head) -> Result<ArrowPipe<'a>, BuildError> {
        let mut writer = StreamWriter::new(out, options(head));
        writer.set_custom_schema_metadata(notes(head));
        writer.start(&arrow_schema(head), None)?;
        Ok(ArrowPipe { writer, rows: 0 })
    }
}

impl RowSink for ArrowPipe<'_> {
    fn write(&mut self, frame: &DataFrame) -> Result<(), BuildError> {
        let mut frame = frame.clone();
        frame.align_chunks();
        for batch in frame.iter_chunks(TYPES(), true) {
            self.writer.write(&batch, None)?;
        }
        self.rows += frame.height() as u64;
        Ok(())
    }

    fn finish(mut self: Box<Self>) -> Result<Ended, BuildError> {
        self.writer.finish()?;
        Ok(Ended { rows: self.rows, columns_left_out: 0 })
    }
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
