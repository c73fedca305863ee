//! A lake in a temporary folder, a feed that can change its mind, and the engine's stages between them.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use engine::aggregate::note_older_payload;
use engine::disk::Disk;
use engine::feed::wire::{Candle, encode};
use engine::ingest::{Decided, Decision, Ingest, IngestError, Rebuild, Request, RunReport, Stages};
use engine::model::cascade::Cascade;
use engine::model::decimal::Decimal;
use engine::model::settings::{
    DownloadSettings, Paths, PriceSide, ResampleSettings, TimezoneGroup, TransformSettings, Validate,
};
use engine::model::timeframe::{Origin, Side};
use engine::model::{Bar, Day, Settings, Symbol, Timeframe, TimeframeSpec};
use engine::resample::key_of;
use engine::store::{Commit, Lake, SeriesKey};

use super::clock::new_york_map;
use super::lines::text_of_bars;
use super::series::{TextCascade, TextDay, TextFeed, TextRules, minutes_as_decided};
use super::{Dice, text};

pub const MINUTE: i64 = 60_000;

/// A timeframe with left edges.
pub fn spec(id: &str, source: &str, rule: &str) -> TimeframeSpec {
    TimeframeSpec {
        id: id.parse().expect("a timeframe"),
        source: source.parse().expect("a timeframe"),
        rule: rule.parse().expect("a rule"),
        label: Side::Left,
        closed: Side::Left,
        origin: Origin::Epoch,
        post: Vec::new(),
    }
}

/// SPEC 10's ten timeframes.
pub fn default_timeframes() -> Vec<TimeframeSpec> {
    let table = [
        ("5m", "1m", "5T"),
        ("15m", "5m", "15T"),
        ("30m", "15m", "30T"),
        ("1h", "30m", "1h"),
        ("4h", "1h", "4h"),
        ("8h", "4h", "8h"),
        ("1d", "4h", "1D"),
        ("1W", "1d", "W-MON"),
        ("1M", "1d", "MS"),
        ("1Y", "1M", "AS"),
    ];
    table.map(|(id, source, rule)| spec(id, source, rule)).to_vec()
}

/// The default configuration over the folders below `root`.
pub fn settings(root: &Path) -> Settings {
    Settings {
        paths: Paths {
            cache: root.join("cache"),
            live: root.join("data/temp"),
            transform: root.join("data/transform/1m"),
            aggregate: root.join("data/aggregate/1m"),
            resample: root.join("data/resample"),
            quarantine: root.join("data/quarantine"),
            locks: root.join("data/locks"),
            rollover: root.join("data/rollover"),
        },
        download: DownloadSettings {
            base_url: "http://127.0.0.1:1".to_owned(),
            side: PriceSide::Bid,
            max_retries: 1,
            backoff_factor: 1.0,
            timeout: Duration::from_secs(1),
            rate_limit_rps: None,
            concurrency: 1,
            history_start: None,
        },
        num_processes: Some(1),
        disable_download: true,
        transform: TransformSettings {
            time_shift_ms: 0,
            round_decimals: 8,
            fsync: false,
            validate: Validate::Quarantine,
            keep_days: false,
            timezones: Vec::new(),
            symbols: BTreeMap::new(),
        },
        aggregate_fsync: false,
        rollover_url: "http://127.0.0.1:1".to_owned(),
        csv: true,
        indicators: Default::default(),
        resample: ResampleSettings {
            round_decimals: 8,
            batch_size: 250_000,
            fsync: false,
            timeframes: default_timeframes(),
            symbols: BTreeMap::new(),
        },
    }
}

/// The clock of an MT4 server, for every symbol.
pub fn new_york_server(settings: &mut Settings) {
    settings.transform.timezones.push(TimezoneGroup {
        zone: chrono_tz::America::New_York,
        offset_to_shift_map: new_york_map(),
        symbols: Vec::new(),
        takes_the_rest: true,
    });
}

