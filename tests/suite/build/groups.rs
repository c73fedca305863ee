//! Row groups of Parquet: what goes in comes out, in groups that are neither crumbs nor mountains.

use std::io::Cursor;

use engine::build::{Compression, Format, Head, row_sink};
use polars::prelude::*;

/// Rows that begin anywhere, with gaps, texts and every kind of number a file may have.
fn rows(first: usize, count: usize) -> DataFrame {
    let numbers = first..first + count;
    let name = |n: usize| ["EUR-USD", "BTC-USD", "ÖL.CMD-USD"][n % 7 % 3];
    let clock = |n: usize| 1_700_007_200_000 + 60_000 * n as i64 - if n > 70_000 { 3_600_000 } else { 0 };
    let value = |n: usize| (n % 11 != 5).then_some((n * 37 % 1_009) as f64 / 8.0);
    let mut rows = df!(
        "symbol" => numbers.clone().map(name).collect::<Vec<_>>(),
        "of_day" => numbers.clone().map(|n| (n % 3 != 1).then_some(n as i64 * 7_919 % 86_400 - 43_200)).collect::<Vec<_>>(),
        "time_ms" => numbers.clone().map(|n| 1_700_000_000_000 + 60_000 * n as i64).collect::<Vec<_>>(),
        "close" => numbers.clone().map(|n| 1.0 + (n as f64).sqrt()).collect::<Vec<_>>(),
        "rsi_14" => numbers.clone().map(value).collect::<Vec<_>>(),
        "count" => numbers.map(|n| (n % 5) as u32).collect::<Vec<_>>(),
    )
    .expect("columns of one height");
    let time = Series::new("time".into(), (first..first + count).map(clock).collect::<Vec<_>>());
    let time = time.cast(&DataType::Datetime(TimeUnit::Milliseconds, None)).expect("times");
    rows.with_column(time.into()).expect("columns of one height");
    for (name, text) in
        [("timeframe", Some("1m")), ("note", None), ("long", Some("more than twelve letters"))]
    {
        let one = Scalar::new(
            DataType::String,
            text.map_or(AnyValue::Null, |text| AnyValue::StringOwned(text.into())),
        );
        rows.with_column(Column::new_scalar(name.into(), one, count)).expect("columns of one height");
    }
    rows
}

/// The file, and how many rows each of its groups has.
fn written(frames: &[DataFrame], compression: Compression) -> (DataFrame, Vec<usize>) {
    let mut bytes = Vec::new();
    let schema = rows(0, 1).schema().as_ref().clone();
    let head = Head {
        compression: Some(compression),
        notes: vec![("engine".into(), "{}".into())],
        ..Head::of(schema)
    };
    let mut sink = row_sink(&mut bytes, Format::Parquet, &head).expect("begun");
    frames.iter().for_each(|frame| sink.write(frame).expect("a vector takes everything"));
    let ended = sink.finish().expect("a vector takes everything");
    assert_eq!(ended.rows as usize, frames.iter().map(DataFrame::height).sum::<usize>());
    let mut reader = ParquetReader::new(Cursor::new(&bytes));
    let metadata = reader.get_metadata().expect("a footer").clone();
    let notes = metadata.key_value_metadata().clone().expect("notes");
    assert!(
        notes.iter().any(|note| note.key == "engine" && note.value.as_deref() == Some("{}")),
        "{notes:?}"
    );
    let groups = metadata.row_groups.iter().map(|group| group.num_rows()).collect();
    (ParquetReader::new(Cursor::new(bytes)).finish().expect("a file that polars reads"), groups)
}

#[test]
fn crumbs_are_gathered_and_mountains_are_divided() {
    let sizes = [0, 10, 70_000, 3, 600_000, 1, 0];
    let firsts = sizes.iter().scan(0, |next, size| Some(std::mem::replace(next, *next + size)));
    let frames: Vec<DataFrame> = firsts.zip(sizes).map(|(first, size)| rows(first, size)).collect();
    let whole = rows(0, sizes.iter().sum());
    let all = [
        Compression::None,
        Compression::Zstd,
        Compression::Snappy,
        Compression::Gzip,
        Compression::Brotli,
        Compression::Lz4,
    ];
    for compression in all {
        let (read, groups) = written(&frames, compression);
        assert!(read.equals_missing(&whole), "{compression:?}");
        let (last, full) = groups.split_last().expect("groups");
        assert!(full.iter().all(|rows| (1 << 16..1 << 19).contains(rows)) && *last > 0, "{groups:?}");
        assert!(full.len() >= 3, "{groups:?}");
    }
}

#[test]
fn no_rows_are_a_file_with_columns() {
    let (read, groups) = written(&[rows(0, 0)], Compression::Zstd);
    assert_eq!(read.schema(), rows(0, 1).schema());
    assert_eq!((read.height(), groups), (0, vec![]));
}
