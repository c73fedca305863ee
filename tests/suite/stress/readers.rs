//! Readers in processes of their own: this test program, run again as a reader through the library or as a stranger who
//! maps whatever lies in the files, and a Python program that knows no more than the documented layout.
//!
//! They look while a writer works and is killed, hold on to what they have mapped, and end when their standard input
//! does. A broken promise is a panic in them; a page taken from under a map is a SIGBUS. Either way they end badly, and
//! whoever started them sees it.

use std::collections::{BTreeMap, VecDeque};
use std::io::Read;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering::SeqCst};
use std::time::Duration;

use engine::model::cascade::Cascade;
use engine::model::settings::Paths;
use engine::model::{Bar, Settings};
use engine::query::OpenedSeries;
use engine::store::{Commit, Lake, SeriesKey, SeriesView, StoreError};
use serde_json::{Value, json};

use super::board::{Board, State};
use super::truths::{Moment, Version};
use crate::binary::{Place, keys_of};
use crate::textbook::{Dice, text};

const KIND: &str = "ENGINE_TEST_READER";
const PLACE: &str = "ENGINE_TEST_PLACE";
const BOARD: &str = "ENGINE_TEST_BOARD";

/// Maps that a reader keeps, of files that were replaced long ago.
const HELD_MAX: usize = 200;
/// Between two looks: the writer is to get most of the machine.
const PAUSE: Duration = Duration::from_millis(2);

/// Readers at work; dropping them ends them.
pub struct Readers {
    board: tempfile::TempDir,
    children: Vec<(&'static str, Child)>,
}

impl Readers {
    /// Starts a reader through the library and a stranger beside the writer of a place, and a stranger in another
    /// language where there is one.
    pub fn start(place: &Place) -> Readers {
        let board = tempfile::tempdir_in(place.path("").parent().expect("a folder")).expect("a folder");
        Board::at(board.path()).post(State::default());
        let mut readers = Readers { board, children: Vec::new() };
        for kind in ["library", "stranger"] {
            let mut command = Command::new(std::env::current_exe().expect("the system knows its programs"));
            let name = "stress::readers::a_reader_in_a_process_of_its_own";
            command.args([name, "--exact", "--ignored", "--nocapture", "--test-threads=1"]);
            command.env(KIND, kind).env(PLACE, place.path("")).env(BOARD, readers.board.path());
            readers.spawn(kind, command).expect("this program can be run again");
        }
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/suite/stress/stranger.py");
        let mut python = Command::new("python3");
        python.arg(script).args([place.path("").as_path(), readers.board.path()]);
        if readers.spawn("python", python).is_none() {
            println!("skipped: no python3 for the third reader");
        }
        readers
    }

    fn spawn(&mut self, kind: &'static str, mut command: Command) -> Option<()> {
        let child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().ok()?;
        self.children.push((kind, child));
        Some(())
    }

    pub fn board(&self) -> Board {
        Board::at(self.board.path())
    }

    /// Exchanges the lake for another one while nobody judges what is seen of it.
    pub fn exchange(&self, work: impl FnOnce()) {
        let board = self.board();
        let state = board.state();
        board.post(State { epoch: state.epoch + 1, ..state });
        work();
        // The writer may have posted versions meanwhile.
        board.post(State { epoch: state.epoch + 2, ..board.state() });
    }

    /// None of them may end before it is told to.
    pub fn assert_alive(&mut self) {
        for (kind, child) in &mut self.children {
            let ended = child.try_wait().expect("a child");
            assert!(ended.is_none(), "the {kind} reader ended: {}", ended.expect("it did"));
        }
    }

    /// Memory of their own that each reader takes now, in KB.
    pub fn memory_kb(&self) -> Vec<(&'static str, u64)> {
        self.children.iter().map(|(kind, child)| (*kind, own_memory_kb(&child.id().to_string()))).collect()
    }

