//! `engine build`, and the formats of `engine query`, through the real binary; what they write is read by other programs.

mod groups;
mod long;
mod outside;
mod partitions;
mod refusals;

use std::path::Path;
use std::process::Output;

use engine::feed::simulator::Market;
use engine::model::{Bar, Day, Symbol};

use crate::binary::Place;

/// Days around a New Year, when clocks, weeks and years end in different places.
const FIRST: &str = "2023-12-20";
const DAYS: i32 = 24;

/// A server clock that is two hours ahead: its year begins while UTC's ends.
const CONFIG: &str = "transform:\n  timezones:\n    Europe/Helsinki:\n      offset_to_shift_map: {120: 7200000, 180: 10800000}\n      symbols: ['*']\n";

/// Three symbols over a New Year.
pub fn place() -> Place {
    let place = Place::new(&["EUR-USD", "BTC-USD", "BRENT.CMD-USD"], CONFIG);
    let (market, lake) = (Market::new(0), place.lake());
    let first: Day = FIRST.parse().expect("a day");
    for symbol in place.symbols() {
        for day in first.through(first.plus(DAYS)) {
            let payload = market.day(symbol, day).payload(day.start_ms());
            lake.write_finished(symbol, day, payload.as_bytes()).expect("written");
        }
    }
    place.ends(&["rebuild", "full", "--quiet"], &[0]);
    place
}

