//! `engine rollover`, and `:panama` and `:ratio` in `engine query`, through the real binary.

use std::path::PathBuf;

use engine::feed::simulator::Market;
use engine::model::cascade::Cascade;
use engine::model::rollover::Adjustment;
use engine::model::{Day, Symbol};
use engine::plan::{Desk, PlanError, Question};
use engine::query::{Catalog, OutputClock, Slice, parse_selects};
use serde_json::Value;

use crate::binary::Place;

const NOW: [&str; 2] = ["--now", "2024-03-01T12:00:00Z"];
const SIMULATED: [&str; 2] = ["--feed", "simulated"];
const CONFIG: &str = "download: {max_retries: 2, backoff_factor: 0.01, timeout: 5}\n\
                      transform: {symbols: {OIL-USD: {source: BRENT.CMD-USD}}}\n";

fn brent() -> Symbol {
    "BRENT.CMD-USD".parse().expect("a symbol")
}

/// Six weeks around the rolls of 2024-01-24 and 2024-02-23.
fn place() -> Place {
    let place = Place::new(&["BRENT.CMD-USD", "EUR-USD"], "");
    let (market, lake) = (Market::new(0), place.lake());
    let first: Day = "2024-01-15".parse().expect("a day");
    for symbol in ["BRENT.CMD-USD", "EUR-USD"].map(|name| name.parse::<Symbol>().expect("a symbol")) {
        for day in first.through(first.plus(44)) {
            let payload = market.day(&symbol, day).payload(day.start_ms());
            lake.write_finished(&symbol, day, payload.as_bytes()).expect("written");
        }
    }
    place.ends(&["rebuild", "full", "--quiet"], &[0]);
    place
}

fn file(place: &Place, symbol: &str) -> PathBuf {
    place.path(&format!("data/rollover/{symbol}.csv"))
}

fn held(place: &Place, symbol: &str) -> Option<String> {
    std::fs::read_to_string(file(place, symbol)).ok()
}

fn write(place: &Place, symbol: &str, text: &str) {
    std::fs::create_dir_all(place.path("data/rollover")).expect("a folder");
    std::fs::write(file(place, symbol), text).expect("written");
}

fn rollover<'a>(words: &[&'a str]) -> Vec<&'a str> {
    [&["rollover"], words, &SIMULATED, &NOW].concat()
}

