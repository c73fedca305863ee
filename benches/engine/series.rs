//! From payload files to committed series, on files, beside the machine's own rate of writing.

use std::fs::File;
use std::io::Write;
use std::path::PathBuf;
use std::rc::Rc;

use engine::model::bar::BAR_SIZE;
use engine::model::cascade::Cascade;
use engine::model::{Bar, Day, Symbol};

use super::lakes::{TempLake, Work};
use super::measure::{Amount, Bench, Entry};
use super::payloads::DayPayload;
use super::textbook;

/// Bytes of one plain write.
const CHUNK: usize = 4 << 20;

/// Day-files of 52 weeks.
const DAYS_OF_YEAR: usize = 260;

/// What the benches of this room work on: one symbol's payload files, and what must come of them.
pub struct History {
    /// Below it every bench has a folder of its own.
    pub folder: PathBuf,
    pub symbol: Symbol,
    pub payloads: Vec<DayPayload>,
    /// The textbook's 1m series.
    pub minutes: Vec<Bar>,
}

impl History {
    pub fn new(folder: PathBuf, symbol: Symbol, payloads: Vec<DayPayload>) -> History {
        let minutes = payloads.iter().flat_map(|(_, bytes)| textbook::bars_of(bytes)).collect();
        History { folder, symbol, payloads, minutes }
    }

    /// The first year alone, and how many such years there are.
    fn first_year(&self) -> (History, usize) {
        let days = self.payloads.len().min(DAYS_OF_YEAR);
        let payloads = self.payloads[..days].to_vec();
        let folder = self.folder.clone();
        (History::new(folder, self.symbol.clone(), payloads), self.payloads.len() / days)
    }

    fn today(&self) -> Day {
        self.payloads.last().expect("a history has days").0.plus(1)
    }

    fn lake(&self, name: &str) -> TempLake {
        let lake = TempLake::below(&self.folder.join(name));
        lake.fill(&self.symbol, &self.payloads);
        lake
    }

    fn lake_with_minutes(&self, name: &str) -> TempLake {
        let lake = self.lake(name);
        lake.work(Work::Aggregate, std::slice::from_ref(&self.symbol), self.today());
        lake
    }

    /// Checksum of all coarser series, in the order of the textbook's names.
    fn coarser_checksum(&self) -> u64 {
        let series = textbook::coarser(&self.minutes, self.today().start_ms());
        series.values().fold(0, |sum, bars| textbook::checksum(sum, bars))
    }
}

/// All benches over files; each has a lake of its own.
pub fn benches(history: History) -> Vec<Entry> {
    let days = Amount { count: history.payloads.len() as f64, unit: "day-files" };
    let candles = Amount { count: history.minutes.len() as f64, unit: "M candles" };
    let payload_bytes: usize = history.payloads.iter().map(|(_, bytes)| bytes.len()).sum();
    let read = Amount { count: payload_bytes as f64, unit: "MB" };
    let written = Amount { count: (history.minutes.len() * BAR_SIZE) as f64, unit: "MB" };
    let minutes = textbook::checksum(0, &history.minutes);
    let coarser = history.coarser_checksum();
    let (year, years) = history.first_year();
    let folded = Amount { count: (year.minutes.len() * years) as f64, unit: "M candles" };
    let history = Rc::new(history);
    let entry = |name: &str, amounts: &[Amount], expected, make: fn(Rc<History>) -> Box<dyn Bench>| Entry {
        name: format!("series/{name}"),
        amounts: amounts.to_vec(),
        expected,
        make: {
            let history = history.clone();
            Box::new(move || make(history))
        },
    };
    vec![
        entry("read payload files, nothing else", &[days, read], payload_bytes as u64, ReadPayloads::of),
        entry("plain write of the same bytes", &[days, written], minutes, PlainWrite::of),
        entry("from payload files, committed", &[days, written], minutes, Aggregate::anew),
        entry("reconciled, nothing changed", &[days], minutes, Aggregate::unchanged),
        entry("cascade 1m -> all, in memory", &[folded], year.coarser_checksum(), FoldAll::of),
        entry("cascade 1m -> all, committed", &[candles], coarser, Resample::of),
    ]
}

struct ReadPayloads {
    history: Rc<History>,
    lake: TempLake,
    bytes: usize,
}

impl ReadPayloads {
    fn of(history: Rc<History>) -> Box<dyn Bench> {
        let lake = history.lake("read");
        Box::new(ReadPayloads { history, lake, bytes: 0 })
    }
}

