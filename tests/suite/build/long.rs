//! Series so long that they are not held at once.

use engine::feed::simulator::Market;
use engine::model::{Day, Symbol};
use engine::plan::LONG_ROWS;

use super::lines;
use crate::binary::Place;

#[test]
fn a_long_series_is_the_same_as_its_parts() {
    let place = Place::new(&["BTC-USD"], "");
    let (market, lake) = (Market::new(0), place.lake());
    let symbol: Symbol = "BTC-USD".parse().expect("a symbol");
    let first: Day = "2021-12-01".parse().expect("a day");
    for day in first.through(first.plus(770)) {
        let payload = market.day(&symbol, day).payload(day.start_ms());
        lake.write_finished(&symbol, day, payload.as_bytes()).expect("written");
    }
    place.ends(&["rebuild", "full", "--quiet"], &[0]);
    // A sum over all of history, and one of other bars before the slice.
    let words = ["build", "csv", "-s", "BTC-USD/1m", "-i", "obv,sma_20"];
    place.ends(&[&words[..], &["-o", "whole.csv"]].concat(), &[0]);
    let whole = lines(&place.path("whole.csv"));
    assert!(whole.len() > LONG_ROWS, "{} rows are not long", whole.len());
    place.ends(&[&words[..], &["--output-dir", "out", "--partition"]].concat(), &[0]);
    let mut parts = Vec::new();
    for year in 2021..=2024 {
        let name = format!("out/symbol=BTC-USD/timeframe=1m/year={year}/BTC-USD_1m_{year}.csv");
        parts.extend(lines(&place.path(&name)).into_iter().skip(1));
    }
    assert_eq!(whole.len(), parts.len() + 1);
    let same = whole[1..].iter().zip(&parts);
    assert!(same.clone().all(|(line, part)| line.strip_prefix("BTC-USD,1m,") == Some(part)));
    // The recursion by hand: volume added when the close rises, taken away when it falls.
    let cells =
        |line: &str| -> Vec<f64> { line.split(',').map(|cell| cell.parse().unwrap_or(0.0)).collect() };
    let (mut obv, mut before) = (0.0, f64::NAN);
    for (row, line) in whole[1..].iter().enumerate() {
        let cells = cells(line);
        let (close, volume, told) = (cells[7], cells[8], cells[10]);
        obv = match close {
            _ if row == 0 => volume,
            close if close > before => obv + volume,
            close if close < before => obv - volume,
            _ => obv,
        };
        before = close;
        assert!((obv - told).abs() <= 1e-9 * obv.abs().max(1e6), "row {row}: {obv} and {told}");
    }
}
