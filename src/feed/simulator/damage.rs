//! Damage to order: which day-files are broken and how, and what stands in them then.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use super::chance::{Dice, key, mix};
use super::faults::unbalance;
use super::market::{Market, MarketDay};
use crate::model::{Day, Symbol};

/// One way in which day-files were found broken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum DamageKind {
    /// Some candles have a high below their low.
    HighBelowLow,
    /// Some candles have a high below their open or close, not below their low.
    HighBelowBody,
    /// Some candles have a low above their open or close, not above their high.
    LowAboveBody,
    /// Some candles have a negative low; strange, but it may be true.
    NegativePrice,
    /// The file ends too early.
    Truncated,
    /// A page for people stands where candles should be.
    NotJson,
    /// Bytes without any meaning, as many as there should be.
    Garbage,
    /// One array has a value more than the others.
    UnequalArrays,
    /// The sound payload of an earlier day.
    WrongDay,
    /// Two candles claim the same minute.
    SharedMinute,
}

/// Every kind, with its name.
const NAMES: [(DamageKind, &str); 10] = [
    (DamageKind::HighBelowLow, "high-below-low"),
    (DamageKind::HighBelowBody, "high-below-open-or-close"),
    (DamageKind::LowAboveBody, "low-above-open-or-close"),
    (DamageKind::NegativePrice, "negative-price"),
    (DamageKind::Truncated, "truncated"),
    (DamageKind::NotJson, "not-json"),
    (DamageKind::Garbage, "garbage"),
    (DamageKind::UnequalArrays, "unequal-arrays"),
    (DamageKind::WrongDay, "wrong-day"),
    (DamageKind::SharedMinute, "shared-minute"),
];

/// Candles of one day that are struck, at most.
const CANDLES_STRUCK_MAX: u64 = 3;

/// One damaged day-file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Damage {
    /// Whose.
    pub symbol: Symbol,
    /// The UTC day.
    pub day: Day,
    /// How.
    pub kind: DamageKind,
    /// Starts of the candles that were struck, UTC milliseconds, in order; none where the whole file is broken.
    pub minutes_ms: Vec<i64>,
}

/// Which day-files are damaged, and how.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DamagePlan(BTreeMap<(Symbol, Day), DamageKind>);

/// More damage than there are days to be damaged.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{asked} day-files cannot be damaged: only {possible} of these symbols and days have candles")]
pub struct TooMuchDamage {
    /// So many were to be damaged.
    pub asked: usize,
    /// So many have candles.
    pub possible: usize,
}

impl DamageKind {
    /// Every kind.
    pub fn all() -> impl Iterator<Item = DamageKind> + Clone {
        NAMES.into_iter().map(|(kind, _)| kind)
    }

    /// Whether nothing of the file can be used; otherwise all candles but those struck are as they were.
    pub fn is_of_the_whole_file(self) -> bool {
        self >= DamageKind::Truncated
    }
}

impl fmt::Display for DamageKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(NAMES[*self as usize].1)
    }
}

impl DamagePlan {
    /// Chooses exactly `count` day-files that have candles: as many of every kind and every symbol as of any other,
    /// give or take one where the days allow it, and one in each of `count` equal parts of the time. `days` are in
    /// increasing order. The same arguments give the same choice.
    pub fn choose(
        market: &Market,
        symbols: &[Symbol],
        days: &[Day],
        count: usize,
        seed: u64,
    ) -> Result<DamagePlan, TooMuchDamage> {
        let mut dice = Dice::new(key(seed, "", "damage"));
        let kinds = shuffled(DamageKind::all().cycle().take(count), &mut dice);
        let struck = shuffled((0..symbols.len()).cycle().take(count), &mut dice);
        let parts = shuffled(0..count, &mut dice);
        let mut plan = DamagePlan::default();
        for ((kind, symbol), part) in kinds.into_iter().zip(struck).zip(parts) {
            let (from, until) = (part * days.len() / count, (part + 1) * days.len() / count);
            let first = from + pick((until - from).max(1), &mut dice);
            let found = plan.free_day(market, symbols, symbol, days, first);
            let place = found.ok_or(TooMuchDamage { asked: count, possible: plan.0.len() })?;
            plan.0.insert(place, kind);
        }
        if plan.0.len() < count {
            return Err(TooMuchDamage { asked: count, possible: 0 });
        }
        Ok(plan)
    }

    /// How a day-file is damaged, if it is.
    pub fn kind_of(&self, symbol: &Symbol, day: Day) -> Option<DamageKind> {
        self.0.get(&(symbol.clone(), day)).copied()
    }

