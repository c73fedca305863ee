//! The doors where strangers' bytes come in, one function each, and what must hold behind them whatever comes.
//!
//! The suite calls them with the corpus and changed copies of it, `fuzz/` with whatever libFuzzer thinks of. A broken
//! promise is a panic. Nothing here looks at how the engine does it: what is accepted is held to the contract.

use std::path::{Path, PathBuf};

use engine::config::{self, ConfigError, Loaded};
use engine::feed::wire::{Candle, Candles, Payload, encode, parse};
use engine::model::cascade::Cascade;
use engine::model::clock::Clock;
use engine::model::decimal::{Decimal, JsonNumber, Rounding};
use engine::model::settings::{Paths, PostStep, Validate};
use engine::model::timeframe::{Origin, Rule};
use engine::model::{Bar, Day, Symbol, Timeframe, TimeframeSpec};
use engine::query::{
    Bound, ClockChoice, OpenedSeries, Order, OutputClock, Range, Series, Slice, nearest, parse_selects,
};
use engine::resample;
use engine::store::{Distrust, Health, Lake, SeriesKey, SeriesView, StoreError, UnverifiedCommit};
use engine::transform::{DayRecipe, DayRefused, DayReport, Scratch, image_of};

/// The day that is asked for: 2024-01-02.
pub const DAY: Day = Day::from_epoch_days(19_724);
const MINUTE_MS: i64 = 60_000;
const DAY_MS: i64 = 86_400_000;

// ---- the feed's answers ----------------------------------------------------------------------------------------------

/// The body of an answer about [`DAY`]; whether it was taken.
pub fn payload(bytes: &[u8]) -> bool {
    let mut taken = false;
    let mut read = Payload::default();
    let parsed = parse(bytes, &mut read);
    if parsed.is_ok() {
        let json = serde_json::from_slice::<std::collections::BTreeMap<String, serde::de::IgnoredAny>>(bytes);
        assert!(json.is_ok(), "accepted, and no JSON object: {json:?}");
    }
    for running in [false, true] {
        if parsed.is_ok()
            && let Ok(candles) = read.check(DAY, running)
        {
            assert_candles(&candles);
            assert_reads_back(candles);
            taken = true;
        }
        let asked_ms = running.then(|| DAY.start_ms() + DAY_MS / 2 + 1);
        images(bytes, asked_ms, parsed.is_ok().then(|| read.check(DAY, running).ok()).flatten());
    }
    taken
}

fn assert_candles(candles: &Candles<'_>) {
    let count = candles.times_ms.len();
    assert!(count <= 1440 && candles.volumes.len() == count, "{count} candles");
    assert!(candles.units.iter().all(|column| column.len() == count), "columns of different lengths");
    let inside =
        |time_ms: &i64| (0..DAY_MS).contains(&(time_ms - DAY.start_ms())) && time_ms % MINUTE_MS == 0;
    assert!(candles.times_ms.iter().all(inside), "a candle off the day's minutes");
    assert!(candles.times_ms.windows(2).all(|pair| pair[0] < pair[1]), "candles out of order");
    assert!(candles.volumes.iter().all(|volume| volume.is_finite()), "a volume that is no number");
    assert!(candles.multiplier.mantissa > 0 || count == 0, "units without a value");
    let near = |units: &i64| units.unsigned_abs() <= candles.farthest;
    assert!(candles.units.iter().all(|column| column.iter().all(near)), "a unit farther than the farthest");
}

