//! Whether a partition holds already what it would be given: formats with a place for notes remember what they are made of.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::sync::Arc;

use polars::prelude::*;
use polars_arrow::io::ipc::read::read_file_metadata;

use super::{Compression, Format};
use crate::disk::Disk;
use crate::model::Bar;

/// The name of the note.
const NAME: &str = "engine_bars";

/// Whether files of a format keep notes.
pub(super) fn has_notes(format: Format) -> bool {
    matches!(format, Format::Parquet | Format::Arrow)
}

/// What tells bars from others without holding them: how many, and the BLAKE3 of their records, one behind the other. A
/// CRC of records that each end with their own would be the same for all.
#[derive(Clone, Debug, Default)]
pub(super) struct Fingerprint {
    rows: u64,
    hasher: blake3::Hasher,
    /// How many have prices of zero or below.
    pub(super) below_zero: u64,
}

impl Fingerprint {
    /// The bars that come next.
    pub(super) fn take(&mut self, bars: &[Bar]) {
        self.rows += bars.len() as u64;
        self.below_zero += bars_below_zero(bars);
        self.hasher.update(bytemuck::cast_slice(bars));
    }

    /// As a file remembers it, with how it is compressed.
    pub(super) fn note(&self, compression: Compression) -> (String, String) {
        let Fingerprint { rows, hasher, .. } = self;
        let text = format!("{rows} bars, blake3 {}, compression {compression}", hasher.finalize().to_hex());
        (NAME.to_owned(), text)
    }
}

/// Bars with prices of zero or below.
pub(super) fn bars_below_zero(bars: &[Bar]) -> u64 {
    bars.iter().filter(|bar| bar.low <= 0.0).count() as u64
}

/// Whether a file has all of these notes. One whose end cannot be read has none; damage before that is not looked for.
pub(super) fn has_all(disk: &Arc<dyn Disk>, path: &Path, format: Format, notes: &[(String, String)]) -> bool {
    // A damaged end can make its reader panic.
    let of_file = catch_unwind(AssertUnwindSafe(|| notes_of(disk, path, format))).ok().flatten();
    let of_file = of_file.unwrap_or_default();
    notes.iter().all(|note| of_file.contains(note))
}

fn notes_of(disk: &Arc<dyn Disk>, path: &Path, format: Format) -> Option<Vec<(String, String)>> {
    let mut file = disk.open(path).ok()??;
    match format {
        Format::Parquet => {
            let metadata = ParquetReader::new(file).get_metadata().ok()?.clone();
            let notes = metadata.key_value_metadata().as_ref()?;
            Some(notes.iter().filter_map(|note| Some((note.key.clone(), note.value.clone()?))).collect())
        }
        _ => {
            let notes = read_file_metadata(&mut file).ok()?.custom_schema_metadata?;
            Some(notes.iter().map(|(name, text)| (name.to_string(), text.to_string())).collect())
        }
    }
}
