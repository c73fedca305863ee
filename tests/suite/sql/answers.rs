//! Answers, held to the bars that `engine query` shows and to arithmetic on them.

use std::collections::BTreeMap;

use engine::plan::{Desk, SqlQuestion};
use engine::query::{Catalog, ClockChoice, Range};

use super::{SYMBOLS, assert_near, bars, csv, number, place, rows};
use crate::binary::Place;

const TIME: usize = 2;
const TIME_MS: usize = 3;
const OPEN: usize = 4;
const HIGH: usize = 5;
const LOW: usize = 6;
const CLOSE: usize = 7;

/// What a time has to be to belong to an answer.
type Holds<'a> = &'a dyn Fn(&str) -> bool;

#[test]
fn a_table_is_what_query_shows() {
    let place = place();
    let cases: [(&str, &str, &[&str]); 9] = [
        ("eurusd_1h", "EUR-USD/1h", &[]),
        ("eurusd_1M", "EUR-USD/1M", &[]),
        ("btcusd_1W", "BTC-USD/1W", &["--closed"]),
        ("\"BTC-USD/1d:skiplast\"", "BTC-USD/1d:skiplast", &[]),
        ("\"XAU-USD:panama/4h\"", "XAU-USD:panama/4h", &[]),
        ("\"XAU-USD:ratio/1d\"", "XAU-USD:ratio/1d", &["--tz", "utc"]),
        (
            "btcusd_1h",
            "BTC-USD/1h",
            &["--after", "2024-10-26 12:00", "--until", "2024-10-28", "--tz", "Europe/London"],
        ),
        ("eurusd_1h", "EUR-USD/1h", &["-i", "rsi_14,macd_12_26_9,close@BTC-USD", "--after", "2024-10-21"]),
        ("eurusd_1d", "EUR-USD/1d", &["--after", "2031-01-01"]),
    ];
    for (table, select, more) in cases {
        for format in ["csv", "ndjson", "json"] {
            let sql = format!("SELECT * FROM {table}");
            let ours = place.ends(&[&["query", "--sql", &sql, "--format", format], more].concat(), &[0]);
            let theirs = place.ends(&[&["query", select, "--format", format], more].concat(), &[0]);
            let text = |output: &std::process::Output| String::from_utf8_lossy(&output.stdout).into_owned();
            assert_eq!(text(&ours), text(&theirs), "{table} as {format} {more:?}");
        }
    }
    // The comparison has rows of both kinds.
    let months = bars(&place, &["EUR-USD/1M"]);
    assert!(months.iter().any(|row| row[10] == "true") && months.iter().any(|row| row[10] == "false"));
}

/// What a scan has read, told by the log: rows and columns.
fn read(place: &Place, sql: &str, more: &[&str]) -> Vec<(usize, String)> {
    let output = place.ends(&[&["-vv", "query", "--sql", sql], more].concat(), &[0]);
    let said = String::from_utf8(output.stderr).expect("text");
    let plain: String =
        said.split('\u{1b}').map(|part| part.split_once('m').map_or(part, |(_, rest)| rest)).collect();
    let reads = plain.lines().filter(|line| line.contains("read for SQL"));
    let one = |line: &str| {
        let (rows, columns) = line.split_once("rows=")?.1.split_once(" columns=")?;
        Some((rows.parse().ok()?, columns.trim().to_owned()))
    };
    reads.map(|line| one(line).unwrap_or_else(|| panic!("{line}"))).collect()
}

