//! All series of one symbol from its days' candles: what one rebuild has to leave on the disk.

use std::collections::BTreeMap;

use engine::feed::wire::Candle;
use engine::model::{Bar, Day, Settings, Symbol, Timeframe};

use super::clock::{Kind, TextClock};
use super::fold::{TextSeries, fold, round};
use super::grid::TextLattice;
use super::post::TextSteps;

/// What the feed last said of one day.
#[derive(Clone, Debug)]
pub struct TextDay {
    pub candles: Vec<Candle>,
    /// The moment it was asked for; `None` when the day was over.
    pub asked_ms: Option<i64>,
}

/// Everything the feed last said of one symbol.
pub type TextFeed = BTreeMap<Day, TextDay>;

/// The bars of one day (SPEC 4, without `post` steps and without bars that break a rule).
pub fn image(day: &TextDay, server: &TextClock, decimals: u32) -> Vec<Bar> {
    let over = |candle: &&Candle| day.asked_ms.is_none_or(|asked| candle.time_ms + 60_000 <= asked);
    let traded = day.candles.iter().filter(over).filter(|candle| candle.volume != 0.0);
    traded
        .map(|candle| {
            let price = |units: i64| round(format!("{units}e-5").parse().expect("a number"), decimals);
            Bar {
                time_ms: candle.time_ms as u64,
                open: price(candle.units[0]),
                high: price(candle.units[1]),
                low: price(candle.units[2]),
                close: price(candle.units[3]),
                volume: round(candle.volume, decimals),
                utc_offset_s: (server.offset_ms(candle.time_ms) / 1000) as i32,
                count: 1,
                flags: 0,
                crc32c: 0,
            }
            .sealed()
        })
        .collect()
}

/// The 1m series and how far it is true (SPEC 5, aggregate).
pub fn minutes(feed: &TextFeed, server: &TextClock, decimals: u32) -> (Vec<Bar>, i64) {
    let bars: Vec<Bar> = feed.values().flat_map(|day| image(day, server, decimals)).collect();
    let finished = feed.iter().rev().find(|(_, payload)| payload.asked_ms.is_none());
    let finished_ms = finished.map_or(0, |(day, _)| day.end_ms());
    let last_ms = bars.last().map_or(0, |bar| bar.time_ms as i64 + 60_000);
    (bars, finished_ms.max(last_ms))
}

/// The clocks and grids of a symbol.
pub struct TextCascade {
    pub server: TextClock,
    round_decimals: u32,
    steps: Vec<(Timeframe, Timeframe, TextLattice, TextSteps)>,
}

impl TextCascade {
    pub fn new(symbol: &Symbol, settings: &Settings) -> TextCascade {
        let server = TextClock::of_symbol(symbol, &settings.transform);
        let own = settings.resample.symbols.get(symbol).cloned().unwrap_or_default();
        let exchange = own.timezone.map(|zone| TextClock::new(Kind::Zone(zone)));
        let mut specs = settings.timeframes_of(symbol);
        let mut steps: Vec<(Timeframe, Timeframe, TextLattice, TextSteps)> = Vec::new();
        while !specs.is_empty() {
            let known = |id: &Timeframe| id.is_minute() || steps.iter().any(|(done, ..)| done == id);
            let next =
                specs.iter().position(|spec| known(&spec.source)).expect("the test's settings have an order");
            let spec = specs.remove(next);
            let lattice = TextLattice::new(spec, &own.sessions, exchange.as_ref(), &server);
            let post = TextSteps::new(spec, &own.sessions, exchange.as_ref(), &server);
            steps.push((spec.id.clone(), spec.source.clone(), lattice, post));
        }
        let round_decimals = own.round_decimals.unwrap_or(settings.resample.round_decimals);
        TextCascade { server, round_decimals, steps }
    }

    /// Every coarser series over the committed bars of its source.
    pub fn committed(&self, minutes: &[Bar], watermark_ms: i64) -> BTreeMap<Timeframe, TextSeries> {
        let mut made: BTreeMap<Timeframe, TextSeries> = BTreeMap::new();
        for (id, source, lattice, post) in &self.steps {
            let series = match made.get(source) {
                None => fold(minutes, watermark_ms, lattice, post, self.round_decimals),
                Some(source) => {
                    fold(&source.committed, source.watermark_ms, lattice, post, self.round_decimals)
                }
            };
            made.insert(id.clone(), series);
        }
        made
    }

    /// Every coarser series as a reader sees it: over all of its source's bars, open ones included.
    pub fn all(&self, minutes: &[Bar]) -> BTreeMap<Timeframe, Vec<Bar>> {
        let mut made: BTreeMap<Timeframe, Vec<Bar>> = BTreeMap::new();
        for (id, source, lattice, post) in &self.steps {
            let rows = made.get(source).map_or(minutes, Vec::as_slice);
            let last_ms = rows.last().map_or(0, |row| row.time_ms as i64);
            let bars = fold(rows, last_ms, lattice, post, self.round_decimals).all();
            made.insert(id.clone(), bars);
        }
        made
    }
}