    /// The day looked for or the next one with candles that is not damaged yet, of this symbol if it has one.
    fn free_day(
        &self,
        market: &Market,
        symbols: &[Symbol],
        symbol: usize,
        days: &[Day],
        first: usize,
    ) -> Option<(Symbol, Day)> {
        let symbols = (0..symbols.len()).map(|n| &symbols[(symbol + n) % symbols.len()]);
        let places = symbols.flat_map(|symbol| {
            (0..days.len()).map(move |n| (symbol.clone(), days[(first + n) % days.len()]))
        });
        let mut free = places.filter(|place| !self.0.contains_key(place));
        free.find(|(symbol, day)| market.trades(symbol, *day))
    }
}

impl Market {
    /// The damaged payload of a day that has candles, and the starts of the candles that were struck.
    pub fn damaged(&self, symbol: &Symbol, day: Day, kind: DamageKind, seed: u64) -> (Vec<u8>, Vec<i64>) {
        let dice = &mut Dice::new(mix(key(seed, symbol.as_str(), "damaged") ^ day.epoch_days() as u64));
        let mut sound = self.day(symbol, day);
        if !kind.is_of_the_whole_file() {
            let minutes_ms = strike(&mut sound, kind, dice);
            return (sound.payload(day.start_ms()).into_bytes(), minutes_ms);
        }
        let payload = || sound.payload(day.start_ms());
        match kind {
            DamageKind::NotJson => (PAGE.into(), Vec::new()),
            DamageKind::Garbage => (payload().bytes().map(|_| dice.roll() as u8).collect(), Vec::new()),
            DamageKind::UnequalArrays => (unbalance(&payload(), dice).into(), Vec::new()),
            DamageKind::WrongDay => (self.earlier_payload(symbol, day).into(), Vec::new()),
            DamageKind::SharedMinute => {
                let minute_ms = share_a_minute(&mut sound, dice);
                (sound.payload(day.start_ms()).into(), vec![minute_ms])
            }
            _ => {
                let mut bytes = payload().into_bytes();
                bytes.truncate(bytes.len() * (1 + pick(9, dice)) / 10);
                (bytes, Vec::new())
            }
        }
    }

    /// The payload of the nearest earlier day that traded: an empty one could pass for the right one.
    pub(super) fn earlier_payload(&self, symbol: &Symbol, day: Day) -> String {
        let earlier = (1..30).map(|back| day.plus(-back)).find(|day| self.trades(symbol, *day));
        let earlier = earlier.expect("no market is shut for a month");
        self.day(symbol, earlier).payload(earlier.start_ms())
    }
}

const PAGE: &str =
    "<html><head><title>502 Bad Gateway</title></head><body><h1>502 Bad Gateway</h1></body></html>";

/// Breaks one to three candles; the others keep their prices, because a payload's deltas are made afterwards.
fn strike(day: &mut MarketDay, kind: DamageKind, dice: &mut Dice) -> Vec<i64> {
    let wanted = 1 + dice.roll() % CANDLES_STRUCK_MAX;
    let struck: BTreeSet<usize> = (0..wanted).map(|_| pick(day.candles.len(), dice)).collect();
    let strike = |at: usize| {
        let candle = &mut day.candles[at];
        let [open, high, low, close] = &mut candle.units;
        let (top, bottom) = ((*open).max(*close), (*open).min(*close));
        match kind {
            DamageKind::HighBelowLow => *high = *low - 1 - (dice.roll() % 50) as i64,
            DamageKind::HighBelowBody => (*low, *high) = ((*low).min(top - 1), top - 1),
            DamageKind::LowAboveBody => (*low, *high) = (bottom + 1, (*high).max(bottom + 1)),
            _ => *low = -*low,
        }
        candle.time_ms
    };
    struck.into_iter().map(strike).collect()
}

/// Gives a candle the minute of the one before it.
fn share_a_minute(day: &mut MarketDay, dice: &mut Dice) -> i64 {
    let candles = &mut day.candles;
    if let [only] = candles[..] {
        candles.push(only);
    }
    let first = pick(candles.len() - 1, dice);
    candles[first + 1].time_ms = candles[first].time_ms;
    candles[first].time_ms
}

fn shuffled<T>(items: impl Iterator<Item = T>, dice: &mut Dice) -> Vec<T> {
    let mut items: Vec<T> = items.collect();
    for i in (1..items.len()).rev() {
        items.swap(i, pick(i + 1, dice));
    }
    items
}

fn pick(count: usize, dice: &mut Dice) -> usize {
    (dice.roll() % count as u64) as usize
}
