//! Some columns of bars: one pass over the records for each that is asked for, none for the others.

use polars::prelude::*;

use super::frame::CALENDAR_MS;
use super::{COLUMNS, OutputClock, QueryError, Select};
use crate::model::Bar;

/// The columns that series have as tables, and what is in them.
pub const BAR_COLUMNS: [(&str, DataType); COLUMNS.len()] = [
    ("symbol", DataType::String),
    ("timeframe", DataType::String),
    ("time", DataType::Datetime(TimeUnit::Milliseconds, None)),
    ("time_ms", DataType::Int64),
    ("open", DataType::Float64),
    ("high", DataType::Float64),
    ("low", DataType::Float64),
    ("close", DataType::Float64),
    ("volume", DataType::Float64),
    ("count", DataType::UInt32),
    ("closed", DataType::Boolean),
];

/// Neighbours in their series, in increasing time.
#[derive(Clone, Copy, Debug, Default)]
pub struct Rows<'a> {
    /// Bars that never change, straight from the map or adjusted.
    pub committed: &'a [Bar],
    /// Bars after them that may still change.
    pub open: &'a [Bar],
}

impl<'a> Rows<'a> {
    /// How many there are.
    pub fn len(self) -> usize {
        self.committed.len() + self.open.len()
    }

    /// Whether there are none.
    pub fn is_empty(self) -> bool {
        self.len() == 0
    }

    fn each<T>(self, of: impl Fn(&Bar) -> T) -> Vec<T> {
        let mut values = Vec::with_capacity(self.len());
        values.extend(self.committed.iter().map(&of));
        values.extend(self.open.iter().map(&of));
        values
    }
}

/// The columns of these names, a row for each bar; names that bars have no column of are left out.
///
/// # Errors
/// [`QueryError::Damaged`] when a bar's time is beyond any calendar.
pub fn columns<'a>(
    select: &Select,
    clock: &OutputClock,
    rows: Rows<'_>,
    names: impl IntoIterator<Item = &'a str>,
) -> Result<DataFrame, QueryError> {
    let made = names.into_iter().filter_map(|name| column(select, clock, rows, name).transpose());
    Ok(DataFrame::new(rows.len(), made.collect::<Result<_, _>>()?)?)
}

fn column(
    select: &Select,
    clock: &OutputClock,
    rows: Rows<'_>,
    name: &str,
) -> Result<Option<Column>, QueryError> {
    let label = PlSmallStr::from(name);
    let same =
        |text: &str| Column::new_scalar(label.clone(), Scalar::from(PlSmallStr::from(text)), rows.len());
    let number = |of: fn(&Bar) -> f64| Column::new(label.clone(), rows.each(of));
    Ok(Some(match name {
        "symbol" => same(select.symbol.as_str()),
        "timeframe" => same(select.timeframe.as_str()),
        "time" => {
            let labels = clock.labels_ms(rows.committed.iter().chain(rows.open));
            if let Some(strange) = labels.iter().find(|label_ms| label_ms.unsigned_abs() > CALENDAR_MS) {
                return Err(QueryError::Damaged { select: select.clone(), time_ms: *strange });
            }
            Column::new(label, labels).cast(&DataType::Datetime(TimeUnit::Milliseconds, None))?
        }
        "time_ms" => Column::new(label, rows.each(|bar| bar.time_ms as i64)),
        "open" => number(|bar| bar.open),
        "high" => number(|bar| bar.high),
        "low" => number(|bar| bar.low),
        "close" => number(|bar| bar.close),
        "volume" => number(|bar| bar.volume),
        "count" => Column::new(label, rows.each(|bar| bar.count)),
        "closed" => closed(label, rows)?,
        _ => return Ok(None),
    }))
}

fn closed(name: PlSmallStr, rows: Rows<'_>) -> PolarsResult<Column> {
    let mut all = BooleanChunked::full(name.clone(), true, rows.committed.len());
    all.append(&BooleanChunked::full(name, false, rows.open.len()))?;
    Ok(all.into_column())
}
