//! From a selection to its rows, piece by piece: bars as they lie in the map, indicators where they are asked for.

use polars::prelude::*;

use super::BuildError;
use crate::indicators::{Ask, WarmUp};
use crate::model::Bar;
use crate::model::cascade::Cascade;
use crate::plan::{Answer, Desk, LONG_ROWS, PlanError, Question};
use crate::query::{
    BackAdjusted, Batch, Bound, COLUMNS, OpenedSeries, Order, OutputClock, Range, Select, Series, Slice,
    frame,
};
use crate::store::SeriesView;

/// Rows whose indicators are computed at a time. The pieces are counted from the series' first bar, so that a value
/// does not depend on the slice by as much as one bit.
const COMPUTED_ROWS: usize = 1 << 20;

/// The rows of one selection.
#[derive(Clone, Copy)]
pub struct Source<'a> {
    /// Where they come from.
    pub desk: Desk<'a>,
    /// Which series.
    pub select: &'a Select,
    /// Which part of it.
    pub slice: Slice,
    /// In which clock.
    pub clock: &'a OutputClock,
    /// Whether bars that may still change are left out.
    pub closed_only: bool,
    /// With these indicators.
    pub asks: &'a [Ask],
}

/// Rows of a selection, neighbours in its series.
pub struct Piece<'a> {
    /// Back-adjusted where that is asked for, in increasing time.
    pub bars: &'a [Bar],
    /// Whether they are committed.
    pub closed: bool,
    /// Whether they are to be read from the back.
    pub order: Order,
    /// Indicators, a row for each bar.
    columns: Option<DataFrame>,
}

/// What there is of a selection.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Extent {
    /// Rows of the slice.
    pub rows: usize,
    /// Those that may still change.
    pub open: usize,
    /// The first bar of the slice, UTC.
    pub first_ms: Option<u64>,
    /// The series' last bar before the slice, UTC.
    pub before_ms: Option<u64>,
    /// The series' first bar after the slice, UTC.
    pub beyond_ms: Option<u64>,
    /// What the output clock shows at the last bar before the slice.
    pub label_before_ms: Option<i64>,
    /// What it shows at the first bar after the slice.
    pub label_beyond_ms: Option<i64>,
    /// First and last bar of the slice as the output clock shows them.
    pub labels_ms: Option<(i64, i64)>,
    /// Whether the series has any bar at all.
    pub has_bars: bool,
}

impl Piece<'_> {
    /// The columns of the bars, then those of the indicators that bars do not have, in the order asked for.
    ///
    /// # Errors
    /// [`BuildError::Query`] when a bar's time is beyond any calendar.
    pub fn frame(&self, select: &Select, clock: &OutputClock) -> Result<DataFrame, BuildError> {
        let order = if self.columns.is_some() { Order::Ascending } else { self.order };
        let batch = Batch { bars: self.bars, closed: self.closed, order };
        let mut rows = frame(select, clock, &batch)?;
        if let Some(columns) = &self.columns {
            rows.hstack_mut(columns.columns())?;
        }
        Ok(if order == self.order { rows } else { rows.reverse() })
    }
}

