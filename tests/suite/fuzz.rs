//! Strangers' bytes at the doors: nothing panics, grows without bound, or is believed that should not be.
//!
//! Each door gets the committed corpus and changed copies of it, in a process of its own, so that an exhausted stack or
//! memory is seen for what it is. `fuzz/` calls the same doors with libFuzzer.

#![allow(clippy::print_stdout)]

mod changes;
mod doors;
mod seeds;

use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::path::{Path, PathBuf};
use std::process::Command;

use engine::build::{Format, Head, row_sink};
use engine::model::Bar;
use engine::query::{Batch, OpenedSeries, Order, OutputClock, QueryError, Select, Series, frame};
use engine::store::{Commit, StoreError};

use crate::textbook::Dice;
use crate::textbook::world::World;

/// Which door a process of its own is to try.
const DOOR: &str = "ENGINE_TEST_DOOR";
/// Changed copies of each seed, instead of those below.
const COPIES: &str = "ENGINE_FUZZ_COPIES";
/// The doors, and how many changed copies of each seed take a second or two.
const DOORS: [(&str, u64); 5] =
    [("payload", 2000), ("commit", 1000), ("series", 100), ("config", 150), ("select", 60)];
/// Address space of such a process, KB, and seconds of a processor: what asks for more ends there instead of taking the
/// machine along.
const SPACE_MAX_KB: u64 = 8 << 20;
const SECONDS_MAX: u64 = 600;
/// What changed copies may take beyond what the seeds took, KB: some hundred times their length.
const GROWTH_MAX_KB: u64 = 128 << 10;

fn corpus(door: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/corpus").join(door)
}

/// The seeds of a door, by name.
fn seeds_of(door: &str) -> Vec<(String, Vec<u8>)> {
    let entries = std::fs::read_dir(corpus(door)).expect("a committed corpus");
    let mut seeds: Vec<(String, Vec<u8>)> = entries
        .map(|entry| entry.expect("an entry").path())
        .map(|path| (path.display().to_string(), std::fs::read(&path).expect("a seed")))
        .collect();
    seeds.sort();
    seeds
}

/// Whether the bytes were taken for what they pretend to be.
fn enter(door: &str, bytes: &[u8]) -> bool {
    match door {
        "payload" => doors::payload(bytes),
        "commit" => doors::commit(bytes),
        "series" => doors::series(bytes, &mut show),
        "config" => doors::config(bytes),
        "select" => doors::select(bytes),
        other => panic!("there is no door {other}"),
    }
}

/// What `engine query` makes of a series: every format, every row.
fn show(series: &Series<'_>) {
    let select = Select {
        symbol: "EUR-USD".parse().expect("a symbol"),
        timeframe: "1m".parse().expect("a timeframe"),
        skip_last: false,
        adjustment: None,
    };
    for format in [Format::Csv, Format::Ndjson, Format::Mt4, Format::Table] {
        let empty = Batch { bars: &[], closed: true, order: Order::Ascending };
        let schema =
            frame(&select, &OutputClock::Server, &empty).expect("no bar is wrong").schema().as_ref().clone();
        let mut text = Vec::new();
        let head = Head { width_max: Some(80), ..Head::of(schema) };
        let mut writer = row_sink(&mut text, format, &head).expect("a vector takes everything");
        for (bars, closed) in [(series.committed, true), (series.open, false)] {
            if bars.is_empty() {
                continue;
            }
            let batch = Batch { bars, closed, order: Order::Ascending };
            match frame(&select, &OutputClock::Server, &batch) {
                Ok(frame) => writer.write(&frame).expect("a vector takes everything"),
                Err(QueryError::Damaged { .. }) => return,
                Err(error) => panic!("{error}"),
            }
        }
        let rows = writer.finish().expect("a vector takes everything").rows;
        let lines = text.iter().filter(|byte| **byte == b'\n').count();
        let headers = usize::from(matches!(format, Format::Csv | Format::Table));
        assert_eq!(
            (lines, rows as usize),
            (rows as usize + headers, series.committed.len() + series.open.len())
        );
    }
}

#[test]
#[ignore = "a part of other tests, which run it as a process of its own"]
fn a_door_in_a_process_of_its_own() {
    let Ok(door) = std::env::var(DOOR) else { return };
    let usual = DOORS.iter().find(|(name, _)| *name == door).expect("a door").1;
    let copies = std::env::var(COPIES).ok().map_or(usual, |text| text.parse().expect("a number of copies"));
    let seeds = seeds_of(&door);
    assert!(seeds.len() >= 4, "{door}: only {} seeds", seeds.len());
    for (name, bytes) in &seeds {
        attempt(&door, name, bytes);
    }
    let others: Vec<Vec<u8>> = seeds.iter().map(|(_, bytes)| bytes.clone()).collect();
    let before_kb = peaks_kb();
    let (mut inputs, mut taken, mut longest) = (0, 0, 0);
    for (name, bytes) in &seeds {
        let dice = &mut Dice(u64::from(crc32c::crc32c(bytes)));
        for n in 0..copies {
            let copy = changes::changed(dice, bytes, &others);
            longest = longest.max(copy.len());
            taken += u64::from(attempt(&door, &format!("copy {n} of {name}"), &copy));
            inputs += 1;
        }
    }
    for (n, bomb) in changes::bombs(&door).iter().enumerate() {
        attempt(&door, &format!("bomb {n}"), bomb);
    }
    let grown_kb: Vec<u64> = peaks_kb().iter().zip(before_kb).map(|(after, before)| after - before).collect();
    println!(
        "report {inputs} changed copies of up to {longest} bytes, {taken} taken; KB more than for the seeds, resident and in all: {grown_kb:?}"
    );
    assert!(grown_kb.iter().all(|kb| *kb < GROWTH_MAX_KB), "{door}: memory grew by {grown_kb:?} KB");
    // What nobody takes shows nothing of what lies behind the door.
    assert!(taken * 50 > inputs, "{door}: only {taken} of {inputs} were taken");
}