#[test]
fn only_what_a_query_needs_is_read() {
    let place = place();
    let day = "time >= '2024-10-22' AND time < '2024-10-23'";
    let minutes = bars(&place, &["BTC-USD/1m", "--after", "2024-10-22", "--until", "2024-10-23"]).len();
    assert!(minutes > 1_000);
    let two = "[\"close\", \"time\"]";
    let [(rows, columns)] = &read(&place, &format!("SELECT close FROM btcusd_1m WHERE {day}"), &[])[..]
    else {
        panic!("one scan")
    };
    // Labels may repeat, so that the end is searched two days later.
    assert!((minutes..=minutes + 2 * 1440).contains(rows), "{rows} of {minutes}");
    assert_eq!(columns, two);
    let exact = "SELECT close FROM btcusd_1m WHERE time_ms >= 1729548000000 AND 1729548060000 >= time_ms";
    assert_eq!(read(&place, exact, &[])[0].0, 2);
    assert_eq!(read(&place, "SELECT close FROM btcusd_1m WHERE time_ms = 1729548000000", &[])[0].0, 1);
    // Either of two days: from the first to the last.
    let either = "SELECT time_ms FROM btcusd_1m WHERE time_ms = 1729548000000 OR time_ms = 1729548120000";
    assert_eq!(read(&place, either, &[])[0], (3, "[\"time_ms\"]".to_owned()));
    assert_eq!(read(&place, "SELECT time, close FROM btcusd_1m LIMIT 7", &[])[0].0, 7);
    assert_eq!(
        read(&place, "SELECT close FROM btcusd_1m WHERE CAST(time AS DATE) = '2024-10-22'", &[])[0].1,
        two
    );
    let dates = "SELECT close FROM btcusd_1m WHERE CAST(time AS DATE) = DATE '2024-10-22'";
    assert!(read(&place, dates, &[])[0].0 <= minutes + 3 * 1440);
    // What another table is for, is not read of this one.
    let join = "SELECT e.close FROM eurusd_1d e JOIN btcusd_1d b ON e.time_ms = b.time_ms WHERE b.time_ms > 1729548000000";
    let mut columns: Vec<String> = read(&place, join, &[]).into_iter().map(|read| read.1).collect();
    columns.sort();
    assert_eq!(columns, ["[\"close\", \"time_ms\"]", "[\"time_ms\"]"]);
    // Indicators are computed where they are asked for.
    let one = "SELECT time_ms, rsi_14 FROM eurusd_1h WHERE time_ms = 1729548000000";
    assert_eq!(read(&place, one, &["-i", "rsi_14,sma_20"])[0], (1, "[\"time_ms\", \"rsi_14\"]".to_owned()));
}