/// What was read says the same when it is written as the feed writes and read again.
fn assert_reads_back(candles: Candles<'_>) {
    let Decimal { mantissa, exponent } = candles.multiplier;
    // Beyond this the feed's way of writing has no room; no market is.
    let room = candles.farthest.checked_mul(mantissa.unsigned_abs()).is_some_and(|far| far < 1 << 60);
    if !room || exponent.unsigned_abs() > 300 {
        return;
    }
    let candle = |i: usize| Candle {
        time_ms: candles.times_ms[i],
        units: candles.units.map(|column| column[i]),
        volume: candles.volumes[i],
    };
    let all: Vec<Candle> = (0..candles.times_ms.len()).map(candle).collect();
    let text = encode(DAY.start_ms(), candles.multiplier, &all);
    let mut again = Payload::default();
    parse(text.as_bytes(), &mut again).unwrap_or_else(|refusal| panic!("{refusal}: {text}"));
    let again = again.check(DAY, false).unwrap_or_else(|refusal| panic!("{refusal}: {text}"));
    let bits = |volumes: &[f64]| volumes.iter().map(|volume| volume.to_bits()).collect::<Vec<u64>>();
    assert_eq!((again.times_ms, again.units), (candles.times_ms, candles.units), "read back otherwise");
    assert_eq!(bits(again.volumes), bits(candles.volumes), "read back otherwise");
}

/// The day image in every mode, beside the candles it is made of; none: they were refused.
fn images(bytes: &[u8], asked_ms: Option<i64>, candles: Option<Candles<'_>>) {
    let server = Clock::fixed(7200);
    let mut scratch = Scratch::default();
    let counted = candles.map(|candles| {
        let over = |i: &usize| asked_ms.is_none_or(|asked_ms| candles.times_ms[*i] + MINUTE_MS <= asked_ms);
        let times = (0..candles.times_ms.len()).filter(over).filter(|i| candles.volumes[*i] != 0.0);
        times.map(|i| candles.times_ms[i]).collect::<Vec<i64>>()
    });
    for validate in [Validate::Quarantine, Validate::Flag, Validate::Off, Validate::Reject] {
        let recipe = DayRecipe { server: &server, post: &[], round_decimals: 8, validate };
        let mut bars = Vec::new();
        let made = image_of(bytes, DAY, asked_ms, &recipe, &mut scratch, &mut bars);
        let Some(times) = &counted else {
            assert!(matches!(made, Err(DayRefused::Payload(_))), "an image of a refused payload");
            continue;
        };
        assert_image(validate, made, &bars, times);
    }
}

fn assert_image(validate: Validate, made: Result<DayReport, DayRefused>, bars: &[Bar], times: &[i64]) {
    let report = match made {
        Ok(report) => report,
        Err(DayRefused::Bar(_)) if validate == Validate::Reject => return assert!(bars.is_empty()),
        Err(refused) => panic!("a checked payload has no image: {refused}"),
    };
    let mut held: Vec<i64> =
        bars.iter().chain(report.refused.iter().map(|refused| &refused.bar)).map(time).collect();
    held.sort_unstable();
    assert_eq!(held, times, "bars were lost or made up");
    assert!(in_order(bars) && bars.iter().all(Bar::is_intact), "a bar that is torn or out of order");
    assert!(bars.iter().all(|bar| bar.count == 1 && bar.utc_offset_s == 7200 && bar.flags <= 1));
    let suspects = bars.iter().filter(|bar| bar.flags == 1).count();
    assert_eq!(suspects, report.suspects, "suspects counted otherwise");
    if matches!(validate, Validate::Quarantine | Validate::Reject) {
        assert!(bars.iter().all(can_be), "a bar that cannot be was let in");
        assert!(report.refused.iter().all(|refused| !can_be(&refused.bar)), "a bar that can be was refused");
    } else {
        assert!(report.refused.is_empty());
    }
}

/// The hard rules (SPEC 4.5).
fn can_be(bar: &Bar) -> bool {
    let Bar { open, high, low, close, volume, .. } = *bar;
    let finite = [open, high, low, close, volume].iter().all(|x| x.is_finite());
    finite && high >= open && high >= close && high >= low && low <= open && low <= close && volume >= 0.0
}

fn time(bar: &Bar) -> i64 {
    bar.time_ms as i64
}

fn in_order(bars: &[Bar]) -> bool {
    bars.windows(2).all(|pair| pair[0].time_ms < pair[1].time_ms)
}

