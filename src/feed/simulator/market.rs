//! The market itself: the candles of any symbol and any day, each day computable alone.

use super::chance::{Dice, bell, exp, fraction, key, mix, wander};
use super::exchanges;
use super::hours::Hours;
use super::instrument;
use super::listing::{self, Listing, scale};
use super::rolls;
use crate::feed::wire::{self, Candle};
use crate::model::day::MINUTE_MS;
use crate::model::decimal::Decimal;
use crate::model::{Day, Symbol};

/// Everything that trades, from one seed. Pure: the same question has the same answer, on every machine.
pub struct Market {
    seed: u64,
    /// By kind of hours, in the order of `exchanges::ALL`: activity of every minute of the exchange's day, and its root.
    rhythms: Vec<Vec<Beat>>,
}

/// How busy a minute is.
#[derive(Clone, Copy)]
struct Beat {
    activity: f64,
    root: f64,
}

/// One symbol's candles of one UTC day (or, of a running day, until now).
#[derive(Clone, Debug, PartialEq)]
pub struct MarketDay {
    /// The price unit.
    pub multiplier: Decimal,
    /// In increasing time; bid prices unless [`MarketDay::ask`] made them ask prices.
    pub candles: Vec<Candle>,
    /// Volumes are whole numbers divided by this.
    volume_scale: f64,
    spread: i64,
}

/// A minute before prices are put to it: how far the walk and its variance have come at its end.
struct Step {
    time_ms: i64,
    beat: Beat,
    walk: f64,
    variance: f64,
    traded: bool,
}

impl Market {
    /// The market of a seed.
    pub fn new(seed: u64) -> Market {
        let beats = |hours: &&Hours| {
            hours.activity().into_iter().map(|activity| Beat { activity, root: activity.sqrt() }).collect()
        };
        Market { seed, rhythms: exchanges::ALL.iter().map(beats).collect() }
    }

    /// The bid candles of one UTC day: none when the market is shut all day, at least one otherwise.
    ///
    /// The history's start plays no part: every day has its answer.
    pub fn day(&self, symbol: &Symbol, day: Day) -> MarketDay {
        let listing = Listing::of(self.seed, symbol);
        let key = key(self.seed, symbol.as_str(), "candles");
        let steps = self.steps(&listing, day, mix(key ^ day.epoch_days() as u64));
        MarketDay {
            multiplier: Decimal { mantissa: 1, exponent: listing.exponent },
            candles: candles(&listing, key, day, &steps),
            volume_scale: scale(listing.group.volume_decimals),
            spread: listing.spread,
        }
    }

    /// Whether a UTC day has candles, without making them.
    pub fn trades(&self, symbol: &Symbol, day: Day) -> bool {
        !Listing::of(self.seed, symbol).hours.open(day).is_empty()
    }

    /// The metadata of an instrument, as the feed words it.
    pub fn instrument(&self, symbol: &Symbol) -> serde_json::Value {
        instrument::describe(symbol, &Listing::of(self.seed, symbol))
    }

    /// The same for a history that is known from a day on, where it does not begin earlier.
    pub fn instrument_since(&self, symbol: &Symbol, first: Day) -> serde_json::Value {
        let mut instrument = self.instrument(symbol);
        for history in instrument["histories"].as_array_mut().into_iter().flatten() {
            let from_ms = history["from"].as_i64().unwrap_or(i64::MAX);
            history["from"] = from_ms.min(first.start_ms()).into();
        }
        instrument
    }

    /// The listing: `{instruments: [...], groups: [...]}`.
    pub fn instruments(&self) -> serde_json::Value {
        let all: Vec<_> = self.known_symbols().iter().map(|symbol| self.instrument(symbol)).collect();
        serde_json::json!({ "instruments": all, "groups": instrument::groups() })
    }

    /// The symbols of the listing. Others trade too, once asked for.
    pub fn known_symbols(&self) -> Vec<Symbol> {
        listing::names().map(|name| name.parse().expect("the tables hold symbols")).collect()
    }

    /// The rolls of the listing's futures up to a day, as the provider lists them.
    ///
    /// Prices do not jump at them: the walk of a simulated future is one contract's.
    pub fn rolls(&self, until: Day) -> serde_json::Value {
        rolls::list(self.seed, &self.known_symbols(), until)
    }

    /// The first day of the instrument's minute history.
    pub fn history_start(&self, symbol: &Symbol) -> Day {
        Listing::of(self.seed, symbol).history()
    }

    fn steps(&self, listing: &Listing, day: Day, key: u64) -> Vec<Step> {
        let kind = exchanges::ALL.iter().position(|hours| std::ptr::eq(*hours, listing.hours));
        let beats = &self.rhythms[kind.expect("every kind of hours is in the list")];
        let mut dice = Dice::new(key);
        let mut steps = Vec::with_capacity(1440);
        let (mut walk, mut variance) = (0.0, 0.0);
        for span in listing.hours.open(day) {
            // Activity only shapes the day, so one look at the clock per span is close enough on the days it changes.
            let wall = span.from_ms / MINUTE_MS + listing.hours.offset(span.from_ms);
            for (minute, time_ms) in (span.from_ms..span.until_ms).step_by(MINUTE_MS as usize).enumerate() {
                let beat = beats[(wall + minute as i64).rem_euclid(1440) as usize];
                let bits = dice.roll();
                walk += beat.root * bell(bits);
                variance += beat.activity;
                // The bits of a normal number and those of a hash of them are as good as independent.
                let traded = minute == 0 || fraction(mix(bits)) >= silence(listing, beat);
                steps.push(Step { time_ms, beat, walk, variance, traded });
            }
        }
        steps
    }
}

