//! Arrow's messages, as a file and as a stream.

use std::sync::Arc;

use polars::prelude::*;
use polars_arrow::datatypes::{ArrowSchema, Metadata};
use polars_arrow::io::ipc::write::{Compression as IpcPages, FileWriter, StreamWriter, WriteOptions};
use polars_arrow::record_batch::RecordBatch;

use super::binary::{Fault, Out, Waiting, Watched, watched};
use super::{BuildError, Compression, Ended, Head, RowSink};

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