// ---- commit records --------------------------------------------------------------------------------------------------

/// The bytes of a commit record; whether they were believed, as they are or with a checksum.
pub fn commit(bytes: &[u8]) -> bool {
    let mut believed = false;
    let sealed = sealed_record(bytes);
    for bytes in [bytes, &sealed] {
        let Ok(commit) = UnverifiedCommit(bytes).verify() else { continue };
        assert_eq!(
            (bytes.len(), &bytes[..8]),
            (64, &b"CMIT\x01\0\0\0"[..]),
            "another thing was taken for a record"
        );
        assert_eq!(castagnoli(&bytes[..60]).to_le_bytes(), bytes[60..], "a record with another checksum");
        assert!(commit.out_pos % 64 == 0 && commit.in_pos % 64 == 0, "positions inside a bar");
        let mut again = commit.encode();
        assert_eq!(again[..56], bytes[..56], "the record says something else than its bytes");
        for bit in 0..512 {
            again[bit / 8] ^= 1 << (bit % 8);
            assert!(UnverifiedCommit(&again).verify().is_err(), "bit {bit} may be anything");
            again[bit / 8] ^= 1 << (bit % 8);
        }
        believed = true;
    }
    believed
}

/// The same bytes with a right checksum, and with the magic: what only the checksum refuses would never be looked at.
fn sealed_record(bytes: &[u8]) -> Vec<u8> {
    let mut bytes = bytes.to_vec();
    bytes.resize(64, 0);
    bytes[..8].copy_from_slice(b"CMIT\x01\0\0\0");
    let crc = castagnoli(&bytes[..60]);
    bytes[60..].copy_from_slice(&crc.to_le_bytes());
    bytes
}

/// CRC-32C bit by bit, from its polynomial.
fn castagnoli(bytes: &[u8]) -> u32 {
    let step = |crc: u32| if crc & 1 == 1 { crc >> 1 ^ 0x82F6_3B78 } else { crc >> 1 };
    !bytes.iter().fold(!0u32, |crc, &byte| (0..8).fold(crc ^ u32::from(byte), |crc, _| step(crc)))
}

// ---- series files ----------------------------------------------------------------------------------------------------

