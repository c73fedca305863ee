//! What the user decides about the refused bars of one day, and the correction that follows from it.

use super::images::ImageSource;
use super::report::{IngestError, SymbolReport};
use super::{Ingest, Request, Stages};
use crate::aggregate::Correction;
use crate::model::cascade::Cascade;
use crate::model::settings::Validate;
use crate::model::{Day, Symbol};
use crate::store::{PayloadKind, Release, StoreError};
use crate::transform::{DayRecipe, DayReport, RefusedBar, Rule, Scratch, image_of};

/// Days named in an error.
const NEAREST_MAX: usize = 3;

/// What the user has decided.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Decision {
    /// The refused bars of the day belong into the series.
    Release,
    /// They do not after all.
    Hold,
}

/// What came of a decision.
#[derive(Clone, Debug)]
pub struct Decided {
    /// Bars that went into the series, or out of it.
    pub bars: u64,
    /// Bars that stay in quarantine, because they are no numbers.
    pub not_finite: u64,
    /// The same had been decided before.
    pub was_so: bool,
    /// What the stages made of it.
    pub report: SymbolReport,
}

impl Decided {
    /// What changed in the 1m series, if anything did.
    pub fn correction(&self) -> Option<Correction> {
        self.report.minutes.as_ref()?.correction
    }
}

