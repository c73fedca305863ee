//! One symbol through the stages after the download.

use std::sync::Arc;

use super::images::{DayImages, ImageSource};
use super::report::{IngestError, SymbolReport};
use super::window::{self, Sought, Window};
use super::{Ingest, Rebuild, Request};
use crate::aggregate::{self, MinuteReport};
use crate::download::SymbolOutcome;
use crate::model::cascade::Cascade;
use crate::model::{Day, Symbol};
use crate::resample;
use crate::store::{Commit, Lake};

impl Ingest<'_> {
    /// `cached` are the days with payloads where the symbol has no series yet.
    pub(super) fn process_symbol(
        &self,
        request: &Request,
        symbol: &Symbol,
        outcome: Option<Arc<SymbolOutcome>>,
        cached: Option<&Vec<Day>>,
    ) -> SymbolReport {
        let mut report = SymbolReport::of(symbol, outcome);
        if let Err(error) = self.through_stages(request, cached, &mut report) {
            report.error = Some(Arc::new(error));
        }
        report
    }

    fn through_stages(
        &self,
        request: &Request,
        cached: Option<&Vec<Day>>,
        report: &mut SymbolReport,
    ) -> Result<(), IngestError> {
        let symbol = report.symbol.clone();
        let cascade = Cascade::new(&symbol, self.settings)?;
        // What an earlier run replaced and did not wait for has had its time.
        self.lake.settle(&symbol)?;
        if request.stages.aggregate {
            self.aggregate_window(request, &cascade, cached, report)?;
            if request.rebuild_changed && report.is_stale() {
                return self.rebuild_symbol(Rebuild::Full, report);
            }
        }
        if request.stages.resample {
            report.series = resample::extend(self.lake, &symbol, &cascade, self.settings.resample.fsync)?;
            if request.rebuild_changed && report.is_stale() {
                return self.rebuild_symbol(Rebuild::Resample, report);
            }
        }
        Ok(self.keep_csvs(&symbol, &cascade)?)
    }

    fn aggregate_window(
        &self,
        request: &Request,
        cascade: &Cascade,
        cached: Option<&Vec<Day>>,
        report: &mut SymbolReport,
    ) -> Result<(), IngestError> {
        let symbol = report.symbol.clone();
        let to = request.to.unwrap_or(request.today);
        let commit = self.minute_commit(&symbol);
        let (days, window) = match (&commit, cached) {
            (Some(commit), _) => {
                let window = window::aggregate_window(request, commit);
                (window.from.through(window.to).collect(), window)
            }
            (None, Some(cached)) => {
                let days: Vec<Day> = cached.iter().copied().filter(|day| *day <= to).collect();
                let from = days.first().copied().unwrap_or(to);
                (days, Window { from, to })
            }
            (None, None) => (Vec::new(), Window { from: to, to }),
        };
        let sought = report.download.as_ref().map(|outcome| Sought {
            from: window::download_window(request, commit.as_ref(), self.settings.download.history_start)
                .from,
            failure: window::earliest_failure(outcome, request.today),
        });
        let reconcile_from = self.still_behind(&symbol, commit.as_ref(), window, sought);
        let minutes = self.aggregate_days(self.lake, cascade, &days, reconcile_from, report)?;
        report.minutes = Some(minutes);
        Ok(())
    }

    /// As [`window::still_behind`], with what the cache holds of a symbol.
    pub(super) fn still_behind(
        &self,
        symbol: &Symbol,
        commit: Option<&Commit>,
        window: Window,
        sought: Option<Sought>,
    ) -> Option<Day> {
        let payloads_of = self.settings.payload_symbol(symbol);
        let has_payload = |day| self.lake.has_finished(payloads_of, day).unwrap_or(false);
        window::still_behind(commit, window, sought, has_payload)
    }

    /// Reconciles the 1m series of a symbol with the payloads of exactly these days, in order, and extends what is folded
    /// from it. Days from `reconcile_from` on stay to be compared again.
    pub fn reconcile_days(
        &self,
        symbol: &Symbol,
        days: &[Day],
        reconcile_from: Option<Day>,
    ) -> Result<SymbolReport, IngestError> {
        let cascade = Cascade::new(symbol, self.settings)?;
        let mut report = SymbolReport::of(symbol, None);
        report.minutes = Some(self.aggregate_days(self.lake, &cascade, days, reconcile_from, &mut report)?);
        report.series = resample::extend(self.lake, symbol, &cascade, self.settings.resample.fsync)?;
        self.keep_csvs(symbol, &cascade)?;
        Ok(report)
    }

    /// Reconciles the 1m series of a lake with the payloads of some days.
    pub(super) fn aggregate_days(
        &self,
        lake: &Lake,
        cascade: &Cascade,
        days: &[Day],
        reconcile_from: Option<Day>,
        report: &mut SymbolReport,
    ) -> Result<MinuteReport, IngestError> {
        let symbol = report.symbol.clone();
        let source = ImageSource::new(self.lake, self.settings, &symbol, &cascade.server);
        let mut images = DayImages::new(&source, days)?;
        let order = aggregate::Order {
            symbol: &symbol,
            fingerprint: cascade.minute_fingerprint,
            sync: self.settings.aggregate_fsync,
            reconcile_from,
        };
        let mut take_back = |minute_ms| {
            resample::rewind(lake, &symbol, cascade, minute_ms, self.settings.resample.fsync)
                .map_err(IngestError::from)
        };
        let minutes = aggregate::reconcile(lake, &order, &mut images, &mut take_back)?;
        report.days += images.tally.days;
        report.refused_bars += images.tally.refused_bars;
        report.suspects += images.tally.suspects;
        report.odd_days.append(&mut images.tally.odd_days);
        report.refused_days.append(&mut images.tally.refused_days);
        Ok(minutes)
    }
}
