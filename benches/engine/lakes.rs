//! Lakes in temporary folders, with the configuration the project ships.

use std::path::{Path, PathBuf};

use engine::config;
use engine::ingest::{Ingest, Rebuild, Request, RunReport, Stages};
use engine::model::settings::Paths;
use engine::model::{Bar, Day, Settings, Symbol, Timeframe};
use engine::store::{Lake, SeriesKey};

use super::payloads::DayPayload;

/// A lake of one's own.
pub struct TempLake {
    /// The stages work on it.
    pub lake: Lake,
    /// As shipped, but one thread.
    pub settings: Settings,
    /// The symbols the project ships.
    pub symbols: Vec<Symbol>,
}

const AGGREGATE: Stages = Stages { download: false, aggregate: true, resample: false };
const RESAMPLE: Stages = Stages { download: false, aggregate: false, resample: true };

/// What a bench may ask of a run.
#[derive(Clone, Copy, Debug)]
pub enum Work {
    /// Payloads to the 1m series, over all days.
    Aggregate,
    /// The 1m series to the coarser ones.
    Resample,
    /// Both, over the days that every run looks at again.
    Usual,
}

impl TempLake {
    /// An empty lake below a folder.
    pub fn below(folder: &Path) -> TempLake {
        TempLake::configured("config.yaml", folder)
    }

    /// The same with one of the configurations that are shipped.
    pub fn configured(file: &str, folder: &Path) -> TempLake {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join(file);
        let loaded = config::load(&root).expect("the shipped configuration is sound");
        let data = |name: &str| folder.join("data").join(name);
        let paths = Paths {
            cache: folder.join("cache"),
            live: data("temp"),
            transform: data("transform/1m"),
            aggregate: data("aggregate/1m"),
            resample: data("resample"),
            quarantine: data("quarantine"),
            locks: data("locks"),
            rollover: data("rollover"),
        };
        let settings = Settings { paths: paths.clone(), num_processes: Some(1), ..loaded.settings };
        TempLake { lake: Lake::new(paths), settings, symbols: loaded.symbols }
    }

    /// Puts payloads into the cache.
    pub fn fill(&self, symbol: &Symbol, payloads: &[DayPayload]) {
        for (day, bytes) in payloads {
            self.lake.write_finished(symbol, *day, bytes).expect("the temporary folder can be written to");
        }
    }

    /// A run without download, as it would be on the morning of `today`.
    pub fn work(&self, work: Work, symbols: &[Symbol], today: Day) {
        let (stages, from) = match work {
            Work::Aggregate => (AGGREGATE, Some(Day::from_epoch_days(0))),
            Work::Resample => (RESAMPLE, None),
            Work::Usual => (Stages { resample: true, ..AGGREGATE }, None),
        };
        let request = Request {
            symbols: symbols.to_vec(),
            from: from.map(|from| self.first_day(symbols).unwrap_or(from)),
            to: None,
            today,
            stages,
            ask_again: false,
            rebuild_changed: false,
        };
        self.with_ingest(|ingest| must_be_sound(&ingest.process(&request, None)));
    }

    /// `rebuild full`.
    pub fn rebuild(&self, symbols: &[Symbol]) {
        self.with_ingest(|ingest| {
            must_be_sound(&ingest.rebuild(Rebuild::Full, symbols).expect("the lake can be rebuilt"));
        });
    }

    /// Removes the series, so that the next run makes them again.
    pub fn forget(&self, folder: impl Fn(&Paths) -> &PathBuf) {
        match std::fs::remove_dir_all(folder(self.lake.paths())) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => panic!("{error}"),
            _ => {}
        }
    }

    /// The committed bars of a series.
    pub fn bars(&self, symbol: &Symbol, timeframe: Option<(&Timeframe, &Timeframe)>) -> Vec<Bar> {
        let key = match timeframe {
            Some((id, source)) => SeriesKey::folded(symbol.clone(), id.clone(), source.clone()),
            None => SeriesKey::minute(symbol.clone()),
        };
        let view = self.lake.read_series(&key).expect("the series can be read");
        view.map_or(Vec::new(), |view| view.bars().to_vec())
    }

    fn first_day(&self, symbols: &[Symbol]) -> Option<Day> {
        let bars = self.bars(&symbols[0], None);
        bars.first().map(|bar| Day::of_ms(bar.time_ms as i64))
    }

    fn with_ingest(&self, work: impl FnOnce(&Ingest<'_>)) {
        let ingest = Ingest { lake: &self.lake, settings: &self.settings, clock: &|| 0, progress: &|_| () };
        work(&ingest);
    }
}

fn must_be_sound(report: &RunReport) {
    for symbol in &report.symbols {
        assert_eq!(symbol.why_unfinished(), None, "{} was not finished", symbol.symbol);
        assert!(symbol.refused_days.is_empty(), "{}: {:?}", symbol.symbol, symbol.refused_days);
    }
}
