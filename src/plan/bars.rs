//! Bars as the columns indicators are computed from, and how far before a slice they begin.

use polars::prelude::*;

use crate::indicators::{Field, WarmUp};
use crate::model::Bar;
use crate::model::day::DAY_MS;
use crate::query::Series;

/// What plans of bars may need: `open high low close volume` (f64), `time_ms` and `server_time_ms` (i64, UTC and server
/// clock).
pub(super) const FIELDS: [Field; 7] =
    [Field::Open, Field::High, Field::Low, Field::Close, Field::Volume, Field::Time, Field::ServerTime];

/// Bars that stay in the processor's cache while one column after the other is taken out of them.
const BLOCK: usize = 2048;

/// Some of the columns, and `time_ms` in any case, one row a bar.
///
/// `release` is told now and then how many bars have been read and are not needed any more.
pub(super) fn bars_frame(bars: &[Bar], fields: &[Field], release: &dyn Fn(usize)) -> DataFrame {
    const RELEASED: usize = 256;
    let mut numbers: Vec<(Field, Vec<f64>)> = Vec::new();
    let mut times: Vec<(Field, Vec<i64>)> = Vec::new();
    for field in FIELDS.into_iter().filter(|field| *field == Field::Time || fields.contains(field)) {
        match field {
            Field::Time | Field::ServerTime => times.push((field, Vec::with_capacity(bars.len()))),
            _ => numbers.push((field, Vec::with_capacity(bars.len()))),
        }
    }
    for (n, block) in bars.chunks(BLOCK).enumerate() {
        numbers.iter_mut().for_each(|(field, column)| take(block, *field, column));
        for (field, column) in &mut times {
            match field {
                Field::Time => column.extend(block.iter().map(|bar| bar.time_ms as i64)),
                _ => column.extend(block.iter().map(Bar::server_ms)),
            }
        }
        if (n + 1) % RELEASED == 0 {
            release((n + 1) * BLOCK);
        }
    }
    let numbers = numbers.into_iter().map(|(field, column)| Column::new(field.name().into(), column));
    let times = times.into_iter().map(|(field, column)| Column::new(field.name().into(), column));
    let columns = numbers.chain(times).collect();
    DataFrame::new(bars.len(), columns).expect("columns of one length under different names")
}

fn take(bars: &[Bar], field: Field, column: &mut Vec<f64>) {
    match field {
        Field::Open => column.extend(bars.iter().map(|bar| bar.open)),
        Field::High => column.extend(bars.iter().map(|bar| bar.high)),
        Field::Low => column.extend(bars.iter().map(|bar| bar.low)),
        Field::Close => column.extend(bars.iter().map(|bar| bar.close)),
        _ => column.extend(bars.iter().map(|bar| bar.volume)),
    }
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
