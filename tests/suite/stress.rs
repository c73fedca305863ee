//! Real readers beside a real writer: processes that look at a lake, and hold on to what they have mapped, while another
//! process extends, corrects and rebuilds it, and is killed at it now and then.
//!
//! The feed's truth changes before every run, one step at a time, so that the textbook can say what a reader may see
//! between one truth and the next: exactly one of a few moments, never a mixture.

#![cfg(unix)]
#![allow(clippy::print_stdout)]

mod board;
mod feed;
pub mod readers;
mod truths;

use std::collections::{BTreeMap, VecDeque};
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering::SeqCst};
use std::time::{Duration, Instant};

use engine::feed::wire::Candle;
use engine::model::{Day, Settings, Symbol};
use engine::store::SeriesKey;

use crate::binary::{Place, keys_of};
use crate::textbook::series::{TextDay, TextFeed};
use crate::textbook::world::{MINUTE, candles, payload};
use crate::textbook::{Dice, text};
use board::{Board, State};
use feed::Feed;
use readers::{Readers, own_memory_kb};
use truths::{Moment, Textbook, Version};

/// How long, in seconds; an hour is the acceptance of the whole, once.
const SECONDS: &str = "ENGINE_STRESS_SECONDS";

const CONFIG: &str = "
download: {max_retries: 2, backoff_factor: 0.01, rate_limit_rps: 0, concurrency: 8, timeout: 10}
transform:
  timezones:
    America/New_York:
      offset_to_shift_map: {-300: 7200000, -240: 10800000}
      symbols: ['*']
";

const SYMBOLS: [&str; 2] = ["EUR-USD", "BTC-USD"];

/// Days before the first run of a season, and days a season goes on for; the lake is exchanged for a new one then.
const DAYS_BEFORE: i32 = 8;
const DAYS_MAX: i32 = 5;
const VERSIONS_MAX: u64 = 300;
/// A memory that grows goes on growing; this much more than after the first fifth is none that does.
const GROWTH_MAX_KB: u64 = 24 * 1024;

/// The feed's truth of one symbol as time goes on.
struct Truth {
    symbol: Symbol,
    book: Textbook,
    said: TextFeed,
    /// The running day as it will have been.
    whole: Vec<Candle>,
    /// A day of which the feed says, wrongly and for once, that it has no candles.
    silent: Option<Day>,
}

impl Truth {
    fn new(symbol: &Symbol, settings: &Settings) -> Truth {
        let keys: Vec<SeriesKey> = keys_of(settings, std::slice::from_ref(symbol));
        let book = Textbook::new(symbol, settings, keys);
        Truth { symbol: symbol.clone(), book, said: TextFeed::new(), whole: Vec::new(), silent: None }
    }

    /// Another market, a few days old.
    fn begin_again(&mut self, dice: &mut Dice, now_ms: i64) {
        let today = Day::of_ms(now_ms);
        // What was kept from the lake before is not there to be kept in this one.
        self.silent = None;
        let days = today.plus(-DAYS_BEFORE).through(today.plus(-1));
        self.said = days
            .map(|day| {
                let busy = if dice.once_in(6) { 0 } else { 70 };
                (day, TextDay { candles: candles(dice, day, busy), asked_ms: None })
            })
            .collect();
        self.whole = candles(dice, today, 70);
        self.reach(dice, today, now_ms);
    }

    /// Time goes on to an instant, perhaps of the next day.
    fn reach(&mut self, dice: &mut Dice, last_today: Day, now_ms: i64) {
        let today = Day::of_ms(now_ms);
        if today > last_today {
            let finished = std::mem::replace(&mut self.whole, candles(dice, today, 70));
            self.said.insert(last_today, TextDay { candles: finished, asked_ms: None });
        }
        let known = self.whole.iter().filter(|candle| candle.time_ms <= now_ms).copied().collect();
        self.said.insert(today, TextDay { candles: known, asked_ms: Some(now_ms) });
    }

    /// One of the last seven finished days was another: all of it, or one candle. Or the feed says that it was none,
    /// which does not take the place of candles.
    fn backfill(&mut self, dice: &mut Dice, today: Day) {
        let day = today.plus(-1 - dice.below(7) as i32);
        if dice.once_in(6) {
            self.silent = Some(day);
            return;
        }
        let said = self.said.get_mut(&day).expect("a day before the running one");
        let known = &mut said.candles;
        match dice.below(5) {
            0 => *known = candles(dice, day, 70),
            1 if known.len() > 1 => {
                known.remove(dice.below(known.len() as u64) as usize);
            }
            2 | 3 if !known.is_empty() => {
                let at = dice.below(known.len() as u64) as usize;
                known[at].units[1] += 1 + dice.below(90) as i64;
            }
            _ => {
                let time_ms = day.start_ms() + dice.below(1440) as i64 * MINUTE;
                known.retain(|candle| candle.time_ms != time_ms);
                known.push(Candle { time_ms, units: [110_000, 110_010, 109_990, 110_000], volume: 3.0 });
                known.sort_by_key(|candle| candle.time_ms);
            }
        }
    }
}

