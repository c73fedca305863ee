//! Bars that stand out and are gone again.
//!
//! With `p` the close before a bar and `c` the closes of the [`REVERTS_WITHIN`] bars after it, the bar stands out by
//!
//! ```text
//! e = max(high - max(p, min c), min(p, max c) - low) / p
//! ```
//!
//! which is nothing for a price that moved and stayed: it has to come back. It is a spike when `e > K * s + G`: the form
//! of Brownlees and Gallo, "Financial econometric analysis at ultra-high frequency: data handling concerns", 2006 (a
//! distance from the neighbourhood above some deviations plus a granularity). Their deviation is not robust in itself;
//! `s` here is: the 90 % quantile of |1-minute return| over 1.645 (a normal's), of the bar's own day or of the day before,
//! whichever is larger. It keeps its value while fewer than a tenth of the bars are wrong, and unlike a median it is not 0
//! in markets where nothing moves in most minutes. K = 50 and G = 0.2 %: of 744,745 real minutes of EUR-USD (2019 and
//! 2020, with March 2020 in them) the farthest excursion, the central bank's decision of 2019-09-12, is 0.42 %, and K
//! would have to be below 16 to name it; in calm times a wrong price is named from about 0.5 % on.
//!
//! A bar that breaks the soft rule about its range (high over 1.5 times the low) counts as a spike whatever came after.
//! Other bars flagged `suspect` are named as such already and are not looked at.

use super::findings::{DamageKind, Spike};
use crate::model::Bar;
use crate::model::bar::FLAG_SUSPECT;

/// So many deviations stand out.
const K: f64 = 50.0;
/// And so much of the price besides.
const GRANULARITY: f64 = 0.002;
/// Bars within which the price has to come back.
pub const REVERTS_WITHIN: u32 = 5;
/// Fewer returns do not tell a deviation.
const RETURNS_MIN: usize = 30;
/// Of a day with more bars every fourth return is enough.
const MANY_BARS: usize = 480;
/// The 90 % quantile of the size of a normal number of deviation 1.
const NORMAL_90: f64 = 1.645;

/// Looks at the days of one symbol in their order.
#[derive(Debug, Default)]
pub struct SpikeFinder {
    close_before: Option<f64>,
    /// Of the day before, where it had enough bars.
    deviation: Option<f64>,
    open: Vec<Candidate>,
    returns: Vec<f64>,
    spikes: Vec<Spike>,
}

/// A bar that stands out from the close before it.
#[derive(Debug)]
struct Candidate {
    time_ms: i64,
    before: f64,
    high: f64,
    low: f64,
    deviation: f64,
    lowest_after: f64,
    highest_after: f64,
    bars_after: u32,
}

impl SpikeFinder {
    /// Takes in one day's bars, which are in time order.
    pub fn day(&mut self, bars: &[Bar]) {
        let own = self.deviation_of(bars);
        let known = own.into_iter().chain(self.deviation).reduce(f64::max);
        let deviation = known.unwrap_or(f64::INFINITY);
        let limit = K * deviation + GRANULARITY;
        for bar in bars {
            if bar.flags & FLAG_SUSPECT != 0 {
                self.wide(bar);
                continue;
            }
            if !self.open.is_empty() {
                self.settle(bar.close);
            }
            let before = self.close_before.replace(bar.close).unwrap_or(bar.open);
            let reach = limit * before;
            if bar.high - before > reach || before - bar.low > reach {
                self.open.push(Candidate::new(bar, before, deviation));
            }
        }
        self.deviation = own.or(self.deviation);
    }

    /// The spikes found, in order.
    pub fn finish(mut self) -> Vec<Spike> {
        self.spikes.sort_by_key(|spike| spike.time_ms);
        self.spikes
    }

    /// The next close, for those who wait for the price to come back.
    fn settle(&mut self, close: f64) {
        let spikes = &mut self.spikes;
        self.open.retain_mut(|candidate| {
            candidate.take(close);
            let excursion = candidate.excursion();
            let is_spike = excursion > K * candidate.deviation + GRANULARITY;
            if is_spike {
                let deviations = (candidate.deviation > 0.0).then(|| excursion / candidate.deviation);
                spikes.push(Spike { time_ms: candidate.time_ms, excursion, deviations });
            }
            !is_spike && candidate.bars_after < REVERTS_WITHIN
        });
    }

    fn wide(&mut self, bar: &Bar) {
        if DamageKind::of_bar(bar) == Some(DamageKind::WideRange) {
            let excursion = bar.high / bar.low - 1.0;
            self.spikes.push(Spike { time_ms: bar.time_ms as i64, excursion, deviations: None });
        }
    }

    fn deviation_of(&mut self, bars: &[Bar]) -> Option<f64> {
        let step = if bars.len() > MANY_BARS { 4 } else { 1 };
        self.returns.clear();
        let moves = bars.windows(2).step_by(step).filter(|pair| (pair[0].flags | pair[1].flags) == 0);
        self.returns.extend(moves.map(|pair| (pair[1].close / pair[0].close - 1.0).abs()));
        let place = self.returns.len() * 9 / 10;
        let enough = self.returns.len() >= RETURNS_MIN;
        enough.then(|| *self.returns.select_nth_unstable_by(place, f64::total_cmp).1 / NORMAL_90)
    }
}

impl Candidate {
    fn new(bar: &Bar, before: f64, deviation: f64) -> Candidate {
        Candidate {
            time_ms: bar.time_ms as i64,
            before,
            high: bar.high,
            low: bar.low,
            deviation,
            lowest_after: f64::INFINITY,
            highest_after: f64::NEG_INFINITY,
            bars_after: 0,
        }
    }

    fn take(&mut self, close: f64) {
        self.lowest_after = self.lowest_after.min(close);
        self.highest_after = self.highest_after.max(close);
        self.bars_after += 1;
    }

    fn excursion(&self) -> f64 {
        let above = self.high - self.before.max(self.lowest_after);
        let below = self.before.min(self.highest_after) - self.low;
        above.max(below) / self.before
    }
}