/// Random candles of one day in which about `per_mille` of all minutes trade, each in itself sound.
pub fn candles(dice: &mut Dice, day: Day, per_mille: u64) -> Vec<Candle> {
    let mut level = 100_000 + dice.below(20_000) as i64;
    let mut made = Vec::new();
    for minute in 0..1440 {
        if dice.below(1000) >= per_mille {
            continue;
        }
        let mut step = || dice.below(41) as i64 - 20;
        let (open, close) = (level + step(), level + step());
        let (high, low) = (open.max(close) + step().abs(), open.min(close) - step().abs());
        level = close;
        // Now and then nothing was traded, or so little that it is rounded away.
        let volume = match dice.below(40) {
            0 => 0.0,
            1 => 1e-10,
            _ => (1 + dice.below(100_000)) as f64 / 1000.0,
        };
        made.push(Candle {
            time_ms: day.start_ms() + minute * MINUTE,
            units: [open, high, low, close],
            volume,
        });
    }
    made
}

/// A feed of `days` days from `first` on; few trade on weekends and some not at all.
pub fn feed(dice: &mut Dice, first: Day, days: i32, per_mille: u64) -> TextFeed {
    let mut made = TextFeed::new();
    for day in first.through(first.plus(days - 1)) {
        let busy = match (day.weekday(), dice.below(12)) {
            (_, 0) | (5, _) => 0,
            (6, _) => per_mille / 8,
            _ => per_mille,
        };
        made.insert(day, TextDay { candles: candles(dice, day, busy), asked_ms: None });
    }
    made
}

/// The payload the feed would send.
pub fn payload(day: Day, candles: &[Candle]) -> String {
    encode(day.start_ms(), Decimal { mantissa: 1, exponent: -5 }, candles)
}

/// A symbol, its lake, and what its feed last said.
pub struct World {
    pub dir: Arc<tempfile::TempDir>,
    pub settings: Settings,
    pub symbol: Symbol,
    pub lake: Lake,
    pub feed: TextFeed,
    /// What the user has released: days, and the candles that were looked at.
    pub decisions: BTreeMap<Day, Vec<Candle>>,
}

impl World {
    pub fn new(change: impl FnOnce(&mut Settings)) -> World {
        // The crash drills make tens of thousands of files; where there is a folder in memory they need not wait.
        let memory = Path::new("/dev/shm");
        let dir = match memory.is_dir() {
            true => tempfile::tempdir_in(memory).or_else(|_| tempfile::tempdir()),
            false => tempfile::tempdir(),
        };
        let dir = dir.expect("a temporary folder");
        let mut settings = settings(dir.path());
        change(&mut settings);
        let lake = Lake::new(settings.paths.clone());
        let symbol = "EUR-USD".parse().expect("a symbol");
        World {
            dir: Arc::new(dir),
            settings,
            symbol,
            lake,
            feed: TextFeed::new(),
            decisions: BTreeMap::new(),
        }
    }

    /// The same folders seen through another disk.
    pub fn on(&self, disk: Arc<dyn Disk>) -> World {
        World {
            dir: self.dir.clone(),
            settings: self.settings.clone(),
            symbol: self.symbol.clone(),
            lake: Lake::on(disk, self.settings.paths.clone()),
            feed: self.feed.clone(),
            decisions: self.decisions.clone(),
        }
    }

    pub fn minute_key(&self) -> SeriesKey {
        SeriesKey::minute(self.symbol.clone())
    }

    pub fn cascade(&self) -> Cascade {
        Cascade::new(&self.symbol, &self.settings).expect("the test's settings have an order")
    }

    /// A payload arrives, as a download brings it (SPEC 6: an older day is noted first).
    pub fn receive(&mut self, day: Day, said: TextDay) {
        self.try_receive(day, &said).expect("a lake that can be written");
        self.feed.insert(day, said);
    }

