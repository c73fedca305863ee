//! Slices of a lake from Rust: `cargo run --example slices -- config.yaml EUR-USD/1h 2024-01-02 2024-01-03`.
#![allow(clippy::print_stdout)]

use std::error::Error;
use std::path::Path;

use engine::config;
use engine::query::{ClockChoice, Columns, Field, QueryError, Reader, Slice};

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [config, series, after, until] = arguments.as_slice() else {
        return Err(
            "give a configuration, a series, and two times: config.yaml EUR-USD/1h 2024-01-02 2024-01-03"
                .into(),
        );
    };
    let reader = reader(Path::new(config))?;
    let (lowest, highest) = extremes(&reader, series, after, until)?;
    println!("from {after} to {until} {series} was between {lowest} and {highest}");
    println!("{}", newest(&reader, series, 10)?);
    println!("mean of the last 100 closes: {:?}", mean_closes(&reader, &[series], 100)?);
    Ok(())
}

/// The lake that a configuration describes.
pub fn reader(config_file: &Path) -> Result<Reader, Box<dyn Error>> {
    Ok(Reader::new(config::load(config_file)?.settings))
}

/// Records as they lie in the file: nothing is copied, only what is looked at is read.
pub fn extremes(reader: &Reader, series: &str, after: &str, until: &str) -> Result<(f64, f64), QueryError> {
    let selection = reader.select(series)?.on_clock(ClockChoice::Server);
    let rows = selection.rows(&Slice::between(after, until)?)?;
    let bars = rows.closed().iter().chain(rows.open());
    let none = (f64::INFINITY, f64::NEG_INFINITY);
    Ok(bars.fold(none, |(low, high), bar| (low.min(bar.low), high.max(bar.high))))
}

/// A polars frame of the newest bars, the oldest of them first.
pub fn newest(reader: &Reader, series: &str, rows: usize) -> Result<polars::frame::DataFrame, QueryError> {
    reader.select(series)?.rows(&Slice::last(rows))?.oldest_first().frame()
}

/// Only the columns that are needed, for one series after the other in the same memory.
pub fn mean_closes(reader: &Reader, series: &[&str], rows: usize) -> Result<Vec<f64>, QueryError> {
    let mut columns = Columns::new(&[Field::Close]);
    let mut means = Vec::new();
    for series in series {
        reader.select(series)?.rows(&Slice::last(rows))?.fill(&mut columns)?;
        let closes = columns.prices(Field::Close).unwrap_or_default();
        means.push(closes.iter().sum::<f64>() / closes.len() as f64);
    }
    Ok(means)
}
