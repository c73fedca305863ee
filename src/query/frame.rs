//! Columns as a polars frame, and back.

use polars::prelude::*;

use super::columns::Values;
use super::{Batch, Columns, Field, OutputClock, QueryError, Select};

/// The columns of bars, in order.
pub const COLUMNS: [&str; 11] =
    ["symbol", "timeframe", "time", "time_ms", "open", "high", "low", "close", "volume", "count", "closed"];

/// The columns `symbol timeframe time time_ms open high low close volume count closed` of a batch, one row a bar.
///
/// `time` is a datetime without a zone, as the output clock shows it; `time_ms` is the UTC instant.
///
/// # Errors
/// [`QueryError::Damaged`] when a bar's time is beyond any calendar.
pub fn frame(select: &Select, clock: &OutputClock, batch: &Batch) -> Result<DataFrame, QueryError> {
    let mut columns = Columns::new(&Field::FRAME);
    columns.fill(select, clock, std::slice::from_ref(batch))?;
    columns.into_frame(select)
}

impl Columns {
    /// The columns as a frame, each in one piece and none of them copied.
    ///
    /// # Errors
    /// [`QueryError::Frame`] when polars refuses.
    pub fn into_frame(self, select: &Select) -> Result<DataFrame, QueryError> {
        let Columns { fields, values, rows, kinds } = self;
        let told = |name: &str, text: &str| {
            Column::new_scalar(name.into(), Scalar::from(PlSmallStr::from(text)), rows)
        };
        let column = |(field, values): (Field, Values)| {
            let name = PlSmallStr::from_static(field.name());
            match (values, field) {
                (Values::Times(times), Field::Time) => {
                    let times = Int64Chunked::from_vec(name, times);
                    times.into_datetime(TimeUnit::Milliseconds, None).into_column()
                }
                (Values::Times(times), _) => Int64Chunked::from_vec(name, times).into_column(),
                (Values::Prices(prices), _) => Float64Chunked::from_vec(name, prices).into_column(),
                (Values::Counts(counts), _) => UInt32Chunked::from_vec(name, counts).into_column(),
                (Values::Offsets(offsets), _) => Int32Chunked::from_vec(name, offsets).into_column(),
                (Values::Told, Field::Symbol) => told(&name, select.symbol.as_str()),
                (Values::Told, Field::Timeframe) => told(&name, select.timeframe.as_str()),
                (Values::Told, _) => closed(name, &kinds, rows),
            }
        };
        let columns = fields.into_iter().zip(values).map(column).collect();
        Ok(DataFrame::new(rows, columns)?)
    }

    /// Takes the memory back from a frame that [`Columns::into_frame`] made, for the next [`Columns::fill`].
    ///
    /// What somebody else still holds, or polars has made anew, is left to them: it will be fresh memory then.
    pub fn reclaim(&mut self, frame: DataFrame) {
        for column in frame.into_columns() {
            let place = self.fields.iter().position(|field| field.name() == column.name().as_str());
            if let Some(values) = place.and_then(|place| self.values.get_mut(place)) {
                values.reclaim(column.take_materialized_series());
            }
        }
    }
}

impl Values {
    fn reclaim(&mut self, series: Series) {
        match self {
            Values::Times(values) => {
                let numbers = match series.datetime() {
                    Ok(times) => Some(times.physical().clone()),
                    Err(_) => series.i64().ok().cloned(),
                };
                drop(series);
                reclaim(values, numbers);
            }
            Values::Prices(values) => {
                let numbers = series.f64().ok().cloned();
                drop(series);
                reclaim(values, numbers);
            }
            Values::Counts(values) => {
                let numbers = series.u32().ok().cloned();
                drop(series);
                reclaim(values, numbers);
            }
            Values::Offsets(values) => {
                let numbers = series.i32().ok().cloned();
                drop(series);
                reclaim(values, numbers);
            }
            Values::Told => {}
        }
    }
}

/// The memory of a column in one piece that nobody else holds, when it is more than there is already.
fn reclaim<T: PolarsNumericType>(values: &mut Vec<T::Native>, numbers: Option<ChunkedArray<T>>) {
    let array = numbers.and_then(|numbers| numbers.downcast_into_iter().next());
    if let Some(own) = array.and_then(|array| array.into_mut().right()) {
        let (_, own, _) = own.into_inner();
        if own.capacity() > values.capacity() {
            *values = own;
        }
    }
}

/// Which rows are closed: one value for all of them where they are all of one kind.
fn closed(name: PlSmallStr, kinds: &[(usize, bool)], rows: usize) -> Column {
    let mut filled = kinds.iter().filter(|(rows, _)| *rows > 0);
    match (filled.next().or(kinds.first()), filled.next()) {
        (Some((_, kind)), None) => Column::new_scalar(name, Scalar::from(*kind), rows),
        _ => {
            let each = kinds.iter().flat_map(|(rows, kind)| std::iter::repeat_n(*kind, *rows));
            BooleanChunked::from_iter_values(name, each).into_column()
        }
    }
}
