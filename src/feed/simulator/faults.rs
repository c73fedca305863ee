//! Faults to order: which answer goes wrong and how, the same for the same seed.

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use super::chance::{Dice, fraction, key, mix};
use super::ledger::Asked;
use super::market::MarketDay;
use crate::feed::wire::Candle;
use crate::model::day::MINUTE_MS;
use crate::model::spelling::edit_distance;

/// One way in which an answer goes wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Fault {
    /// 400, with which this feed throttles.
    BadRequest,
    /// 429 with `Retry-After`.
    TooMany,
    /// 503.
    Unavailable,
    /// Nothing for a while, then the connection closes.
    Timeout,
    /// The full length announced, half of it sent, the connection closed.
    Cut,
    /// No candles on a day that has some.
    Empty,
    /// A body that is no JSON.
    Malformed,
    /// Arrays of different lengths.
    Unequal,
    /// An earlier day's payload.
    WrongDay,
    /// A sound payload but for one candle whose prices contradict each other.
    Ohlc,
    /// From some request on, the day has another truth.
    Backfill,
}

/// Their names in an order, in the order in which one draw is shared out among them; `Backfill` has a draw of its own.
const NAMES: [(&str, Fault); 11] = [
    ("400", Fault::BadRequest),
    ("429", Fault::TooMany),
    ("503", Fault::Unavailable),
    ("timeout", Fault::Timeout),
    ("cut", Fault::Cut),
    ("empty", Fault::Empty),
    ("malformed", Fault::Malformed),
    ("unequal", Fault::Unequal),
    ("wrongday", Fault::WrongDay),
    ("ohlc", Fault::Ohlc),
    ("backfill", Fault::Backfill),
];

/// All but the backfill, which is no error of the transport or the payload.
const DRAWN: usize = 10;

const OTHER_KEYS: [&str; 6] = ["all", "seed", "backfill_after", "stall_ms", "retry_after", "latency_ms"];

/// The rate of a fault named without one.
const USUAL_RATE: f64 = 0.05;

/// An order of faults: how often each, and their particulars. The default is none.
#[derive(Clone, Debug, PartialEq)]
pub struct Faults {
    /// Share of the answers, 0 to 1, in the order of [`NAMES`].
    rates: [f64; 11],
    /// Decides which answers.
    pub seed: u64,
    /// A backfilled day answers differently from this request on; the first request is 1.
    pub backfill_after: u32,
    /// How long a time-out stalls before it closes the connection.
    pub stall: Duration,
    /// Seconds named by `Retry-After`.
    pub retry_after_s: u32,
    /// Every answer is held back this long, so that requests overlap.
    pub latency: Duration,
}

/// Why a text is no order of faults.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum NotFaults {
    /// A word that is no fault.
    #[error(
        "'{word}' is not a fault: did you mean '{nearest}'? (400 429 503 timeout cut empty malformed unequal wrongday ohlc backfill, or all; seed backfill_after stall_ms retry_after latency_ms)"
    )]
    Unknown {
        /// As written.
        word: String,
        /// The known word nearest to it.
        nearest: &'static str,
    },
    /// A rate that is no share.
    #[error("'{value}' is not a rate for {word}: write a number from 0 to 1, for example {word}=0.05")]
    Rate {
        /// The fault.
        word: String,
        /// As written.
        value: String,
    },
    /// A particular that is no number.
    #[error("'{value}' is not a number for {word}: write a whole number, for example {word}={example}")]
    Number {
        /// The key.
        word: String,
        /// As written.
        value: String,
        /// One that would do.
        example: u32,
    },
    /// More faults than answers.
    #[error("the rates of all faults but backfill add up to {sum}: at most 1 answer in 1 can go wrong")]
    TooOften {
        /// What they add up to.
        sum: f64,
    },
}

impl Default for Faults {
    fn default() -> Faults {
        Faults {
            rates: [0.0; 11],
            seed: 0,
            backfill_after: 2,
            stall: Duration::from_millis(1000),
            retry_after_s: 1,
            latency: Duration::ZERO,
        }
    }
}

impl FromStr for Faults {
    type Err = NotFaults;

    /// Reads `400=0.05,timeout=0.01,seed=7`; `all=0.05` stands for every fault but backfill, a name alone for 0.05.
    fn from_str(text: &str) -> Result<Faults, NotFaults> {
        let mut faults = Faults::default();
        for order in text.split([',', ' ']).filter(|order| !order.is_empty()) {
            let (word, value) = match order.split_once('=') {
                Some((word, value)) => (word.trim(), Some(value.trim())),
                None => (order.trim(), None),
            };
            faults.set(word, value)?;
        }
        let sum: f64 = faults.rates[..DRAWN].iter().sum();
        // Twenty times 0.05 may be a hair above 1.
        if sum > 1.0 + 1e-9 { Err(NotFaults::TooOften { sum }) } else { Ok(faults) }
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(NAMES[*self as usize].0)
    }
}

impl Faults {
    /// The share of answers with this fault, 0 to 1.
    pub fn rate(&self, fault: Fault) -> f64 {
        self.rates[fault as usize]
    }

    /// What goes wrong with the n-th answer (the first is 1) to one question; instruments know the transport's faults only,
    /// the list of rolls may be empty or garbled, too.
    pub(super) fn draw(&self, asked: &Asked, nth: u32) -> Option<Fault> {
        let mut chance = fraction(mix(self.key(asked, "fault") ^ u64::from(nth)));
        for (name, rate) in NAMES[..DRAWN].iter().zip(self.rates) {
            if chance < rate {
                let strikes = match asked {
                    Asked::Candles(..) => true,
                    Asked::Instrument(_) | Asked::Listing => name.1.is_transport(),
                    Asked::Rolls => {
                        name.1.is_transport() || matches!(name.1, Fault::Empty | Fault::Malformed)
                    }
                };
                return strikes.then_some(name.1);
            }
            chance -= rate;
        }
        None
    }