#[test]
fn conditions_on_time_leave_the_rows_they_say() {
    let place = place();
    // Hours of a market that never rests; Paris shows 02:00 twice on the 27th.
    let hours = bars(&place, &["BTC-USD/1h"]);
    assert!(hours.windows(2).any(|pair| pair[0][TIME] == pair[1][TIME]), "labels repeat");
    let at = ["2024-10-27 01:00:00", "2024-10-27 02:00:00", "2024-10-27 02:30:00", "2024-10-27 03:00:00"];
    for bound in at {
        let cases: [(String, Holds<'_>); 8] = [
            (format!("time >= '{bound}'"), &|time| time >= bound),
            (format!("time > '{bound}'"), &|time| time > bound),
            (format!("time <= '{bound}'"), &|time| time <= bound),
            (format!("time < '{bound}'"), &|time| time < bound),
            (format!("time = '{bound}'"), &|time| time == bound),
            (format!("TIMESTAMP '{bound}' <= time"), &|time| bound <= time),
            (format!("NOT time <= '{bound}'"), &|time| time > bound),
            (format!("time BETWEEN '2024-10-26' AND '{bound}'"), &|time| {
                ("2024-10-26 00:00:00"..=bound).contains(&time)
            }),
        ];
        for (condition, holds) in cases {
            let sql = format!("SELECT time_ms FROM btcusd_1h WHERE {condition} ORDER BY time_ms");
            let ours: Vec<String> = rows(&csv(&place, &sql, &[])).concat();
            let theirs = hours.iter().filter(|row| holds(&row[TIME])).map(|row| row[TIME_MS].clone());
            assert_eq!(ours, theirs.collect::<Vec<_>>(), "{condition}");
        }
    }
    // Conditions on other columns, and such as look at all rows, beside one on time.
    let late =
        hours.iter().filter(|row| *row[TIME] > *"2024-10-25" && number(&row[CLOSE]) > number(&row[OPEN]));
    let sql = "SELECT COUNT(*) AS n FROM btcusd_1h WHERE time > '2024-10-25' AND close > open";
    assert_eq!(csv(&place, sql, &[]), format!("n\n{}\n", late.count()));
    let sql = "SELECT COUNT(*) AS n FROM btcusd_1h WHERE CAST(time AS DATE) = DATE '2024-10-27'";
    assert_eq!(csv(&place, sql, &[]), "n\n25\n", "an autumn day has 25 hours");
    let sql = "SELECT COUNT(*) AS n FROM btcusd_1h WHERE CAST(time AS DATE) <= DATE '2024-10-27' AND CAST(time AS DATE) > '2024-10-26'";
    assert_eq!(csv(&place, sql, &[]), "n\n25\n");
    let sql = "SELECT close FROM btcusd_1h WHERE closed ORDER BY time_ms DESC LIMIT 1";
    assert_eq!(
        rows(&csv(&place, sql, &[]))[0][0],
        hours.iter().rfind(|row| row[10] == "true").expect("a bar")[CLOSE]
    );
    let rank = "SELECT t.time_ms FROM (SELECT time_ms, ROW_NUMBER() OVER (ORDER BY time_ms) AS n FROM btcusd_1h) AS t \
                WHERE t.n = 3 AND t.time_ms > 0";
    assert_eq!(
        rows(&csv(&place, rank, &[])),
        [[hours[2][TIME_MS].clone()]],
        "rows are counted before they are left out"
    );
    let lag = "SELECT t.was FROM (SELECT time_ms, LAG(close) OVER (ORDER BY time_ms) AS was FROM btcusd_1h) AS t \
               WHERE t.time_ms = 1729548000000";
    let row = hours.iter().position(|row| row[TIME_MS] == "1729548000000").expect("it is there");
    assert_eq!(
        rows(&csv(&place, lag, &[])),
        [[hours[row - 1][CLOSE].clone()]],
        "the row before is still there"
    );
}

#[test]
fn joins_groups_windows_and_subqueries_are_as_by_hand() {
    let place = place();
    let euro = bars(&place, &["EUR-USD/1h"]);
    let gold: BTreeMap<String, Vec<String>> =
        bars(&place, &["XAU-USD/1h"]).into_iter().map(|row| (row[TIME_MS].clone(), row)).collect();

    let join = "SELECT e.time_ms, e.close, x.close AS gold FROM eurusd_1h e JOIN xauusd_1h AS x USING (time_ms) ORDER BY time_ms";
    let both =
        euro.iter().filter_map(|row| Some([&row[TIME_MS], &row[CLOSE], &gold.get(&row[TIME_MS])?[CLOSE]]));
    let both: Vec<Vec<String>> = both.map(|row| row.map(String::clone).to_vec()).collect();
    assert!(both.len() > 100);
    assert_eq!(rows(&csv(&place, join, &[])), both);

    let group = "SELECT CAST(time AS DATE) AS day, FIRST(open) AS o, MAX(high) AS h, MIN(low) AS l, LAST(close) AS c, \
                 COUNT(*) AS n FROM eurusd_1h GROUP BY day HAVING COUNT(*) > 20 ORDER BY day DESC";
    let mut days: BTreeMap<String, Vec<&Vec<String>>> = BTreeMap::new();
    euro.iter().for_each(|row| days.entry(row[TIME][..10].to_owned()).or_default().push(row));
    let by_hand: Vec<Vec<f64>> = days
        .values()
        .rev()
        .filter(|rows| rows.len() > 20)
        .map(|rows| {
            let all = |column: usize| rows.iter().map(move |row| number(&row[column]));
            vec![
                number(&rows[0][OPEN]),
                all(HIGH).fold(f64::MIN, f64::max),
                all(LOW).fold(f64::MAX, f64::min),
                number(&rows[rows.len() - 1][CLOSE]),
                rows.len() as f64,
            ]
        })
        .collect();
    let ours: Vec<Vec<f64>> = rows(&csv(&place, group, &[]))
        .iter()
        .map(|row| row[1..].iter().map(|cell| number(cell)).collect())
        .collect();
    assert!(ours.len() > 10);
    assert_eq!(ours, by_hand);

    let window = "SELECT time_ms, SUM(volume) OVER (ORDER BY time_ms) AS v, LAG(close) OVER (ORDER BY time_ms) AS was FROM eurusd_1h ORDER BY time_ms";
    let (mut sum, mut was) = (0.0, String::new());
    for (ours, bar) in rows(&csv(&place, window, &[])).iter().zip(&euro) {
        sum += number(&bar[8]);
        assert_near(number(&ours[1]), sum, &bar[TIME]);
        assert_eq!(ours[2], was, "{}", bar[TIME]);
        was.clone_from(&bar[CLOSE]);
    }

    let mean = euro.iter().map(|row| number(&row[CLOSE])).sum::<f64>() / euro.len() as f64;
    let above = euro.iter().filter(|row| number(&row[CLOSE]) > mean).count();
    let with = "WITH m AS (SELECT AVG(close) AS mean FROM eurusd_1h) SELECT COUNT(*) AS n FROM eurusd_1h e CROSS JOIN m WHERE e.close > m.mean";
    assert_eq!(csv(&place, with, &[]), format!("n\n{above}\n"));

    // The same table twice, with rows of its own each time.
    let itself = "SELECT a.close AS one, b.close AS two FROM eurusd_1h a CROSS JOIN eurusd_1h b \
                  WHERE a.time_ms = 1729548000000 AND b.time_ms = 1729551600000";
    let close = |ms: &str| euro.iter().find(|row| row[TIME_MS] == ms).expect("it is there")[CLOSE].clone();
    assert_eq!(rows(&csv(&place, itself, &[])), [[close("1729548000000"), close("1729551600000")]]);

    let union = "SELECT symbol, time_ms FROM eurusd_1d UNION ALL SELECT symbol, time_ms FROM xauusd_1d ORDER BY symbol, time_ms";
    let both = [bars(&place, &["EUR-USD/1d"]), bars(&place, &["XAU-USD/1d"])].concat();
    assert_eq!(
        rows(&csv(&place, union, &[])),
        both.iter().map(|row| vec![row[0].clone(), row[TIME_MS].clone()]).collect::<Vec<_>>()
    );
}

#[test]
fn indicators_are_columns_like_others() {
    let place = place();
    let all = bars(&place, &["EUR-USD/1h", "-i", "rsi_14,sma(source=hl2, period=9)"]);
    let low: Vec<Vec<String>> = all
        .iter()
        .filter(|row| row[11].parse::<f64>().is_ok_and(|rsi| rsi < 35.0))
        .map(|row| vec![row[TIME_MS].clone(), row[12].clone()])
        .collect();
    assert!(!low.is_empty());
    let sql =
        "SELECT time_ms, \"sma(source=hl2, period=9)\" FROM eurusd_1h WHERE rsi_14 < 35 ORDER BY time_ms";
    assert_eq!(rows(&csv(&place, sql, &["-i", "rsi_14,sma(source=hl2, period=9)"])), low);
    // Where few rows are read, the values are those of the whole history nevertheless.
    let last = &all[all.len() - 1];
    let sql = format!("SELECT rsi_14 FROM eurusd_1h WHERE time_ms = {}", last[TIME_MS]);
    let ours = rows(&csv(&place, &sql, &["-i", "rsi_14"]));
    assert_near(number(&ours[0][0]), number(&last[11]), "the last row");
}

#[test]
fn a_query_comes_from_stdin_and_goes_into_files_and_tables() {
    let place = place();
    std::fs::write(
        place.path("q.sql"),
        "-- closes\nSELECT time, close\nFROM eurusd_1d\nORDER BY time\nLIMIT 2\n",
    )
    .expect("written");
    let stdin = std::fs::File::open(place.path("q.sql")).expect("it is there");
    let output =
        place.engine(&["query", "--sql", "-", "-o", "out.ndjson"]).stdin(stdin).output().expect("it runs");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let days = bars(&place, &["EUR-USD/1d", "--limit", "2"]);
    let text = std::fs::read_to_string(place.path("out.ndjson")).expect("it was written");
    let line = |row: &Vec<String>| format!("{{\"time\":\"{}\",\"close\":{}}}\n", row[TIME], row[CLOSE]);
    assert_eq!(text, days.iter().map(line).collect::<String>());
    let table = place
        .ends(&["query", "--sql", "SELECT time, close, symbol FROM eurusd_1d ORDER BY time LIMIT 1"], &[0]);
    let (width, row) = (days[0][CLOSE].len(), &days[0]);
    let expected =
        format!("{:<19}  {:>width$}  symbol\n{}  {}  EUR-USD\n", "time", "close", row[TIME], row[CLOSE]);
    assert_eq!(String::from_utf8_lossy(&table.stdout), expected);
    let plan = place.ends(&["query", "--sql", "EXPLAIN SELECT close FROM eurusd_1d WHERE time_ms > 5"], &[0]);
    assert!(String::from_utf8_lossy(&plan.stdout).contains("2/11 COLUMNS"), "{plan:?}");
}

#[test]
fn a_long_sum_needs_no_deep_stack_of_the_caller() {
    let place = place();
    let (lake, settings) = (place.lake(), place.settings());
    let catalog = Catalog::new(&settings, SYMBOLS.map(|name| name.parse().expect("a symbol")));
    let desk = Desk { lake: &lake, settings: &settings, catalog: &catalog };
    let text = format!("SELECT close{} AS sum, close FROM eurusd_1h LIMIT 3", "+1".repeat(500));
    let question = SqlQuestion {
        text: &text,
        range: Range::default(),
        clock: ClockChoice::Server,
        closed_only: true,
        asks: &[],
    };
    let answer = std::thread::scope(|scope| {
        let small = std::thread::Builder::new().stack_size(256 << 10);
        let caller = small.spawn_scoped(scope, || desk.sql(&question)).expect("a thread");
        caller.join().expect("it ends").expect("an answer")
    });
    let column = |name: &str| answer.frame.column(name).expect("a column").f64().expect("numbers").to_vec();
    for (sum, close) in column("sum").iter().zip(column("close")) {
        assert!((sum.expect("a number") - close.expect("a number") - 500.0).abs() < 1e-9);
    }
    assert_eq!(answer.frame.height(), 3);
}
