//! From a select word to columns, records and frames, in three calls.

use std::borrow::Cow;

use polars::prelude::DataFrame;

use super::{
    BackAdjusted, Batch, Catalog, ClockChoice, Columns, Field, OpenedSeries, Order, OutputClock, QueryError,
    Range, Select, Series, Slice, parse_selects,
};
use crate::model::cascade::Cascade;
use crate::model::{Bar, Settings};
use crate::store::{Lake, SeriesView};

/// A lake, and the settings that say what lies in it. Nothing is opened or locked, so it may stay for a program's life.
#[derive(Clone, Debug)]
pub struct Reader {
    lake: Lake,
    settings: Settings,
}

/// One series as it stands at one moment, whatever a writer does beside it: [`Reader::select`] opens it anew.
///
/// It holds maps of files and no bars of its own but those that are not committed yet.
#[derive(Debug)]
pub struct Selection<'a> {
    reader: &'a Reader,
    select: Select,
    cascade: Cascade,
    read: OpenedSeries,
    clock: OutputClock,
}

/// The bars of a slice: the closed ones as they lie in the file, and the open ones after them.
#[derive(Clone, Debug)]
pub struct Rows<'a> {
    select: &'a Select,
    clock: &'a OutputClock,
    closed: Cow<'a, [Bar]>,
    open: Cow<'a, [Bar]>,
    order: Order,
}

impl Reader {
    /// For the lake of a configuration, as [`config::load`](crate::config::load) gives it: `Reader::new(loaded.settings)`.
    pub fn new(settings: Settings) -> Reader {
        Reader { lake: Lake::new(settings.paths.clone()), settings }
    }

    /// For a lake that is there already.
    pub fn on(lake: Lake, settings: Settings) -> Reader {
        Reader { lake, settings }
    }

    /// The lake.
    pub fn lake(&self) -> &Lake {
        &self.lake
    }

    /// Opens the series that a select word names, such as `EUR-USD/1h`, `EUR-USD/1h:skiplast` without bars that may
    /// still change, or `BRENT.CMD-USD:panama/1h` back-adjusted. Its clock is the server's.
    ///
    /// It is a matter of microseconds: a few files are opened, and none is read.
    ///
    /// # Errors
    /// [`QueryError::Select`] and [`QueryError::Modifier`] when the word cannot be read or names several timeframes,
    /// [`QueryError::UnknownSymbol`] and [`QueryError::UnknownTimeframe`] with the nearest names there are,
    /// [`QueryError::Store`] when the lake cannot be read.
    pub fn select(&self, word: &str) -> Result<Selection<'_>, QueryError> {
        let mut selects = parse_selects(word)?;
        if selects.len() > 1 {
            let reason = "one timeframe at a time, the other ones with words of their own".to_owned();
            return Err(QueryError::Select { word: word.to_owned(), reason });
        }
        self.open(selects.remove(0))
    }

    /// As [`Reader::select`], for a selection that was read before.
    ///
    /// # Errors
    /// As there.
    pub fn open(&self, select: Select) -> Result<Selection<'_>, QueryError> {
        Catalog::new(&self.settings, [select.symbol.clone()]).check(&select)?;
        let cascade = Cascade::new(&select.symbol, &self.settings)?;
        let read = OpenedSeries::read(&self.lake, &select.symbol, &cascade, &select.timeframe)?;
        if read.view.is_none() && read.minutes.is_none() {
            // Only now it is worth looking through all folders for the names there are.
            Catalog::new(&self.settings, self.lake.list_symbols()?).check(&select)?;
        }
        Ok(Selection { reader: self, select, cascade, read, clock: OutputClock::Server })
    }
}

