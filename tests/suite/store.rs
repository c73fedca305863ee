//! The lake: its format against the documents, its promises against a list in memory, its steps against crashes.

#![allow(clippy::unwrap_used)]

mod crash;
mod csv;
mod files;
mod format;
mod power;
mod releases;
mod series;

use std::path::Path;
use std::sync::Arc;

use engine::disk::{Disk, RealDisk};
use engine::model::settings::Paths;
use engine::model::{Bar, Symbol};
use engine::store::{Commit, Lake, SeriesKey};
use tempfile::TempDir;

const MINUTE_MS: u64 = 60_000;

/// A lake in a folder that goes when the test ends.
struct Shore {
    folder: TempDir,
}

impl Shore {
    fn new() -> Shore {
        // In memory where there is such a place: the drills sync thousands of times.
        let folder = tempfile::tempdir_in("/dev/shm").or_else(|_| tempfile::tempdir());
        Shore { folder: folder.expect("a temporary folder") }
    }

    fn lake(&self) -> Lake {
        self.lake_on(Arc::new(RealDisk))
    }

    fn lake_on(&self, disk: Arc<dyn Disk>) -> Lake {
        Lake::on(disk, paths_in(self.folder.path()))
    }
}

fn paths_in(root: &Path) -> Paths {
    Paths {
        cache: root.join("cache"),
        live: root.join("data/temp"),
        transform: root.join("data/transform/1m"),
        aggregate: root.join("data/aggregate/1m"),
        resample: root.join("data/resample"),
        quarantine: root.join("data/quarantine"),
        locks: root.join("data/locks"),
        rollover: root.join("data/rollover"),
    }
}

fn symbol() -> Symbol {
    "EUR-USD".parse().unwrap()
}

fn minute() -> SeriesKey {
    SeriesKey::minute(symbol())
}

fn five_minutes() -> SeriesKey {
    SeriesKey::folded(symbol(), "5m".parse().unwrap(), "1m".parse().unwrap())
}

/// Sealed bars of consecutive minutes from minute `first` on; `version` tells one truth from another.
fn bars(first: u64, count: u64, version: u64) -> Vec<Bar> {
    let bar = |index: u64| Bar {
        time_ms: 1_700_000_040_000 + index * MINUTE_MS,
        open: 1.0 + index as f64,
        high: 3.0 + index as f64,
        low: 0.5,
        close: 2.0,
        volume: 100.0 + version as f64,
        count: 1,
        ..Bar::default()
    };
    (first..first + count).map(|index| bar(index).sealed()).collect()
}

fn claims(bars: &[Bar]) -> Commit {
    Commit {
        out_pos: size_of_val(bars) as u64,
        watermark_ms: bars.last().map_or(0, |bar| bar.time_ms + MINUTE_MS),
        // What the record says about the bars can be checked against the bars by any reader.
        fingerprint: u64::from(crc32c::crc32c(bytemuck::cast_slice(bars))) + 1,
        ..Commit::default()
    }
}

/// CRC-32C bit by bit, from its polynomial.
fn castagnoli(bytes: &[u8]) -> u32 {
    let step = |crc: u32| if crc & 1 == 1 { crc >> 1 ^ 0x82F6_3B78 } else { crc >> 1 };
    !bytes.iter().fold(!0u32, |crc, &byte| (0..8).fold(crc ^ u32::from(byte), |crc, _| step(crc)))
}
