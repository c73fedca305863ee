//! Indicators: the grammar, and every number against somebody else's.

#![allow(clippy::print_stdout)]

mod book;
mod calendar;
mod columns;
mod docs;
mod golden;
mod laws;
mod maths;
mod momentum;
mod overlays;
mod parts;
mod patterns;
mod references;
mod statistics;
mod volatility;
mod volume;

use std::borrow::Cow;

use engine::indicators::{Bars, Field, Graph, compute, parse_asks};

/// Columns of some bars.
#[derive(Clone, Debug, Default)]
pub struct Table {
    pub open: Vec<f64>,
    pub high: Vec<f64>,
    pub low: Vec<f64>,
    pub close: Vec<f64>,
    pub volume: Vec<f64>,
    pub time: Vec<f64>,
}

impl Table {
    pub fn rows(&self) -> usize {
        self.close.len()
    }

    pub fn bars(&self) -> Bars<'_> {
        let field = |field, values: &'_ [f64]| (field, Cow::Owned(values.to_vec()));
        Bars {
            rows: self.rows(),
            fields: vec![
                field(Field::Open, &self.open),
                field(Field::High, &self.high),
                field(Field::Low, &self.low),
                field(Field::Close, &self.close),
                field(Field::Volume, &self.volume),
                field(Field::Time, &self.time),
                field(Field::ServerTime, &self.time),
            ],
            columns: Vec::new(),
        }
    }

    /// The rows of a range.
    pub fn slice(&self, rows: std::ops::Range<usize>) -> Table {
        let cut = |values: &[f64]| values[rows.clone()].to_vec();
        Table {
            open: cut(&self.open),
            high: cut(&self.high),
            low: cut(&self.low),
            close: cut(&self.close),
            volume: cut(&self.volume),
            time: cut(&self.time),
        }
    }

    /// The columns of some requests: name and values, NaN where there is none.
    pub fn of(&self, requests: &str) -> Vec<(String, Vec<f64>)> {
        let asks = parse_asks(requests, &|_| false).unwrap_or_else(|error| panic!("{error}"));
        let graph = Graph::new(&asks);
        let bars = self.bars();
        let made = compute(&graph, &bars);
        made.names.iter().map(|(name, place)| (name.clone(), made.columns[*place].values.to_vec())).collect()
    }
}

/// SplitMix64 (Steele, Lea, Flood 2014), the upper 31 bits.
pub struct Throw(pub u64);

impl Throw {
    pub fn next(&mut self) -> i64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        ((z ^ (z >> 31)) >> 33) as i64
    }
}

/// The bars of `tests/golden/make_talib.py`: open, high, low, close in hundredths, volume.
pub fn market(seed: u64, rows: usize) -> Vec<[i64; 5]> {
    let mut throw = Throw(seed);
    let (mut close, mut bars) = (10_000, Vec::with_capacity(rows));
    for _ in 0..rows {
        let gap = throw.next() % 41 - 20;
        let open = (close + if throw.next() % 5 == 0 { gap } else { 0 }).max(500);
        let size = [20, 60, 200][(throw.next() % 3) as usize];
        close = (open + throw.next() % (2 * size + 1) - size).max(500);
        if throw.next() % 7 == 0 {
            close = open;
        }
        let mut tail = || if throw.next() % 4 == 0 { 0 } else { throw.next() % (size + 1) };
        let high = open.max(close) + tail();
        let low = open.min(close) - tail();
        bars.push([open, high, low.max(100), close, 2 + throw.next() % 60]);
    }
    bars
}

/// Bars of whole numbers as columns; one an hour.
pub fn table(bars: &[[i64; 5]]) -> Table {
    let column = |n: usize, unit: f64| bars.iter().map(|bar| bar[n] as f64 / unit).collect::<Vec<f64>>();
    Table {
        open: column(0, 100.0),
        high: column(1, 100.0),
        low: column(2, 100.0),
        close: column(3, 100.0),
        volume: column(4, 1.0),
        time: (0..bars.len()).map(|row| 1_704_067_200_000.0 + 3_600_000.0 * row as f64).collect(),
    }
}