    /// Ends them all; what each has seen.
    pub fn reports(mut self) -> Vec<(&'static str, Value)> {
        self.assert_alive();
        let mut reports = Vec::new();
        for (kind, mut child) in std::mem::take(&mut self.children) {
            drop(child.stdin.take());
            let mut said = String::new();
            child.stdout.take().expect("a pipe").read_to_string(&mut said).expect("text");
            let status = child.wait().expect("it ends");
            assert!(status.success(), "the {kind} reader ended with {status}: {said}");
            let report = said.lines().find_map(|line| line.split_once("report ")).expect("a report").1;
            reports.push((kind, serde_json::from_str(report).expect("one JSON text")));
        }
        reports
    }
}

impl Drop for Readers {
    fn drop(&mut self) {
        for (_, child) in &mut self.children {
            // It may have ended by itself.
            child.kill().ok();
            child.wait().ok();
        }
    }
}

/// Memory that is nobody's but the process's, mapped files not counted; 0 where the system does not tell.
pub fn own_memory_kb(process: &str) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{process}/status")).unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("RssAnon:"));
    line.and_then(|rest| rest.trim().trim_end_matches(" kB").parse().ok()).unwrap_or(0)
}

#[test]
#[ignore = "a part of other tests, which run it as a process of its own"]
fn a_reader_in_a_process_of_its_own() {
    let Ok(kind) = std::env::var(KIND) else { return };
    let folder = |name: &str| PathBuf::from(std::env::var_os(name).expect("it is set by who starts us"));
    let stop = Arc::new(AtomicBool::new(false));
    let told = stop.clone();
    // Standard input ends when the one who started us says so, and when that process dies.
    std::thread::spawn(move || {
        std::io::stdin().read_to_end(&mut Vec::new()).ok();
        told.store(true, SeqCst);
    });
    let mut reader = Reader::new(&folder(PLACE), &folder(BOARD), &kind);
    while !stop.load(SeqCst) {
        reader.look();
        reader.look_back();
        std::thread::sleep(PAUSE);
    }
    println!("report {}", reader.report());
}

/// One reader's eyes and memory.
struct Reader {
    board: Board,
    lake: Lake,
    settings: Settings,
    /// Series by symbol; the order is that of the posted truths.
    keys: Vec<Vec<SeriesKey>>,
    /// A stranger's own place, from which links lead to the real files.
    links: Option<(tempfile::TempDir, Lake)>,
    dice: Dice,
    held: VecDeque<(SeriesView, u32)>,
    newest: BTreeMap<SeriesKey, (u64, SeriesView)>,
    /// Of the lake to which the newest views belong.
    epoch: u64,
    versions: BTreeMap<u64, Arc<Version>>,
    looks: u64,
    bars: u64,
    judged: u64,
    open: u64,
    old: u64,
}

impl Reader {
    fn new(place: &Path, board: &Path, kind: &str) -> Reader {
        let loaded = engine::config::load(&place.join("config.yaml")).expect("a sound configuration");
        let lake = Lake::new(loaded.settings.paths.clone());
        let of = |symbol| keys_of(&loaded.settings, std::slice::from_ref(symbol));
        let keys: Vec<Vec<SeriesKey>> = loaded.symbols.iter().map(of).collect();
        let links = (kind == "stranger").then(|| links(&lake, keys.iter().flatten()));
        Reader {
            board: Board::at(board),
            lake,
            settings: loaded.settings,
            keys,
            links,
            dice: Dice(kind.len() as u64),
            held: VecDeque::new(),
            newest: BTreeMap::new(),
            epoch: 0,
            versions: BTreeMap::new(),
            looks: 0,
            bars: 0,
            judged: 0,
            open: 0,
            old: 0,
        }
    }

    /// Looks at one series, and judges what was seen unless the lake was being exchanged.
    fn look(&mut self) {
        let before = self.board.state();
        let symbol = self.dice.below(self.keys.len() as u64) as usize;
        let place = self.dice.below(self.keys[symbol].len() as u64) as usize;
        let key = self.keys[symbol][place].clone();
        let seen = match &self.links {
            Some((_, links)) => map_whole(&self.lake, links, &key),
            None => self.lake.read_series(&key).map_err(|error| format!("{key:?}: {error}")),
        };
        let open = (self.links.is_none() && self.dice.once_in(2)).then(|| self.read_open(&key));
        let after = self.board.state();
        if before.epoch != after.epoch || before.epoch % 2 == 1 {
            return;
        }
        if before.epoch != self.epoch {
            self.newest.clear();
            self.epoch = before.epoch;
        }
        let allowed = self.allowed(before, after, symbol, place);
        if let Some(view) = seen.unwrap_or_else(|error| panic!("{error}")) {
            self.judge(&key, view, &allowed);
        }
        if let Some(open) = open {
            self.judge_open(&key, &open.unwrap_or_else(|error| panic!("{error}")), &allowed);
        }
    }