impl<'a> Selection<'a> {
    /// The same with another clock, in which wall times are read and [`Field::Time`] is shown.
    #[must_use]
    pub fn on_clock(self, choice: ClockChoice) -> Selection<'a> {
        let clock = choice.for_symbol(&self.reader.settings, &self.select.symbol);
        Selection { clock, ..self }
    }

    /// What was selected.
    pub fn select(&self) -> &Select {
        &self.select
    }

    /// Its committed and open bars as they are stored, not back-adjusted.
    pub fn series(&self) -> Series<'_> {
        Series {
            committed: self.read.view.as_ref().map_or(&[], SeriesView::bars),
            open: if self.select.skip_last { &[] } else { &self.read.open },
        }
    }

    /// The bars of a slice. They are found by a binary search and not copied, unless they are back-adjusted.
    ///
    /// # Errors
    /// Those of [`BackAdjusted`], for a selection that asks for it.
    pub fn rows(&self, slice: &Slice) -> Result<Rows<'_>, QueryError> {
        let series = self.series();
        let held = series.committed.len();
        let rows = series.rows(slice, &self.clock);
        let closed = &series.committed[rows.start.min(held)..rows.end.min(held)];
        let open = &series.open[rows.start.saturating_sub(held)..rows.end.saturating_sub(held)];
        let (mut closed, mut open) = (Cow::Borrowed(closed), Cow::Borrowed(open));
        if let Some(adjusted) = BackAdjusted::new(&self.reader.lake, &self.select, &self.cascade, &self.read)?
        {
            closed = Cow::Owned(adjusted.bars(&closed)?);
            open = Cow::Owned(adjusted.bars(&open)?);
        }
        Ok(Rows { select: &self.select, clock: &self.clock, closed, open, order: slice.order })
    }
}

impl Rows<'_> {
    /// The same bars, the oldest first: of [`Slice::last`], for example.
    #[must_use]
    pub fn oldest_first(self) -> Self {
        Rows { order: Order::Ascending, ..self }
    }

    /// The committed bars, in increasing time whatever the order: 64-byte records straight from the map.
    pub fn closed(&self) -> &[Bar] {
        &self.closed
    }

    /// The same as the bytes that lie in the file, 64 a bar, as `docs/FORMAT.md` draws them.
    pub fn closed_bytes(&self) -> &[u8] {
        bytemuck::cast_slice(&self.closed)
    }

    /// The bars after them that may still change, in increasing time.
    pub fn open(&self) -> &[Bar] {
        &self.open
    }

    /// How many bars there are.
    pub fn len(&self) -> usize {
        self.closed.len() + self.open.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// All of them in the order asked for: one batch of the closed ones and one of the open ones.
    pub fn batches(&self) -> [Batch<'_>; 2] {
        let closed = Batch { bars: &self.closed, closed: true, order: self.order };
        let open = Batch { bars: &self.open, closed: false, order: self.order };
        match self.order {
            Order::Ascending => [closed, open],
            Order::Descending => [open, closed],
        }
    }

    /// These columns of the bars, in memory of their own: [`Rows::fill`] uses memory again.
    ///
    /// # Errors
    /// As [`Columns::fill`].
    pub fn columns(&self, fields: &[Field]) -> Result<Columns, QueryError> {
        let mut columns = Columns::new(fields);
        self.fill(&mut columns)?;
        Ok(columns)
    }

    /// Puts the bars into columns that are there already.
    ///
    /// # Errors
    /// As [`Columns::fill`].
    pub fn fill(&self, columns: &mut Columns) -> Result<(), QueryError> {
        columns.fill(self.select, self.clock, &self.batches())
    }

    /// A polars frame of the columns of [`Field::FRAME`], each in one piece; for others take
    /// [`columns`](Rows::columns) and [`into_frame`](Columns::into_frame).
    ///
    /// # Errors
    /// As [`Columns::fill`] and [`Columns::into_frame`].
    pub fn frame(&self) -> Result<DataFrame, QueryError> {
        self.columns(&Field::FRAME)?.into_frame(self.select)
    }
}

impl Slice {
    /// The newest bars, so many of them, the newest first; [`Rows::oldest_first`] turns them round.
    pub fn last(rows: usize) -> Slice {
        Slice { range: Range::default(), order: Order::Descending, rows_max: Some(rows) }
    }

    /// From one time up to another, which is not included, both as people write them: `2024-01-31`,
    /// `2024-01-31 14:30` (of the output clock), `2024-01-31T14:30:00Z`, or epoch milliseconds.
    ///
    /// # Errors
    /// [`QueryError::Time`] when one of them cannot be read.
    pub fn between(after: &str, until: &str) -> Result<Slice, QueryError> {
        let range = Range { after: Some(after.parse()?), until: Some(until.parse()?) };
        Ok(Slice { range, ..Slice::default() })
    }
}
