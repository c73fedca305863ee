//! How fast the engine is, measured side by side in one run.
//! Comes in: a simulated market, and a real payload where one is at hand. Goes out: a table, and whether every answer was right.
//! May touch: the public rooms of the engine, a temporary folder, the clock, a child of its own.
//! Never: trusts a fast answer: every bench is held to what a slow textbook version of it comes to.
//!
//! `cargo bench` measures; `cargo bench -- ROOM[/NAME] --rounds=N` some of it, so often. `cargo bench -- weekly --weekly-days=7305` takes twenty years of every symbol, and 40 GB in the temporary folder. Without `--bench`, as under `cargo test`, everything is tiny and only the answers count.
#![allow(clippy::print_stdout, clippy::print_stderr)]

mod measure;

mod clocks;
mod decode;
mod formats;
mod indicators;
mod memory;
mod nothing_new;
mod prices;
mod series;
mod verify;
mod weekly;
mod wide;

mod lakes;
mod payloads;
mod peers;
mod prices_lake;
mod textbook;

use std::path::Path;
use std::process::ExitCode;

use engine::model::Symbol;
use measure::{Entry, Line};

/// The program's own: thousands of fresh columns are what one of the benches is about.
#[global_allocator]
static MEMORY: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// How much there is to do.
struct Size {
    rounds: usize,
    /// Weeks of payloads for the benches in memory, and how often they are gone through.
    decode: (i32, usize),
    real_repeats: usize,
    /// Weeks of payload files.
    series: i32,
    /// Weeks that are folded under one clock and another, and how often.
    clocks: (i32, usize),
    /// Days and symbols of the run that finds nothing new.
    nothing_new: (i32, usize),
    /// Weeks that are rebuilt while memory is watched.
    memory: i32,
    /// Records that are checked, and weeks of a lake that is verified whole.
    verify: (usize, i32),
    /// The history that gets a new past; `--weekly-days=N` for a longer one, `--weekly-lake=FOLDER` for one's own.
    weekly: weekly::Extent,
    /// Functions one by one.
    indicators: indicators::Extent,
    /// Bars of a series that is written as files, and how often.
    formats: (usize, usize),
    /// Requests and bars of one go, and how often.
    wide: &'static [(wide::Size, usize)],
    /// A slice of a long series, and a day of it.
    prices: prices::Extent,
}

const FULL: Size = Size {
    rounds: 9,
    decode: (52, 8),
    real_repeats: 2000,
    series: 260,
    clocks: (52, 5),
    nothing_new: (30, 42),
    memory: 1044,
    verify: (7_500_000, 260),
    weekly: weekly::Extent { days: 400, symbols: 42, rounds: 3, lake: None },
    indicators: indicators::Extent { rows: &[500_000, 1_000_000], rounds: (7, 3) },
    formats: (7_800_000, 3),
    wide: &[((3_500, 100_000), 7), ((500, 1_000_000), 7)],
    prices: prices::Extent { bars: 7_500_000, rows: 500_000, rounds: (15, 20), starts: 30 },
};

