//! `deep`: the 1m series and the quarantine against the payloads, and the payloads themselves.

use std::collections::BTreeMap;
use std::path::PathBuf;

use rayon::prelude::*;

use super::files::{about, place_of};
use super::finding::{Finding, Report, Tally, Wrong};
use super::series::Looked;
use super::{Scope, Verify};
use crate::aggregate::range_of;
use crate::aggregate::reconcile::{Verdict, compare};
use crate::feed::wire::{Payload, parse};
use crate::ingest::{ImageSource, IngestError, Made};
use crate::model::cascade::Cascade;
use crate::model::instrument::Instrument;
use crate::model::{Bar, Day, Symbol};
use crate::store::{Commit, RefusedBar, Resident, Role, StoreError};
use crate::transform::{DayReport, Scratch};

/// Days made at once.
const BLOCK_DAYS: usize = 64;

/// A payload in the cache or of a running day.
#[derive(Clone, Debug)]
pub(super) struct CachedDay {
    pub symbol: Symbol,
    pub day: Day,
    pub path: PathBuf,
    running: bool,
}

/// What comparing one day comes to.
enum Verdicts {
    Same,
    /// The next run compares it.
    Due,
    Differs {
        first: usize,
        count: usize,
    },
    Unusable(String),
}

impl Verify<'_> {
    /// Payloads, the finished one of a day before the running one, in the order of symbols and days; and other files.
    pub(super) fn cached_days(
        &self,
        residents: &[Resident],
    ) -> Result<(Vec<CachedDay>, Vec<Resident>), StoreError> {
        let mut days: BTreeMap<(Symbol, Day), CachedDay> = BTreeMap::new();
        let mut others = Vec::new();
        let live = residents.iter().filter(|resident| matches!(resident.role, Role::Running(..))).cloned();
        for resident in self.lake.cache_census()?.into_iter().chain(live) {
            let (symbol, day, running) = match &resident.role {
                Role::Finished(symbol, day) => (symbol.clone(), *day, false),
                Role::Running(symbol, day) => (symbol.clone(), *day, true),
                _ => {
                    others.push(resident);
                    continue;
                }
            };
            let cached = CachedDay { symbol: symbol.clone(), day, path: resident.path, running };
            days.entry((symbol, day)).or_insert(cached);
        }
        Ok((days.into_values().collect(), others))
    }

    /// Compares a 1m series with the payloads it is made of, and what is in quarantine with what is refused now.
    pub(super) fn compare_with_payloads(
        &self,
        minutes: &mut Looked,
        cascade: &Cascade,
        scope: &Scope,
        tally: &mut Tally,
    ) -> Result<(), IngestError> {
        if minutes.evidence.record.is_none() && minutes.evidence.held > 0 {
            return self.mark_orphan(minutes);
        }
        let comparable = minutes.is_comparable() && minutes.faults.is_empty();
        if !self.deep || !comparable {
            return Ok(());
        }
        let symbol = minutes.key.symbol.clone();
        let payloads_of = self.settings.payload_symbol(&symbol).clone();
        let source = ImageSource::new(self.lake, self.settings, &symbol, &cascade.server);
        let days = scope.days_of(&payloads_of);
        let mut due = 0;
        for block in days.chunks(BLOCK_DAYS) {
            let seen = &*minutes;
            let compare = |(bytes, scratch): &mut (Vec<u8>, Scratch), cached: &CachedDay| {
                self.compare_day(seen, &source, cached, bytes, scratch)
            };
            let verdicts: Vec<_> = block.par_iter().map_init(Default::default, compare).collect();
            for (cached, verdict) in block.iter().zip(verdicts) {
                let (verdict, refused) = verdict?;
                tally.payloads += 1;
                match verdict {
                    Verdicts::Same => {}
                    Verdicts::Due => due += 1,
                    Verdicts::Differs { first, count } => self.say_differs(minutes, cached, first, count),
                    Verdicts::Unusable(reason) => self.say_unusable(minutes, cached, reason),
                }
                minutes.findings.extend(refused);
            }
            let until = block.last().map_or(0, |cached| range_of(minutes.bars(), cached.day).end);
            minutes.evidence.release(until);
        }
        if due > 0 {
            minutes.say(self.lake, Wrong::Behind(format!("{due} days of payloads are to be compared")));
        }
        Ok(())
    }

    /// Bars without a record are of an interrupted first run if their payloads are there, and else perhaps the only copy.
    pub(super) fn mark_orphan(&self, minutes: &mut Looked) -> Result<(), IngestError> {
        let payloads_of = self.settings.payload_symbol(&minutes.key.symbol).clone();
        let days = self.lake.payload_days(std::slice::from_ref(&payloads_of))?;
        let cached = days.get(&payloads_of).map_or(&[][..], Vec::as_slice);
        let intact = minutes.bars().iter().filter(|bar| bar.is_intact());
        let orphan =
            intact.map(|bar| Day::of_ms(bar.time_ms as i64)).any(|day| cached.binary_search(&day).is_err());
        if orphan {
            minutes.findings.retain(|finding| finding.wrong != Wrong::Uncommitted);
            minutes.say(self.lake, Wrong::NoRecord);
        }
        Ok(())
    }

    fn say_differs(&self, minutes: &mut Looked, cached: &CachedDay, first: usize, count: usize) {
        let place = Some(place_of(minutes.bars(), first, count));
        minutes.say(self.lake, Wrong::NotItsPayload);
        let said = minutes.findings.last_mut().expect("it was said just now");
        (said.records, said.day) = (place, Some(cached.day));
    }

    fn say_unusable(&self, minutes: &mut Looked, cached: &CachedDay, reason: String) {
        let finding = Finding::of_file(Wrong::Payload(reason), cached.path.clone());
        minutes.findings.push(finding.of(&cached.symbol).on(cached.day));
    }

    fn compare_day(
        &self,
        minutes: &Looked,
        source: &ImageSource<'_>,
        cached: &CachedDay,
        bytes: &mut Vec<u8>,
        scratch: &mut Scratch,
    ) -> Result<(Verdicts, Option<Finding>), StoreError> {
        Ok(match source.look(cached.day, bytes, scratch)? {
            None => (Verdicts::Same, None),
            Some(Made::Refused(_, reason)) => (Verdicts::Unusable(reason), None),
            // A day that is rejected for one of its bars has none in the series.
            Some(Made::Rejected(image, _)) => (self.compare_image(minutes, &image.bars, cached), None),
            Some(Made::Image(image, report)) => {
                let verdict = self.compare_image(minutes, &image.bars, cached);
                let is_due = is_due(&minutes.commit(), cached.day);
                let symbol = &minutes.key.symbol;
                let refused = if is_due { None } else { self.compare_refused(symbol, cached.day, &report)? };
                (verdict, refused)
            }
        })
    }

    fn compare_image(&self, minutes: &Looked, image: &[Bar], cached: &CachedDay) -> Verdicts {
        let commit = minutes.commit();
        verdict_of(minutes.bars(), &commit, cached.day, image, is_due(&commit, cached.day))
    }

    fn compare_refused(
        &self,
        symbol: &Symbol,
        day: Day,
        report: &DayReport,
    ) -> Result<Option<Finding>, StoreError> {
        let held = self.lake.read_refused_bars(symbol, day)?;
        let now = refused_now(report);
        let same = held.len() == now.len() && held.iter().zip(&now).all(|(held, now)| is_same(held, now));
        let finding =
            || Finding::of_file(Wrong::Refused, self.lake.refused_bars_path(symbol, day)).of(symbol).on(day);
        Ok((!same).then(finding))
    }

    /// Names in the cache that are no payloads, instruments, and payloads of symbols that have no series.
    pub(super) fn check_cache(&self, scope: &Scope) -> Result<Report, IngestError> {
        let mut report = Report::default();
        for resident in &scope.others {
            let wrong = match &resident.role {
                Role::Instrument(symbol) if self.is_asked(symbol) => {
                    let read = Instrument::from_json(&self.read_whole(&resident.path)?);
                    read.err().map(|error| Wrong::Instrument(error.to_string()))
                }
                Role::Instrument(_) => None,
                Role::Released(symbol, day) => {
                    let read = self.lake.read_release(symbol, *day)?;
                    read.is_none().then_some(Wrong::Released)
                }
                Role::Beside => Some(Wrong::LeftOver),
                _ => Some(Wrong::Stranger),
            };
            report.tally.files += 1;
            report.findings.extend(wrong.map(|wrong| about(resident, wrong)));
        }
        let made_into: Vec<&Symbol> =
            scope.symbols.iter().map(|symbol| self.settings.payload_symbol(symbol)).collect();
        let alone =
            |cached: &&CachedDay| !made_into.contains(&&cached.symbol) && self.is_asked(&cached.symbol);
        for cached in scope.cache.iter().filter(alone) {
            let bytes = self.read_whole(&cached.path)?;
            report.tally.payloads += 1;
            if let Some(reason) = unusable(&bytes, cached.day, cached.running) {
                let finding = Finding::of_file(Wrong::Payload(reason), cached.path.clone());
                report.findings.push(finding.of(&cached.symbol).on(cached.day));
            }
        }
        Ok(report)
    }
}