    /// The same on a lake that may break.
    pub fn try_receive(&self, day: Day, said: &TextDay) -> Result<(), engine::store::StoreError> {
        let bytes = payload(day, &said.candles);
        match said.asked_ms {
            Some(asked_ms) => self.lake.write_running(&self.symbol, day, bytes.as_bytes(), asked_ms),
            None => {
                let last = match self.lake.trusted_commit(&self.minute_key()) {
                    // As a download does: a series to be repaired is compared with every payload anyway.
                    Err(engine::store::StoreError::Repair { .. }) => None,
                    commit => commit?.and_then(|commit| commit.last_date),
                };
                if last.is_some_and(|last| day <= last) {
                    note_older_payload(&self.lake, &self.symbol, day)?;
                }
                self.lake.write_finished(&self.symbol, day, bytes.as_bytes())
            }
        }
    }

    pub fn request(&self, today: Day) -> Request {
        Request {
            symbols: vec![self.symbol.clone()],
            from: None,
            to: None,
            today,
            stages: Stages { download: false, aggregate: true, resample: true },
            ask_again: false,
            rebuild_changed: false,
        }
    }

    /// A run without download, whatever comes of it.
    pub fn try_run(&self, request: &Request) -> RunReport {
        let now_ms = request.today.start_ms();
        let clock = move || now_ms;
        let ingest = Ingest { lake: &self.lake, settings: &self.settings, clock: &clock, progress: &|_| {} };
        ingest.process(request, None)
    }

    /// A run that has to succeed.
    pub fn run(&self, today: Day) -> RunReport {
        let report = self.try_run(&self.request(today));
        assert_sound(&report);
        report
    }

    pub fn rebuild(&self, what: Rebuild) {
        assert_sound(&self.try_rebuild(what));
    }

    /// A rebuild, whatever comes of it.
    pub fn try_rebuild(&self, what: Rebuild) -> RunReport {
        let clock = || 0;
        let ingest = Ingest { lake: &self.lake, settings: &self.settings, clock: &clock, progress: &|_| {} };
        ingest.rebuild(what, std::slice::from_ref(&self.symbol)).expect("a rebuild")
    }

    /// The user decides about a day.
    pub fn decide(&mut self, decision: Decision, day: Day) -> Result<Decided, IngestError> {
        let decided = self.try_decide(decision, day)?;
        match decision {
            Decision::Release => self.decisions.insert(day, self.feed[&day].candles.clone()),
            Decision::Hold => self.decisions.remove(&day),
        };
        Ok(decided)
    }

    /// The same on a lake that may break.
    pub fn try_decide(&self, decision: Decision, day: Day) -> Result<Decided, IngestError> {
        let now_ms = day.plus(40).start_ms();
        let clock = move || now_ms;
        let ingest = Ingest { lake: &self.lake, settings: &self.settings, clock: &clock, progress: &|_| {} };
        ingest.decide(decision, &self.symbol, day)
    }

    /// The bytes of every series file, by timeframe.
    pub fn files(&self) -> BTreeMap<Timeframe, Vec<u8>> {
        let mut files = BTreeMap::new();
        for key in self.keys() {
            self.assert_text(&key);
            if let Ok(bytes) = std::fs::read(self.lake.series_path(&key)) {
                files.insert(key.timeframe, bytes);
            }
        }
        files
    }

    /// What lies as text beside a series.
    pub fn text_of(&self, key: &SeriesKey) -> Option<String> {
        std::fs::read_to_string(self.lake.csv_path(&key.symbol, &key.timeframe)).ok()
    }

    /// Holds the text beside a series to what is committed, line by line.
    fn assert_text(&self, key: &SeriesKey) {
        if !self.settings.csv {
            return;
        }
        let committed = self.lake.read_commit(key).expect("a sound record").map(|commit| commit.out_pos);
        let bytes = std::fs::read(self.lake.series_path(key)).unwrap_or_default();
        let expected = committed.map(|committed| {
            let bars = bytes[..committed as usize].chunks(64).map(bytemuck::pod_read_unaligned);
            text_of_bars(&bars.collect::<Vec<Bar>>())
        });
        assert!(self.text_of(key) == expected, "{}: the text is not that of the bars", key.timeframe);
    }

