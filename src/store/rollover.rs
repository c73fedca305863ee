//! Roll calendars: small text files that the user may write, too.

use std::path::{Path, PathBuf};

use super::{Lake, StoreError};
use crate::model::Symbol;

/// Forty years of daily events are not a tenth of it.
const BYTES_MAX: u64 = 4 << 20;

impl Lake {
    /// Where the roll calendar of a symbol lies.
    pub fn rollover_path(&self, symbol: &Symbol) -> PathBuf {
        self.paths.rollover.join(format!("{symbol}.csv"))
    }

    /// The text of a symbol's roll calendar; `None` when there is none. Bytes that are no text become signs that no
    /// calendar may hold.
    pub fn read_rollover(&self, symbol: &Symbol) -> Result<Option<String>, StoreError> {
        let path = self.rollover_path(symbol);
        let length = self.disk.file_length(&path).map_err(StoreError::at("looking at", &path))?;
        if length.is_some_and(|length| length > BYTES_MAX) {
            let why = format!("it is no calendar: longer than {BYTES_MAX} bytes");
            return Err(StoreError::at("reading", &path)(std::io::Error::other(why)));
        }
        let bytes = self.disk.read(&path).map_err(StoreError::at("reading", &path))?;
        Ok(bytes.map(|bytes| String::from_utf8_lossy(&bytes).into_owned()))
    }

    /// Replaces a symbol's roll calendar, all or nothing.
    pub fn write_rollover(&self, symbol: &Symbol, text: &str) -> Result<(), StoreError> {
        let path = self.rollover_path(symbol);
        self.disk.replace(&path, text.as_bytes(), true).map_err(StoreError::at("writing", &path))
    }

    /// The symbols that have a roll calendar, in order.
    pub fn list_rollovers(&self) -> Result<Vec<Symbol>, StoreError> {
        let folder: &Path = &self.paths.rollover;
        let entries = self.disk.list(folder).map_err(StoreError::at("listing", folder))?;
        let named = entries.iter().filter(|entry| !entry.is_folder);
        let mut symbols: Vec<Symbol> =
            named.filter_map(|entry| entry.name.strip_suffix(".csv")?.parse().ok()).collect();
        symbols.sort();
        Ok(symbols)
    }
}