const TINY: Size = Size {
    rounds: 1,
    decode: (1, 1),
    real_repeats: 1,
    series: 6,
    clocks: (6, 1),
    nothing_new: (9, 3),
    memory: 2,
    verify: (3_000, 6),
    weekly: weekly::Extent { days: 40, symbols: 3, rounds: 2, lake: None },
    indicators: indicators::Extent { rows: &[300], rounds: (1, 1) },
    formats: (3_000, 1),
    wide: &[((70, 500), 1)],
    prices: prices::Extent { bars: 3_000, rows: 1_234, rounds: (1, 2), starts: 1 },
};

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    if let [flag, folder, symbol] = arguments.as_slice()
        && flag == memory::CHILD
    {
        memory::child(Path::new(folder), symbol);
        return ExitCode::SUCCESS;
    }
    if let Some((flag, words)) = arguments.split_first()
        && flag == prices::CHILD
    {
        prices::child(words);
        return ExitCode::SUCCESS;
    }
    let measuring = arguments.iter().any(|argument| argument == "--bench");
    let wanted = arguments.iter().find(|argument| !argument.starts_with('-')).map(String::as_str);
    let size = if measuring { FULL } else { TINY };
    let folder = tempfile::tempdir().expect("there is a temporary folder");
    let symbol: Symbol = "EUR-USD".parse().expect("a symbol");

    let rounds = arguments.iter().find_map(|argument| argument.strip_prefix("--rounds=")?.parse().ok());
    let entries = entries(&size, folder.path(), &symbol, wanted);
    let lines = measure::measure(entries, rounds.unwrap_or(size.rounds));
    let mut is_right = lines.iter().all(Line::is_right);
    if !lines.is_empty() && (measuring || !is_right) {
        println!("{}", measure::table(&lines));
        println!("{}", beside(&lines));
        println!("{}", clocks::ratios(&lines));
        println!("{}", verify::ratio(&lines));
    }
    if is_room(wanted, "memory") {
        let memory = memory::of_a_rebuild(&folder.path().join("memory"), &symbol, size.memory);
        println!("{memory}");
    }
    if is_room(wanted, "weekly") {
        let of = |key: &str| arguments.iter().find_map(|argument| argument.strip_prefix(key));
        let days = of("--weekly-days=").and_then(|days| days.parse().ok()).unwrap_or(size.weekly.days);
        let extent = weekly::Extent { days, lake: of("--weekly-lake=").map(Into::into), ..size.weekly };
        weekly::trial(&folder.path().join("weekly"), &extent);
    }
    if is_room(wanted, "prices") {
        let extent = rounds.map_or(size.prices, |rounds| prices::Extent {
            rounds: (rounds, size.prices.rounds.1),
            ..size.prices
        });
        is_right &= prices::trial(&folder.path().join("prices"), &symbol, &extent, measuring);
    }
    if is_room(wanted, "indicators") && measuring {
        indicators::trial(&folder.path().join("indicators"), &size.indicators);
    }
    if is_room(wanted, "formats") {
        let (rows, rounds) = size.formats;
        formats::trial(&folder.path().join("formats"), &symbol, rows, rounds);
    }
    if is_room(wanted, "wide") {
        for (wide, rounds) in size.wide {
            wide::trial(&folder.path().join("wide"), *wide, *rounds, measuring);
        }
    }
    if is_right { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// All benches, or those whose names begin as wanted; rooms that are not wanted are not prepared.
fn entries(size: &Size, folder: &Path, symbol: &Symbol, wanted: Option<&str>) -> Vec<Entry> {
    let is_wanted = |room: &str| is_room(wanted, room);
    let mut entries = Vec::new();
    if is_wanted("decode") {
        let (weeks, repeats) = size.decode;
        entries.extend(decode::benches("simulated days", &payloads::weekdays(symbol, weeks), repeats));
        match payloads::real() {
            Some(real) => entries.extend(decode::benches("real day", &[real], size.real_repeats)),
            None => println!("skipped: no real payload (../shared)"),
        }
    }
    if is_wanted("series") {
        let payloads = payloads::weekdays(symbol, size.series);
        let history = series::History::new(folder.join("series"), symbol.clone(), payloads);
        entries.extend(series::benches(history));
    }
    if is_wanted("clocks") {
        let (weeks, repeats) = size.clocks;
        entries.extend(clocks::benches(&folder.join("clocks"), weeks, repeats));
    }
    if is_wanted("nothing-new") {
        let (days, symbols) = size.nothing_new;
        entries.push(nothing_new::by_library(folder.join("library"), days, symbols));
        entries.push(nothing_new::by_program(folder.join("program"), symbols));
    }
    if is_wanted("verify") {
        let (records, weeks) = size.verify;
        entries.extend(verify::benches(&folder.join("verify"), symbol, records, weeks));
    }
    entries.retain(|entry| wanted.is_none_or(|wanted| entry.name.starts_with(wanted)));
    entries
}

fn is_room(wanted: Option<&str>, room: &str) -> bool {
    wanted.is_none_or(|wanted| wanted.split('/').next() == Some(room))
}

/// What the aims speak of: the 1m series beside a plain write of the same bytes.
fn beside(lines: &[Line]) -> String {
    let find = |name: &str| lines.iter().find(|line| line.name.starts_with(name));
    let (Some(made), Some(written)) = (find("series/from payload"), find("series/plain write")) else {
        return String::new();
    };
    let share = written.times.min_s() / made.times.min_s();
    format!(
        "the 1m series is made at {:.0} % of the rate at which this machine writes its bytes ({:.0} of {:.0} day-files/s)",
        share * 100.0,
        made.rate(0),
        written.rate(0)
    )
}