/// How likely nothing happens in a minute: more likely the quieter it is, never in the busiest ones.
fn silence(listing: &Listing, beat: Beat) -> f64 {
    let calm = (1.5 - beat.activity).max(0.0) / 1.5;
    listing.group.scarcity * calm * calm
}

/// Where the price stands at 00:00 UTC, in units: a Brownian walk over the days, by their weight.
fn anchor(listing: &Listing, key: u64, day: Day) -> f64 {
    let monday_based = i64::from(day.epoch_days()) + 3;
    let (weeks, weekday) = (monday_based.div_euclid(7) as u64, monday_based.rem_euclid(7) as usize);
    let steps = &listing.hours.steps;
    let gone = weeks * steps.iter().sum::<u64>() + steps[..weekday].iter().sum::<u64>();
    // The walk's own start is another for every symbol: they must not all return to their level on one day.
    let away = wander(key, gone + (key >> 40)) * listing.group.sigma / 4.0;
    listing.level * scale(-listing.exponent) * exp(away)
}

fn candles(listing: &Listing, key: u64, day: Day, steps: &[Step]) -> Vec<Candle> {
    let Some(end) = steps.last() else {
        return Vec::new();
    };
    let (from, to) = (anchor(listing, key, day), anchor(listing, key, day.plus(1)));
    let mut dice = Dice::new(mix(!key ^ day.epoch_days() as u64));
    let weight = listing.hours.steps[day.weekday() as usize].max(1) as f64 / 16.0;
    let mood = 0.6 + 0.9 * fraction(dice.roll());
    let sigma = from * listing.group.sigma * mood * (weight / end.variance).sqrt();
    // A bridge: the walk less its own drift, plus the way from this day's anchor to the next one's.
    let price = |step: &Step| {
        let share = step.variance / end.variance;
        from + sigma * (step.walk - share * end.walk) + share * (to - from)
    };
    let mut last = from;
    let mut candles = Vec::with_capacity(steps.len());
    for step in steps {
        let next = price(step);
        let bits = dice.roll();
        if step.traded {
            let units = shape(last, next, sigma * step.beat.root, bits);
            candles.push(Candle {
                time_ms: step.time_ms,
                units,
                volume: volume(listing, step.beat, mix(bits)),
            });
        }
        last = next;
    }
    candles
}

/// Open, high, low and close of a minute that goes from one price to another; `sigma` is the minute's deviation in units.
fn shape(from: f64, to: f64, sigma: f64, bits: u64) -> [i64; 4] {
    let field = |shift: u32| (bits >> shift & 0xFFFF) as f64 / 65_536.0;
    let nudge = (field(0) - 0.5) * 0.3 * sigma;
    let open = ((from + nudge).round() as i64).max(2);
    let close = (to.round() as i64).max(2);
    let up = field(16) * field(32) * 1.2 * sigma;
    let down = field(48) * field(32) * 1.2 * sigma;
    let high = open.max(close) + up.round() as i64;
    let low = (open.min(close) - down.round() as i64).max(1);
    [open, high, low, close]
}

fn volume(listing: &Listing, beat: Beat, bits: u64) -> f64 {
    let field = |shift: u32| (bits >> shift & 0xFFFF) as f64 / 65_536.0;
    let burst = field(32) * field(48);
    let lots = listing.group.volume * beat.activity * (0.15 + field(0) + 3.0 * burst * burst * burst);
    let units = scale(listing.group.volume_decimals);
    ((lots * units).floor() + 1.0) / units
}

impl MarketDay {
    /// The payload of these candles, counted from an instant at or before the first.
    pub fn payload(&self, timestamp_ms: i64) -> String {
        wire::encode(timestamp_ms, self.multiplier, &self.candles)
    }

    /// What sellers ask instead of what buyers offer: every candle a little higher.
    #[must_use]
    pub fn ask(mut self) -> MarketDay {
        for candle in &mut self.candles {
            let wider = (mix(candle.time_ms as u64) % (self.spread as u64 / 2 + 1)) as i64;
            candle.units = candle.units.map(|units| units + self.spread + wider);
        }
        self
    }

    /// What was known at an instant: later minutes are absent, the one still forming is as far as it has come.
    #[must_use]
    pub fn as_of(mut self, now_ms: i64) -> MarketDay {
        self.candles.retain(|candle| candle.time_ms <= now_ms);
        if let Some(last) = self.candles.last_mut()
            && now_ms < last.time_ms + MINUTE_MS
        {
            *last = forming(*last, now_ms - last.time_ms, self.volume_scale);
        }
        self
    }

    /// Appends the candles of the day after.
    pub(super) fn extend(&mut self, next: MarketDay) {
        self.candles.extend(next.candles);
    }
}

/// A minute after so many milliseconds: high and low have come as far as open and close have, rounded alike, so they stay sound.
fn forming(whole: Candle, elapsed_ms: i64, volume_scale: f64) -> Candle {
    let open = whole.units[0];
    let units = whole.units.map(|units| open + ((units - open) * elapsed_ms).div_euclid(MINUTE_MS));
    let share = elapsed_ms as f64 / MINUTE_MS as f64;
    let volume = (whole.volume * volume_scale * share).floor().max(1.0) / volume_scale;
    Candle { units, volume, ..whole }
}
