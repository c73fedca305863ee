//! Indicators through the real binary: slices, other timeframes, the user's own.

mod examples;
mod expressions;
mod listing;
mod places;
mod programs;

use engine::feed::simulator::Market;
use engine::model::{Day, Symbol};

use crate::binary::Place;

const CONFIG: &str = "indicators:\n  stretch: {expr: \"(close - sma_20) / atr_14\"}\n  twice: {expr: \"2 * stretch\"}\n  \
                      egg: {expr: \"hen + 1\"}\n  hen: {expr: \"egg - 1\"}\n";

fn place() -> Place {
    place_with(CONFIG)
}

/// Twenty-five days of two symbols under a configuration.
fn place_with(config: &str) -> Place {
    let place = Place::new(&["EUR-USD", "BTC-USD"], config);
    let (market, lake) = (Market::new(0), place.lake());
    let first: Day = "2024-01-01".parse().expect("a day");
    for symbol in ["EUR-USD", "BTC-USD"].map(|name| name.parse::<Symbol>().expect("a symbol")) {
        for day in first.through(first.plus(24)) {
            let payload = market.day(&symbol, day).payload(day.start_ms());
            lake.write_finished(&symbol, day, payload.as_bytes()).expect("written");
        }
    }
    place.ends(&["rebuild", "full", "--quiet"], &[0]);
    place
}

/// The rows of a CSV answer below its header, and the header.
fn rows(place: &Place, words: &[&str]) -> (Vec<String>, Vec<Vec<String>>) {
    let output = place.engine(words).args(["--format", "csv"]).output().expect("the binary starts");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let text = String::from_utf8(output.stdout).expect("text");
    let mut lines = text.lines();
    let header = fields(lines.next().expect("a header"));
    // No value holds a comma.
    (header, lines.map(|line| line.split(',').map(str::to_owned).collect::<Vec<_>>()).collect())
}

/// The fields of a line of CSV: requests with commas are quoted.
fn fields(line: &str) -> Vec<String> {
    let (mut fields, mut quoted) = (vec![String::new()], false);
    for c in line.chars() {
        match c {
            '"' => quoted = !quoted,
            ',' if !quoted => fields.push(String::new()),
            c => fields.last_mut().expect("there is one").push(c),
        }
    }
    fields
}

/// What a refused question is told.
fn refused(place: &Place, words: &[&str]) -> String {
    let output = place.engine(words).output().expect("it starts");
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(2), "{words:?}: {said}");
    assert!(output.stdout.is_empty(), "{words:?}");
    said
}

/// The column of a header.
fn column(header: &[String], name: &str) -> usize {
    header.iter().position(|known| known == name).unwrap_or_else(|| panic!("{name} is not in {header:?}"))
}

fn numbers(rows: &[Vec<String>], column: usize) -> Vec<f64> {
    rows.iter().map(|row| row[column].parse().unwrap_or(f64::NAN)).collect()
}

fn assert_near(ours: &[f64], theirs: &[f64], what: &str) {
    assert_eq!(ours.len(), theirs.len(), "{what}");
    for (row, (a, b)) in ours.iter().zip(theirs).enumerate() {
        assert!(
            (a.is_nan() && b.is_nan()) || (a - b).abs() <= 1e-9 * a.abs().max(1e-3),
            "{what} row {row}: {a} {b}"
        );
    }
}

#[test]
fn a_slice_has_the_values_of_the_whole_in_both_orders() {
    let place = place();
    let words = ["query", "EUR-USD/1h", "-i", "sma_20,rsi_14,macd_12_26_9,obv,cdldoji,atr_14"];
    let (header, whole) = rows(&place, &words);
    assert_eq!(
        header[11..],
        [
            "sma_20",
            "rsi_14",
            "macd_12_26_9__macd",
            "macd_12_26_9__signal",
            "macd_12_26_9__hist",
            "obv",
            "cdldoji",
            "atr_14"
        ]
    );
    let after = whole[300][2].clone();
    let (_, slice) = rows(&place, &[&words[..], &["--after", &after, "--limit", "7"]].concat());
    let (_, mut last) = rows(&place, &[&words[..], &["--order", "desc", "--limit", "7"]].concat());
    last.reverse();
    for (column, name) in header.iter().enumerate().skip(11) {
        assert_near(&numbers(&slice, column), &numbers(&whole[300..307], column), name);
        assert_near(&numbers(&last, column), &numbers(&whole[whole.len() - 7..], column), name);
    }
    // The textbook: a mean of twenty closes.
    let closes = numbers(&whole, 7);
    let mean = closes[281..=300].iter().sum::<f64>() / 20.0;
    assert_near(&[numbers(&whole, 11)[300]], &[mean], "sma_20");
}

