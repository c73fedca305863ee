//! What belongs together: days of trouble in a row of one symbol, and days on which many symbols had the same.

use std::collections::BTreeMap;

use super::coverage::SymbolAudit;
use super::findings::{AuditedDay, DamageKind, DayState};
use crate::model::{Day, Symbol};

/// So many symbols on one day are a cluster of their own, if they are also this share of those expected.
const SYMBOLS_MIN: usize = 3;
const SYMBOLS_SHARE: f64 = 0.25;

/// What is the matter with a day.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Trouble {
    /// Expected, and there is no payload.
    Missing,
    /// Expected, and the payload is empty.
    Suspicious,
    /// There are bars, and their payload is gone.
    Unbacked,
    /// A rule was broken.
    Damage(DamageKind),
}

/// Days that belong together.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cluster {
    /// Whose, in order; more than one where many symbols had the same trouble on the same days.
    pub symbols: Vec<Symbol>,
    /// The first day.
    pub from: Day,
    /// The last one.
    pub to: Day,
    /// Days of trouble, counted per symbol.
    pub days: u64,
    /// Bars that broke a rule.
    pub bars: u64,
    /// What it was, with the days of each.
    pub troubles: BTreeMap<Trouble, u64>,
}

/// One day of one symbol with what is the matter with it.
struct Trial<'a> {
    symbol: &'a Symbol,
    day: Day,
    trouble: Trouble,
    bars: u64,
}

/// Every day of trouble is in exactly one cluster of its own symbol: a run of such days, whatever their trouble, that no
/// day without trouble interrupts; weekends and holidays do not. Then, once more, those days on which many symbols had the
/// same trouble. Both in order of time.
pub fn clusters(symbols: &[SymbolAudit]) -> Vec<Cluster> {
    let mut all: Vec<Cluster> = symbols.iter().flat_map(runs).collect();
    all.sort_by(|a, b| (a.from, &a.symbols).cmp(&(b.from, &b.symbols)));
    all.extend(together(symbols));
    all
}

fn trials(audit: &SymbolAudit) -> BTreeMap<Day, Vec<Trial<'_>>> {
    let mut all: BTreeMap<Day, Vec<Trial<'_>>> = BTreeMap::new();
    let mut add = |day: Day, trouble: Trouble, bars: u64| {
        all.entry(day).or_default().push(Trial { symbol: &audit.symbol, day, trouble, bars });
    };
    for day in &audit.days {
        match day.state {
            DayState::Missing => add(day.day, Trouble::Missing, 0),
            DayState::Suspicious => add(day.day, Trouble::Suspicious, 0),
            DayState::Unbacked => add(day.day, Trouble::Unbacked, 0),
            _ => {}
        }
    }
    for damage in audit.damages.iter().filter(|damage| !damage.released) {
        add(damage.day, Trouble::Damage(damage.kind), u64::from(damage.bars));
    }
    all
}

/// Runs of days of one symbol.
fn runs(audit: &SymbolAudit) -> Vec<Cluster> {
    let trials = trials(audit);
    let is_sound = |day: &AuditedDay| day.expected || day.candles;
    let mut runs: Vec<Cluster> = Vec::new();
    let mut open = false;
    for day in &audit.days {
        match trials.get(&day.day) {
            Some(trials) => {
                if !open {
                    runs.push(Cluster::begin(&audit.symbol, day.day));
                }
                open = true;
                let run = runs.last_mut().expect("one was begun");
                run.take(day.day, trials);
            }
            None => open &= !is_sound(day),
        }
    }
    runs
}

/// Days, and days on end, on which many symbols had the same trouble.
fn together(symbols: &[SymbolAudit]) -> Vec<Cluster> {
    let mut expected: BTreeMap<Day, usize> = BTreeMap::new();
    for day in symbols.iter().flat_map(|audit| &audit.days) {
        *expected.entry(day.day).or_default() += usize::from(day.expected);
    }
    let all: Vec<_> = symbols.iter().map(trials).collect();
    let mut same: BTreeMap<(Trouble, Day), Vec<&Trial<'_>>> = BTreeMap::new();
    for trial in all.iter().flat_map(|trials| trials.values().flatten()) {
        same.entry((trial.trouble, trial.day)).or_default().push(trial);
    }
    let is_many = |day: &Day, trials: &[&Trial<'_>]| {
        let of = expected.get(day).copied().unwrap_or(0) as f64;
        trials.len() >= SYMBOLS_MIN && trials.len() as f64 >= SYMBOLS_SHARE * of
    };
    let mut clusters: Vec<Cluster> = Vec::new();
    for ((trouble, day), trials) in same.iter().filter(|((_, day), trials)| is_many(day, trials)) {
        match clusters.last_mut() {
            Some(last)
                if last.troubles.contains_key(trouble) && next_trading(&expected, last.to) == Some(*day) =>
            {
                last.join(*day, trials);
            }
            _ => {
                let mut cluster = Cluster::begin(trials[0].symbol, *day);
                cluster.join(*day, trials);
                clusters.push(cluster);
            }
        }
    }
    clusters.sort_by_key(|cluster| cluster.from);
    clusters
}

/// The next day on which any symbol trades.
fn next_trading(expected: &BTreeMap<Day, usize>, day: Day) -> Option<Day> {
    expected.range(day.plus(1)..).find(|(_, symbols)| **symbols > 0).map(|(day, _)| *day)
}

impl Cluster {
    fn begin(symbol: &Symbol, day: Day) -> Cluster {
        Cluster {
            symbols: vec![symbol.clone()],
            from: day,
            to: day,
            days: 0,
            bars: 0,
            troubles: BTreeMap::new(),
        }
    }

    /// One day of its symbol.
    fn take(&mut self, day: Day, trials: &[Trial<'_>]) {
        self.to = day;
        self.days += 1;
        for trial in trials {
            self.bars += trial.bars;
            *self.troubles.entry(trial.trouble).or_default() += 1;
        }
    }

    /// One day of several symbols.
    fn join(&mut self, day: Day, trials: &[&Trial<'_>]) {
        self.to = day;
        for trial in trials {
            self.days += 1;
            self.bars += trial.bars;
            *self.troubles.entry(trial.trouble).or_default() += 1;
            if let Err(place) = self.symbols.binary_search(trial.symbol) {
                self.symbols.insert(place, trial.symbol.clone());
            }
        }
    }

    /// Whether it is about many symbols.
    pub fn is_wide(&self) -> bool {
        self.symbols.len() > 1
    }
}

impl Trouble {
    /// As it stands in JSON.
    pub fn name(self) -> &'static str {
        match self {
            Trouble::Missing => "missing",
            Trouble::Suspicious => "suspicious",
            Trouble::Unbacked => "unbacked",
            Trouble::Damage(kind) => kind.name(),
        }
    }

    /// As people read it.
    pub fn words(self) -> &'static str {
        match self {
            Trouble::Missing => "missing",
            Trouble::Suspicious => "suspiciously empty",
            Trouble::Unbacked => "bars without payload",
            Trouble::Damage(kind) => kind.words(),
        }
    }
}
