//! What is refused, and what the refusals say.

use super::{place, refused};
use crate::binary::Place;

fn said(place: &Place, sql: &str) -> String {
    refused(place, &["--sql", sql])
}

#[test]
fn the_lake_is_only_read() {
    let place = place();
    std::fs::write(place.path("secret.csv"), "a\n1\n").expect("written");
    let before = place.bins();
    for (sql, word) in [
        ("DROP TABLE eurusd_1h", "DROP"),
        ("drop table eurusd_1h", "DROP"),
        ("CREATE TABLE t AS SELECT * FROM eurusd_1h", "CREATE"),
        ("DELETE FROM eurusd_1h", "DELETE"),
        ("/* SELECT */ TRUNCATE TABLE eurusd_1h", "TRUNCATE"),
        ("INSERT INTO eurusd_1h VALUES (1)", "INSERT"),
        ("UPDATE eurusd_1h SET close = 1", "UPDATE"),
        ("SHOW TABLES", "SHOW"),
        ("-- SELECT\nEXPORT", "EXPORT"),
        ("EXPLAIN DROP TABLE eurusd_1h", "DROP"),
        ("EXPLAIN CREATE TABLE t AS SELECT * FROM eurusd_1h", "CREATE"),
        ("(DELETE FROM eurusd_1h)", "DELETE"),
    ] {
        let said = said(&place, sql);
        assert!(said.contains(&format!("{word} is not possible here")), "{sql}: {said}");
    }
    for sql in [
        "SELECT * FROM read_csv('secret.csv')",
        "SELECT * FROM READ_CSV('secret.csv')",
        "SELECT * FROM \"read_csv\"('secret.csv')",
        "SELECT * FROM eurusd_1h JOIN read_parquet('x.parquet') AS p ON 1 = 1",
        "WITH x AS (SELECT * FROM read_ipc('x')) SELECT * FROM x",
        "SELECT close FROM eurusd_1h WHERE close IN (SELECT a FROM read_json('x'))",
        "SELECT 1 AS a UNION ALL SELECT a FROM read_csv('secret.csv')",
        "EXPLAIN SELECT * FROM read_csv('secret.csv')",
    ] {
        let said = said(&place, sql);
        assert!(said.contains("would read a file"), "{sql}: {said}");
    }
    for sql in [
        "SELECT 1 AS a; DROP TABLE eurusd_1h",
        "SELECT * INTO t FROM eurusd_1h",
        "WITH a AS (SELECT 1 AS x) DELETE FROM a",
        "SELECT * FROM 'secret.csv'",
        "SELECT * FROM \"secret.csv\"",
        "SELECT * FROM scan_csv('secret.csv')",
    ] {
        said(&place, sql);
    }
    assert_eq!(place.bins(), before);
}

#[test]
fn a_refusal_says_what_is_meant_and_where() {
    let place = place();
    for (sql, words) in [
        ("-- nothing", &["the query is empty"][..]),
        ("", &["the query is empty", "SELECT time, close FROM eurusd_1h"]),
        ("SELECT clsoe FROM eurusd_1h", &["\"clsoe\"", "did you mean close"]),
        ("SELECT close FROM eursd_1h", &["unknown table 'eursd_1h'", "eurusd_1h", "engine list tables"]),
        ("SELECT x.close FROM (SELECT close FROM nothing_1h) AS x", &["unknown table 'nothing_1h'"]),
        ("SELECT close FROM \"EUR-USD/3h\"", &["unknown timeframe '3h' of EUR-USD"]),
        ("SELECT close FROM \"EUR-USD:panama/1h\"", &["needs the roll calendar", "engine rollover EUR-USD"]),
        ("SELECT nosuch(close) FROM eurusd_1h", &["nosuch"]),
        ("SELECT close FROM eurusd_1h e JOIN xauusd_1h x USING (time_ms)", &["ambiguous", "e.\"close\""]),
        (
            "WITH eurusd_1h AS (SELECT 1 AS a) SELECT a FROM eurusd_1h",
            &["is a table of the lake", "another name"],
        ),
        (
            "WITH a AS (SELECT 1 AS x), eurusd_1h (b) AS (SELECT 1 AS a) SELECT b FROM eurusd_1h",
            &["is a table of the lake"],
        ),
        (
            "SELECT e.close FROM eurusd_1h e ASOF JOIN btcusd_1h b MATCH_CONDITION (e.time_ms >= b.time_ms)",
            &["-i close@"],
        ),
        ("SELECT close FROM eurusd_1h WHERE time > 'yesterday'", &["write times as '2024-01-31'"]),
    ] {
        let said = said(&place, sql);
        assert!(words.iter().all(|word| said.contains(word)), "{sql}: {said}");
    }
    // Where it is said where, the place is marked.
    let said = said(&place, "SELECT close\nFROM eurusd_1h\nWHERE close > > 1");
    let marked = "at line 3, column 15\n  WHERE close > > 1\n                ^\n";
    assert!(said.contains(marked), "{said}");
    // A query within the query may have any other name, and hide nothing.
    let own = "WITH fine AS (SELECT close FROM eurusd_1d) SELECT COUNT(*) AS n FROM fine";
    place.ends(&["query", "--sql", own], &[0]);
}

#[test]
fn what_a_query_says_for_itself_is_no_argument() {
    let place = place();
    let sql = ["--sql", "SELECT close FROM eurusd_1h"];
    for (more, words) in [
        (&["--limit", "3"][..], &["--limit", "write LIMIT into the query"][..]),
        (&["--order", "desc"], &["--order", "ORDER BY"]),
        (&["-i", "sma_20", "--explain"], &["--explain", "EXPLAIN"]),
        (&["--format", "mt4"], &["mt4"]),
        (&["-i", "smaa_20"], &["smaa", "sma"]),
        (&["EUR-USD/1h"], &["--sql"]),
    ] {
        let said = refused(&place, &[&sql, more].concat());
        assert!(words.iter().all(|word| said.contains(word)), "{more:?}: {said}");
    }
}

#[test]
fn a_series_without_bars_is_an_empty_table_and_a_word() {
    let place = Place::new(&["EUR-USD"], "");
    let output =
        place.ends(&["query", "--sql", "SELECT time, close FROM eurusd_1h", "--format", "csv"], &[0]);
    assert_eq!(String::from_utf8_lossy(&output.stdout), "time,close\n");
    assert!(String::from_utf8_lossy(&output.stderr).contains("EUR-USD has no 1h bars yet"));
}