#[test]
fn other_series_are_seen_when_their_bars_have_closed_and_not_before() {
    let place = place();
    let (_, hours) =
        rows(&place, &["query", "EUR-USD/1h", "-i", "close@4h,close@BTC-USD,high@BTC-USD/1d", "--tz", "utc"]);
    let closed = |words: &[&str], column: usize, hours: i64| -> Vec<(i64, f64)> {
        let (_, bars) = rows(&place, words);
        let end = |row: &Vec<String>| row[3].parse::<i64>().expect("a time") + hours * 3_600_000;
        bars.iter().map(|row| (end(row), row[column].parse().expect("a number"))).collect()
    };
    let others = [
        closed(&["query", "EUR-USD/4h"], 7, 4),
        closed(&["query", "BTC-USD/1h"], 7, 1),
        closed(&["query", "BTC-USD/1d"], 5, 24),
    ];
    let mut seen = 0;
    for row in &hours {
        let now = row[3].parse::<i64>().expect("a time") + 3_600_000;
        for (place, other) in others.iter().enumerate() {
            let newest = other.iter().rev().find(|(end, _)| *end <= now).map(|(_, value)| *value);
            assert_eq!(row[11 + place].parse().ok(), newest, "{row:?}");
            seen += usize::from(newest.is_some());
        }
    }
    assert!(seen > 1_000, "{seen} values were compared");
}

#[test]
fn expressions_of_the_users_are_made_of_indicators_and_of_each_other() {
    let place = place();
    let (header, all) = rows(
        &place,
        &[
            "query",
            "EUR-USD/1h",
            "-i",
            "stretch,twice,sma(source=stretch; period=3),sma_20,atr_14".replace(';', ",").as_str(),
        ],
    );
    assert_eq!(header[11], "stretch");
    let (close, sma, atr) =
        (numbers(&all, 7), numbers(&all, header.len() - 2), numbers(&all, header.len() - 1));
    let stretch: Vec<f64> = (0..all.len()).map(|row| (close[row] - sma[row]) / atr[row]).collect();
    assert_near(&numbers(&all, 11), &stretch, "stretch");
    assert_near(&numbers(&all, 12), &stretch.iter().map(|value| 2.0 * value).collect::<Vec<_>>(), "twice");
    let mean = stretch[97..100].iter().sum::<f64>() / 3.0;
    assert_near(&[numbers(&all, 13)[99]], &[mean], "sma of an expression");
    let (_, slice) = rows(&place, &["query", "EUR-USD/1h", "-i", "twice", "--order", "desc", "--limit", "1"]);
    assert_near(&numbers(&slice, 11), &[2.0 * stretch[all.len() - 1]], "a slice of one");
}

#[test]
fn mistakes_are_named_with_a_way_out() {
    let place = place();
    for (request, words) in [
        ("smaa_20", "the nearest: sma"),
        ("sma_1", "period is a whole number from 2"),
        ("egg", "made of each other: egg -> hen -> egg"),
        ("rsi_14@7h", "unknown symbol"),
        ("macd_12_26_9__line", "macd, signal, hist"),
    ] {
        let output = place.engine(&["query", "EUR-USD/1h", "-i", request]).output().expect("it starts");
        let said = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(2), "{request}: {said}");
        assert!(said.contains(words), "{request}: {said}");
    }
    let output = place.engine(&["indicators", "macd"]).output().expect("it starts");
    assert!(String::from_utf8_lossy(&output.stdout).contains("default 26"));
}