impl Bench for ReadPayloads {
    fn run(&mut self) {
        let mut buffer = Vec::new();
        self.bytes = 0;
        for (day, _) in &self.history.payloads {
            let found = self.lake.lake.read_payload(&self.history.symbol, *day, &mut buffer);
            found.expect("the payload can be read");
            self.bytes += buffer.len();
        }
    }

    fn answer(&mut self) -> u64 {
        self.bytes as u64
    }
}

struct PlainWrite {
    path: PathBuf,
    history: Rc<History>,
}

impl PlainWrite {
    fn of(history: Rc<History>) -> Box<dyn Bench> {
        Box::new(PlainWrite { path: history.folder.join("plain.bin"), history })
    }
}

impl Bench for PlainWrite {
    fn prepare(&mut self) {
        std::fs::remove_file(&self.path).ok();
    }

    fn run(&mut self) {
        let mut file = File::create(&self.path).expect("the temporary folder can be written to");
        for chunk in bytemuck::cast_slice::<Bar, u8>(&self.history.minutes).chunks(CHUNK) {
            file.write_all(chunk).expect("the temporary folder can be written to");
        }
    }

    fn answer(&mut self) -> u64 {
        let bytes = std::fs::read(&self.path).expect("it was written just now");
        textbook::checksum(0, &bytemuck::pod_collect_to_vec::<u8, Bar>(&bytes))
    }
}

/// The 1m series: from nothing, or found as it should be.
struct Aggregate {
    history: Rc<History>,
    lake: TempLake,
    anew: bool,
}

impl Aggregate {
    fn anew(history: Rc<History>) -> Box<dyn Bench> {
        let lake = history.lake("new");
        Box::new(Aggregate { history, lake, anew: true })
    }

    fn unchanged(history: Rc<History>) -> Box<dyn Bench> {
        let lake = history.lake_with_minutes("held");
        Box::new(Aggregate { history, lake, anew: false })
    }
}

impl Bench for Aggregate {
    fn prepare(&mut self) {
        if self.anew {
            self.lake.forget(|paths| &paths.aggregate);
        }
    }

    fn run(&mut self) {
        let symbols = std::slice::from_ref(&self.history.symbol);
        self.lake.work(Work::Aggregate, symbols, self.history.today());
    }

    fn answer(&mut self) -> u64 {
        textbook::checksum(0, &self.lake.bars(&self.history.symbol, None))
    }
}

/// A year at a time, as often as there are years: the bars of all of them at once would be mostly new memory, and the
/// system's work on it is not the cascade's.
struct FoldAll {
    year: History,
    repeats: usize,
    cascade: Cascade,
    made: Vec<Vec<Bar>>,
}

impl FoldAll {
    fn of(history: Rc<History>) -> Box<dyn Bench> {
        let settings = TempLake::below(&history.folder).settings;
        let cascade = Cascade::new(&history.symbol, &settings).expect("the timeframes have an order");
        let (year, repeats) = history.first_year();
        Box::new(FoldAll { year, repeats, cascade, made: Vec::new() })
    }
}

impl Bench for FoldAll {
    fn run(&mut self) {
        let watermark_ms = self.year.today().start_ms();
        for _ in 0..self.repeats {
            self.made = self.cascade.fold_all(&self.year.minutes, watermark_ms);
        }
    }

    fn answer(&mut self) -> u64 {
        let mut steps: Vec<_> = self.cascade.steps.iter().map(|step| &step.spec.id).zip(&self.made).collect();
        steps.sort_by_key(|(id, _)| *id);
        steps.into_iter().fold(0, |sum, (_, bars)| textbook::checksum(sum, bars))
    }
}

struct Resample {
    history: Rc<History>,
    lake: TempLake,
}

impl Resample {
    fn of(history: Rc<History>) -> Box<dyn Bench> {
        let lake = history.lake_with_minutes("folded");
        Box::new(Resample { history, lake })
    }
}

impl Bench for Resample {
    fn prepare(&mut self) {
        self.lake.forget(|paths| &paths.resample);
    }

    fn run(&mut self) {
        let symbols = std::slice::from_ref(&self.history.symbol);
        self.lake.work(Work::Resample, symbols, self.history.today());
    }

    fn answer(&mut self) -> u64 {
        let mut specs = self.lake.settings.timeframes_of(&self.history.symbol);
        specs.sort_by(|a, b| a.id.cmp(&b.id));
        let bars = |spec: &engine::model::TimeframeSpec| {
            self.lake.bars(&self.history.symbol, Some((&spec.id, &spec.source)))
        };
        specs.into_iter().fold(0, |sum, spec| textbook::checksum(sum, &bars(spec)))
    }
}