/// What the writer is to do next.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Turn {
    /// Time went on.
    Run,
    /// A day was another.
    Weekly,
    /// Nothing new; the series are made anew all the same.
    Rebuild(&'static str),
}

/// The writer and what it has done.
struct Writer<'a> {
    place: &'a Place,
    feed: Feed,
    board: Board,
    dice: Dice,
    truths: Vec<Truth>,
    now_ms: i64,
    version: u64,
    season_began: (u64, Day),
    runs: u64,
    kills: u64,
    corrections: u64,
    seasons: u64,
    journal: Journal,
}

/// The last things the writer did, told when something was seen that should not be.
#[derive(Default)]
struct Journal(VecDeque<String>);

impl Journal {
    fn note(&mut self, entry: String) {
        const ENTRIES_MAX: usize = 40;
        if self.0.len() == ENTRIES_MAX {
            self.0.pop_front();
        }
        self.0.push_back(entry);
    }
}

impl Drop for Journal {
    fn drop(&mut self) {
        if std::thread::panicking() {
            self.0.iter().for_each(|entry| println!("stress: the writer {entry}"));
        }
    }
}

impl Writer<'_> {
    /// A lake of another market takes the place of the present one.
    fn new_season(&mut self, readers: &Readers) {
        readers.exchange(|| {
            for name in ["cache", "data"] {
                std::fs::remove_dir_all(self.place.path(name)).ok();
            }
            // Over the night in which New York's clocks are set forward, too.
            let day = "2024-03-08".parse::<Day>().expect("a day").plus(self.dice.below(3) as i32);
            self.now_ms = day.start_ms() + self.dice.below(1440) as i64 * MINUTE + 1;
            for truth in &mut self.truths {
                truth.begin_again(&mut self.dice, self.now_ms);
            }
            self.version += 1;
            self.seasons += 1;
            self.season_began = (self.version, day);
            let moments = self.truths.iter().map(|truth| truth.book.moments(&truth.said, &truth.said));
            self.board.post_version(self.version, &Version(moments.collect()));
            self.speak();
            let from = day.plus(-DAYS_BEFORE).to_string();
            self.call(&["run", "--from", &from]);
            let state = self.board.state();
            self.board.post(State { completed: self.version, started: self.version, ..state });
        });
    }

    fn speak(&self) {
        let said = |truth: &Truth| {
            let symbol = truth.symbol.clone();
            let text = |(day, said): (&Day, &TextDay)| {
                let candles = if truth.silent == Some(*day) { &[][..] } else { &said.candles };
                ((symbol.clone(), *day), payload(*day, candles))
            };
            truth.said.iter().map(text).collect::<BTreeMap<_, _>>()
        };
        self.feed.says(self.truths.iter().flat_map(said).collect());
    }

    fn command(&self, words: &[&str]) -> Command {
        let (now, url) = (self.now_ms.to_string(), self.feed.url());
        let asks = words[0] == "run" || words[1] == "weekly";
        let feed = if asks { vec!["--feed", &url] } else { Vec::new() };
        // A run that finds the lock held ends well from cron; here nobody else may hold it.
        let strict: &[&str] = if words[0] == "run" { &["--fail-if-locked"] } else { &[] };
        self.place.engine(&[words, &feed, strict, &["--now", &now]].concat())
    }

    /// To its end.
    fn call(&mut self, words: &[&str]) {
        let output = self.command(words).output().expect("the binary runs");
        let said = String::from_utf8_lossy(&output.stderr);
        let code = output.status.code().expect("it ends by itself");
        let told = String::from_utf8_lossy(&output.stdout).into_owned();
        self.journal.note(format!(
            "brought in version {} by {words:?} at {}: {told}{said}",
            self.version,
            text(self.now_ms)
        ));
        assert!(code == 0, "{words:?} at {} ended with {code}: {said}", text(self.now_ms));
        self.runs += 1;
    }

    fn call_and_kill(&mut self, words: &[&str], moment: Duration) {
        let mut command = self.command(words);
        let mut child =
            command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().expect("the binary starts");
        std::thread::sleep(moment);
        child.kill().expect("nobody has waited for it yet");
        child.wait().expect("it ends");
        self.kills += 1;
        self.journal.note(format!("was killed after {moment:?} at {words:?}"));
    }

    /// Another truth, and the run that brings it in.
    fn turn(&mut self) {
        let today = Day::of_ms(self.now_ms);
        let turn = match self.dice.below(12) {
            0..=5 => Turn::Run,
            6..=9 => Turn::Weekly,
            10 => Turn::Rebuild("full"),
            _ => Turn::Rebuild("resample"),
        };
        let old: Vec<TextFeed> = self.truths.iter().map(|truth| truth.said.clone()).collect();
        if turn == Turn::Run {
            // Minutes, seldom hours; now and then not at all.
            let minutes = if self.dice.once_in(8) { self.dice.below(600) } else { self.dice.below(30) };
            self.now_ms += minutes as i64 * MINUTE + self.dice.below(60_000) as i64;
        }
        for truth in &mut self.truths {
            truth.silent = None;
            match turn {
                Turn::Run => truth.reach(&mut self.dice, today, self.now_ms),
                Turn::Weekly if !self.dice.once_in(4) => truth.backfill(&mut self.dice, today),
                _ => {}
            }
        }
        let moments: Vec<Vec<Moment>> =
            self.truths.iter().zip(&old).map(|(truth, old)| truth.book.moments(old, &truth.said)).collect();
        self.version += 1;
        self.board.post_version(self.version, &Version(moments));
        let state = self.board.state();
        self.board.post(State { started: self.version, ..state });
        self.speak();
        for (truth, old) in self.truths.iter().zip(&old) {
            let same = |day: &Day, said: &TextDay| {
                old.get(day)
                    .is_some_and(|held| held.candles == said.candles && held.asked_ms == said.asked_ms)
            };
            let other = truth.said.iter().filter(|(day, said)| !same(day, said));
            let days: Vec<String> =
                other.map(|(day, said)| format!("{day} ({})", said.candles.len())).collect();
            let (symbol, silent) = (&truth.symbol, truth.silent);
            self.journal.note(format!("was told of {symbol}: {days:?}, silent {silent:?}"));
        }
        let words: &[&str] = match turn {
            Turn::Run => &["run"],
            Turn::Weekly => &["rebuild", "weekly"],
            Turn::Rebuild(what) => &["rebuild", what],
        };
        if self.dice.once_in(6) {
            let moment = Duration::from_micros(self.dice.below(150_000));
            self.call_and_kill(words, moment);
        }
        let before = self.corrections_counted();
        self.call(words);
        self.corrections += u64::from(self.corrections_counted() > before);
        self.board.post(State { completed: self.version, started: self.version, ..state });
    }

    /// How often bytes of a 1m series were taken back, by the records.
    fn corrections_counted(&self) -> u64 {
        let lake = self.place.lake();
        let keys = self.place.symbols().iter().map(|symbol| SeriesKey::minute(symbol.clone()));
        let records = keys.map(|key| lake.read_commit(&key).expect("a sound record"));
        records.map(|commit| commit.map_or(0, |commit| commit.corrections)).sum()
    }

    fn season_is_over(&self) -> bool {
        let (version, day) = self.season_began;
        self.version >= version + VERSIONS_MAX || Day::of_ms(self.now_ms) >= day.plus(DAYS_MAX)
    }
}