/// One input; what broke the door is kept for a look.
fn attempt(door: &str, name: &str, bytes: &[u8]) -> bool {
    catch_unwind(AssertUnwindSafe(|| enter(door, bytes))).unwrap_or_else(|panic| {
        let kept =
            Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("{door}-{:08x}", crc32c::crc32c(bytes)));
        std::fs::write(&kept, bytes).expect("written");
        println!("{door}: {name} did it; it is kept as {}", kept.display());
        resume_unwind(panic)
    })
}

/// The most memory this process has had, KB, touched and in all; 0 where the system does not tell.
fn peaks_kb() -> [u64; 2] {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    ["VmHWM:", "VmPeak:"].map(|name| {
        let line = status.lines().find_map(|line| line.strip_prefix(name));
        line.and_then(|rest| rest.trim().trim_end_matches(" kB").parse().ok()).unwrap_or(0)
    })
}

fn try_door(door: &str) {
    let this = std::env::current_exe().expect("the system knows its programs");
    let mut child = Command::new("sh");
    child
        .args(["-c", &format!("ulimit -v {SPACE_MAX_KB} && ulimit -t {SECONDS_MAX} && exec \"$0\" \"$@\"")])
        .arg(this);
    child.args([
        "fuzz::a_door_in_a_process_of_its_own",
        "--exact",
        "--ignored",
        "--nocapture",
        "--test-threads=1",
    ]);
    let output = child.env(DOOR, door).output().expect("this program can be run again");
    let (out, err) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success(), "{door}: {}\n{out}\n{err}", output.status);
    let report = out.lines().find_map(|line| line.split_once("report ")).expect("a report").1;
    println!("{door}: {report}");
}

/// Sound checksums and a sound record, and a time that nobody can have written. (Bars out of order inside one coarser bar
/// are for `engine verify` to find: folding looks at times only where a coarser bar begins.)
#[test]
fn bars_beyond_any_calendar_are_named_and_not_folded() {
    for time_ms in [7_289_654_400_000, u64::MAX, 1 << 63] {
        let world = World::new(|_| {});
        let mut writer = world.lake.open_series(&world.minute_key(), false).expect("a new series");
        let bar = |n: u64| Bar {
            time_ms: if n == 20 { time_ms } else { doors::DAY.start_ms() as u64 + 60_000 * n },
            volume: 1.0,
            count: 1,
            ..Bar::default()
        };
        // So many that the bad one does not lie where every opening looks.
        let bars: Vec<Bar> = (0..4_200).map(|n| bar(n).sealed()).collect();
        writer.append(&bars).expect("written");
        let watermark_ms = bars[4_199].time_ms + 60_000;
        let whole = Commit { out_pos: 4_200 * 64, watermark_ms, ..Commit::default() };
        writer.publish(whole).expect("published");
        let (path, cascade) = (world.lake.series_path(&world.minute_key()), world.cascade());
        let folded = engine::resample::extend(&world.lake, &world.symbol, &cascade, false).map(drop);
        let timeframe = "1h".parse().expect("a timeframe");
        let read = OpenedSeries::read(&world.lake, &world.symbol, &cascade, &timeframe).map(drop);
        for outcome in [folded, read] {
            match outcome {
                Err(StoreError::Damaged { path: named, row: 20 }) => assert_eq!(named, path),
                other => panic!("{time_ms}: {other:?}"),
            }
        }
    }
}

/// A billion copies, a long text copied often, and what is nested many times; and what people write.
#[test]
fn aliases_that_multiply_are_refused_where_they_do() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("config.yaml");
    let load = |text: &[u8]| {
        std::fs::write(&file, text).expect("written");
        engine::config::load(&file)
    };
    let bombs = changes::bombs("config");
    for (bomb, line) in bombs.iter().zip([7, 2, 1]) {
        let Err(engine::config::ConfigError::Faulty { problems }) = load(bomb) else {
            panic!("it was taken")
        };
        assert_eq!((problems.len(), problems[0].line), (1, line), "{problems:?}");
        assert!(problems[0].reason.contains("aliases"), "{}", problems[0]);
    }
    let mut text = "resample:\n  timeframes:\n    5m: &five {rule: 5T, source: 1m}\n  symbols:\n".to_owned();
    for n in 0..500 {
        text += &format!(
            "    S{n}: {{timeframes: {{5m: *five, 10m: &ten{n} {{rule: 10T, source: 5m}}, 20m: {{rule: 20T, source: 10m}}}}}}\n"
        );
    }
    load(text.as_bytes()).expect("five hundred modest uses");
}

#[test]
fn payloads_are_refused_or_sound() {
    try_door("payload");
}

#[test]
fn commit_records_are_refused_or_sound() {
    try_door("commit");
}

#[test]
fn series_files_are_refused_or_shown_as_they_are() {
    try_door("series");
}

#[test]
fn configurations_are_refused_or_keep_their_promises() {
    try_door("config");
}

#[test]
fn words_are_refused_or_mean_what_they_say() {
    try_door("select");
}
