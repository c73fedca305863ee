//! Waiting for what was not waited for.

use std::path::Path;

use super::{Lake, SeriesKey, StoreError};
use crate::model::Symbol;

impl Lake {
    /// Waits until whatever was replaced of a symbol in this boot without being synced is on the medium, and takes the
    /// mark off its 1m record ([`unsettle`](super::SeriesWriter::unsettle)): from then on a restart of the system is no
    /// reason to make the symbol's series again.
    ///
    /// Meant for a later run: the system writes pages out by itself within half a minute, and then there is little left
    /// to wait for. Returns whether there was anything to do.
    pub fn settle(&self, symbol: &Symbol) -> Result<bool, StoreError> {
        let boot = self.disk.boot();
        if boot.is_none() || self.unsettled_in(symbol)? != boot {
            return Ok(false);
        }
        for timeframe in self.list_timeframes()? {
            let series = self.series_folder(&timeframe);
            let records = series.join("index");
            for folder in [series, records] {
                self.settle_folder(&folder, symbol)?;
            }
        }
        self.open_series(&SeriesKey::minute(symbol.clone()), false)?.settle()?;
        Ok(true)
    }

    fn settle_folder(&self, folder: &Path, symbol: &Symbol) -> Result<(), StoreError> {
        let sync = |path: &Path| self.disk.sync(path).map_err(StoreError::at("syncing", path));
        for entry in self.list(folder)? {
            let rest = entry.name.strip_prefix(symbol.as_str());
            // Series and records; those of `EUR_USD` too when it is `EUR` that settles, which harms nobody.
            if !entry.is_folder && rest.is_some_and(|rest| rest.starts_with(['.', '_'])) {
                sync(&folder.join(&entry.name))?;
            }
        }
        self.anchor(folder)?;
        // Anchored once in the life of a lake; the names in it may be newer.
        sync(folder)
    }
}
