//! The same queries, answered by DuckDB from the same bars.

#![allow(clippy::print_stdout)]

use std::process::Command;

use super::{csv, place, rows};

/// In the SQL that both understand; `{e}`, `{x}` and `{b}` are hours of EUR-USD, XAU-USD and BTC-USD.
const QUERIES: [&str; 14] = [
    "SELECT * FROM {e} ORDER BY time_ms",
    "SELECT COUNT(*) AS n, SUM(volume) AS v, MIN(low) AS l, MAX(high) AS h, AVG(close) AS c FROM {b}",
    "SELECT e.time_ms, e.close, x.close AS gold FROM {e} e JOIN {x} x ON e.time_ms = x.time_ms ORDER BY e.time_ms",
    "SELECT b.time_ms, e.close FROM {b} b LEFT JOIN {e} e ON b.time_ms = e.time_ms WHERE b.time >= '2024-10-26' ORDER BY b.time_ms",
    "SELECT CAST(time AS DATE) AS day, MAX(high) - MIN(low) AS r, COUNT(*) AS n FROM {e} GROUP BY CAST(time AS DATE) ORDER BY day",
    "SELECT date_part('hour', time) AS hour, AVG(high - low) AS r FROM {e} GROUP BY date_part('hour', time) ORDER BY hour",
    "SELECT time_ms, close - LAG(close) OVER (ORDER BY time_ms) AS d FROM {e} ORDER BY time_ms",
    "SELECT time_ms, SUM(volume) OVER (ORDER BY time_ms) AS v FROM {e} WHERE time < '2024-10-20' ORDER BY time_ms",
    "WITH d AS (SELECT CAST(time AS DATE) AS day, AVG(close) AS m FROM {b} GROUP BY CAST(time AS DATE)) SELECT COUNT(*) AS n, MAX(m) AS m FROM d WHERE m > 0",
    "SELECT time_ms, CASE WHEN close > open THEN 'up' WHEN close < open THEN 'down' ELSE 'flat' END AS way FROM {x} WHERE time BETWEEN '2024-10-21' AND '2024-10-22' ORDER BY time_ms",
    "SELECT symbol, COUNT(*) AS n FROM (SELECT symbol, time_ms FROM {e} UNION ALL SELECT symbol, time_ms FROM {x}) AS u GROUP BY symbol ORDER BY symbol",
    "SELECT time_ms, close FROM {b} WHERE time >= TIMESTAMP '2024-10-27 02:00:00' AND time < TIMESTAMP '2024-10-28 00:00:00' ORDER BY time_ms",
    "SELECT STDDEV(close) AS s, MEDIAN(close) AS m, VARIANCE(close) AS v FROM {e}",
    "SELECT time_ms, ROUND(close, 3) AS c, ABS(close - open) AS a FROM {e} WHERE volume > 100 AND (high - low) / close > 0.001 ORDER BY a DESC, time_ms LIMIT 20",
];

/// Answers each query of a file (a line each) from CSV files, one block for each.
const PROGRAM: &str = r##"
import duckdb, sys
con = duckdb.connect()
for name in ("e", "x", "b"):
    con.execute(f"CREATE TABLE {name} AS SELECT * FROM read_csv('{name}.csv')")
for line in open("queries.txt"):
    for name in ("e", "x", "b"):
        line = line.replace("{" + name + "}", name)
    print("#")
    for row in con.execute(line).fetchall():
        print(",".join("" if value is None else str(value) for value in row))
"##;

/// The same text, or the same number to nine digits.
fn is_same(ours: &str, theirs: &str) -> bool {
    if ours == theirs || ours == theirs.to_lowercase() {
        return true;
    }
    let (Ok(one), Ok(other)) = (ours.parse::<f64>(), theirs.parse::<f64>()) else { return false };
    (one - other).abs() <= 1e-9 * other.abs().max(1e-3)
}

#[test]
fn duckdb_answers_the_same() {
    let python = std::env::var("ENGINE_PYTHON").unwrap_or_else(|_| "python3".to_owned());
    let imports = Command::new(&python).args(["-c", "import duckdb"]).output();
    if !imports.is_ok_and(|output| output.status.success()) {
        println!("skipped: no python3 with duckdb");
        return;
    }
    let place = place();
    for (name, select) in [("e", "EUR-USD/1h"), ("x", "XAU-USD/1h"), ("b", "BTC-USD/1h")] {
        place.ends(&["query", select, "-o", &format!("{name}.csv")], &[0]);
    }
    std::fs::write(place.path("queries.txt"), QUERIES.join("\n")).expect("written");
    let output =
        Command::new(&python).args(["-c", PROGRAM]).current_dir(place.path("")).output().expect("it runs");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let said = String::from_utf8(output.stdout).expect("text");
    let answers: Vec<&str> = said.split("#\n").skip(1).collect();
    assert_eq!(answers.len(), QUERIES.len());
    for (query, theirs) in QUERIES.iter().zip(answers) {
        let sql = query.replace("{e}", "eurusd_1h").replace("{x}", "xauusd_1h").replace("{b}", "btcusd_1h");
        let ours = rows(&csv(&place, &sql, &[]));
        let theirs: Vec<Vec<&str>> = theirs.lines().map(|line| line.split(',').collect()).collect();
        assert!(
            !theirs.is_empty() && ours.len() == theirs.len(),
            "{sql}: {} and {} rows",
            ours.len(),
            theirs.len()
        );
        for (row, (one, other)) in ours.iter().zip(&theirs).enumerate() {
            let same =
                one.len() == other.len() && one.iter().zip(other).all(|(one, other)| is_same(one, other));
            assert!(same, "{sql} row {row}: {one:?} and {other:?}");
        }
    }
}
