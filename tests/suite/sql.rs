//! SQL over the series as tables: the answers, what is read for them, and what is refused.

mod answers;
mod names;
mod peers;
mod recipes;
mod refusals;

use engine::feed::simulator::Market;
use engine::model::{Day, Symbol};

use crate::binary::Place;

const SYMBOLS: [&str; 3] = ["EUR-USD", "XAU-USD", "BTC-USD"];

/// Twenty-four days of three symbols over the end of October 2024, when Paris sets its clocks back, and a roll calendar.
/// The server's clock is Paris' too.
fn place() -> Place {
    let zone = "transform:\n  timezones:\n    Europe/Paris:\n      offset_to_shift_map: {60: 3600000, 120: 7200000}\n      \
                symbols: ['*']\n";
    let place = Place::new(&SYMBOLS, zone);
    let (market, lake) = (Market::new(0), place.lake());
    let first: Day = "2024-10-10".parse().expect("a day");
    for symbol in SYMBOLS.map(|name| name.parse::<Symbol>().expect("a symbol")) {
        for day in first.through(first.plus(23)) {
            let payload = market.day(&symbol, day).payload(day.start_ms());
            lake.write_finished(&symbol, day, payload.as_bytes()).expect("written");
        }
    }
    std::fs::create_dir_all(place.path("data/rollover")).expect("a folder");
    std::fs::write(place.path("data/rollover/XAU-USD.csv"), "date,gap\n2024-10-20,-7.5\n").expect("written");
    place.ends(&["rebuild", "full", "--quiet"], &[0]);
    place
}

/// What a query answers as CSV, more arguments behind it.
fn csv(place: &Place, sql: &str, more: &[&str]) -> String {
    let words = [&["query", "--sql", sql, "--format", "csv"], more].concat();
    String::from_utf8(place.ends(&words, &[0]).stdout).expect("text")
}

/// The lines of CSV below its header as fields; no value of ours holds a comma.
fn rows(csv: &str) -> Vec<Vec<String>> {
    csv.lines().skip(1).map(|line| line.split(',').map(str::to_owned).collect()).collect()
}

/// The bars of a series as `engine query` shows them, which other tests hold to the definition.
fn bars(place: &Place, words: &[&str]) -> Vec<Vec<String>> {
    let words = [&["query"], words, &["--format", "csv"]].concat();
    rows(&String::from_utf8(place.ends(&words, &[0]).stdout).expect("text"))
}

/// What a refused query is told.
fn refused(place: &Place, words: &[&str]) -> String {
    let output = place.engine(&[&["query"], words].concat()).output().expect("it starts");
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(2), "{words:?}: {said}");
    assert!(output.stdout.is_empty(), "{words:?}");
    said
}

fn number(text: &str) -> f64 {
    text.parse().unwrap_or_else(|_| panic!("'{text}' is no number"))
}

fn assert_near(ours: f64, theirs: f64, what: &str) {
    assert!((ours - theirs).abs() <= 1e-9 * theirs.abs().max(1e-3), "{what}: {ours} instead of {theirs}");
}
