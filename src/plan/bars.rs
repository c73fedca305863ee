//! Bars as the columns indicators are computed from, and how far before a slice they begin.

use polars::prelude::*;

use crate::indicators::WarmUp;
use crate::model::Bar;
use crate::model::day::DAY_MS;
use crate::query::Series;

/// `open high low close volume` (f64), `time_ms` and `server_time_ms` (i64, UTC and server clock), one row a bar.
pub(super) fn bars_frame(bars: &[Bar]) -> DataFrame {
    let number =
        |name: &str, of: fn(&Bar) -> f64| Column::new(name.into(), bars.iter().map(of).collect::<Vec<f64>>());
    let time =
        |name: &str, of: fn(&Bar) -> i64| Column::new(name.into(), bars.iter().map(of).collect::<Vec<i64>>());
    let columns = vec![
        number("open", |bar| bar.open),
        number("high", |bar| bar.high),
        number("low", |bar| bar.low),
        number("close", |bar| bar.close),
        number("volume", |bar| bar.volume),
        time("time_ms", |bar| bar.time_ms as i64),
        time("server_time_ms", Bar::server_ms),
    ];
    DataFrame::new(bars.len(), columns).expect("columns of one length under different names")
}

/// The row from which values have to be computed so that they are right from row `first` on.
pub(super) fn start_of(series: &Series<'_>, first: usize, reach: WarmUp) -> usize {
    let back = |row: usize, rows: usize| row.saturating_sub(rows);
    let anchored = |rows: usize, unit: fn(i64) -> i64| {
        // Rows on both sides of the anchor: whatever comes first in the chain of indicators finds enough.
        let row = back(first, rows);
        let Some(bar) = series.bar(row) else { return row };
        let start = unit(bar.server_ms());
        back(series.first_row(|bar| bar.server_ms() >= start).min(row), rows)
    };
    match reach {
        WarmUp::Rows(rows) => back(first, rows),
        WarmUp::Day(rows) => anchored(rows, |ms| ms - ms.rem_euclid(DAY_MS)),
        // 1970-01-05 was a Monday.
        WarmUp::Week(rows) => anchored(rows, |ms| ms - (ms - 4 * DAY_MS).rem_euclid(7 * DAY_MS)),
        WarmUp::Month(rows) => anchored(rows, |ms| ms - 31 * DAY_MS),
        WarmUp::History => 0,
    }
}