impl<'a> Source<'a> {
    /// Hands out the rows in the order of the slice, at most `rows_max` at a time.
    ///
    /// # Errors
    /// What `take` says, and what reading, adjusting and computing can say.
    pub fn each_piece(
        &self,
        rows_max: usize,
        take: &mut dyn FnMut(Piece<'_>) -> Result<(), BuildError>,
    ) -> Result<(), BuildError> {
        if self.asks.is_empty() {
            return self.bars(rows_max, take);
        }
        for slice in self.computed_slices()? {
            self.computed(slice, rows_max, take)?;
        }
        Ok(())
    }

    /// How much there is, without reading it.
    ///
    /// # Errors
    /// What opening the series can say.
    pub fn extent(&self) -> Result<Extent, BuildError> {
        self.opened(|_, series, _| {
            let rows = series.rows(&self.slice, self.clock);
            let bar_ms = |row: usize| series.bar(row).map(|bar| bar.time_ms);
            let label_ms = |row: usize| series.bar(row).map(|bar| self.clock.label_ms(bar));
            let before = rows.start.wrapping_sub(1);
            let ends = label_ms(rows.start).zip(label_ms(rows.end.wrapping_sub(1)));
            Ok(Extent {
                rows: rows.len(),
                open: rows.end.saturating_sub(rows.start.max(series.committed.len())),
                first_ms: bar_ms(rows.start).filter(|_| !rows.is_empty()),
                before_ms: bar_ms(before),
                beyond_ms: bar_ms(rows.end),
                label_before_ms: label_ms(before),
                label_beyond_ms: label_ms(rows.end),
                labels_ms: ends.filter(|_| !rows.is_empty()),
                has_bars: series.bar(0).is_some(),
            })
        })
    }

    /// The columns of rows that are not there.
    ///
    /// # Errors
    /// As [`Piece::frame`].
    pub fn no_rows(&self, names: &[String]) -> Result<DataFrame, BuildError> {
        let columns = names.iter().map(|name| Column::new(name.as_str().into(), Vec::<f64>::new())).collect();
        let columns = Some(DataFrame::new(0, columns)?);
        let piece = Piece { bars: &[], closed: true, order: Order::Ascending, columns };
        piece.frame(self.select, self.clock)
    }

    fn opened<T>(
        &self,
        then: impl FnOnce(&OpenedSeries, Series<'_>, Option<&BackAdjusted<'_>>) -> Result<T, BuildError>,
    ) -> Result<T, BuildError> {
        let Desk { lake, settings, .. } = self.desk;
        let cascade = Cascade::new(&self.select.symbol, settings).map_err(PlanError::from)?;
        let read = OpenedSeries::read(lake, &self.select.symbol, &cascade, &self.select.timeframe)?;
        let series = Series {
            committed: read.view.as_ref().map_or(&[], SeriesView::bars),
            open: if self.closed_only { &[] } else { &read.open },
        };
        let adjusted = BackAdjusted::new(lake, self.select, &cascade, &read)?;
        then(&read, series, adjusted.as_ref())
    }

    fn bars(
        &self,
        rows_max: usize,
        take: &mut dyn FnMut(Piece<'_>) -> Result<(), BuildError>,
    ) -> Result<(), BuildError> {
        self.opened(|read, series, adjusted| {
            let rows = series.rows(&self.slice, self.clock);
            let is_long = rows.len() > LONG_ROWS && self.slice.order == Order::Ascending;
            let mut done = rows.start;
            for batch in series.batches(&self.slice, self.clock, rows_max) {
                let own = adjusted.map(|adjusted| adjusted.bars(batch.bars)).transpose()?;
                let bars = own.as_deref().unwrap_or(batch.bars);
                take(Piece { bars, closed: batch.closed, order: batch.order, columns: None })?;
                done += batch.bars.len();
                if let Some(view) = read.view.as_ref().filter(|_| is_long) {
                    view.release(done.min(series.committed.len()));
                }
            }
            Ok(())
        })
    }

    /// The slice in parts whose indicators need no more memory than one of them; the whole of it where they need all
    /// of history anyway, or where a program of the user's would be started for each.
    fn computed_slices(&self) -> Result<Vec<Slice>, BuildError> {
        let plan = self.desk.explain(&self.question(self.slice))?;
        let is_whole = self.slice.order == Order::Descending || self.slice.rows_max.is_some();
        if is_whole
            || plan.reach == WarmUp::History
            || plan.rows <= COMPUTED_ROWS
            || self.desk.has_programs(self.asks)?
        {
            return Ok(vec![self.slice]);
        }
        self.opened(|_, series, _| {
            let rows = series.rows(&self.slice, self.clock);
            let edges = (rows.start / COMPUTED_ROWS + 1..).map(|n| n * COMPUTED_ROWS);
            let edges = edges.take_while(|row| *row < rows.end).filter_map(|row| series.bar(row));
            let mut after = self.slice.range.after;
            let mut slices = Vec::new();
            for edge in edges.map(|bar| Bound::Instant(bar.time_ms as i64)) {
                slices.push(Slice { range: Range { after, until: Some(edge) }, ..self.slice });
                after = Some(edge);
            }
            slices.push(Slice { range: Range { after, until: self.slice.range.until }, ..self.slice });
            Ok(slices)
        })
    }

    fn computed(
        &self,
        slice: Slice,
        rows_max: usize,
        take: &mut dyn FnMut(Piece<'_>) -> Result<(), BuildError>,
    ) -> Result<(), BuildError> {
        self.desk.answer(&self.question(slice), |answer| answered(answer, slice.order, rows_max, take))
    }

    fn question(&self, slice: Slice) -> Question<'_> {
        let Source { select, clock, closed_only, asks, .. } = *self;
        Question { select, slice, clock, closed_only, asks }
    }
}

/// The rows of an answer, piece by piece.
fn answered(
    answer: Answer<'_>,
    order: Order,
    rows_max: usize,
    take: &mut dyn FnMut(Piece<'_>) -> Result<(), BuildError>,
) -> Result<(), BuildError> {
    let Answer { bars, closed, columns, release } = answer;
    // Columns that bars have are there already.
    let columns = columns.drop_many(COLUMNS);
    let mut pieces: Vec<std::ops::Range<usize>> = Vec::new();
    for kind in [0..closed, closed..bars.len()] {
        let cut = |from: usize| from..(from + rows_max.max(1)).min(kind.end);
        pieces.extend(kind.clone().step_by(rows_max.max(1)).map(cut));
    }
    let is_backwards = order == Order::Descending;
    if is_backwards {
        pieces.reverse();
    }
    for rows in pieces {
        let columns = Some(columns.slice(rows.start as i64, rows.len()));
        let (is_closed, done) = (rows.start < closed, rows.end);
        take(Piece { bars: &bars[rows], closed: is_closed, order, columns })?;
        if !is_backwards {
            release(done);
        }
    }
    Ok(())
}
