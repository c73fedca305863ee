//! The names of tables.

use std::collections::BTreeSet;

use engine::model::{Settings, Symbol};
use engine::query::{Catalog, QueryError, table_name, table_select};
use serde_json::Value;

use super::{place, refused};
use crate::binary::Place;

fn settings() -> Settings {
    Place::new(&["EUR-USD"], "").settings()
}

fn catalog<'a>(settings: &'a Settings, symbols: &[&str]) -> Catalog<'a> {
    Catalog::new(settings, symbols.iter().map(|name| name.parse::<Symbol>().expect("a symbol")))
}

#[test]
fn a_series_has_a_short_name_and_its_select_word() {
    let settings = settings();
    let catalog = catalog(&settings, &["EUR-USD", "BRENT.CMD-USD", "USA500.IDX-USD"]);
    let cases = [
        ("eurusd_1h", "EUR-USD/1h"),
        ("EURUSD_1H", "EUR-USD/1h"),
        ("EurUsd_4h", "EUR-USD/4h"),
        ("brentcmdusd_1d", "BRENT.CMD-USD/1d"),
        ("usa500idxusd_15m", "USA500.IDX-USD/15m"),
        ("eurusd_1m", "EUR-USD/1m"),
        ("eurusd_1M", "EUR-USD/1M"),
        // Case decides also where all else is written large.
        ("EURUSD_1M", "EUR-USD/1M"),
        ("eurusd_1mo", "EUR-USD/1M"),
        ("EURUSD_1MO", "EUR-USD/1M"),
        ("eurusd_1w", "EUR-USD/1W"),
        ("EUR-USD/1h", "EUR-USD/1h"),
        ("EUR/USD/1M", "EUR-USD/1M"),
        ("BRENT.CMD-USD:panama/1d", "BRENT.CMD-USD/1d:panama"),
        ("EUR-USD/1h:skiplast", "EUR-USD/1h:skiplast"),
    ];
    for (name, series) in cases {
        let select = table_select(&catalog, name).unwrap_or_else(|error| panic!("{name}: {error}"));
        assert_eq!(select.to_string(), series, "{name}");
    }
    // Every name leads to one series, and no two series have one name.
    let names: BTreeSet<String> =
        catalog.selects().map(|select| table_name(&select.symbol, &select.timeframe)).collect();
    assert_eq!(names.len(), 33);
    for select in catalog.selects() {
        let name = table_name(&select.symbol, &select.timeframe);
        assert_eq!(table_select(&catalog, &name).expect("it is known"), select);
    }
}

#[test]
fn a_name_that_leads_nowhere_is_told_what_is_near() {
    let settings = settings();
    let catalog = catalog(&settings, &["EUR-USD", "GBP-USD"]);
    for name in ["eurusd_2h", "eursd_1h", "eurusd", "eurusd_", "_1h", "", "ä_1h", "eurusd_1h_x"] {
        let error = table_select(&catalog, name).expect_err(name);
        assert!(matches!(error, QueryError::UnknownTable { .. }), "{name}: {error}");
        assert!(error.to_string().contains("`engine list tables`"), "{error}");
    }
    assert!(table_select(&catalog, "eursd_1h").expect_err("misspelt").to_string().contains("eurusd_1h"));
    let several = table_select(&catalog, "EUR-USD/1h,4h").expect_err("two").to_string();
    assert!(several.contains("a table is one series"), "{several}");
    let unknown = table_select(&catalog, "EURO-USD/1h").expect_err("unknown").to_string();
    assert!(unknown.contains("did you mean EUR-USD"), "{unknown}");
    let unknown = table_select(&catalog, "EUR-USD/2h").expect_err("unknown").to_string();
    assert!(unknown.contains("unknown timeframe '2h'"), "{unknown}");
}

#[test]
fn two_symbols_of_one_short_name_are_both_named() {
    let settings = settings();
    let catalog = catalog(&settings, &["EUR-USD", "EUR.USD", "GBP-USD"]);
    let error = table_select(&catalog, "eurusd_1h").expect_err("two").to_string();
    assert!(error.contains("\"EUR-USD/1h\" or \"EUR.USD/1h\""), "{error}");
    assert_eq!(table_select(&catalog, "EUR.USD/1h").expect("one").to_string(), "EUR.USD/1h");
    assert!(table_select(&catalog, "gbpusd_1h").is_ok());
    let place = Place::new(&["EUR-USD", "EUR.USD"], "");
    let said = refused(&place, &["--sql", "SELECT * FROM eurusd_1h"]);
    assert!(said.contains("\"EUR-USD/1h\" or \"EUR.USD/1h\""), "{said}");
}

#[test]
fn tables_are_listed_by_names_that_work() {
    let place = place();
    let listed = place.ends(&["list", "tables", "--json"], &[0]);
    let listed: Value = serde_json::from_slice(&listed.stdout).expect("JSON");
    let listed = listed.as_array().expect("rows");
    assert!(listed.len() >= 27, "{}", listed.len());
    for row in listed {
        let (table, series) =
            (row["table"].as_str().expect("a name"), row["series"].as_str().expect("a series"));
        let sql = format!("SELECT COUNT(*) AS n FROM {table}");
        let n = super::csv(&place, &sql, &["--closed"]);
        assert_eq!(n, format!("n\n{}\n", row["bars"]), "{table}");
        assert_eq!(
            super::bars(&place, &[series, "--closed"]).len() as u64,
            row["bars"].as_u64().expect("bars")
        );
    }
    let text = place.ends(&["list", "tables"], &[0]);
    let text = String::from_utf8_lossy(&text.stdout).into_owned();
    assert!(text.contains("eurusd_1m   EUR-USD/1m") && text.contains("eurusd_1M"), "{text}");
}