    fn read_open(&self, key: &SeriesKey) -> Result<Vec<Bar>, String> {
        let cascade = Cascade::new(&key.symbol, &self.settings).expect("an order");
        let read = OpenedSeries::read(&self.lake, &key.symbol, &cascade, &key.timeframe);
        let read = read.map_err(|error| format!("{key:?}: {error}"))?;
        let committed = read.view.iter().flat_map(|view| view.bars().to_vec());
        Ok(committed.chain(read.open.iter().map(|bar| bar.sealed())).collect())
    }

    /// What the series may show between two looks at the board; nothing where no truths are posted.
    fn allowed(&mut self, before: State, after: State, symbol: usize, place: usize) -> Allowed {
        let mut allowed = Allowed { quiet: before.completed == after.started, moments: Vec::new() };
        for number in before.completed..=after.started {
            // Too old already, or nothing is posted at all: then there is nothing to hold what was seen to.
            let Some(version) = self.version(number) else {
                return Allowed { quiet: false, moments: Vec::new() };
            };
            let moments = &version.0[symbol];
            let first = if number == before.completed { moments.len() - 1 } else { 0 };
            allowed
                .moments
                .extend((first..moments.len()).map(|moment| (version.clone(), symbol, moment, place)));
        }
        allowed
    }

    fn version(&mut self, number: u64) -> Option<Arc<Version>> {
        if !self.versions.contains_key(&number) {
            self.versions.insert(number, Arc::new(self.board.version(number)?));
            self.versions = self.versions.split_off(&number.saturating_sub(8));
        }
        self.versions.get(&number).cloned()
    }

    fn judge(&mut self, key: &SeriesKey, view: SeriesView, allowed: &Allowed) {
        let bars = view.bars();
        assert_bars_sound(key, bars);
        if self.links.is_none() {
            self.assert_goes_on(key, &view);
            allowed.assert_prefix(key, bars);
        } else {
            allowed.assert_each(key, bars);
        }
        self.looks += 1;
        self.bars += bars.len() as u64;
        self.judged += if allowed.moments.is_empty() { 0 } else { bars.len() as u64 };
        if self.held.len() == HELD_MAX {
            self.held.pop_front();
        }
        self.held.push_back((view.clone(), checksum(view.bars())));
        if self.links.is_none() {
            self.newest.insert(key.clone(), (view.commit().corrections, view));
        }
    }

    /// The committed part never shrinks, nor does a byte of it change, but by a correction.
    fn assert_goes_on(&self, key: &SeriesKey, view: &SeriesView) {
        let Some((corrections, earlier)) = self.newest.get(key) else { return };
        let now = view.commit().corrections;
        assert!(*corrections <= now, "{key:?}: {corrections} corrections became {now}");
        if *corrections == now {
            let kept = earlier.common_bars(view);
            let held = earlier.bars().len();
            assert_eq!(kept, held, "{key:?}: the committed bars changed without a correction");
        }
    }

    fn judge_open(&mut self, key: &SeriesKey, bars: &[Bar], allowed: &Allowed) {
        assert_bars_sound(key, bars);
        allowed.assert_moment(key, bars);
        self.open += 1;
        self.bars += bars.len() as u64;
    }

    /// A map made long ago shows what it showed then.
    fn look_back(&mut self) {
        if self.held.is_empty() {
            return;
        }
        let (view, then) = &self.held[self.dice.below(self.held.len() as u64) as usize];
        assert_eq!(checksum(view.bars()), *then, "the bytes under an old map changed");
        self.old += 1;
    }

    fn report(&self) -> Value {
        json!({
            "looks": self.looks, "with_open_bars": self.open, "old_maps_read_again": self.old,
            "bars": self.bars, "bars_held_to_truths": self.judged,
        })
    }
}

/// Moments that a series may show.
struct Allowed {
    /// Nobody was at work.
    quiet: bool,
    moments: Vec<(Arc<Version>, usize, usize, usize)>,
}

impl Allowed {
    fn shown(&self) -> impl Iterator<Item = &super::truths::Shown> {
        self.moments.iter().map(|(version, symbol, moment, place)| {
            let moment: &Moment = &version.0[*symbol][*moment];
            &moment[*place]
        })
    }

