//! Bars as columns: one pass over the records for each column.

use polars::prelude::*;

use super::{Batch, OutputClock, QueryError, Select};

/// The columns of bars, in order.
pub const COLUMNS: [&str; 11] =
    ["symbol", "timeframe", "time", "time_ms", "open", "high", "low", "close", "volume", "count", "closed"];

/// Beyond this from 1970-01-01 on, the frame library knows no dates.
pub(super) const CALENDAR_MS: u64 = 8_000_000_000_000_000;

/// The columns `symbol timeframe time time_ms open high low close volume count closed` of a batch, one row a bar.
///
/// `time` is a datetime without a zone, as the output clock shows it; `time_ms` is the UTC instant.
///
/// # Errors
/// [`QueryError::Damaged`] when a bar's time is beyond any calendar.
pub fn frame(select: &Select, clock: &OutputClock, batch: &Batch) -> Result<DataFrame, QueryError> {
    let rows = batch.bars.len();
    let same =
        |name: &str, text: &str| Column::new_scalar(name.into(), Scalar::from(PlSmallStr::from(text)), rows);
    let price = |name: &str, of: fn(&crate::model::Bar) -> f64| {
        Column::new(name.into(), batch.iter().map(of).collect::<Vec<f64>>())
    };
    let labels = clock.labels_ms(batch.iter());
    if let Some(row) = labels.iter().position(|label_ms| label_ms.unsigned_abs() > CALENDAR_MS) {
        return Err(QueryError::Damaged { select: select.clone(), time_ms: labels[row] });
    }
    let labels = Column::new("time".into(), labels);
    let columns = vec![
        same("symbol", select.symbol.as_str()),
        same("timeframe", select.timeframe.as_str()),
        labels.cast(&DataType::Datetime(TimeUnit::Milliseconds, None))?,
        Column::new("time_ms".into(), batch.iter().map(|bar| bar.time_ms as i64).collect::<Vec<i64>>()),
        price("open", |bar| bar.open),
        price("high", |bar| bar.high),
        price("low", |bar| bar.low),
        price("close", |bar| bar.close),
        price("volume", |bar| bar.volume),
        Column::new("count".into(), batch.iter().map(|bar| bar.count).collect::<Vec<u32>>()),
        Column::new_scalar("closed".into(), Scalar::from(batch.closed), rows),
    ];
    Ok(DataFrame::new(rows, columns)?)
}