    pub fn keys(&self) -> Vec<SeriesKey> {
        let cascade = self.cascade();
        let folded = cascade.steps.iter().map(|step| key_of(&self.symbol, step));
        std::iter::once(self.minute_key()).chain(folded).collect()
    }

    pub fn commit(&self, key: &SeriesKey) -> Commit {
        self.lake.read_commit(key).expect("a sound record").unwrap_or_default()
    }

    /// The textbook's 1m series and how far it is true.
    pub fn text_minutes(&self) -> (Vec<Bar>, i64) {
        let cascade = TextCascade::new(&self.symbol, &self.settings);
        let rules = TextRules::of(&self.symbol, &self.settings);
        minutes_as_decided(&self.feed, &self.decisions, &cascade.server, &rules)
    }

    /// Holds every file and every watermark to the textbook's.
    pub fn assert_textbook(&self, when: &str) {
        let cascade = TextCascade::new(&self.symbol, &self.settings);
        let (bars, watermark_ms) = self.text_minutes();
        let files = self.files();
        assert_bars(&bars, file_bars(&files, &Timeframe::minute()), &format!("{when}: 1m"));
        assert_eq!(self.commit(&self.minute_key()).watermark_ms as i64, watermark_ms, "{when}: 1m watermark");
        let series = cascade.committed(&bars, watermark_ms);
        for key in self.keys().into_iter().skip(1) {
            let expected = &series[&key.timeframe];
            let when = format!("{when}: {}", key.timeframe);
            assert_bars(&expected.committed, file_bars(&files, &key.timeframe), &when);
            let commit = self.commit(&key);
            assert_eq!(commit.out_pos as usize, 64 * expected.committed.len(), "{when}: committed bytes");
            let told = text(commit.watermark_ms as i64);
            assert_eq!(told, text(expected.watermark_ms.max(0)), "{when}: watermark");
            assert!(commit.in_pos as usize <= 64 * expected.resume_row, "{when}: resumes too late");
        }
    }
}

pub fn assert_sound(report: &RunReport) {
    for symbol in &report.symbols {
        assert_eq!(symbol.why_unfinished(), None, "{}", symbol.symbol);
        assert!(!symbol.is_stale(), "{} is stale", symbol.symbol);
        assert!(symbol.refused_days.is_empty(), "{:?}", symbol.refused_days);
        assert_eq!(symbol.refused_bars, 0);
    }
}

fn file_bars<'a>(files: &'a BTreeMap<Timeframe, Vec<u8>>, timeframe: &Timeframe) -> Vec<Bar> {
    let bytes: &'a [u8] = files.get(timeframe).map_or(&[], Vec::as_slice);
    assert_eq!(bytes.len() % 64, 0, "{timeframe} holds part of a record");
    bytes.chunks(64).map(bytemuck::pod_read_unaligned).collect()
}

/// Compares bars and says where they part, instead of printing thousands.
pub fn assert_bars(expected: &[Bar], found: impl AsRef<[Bar]>, what: &str) {
    let found = found.as_ref();
    let parts = expected.iter().zip(found).position(|(a, b)| bytemuck::bytes_of(a) != bytemuck::bytes_of(b));
    let Some(i) = parts.or((expected.len() != found.len()).then(|| expected.len().min(found.len()))) else {
        return;
    };
    let show = |bars: &[Bar]| {
        bars.get(i).map_or("nothing".to_owned(), |bar| format!("{} {bar:?}", text(bar.time_ms as i64)))
    };
    panic!(
        "{what}: bar {i} of {} expected and {} found:\n expected {}\n found    {}",
        expected.len(),
        found.len(),
        show(expected),
        show(found)
    );
}
