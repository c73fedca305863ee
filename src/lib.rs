//! A market-data engine: 1-minute candles from the feed to every timeframe.
//!
//! ```text
//! feed --download--> cache --transform--> day image --aggregate--> 1m series --resample--> coarser series
//!                    \___________________________ the lake: store ___________________________________/
//!                           lake --query--> frame --indicators--> frame+ --build--> files
//! ```
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