impl Ingest<'_> {
    /// Releases what the payload of a finished day has refused, or takes that back, and corrects the series at once.
    ///
    /// A decision is about the symbol named, also where that is an alias: its bars are its own, and so are the rules
    /// they break. It is about the bytes of the payload it was made about; a newer payload is judged afresh.
    ///
    /// The commit record knows that the day must be compared again before the decision is in the cache, as with a late
    /// payload: whenever this is interrupted, the next run brings the series in line with what lies in the cache.
    pub fn decide(&self, decision: Decision, symbol: &Symbol, day: Day) -> Result<Decided, IngestError> {
        match decision {
            Decision::Release => self.release(symbol, day),
            Decision::Hold => self.hold(symbol, day),
        }
    }

    fn release(&self, symbol: &Symbol, day: Day) -> Result<Decided, IngestError> {
        let bytes = self.payload_to_release(symbol, day)?;
        let refused = self.refused_bars_of(symbol, day, &bytes)?;
        let not_finite = refused.iter().filter(|refused| refused.rule == Rule::NotFinite).count();
        let bars = (refused.len() - not_finite) as u64;
        // A day that is rejected as a whole for such a bar can be had without it.
        if bars == 0 && self.settings.transform.validate != Validate::Reject {
            let reason = format!("{}: {not_finite}, and nothing else is refused", Rule::NotFinite);
            return Err(cannot(symbol, day, reason, "look at the steps under transform.symbols".to_owned()));
        }
        let was_so = self.lake.is_released(symbol, day, &bytes)?;
        let report = self.correct(symbol, day, || {
            if !was_so {
                self.lake.write_release(symbol, day, &Release::of(&bytes, (self.clock)()))?;
            }
            // Its payload is good now, whatever was said of it when the day was rejected.
            self.lake.clear_refused_payload(symbol, day).map(drop)
        })?;
        Ok(Decided { bars, not_finite: not_finite as u64, was_so, report })
    }

    fn hold(&self, symbol: &Symbol, day: Day) -> Result<Decided, IngestError> {
        let Some(release) = self.lake.read_release(symbol, day)? else {
            let nearest = nearest(day, self.lake.released_days(symbol)?);
            return Err(IngestError::NotReleased { symbol: symbol.clone(), day, nearest });
        };
        let mut bytes = Vec::new();
        self.lake.read_payload(self.settings.payload_symbol(symbol), day, &mut bytes)?;
        let is_about = release.is_about(&bytes);
        let refused =
            if is_about { self.refused_bars_of(symbol, day, &bytes).unwrap_or_default() } else { Vec::new() };
        let bars = refused.iter().filter(|refused| refused.rule != Rule::NotFinite).count() as u64;
        let not_finite = refused.len() as u64 - bars;
        let report = self.correct(symbol, day, || self.lake.remove_release(symbol, day).map(drop))?;
        Ok(Decided { bars, not_finite, was_so: !is_about, report })
    }

    /// The finished payload of a day.
    fn payload_to_release(&self, symbol: &Symbol, day: Day) -> Result<Vec<u8>, IngestError> {
        let mut bytes = Vec::new();
        match self.lake.read_payload(self.settings.payload_symbol(symbol), day, &mut bytes)? {
            Some(PayloadKind::Finished) => Ok(bytes),
            Some(PayloadKind::Running { .. }) => {
                let reason = "the day is not finished, and its payload changes with every run".to_owned();
                Err(cannot(symbol, day, reason, "decide when the day is over".to_owned()))
            }
            None => Err(self.nothing_to_release(symbol, day, "the cache holds no payload of that day")?),
        }
    }

    /// The bars of a payload that are not in the series unless they are released.
    fn refused_bars_of(
        &self,
        symbol: &Symbol,
        day: Day,
        bytes: &[u8],
    ) -> Result<Vec<RefusedBar>, IngestError> {
        let cascade = Cascade::new(symbol, self.settings)?;
        let own = ImageSource::new(self.lake, self.settings, symbol, &cascade.server).recipe;
        // The mode that names them all.
        let recipe = DayRecipe { validate: Validate::Quarantine, ..own };
        let judged = image_of(bytes, day, None, &recipe, &mut Scratch::default(), &mut Vec::new());
        let DayReport { refused, .. } = match judged {
            Ok(report) => report,
            Err(unreadable) => {
                let reason = unreadable.to_string();
                // Set aside, so that the next run asks for the day again.
                self.lake.write_refused_payload(symbol, day, bytes, &reason)?;
                return Err(cannot(symbol, day, reason, ask_again()));
            }
        };
        match self.settings.transform.validate {
            Validate::Off | Validate::Flag => {
                Err(self.nothing_to_release(symbol, day, "transform.validate keeps every bar")?)
            }
            _ if refused.is_empty() => {
                Err(self.nothing_to_release(symbol, day, "every bar of that day is in order")?)
            }
            _ => Ok(refused),
        }
    }

    /// Why nothing can be released: a payload that was refused and is not in the cache cannot be read either.
    fn nothing_to_release(
        &self,
        symbol: &Symbol,
        day: Day,
        why: &'static str,
    ) -> Result<IngestError, StoreError> {
        for name in [symbol, self.settings.payload_symbol(symbol)] {
            if let Some(refused) = self.lake.read_refused_payload(name, day)? {
                return Ok(cannot(symbol, day, refused.reason, ask_again()));
            }
        }
        let days = self.lake.refused_days(symbol)?.iter().map(|refused| refused.day).collect();
        Ok(IngestError::NothingToRelease { symbol: symbol.clone(), day, why, nearest: nearest(day, days) })
    }

    /// Notes the day, lets `change` change what the cache says of it, and corrects the series.
    fn correct(
        &self,
        symbol: &Symbol,
        day: Day,
        change: impl FnOnce() -> Result<(), StoreError>,
    ) -> Result<SymbolReport, IngestError> {
        let before = self.minute_commit(symbol);
        crate::aggregate::note_older_payload(self.lake, symbol, day)?;
        change()?;
        let Some(before) = before.filter(|commit| commit.last_date.is_some_and(|last| day <= last)) else {
            return Ok(self.process(&self.usual_run(symbol, day), None).symbols.remove(0));
        };
        // Nothing but this day has changed, so what was noted before is what stays noted.
        self.reconcile_days(symbol, &[day], before.reconcile_from)
    }

    /// For a series that has yet to come to that day: whatever lies before it is compared as well.
    fn usual_run(&self, symbol: &Symbol, day: Day) -> Request {
        Request {
            symbols: vec![symbol.clone()],
            from: Some(day),
            to: None,
            today: Day::of_ms((self.clock)()).max(day),
            stages: Stages { download: false, aggregate: true, resample: true },
            ask_again: false,
            rebuild_changed: false,
        }
    }
}

fn cannot(symbol: &Symbol, day: Day, reason: String, remedy: String) -> IngestError {
    IngestError::CannotBeReleased { symbol: symbol.clone(), day, reason, remedy }
}

fn ask_again() -> String {
    "the next `engine run` asks the feed for that day again, or put a sound payload into the cache".to_owned()
}

/// The days next to one, in order.
fn nearest(day: Day, mut days: Vec<Day>) -> Vec<Day> {
    days.sort_by_key(|other| other.epoch_days().abs_diff(day.epoch_days()));
    days.truncate(NEAREST_MAX);
    days.sort_unstable();
    days
}