pub fn said(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

/// The bars of a series as its file has them.
fn bars(path: &Path) -> Vec<Bar> {
    let bytes = std::fs::read(path).expect("a series");
    bytes.chunks(64).map(bytemuck::pod_read_unaligned).collect()
}

fn joined<'a>(words: &[&'a str], more: &[&'a str]) -> Vec<&'a str> {
    [words, more].concat()
}

fn lines(path: &Path) -> Vec<String> {
    std::fs::read_to_string(path).expect("a file").lines().map(str::to_owned).collect()
}

/// A bar as a line of the file must have it, from its record.
fn line(symbol: &str, timeframe: &str, bar: &Bar) -> String {
    let wall =
        chrono::DateTime::from_timestamp_millis(bar.time_ms as i64 + 1000 * i64::from(bar.utc_offset_s));
    let wall = wall.expect("a time").format("%Y-%m-%d %H:%M:%S");
    let Bar { time_ms, open, high, low, close, volume, count, .. } = bar;
    let number = |value: &f64| {
        let text = format!("{value}");
        if text.contains('.') { text } else { text + ".0" }
    };
    let prices = [open, high, low, close, volume].map(number).join(",");
    format!("{symbol},{timeframe},{wall},{time_ms},{prices},{count}")
}

#[test]
fn one_file_has_every_series_with_its_own_columns() {
    let place = place();
    let words = ["build", "csv", "--select", "EUR-USD/1h,4h", "BTC-USD/1h", "--closed", "-o", "all.csv"];
    let (figures, _) = place.figures(&words, &[0]);
    let lines = lines(&place.path("all.csv"));
    assert_eq!(lines[0], "symbol,timeframe,time,time_ms,open,high,low,close,volume,count");
    let mut wanted = Vec::new();
    for (symbol, timeframe) in [("EUR-USD", "1h"), ("EUR-USD", "4h"), ("BTC-USD", "1h")] {
        let path = place.path(&format!("data/resample/{timeframe}/{symbol}.bin"));
        wanted.extend(bars(&path).iter().map(|bar| line(symbol, timeframe, bar)));
    }
    assert_eq!(lines[1..], wanted);
    assert!(wanted.len() > 1_000, "{} rows", wanted.len());
    assert_eq!(figures["files"][0]["rows"], wanted.len());
    assert_eq!(figures["files"][0]["bytes"], std::fs::metadata(place.path("all.csv")).expect("a file").len());
}

#[test]
fn a_file_each_named_after_its_series() {
    let place = place();
    place.ends(&["build", "bin", "-s", "EUR-USD/1m,1h", "--closed", "--output-dir", "out"], &[0]);
    for (file, series) in [("EUR-USD_1m.bin", "aggregate/1m"), ("EUR-USD_1h.bin", "resample/1h")] {
        let theirs = std::fs::read(place.path(&format!("data/{series}/EUR-USD.bin"))).expect("a series");
        assert_eq!(std::fs::read(place.path(&format!("out/{file}"))).expect("a file"), theirs, "{file}");
    }
    place.ends(&["build", "mt4", "--select", "BTC-USD/1d", "--closed", "--output-dir", "out"], &[0]);
    let day = &lines(&place.path("out/BTC-USD_1d.csv"))[1];
    let bar = &bars(&place.path("data/resample/1d/BTC-USD.bin"))[1];
    assert!(day.starts_with("2023.12.21,00:00,") || day.starts_with("2023.12.20,"), "{day}");
    assert_eq!(day.split(',').nth(5), Some(format!("{}", bar.close).as_str()), "{day}");
    assert_eq!(day.split(',').count(), 7);
}

#[test]
fn wildcards_stand_for_series_of_the_lake_and_only_with_all() {
    let place = place();
    let listed = place.figures(&["build", "--list", "--select", "*-USD/1?"], &[0]).0;
    let names: Vec<&str> =
        listed.as_array().expect("rows").iter().filter_map(|row| row["series"].as_str()).collect();
    assert_eq!(names.len(), 3 * 6, "{names:?}");
    assert!(names.contains(&"EUR-USD/1m") && names.contains(&"BTC-USD/1M"), "{names:?}");
    let build = ["build", "csv", "--select", "B*/4h", "--output-dir", "out"];
    let refused = said(&place.ends(&build, &[2]));
    assert!(refused.contains("'B*/4h' stands for 2 series") && refused.contains("--all"), "{refused}");
    assert!(!place.path("out").exists());
    place.ends(&[&build[..], &["--all"]].concat(), &[0]);
    let mut files: Vec<String> = crate::binary::files(&place.path("out")).into_keys().collect();
    files.sort();
    assert_eq!(files, ["BRENT.CMD-USD_4h.csv", "BTC-USD_4h.csv"]);
    let all = place.figures(&["build", "--list"], &[0]).0;
    assert_eq!(all.as_array().map(Vec::len), Some(3 * 11));
}

#[test]
fn appending_goes_on_where_the_file_ends_and_nowhere_else() {
    let place = place();
    for (format, ending) in [("csv", "csv"), ("ndjson", "ndjson"), ("mt4", "csv"), ("bin", "bin")] {
        let (whole, parts) = (format!("whole-{format}.{ending}"), format!("parts-{format}.{ending}"));
        let base = ["query", "EUR-USD/1h", "--closed", "--format", format];
        place.ends(&joined(&base, &["-o", &whole]), &[0]);
        place.ends(&joined(&base, &["--until", "2024-01-03", "-o", &parts, "--append"]), &[0]);
        place.ends(
            &joined(&base, &["--after", "2024-01-03", "--until", "2024-01-05", "-o", &parts, "--append"]),
            &[0],
        );
        let before = std::fs::read(place.path(&parts)).expect("a file");
        let again = place.ends(&joined(&base, &["--after", "2024-01-04", "-o", &parts, "--append"]), &[2]);
        assert!(said(&again).contains("already") && said(&again).contains("--after"), "{}", said(&again));
        // The last bar of the server's 4th, which ends two hours before UTC's.
        let last = if format == "mt4" { "2024.01.04,23:00" } else { "2024-01-04T21:00:00Z" };
        assert!(said(&again).contains(last), "{}", said(&again));
        assert_eq!(std::fs::read(place.path(&parts)).expect("a file"), before, "{format}");
        // Nothing new is no reason to refuse.
        place.ends(&joined(&base, &["--after", "2033-01-01", "-o", &parts, "--append"]), &[0]);
        place.ends(&joined(&base, &["--after", "2024-01-05", "-o", &parts, "--append"]), &[0]);
        assert!(std::fs::read(place.path(&whole)).expect("a file").len() > 10_000);
        assert_eq!(
            std::fs::read(place.path(&whole)).expect("a file"),
            std::fs::read(place.path(&parts)).expect("a file"),
            "{format}"
        );
    }
    let csv = ["query", "--after", "2024-01-05", "--append", "-o", "parts-csv.csv"];
    let other = said(&place.ends(&joined(&csv, &["BTC-USD/1h"]), &[2]));
    assert!(other.contains("it ends with EUR-USD/1h, not BTC-USD/1h"), "{other}");
    let columns = said(&place.ends(&joined(&csv, &["EUR-USD/1h", "-i", "sma_3"]), &[2]));
    assert!(columns.contains("other columns"), "{columns}");
    std::fs::write(
        place.path("broken.csv"),
        &std::fs::read(place.path("whole-csv.csv")).expect("a file")[..5_000],
    )
    .expect("written");
    let broken = said(&place.ends(&["query", "EUR-USD/1h", "--append", "-o", "broken.csv"], &[2]));
    assert!(broken.contains("broke off"), "{broken}");
}

#[test]
fn indicators_come_along_and_say_what_query_says() {
    let place = place();
    let asks = "sma_20,macd,rsi_14@4h";
    place.ends(
        &["build", "csv", "-s", "EUR-USD/1h", "-i", asks, "--after", "2024-01-02", "-o", "b.csv"],
        &[0],
    );
    place.ends(&["query", "EUR-USD/1h", "-i", asks, "--after", "2024-01-02", "-o", "q.csv"], &[0]);
    let (built, queried) = (lines(&place.path("b.csv")), lines(&place.path("q.csv")));
    assert_eq!(built.len(), queried.len());
    for (ours, theirs) in built.iter().zip(&queried) {
        let mut cells: Vec<&str> = theirs.split(',').collect();
        cells.remove(10);
        assert_eq!(*ours, cells.join(","));
    }
    assert!(
        built[0].ends_with("count,sma_20,macd,macd__signal,macd__hist,rsi_14@4h")
            || built[0].contains("macd__hist"),
        "{}",
        built[0]
    );
}

#[test]
fn an_empty_slice_is_a_file_with_its_header() {
    let place = place();
    let words = ["build", "csv", "-s", "EUR-USD/1h", "--after", "2033-01-01", "-o", "none.csv"];
    let output = place.ends(&words, &[0]);
    assert!(said(&output).contains("EUR-USD/1h: no bars between"), "{}", said(&output));
    assert_eq!(
        lines(&place.path("none.csv")),
        ["symbol,timeframe,time,time_ms,open,high,low,close,volume,count"]
    );
}

#[test]
fn a_damaged_series_does_not_hold_up_the_others() {
    let place = place();
    let path = place.path("data/resample/1h/BTC-USD.bin");
    let mut bytes = std::fs::read(&path).expect("a series");
    bytes[640..648].copy_from_slice(&u64::MAX.to_le_bytes());
    std::fs::write(&path, &bytes).expect("written");
    let words = ["build", "csv", "--select", "*-USD/1h", "--all", "--output-dir", "out"];
    let output = place.ends(&words, &[1]);
    assert!(said(&output).contains("BTC-USD/1h"), "{}", said(&output));
    let names: Vec<String> = crate::binary::files(&place.path("out")).into_keys().collect();
    assert_eq!(names, ["BRENT.CMD-USD_1h.csv", "EUR-USD_1h.csv"]);
}

/// The 1m bars of a symbol of the simulated market are there: what the tests above compare with is not empty.
#[test]
fn the_lake_of_these_tests_is_what_it_should_be() {
    let place = place();
    let symbol: Symbol = "EUR-USD".parse().expect("a symbol");
    let minutes = bars(&place.path(&format!("data/aggregate/1m/{symbol}.bin")));
    assert!(minutes.len() > 15_000 && minutes.iter().all(|bar| bar.sealed() == *bar), "{}", minutes.len());
}