    /// Committed bars are the beginning of what some moment shows; all of it that can be committed when all is quiet.
    fn assert_prefix(&self, key: &SeriesKey, bars: &[Bar]) {
        let fits = |shown: &super::truths::Shown| {
            let whole = !self.quiet || bars.len() == shown.committed;
            whole && shown.bars.get(..bars.len()).is_some_and(|begin| same(begin, bars))
        };
        self.assert_some(key, bars, "committed", self.shown().any(fits));
    }

    /// Committed and open bars are all that some moment shows.
    fn assert_moment(&self, key: &SeriesKey, bars: &[Bar]) {
        self.assert_some(key, bars, "all", self.shown().any(|shown| same(&shown.bars, bars)));
    }

    /// Every bar in the file is one that some moment shows.
    fn assert_each(&self, key: &SeriesKey, bars: &[Bar]) {
        let has = |shown: &super::truths::Shown, bar: &Bar| {
            let found = shown.bars.binary_search_by_key(&bar.time_ms, |bar| bar.time_ms);
            found.is_ok_and(|at| same(&shown.bars[at..=at], std::slice::from_ref(bar)))
        };
        let known = bars.iter().all(|bar| self.shown().any(|shown| has(shown, bar)));
        self.assert_some(key, bars, "file's", known);
    }

    fn assert_some(&self, key: &SeriesKey, bars: &[Bar], which: &str, holds: bool) {
        if holds || self.moments.is_empty() {
            return;
        }
        let mut told = String::new();
        for shown in self.shown() {
            let common = shown.bars.iter().zip(bars).take_while(|(a, b)| a == b).count();
            let show = |bars: &[Bar]| {
                bars.get(common)
                    .map_or("nothing".to_owned(), |bar| format!("{} {bar:?}", text(bar.time_ms as i64)))
            };
            told += &format!(
                "\n {} bars ({} to be committed), {common} in common, then {} where {} was seen",
                shown.bars.len(),
                shown.committed,
                show(&shown.bars),
                show(bars)
            );
        }
        panic!(
            "{} {}: the {which} {} bars were never true (quiet: {}):{told}",
            key.symbol,
            key.timeframe,
            bars.len(),
            self.quiet
        );
    }
}

fn same(a: &[Bar], b: &[Bar]) -> bool {
    bytemuck::cast_slice::<Bar, u8>(a) == bytemuck::cast_slice::<Bar, u8>(b)
}

fn checksum(bars: &[Bar]) -> u32 {
    crc32c::crc32c(bytemuck::cast_slice(bars))
}

/// What holds of the bars of any series at any moment.
fn assert_bars_sound(key: &SeriesKey, bars: &[Bar]) {
    let ordered = bars.windows(2).all(|pair| pair[0].time_ms < pair[1].time_ms);
    assert!(ordered, "{key:?}: bars out of order");
    for bar in bars {
        let Bar { open, high, low, close, volume, .. } = *bar;
        let sane = high >= open.max(close) && low <= open.min(close) && volume >= 0.0 && bar.count > 0;
        assert!(sane && bar.is_intact(), "{key:?}: {bar:?} is not as it was written");
    }
}

/// A place whose series files are links to those of the lake.
fn links<'a>(lake: &Lake, keys: impl Iterator<Item = &'a SeriesKey>) -> (tempfile::TempDir, Lake) {
    let folder = tempfile::tempdir().expect("a folder");
    let (aggregate, resample) = (folder.path().join("1m"), folder.path().join("coarser"));
    let links = Lake::new(Paths { aggregate, resample, ..lake.paths().clone() });
    for key in keys {
        let (link, record) = (links.series_path(key), links.commit_path(key));
        std::fs::create_dir_all(record.parent().expect("a folder")).expect("a folder");
        std::os::unix::fs::symlink(lake.series_path(key), link).expect("a link");
    }
    (folder, links)
}

/// All whole records of a file, whatever its commit record says: a record of our own beside the link claims them.
fn map_whole(lake: &Lake, links: &Lake, key: &SeriesKey) -> Result<Option<SeriesView>, String> {
    let Ok(found) = std::fs::metadata(lake.series_path(key)) else { return Ok(None) };
    let claim = Commit { out_pos: found.len() / 64 * 64, ..Commit::default() };
    std::fs::write(links.commit_path(key), claim.encode()).expect("written");
    match links.read_series(key) {
        // A shorter file took the name between the two looks.
        Err(StoreError::Repair { .. }) => Ok(None),
        read => read.map_err(|error| format!("{key:?}: {error}")),
    }
}
