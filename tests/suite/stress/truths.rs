//! What a reader may see: every state between one truth of the feed and the next, by the textbook.

use engine::model::{Bar, Settings, Symbol};
use engine::store::SeriesKey;

use crate::textbook::series::{TextCascade, TextFeed, minutes};

/// One series at one moment.
#[derive(Clone, Debug)]
pub struct Shown {
    /// Bars that are committed when nobody is at work.
    pub committed: usize,
    /// All bars, those that may still change included.
    pub bars: Vec<Bar>,
}

/// All series of one symbol at one moment, in the order of the place's keys.
pub type Moment = Vec<Shown>;

/// For each symbol the moments a run goes through; the last one is its end.
pub struct Version(pub Vec<Vec<Moment>>);

/// The textbook for one symbol.
pub struct Textbook {
    cascade: TextCascade,
    decimals: u32,
    keys: Vec<SeriesKey>,
}

impl Textbook {
    /// `keys` are the symbol's series, 1m first.
    pub fn new(symbol: &Symbol, settings: &Settings, keys: Vec<SeriesKey>) -> Textbook {
        let decimals = settings.transform.round_decimals;
        Textbook { cascade: TextCascade::new(symbol, settings), decimals, keys }
    }

    /// Every moment on the way from one truth to another: days are compared in their order, and each correction first
    /// goes back to what is true on both sides.
    pub fn moments(&self, old: &TextFeed, new: &TextFeed) -> Vec<Moment> {
        let mut state = old.clone();
        let mut before = minutes(old, &self.cascade.server, self.decimals).0;
        let mut moments = Vec::new();
        for (day, said) in new {
            let same = |held: &crate::textbook::series::TextDay| {
                held.candles == said.candles && held.asked_ms == said.asked_ms
            };
            if state.get(day).is_some_and(same) {
                continue;
            }
            state.insert(*day, said.clone());
            let after = minutes(&state, &self.cascade.server, self.decimals).0;
            let common = before.iter().zip(&after).take_while(|(a, b)| a == b).count();
            if common < before.len() {
                moments.push(self.moment(&before[..common], 0));
            }
            moments.push(self.moment(&after, 0));
            before = after;
        }
        let (bars, watermark_ms) = minutes(new, &self.cascade.server, self.decimals);
        moments.push(self.moment(&bars, watermark_ms));
        moments
    }

    fn moment(&self, minutes: &[Bar], watermark_ms: i64) -> Moment {
        let mut all = self.cascade.all(minutes);
        let mut committed = self.cascade.committed(minutes, watermark_ms);
        let mut folded = |key: &SeriesKey| Shown {
            committed: committed.remove(&key.timeframe).expect("a series of the cascade").committed.len(),
            bars: all.remove(&key.timeframe).expect("a series of the cascade"),
        };
        let minute = Shown { committed: minutes.len(), bars: minutes.to_vec() };
        std::iter::once(minute).chain(self.keys[1..].iter().map(&mut folded)).collect()
    }
}

impl Version {
    pub fn encode(&self) -> Vec<u8> {
        let mut bytes = Vec::new();
        let number = |bytes: &mut Vec<u8>, n: usize| bytes.extend_from_slice(&(n as u64).to_le_bytes());
        number(&mut bytes, self.0.len());
        for moments in &self.0 {
            number(&mut bytes, moments.len());
            for moment in moments {
                number(&mut bytes, moment.len());
                for shown in moment {
                    number(&mut bytes, shown.committed);
                    number(&mut bytes, shown.bars.len());
                    bytes.extend_from_slice(bytemuck::cast_slice(&shown.bars));
                }
            }
        }
        bytes
    }

    pub fn decode(bytes: &[u8]) -> Version {
        let mut rest = bytes;
        let mut cut = |n: usize| {
            let (piece, later) = rest.split_at(n);
            rest = later;
            piece
        };
        macro_rules! number {
            () => {
                u64::from_le_bytes(cut(8).try_into().expect("eight bytes")) as usize
            };
        }
        let mut symbols = Vec::new();
        for _ in 0..number!() {
            let mut moments = Vec::new();
            for _ in 0..number!() {
                let mut moment = Vec::new();
                for _ in 0..number!() {
                    let (committed, count) = (number!(), number!());
                    let bars = cut(64 * count).chunks(64).map(bytemuck::pod_read_unaligned).collect();
                    moment.push(Shown { committed, bars });
                }
                moments.push(moment);
            }
            symbols.push(moments);
        }
        Version(symbols)
    }
}