/// `engine query` again and again, as somebody at the keyboard would, each answer held to the moments there were.
fn query(place: &Place, board: &Board, stop: &AtomicBool, asked: &AtomicU64) -> u64 {
    let mut dice = Dice(77);
    let keys: Vec<Vec<SeriesKey>> = place
        .symbols()
        .iter()
        .map(|symbol| keys_of(&place.settings(), std::slice::from_ref(symbol)))
        .collect();
    let mut bars = 0;
    while !stop.load(SeqCst) {
        let symbol = dice.below(keys.len() as u64) as usize;
        let series = dice.below(keys[symbol].len() as u64) as usize;
        let key = &keys[symbol][series];
        let select = format!("{}/{}", key.symbol, key.timeframe);
        let before = board.state();
        let output =
            place.engine(&["query", &select, "--format", "csv", "--tz", "utc"]).output().expect("it runs");
        let after = board.state();
        if before.epoch != after.epoch || before.epoch % 2 == 1 {
            continue;
        }
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "query {select} ended with {}: {said}", output.status);
        let versions: Option<Vec<Version>> =
            (before.completed..=after.started).map(|number| board.version(number)).collect();
        // Overtaken by more versions than are kept.
        let Some(versions) = versions else { continue };
        let text = String::from_utf8(output.stdout).expect("text");
        let rows: Vec<Vec<&str>> = text.lines().skip(1).map(|line| line.split(',').collect()).collect();
        let moments = versions.iter().enumerate().flat_map(|(n, version)| {
            let moments = &version.0[symbol];
            &moments[if n == 0 { moments.len() - 1 } else { 0 }..]
        });
        let known = moments.map(|moment| &moment[series]).any(|shown| is_told(&rows, shown));
        assert!(known, "query {select}: {} rows that no moment had", rows.len());
        bars += rows.len() as u64;
        asked.fetch_add(1, SeqCst);
    }
    bars
}

