//! Whether a partition holds already what it would be given: formats with a place for notes remember what they are made of.

use std::path::Path;
use std::sync::Arc;

use polars::prelude::*;
use polars_arrow::io::ipc::read::read_file_metadata;

use super::{BuildError, Compression, Format, Source};
use crate::disk::Disk;

/// The name of the note.
const NAME: &str = "engine_bars";

/// Whether files of a format keep notes.
pub(super) fn has_notes(format: Format) -> bool {
    matches!(format, Format::Parquet | Format::Arrow)
}

/// What tells these bars from others, as a note: how many, and the BLAKE3 of their records, one behind the other. A CRC
/// of records that each end with their own would be the same for all.
///
/// # Errors
/// What reading them can say.
pub(super) fn note_of_bars(
    source: &Source<'_>,
    rows_max: usize,
    compression: Option<Compression>,
) -> Result<(String, String), BuildError> {
    let (mut rows, mut hasher) = (0, blake3::Hasher::new());
    source.each_piece(rows_max, &mut |piece| {
        rows += piece.bars.len();
        hasher.update(bytemuck::cast_slice(piece.bars));
        Ok(())
    })?;
    let how = compression.map_or("as usual", Compression::name);
    Ok((NAME.to_owned(), format!("{rows} bars, blake3 {}, compressed: {how}", hasher.finalize().to_hex())))
}

/// Whether a file has all of these notes. One that cannot be read has none.
pub(super) fn has_all(disk: &Arc<dyn Disk>, path: &Path, format: Format, notes: &[(String, String)]) -> bool {
    let of_file = notes_of(disk, path, format).unwrap_or_default();
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
