//! Bars as columns that stay when they are used again.

use super::deinterleave::Places;
use super::{Batch, OutputClock, QueryError, Select};

/// What a column holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Field {
    /// The symbol, the same in all rows.
    Symbol,
    /// The timeframe, the same in all rows.
    Timeframe,
    /// What the output clock shows at the bar's label: i64, milliseconds since that clock's 1970-01-01 00:00. In a frame
    /// a datetime without a zone.
    Time,
    /// The instant of the label: i64, UTC milliseconds.
    TimeMs,
    /// First price: f64.
    Open,
    /// Highest price: f64.
    High,
    /// Lowest price: f64.
    Low,
    /// Last price: f64.
    Close,
    /// Traded volume in the feed's unit: f64.
    Volume,
    /// Server clock minus UTC at the label: i32, seconds.
    Offset,
    /// 1-minute candles in the bar: u32.
    Count,
    /// Bit 0: a candle of the bar broke a soft rule; u32.
    Flags,
    /// Whether the bar is committed, that is, can no longer change: bool.
    Closed,
}

impl Field {
    /// The columns of [`frame`](super::frame), in its order.
    pub const FRAME: [Field; 11] = [
        Field::Symbol,
        Field::Timeframe,
        Field::Time,
        Field::TimeMs,
        Field::Open,
        Field::High,
        Field::Low,
        Field::Close,
        Field::Volume,
        Field::Count,
        Field::Closed,
    ];

    /// Instant, prices and volume: what most computations need.
    pub const PRICES: [Field; 6] =
        [Field::TimeMs, Field::Open, Field::High, Field::Low, Field::Close, Field::Volume];

    /// The name of the column in a frame.
    pub fn name(self) -> &'static str {
        match self {
            Field::Symbol => "symbol",
            Field::Timeframe => "timeframe",
            Field::Time => "time",
            Field::TimeMs => "time_ms",
            Field::Open => "open",
            Field::High => "high",
            Field::Low => "low",
            Field::Close => "close",
            Field::Volume => "volume",
            Field::Offset => "utc_offset_s",
            Field::Count => "count",
            Field::Flags => "flags",
            Field::Closed => "closed",
        }
    }

    /// The field of a column of [`frame`](super::frame).
    pub fn named(name: &str) -> Option<Field> {
        Field::FRAME.into_iter().find(|field| field.name() == name)
    }

    /// Which eight bytes of a record it is, if it is eight bytes of a record.
    fn word(self) -> Option<usize> {
        let words = [Field::TimeMs, Field::Open, Field::High, Field::Low, Field::Close, Field::Volume];
        words.iter().position(|field| *field == self)
    }

    /// Which four bytes of a record it is, if it is four bytes of a record.
    fn half(self) -> Option<usize> {
        let halves = [Field::Offset, Field::Count, Field::Flags];
        halves.iter().position(|field| *field == self).map(|place| 12 + place)
    }
}

/// The values of one column.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Values {
    Times(Vec<i64>),
    Prices(Vec<f64>),
    Counts(Vec<u32>),
    Offsets(Vec<i32>),
    /// They follow from the selection, or from how many bars are closed.
    Told,
}

/// Columns of bars, filled in one pass over the records and, when they are filled again, in the same memory.
///
/// A column of 500,000 numbers is 4 MB, and fresh pages for it cost more than writing it: who asks again and again
/// keeps one of these and fills it each time. Fresh columns are laid out by the program's allocator; one that asks for
/// huge pages, as mimalloc does, takes a third of the time that the system's takes.
///
/// ```
/// use engine::model::Bar;
/// use engine::query::{Batch, Columns, Field, Order, OutputClock, parse_selects};
///
/// let select = &parse_selects("EUR-USD/1m")?[0];
/// let bars: Vec<Bar> = (0..3)
///     .map(|i| Bar { time_ms: i * 60_000, close: 1.1 + i as f64, utc_offset_s: 7200, ..Bar::default() })
///     .collect();
/// let batch = Batch { bars: &bars, closed: true, order: Order::Descending };
/// let mut columns = Columns::new(&[Field::Time, Field::Close]);
/// columns.fill(select, &OutputClock::Server, &[batch])?;
/// assert_eq!(columns.prices(Field::Close), Some(&[3.1, 2.1, 1.1][..]));
/// assert_eq!(columns.times(Field::Time).map(|times| times[2]), Some(7_200_000));
/// assert_eq!(columns.prices(Field::Open), None);
/// # Ok::<(), engine::query::QueryError>(())
/// ```
#[derive(Clone, Debug)]
pub struct Columns {
    pub(super) fields: Vec<Field>,
    pub(super) values: Vec<Values>,
    pub(super) rows: usize,
    /// How many rows in a row are closed, or open.
    pub(super) kinds: Vec<(usize, bool)>,
}

impl Columns {
    /// Empty columns of these fields, in this order; of a field that is named twice the second is left out.
    pub fn new(fields: &[Field]) -> Columns {
        let mut columns = Columns { fields: Vec::new(), values: Vec::new(), rows: 0, kinds: Vec::new() };
        for field in fields {
            if !columns.fields.contains(field) {
                columns.fields.push(*field);
                columns.values.push(Values::of(*field));
            }
        }
        columns
    }

