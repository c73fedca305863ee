//! The days a symbol should have, beside those it has.

use std::collections::BTreeMap;

use rayon::prelude::*;

use super::clusters::{Cluster, clusters};
use super::evidence::{Evidence, Reader, damages_of, of_file, suspects};
use super::findings::{AuditedDay, Damage, DayState, Gap, Spike};
use super::gaps::GapFinder;
use super::schedule::{Hours, Schedule};
use super::spikes::SpikeFinder;
use crate::aggregate::range_of;
use crate::model::instrument::Instrument;
use crate::model::{Bar, Day, Settings, Symbol};
use crate::store::{Holdings, Lake, Reading, SeriesKey, SeriesView, StoreError};

/// Days looked at together: enough for all cores, and no more than a few megabytes of bars.
const BLOCK_DAYS: usize = 64;
/// A day with less than this share of the usual density is thin.
const THIN: f64 = 0.5;

/// What is asked.
#[derive(Clone, Debug)]
pub struct Order {
    /// About whom.
    pub symbols: Vec<Symbol>,
    /// First UTC day; without it the first day of which anything is held, or `download.history_start`.
    pub from: Option<Day>,
    /// Last UTC day, one that is over.
    pub to: Day,
    /// Silence of so many minutes is no gap yet.
    pub gap_minutes: u32,
    /// Every payload is read again, also where the 1m series vouches for it.
    pub deep: bool,
}

/// What was found.
#[derive(Clone, Debug, Default)]
pub struct Audit {
    /// In the order asked for.
    pub symbols: Vec<SymbolAudit>,
    /// What belongs together among all of it.
    pub clusters: Vec<Cluster>,
}

/// What was found about one symbol.
#[derive(Clone, Debug)]
pub struct SymbolAudit {
    /// Whose.
    pub symbol: Symbol,
    /// Whether the hours of its last day are known; otherwise Monday to Friday is taken.
    pub schedule_known: bool,
    /// Every day audited, in order; none when nothing is held and nobody said from when on something should be.
    pub days: Vec<AuditedDay>,
    /// In order of days, then of kinds.
    pub damages: Vec<Damage>,
    /// In order of time.
    pub gaps: Vec<Gap>,
    /// In order of time.
    pub spikes: Vec<Spike>,
    /// Payloads that were read again.
    pub files_read: u64,
    /// Why the 1m series was left aside, where it was: everything was taken from the payloads then.
    pub series_error: Option<String>,
}

/// Compares what the lake holds with what it should hold. `progress` is told how many payloads and days were looked at.
///
/// Nothing is written, and no lock is needed: what a writer changes meanwhile is seen as it was or as it will be.
///
/// # Errors
/// When the folders of the lake cannot be listed. A single file that cannot be read is a finding.
pub fn audit(
    lake: &Lake,
    settings: &Settings,
    order: &Order,
    progress: &(dyn Fn(u64) + Sync),
) -> Result<Audit, StoreError> {
    let sources = order.symbols.iter().map(|symbol| settings.payload_symbol(symbol));
    let mut all: Vec<Symbol> = order.symbols.iter().chain(sources).cloned().collect();
    all.sort_unstable();
    all.dedup();
    let holdings = lake.holdings(&all)?;
    let work = |symbol: &Symbol| SymbolWork::new(lake, settings, order, symbol, &holdings)?.look(progress);
    let threads = settings.num_processes.unwrap_or(0);
    let symbols = match rayon::ThreadPoolBuilder::new().num_threads(threads).build() {
        Ok(pool) => pool.install(|| order.symbols.par_iter().map(work).collect::<Result<Vec<_>, _>>()),
        // A system without a thread to spare still gets its answer.
        Err(_) => order.symbols.iter().map(work).collect(),
    }?;
    let clusters = clusters(&symbols);
    Ok(Audit { symbols, clusters })
}

/// One symbol while it is looked at.
struct SymbolWork<'a> {
    lake: &'a Lake,
    order: &'a Order,
    symbol: &'a Symbol,
    own: &'a Holdings,
    /// Of the symbol whose payloads it is made of; itself unless it is an alias.
    source: &'a Holdings,
    source_symbol: &'a Symbol,
    schedule: Schedule,
    view: Option<SeriesView>,
    series_error: Option<String>,
    history_start: Option<Day>,
    reader: Reader<'a>,
}

