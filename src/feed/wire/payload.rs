//! A payload's content, as it was written and, once checked, as candles in exact integers.

use super::Refusal;
use crate::model::Day;
use crate::model::day::{DAY_MS, MINUTE_MS};
use crate::model::decimal::{Decimal, nearest_f64};

/// Names of the base prices.
pub(super) const BASES: [&str; 4] = ["open", "high", "low", "close"];
/// Names of their deltas.
pub(super) const DELTAS: [&str; 4] = ["opens", "highs", "lows", "closes"];

/// Minutes of a day: no payload has more candles.
const CANDLES_MAX: usize = (DAY_MS / MINUTE_MS) as usize;

/// One payload as read by [`super::parse`], not yet believed. Its buffers are used again by the next one.
#[derive(Clone, Debug, Default)]
pub struct Payload {
    pub(super) timestamp_ms: i64,
    pub(super) multiplier: Decimal,
    pub(super) shift_ms: i64,
    pub(super) bases: [Option<Decimal>; 4],
    /// `times` as written: each candle's distance from the one before it, in shifts.
    pub(super) steps: Vec<i64>,
    /// A number that no step exceeds in size.
    pub(super) step_magnitude: u64,
    pub(super) deltas: [Vec<i64>; 4],
    /// For each of `deltas`, a number none of them exceeds in size.
    pub(super) magnitudes: [u64; 4],
    pub(super) volumes: Vec<f64>,
    /// What `check` has found, one value for each candle that counts.
    times_ms: Vec<i64>,
    units: [Vec<i64>; 4],
    farthest: u64,
}

/// The candles of a payload that was checked, in time order. Prices are whole multiples of `multiplier`.
#[derive(Clone, Copy, Debug)]
pub struct Candles<'a> {
    /// Start of each minute, UTC milliseconds, strictly increasing.
    pub times_ms: &'a [i64],
    /// Open, high, low, close.
    pub units: [&'a [i64]; 4],
    /// As the feed counts it; finite.
    pub volumes: &'a [f64],
    /// A number that no unit exceeds in size.
    pub farthest: u64,
    /// The value of one unit, positive.
    pub multiplier: Decimal,
}

