//! The text beside each series, kept up after the series were committed.

use super::Ingest;
use crate::model::Symbol;
use crate::model::cascade::Cascade;
use crate::resample;
use crate::store::{SeriesKey, StoreError};

impl Ingest<'_> {
    /// Brings the texts of a symbol up to its series, if the user wants them. It is the last thing done to a symbol: what
    /// goes wrong here has no part in what was committed, and is told all the same.
    pub fn keep_csvs(&self, symbol: &Symbol, cascade: &Cascade) -> Result<(), StoreError> {
        if !self.settings.csv {
            return Ok(());
        }
        self.lake.keep_csv(&SeriesKey::minute(symbol.clone()), self.settings.aggregate_fsync)?;
        for step in &cascade.steps {
            self.lake.keep_csv(&resample::key_of(symbol, step), self.settings.resample.fsync)?;
        }
        Ok(())
    }
}