    /// The bars of the batches, one after the other, each in its order; what was in the columns before is gone.
    ///
    /// Several cores share the work where there are enough bars for it.
    ///
    /// # Errors
    /// [`QueryError::Damaged`] when [`Field::Time`] is asked for and a bar's time is beyond any calendar; the columns
    /// are empty then.
    pub fn fill(
        &mut self,
        select: &Select,
        clock: &OutputClock,
        batches: &[Batch<'_>],
    ) -> Result<(), QueryError> {
        self.kinds.clear();
        self.rows = 0;
        let rows = batches.iter().map(|batch| batch.bars.len()).sum();
        self.values.iter_mut().for_each(|values| values.resize(rows));
        let mut from = 0;
        for batch in batches {
            let end = from + batch.bars.len();
            let places = self.places(from..end);
            places
                .fill(batch.bars, batch.order, clock)
                .map_err(|time_ms| QueryError::Damaged { select: select.clone(), time_ms })?;
            from = end;
        }
        self.kinds.extend(batches.iter().map(|batch| (batch.bars.len(), batch.closed)));
        self.rows = rows;
        Ok(())
    }

    /// Where a stretch of rows goes.
    fn places(&mut self, rows: std::ops::Range<usize>) -> Places<'_> {
        let mut places = Places::default();
        for (field, values) in self.fields.iter().zip(&mut self.values) {
            match (values, field.word(), field.half()) {
                (Values::Times(times), None, _) => places.labels = Some(&mut times[rows.clone()]),
                (Values::Times(times), Some(word), _) => {
                    places.words.push((word, bytemuck::cast_slice_mut(&mut times[rows.clone()])));
                }
                (Values::Prices(prices), Some(word), _) => {
                    places.words.push((word, bytemuck::cast_slice_mut(&mut prices[rows.clone()])));
                }
                (Values::Counts(counts), _, Some(half)) => {
                    places.halves.push((half, &mut counts[rows.clone()]));
                }
                (Values::Offsets(offsets), _, Some(half)) => {
                    places.halves.push((half, bytemuck::cast_slice_mut(&mut offsets[rows.clone()])));
                }
                _ => {}
            }
        }
        places
    }

    /// Rows in every column.
    pub fn len(&self) -> usize {
        self.rows
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.rows == 0
    }

    /// The fields, in their order.
    pub fn fields(&self) -> &[Field] {
        &self.fields
    }

    /// [`Field::Open`], [`Field::High`], [`Field::Low`], [`Field::Close`] or [`Field::Volume`]; `None` for another
    /// field and for one that was not asked for.
    pub fn prices(&self, field: Field) -> Option<&[f64]> {
        match self.values_of(field)? {
            Values::Prices(values) => Some(&values[..self.rows]),
            _ => None,
        }
    }

    /// [`Field::TimeMs`] or [`Field::Time`].
    pub fn times(&self, field: Field) -> Option<&[i64]> {
        match self.values_of(field)? {
            Values::Times(values) => Some(&values[..self.rows]),
            _ => None,
        }
    }

    /// [`Field::Count`] or [`Field::Flags`].
    pub fn counts(&self, field: Field) -> Option<&[u32]> {
        match self.values_of(field)? {
            Values::Counts(values) => Some(&values[..self.rows]),
            _ => None,
        }
    }

    /// [`Field::Offset`].
    pub fn offsets(&self) -> Option<&[i32]> {
        match self.values_of(Field::Offset)? {
            Values::Offsets(values) => Some(&values[..self.rows]),
            _ => None,
        }
    }

    /// How many rows one after the other are closed or not: `[(1439, true), (1, false)]`. There whatever was asked for.
    pub fn kinds(&self) -> &[(usize, bool)] {
        &self.kinds
    }

    fn values_of(&self, field: Field) -> Option<&Values> {
        let place = self.fields.iter().position(|own| *own == field)?;
        self.values.get(place)
    }
}

impl Values {
    pub(super) fn of(field: Field) -> Values {
        match field {
            Field::Time | Field::TimeMs => Values::Times(Vec::new()),
            Field::Open | Field::High | Field::Low | Field::Close | Field::Volume => {
                Values::Prices(Vec::new())
            }
            Field::Count | Field::Flags => Values::Counts(Vec::new()),
            Field::Offset => Values::Offsets(Vec::new()),
            Field::Symbol | Field::Timeframe | Field::Closed => Values::Told,
        }
    }

    fn resize(&mut self, rows: usize) {
        match self {
            Values::Times(values) => resize(values, rows, 0),
            Values::Prices(values) => resize(values, rows, 0.0),
            Values::Counts(values) => resize(values, rows, 0),
            Values::Offsets(values) => resize(values, rows, 0),
            Values::Told => {}
        }
    }
}

/// Values of which every one is about to be written.
fn resize<T: Clone>(values: &mut Vec<T>, rows: usize, zero: T) {
    if values.capacity() < rows {
        // Zeros of a fresh allocation are those of the system's pages: nobody writes them.
        *values = vec![zero; rows];
    } else {
        values.resize(rows, zero);
    }
}
