//! Series made anew from the cache: built aside, then put in place, so that readers always see a whole store.

use std::sync::Arc;

use super::Ingest;
use super::report::{Event, Gone, IngestError, RunReport, SymbolReport};
use super::window::Window;
use crate::aggregate::{correction, range_of};
use crate::model::cascade::Cascade;
use crate::model::settings::Paths;
use crate::model::{Bar, Day, Symbol};
use crate::resample;
use crate::store::{Health, Lake, SeriesKey, SeriesView, StoreError};

/// What is made anew.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rebuild {
    /// The 1m series from the payloads, and every coarser series from it.
    Full,
    /// The 1m series from the payloads; coarser series are folded again from the first bar that changed.
    Aggregate,
    /// Every coarser series from the 1m series.
    Resample,
}

impl Ingest<'_> {
    /// Rebuilds symbols from what the cache holds. Days without payload are not in the result.
    pub fn rebuild(&self, what: Rebuild, symbols: &[Symbol]) -> Result<RunReport, StoreError> {
        // Left by a rebuild that was interrupted.
        self.lake.remove_aside()?;
        (self.progress)(Event::Processing { symbols: symbols.len() });
        let days = if what == Rebuild::Resample { Default::default() } else { self.payload_days(symbols)? };
        let work = |symbol: &Symbol| {
            let mut report = SymbolReport::of(symbol, None);
            let days = days.get(symbol).map_or(&[][..], Vec::as_slice);
            if let Err(error) = self.rebuild_from(what, days, &mut report) {
                report.error = Some(Arc::new(error));
            }
            (self.progress)(Event::Symbol(&report));
            report
        };
        let symbols = self.in_parallel(symbols, work);
        self.lake.remove_aside()?;
        Ok(RunReport { symbols, ..RunReport::default() })
    }

    /// Rebuilds one symbol in the middle of a run.
    pub(super) fn rebuild_symbol(&self, what: Rebuild, report: &mut SymbolReport) -> Result<(), IngestError> {
        let symbol = report.symbol.clone();
        let days = self.payload_days(std::slice::from_ref(&symbol))?.remove(&symbol).unwrap_or_default();
        *report = SymbolReport::of(&symbol, report.download.take());
        self.rebuild_from(what, &days, report)
    }

    fn rebuild_from(
        &self,
        what: Rebuild,
        days: &[Day],
        report: &mut SymbolReport,
    ) -> Result<(), IngestError> {
        let symbol = report.symbol.clone();
        let cascade = Cascade::new(&symbol, self.settings)?;
        let aside = self.lake.aside();
        if what != Rebuild::Resample {
            if days.is_empty() {
                return Err(IngestError::NothingToRebuild { symbol });
            }
            let missing = self.noted_and_missing(&symbol, days);
            let minutes = self.aggregate_days(&aside, &cascade, days, missing, report)?;
            report.minutes = Some(minutes);
        }
        match what {
            Rebuild::Full => {
                report.series = resample::extend(&aside, &symbol, &cascade, self.settings.resample.fsync)?;
                self.adopt_minutes(&aside, &cascade, days, report)?;
                self.adopt_series(&aside, &symbol, &cascade)?;
            }
            Rebuild::Aggregate => {
                self.adopt_minutes(&aside, &cascade, days, report)?;
                report.series = resample::extend(self.lake, &symbol, &cascade, self.settings.resample.fsync)?;
            }
            Rebuild::Resample => {
                self.unsettle(&symbol)?;
                let resample = aside.paths().resample.clone();
                let built =
                    Lake::on(self.lake.disk().clone(), Paths { resample, ..self.lake.paths().clone() });
                report.series = resample::extend(&built, &symbol, &cascade, self.settings.resample.fsync)?;
                if report.is_stale() {
                    // The 1m series is of another configuration: nothing was folded, and nothing takes its place.
                    return Ok(());
                }
                self.adopt_series(&built, &symbol, &cascade)?;
            }
        }
        Ok(self.keep_csvs(&symbol, &cascade)?)
    }

    /// A day noted because its payload did not come is not in the cache either: it stays noted.
    fn noted_and_missing(&self, symbol: &Symbol, days: &[Day]) -> Option<Day> {
        let commit = self.minute_commit(symbol);
        let to =
            [commit?.last_date, commit?.reconcile_from, days.last().copied()].into_iter().flatten().max()?;
        self.still_behind(symbol, commit.as_ref(), Window { from: to, to }, None)
    }

    /// Coarser series go back to the first difference before the 1m series is replaced, as in a correction.
    fn adopt_minutes(
        &self,
        aside: &Lake,
        cascade: &Cascade,
        days: &[Day],
        report: &mut SymbolReport,
    ) -> Result<(), IngestError> {
        let symbol = &report.symbol;
        let key = SeriesKey::minute(symbol.clone());
        let built = aside.open_series(&key, self.settings.aggregate_fsync)?;
        let mut present = self.lake.open_series(&key, self.settings.aggregate_fsync)?;
        present.unsettle()?;
        let (held, made) = (present.view()?, built.view()?);
        let common = held.common_bars(&made);
        let first_difference =
            if present.doubts_folded() { Some(0) } else { first_difference_ms(&held, &made, common) };
        if let Some(minute_ms) = first_difference {
            resample::rewind(self.lake, symbol, cascade, minute_ms, self.settings.resample.fsync)?;
        }
        let known_ms = held.commit().watermark_ms;
        let health = present.health().clone();
        let whole = *built.commit();
        present.adopt(built, whole)?;
        if let Some(minutes) = &mut report.minutes {
            match health {
                Health::Repaired { reason } => minutes.repaired = Some(reason.to_string()),
                _ => minutes.correction = correction(held.bars(), made.bars(), common, known_ms),
            }
        }
        report.gone = gone(&held.bars()[common..], days);
        Ok(())
    }

    /// See [`SeriesWriter::unsettle`](crate::store::SeriesWriter::unsettle): the series about to be replaced are many.
    fn unsettle(&self, symbol: &Symbol) -> Result<(), IngestError> {
        let key = SeriesKey::minute(symbol.clone());
        if !self.settings.resample.fsync
            && self.lake.trusted_commit(&key).is_ok_and(|commit| commit.is_some())
        {
            self.lake.open_series(&key, false)?.unsettle()?;
        }
        Ok(())
    }

    fn adopt_series(&self, built: &Lake, symbol: &Symbol, cascade: &Cascade) -> Result<(), IngestError> {
        for step in &cascade.steps {
            let key = resample::key_of(symbol, step);
            let made = built.open_series(&key, self.settings.resample.fsync)?;
            let whole = *made.commit();
            self.lake.open_series(&key, self.settings.resample.fsync)?.adopt(made, whole)?;
        }
        Ok(())
    }
}

/// The first instant at which two 1m series differ; where the shorter one ends if it is a prefix of the other.
fn first_difference_ms(held: &SeriesView, made: &SeriesView, common: usize) -> Option<i64> {
    [held, made].iter().filter_map(|view| view.bars().get(common)).map(|bar| bar.time_ms as i64).min()
}

/// What is held of days that are not among `days`, which are in increasing order.
fn gone(held: &[Bar], days: &[Day]) -> Option<Gone> {
    let mut gone = Gone::default();
    let mut rest = held;
    while let Some(first) = rest.first() {
        let day = Day::of_ms(first.time_ms as i64);
        let (bars, later) = rest.split_at(range_of(rest, day).end);
        if days.binary_search(&day).is_err() {
            gone.days += 1;
            gone.bars += bars.len() as u64;
        }
        rest = later;
    }
    (gone.days > 0).then_some(gone)
}
