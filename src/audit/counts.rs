//! Findings as numbers: of a year, a month, a symbol, or everything.

use std::collections::BTreeMap;

use super::coverage::SymbolAudit;
use super::findings::{AuditedDay, Damage, DamageKind, DayState};
use crate::model::Day;

/// What findings are counted by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Period {
    /// Calendar years, UTC.
    Year,
    /// Calendar months, UTC.
    Month,
}

/// Numbers of one symbol and one period, or sums of them.
///
/// Every expected day is exactly one of present, suspicious, missing and refused.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Days on which the schedule trades.
    pub expected: u64,
    /// Of these, with candles.
    pub present: u64,
    /// Of these, with a payload that holds none.
    pub suspicious: u64,
    /// Of these, without payload.
    pub missing: u64,
    /// Of these, with a payload refused as a whole.
    pub refused: u64,
    /// Days on which it does not trade and whose payload is empty.
    pub empty: u64,
    /// Days on which it does not trade and that have candles all the same.
    pub unexpected: u64,
    /// Days that are over and of which only the running day's payload is held.
    pub unfinished: u64,
    /// Days of which the 1m series has bars and the cache no payload.
    pub unbacked: u64,
    /// Days with few bars for their hours.
    pub thin: u64,
    /// Days with damage that nobody released.
    pub damaged: u64,
    /// Days with damage that the user released.
    pub released: u64,
    /// Finished payloads.
    pub files: u64,
    /// Of these, with damage that nobody released.
    pub damaged_files: u64,
    /// Bars.
    pub bars: u64,
    /// Bars (or files, for kinds that are of files) by what is wrong with them, released ones left out.
    pub kinds: BTreeMap<DamageKind, u64>,
    /// Silent stretches of trading hours.
    pub gaps: u64,
    /// Their minutes.
    pub gap_minutes: u64,
    /// Bars that stand out and are gone again.
    pub spikes: u64,
}

impl Period {
    /// The period that holds a day, as `2024` or `2024-03`.
    pub fn of(self, day: Day) -> String {
        let (year, month, _) = day.ymd();
        match self {
            Period::Year => format!("{year:04}"),
            Period::Month => format!("{year:04}-{month:02}"),
        }
    }

    /// The first day of the period that holds a day.
    pub fn begins(self, day: Day) -> Day {
        let (_, month, of_month) = day.ymd();
        let first = day.plus(1 - of_month as i32);
        match self {
            Period::Month => first,
            // The first of January lies at most 366 days before; its month's first day is found by going back.
            Period::Year => (1..month).fold(first, |first, _| Period::Month.begins(first.plus(-1))),
        }
    }
}

impl Counts {
    /// All of one symbol.
    pub fn of(symbol: &SymbolAudit) -> Counts {
        Counts::by(symbol, |_| Day::from_epoch_days(0)).into_values().next().unwrap_or_default()
    }

    /// One symbol by period, in order.
    pub fn by_period(symbol: &SymbolAudit, period: Period) -> Vec<(Day, Counts)> {
        let mut known: BTreeMap<i32, Day> = BTreeMap::new();
        let begins = |day: Day| {
            let (year, month, _) = day.ymd();
            let key = if period == Period::Year { year } else { year * 100 + month as i32 };
            *known.entry(key).or_insert_with(|| period.begins(day))
        };
        Counts::by(symbol, begins).into_iter().collect()
    }

    fn by(symbol: &SymbolAudit, mut key: impl FnMut(Day) -> Day) -> BTreeMap<Day, Counts> {
        let mut all: BTreeMap<Day, Counts> = BTreeMap::new();
        for day in &symbol.days {
            all.entry(key(day.day)).or_default().day(day);
        }
        for damage in symbol.damages.iter().filter(|damage| !damage.released) {
            all.entry(key(damage.day)).or_default().damage(damage);
        }
        for gap in &symbol.gaps {
            let counts = all.entry(key(Day::of_ms(gap.from_ms))).or_default();
            counts.gaps += 1;
            counts.gap_minutes += gap.minutes() as u64;
        }
        for spike in &symbol.spikes {
            all.entry(key(Day::of_ms(spike.time_ms))).or_default().spikes += 1;
        }
        all
    }