/// What lies in the files of one symbol: its 1m series and the 5m series folded from it.
pub struct Files<'a> {
    /// Bits 0 and 1: the records get right checksums and claim no more than there is. Bit 2: so do the bars of 1m.
    how: u8,
    records: [&'a [u8]; 2],
    bins: [&'a [u8]; 2],
}

impl<'a> Files<'a> {
    /// One byte of how, the 1m series' length in eighths of the rest, two records, two series.
    fn cut(bytes: &'a [u8]) -> Option<Files<'a>> {
        let (&[how, share], rest) = bytes.split_first_chunk::<2>()?;
        let (records, bins) = rest.split_at_checked(128)?;
        let minutes = bins.len() / 64 * usize::from(share % 9) / 8 * 64 + usize::from(share / 64);
        let bins = bins.split_at(minutes.min(bins.len()));
        Some(Files { how, records: [&records[..64], &records[64..]], bins: [bins.0, bins.1] })
    }

    /// What [`Files::cut`] takes apart: for seeds.
    pub fn joined(how: u8, records: [&[u8; 64]; 2], minutes: &[Bar], coarser: &[Bar]) -> Vec<u8> {
        let all = minutes.len() + coarser.len();
        let share =
            (0..9).find(|share| all * share / 8 == minutes.len()).expect("an eighth of all bars are minutes");
        let mut bytes = vec![how, share as u8];
        bytes.extend_from_slice(records[0]);
        bytes.extend_from_slice(records[1]);
        bytes.extend_from_slice(bytemuck::cast_slice(minutes));
        bytes.extend_from_slice(bytemuck::cast_slice(coarser));
        bytes
    }

    fn lay(&self, lake: &Lake) {
        for (place, key) in keys().iter().enumerate() {
            let mut bin = self.bins[place].to_vec();
            let mut record = self.records[place].to_vec();
            if self.how & 4 != 0 && place == 0 {
                seal(&mut bin);
            }
            if self.how & (1 << place) != 0 {
                let claimed = u64::from_le_bytes(record[8..16].try_into().expect("eight bytes"));
                let claimed = claimed / 64 % (bin.len() as u64 / 64 + 1) * 64;
                record[8..16].copy_from_slice(&claimed.to_le_bytes());
                record = sealed_record(&record);
            }
            write(&lake.series_path(key), &bin);
            write(&lake.commit_path(key), &record);
        }
    }
}

fn keys() -> [SeriesKey; 2] {
    let symbol: Symbol = "EUR-USD".parse().expect("a symbol");
    let timeframe = |name: &str| name.parse::<Timeframe>().expect("a timeframe");
    [SeriesKey::minute(symbol.clone()), SeriesKey::folded(symbol, timeframe("5m"), timeframe("1m"))]
}

fn seal(bin: &mut [u8]) {
    for bytes in bin.chunks_exact_mut(64) {
        let bar: Bar = bytemuck::pod_read_unaligned(bytes);
        bytes.copy_from_slice(bytemuck::bytes_of(&bar.sealed()));
    }
}

fn write(path: &Path, bytes: &[u8]) {
    std::fs::create_dir_all(path.parent().expect("files are in folders")).expect("a folder");
    std::fs::write(path, bytes).expect("written");
}

/// A lake in a folder of this thread, which is used again.
fn lake() -> Lake {
    thread_local! {
        static FOLDER: tempfile::TempDir =
            tempfile::tempdir_in("/dev/shm").or_else(|_| tempfile::tempdir()).expect("a folder");
    }
    let root: PathBuf = FOLDER.with(|folder| folder.path().to_owned());
    let at = |name: &str| root.join(name);
    Lake::new(Paths {
        cache: at("cache"),
        live: at("live"),
        transform: at("transform"),
        aggregate: at("aggregate"),
        resample: at("resample"),
        quarantine: at("quarantine"),
        locks: at("locks"),
        rollover: at("rollover"),
    })
}

/// Series files and their commit records, as [`Files`] are cut from the bytes; `show` gets what a reader would see.
/// Whether there was anything to see.
pub fn series(bytes: &[u8], show: &mut dyn FnMut(&Series<'_>)) -> bool {
    let Some(files) = Files::cut(bytes) else { return false };
    let mut seen = false;
    let lake = lake();
    // Coarser series of an earlier input are not made of this one's.
    std::fs::remove_dir_all(&lake.paths().resample).ok();
    files.lay(&lake);
    let settings = settings();
    let [minute, _] = keys();
    let cascade = Cascade::new(&minute.symbol, &settings).expect("the default timeframes have an order");
    for key in &keys() {
        let file = std::fs::read(lake.series_path(key)).expect("it was written");
        let record = std::fs::read(lake.commit_path(key)).expect("it was written");
        match lake.read_series(key) {
            Ok(view) => assert_view(&view.expect("there is a record"), &record, &file),
            Err(StoreError::Repair { .. } | StoreError::Damaged { .. } | StoreError::OtherVersion { .. }) => {
            }
            Err(error) => panic!("{error}"),
        }
    }
    read_all(&lake, &minute.symbol, &cascade, &mut |series| {
        seen |= !series.committed.is_empty();
        show(series);
    });
    write_all(&lake, &minute, &cascade);
    seen
}

fn settings() -> engine::model::Settings {
    thread_local! {
        static SETTINGS: engine::model::Settings = loaded("{}").expect("the defaults are sound").settings;
    }
    SETTINGS.with(Clone::clone)
}

/// A view is what an intact record claims, and the file holds.
fn assert_view(view: &SeriesView, record: &[u8], file: &[u8]) {
    let claimed = u64::from_le_bytes(record[8..16].try_into().expect("eight bytes")) as usize;
    assert_eq!(
        castagnoli(&record[..60]).to_le_bytes(),
        record[60..],
        "a record with another checksum was believed"
    );
    assert_eq!(bytemuck::cast_slice::<Bar, u8>(view.bars()), &file[..claimed], "a view of something else");
}

/// Every timeframe as `engine query` reads it, forwards and backwards, between times and on other clocks.
fn read_all(lake: &Lake, symbol: &Symbol, cascade: &Cascade, show: &mut dyn FnMut(&Series<'_>)) {
    for timeframe in ["1m", "5m", "1h", "1W", "1Y"] {
        let timeframe: Timeframe = timeframe.parse().expect("a timeframe");
        let read = match OpenedSeries::read(lake, symbol, cascade, &timeframe) {
            Ok(read) => read,
            Err(StoreError::Repair { .. } | StoreError::Damaged { .. } | StoreError::OtherVersion { .. }) => {
                continue;
            }
            Err(error) => panic!("{error}"),
        };
        let series = Series { committed: read.view.as_ref().map_or(&[], SeriesView::bars), open: &read.open };
        let rows = series.committed.len() + series.open.len();
        let ordered = is_ordered(&series);
        for clock in [OutputClock::Server, OutputClock::zone(chrono_tz::Tz::America__New_York)] {
            for bound in [Bound::Instant(DAY.start_ms()), Bound::Wall(DAY.end_ms())] {
                let halves =
                    [Range { after: None, until: Some(bound) }, Range { after: Some(bound), until: None }];
                let count = |range: Range, order: Order| {
                    let slice = Slice { range, order, rows_max: None };
                    let batches = series.batches(&slice, &clock, 7);
                    batches.map(|batch| clock.labels_ms(batch.iter()).len()).sum::<usize>()
                };
                let [before, after] = halves.map(|range| count(range, Order::Ascending));
                assert!(!ordered || before + after == rows, "two halves are not the whole");
                assert_eq!(count(halves[1], Order::Descending), after, "backwards there are others");
            }
        }
        show(&series);
    }
}

/// Whether times, and what a server's clock shows, increase as they do in any series written here: only then a search
/// finds its place.
fn is_ordered(series: &Series<'_>) -> bool {
    let bars: Vec<Bar> = series.committed.iter().chain(series.open).copied().collect();
    in_order(&bars) && bars.iter().all(|bar| bar.time_ms < LAST_MS && bar.utc_offset_s == 0)
}

/// What the writer makes of the files: it takes over what it believes, cuts back the rest, and folds.
fn write_all(lake: &Lake, minute: &SeriesKey, cascade: &Cascade) {
    let writer = match lake.open_series(minute, false) {
        Ok(writer) => writer,
        Err(StoreError::OtherVersion { .. }) => return,
        Err(error) => panic!("{error}"),
    };
    let view = writer.view().expect("what was found is there");
    if let Health::Repaired { reason } = writer.health() {
        assert!(!matches!(reason, Distrust::Version(_)), "a record of another version was overruled");
        assert!(
            in_order(view.bars()) && view.bars().iter().all(Bar::is_intact),
            "what was kept proves nothing"
        );
        assert_eq!(
            writer.commit().reconcile_from,
            Some(Day::from_epoch_days(0)),
            "nobody is told to compare"
        );
    }
    drop(writer);
    // Folding bars that were never written by this engine may fail, but not end badly.
    let held: usize =
        keys().iter().filter_map(|key| lake.read_series(key).ok()?).map(|view| view.bars().len()).sum();
    match resample::extend(lake, &minute.symbol, cascade, false) {
        Ok(reports) => {
            let folded = reports.iter().map(|report| report.new_bars).max().unwrap_or(0);
            let possible = held + view.bars().len();
            assert!(folded <= possible as u64, "{folded} bars folded from {possible}: {reports:?}");
        }
        Err(StoreError::Repair { .. } | StoreError::Damaged { .. } | StoreError::OtherVersion { .. }) => {}
        Err(error) => panic!("{error}"),
    }
}

/// 2200-01-01, the end of the days this program knows.
const LAST_MS: u64 = 7_258_118_400_000;

// ---- the configuration -----------------------------------------------------------------------------------------------

/// The text of a configuration without includes (which are files of this machine); whether it is sound.
pub fn config(bytes: &[u8]) -> bool {
    let Ok(text) = std::str::from_utf8(bytes) else { return false };
    if text.contains("include") {
        return false;
    }
    match loaded(text) {
        Ok(loaded) => {
            assert_settings(&loaded);
            return true;
        }
        Err(ConfigError::Faulty { problems }) => {
            assert!(!problems.is_empty(), "refused without a reason");
            let lines = text.split(['\n', '\r']).count() + 1;
            for problem in &problems {
                assert!(!problem.reason.is_empty() && !problem.remedy.is_empty(), "{problem:?}");
                assert!(problem.line <= lines, "{problem:?}: there are only {lines} lines");
            }
        }
        Err(other) => panic!("{other}"),
    }
    false
}

fn loaded(text: &str) -> Result<Loaded, ConfigError> {
    thread_local! {
        static FOLDER: tempfile::TempDir =
            tempfile::tempdir_in("/dev/shm").or_else(|_| tempfile::tempdir()).expect("a folder");
    }
    FOLDER.with(|folder| {
        write(&folder.path().join("config.yaml"), text.as_bytes());
        write(&folder.path().join("symbols.txt"), b"EUR-USD\nSGD.IDX-SGD\n");
        config::load(&folder.path().join("config.yaml"))
    })
}

/// What the rest of the program takes for granted (SPEC 7 and 10), and that what is shown means the same.
fn assert_settings(loaded: &Loaded) {
    let settings = &loaded.settings;
    let download = &settings.download;
    assert!((1..=100).contains(&download.max_retries) && (1..=64).contains(&download.concurrency));
    assert!(!download.timeout.is_zero() && download.timeout.as_secs() <= 3600);
    assert!((0.0..=300.0).contains(&download.backoff_factor));
    assert!(download.rate_limit_rps.is_none_or(|rate| rate > 0.0 && rate <= 1000.0));
    assert!(download.base_url.starts_with("http") && !download.base_url.ends_with('/'));
    assert!(settings.num_processes.is_none_or(|count| (1..=1024).contains(&count)));
    assert!(settings.transform.round_decimals <= 15 && settings.resample.round_decimals <= 15);
    assert!(settings.resample.batch_size >= 1);
    let shifts = settings.transform.timezones.iter().flat_map(|group| group.offset_to_shift_map.values());
    assert!(shifts.chain([&settings.transform.time_shift_ms]).all(|ms| ms % 1000 == 0 && ms.abs() <= DAY_MS));
    let own = settings.resample.symbols.keys().chain(&loaded.symbols);
    for symbol in own {
        Cascade::new(symbol, settings).expect("a sound configuration has an order");
        settings.timeframes_of(symbol).into_iter().for_each(assert_timeframe);
    }
    let shown = config::show(loaded);
    let again =
        self::loaded(&shown).unwrap_or_else(|error| panic!("what is shown is refused: {error}\n{shown}"));
    assert_eq!(again.settings, *settings, "what is shown means something else:\n{shown}");
}

fn assert_timeframe(spec: &TimeframeSpec) {
    assert!(!spec.id.is_minute() && spec.id != spec.source, "{spec:?}");
    if let Rule::Fixed { length_ms } = spec.rule {
        assert!(length_ms >= MINUTE_MS && length_ms % MINUTE_MS == 0, "{spec:?}");
        assert!(spec.origin == Origin::Epoch || DAY_MS % length_ms == 0, "{spec:?}");
    }
    for step in &spec.post {
        match step {
            PostStep::Merge { ends_with, offset, .. } => {
                assert!(*offset != 0 && !ends_with.is_empty(), "{spec:?}")
            }
            PostStep::Shift { offset_s } => {
                let length_ms = spec.rule.length_ms().unwrap_or(i64::MAX);
                assert!(offset_s.unsigned_abs().saturating_mul(1000) < length_ms as u64, "{spec:?}");
            }
        }
    }
}

// ---- words that people type ------------------------------------------------------------------------------------------

/// One word of a command line: a select, a bound, a clock, a date, a rule, a number; whether it is any of the first.
pub fn select(bytes: &[u8]) -> bool {
    let text = String::from_utf8_lossy(bytes);
    let text = text.trim_end_matches('\n');
    if let Ok(selects) = parse_selects(text) {
        assert!(!selects.is_empty(), "a select of nothing");
        for select in selects {
            assert_eq!(parse_selects(&select.to_string()).expect("a select's own name is one"), [select]);
        }
    }
    if let Ok(symbol) = text.parse::<Symbol>() {
        assert!(is_file_name(symbol.as_str(), 40), "{symbol}");
        assert_eq!(symbol.as_str().parse().ok(), Some(symbol));
    }
    if let Ok(timeframe) = text.parse::<Timeframe>() {
        assert!(is_file_name(timeframe.as_str(), 16), "{timeframe}");
    }
    if let Ok(day) = text.parse::<Day>() {
        assert_eq!(day.to_string().parse().ok(), Some(day));
        assert_eq!(Day::from_yyyymmdd(day.yyyymmdd()), Some(day));
        assert!((19_700_101..22_000_101).contains(&day.yyyymmdd()));
    }
    if let Ok(Rule::Fixed { length_ms }) = text.parse::<Rule>() {
        assert!(length_ms >= MINUTE_MS && length_ms % MINUTE_MS == 0 && length_ms <= 366 * DAY_MS, "{text}");
    }
    if let Ok(Bound::Instant(ms)) = text.parse::<Bound>()
        && text.trim().bytes().all(|b| b.is_ascii_digit())
    {
        assert_eq!(text.trim().parse().ok(), Some(ms));
    }
    // Whatever they say, they say it.
    text.parse::<ClockChoice>().ok();
    if text.len() < 200 {
        assert!(nearest(text, ["EUR-USD", "1h", "Europe/Paris"]).len() <= 3);
    }
    number(text.as_bytes());
    parse_selects(text).is_ok() || text.parse::<Bound>().is_ok() || text.parse::<Rule>().is_ok()
}

/// A number in text: what is taken is the number that the standard library reads there.
fn number(text: &[u8]) {
    let Some(number) = JsonNumber::prefix_of(text) else { return };
    let written = std::str::from_utf8(&text[..number.len]).expect("a number is ASCII");
    let plain: f64 = written.parse().expect("a number");
    assert_eq!(number.to_f64(text).to_bits(), plain.to_bits(), "{written}");
    if let Some(whole) = number.to_i64() {
        assert_eq!(written.parse().ok(), Some(whole), "{written}");
    }
    if let Ok(decimal) = Decimal::parse(text) {
        assert_eq!(decimal.to_f64(), plain + 0.0, "{written}");
    }
    for decimals in [0, 8, 15] {
        let rounded = Rounding::to(decimals).of(plain);
        let step = 0.5 / 10f64.powi(decimals as i32);
        let near = (rounded - plain).abs() <= step + plain.abs() * 1e-15 || rounded == plain;
        assert!(near && (rounded != 0.0 || rounded.is_sign_positive()), "{written} became {rounded}");
    }
}

fn is_file_name(name: &str, length_max: usize) -> bool {
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_');
    !name.is_empty()
        && name.len() <= length_max
        && name.chars().all(plain)
        && !name.contains("..")
        && name.starts_with(|c: char| c.is_ascii_alphanumeric())
}