fn said(output: &std::process::Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

/// The rows of a CSV answer below its header, and the header.
fn rows(place: &Place, words: &[&str]) -> (Vec<String>, Vec<Vec<String>>) {
    let output = place.ends(&[&["query"], words, &["--format", "csv"]].concat(), &[0]);
    let text = String::from_utf8(output.stdout).expect("text");
    let mut lines = text.lines().map(|line| line.split(',').map(str::to_owned).collect::<Vec<_>>());
    (lines.next().expect("a header"), lines.collect())
}

fn numbers(rows: &[Vec<String>], column: usize) -> Vec<f64> {
    rows.iter().map(|row| row[column].parse().unwrap_or(f64::NAN)).collect()
}

fn assert_near(ours: &[f64], theirs: &[f64], what: &str) {
    assert_eq!(ours.len(), theirs.len(), "{what}");
    for (row, (a, b)) in ours.iter().zip(theirs).enumerate() {
        let same = (a.is_nan() && b.is_nan()) || (a - b).abs() <= 1e-9 * a.abs().max(1e-3);
        assert!(same, "{what} row {row}: {a} {b}");
    }
}

#[test]
fn a_calendar_is_fetched_once_and_then_only_what_is_new() {
    let place = Place::new(&["BRENT.CMD-USD", "EUR-USD", "LIGHT.CMD-USD"], CONFIG);
    let (dry, _) = place.figures(&rollover(&["BRENT.CMD-USD", "--dry-run"]), &[0]);
    assert_eq!(dry["symbols"][0]["status"], "would be written");
    assert_eq!(held(&place, "BRENT.CMD-USD"), None);

    let (first, _) = place.figures(&rollover(&["BRENT.CMD-USD"]), &[0]);
    assert_eq!(
        (&first["symbols"][0]["status"], &first["symbols"][0]["to"]),
        (&"written".into(), &"2024-02-23".into())
    );
    let text = held(&place, "BRENT.CMD-USD").expect("written");
    assert!(text.starts_with("date,gap,kind,origin\n2015-01-23,"), "{text}");
    assert!(text.trim_end().lines().last().expect("a line").starts_with("2024-02-23,"), "{text}");
    // What the feed charges a long position is what the prices before are moved by, with the sign changed.
    let list = Market::new(0).rolls("2024-03-01".parse().expect("a day"));
    let newest =
        list.as_array().expect("rows").iter().find(|row| row["title"] == "BRENT.CMD/USD").expect("a row");
    assert_eq!(newest["date"], "23-Feb-24");
    let line = format!("2024-02-23,{},roll,provider", 0.0 - newest["long"].as_f64().expect("a number"));
    assert!(text.contains(&line), "{line} in {text}");

    let (again, _) = place.figures(&rollover(&["BRENT.CMD-USD"]), &[0]);
    assert_eq!(again["symbols"][0]["status"], "unchanged");
    let later = ["rollover", "BRENT.CMD-USD", "--feed", "simulated", "--now", "2024-04-01T12:00:00Z"];
    let (later, _) = place.figures(&later, &[0]);
    assert_eq!(later["symbols"][0]["added"].as_array().expect("events").len(), 1);
    // Without a name: all symbols of the list that roll, an alias with its source.
    let (all, _) = place.figures(&rollover(&[]), &[0]);
    let names: Vec<&Value> =
        all["symbols"].as_array().expect("symbols").iter().map(|one| &one["symbol"]).collect();
    assert_eq!(names, ["BRENT.CMD-USD", "LIGHT.CMD-USD", "OIL-USD"]);
    assert_eq!(held(&place, "OIL-USD").map(|text| text.contains(&line)), Some(true));
    assert_eq!(held(&place, "EUR-USD"), None);
}

#[test]
fn the_users_lines_stay_and_a_broken_file_is_not_touched() {
    let place = Place::new(&["BRENT.CMD-USD", "LIGHT.CMD-USD"], CONFIG);
    write(&place, "BRENT.CMD-USD", "date,gap\n# seen on the chart\n2024-02-23,-7.5\n2014-12-24,1\n");
    let output = place.ends(&rollover(&["BRENT.CMD-USD"]), &[0]);
    assert!(
        said(&output).contains("your line of 2024-02-23 stays, -7.5; the provider says"),
        "{}",
        said(&output)
    );
    let text = held(&place, "BRENT.CMD-USD").expect("a file");
    assert!(text.starts_with("date,gap,kind,origin\n2014-12-24,1,roll,hand\n2015-01-23,"), "{text}");
    assert!(text.ends_with("\n# seen on the chart\n2024-02-23,-7.5,roll,hand\n"), "{text}");

    let broken = "date,gap\n2024-02-23;-7.5\n";
    write(&place, "LIGHT.CMD-USD", broken);
    let output = place.ends(&rollover(&["LIGHT.CMD-USD"]), &[2]);
    assert!(
        said(&output).contains("LIGHT.CMD-USD.csv:2: 1 fields where the header names 2"),
        "{}",
        said(&output)
    );
    assert_eq!(held(&place, "LIGHT.CMD-USD").as_deref(), Some(broken));
    // The others are done, and the exit code says that something was left out.
    let output = place.ends(&rollover(&["LIGHT.CMD-USD", "BRENT.CMD-USD"]), &[1]);
    assert!(said(&output).contains("LIGHT.CMD-USD.csv:2:"), "{}", said(&output));
}

#[test]
fn what_the_provider_does_not_list_is_named_with_the_nearest() {
    let place = Place::new(&["EUR-USD"], "");
    let output = place.ends(&rollover(&["BRENT.CMD-UDS"]), &[2]);
    assert!(
        said(&output).contains("lists no rolls of BRENT.CMD-UDS (the nearest: BRENT.CMD-USD"),
        "{}",
        said(&output)
    );
    assert!(said(&output).contains("write the calendar by hand"), "{}", said(&output));
    place.ends(&rollover(&["EUR-USD", "BRENT.CMD-USD"]), &[1]);
    assert!(held(&place, "EUR-USD").is_none() && held(&place, "BRENT.CMD-USD").is_some());
    let output = place.ends(&rollover(&[]), &[2]);
    assert!(said(&output).contains("none of your symbols"), "{}", said(&output));
}

#[test]
fn a_list_that_is_none_changes_nothing() {
    let place = Place::new(&["BRENT.CMD-USD"], CONFIG);
    let text = "date,gap\n2024-02-23,-7.5\n";
    write(&place, "BRENT.CMD-USD", text);
    for (faults, code, part) in [
        ("malformed=1", 4, "no calendar was changed"),
        ("empty=1", 4, "the list is empty"),
        ("503=1", 3, "status 503"),
        ("cut=1", 3, "cut short"),
    ] {
        for seed in ["seed=1", "seed=2", "seed=3", "seed=4"] {
            let faults = format!("{faults},{seed}");
            let output = place.ends(&rollover(&["BRENT.CMD-USD", "--faults", &faults]), &[code]);
            assert!(said(&output).contains(part), "{faults}: {}", said(&output));
            assert_eq!(held(&place, "BRENT.CMD-USD").as_deref(), Some(text), "{faults}");
        }
    }
    // A fault that passes is waited out.
    place.ends(&rollover(&["BRENT.CMD-USD", "--faults", "503=0.3,empty=0.2,seed=5"]), &[0, 3, 4]);
    let output = place.ends(&["rollover", "BRENT.CMD-USD", "--feed", "http://127.0.0.1:1/v1"], &[3]);
    assert!(said(&output).contains("no connection"), "{}", said(&output));
}

#[test]
fn the_calendar_is_shown_with_what_it_does() {
    let place = place();
    write(&place, "BRENT.CMD-USD", "date,gap\n2024-01-24,-0.5\n2024-02-23,0.2\n2030-01-01,0.25\n");
    let output = place.ends(&["rollover", "--show"], &[0]);
    let text = String::from_utf8(output.stdout).expect("text");
    let line = |date: &str| text.lines().find(|line| line.contains(date)).expect(date).to_owned();
    let fields: Vec<String> = line("2024-01-24").split_whitespace().map(str::to_owned).collect();
    assert_eq!(
        fields[..5],
        ["BRENT.CMD-USD", "2024-01-24", "roll", "-0.5", "-0.05"].map(str::to_owned),
        "{text}"
    );
    assert!(line("2024-02-23").contains("+0.45"), "{text}");
    let (shown, _) = place.figures(&["rollover", "--show", "BRENT.CMD-USD"], &[0]);
    let events = shown["symbols"][0]["events"].as_array().expect("events");
    let ratio = |place: usize| events[place]["ratio"].as_f64().expect("a number");
    assert!(events.len() == 3 && ratio(0) > 0.0 && ratio(2) > 1.0, "{shown}");
    let output = place.ends(&["rollover", "--show", "EUR-USD"], &[2]);
    assert!(said(&output).contains("`engine rollover EUR-USD` fetches it"), "{}", said(&output));
}

#[test]
fn every_format_and_both_orders_show_adjusted_bars() {
    let place = place();
    place.ends(&rollover(&["BRENT.CMD-USD", "--quiet"]), &[0]);
    let (_, raw) = rows(&place, &["BRENT.CMD-USD/1h"]);
    let (_, adjusted) = rows(&place, &["BRENT.CMD-USD:panama/1h"]);
    assert_eq!(raw.len(), adjusted.len());
    let gaps = held(&place, "BRENT.CMD-USD").expect("a file");
    let gap = |date: &str| -> f64 {
        let line = gaps.lines().find(|line| line.starts_with(date)).expect(date);
        line.split(',').nth(1).and_then(|gap| gap.parse().ok()).expect("a number")
    };
    let (first, second) = (gap("2024-01-24"), gap("2024-02-23"));
    for (raw, adjusted) in raw.iter().zip(&adjusted) {
        let date = &raw[2][..10];
        let moved =
            if date <= "2024-01-24" { first } else { 0.0 } + if date <= "2024-02-23" { second } else { 0.0 };
        for column in 4..8 {
            let (raw, adjusted): (f64, f64) =
                (raw[column].parse().expect("a"), adjusted[column].parse().expect("b"));
            assert!((raw + moved - adjusted).abs() < 1e-7, "{date}: {raw} {moved} {adjusted}");
        }
        assert_eq!((&raw[..4], &raw[8..]), (&adjusted[..4], &adjusted[8..]));
    }
    let words = ["BRENT.CMD-USD/1h:panama", "--after", "2024-01-24 20:00", "--limit", "9"];
    let (_, slice) = rows(&place, &words);
    let from = adjusted.iter().position(|row| row[2] >= slice[0][2]).expect("a row");
    assert_eq!(slice, adjusted[from..from + 9]);
    let (_, mut last) = rows(&place, &["BRENT.CMD-USD/1h:panama", "--order", "desc", "--limit", "400"]);
    last.reverse();
    assert_eq!(last, adjusted[adjusted.len() - 400..]);
    for format in ["json", "ndjson", "mt4", "table"] {
        let output = place.ends(&[&["query"], &words[..], &["--format", format]].concat(), &[0]);
        let text = String::from_utf8(output.stdout).expect("text");
        assert!(slice.iter().all(|row| text.contains(&row[7])), "{format}: {text}");
    }
    // Closed bars only, and two selections in one go.
    let (_, closed) = rows(&place, &["BRENT.CMD-USD:panama/1d", "--closed"]);
    let (_, both) = rows(&place, &["BRENT.CMD-USD:panama:skiplast/1d", "BRENT.CMD-USD/1d:skiplast"]);
    assert_eq!(both[..closed.len()], closed);
    let (_, plain) = rows(&place, &["BRENT.CMD-USD/1d", "--closed"]);
    assert_eq!(both[closed.len()..], plain);
}

#[test]
fn indicators_see_adjusted_prices_whatever_the_slice() {
    let place = place();
    write(&place, "BRENT.CMD-USD", "date,gap\n2024-01-24,-3.5\n2024-02-23,2.25\n");
    let asks = "sma_20,rsi_14,ema_50,close@4h,close@BRENT.CMD-USD/4h,close@4h:ratio,close@EUR-USD,sma_5@BRENT.CMD-USD:ratio/1d";
    for modifier in [":panama", ":ratio"] {
        let select = format!("BRENT.CMD-USD{modifier}/1h");
        let (header, whole) = rows(&place, &[&select, "-i", asks]);
        let after = &whole[500][2];
        let (_, slice) = rows(&place, &[&select, "-i", asks, "--after", after, "--limit", "30"]);
        for (column, name) in header.iter().enumerate().skip(11) {
            assert_near(&numbers(&slice, column), &numbers(&whole[500..530], column), name);
        }
        let column = |name: &str| header.iter().position(|known| known == name).expect(name);
        let closes = numbers(&whole, 7);
        let mean = closes[481..=500].iter().sum::<f64>() / 20.0;
        assert_near(&[numbers(&whole, column("sma_20"))[500]], &[mean], "sma_20 of adjusted closes");
        // A timeframe alone is adjusted as the bars are, a symbol says for itself.
        let (_, four) = rows(&place, &[&format!("BRENT.CMD-USD{modifier}/4h")]);
        let (_, raw) = rows(&place, &["BRENT.CMD-USD/4h"]);
        let (_, ratio) = rows(&place, &["BRENT.CMD-USD:ratio/4h"]);
        for (name, bars) in
            [("close@4h", &four), ("close@BRENT.CMD-USD/4h", &raw), ("close@4h:ratio", &ratio)]
        {
            for row in [100, 300, 500] {
                let now: i64 = whole[row][3].parse::<i64>().expect("a time") + 3_600_000;
                let ended =
                    |bar: &&Vec<String>| bar[3].parse::<i64>().expect("a time") + 4 * 3_600_000 <= now;
                let newest = bars.iter().rev().find(ended).expect("a bar");
                assert_eq!(whole[row][column(name)], newest[7], "{name} at {}", whole[row][2]);
            }
        }
    }
}

#[test]
fn the_library_answers_the_same() {
    let place = place();
    write(&place, "BRENT.CMD-USD", "date,gap\n2024-01-24,-3.5\n2024-02-23,2.25\n");
    let (lake, settings) = (place.lake(), place.settings());
    let catalog = Catalog::new(&settings, [brent()]);
    let desk = Desk { lake: &lake, settings: &settings, catalog: &catalog };
    let select = &parse_selects("BRENT.CMD-USD:panama/1h").expect("a select")[0];
    assert_eq!(select.adjustment, Some(Adjustment::Panama));
    let asks = desk.asks("sma_20").expect("requests");
    let (clock, slice) = (OutputClock::Server, Slice::default());
    let question = Question { select, slice, clock: &clock, closed_only: false, asks: &asks };
    let bars = desk.answer(&question, |answer| Ok::<_, PlanError>(answer.bars.to_vec())).expect("bars");
    let (_, rows) = rows(&place, &["BRENT.CMD-USD:panama/1h"]);
    let closes: Vec<f64> = bars.iter().map(|bar| bar.close).collect();
    assert_eq!(closes, numbers(&rows, 7));
    assert!(bars.iter().all(|bar| bar.is_intact()));
    let _: Cascade = Cascade::new(&brent(), &settings).expect("an order");
}

#[test]
fn prices_below_zero_are_allowed_and_said() {
    let place = place();
    write(&place, "BRENT.CMD-USD", "date,gap\n2024-01-24,-500\n");
    let output = place.ends(&["query", "BRENT.CMD-USD:panama/1d", "--limit", "3", "--format", "csv"], &[0]);
    assert!(
        said(&output).contains("BRENT.CMD-USD/1d:panama: 3 bars have prices of zero or below"),
        "{}",
        said(&output)
    );
    assert!(String::from_utf8_lossy(&output.stdout).contains(",-4"), "they are written");
    let output = place.ends(&["query", "BRENT.CMD-USD:panama/1d", "-i", "sma_3", "--limit", "3"], &[0]);
    assert!(said(&output).contains("3 bars have prices of zero or below"), "{}", said(&output));
    let output = place.ends(&["query", "BRENT.CMD-USD:ratio/1d"], &[2]);
    let text = said(&output);
    assert!(text.contains("BRENT.CMD-USD.csv:2: a roll of -500 on 2024-01-24"), "{text}");
    assert!(text.contains("BRENT.CMD-USD:panama"), "{text}");
    let (_, after) = rows(&place, &["BRENT.CMD-USD:panama/1d", "--after", "2024-01-26"]);
    assert_eq!(after, rows(&place, &["BRENT.CMD-USD/1d", "--after", "2024-01-26"]).1);
}

#[test]
fn a_calendar_that_is_missing_or_broken_is_named() {
    let place = place();
    for words in [
        &["query", "BRENT.CMD-USD:panama/1h"][..],
        &["query", "BRENT.CMD-USD/1h:ratio", "-i", "sma_3"],
        &["query", "EUR-USD/1h", "-i", "close@BRENT.CMD-USD:panama"],
    ] {
        let output = place.ends(words, &[2]);
        let text = said(&output);
        assert!(text.contains("data/rollover/BRENT.CMD-USD.csv"), "{text}");
        assert!(text.contains("`engine rollover BRENT.CMD-USD` fetches it"), "{text}");
        assert!(output.stdout.is_empty());
    }
    write(&place, "BRENT.CMD-USD", "date,gap\n2024-01-24,-0.5\n24.02.2024,1\n");
    let output = place.ends(&["query", "BRENT.CMD-USD:panama/1h"], &[2]);
    let text = said(&output);
    assert!(text.contains("BRENT.CMD-USD.csv:3: '24.02.2024' is not a date; write YYYY-MM-DD"), "{text}");
}
