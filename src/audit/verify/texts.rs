//! The text beside each series: with `deep` held to its bars, line by line.

use std::path::Path;

use super::finding::{Finding, Report, Wrong};
use super::repair::{How, Repair};
use super::{Scope, Verify};
use crate::ingest::IngestError;
use crate::model::Symbol;
use crate::model::cascade::Cascade;
use crate::resample::key_of;
use crate::store::{CsvState, SeriesKey, StoreError};

impl Verify<'_> {
    pub(super) fn check_texts(
        &self,
        symbol: &Symbol,
        cascade: &Cascade,
        scope: &Scope,
        report: &mut Report,
    ) -> Result<(), IngestError> {
        for key in keys(symbol, cascade) {
            let path = self.lake.csv_path(symbol, &key.timeframe);
            let there = scope.residents.binary_search_by(|resident| resident.path.cmp(&path)).is_ok();
            report.tally.files += u64::from(there);
            let wrong = if self.settings.csv {
                self.wrong_with_text(&key, there)?
            } else if there {
                Some(self.wrong_with_left(&key)?)
            } else {
                None
            };
            report.findings.extend(wrong.map(|wrong| self.about_text(wrong, &key, &path)));
        }
        Ok(())
    }

    fn wrong_with_text(&self, key: &SeriesKey, there: bool) -> Result<Option<Wrong>, StoreError> {
        let state = match self.lake.csv_state(key) {
            // Told where the series is looked at.
            Err(StoreError::Repair { .. }) => return Ok(None),
            state => state?,
        };
        Ok(match state {
            CsvState::NoSeries => there.then_some(Wrong::Stranger),
            CsvState::Behind => Some(Wrong::TextBehind),
            CsvState::Shown if self.deep && !self.is_exact(key)? => Some(Wrong::NotItsSeries),
            CsvState::Shown => None,
        })
    }

    fn is_exact(&self, key: &SeriesKey) -> Result<bool, StoreError> {
        match self.lake.csv_is_exact(key) {
            Err(StoreError::Repair { .. }) => Ok(true),
            exact => exact,
        }
    }

    /// A text although none is wanted: the engine's own of another time, or somebody's.
    fn wrong_with_left(&self, key: &SeriesKey) -> Result<Wrong, StoreError> {
        let claim = self.lake.read_csv_claim(&key.symbol, &key.timeframe)?;
        Ok(if claim.is_some() { Wrong::TextLeft } else { Wrong::Stranger })
    }

    fn about_text(&self, wrong: Wrong, key: &SeriesKey, path: &Path) -> Finding {
        let timeframe = Some(key.timeframe.clone());
        Finding { timeframe, ..Finding::of_file(wrong, path.to_owned()).of(&key.symbol) }
    }

    /// Texts that are wrong are written again, and those of mended series with them.
    pub(super) fn repair_texts(
        &self,
        symbol: &Symbol,
        cascade: &Cascade,
        report: &Report,
        done: &mut Vec<Repair>,
    ) -> Result<(), IngestError> {
        let mut written = Vec::new();
        for key in keys(symbol, cascade) {
            let path = self.lake.csv_path(symbol, &key.timeframe);
            let is_wrong = |finding: &Finding| finding.wrong == Wrong::NotItsSeries && finding.path == path;
            if report.findings.iter().any(is_wrong) {
                self.lake.doubt_csv(&key)?;
                written.push(Repair { path, ..self.of_series(&key, How::TextWritten) });
            }
        }
        self.ingest(|ingest| ingest.keep_csvs(symbol, cascade))?;
        done.append(&mut written);
        Ok(())
    }
}

fn keys(symbol: &Symbol, cascade: &Cascade) -> Vec<SeriesKey> {
    let folded = cascade.steps.iter().map(|step| key_of(symbol, step));
    std::iter::once(SeriesKey::minute(symbol.clone())).chain(folded).collect()
}