    /// Whether the n-th answer about a day tells its second truth.
    pub(super) fn backfills(&self, asked: &Asked, nth: u32) -> bool {
        nth >= self.backfill_after
            && asked.is_candles()
            && fraction(self.key(asked, "backfill")) < self.rate(Fault::Backfill)
    }

    /// Bits for the particulars of a fault.
    pub(super) fn dice(&self, asked: &Asked) -> Dice {
        Dice::new(self.key(asked, "particulars"))
    }

    fn key(&self, asked: &Asked, purpose: &str) -> u64 {
        let (text, day) = asked.name();
        mix(key(self.seed, text, purpose) ^ day as u64)
    }

    fn set(&mut self, word: &str, value: Option<&str>) -> Result<(), NotFaults> {
        match word {
            "all" => self.rates[..DRAWN].fill(rate(word, value)?),
            "seed" => self.seed = number(word, value, 1)?,
            "backfill_after" => self.backfill_after = number(word, value, 2)?,
            "stall_ms" => self.stall = Duration::from_millis(number(word, value, 1000)?),
            "retry_after" => self.retry_after_s = number(word, value, 1)?,
            "latency_ms" => self.latency = Duration::from_millis(number(word, value, 20)?),
            _ => {
                let found = NAMES.iter().position(|name| name.0 == word);
                let at = found.ok_or_else(|| unknown(word))?;
                self.rates[at] = rate(word, value)?;
            }
        }
        Ok(())
    }
}

impl Fault {
    /// Whether it strikes the answer whatever was asked.
    pub fn is_transport(self) -> bool {
        (self as usize) <= Fault::Cut as usize
    }
}

fn rate(word: &str, value: Option<&str>) -> Result<f64, NotFaults> {
    let Some(value) = value else { return Ok(USUAL_RATE) };
    let rate = value.parse().ok().filter(|rate| (0.0..=1.0).contains(rate));
    rate.ok_or_else(|| NotFaults::Rate { word: word.to_owned(), value: value.to_owned() })
}

fn number<T: FromStr>(word: &str, value: Option<&str>, example: u32) -> Result<T, NotFaults> {
    let value = value.unwrap_or_default();
    let refuse = |_| NotFaults::Number { word: word.to_owned(), value: value.to_owned(), example };
    value.parse().map_err(refuse)
}

fn unknown(word: &str) -> NotFaults {
    let known = NAMES.iter().map(|name| name.0).chain(OTHER_KEYS);
    let nearest = known.min_by_key(|name| edit_distance(word, name)).expect("there are known words");
    NotFaults::Unknown { word: word.to_owned(), nearest }
}

/// Gives the day its second truth: a candle where there was none, or other prices in one there was.
pub(super) fn backfill(day: &mut MarketDay, dice: &mut Dice) {
    let candles = &mut day.candles;
    if candles.is_empty() {
        return;
    }
    let gap = |pair: &[Candle]| pair[1].time_ms > pair[0].time_ms + MINUTE_MS;
    let gaps: Vec<usize> =
        candles.windows(2).enumerate().filter(|(_, pair)| gap(pair)).map(|(at, _)| at).collect();
    if !gaps.is_empty() && dice.roll().is_multiple_of(2) {
        let at = pick(gaps.len(), dice);
        let before = candles[gaps[at]];
        let units = [before.units[3]; 4];
        candles.insert(gaps[at] + 1, Candle { time_ms: before.time_ms + MINUTE_MS, units, ..before });
    } else {
        let at = pick(candles.len(), dice);
        candles[at].units = candles[at].units.map(|units| units + 7);
    }
}

/// Breaks one candle: its high below the rest, or its low above.
pub(super) fn contradict(day: &mut MarketDay, dice: &mut Dice) {
    let Some(at) = (!day.candles.is_empty()).then(|| pick(day.candles.len(), dice)) else { return };
    let [_, high, low, _] = &mut day.candles[at].units;
    let (top, bottom) = (*high, *low);
    if dice.roll().is_multiple_of(2) {
        *high = bottom - 1;
    } else {
        *low = top + 1;
    }
}

/// Adds an element to one of the six arrays of a payload.
pub(super) fn unbalance(payload: &str, dice: &mut Dice) -> String {
    const ARRAYS: [&str; 6] = ["times", "opens", "highs", "lows", "closes", "volumes"];
    let opening = format!("\"{}\":[", ARRAYS[pick(ARRAYS.len(), dice)]);
    let longer = payload.replacen(&opening, &format!("{opening}0,"), 1);
    longer.replacen("[0,]", "[0]", 1)
}

/// Spoils a payload so that no reader of JSON takes it.
pub(super) fn garble(payload: &str, dice: &mut Dice) -> String {
    match pick(3, dice) {
        0 => payload[..payload.len() * 2 / 3].to_owned(),
        1 => payload.replacen("\"shift\":", "\"shift\";", 1).replacen("\"title\":", "\"title\";", 1),
        _ => "<html><head><title>Sorry</title></head><body>Please try again later.</body></html>".to_owned(),
    }
}

fn pick(count: usize, dice: &mut Dice) -> usize {
    (dice.roll() % count as u64) as usize
}