    fn day(&mut self, day: &AuditedDay) {
        let is = |state: DayState| u64::from(day.state == state);
        let damaged = is(DayState::Damaged);
        let has_damage = damaged + is(DayState::Released) > 0;
        self.expected += u64::from(day.expected);
        self.present += u64::from(day.expected && day.candles);
        self.suspicious += is(DayState::Suspicious);
        self.missing += is(DayState::Missing);
        self.refused += u64::from(day.expected && !day.candles && has_damage);
        self.empty += is(DayState::Empty);
        self.unexpected += u64::from(!day.expected && day.candles);
        self.unfinished += u64::from(day.unfinished);
        self.unbacked += is(DayState::Unbacked);
        self.thin += is(DayState::Thin);
        self.damaged += damaged;
        self.released += is(DayState::Released);
        self.files += u64::from(day.file);
        self.damaged_files += u64::from(day.file) * damaged;
        self.bars += u64::from(day.bars);
    }

    fn damage(&mut self, damage: &Damage) {
        *self.kinds.entry(damage.kind).or_default() += u64::from(damage.bars.max(1));
    }

    /// Both together.
    #[must_use]
    pub fn plus(mut self, other: &Counts) -> Counts {
        let Counts { kinds, .. } = other;
        for (kind, count) in kinds {
            *self.kinds.entry(*kind).or_default() += count;
        }
        for (own, added) in self.numbers_mut().into_iter().zip(other.clone().numbers_mut()) {
            *own += *added;
        }
        self
    }

    fn numbers_mut(&mut self) -> [&mut u64; 18] {
        [
            &mut self.expected,
            &mut self.present,
            &mut self.suspicious,
            &mut self.missing,
            &mut self.refused,
            &mut self.empty,
            &mut self.unexpected,
            &mut self.unfinished,
            &mut self.unbacked,
            &mut self.thin,
            &mut self.damaged,
            &mut self.released,
            &mut self.files,
            &mut self.damaged_files,
            &mut self.bars,
            &mut self.gaps,
            &mut self.gap_minutes,
            &mut self.spikes,
        ]
    }

    /// Files or bars of a kind.
    pub fn of_kind(&self, kind: DamageKind) -> u64 {
        self.kinds.get(&kind).copied().unwrap_or(0)
    }

    /// Bars that break a hard rule.
    pub fn quarantined_bars(&self) -> u64 {
        self.sum(|kind| !kind.is_of_file() && !kind.is_soft())
    }

    /// Bars that break a soft rule.
    pub fn suspect_bars(&self) -> u64 {
        self.sum(DamageKind::is_soft)
    }

    /// Payloads refused or unreadable, on whatever day.
    pub fn damaged_payloads(&self) -> u64 {
        self.sum(DamageKind::is_of_file)
    }

    fn sum(&self, which: impl Fn(DamageKind) -> bool) -> u64 {
        self.kinds.iter().filter(|(kind, _)| which(**kind)).map(|(_, count)| count).sum()
    }

    /// Day-files without damage, in percent of all; `None` without any file.
    pub fn success_percent(&self) -> Option<f64> {
        percent(self.files - self.damaged_files, self.files)
    }

    /// Expected days with candles, in percent of all expected; `None` when none is.
    pub fn coverage_percent(&self) -> Option<f64> {
        percent(self.present, self.expected)
    }
}

fn percent(part: u64, whole: u64) -> Option<f64> {
    (whole > 0).then(|| part as f64 / whole as f64 * 100.0)
}

/// A percentage with two digits, and with more where two would say 100 of something that is not all.
pub fn percent_text(percent: Option<f64>) -> String {
    let Some(percent) = percent else { return "-".to_owned() };
    let digits = (2..9)
        .find(|digits| percent == 100.0 || format!("{percent:.digits$}") != format!("{:.digits$}", 100.0));
    let digits = digits.unwrap_or(9);
    format!("{percent:.digits$}")
}
