//! What lies beside the series, and whether it is what it should be: for `engine verify`, and for those who have turned
//! the texts off.

use std::collections::BTreeSet;
use std::io::Read;
use std::path::PathBuf;

use crate::model::lines::{HEADER, Lines};
use crate::model::{Symbol, Timeframe};
use crate::store::paths::CSV_CLAIM;
use crate::store::writer::STRETCH_BARS;
use crate::store::{Lake, SeriesKey, StoreError};

impl Lake {
    /// Whether the text of a series is, to the last byte, what is committed.
    pub fn csv_is_exact(&self, key: &SeriesKey) -> Result<bool, StoreError> {
        let path = self.csv_path(&key.symbol, &key.timeframe);
        let at = |doing| StoreError::at(doing, &path);
        let Some(view) = self.read_series(key)? else { return Ok(false) };
        let Some(mut file) = self.disk().open(&path).map_err(at("opening"))? else { return Ok(false) };
        let held = file.metadata().map_err(at("looking at"))?.len();
        let (mut lines, mut expected, mut found) = (Lines::default(), HEADER.as_bytes().to_vec(), Vec::new());
        let (mut bars, mut end) = (view.bars(), 0);
        loop {
            let (piece, rest) = bars.split_at(bars.len().min(STRETCH_BARS));
            lines.write(piece, &mut expected);
            end += expected.len() as u64;
            if end > held {
                return Ok(false);
            }
            found.resize(expected.len(), 0);
            file.read_exact(&mut found).map_err(at("reading"))?;
            if found != expected {
                return Ok(false);
            }
            if rest.is_empty() {
                return Ok(end == held);
            }
            (bars, _) = (rest, expected.clear());
            view.release(view.bars().len() - rest.len());
        }
    }

    /// Every text that the lake has kept, by path: those with a claim.
    pub fn kept_csvs(&self) -> Result<Vec<PathBuf>, StoreError> {
        let mut found = Vec::new();
        let mut timeframes: Vec<Timeframe> = vec![Timeframe::minute()];
        let entries = self.list(&self.paths().resample)?;
        timeframes.extend(
            entries.iter().filter(|entry| entry.is_folder).filter_map(|entry| entry.name.parse().ok()),
        );
        for timeframe in timeframes {
            let folder = self.series_folder(&timeframe);
            let claims = self.list(&folder.join("index"))?;
            let claims = claims.iter().filter_map(|entry| entry.name.strip_suffix(CSV_CLAIM));
            let claimed: BTreeSet<Symbol> = claims.filter_map(|name| name.parse().ok()).collect();
            if claimed.is_empty() {
                continue;
            }
            let texts = self.list(&folder)?;
            let texts = texts.iter().filter_map(|entry| entry.name.strip_suffix(".csv")?.parse().ok());
            let texts = texts.filter(|symbol| claimed.contains(symbol));
            found.extend(texts.map(|symbol| self.csv_path(&symbol, &timeframe)));
        }
        found.sort();
        Ok(found)
    }

    /// Removes the claim of a text, so that the next [`keep_csv`](Lake::keep_csv) writes all of it.
    pub fn doubt_csv(&self, key: &SeriesKey) -> Result<(), StoreError> {
        self.forget_csv(&key.symbol, &key.timeframe)
    }
}