/// One day before it is judged.
struct Look {
    day: Day,
    hours: Hours,
    file: bool,
    running: bool,
    evidence: Option<Evidence>,
}

/// What comes together while the days go by.
struct Tally {
    days: Vec<AuditedDay>,
    damages: Vec<Damage>,
    gaps: GapFinder,
    spikes: SpikeFinder,
    files_read: u64,
}

impl<'a> SymbolWork<'a> {
    fn new(
        lake: &'a Lake,
        settings: &'a Settings,
        order: &'a Order,
        symbol: &'a Symbol,
        holdings: &'a BTreeMap<Symbol, Holdings>,
    ) -> Result<SymbolWork<'a>, StoreError> {
        let source_symbol = settings.payload_symbol(symbol);
        let instrument = lake.read_instrument(source_symbol)?;
        let instrument = instrument.and_then(|(bytes, _)| Instrument::from_json(&bytes).ok());
        let (view, series_error) = match lake.read_series(&SeriesKey::minute(symbol.clone())) {
            Ok(view) => (view, None),
            Err(error) => (None, Some(error.to_string())),
        };
        view.iter().for_each(|view| view.advise(Reading::Sequential));
        Ok(SymbolWork {
            lake,
            order,
            symbol,
            own: &holdings[symbol],
            source: &holdings[source_symbol],
            source_symbol,
            schedule: Schedule::of(instrument),
            view,
            series_error,
            history_start: settings.download.history_start,
            reader: Reader::new(lake, settings, symbol),
        })
    }

    fn look(self, progress: &(dyn Fn(u64) + Sync)) -> Result<SymbolAudit, StoreError> {
        let days: Vec<Day> =
            self.first_day().map_or_else(Vec::new, |first| first.through(self.order.to).collect());
        // What lies before the first bar that is held is no gap, unless the days before it were asked for.
        let begins_with_history = days.first().is_none_or(|first| self.first_held() >= Some(*first));
        let mut tally = Tally {
            days: Vec::with_capacity(days.len()),
            damages: Vec::new(),
            gaps: GapFinder::new(self.order.gap_minutes, begins_with_history),
            spikes: SpikeFinder::default(),
            files_read: 0,
        };
        for block in days.chunks(BLOCK_DAYS) {
            let looks: Vec<Look> = block.par_iter().map(|day| self.look_at(*day)).collect();
            for look in &looks {
                self.judge(look, &mut tally)?;
            }
            self.give_back(block);
            progress(block.len() as u64);
        }
        mark_thin(&mut tally.days);
        Ok(SymbolAudit {
            symbol: self.symbol.clone(),
            schedule_known: self.schedule.is_known_on(self.order.to),
            days: tally.days,
            damages: tally.damages,
            gaps: tally.gaps.finish(),
            spikes: tally.spikes.finish(),
            files_read: tally.files_read,
            series_error: self.series_error,
        })
    }

    /// The first day of which anything is held.
    fn first_held(&self) -> Option<Day> {
        let bar = self.bars().first().map(|bar| Day::of_ms(bar.time_ms as i64));
        [self.source.first(), self.own.first(), bar].into_iter().flatten().min()
    }

    fn first_day(&self) -> Option<Day> {
        let begins = |asked: Day| self.schedule.history_start().map_or(asked, |begins| begins.max(asked));
        match self.order.from {
            Some(from) => Some(begins(from)),
            None => self.first_held().or_else(|| self.history_start.map(begins)),
        }
    }

    fn bars(&self) -> &[Bar] {
        self.view.as_ref().map_or(&[], |view| view.bars())
    }

    /// Whether the 1m series says what became of the day's payload.
    fn is_vouched_for(&self, day: Day, hours: &Hours) -> bool {
        let last_date = self.view.as_ref().and_then(|view| view.commit().last_date);
        let is_aggregated = last_date.is_some_and(|last_date| day <= last_date);
        is_aggregated && (!hours.expected || !range_of(self.bars(), day).is_empty())
    }

    /// Reads the day's payload where that is needed to know what it holds.
    fn look_at(&self, day: Day) -> Look {
        let hours = self.schedule.hours(day);
        let (file, running) = (has(&self.source.finished, day), has(&self.source.running, day));
        let refused = has(&self.own.refused_payloads, day) || has(&self.source.refused_payloads, day);
        let decided = has(&self.own.released, day);
        let wanted = self.order.deep || refused || decided || !self.is_vouched_for(day, &hours);
        let evidence = if wanted && (file || running) { self.reader.read(day, decided) } else { None };
        Look { day, hours, file, running, evidence }
    }

    fn judge(&self, look: &Look, tally: &mut Tally) -> Result<(), StoreError> {
        let Look { day, hours, file, running, evidence } = look;
        let held = &self.bars()[range_of(self.bars(), *day)];
        let bars = match evidence {
            Some(evidence) if evidence.refusal.is_none() => &evidence.bars[..],
            _ => held,
        };
        let damages = self.damages(look, held)?;
        let candles = !bars.is_empty() || damages.iter().any(|damage| damage.bars > 0);
        let has_payload = *file || *running;
        let state = match (damages.first(), bars.is_empty()) {
            (Some(damage), _) if damage.released => DayState::Released,
            (Some(_), _) => DayState::Damaged,
            (None, false) if !has_payload => DayState::Unbacked,
            (None, false) => DayState::Full,
            (None, true) if has_payload => {
                if hours.expected {
                    DayState::Suspicious
                } else {
                    DayState::Empty
                }
            }
            (None, true) => {
                if hours.expected {
                    DayState::Missing
                } else {
                    DayState::Shut
                }
            }
        };
        tally.files_read += u64::from(evidence.is_some());
        tally.gaps.day(hours, bars);
        tally.spikes.day(bars);
        tally.damages.extend(damages);
        tally.days.push(AuditedDay {
            day: *day,
            state,
            expected: hours.expected,
            minutes: hours.minutes(),
            bars: bars.len() as u16,
            file: *file,
            unfinished: *running && !*file,
            candles,
        });
        Ok(())
    }

    fn damages(&self, look: &Look, held: &[Bar]) -> Result<Vec<Damage>, StoreError> {
        let day = look.day;
        if let Some(evidence) = &look.evidence {
            return Ok(evidence.damages(day));
        }
        let mut damages = suspects(day, held, false);
        if has(&self.own.refused_bars, day) {
            let refused = self.lake.read_refused_bars(self.symbol, day)?;
            damages.extend(damages_of(day, refused.iter().map(|refused| &refused.bar), false));
        }
        for (held, symbol) in [(self.own, self.symbol), (self.source, self.source_symbol)] {
            // With a payload in the cache the one in quarantine is an old story: then there is evidence.
            if damages.is_empty()
                && has(&held.refused_payloads, day)
                && let Some(refused) = self.lake.read_refused_payload(symbol, day)?
            {
                damages.push(of_file(day, self.reader.judge_refused(day, &refused)));
            }
        }
        Ok(damages)
    }

    /// Bars that were read are given back, so that twenty years do not lie in memory at once.
    fn give_back(&self, block: &[Day]) {
        if let (Some(view), Some(last)) = (&self.view, block.last()) {
            view.release(range_of(view.bars(), *last).start);
        }
    }
}

fn has(days: &[Day], day: Day) -> bool {
    days.binary_search(&day).is_ok()
}

/// Days of few bars, measured by what the symbol usually has in the same year for the hours it trades.
fn mark_thin(days: &mut [AuditedDay]) {
    let density = |day: &AuditedDay| f64::from(day.bars) / f64::from(day.minutes);
    for year in days.chunk_by_mut(|a, b| a.day.ymd().0 == b.day.ymd().0) {
        let whole = |day: &&AuditedDay| day.state == DayState::Full && day.minutes > 0;
        let mut densities: Vec<f64> = year.iter().filter(whole).map(density).collect();
        if densities.is_empty() {
            continue;
        }
        let middle = densities.len() / 2;
        let usual = *densities.select_nth_unstable_by(middle, f64::total_cmp).1;
        let thin = |day: &AuditedDay| whole(&day) && density(day) < THIN * usual;
        year.iter_mut().filter(|day| thin(day)).for_each(|day| day.state = DayState::Thin);
    }
}
