//! What clocks and sessions cost: the same candles folded as a server shows them that keeps UTC, and as the MetaTrader
//! 4 server does.

use std::path::Path;
use std::rc::Rc;

use chrono::{DateTime, Offset, TimeZone};
use engine::model::cascade::Cascade;
use engine::model::{Bar, Symbol};

use super::lakes::{TempLake, Work};
use super::measure::{Amount, Bench, Entry, Line};
use super::payloads;
use super::textbook;

const UTC: &str = "config.yaml";
const MT4: &str = "config.dukascopy-mt4.yaml";

/// A symbol without sessions, and those with most of them.
const SYMBOLS: [&str; 3] = ["EUR-USD", "SGD.IDX-SGD", "AUS.IDX-AUD"];

/// Both configurations for each symbol, over so many weeks, gone through so often.
pub fn benches(folder: &Path, weeks: i32, repeats: usize) -> Vec<Entry> {
    let pairs = SYMBOLS.iter().flat_map(|name| [(*name, UTC), (*name, MT4)]);
    pairs.map(|(name, file)| bench(folder, name, file, weeks, repeats)).collect()
}

fn bench(folder: &Path, name: &str, file: &str, weeks: i32, repeats: usize) -> Entry {
    let symbol: Symbol = name.parse().expect("a symbol");
    let payloads = payloads::weekdays(&symbol, weeks);
    let today = payloads.last().expect("a market has days").0.plus(1);
    let mut lake = TempLake::configured(file, &folder.join(file).join(name));
    lake.settings.resample.batch_size = 1_000;
    lake.fill(&symbol, &payloads);
    let symbols = [symbol.clone()];
    lake.work(Work::Aggregate, &symbols, today);
    lake.work(Work::Resample, &symbols, today);
    let minutes = Rc::new(lake.bars(&symbol, None));
    let cascade = Cascade::new(&symbol, &lake.settings).expect("the timeframes have an order");
    let watermark_ms = today.start_ms();
    // Sessions have no textbook here (the tests have): there the answer is the one that files and small batches give.
    let expected = match (name, file) {
        ("EUR-USD", UTC) => whole(&textbook::coarser(&minutes, watermark_ms)),
        ("EUR-USD", _) => whole(&textbook::coarser_on(server_ms, &minutes, watermark_ms)),
        _ => by_files(&lake, &symbol),
    };
    let clock = if file == UTC { "UTC" } else { "MT4" };
    let candles = Amount { count: (minutes.len() * repeats) as f64, unit: "M candles" };
    Entry {
        name: format!("clocks/{name}, {clock}, in memory"),
        amounts: vec![candles],
        expected,
        make: Box::new(move || {
            Box::new(Folding { minutes, cascade, watermark_ms, repeats, made: Vec::new() })
        }),
    }
}

/// The server's clock: UTC+3 in New York's summer, UTC+2 in its winter.
fn server_ms(time_ms: i64) -> i64 {
    let time = DateTime::from_timestamp_millis(time_ms).expect("an instant of our age").naive_utc();
    let new_york = chrono_tz::America::New_York.offset_from_utc_datetime(&time).fix().local_minus_utc();
    (i64::from(new_york) + 7 * 3600) * 1000
}

fn whole(series: &std::collections::BTreeMap<&str, Vec<Bar>>) -> u64 {
    series.values().fold(0, |sum, bars| textbook::checksum(sum, bars))
}

fn by_files(lake: &TempLake, symbol: &Symbol) -> u64 {
    let mut specs = lake.settings.timeframes_of(symbol);
    specs.sort_by(|a, b| a.id.cmp(&b.id));
    let bars = |spec: &engine::model::TimeframeSpec| lake.bars(symbol, Some((&spec.id, &spec.source)));
    specs.into_iter().fold(0, |sum, spec| textbook::checksum(sum, &bars(spec)))
}

struct Folding {
    minutes: Rc<Vec<Bar>>,
    cascade: Cascade,
    watermark_ms: i64,
    repeats: usize,
    made: Vec<Vec<Bar>>,
}

impl Bench for Folding {
    fn run(&mut self) {
        for _ in 0..self.repeats {
            self.made = self.cascade.fold_all(&self.minutes, self.watermark_ms);
        }
    }

    fn answer(&mut self) -> u64 {
        let mut steps: Vec<_> = self.cascade.steps.iter().map(|step| &step.spec.id).zip(&self.made).collect();
        steps.sort_by_key(|(id, _)| *id);
        steps.into_iter().fold(0, |sum, (_, bars)| textbook::checksum(sum, bars))
    }
}

/// How much longer folding takes on the MetaTrader 4 server's clock: in processor time, which others who use the
/// machine disturb least, and in the fastest rounds.
pub fn ratios(lines: &[Line]) -> String {
    let find = |name: &str, clock: &str| {
        lines.iter().find(|line| line.name.starts_with(&format!("clocks/{name}, {clock}")))
    };
    let ratio = |name: &&str| {
        let (utc, mt4) = (find(name, "UTC")?, find(name, "MT4")?);
        let fastest = mt4.times.min_s() / utc.times.min_s();
        let busy = mt4.times.busy_s().zip(utc.times.busy_s()).map_or(fastest, |(mt4, utc)| mt4 / utc);
        Some(format!(
            "{name} takes {busy:.2} times as long under MT4 as under UTC (by the clock {fastest:.2})\n"
        ))
    };
    SYMBOLS.iter().filter_map(ratio).collect()
}
