//! A market-data engine: 1-minute candles from the feed to every timeframe.
//!
//! ```text
//! feed --download--> cache --transform--> day image --aggregate--> 1m series --resample--> coarser series
//!                    \___________________________ the lake: store ___________________________________/
//!                           lake --query--> frame --indicators--> frame+ --build--> files
//! ```
//!
//! # A lake from Rust
//!
//! ```no_run
//! use engine::query::{Columns, Field, Reader, Slice};
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let reader = Reader::new(engine::config::load("config.yaml".as_ref())?.settings);
//! let series = reader.select("EUR-USD/1m")?;
//! let day = series.rows(&Slice::between("2024-01-02", "2024-01-03")?)?;
//!
//! // Records of 64 bytes straight from the file, nothing is copied.
//! let highest = day.closed().iter().map(|bar| bar.high).fold(f64::MIN, f64::max);
//!
//! // A polars frame, and only the columns that are needed, in memory that is used again.
//! let newest = series.rows(&Slice::last(500_000))?.oldest_first().frame()?;
//! let mut columns = Columns::new(&[Field::TimeMs, Field::Close]);
//! day.fill(&mut columns)?;
//! let closes: &[f64] = columns.prices(Field::Close).unwrap_or_default();
//! # let _ = (highest, newest, closes);
//! # Ok(())
//! # }
//! ```
//!
//! [`query::Reader`] opens series, [`query::Selection`] is one of them as it stands at that moment,
//! [`query::Rows`] are the bars of a slice and what can be made of them. [`plan::Desk`] answers with indicators.
//! `examples/slices.rs` is a program of its own. Large columns are laid out by the program's allocator, and fresh pages
//! cost more than filling them: one that asks for huge pages (mimalloc, as `src/main.rs` has it) makes them several
//! times as fast as the system's.
//!
//! The rooms, in reading order. `ARCHITECTURE.md` says what each may know of the others.

#[cfg(target_endian = "big")]
compile_error!(
    "series files are little endian and are mapped as they are: this crate needs a little-endian machine"
);

pub mod model;

pub mod disk;
pub mod store;

pub mod feed;

pub mod download;
pub mod transform;

pub mod aggregate;
pub mod resample;

pub mod ingest;

pub mod query;

pub mod indicators;

pub mod plan;

pub mod build;

pub mod audit;

pub mod config;

pub mod cli;