impl Payload {
    /// Applies the rest of the contract's refusals (SPEC section 2), in its order, and works out times and prices.
    ///
    /// `day` is the one that was asked for. With `running`, candles at or after its end do not count:
    /// the answer may have come after midnight.
    pub fn check(&mut self, day: Day, running: bool) -> Result<Candles<'_>, Refusal> {
        self.times_ms.clear();
        self.units.iter_mut().for_each(Vec::clear);
        self.farthest = 0;
        self.check_lengths()?;
        let count = if running { self.count_before(day.end_ms())? } else { self.steps.len() };
        self.check_numbers(count)?;
        if count > CANDLES_MAX {
            return Err(Refusal::TooManyCandles { count });
        }
        self.work_out_times(day, count)?;
        for column in 0..4 {
            if let Err(refusal) = self.work_out_units(column, count) {
                self.times_ms.clear();
                return Err(refusal);
            }
        }
        Ok(self.candles())
    }

    /// Whether the last check found no candle.
    pub fn is_empty(&self) -> bool {
        self.times_ms.is_empty()
    }

    /// Whether some candle that the last check found, and that was traded, cannot be: see [`Candles::breaks_hard_rule`].
    pub fn breaks_hard_rule(&self) -> bool {
        self.candles().breaks_hard_rule()
    }

    /// What the last check found; nothing before one, and after one that refused.
    pub fn candles(&self) -> Candles<'_> {
        Candles {
            times_ms: &self.times_ms,
            units: std::array::from_fn(|column| self.units[column].as_slice()),
            volumes: &self.volumes[..self.times_ms.len()],
            farthest: self.farthest,
            multiplier: self.multiplier,
        }
    }

    pub(super) fn clear(&mut self) {
        self.bases = [None; 4];
        self.magnitudes = [0; 4];
        self.steps.clear();
        self.volumes.clear();
        self.times_ms.clear();
        self.deltas.iter_mut().chain(&mut self.units).for_each(Vec::clear);
    }

    fn check_lengths(&self) -> Result<(), Refusal> {
        let times = self.steps.len();
        let prices = self.deltas.iter().zip(DELTAS).map(|(deltas, field)| (field, deltas.len()));
        let mut all = prices.chain([("volumes", self.volumes.len())]);
        match all.find(|(_, len)| *len != times) {
            Some((field, len)) => Err(Refusal::LengthsDiffer { field, len, times }),
            None => Ok(()),
        }
    }

    /// How many candles begin before `end_ms`, where the others are at the end.
    fn count_before(&self, end_ms: i64) -> Result<usize, Refusal> {
        // Hostile numbers must not overflow; at the bounds they are outside any day all the same.
        let mut sum = 0i128;
        let is_before = self.steps.iter().map(|step| {
            sum = sum.saturating_add(i128::from(*step));
            sum.saturating_mul(i128::from(self.shift_ms)) < i128::from(end_ms) - i128::from(self.timestamp_ms)
        });
        let mut count = self.steps.len();
        for (index, before) in is_before.enumerate() {
            if !before {
                count = count.min(index);
            } else if count < index {
                return Err(Refusal::TimeGoesBack { index });
            }
        }
        Ok(count)
    }

    fn check_numbers(&self, count: usize) -> Result<(), Refusal> {
        let missing = BASES.into_iter().zip(self.bases).find(|(_, base)| base.is_none());
        if let Some((field, _)) = missing.filter(|_| count > 0) {
            return Err(Refusal::NullBase { field, candles: count });
        }
        let numbers = BASES.into_iter().zip(self.bases).chain([("multiplier", Some(self.multiplier))]);
        let infinite = |number: Option<Decimal>| number.is_some_and(|number| number.to_f64().is_infinite());
        if let Some((field, _)) = numbers.into_iter().find(|(_, number)| infinite(*number)) {
            return Err(Refusal::NotFinite { field });
        }
        // All of them first, without a branch: almost always that is the answer.
        let volumes = &self.volumes[..count];
        let finite = volumes.iter().fold(true, |finite, volume| finite & volume.is_finite());
        if let Some(index) = volumes.iter().position(|volume| !finite && !volume.is_finite()) {
            return Err(Refusal::ElementNotFinite { field: "volumes", index });
        }
        if self.multiplier.mantissa <= 0 {
            return Err(Refusal::NotPositive { field: "multiplier" });
        }
        if self.shift_ms <= 0 {
            return Err(Refusal::NotPositive { field: "shift" });
        }
        Ok(())
    }

    fn work_out_times(&mut self, day: Day, count: usize) -> Result<(), Refusal> {
        let steps = &self.steps[..count];
        // 2^20 steps of 2^27 milliseconds, 2^11 times, do not overflow 64 bits.
        let small = self.step_magnitude <= 1 << 20 && self.shift_ms <= DAY_MS;
        let minutes = self.shift_ms % MINUTE_MS == 0 && self.timestamp_ms % MINUTE_MS == 0;
        let begins = steps.first().is_none_or(|first| *first >= 0 && self.timestamp_ms >= day.start_ms());
        let increases = steps.iter().skip(1).fold(true, |increases, step| increases & (*step > 0));
        if !(small && minutes && begins && increases && self.timestamp_ms < day.end_ms()) {
            return self.work_out_odd_times(day, count);
        }
        let mut time_ms = self.timestamp_ms;
        self.times_ms.extend(steps.iter().map(|step| {
            time_ms += self.shift_ms * step;
            time_ms
        }));
        if time_ms >= day.end_ms() {
            self.times_ms.clear();
            return self.work_out_odd_times(day, count);
        }
        Ok(())
    }

    /// The same for any input, looking at every candle; refuses for the first reason in the contract's order.
    fn work_out_odd_times(&mut self, day: Day, count: usize) -> Result<(), Refusal> {
        let steps = &self.steps[..count];
        if let Some(index) = steps.iter().position(|step| *step < 0) {
            return Err(Refusal::TimeGoesBack { index });
        }
        if let Some(index) = (1..count).find(|index| steps[*index] == 0) {
            return Err(Refusal::SharedMinute { index });
        }
        let mut times_ms = std::mem::take(&mut self.times_ms);
        let mut time_ms = self.timestamp_ms;
        for (index, step) in steps.iter().enumerate() {
            let next = self.shift_ms.checked_mul(*step).and_then(|step_ms| time_ms.checked_add(step_ms));
            time_ms = next
                .filter(|time_ms| (day.start_ms()..day.end_ms()).contains(time_ms))
                .ok_or(Refusal::OutsideDay { index, day })?;
            if time_ms % MINUTE_MS != 0 {
                return Err(Refusal::OffMinute { index });
            }
            times_ms.push(time_ms);
        }
        self.times_ms = times_ms;
        Ok(())
    }

    fn work_out_units(&mut self, column: usize, count: usize) -> Result<(), Refusal> {
        let out_of_bounds = |index| Refusal::PriceOutOfBounds { field: DELTAS[column], index };
        let Some(base) = self.bases[column].filter(|_| count > 0) else {
            return Ok(());
        };
        let mut units = Decimal::ratio_rounded(base, self.multiplier).ok_or(out_of_bounds(0))?;
        let deltas = &self.deltas[column][..count];
        // No chain can go further than this, so a small bound makes looking at every sum unnecessary.
        let farthest = self.magnitudes[column]
            .checked_mul(count as u64)
            .and_then(|way| way.checked_add(units.unsigned_abs()));
        if farthest.is_some_and(|far| far < i64::MAX as u64 && self.is_price(far as i64)) {
            self.farthest = self.farthest.max(farthest.unwrap_or(u64::MAX));
            self.units[column].extend(deltas.iter().map(|delta| {
                units += delta;
                units
            }));
            return Ok(());
        }
        for (index, delta) in deltas.iter().enumerate() {
            let next = units.checked_add(*delta);
            units = next.ok_or(out_of_bounds(index))?;
            self.units[column].push(units);
            self.farthest = self.farthest.max(units.unsigned_abs());
        }
        match self.units[column].iter().position(|units| !self.is_price(*units)) {
            Some(index) => Err(out_of_bounds(index)),
            None => Ok(()),
        }
    }

    fn is_price(&self, units: i64) -> bool {
        let product = i128::from(units) * i128::from(self.multiplier.mantissa);
        nearest_f64(product, self.multiplier.exponent).is_finite()
    }
}

impl Candles<'_> {
    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.times_ms.is_empty()
    }

    /// Whether some candle with a volume has its high below its open, close or low, its low above its open or close,
    /// or a volume below zero. Judged on whole units, before any step of the user's changes prices.
    pub fn breaks_hard_rule(&self) -> bool {
        let [open, high, low, close] = self.units;
        let broken = |i: usize| {
            let (top, bottom) = (open[i].max(close[i]), open[i].min(close[i]));
            self.volumes[i] != 0.0 && (high[i] < top.max(low[i]) || low[i] > bottom || self.volumes[i] < 0.0)
        };
        (0..self.times_ms.len()).any(broken)
    }
}