/// Whether the rows of a csv tell exactly these bars: every number reads back as the same one.
fn is_told(rows: &[Vec<&str>], shown: &truths::Shown) -> bool {
    let number = |text: &str| text.parse::<f64>().expect("a number");
    let told = |(row, bar): (&Vec<&str>, &engine::model::Bar)| {
        let prices = [bar.open, bar.high, bar.low, bar.close, bar.volume];
        row[3].parse() == Ok(bar.time_ms)
            && row[9].parse() == Ok(bar.count)
            && (0..5).all(|i| number(row[4 + i]) == prices[i])
    };
    let closed_first = rows.windows(2).all(|pair| pair[0][10] == "true" || pair[1][10] == "false");
    rows.len() == shown.bars.len() && closed_first && rows.iter().zip(&shown.bars).all(told)
}

#[test]
fn readers_beside_a_writer_see_whole_moments_and_keep_what_they_mapped() {
    let seconds = std::env::var(SECONDS).ok().map_or(20, |text| text.parse().expect("seconds"));
    let place = Place::new(&SYMBOLS, CONFIG);
    let settings = place.settings();
    let truths = place.symbols().iter().map(|symbol| Truth::new(symbol, &settings)).collect();
    let mut readers = Readers::start(&place);
    let mut writer = Writer {
        place: &place,
        feed: Feed::start(),
        board: readers.board(),
        dice: Dice(4),
        truths,
        now_ms: 0,
        version: 0,
        season_began: (0, Day::from_epoch_days(0)),
        runs: 0,
        kills: 0,
        corrections: 0,
        seasons: 0,
        journal: Journal::default(),
    };
    writer.new_season(&readers);
    let (began, length) = (Instant::now(), Duration::from_secs(seconds));
    let (stop, asked, board) = (AtomicBool::new(false), AtomicU64::new(0), readers.board());
    let mut early: Option<(Vec<(&str, u64)>, u64)> = None;
    let asked_bars = std::thread::scope(|scope| {
        let queries = scope.spawn(|| query(&place, &board, &stop, &asked));
        // On a machine with much else to do twenty seconds may be few runs.
        while (began.elapsed() < length || writer.kills == 0 || writer.corrections == 0)
            && !queries.is_finished()
        {
            writer.turn();
            readers.assert_alive();
            if writer.season_is_over() {
                writer.new_season(&readers);
            }
            if began.elapsed() > length / 5 {
                early.get_or_insert_with(|| (readers.memory_kb(), own_memory_kb("self")));
            }
        }
        stop.store(true, SeqCst);
        queries.join().expect("every answer was one of a moment")
    });
    let (early, own_early) = early.expect("a fifth of the time has passed");
    let (late, own_late) = (readers.memory_kb(), own_memory_kb("self"));
    println!(
        "stress: {} s, {} runs ({} corrected), {} killed, {} versions in {} lakes; {} queries of {asked_bars} bars",
        began.elapsed().as_secs(),
        writer.runs,
        writer.corrections,
        writer.kills,
        writer.version,
        writer.seasons,
        asked.load(SeqCst),
    );
    println!("stress: own memory after a fifth and at the end, KB: writer's side {own_early} {own_late}");
    for (((kind, early), (_, late)), (_, report)) in early.iter().zip(&late).zip(readers.reports()) {
        println!("stress: {kind}: {early} {late} KB; {report}");
        assert!(*late < early + GROWTH_MAX_KB, "the {kind} reader's memory grew from {early} to {late} KB");
    }
    assert!(own_late < own_early + 4 * GROWTH_MAX_KB, "memory grew from {own_early} to {own_late} KB");
}
