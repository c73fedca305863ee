//! Parquet: the columns of a row group are encoded side by side, while the group before it is written.

use polars::prelude::*;
use polars_arrow::array::{ArrayRef, DictionaryArray, PrimitiveArray, Utf8ViewArray};
use polars_arrow::datatypes::{ArrowDataType, ArrowSchema};
use polars_parquet::write::{
    CompressedPage, CompressionOptions, DynIter, DynStreamingIterator, Encoding, FileWriter, KeyValue, Page,
    ParquetType, Version, WriteOptions, array_to_columns, compress, fallible_streaming_iterator,
    get_dtype_encoding, schema_to_metadata_key,
};
use rayon::prelude::*;

use super::binary::{Fault, Out, Waiting, Watched, watched};
use super::{BuildError, Compression, Ended, Head, RowSink};

/// A reader of columns skips row groups by their statistics: `time_ms` of a day lies in one or two of these.
const ROW_GROUP_ROWS: usize = 1 << 18;

/// Readers of Parquet see its own types; these are only noted beside them.
const TYPES: fn() -> CompatLevel = CompatLevel::newest;

/// Columns in row groups.
pub(super) struct ParquetFile<'a> {
    file: FileWriter<Watched<'a>>,
    fault: Fault,
    waiting: Waiting,
    columns: Vec<ColumnKind>,
    notes: Vec<KeyValue>,
    encoded: Option<RowGroup>,
}

/// How a column is encoded.
struct ColumnKind {
    kind: ParquetType,
    encodings: Vec<Encoding>,
}

/// Rows that only need to be written.
struct RowGroup {
    rows: u64,
    columns: Vec<Vec<CompressedPage>>,
}

impl<'a> ParquetFile<'a> {
    pub(super) fn new(out: Out<'a>, head: &Head) -> Result<ParquetFile<'a>, BuildError> {
        let schema: ArrowSchema = head.schema.to_arrow(TYPES());
        let mut notes = vec![schema_to_metadata_key(&schema)];
        notes.extend(head.notes.iter().map(|(name, text)| KeyValue::new(name.clone(), text.clone())));
        let options = WriteOptions {
            statistics: StatisticsOptions::default(),
            version: Version::V1,
            compression: pages(head.compression.unwrap_or(Compression::Zstd)),
            data_page_size: None,
        };
        let (out, fault) = watched(out);
        let encodings: Vec<_> = schema.iter_values().map(|field| encodings(&field.dtype)).collect();
        let file = FileWriter::try_new(out, schema, options)?;
        let kinds = file.parquet_schema().fields().iter().cloned();
        let columns = kinds.zip(encodings).map(|(kind, encodings)| ColumnKind { kind, encodings }).collect();
        Ok(ParquetFile { file, fault, waiting: Waiting::default(), columns, notes, encoded: None })
    }

    /// Takes a group in and writes the one before it.
    fn group(&mut self, group: &DataFrame) -> Result<(), BuildError> {
        let ParquetFile { file, fault, columns, encoded, .. } = self;
        let (options, before) = (file.options(), encoded.take());
        let (written, next) = rayon::join(
            || before.map_or(Ok(()), |group| write(file, &group).map_err(|error| fault.instead_of(error))),
            || encode(group, columns, options),
        );
        written?;
        *encoded = Some(next?);
        Ok(())
    }
}

/// Times differ little from one bar to the next, so that differences are all there is to write.
fn encodings(kind: &ArrowDataType) -> Vec<Encoding> {
    match kind {
        ArrowDataType::Int64 | ArrowDataType::Timestamp(..) => vec![Encoding::DeltaBinaryPacked],
        _ => get_dtype_encoding(kind),
    }
}

impl RowSink for ParquetFile<'_> {
    fn write(&mut self, frame: &DataFrame) -> Result<(), BuildError> {
        for start in (0..frame.height()).step_by(ROW_GROUP_ROWS) {
            if let Some(group) = self.waiting.with(&frame.slice(start as i64, ROW_GROUP_ROWS))? {
                self.group(&group)?;
            }
        }
        Ok(())
    }

    fn finish(mut self: Box<Self>) -> Result<Ended, BuildError> {
        if let Some(group) = self.waiting.rest() {
            self.group(&group)?;
        }
        let ParquetFile { mut file, fault, waiting, notes, encoded, .. } = *self;
        let last = encoded.map_or(Ok(()), |group| write(&mut file, &group));
        last.and_then(|()| file.end(Some(notes))).map_err(|error| fault.instead_of(error))?;
        Ok(Ended { rows: waiting.count, columns_left_out: 0 })
    }
}

fn encode(rows: &DataFrame, columns: &[ColumnKind], options: WriteOptions) -> PolarsResult<RowGroup> {
    let pages: Vec<Vec<Vec<CompressedPage>>> = (rows.columns().par_iter().zip(columns).with_max_len(1))
        .map(|(values, column)| pages_of(&array_of(values)?, column, options))
        .collect::<PolarsResult<_>>()?;
    Ok(RowGroup { rows: rows.height() as u64, columns: pages.into_iter().flatten().collect() })
}

/// A column in one piece. One text that stands for all rows is written once.
fn array_of(column: &Column) -> PolarsResult<ArrayRef> {
    if let Column::Scalar(scalar) = column
        && column.dtype() == &DataType::String
        && let Some(text) = scalar.scalar().value().get_str()
    {
        let keys = PrimitiveArray::from_vec(vec![0_u32; column.len()]);
        let text = Utf8ViewArray::from_slice([Some(text)]);
        return Ok(DictionaryArray::try_from_keys(keys, text.boxed(), false)?.boxed());
    }
    Ok(column.as_materialized_series().rechunk().to_arrow(0, TYPES()))
}

/// The pages of a column, leaf by leaf; our columns have one leaf each.
fn pages_of(
    array: &ArrayRef,
    column: &ColumnKind,
    options: WriteOptions,
) -> PolarsResult<Vec<Vec<CompressedPage>>> {
    let leaves = array_to_columns(array, column.kind.clone(), options, &column.encodings)?;
    let compressed = |pages: DynIter<'static, PolarsResult<Page>>| {
        let pages: Vec<Page> = pages.collect::<PolarsResult<_>>()?;
        // Compression is most of the work: no thread should wait for another one's last column.
        let compressed = pages.into_par_iter().with_max_len(1);
        compressed.map(|page| Ok(compress(page, Vec::new(), options.compression)?)).collect()
    };
    leaves.into_iter().map(compressed).collect()
}

fn write(file: &mut FileWriter<Watched<'_>>, group: &RowGroup) -> PolarsResult<()> {
    let columns = group.columns.iter().map(|pages| {
        let pages = fallible_streaming_iterator::convert(pages.iter().map(PolarsResult::Ok));
        Ok(DynStreamingIterator::new(pages))
    });
    file.write(group.rows, DynIter::new(columns))
}

fn pages(compression: Compression) -> CompressionOptions {
    match compression {
        Compression::None => CompressionOptions::Uncompressed,
        Compression::Zstd => CompressionOptions::Zstd(None),
        Compression::Snappy => CompressionOptions::Snappy,
        Compression::Gzip => CompressionOptions::Gzip(None),
        Compression::Brotli => CompressionOptions::Brotli(None),
        Compression::Lz4 => CompressionOptions::Lz4Raw,
    }
}
