//! The check of every record beside a plain read of the same file.

use std::path::Path;

use engine::audit::verify::Verify;
use engine::audit::verify::records::{Law, faults};
use engine::model::{Bar, Day, Symbol};
use engine::store::{Lake, Reading, SeriesKey, SeriesView};

use super::lakes::{TempLake, Work};
use super::measure::{Amount, Bench, Entry, Line};
use super::payloads;

/// Bars of a series of so many records, and all of a lake with some weeks of payloads.
pub fn benches(folder: &Path, symbol: &Symbol, records: usize, weeks: i32) -> Vec<Entry> {
    let lake = TempLake::below(&folder.join("records"));
    let view = long_series(&lake.lake, symbol, records);
    let sum = view
        .bars()
        .iter()
        .fold(0, |sum, bar| words(bar).iter().fold(sum, |sum: u64, word| sum.wrapping_add(*word)));
    let amount = Amount { count: (records * 64) as f64, unit: "MB" };
    let records_too = Amount { count: records as f64, unit: "Mrecords" };
    let entry = |name: &str, expected, make: Box<dyn FnOnce() -> Box<dyn Bench>>| Entry {
        name: format!("verify/{name}"),
        amounts: vec![amount, records_too],
        expected,
        make,
    };
    let (plain, one, all) = (view.clone(), view.clone(), view);
    let whole = WholeLake::below(&folder.join("whole"), symbol, weeks);
    let bars = whole.bars;
    vec![
        entry("plain read of the file", sum, Box::new(move || Box::new(PlainRead { view: plain, sum: 0 }))),
        entry("record check, one thread", 0, Box::new(move || Box::new(Records::on(one, 1)))),
        entry("record check, all cores", 0, Box::new(move || Box::new(Records::on(all, 0)))),
        Entry {
            name: "verify/everything, refolded".to_owned(),
            amounts: vec![Amount { count: bars as f64, unit: "Mrecords" }],
            expected: bars,
            make: Box::new(move || Box::new(whole)),
        },
    ]
}

/// What the aim speaks of.
pub fn ratio(lines: &[Line]) -> String {
    let find = |name: &str| lines.iter().find(|line| line.name == format!("verify/{name}"));
    let (Some(plain), Some(one), Some(all)) =
        (find("plain read of the file"), find("record check, one thread"), find("record check, all cores"))
    else {
        return String::new();
    };
    let share = |line: &Line| 100.0 * plain.times.min_s() / line.times.min_s();
    format!(
        "records are checked at {:.0} % of the rate of a plain sequential read ({:.1} GB/s) by one thread, at {:.0} % by all cores ({:.1} GB/s)",
        share(one),
        plain.rate(0) / 1e9,
        share(all),
        all.rate(0) / 1e9
    )
}

/// A series with a bar a minute, written by the store.
fn long_series(lake: &Lake, symbol: &Symbol, records: usize) -> SeriesView {
    let key = SeriesKey::minute(symbol.clone());
    let mut writer = lake.open_series(&key, false).expect("the temporary folder can be written to");
    let first_ms = Day::from_epoch_days(12_000).start_ms() as u64;
    for start in (0..records).step_by(1 << 16) {
        let minutes = start..(start + (1 << 16)).min(records);
        let bars: Vec<Bar> = minutes.map(|minute| bar(first_ms, minute)).collect();
        writer.append(&bars).expect("the temporary folder can be written to");
    }
    let commit = engine::store::Commit { out_pos: (records * 64) as u64, ..*writer.commit() };
    writer.publish(commit).expect("the temporary folder can be written to");
    lake.read_series(&key).expect("it can be read").expect("it was written just now")
}

fn bar(first_ms: u64, minute: usize) -> Bar {
    let level = 1.0 + (minute % 1000) as f64 / 1e4;
    Bar {
        time_ms: first_ms + 60_000 * minute as u64,
        open: level,
        high: level + 2e-4,
        low: level - 1e-4,
        close: level + 1e-4,
        volume: 1.0 + (minute % 77) as f64,
        utc_offset_s: 0,
        count: 1,
        flags: 0,
        crc32c: 0,
    }
    .sealed()
}

fn words(bar: &Bar) -> [u64; 8] {
    bytemuck::cast(*bar)
}

/// The system's own work on a mapped page falls on both alike: each round maps nothing anew and gives back what it read.
struct PlainRead {
    view: SeriesView,
    sum: u64,
}

impl Bench for PlainRead {
    fn prepare(&mut self) {
        self.view.advise(Reading::Sequential);
    }

    fn run(&mut self) {
        self.sum = 0;
        let mut read = 0;
        for piece in self.view.bars().chunks(1 << 20) {
            let numbers: &[u64] = bytemuck::cast_slice(piece);
            self.sum = numbers.iter().fold(self.sum, |sum, word| sum.wrapping_add(*word));
            read += piece.len();
            self.view.release(read);
        }
    }

    fn answer(&mut self) -> u64 {
        self.sum
    }
}

struct Records {
    view: SeriesView,
    pool: rayon::ThreadPool,
    faults: usize,
}

impl Records {
    fn on(view: SeriesView, threads: usize) -> Records {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().expect("threads");
        Records { view, pool, faults: 0 }
    }
}

impl Bench for Records {
    fn prepare(&mut self) {
        self.view.advise(Reading::Sequential);
    }

    fn run(&mut self) {
        let law = Law { minutes: true, server: None, rules: true };
        let view = &self.view;
        self.faults = self.pool.install(|| faults(view.bars(), law, &|done| view.release(done)).len());
    }

    fn answer(&mut self) -> u64 {
        self.faults as u64
    }
}

/// A lake with payloads, all its series, and the whole of `verify`.
struct WholeLake {
    lake: TempLake,
    bars: u64,
    seen: u64,
}

impl WholeLake {
    fn below(folder: &Path, symbol: &Symbol, weeks: i32) -> WholeLake {
        let lake = TempLake::below(folder);
        let payloads = payloads::weekdays(symbol, weeks);
        lake.fill(symbol, &payloads);
        let today = payloads.last().expect("there are weeks").0.plus(1);
        let symbols = std::slice::from_ref(symbol);
        lake.work(Work::Aggregate, symbols, today);
        lake.work(Work::Resample, symbols, today);
        let specs = lake.settings.timeframes_of(symbol);
        let coarser: usize =
            specs.iter().map(|spec| lake.bars(symbol, Some((&spec.id, &spec.source))).len()).sum();
        let bars = (coarser + lake.bars(symbol, None).len()) as u64;
        WholeLake { lake, bars, seen: 0 }
    }
}

impl Bench for WholeLake {
    fn run(&mut self) {
        let (lake, settings) = (&self.lake.lake, &self.lake.settings);
        let verify = Verify { lake, settings, symbols: &[], deep: false, progress: &|_| {} };
        let report = verify.check().expect("the lake can be read");
        assert!(report.findings.is_empty(), "{:?}", report.findings);
        self.seen = report.tally.records;
    }

    fn answer(&mut self) -> u64 {
        self.seen
    }
}