impl Scope {
    pub(super) fn days_of(&self, symbol: &Symbol) -> Vec<CachedDay> {
        self.cache.iter().filter(|cached| cached.symbol == *symbol).cloned().collect()
    }
}

/// What the transform refuses of a day, as it lies in quarantine.
pub(super) fn refused_now(report: &DayReport) -> Vec<RefusedBar> {
    let refused = report.refused.iter();
    refused.map(|refused| RefusedBar { bar: refused.bar, rule: refused.rule.to_string() }).collect()
}

/// Whether the next run compares a day with its payload in any case.
fn is_due(commit: &Commit, day: Day) -> bool {
    commit.last_date.is_none_or(|last| day > last) || commit.reconcile_from.is_some_and(|from| day >= from)
}

fn verdict_of(bars: &[Bar], commit: &Commit, day: Day, image: &[Bar], is_due: bool) -> Verdicts {
    let range = range_of(bars, day);
    let newer_held = range.end < bars.len();
    match compare(&bars[range.clone()], image, newer_held, commit.watermark_ms as i64) {
        Verdict::Same => Verdicts::Same,
        _ if is_due => Verdicts::Due,
        Verdict::Append { .. } => Verdicts::Differs { first: range.end, count: 0 },
        Verdict::Correct { at_ms } => {
            let first = range.start + bars[range.clone()].partition_point(|bar| (bar.time_ms as i64) < at_ms);
            let differs =
                |(held, image): &(&Bar, &Bar)| bytemuck::bytes_of(*held) != bytemuck::bytes_of(*image);
            let beside = &image[image.partition_point(|bar| (bar.time_ms as i64) < at_ms)..];
            let count = bars[first..range.end].iter().zip(beside).take_while(differs).count();
            Verdicts::Differs { first, count }
        }
    }
}

/// Why bytes are no payload of a day.
pub(super) fn unusable(bytes: &[u8], day: Day, running: bool) -> Option<String> {
    let mut payload = Payload::default();
    let read = parse(bytes, &mut payload).and_then(|()| payload.check(day, running).map(drop));
    read.err().map(|refusal| refusal.to_string())
}

fn is_same(held: &RefusedBar, now: &RefusedBar) -> bool {
    let numbers = |bar: &Bar| {
        [bar.open, bar.high, bar.low, bar.close, bar.volume]
            .map(|x| if x.is_nan() { f64::NAN } else { x }.to_bits())
    };
    held.rule == now.rule
        && held.bar.time_ms == now.bar.time_ms
        && held.bar.utc_offset_s == now.bar.utc_offset_s
        && numbers(&held.bar) == numbers(&now.bar)
}
