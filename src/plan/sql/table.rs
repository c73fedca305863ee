//! A series as polars scans it: the columns and rows a query needs, and no others.

use std::any::Any;
use std::ops::Range;
use std::sync::Arc;

use polars::prelude::*;

use super::limits::Limits;
use super::office::Office;
use crate::indicators::{Ask, Graph};
use crate::model::Bar;
use crate::model::cascade::Cascade;
use crate::plan::{Answer, PlanError, Question};
use crate::query::{
    BAR_COLUMNS, BackAdjusted, Batch, Bound, COLUMNS, Columns, Field as BarField, OpenedSeries, Order,
    OutputClock, Range as Times, Select, Series as BarSeries, Slice,
};
use crate::store::SeriesView;

/// A clock that is set back repeats labels for less than this.
const REPEAT_MS: i64 = 2 * 86_400_000;

/// What polars calls a scan in its plans.
const SCAN_NAME: &str = "SERIES";

/// An opened series, as of one moment.
pub(super) struct Table {
    pub office: Arc<Office>,
    pub select: Select,
    pub clock: OutputClock,
    pub closed_only: bool,
    /// Computed for the rows and columns that are read.
    pub asks: Vec<Ask>,
    pub cascade: Cascade,
    pub read: OpenedSeries,
    /// Rows within the question's own limits of time, committed and open ones counted together.
    pub rows: Range<usize>,
}

impl Table {
    /// Opens a series.
    pub(super) fn open(
        office: &Arc<Office>,
        select: Select,
        clock: OutputClock,
        closed_only: bool,
        asks: &[Ask],
        range: Times,
    ) -> Result<Table, PlanError> {
        let cascade = Cascade::new(&select.symbol, &office.settings)?;
        let read = OpenedSeries::read(&office.lake, &select.symbol, &cascade, &select.timeframe)?;
        let (office, asks) = (office.clone(), asks.to_vec());
        let mut table = Table { office, select, clock, closed_only, asks, cascade, read, rows: 0..0 };
        table.rows = table.series().rows(&Slice { range, ..Slice::default() }, &table.clock);
        Ok(table)
    }

    /// Whether there is not a single bar of it.
    pub(super) fn is_missing(&self) -> bool {
        self.read.view.is_none() && self.read.open.is_empty()
    }

    pub(super) fn scan(self) -> PolarsResult<LazyFrame> {
        let schema = Some(Arc::new(self.columns()));
        LazyFrame::anonymous_scan(
            Arc::new(self),
            ScanArgsAnonymous { schema, name: SCAN_NAME, ..ScanArgsAnonymous::default() },
        )
    }

    fn columns(&self) -> Schema {
        let mut schema: Schema =
            BAR_COLUMNS.into_iter().map(|(name, dtype)| Field::new(name.into(), dtype)).collect();
        for name in Graph::new(&self.asks).names() {
            if !COLUMNS.contains(&name) {
                schema.with_column(name.into(), DataType::Float64);
            }
        }
        schema
    }

    fn series(&self) -> BarSeries<'_> {
        BarSeries {
            committed: self.read.view.as_ref().map_or(&[], SeriesView::bars),
            open: if self.closed_only { &[] } else { &self.read.open },
        }
    }

    fn answer(&self, asked: AnonymousScanArgs) -> Result<DataFrame, PlanError> {
        let wanted: Vec<PlSmallStr> = match (&asked.output_schema, &asked.with_columns) {
            (Some(schema), _) => schema.iter_names_cloned().collect(),
            (None, Some(names)) => names.to_vec(),
            (None, None) => self.columns().iter_names_cloned().collect(),
        };
        let mut needed = wanted.clone();
        let mut rows = self.rows.clone();
        if let Some(rows_max) = asked.n_rows {
            rows.end = rows.end.min(rows.start.saturating_add(rows_max));
        }
        let Some(predicate) = asked.predicate.and_then(told) else { return self.read(rows, &needed) };
        for part in &predicate {
            if let Expr::Column(name) = part
                && !needed.contains(name)
            {
                needed.push(name.clone());
            }
        }
        let rows = self.within(rows, &Limits::of(&predicate));
        // The limits never leave out a row that belongs to the answer; whether one belongs to it, the predicate says.
        let frame = self.read(rows, &needed)?.lazy().filter(predicate).collect()?;
        let columns = wanted.iter().map(|name| frame.column(name).cloned()).collect::<PolarsResult<_>>()?;
        Ok(DataFrame::new(frame.height(), columns)?)
    }

    /// Binary search for the rows that can be within limits of time.
    fn within(&self, rows: Range<usize>, limits: &Limits) -> Range<usize> {
        let time_ms = limits.time_ms.bounds(0);
        let time = limits.time.bounds(REPEAT_MS);
        let found = |(after, until): (Option<i64>, Option<i64>), bound: fn(i64) -> Bound| {
            let range = Times { after: after.map(bound), until: until.map(bound) };
            self.series().rows(&Slice { range, ..Slice::default() }, &self.clock)
        };
        let (instants, labels) = (found(time_ms, Bound::Instant), found(time, Bound::Wall));
        let start = rows.start.max(instants.start).max(labels.start);
        start..rows.end.min(instants.end).min(labels.end).max(start)
    }

    /// Reads some columns of some rows.
    fn read(&self, rows: Range<usize>, names: &[PlSmallStr]) -> Result<DataFrame, PlanError> {
        tracing::debug!(series = %self.select, rows = rows.len(), columns = ?names, "read for SQL");
        let series = self.series();
        let is_needed = |ask: &&Ask| {
            let graph = Graph::new(std::slice::from_ref(*ask));
            graph
                .names()
                .iter()
                .any(|name| !COLUMNS.contains(name) && names.iter().any(|known| known == name))
        };
        let asks: Vec<Ask> = self.asks.iter().filter(is_needed).cloned().collect();
        if !asks.is_empty() {
            return self.computed(rows, names, &asks);
        }
        let held = series.committed.len();
        let committed = rows.start.min(held)..rows.end.min(held);
        let open = rows.start.saturating_sub(held)..rows.end.saturating_sub(held);
        let adjusted = BackAdjusted::new(&self.office.lake, &self.select, &self.cascade, &self.read)?;
        let bars = match &adjusted {
            Some(adjusted) => &adjusted.bars(&series.bars(rows))?[..],
            None => &[],
        };
        let (committed, open) = match &adjusted {
            Some(_) => bars.split_at(committed.len()),
            None => (&series.committed[committed], &series.open[open]),
        };
        self.frame(committed, open, names)
    }

    /// Those of the named columns that bars have, a row for each bar.
    fn frame(&self, committed: &[Bar], open: &[Bar], names: &[PlSmallStr]) -> Result<DataFrame, PlanError> {
        let fields: Vec<BarField> = names.iter().filter_map(|name| BarField::named(name)).collect();
        let batch = |bars, closed| Batch { bars, closed, order: Order::Ascending };
        let mut columns = Columns::new(&fields);
        columns.fill(&self.select, &self.clock, &[batch(committed, true), batch(open, false)])?;
        Ok(columns.into_frame(&self.select)?)
    }

    /// The same with indicators among the columns; as many rows before are read as their values need.
    fn computed(
        &self,
        rows: Range<usize>,
        names: &[PlSmallStr],
        asks: &[Ask],
    ) -> Result<DataFrame, PlanError> {
        let instant = |row: usize| self.series().bar(row).map(|bar| Bound::Instant(bar.time_ms as i64));
        let mut slice = Slice {
            range: Times { after: instant(rows.start), until: instant(rows.end) },
            ..Slice::default()
        };
        slice.rows_max = Some(rows.len());
        let question =
            Question { select: &self.select, slice, clock: &self.clock, closed_only: self.closed_only, asks };
        let dressed = |Answer { bars, closed, columns: values, .. }: Answer<'_>| {
            let (committed, open) = bars.split_at(closed);
            let mut frame = self.frame(committed, open, names)?;
            let more = names.iter().filter(|name| !COLUMNS.contains(&name.as_str()));
            let more: PolarsResult<Vec<Column>> = more.map(|name| values.column(name).cloned()).collect();
            frame.hstack_mut(&more?)?;
            Ok(frame.select(names.iter().cloned())?)
        };
        self.office.at_desk(|desk| desk.answer(&question, dressed))
    }
}

/// A predicate that can be carried out here. Beside the query's own, polars sends a note to itself, of which rows a sort
/// with a limit still wants: it may be ignored, and it cannot be read. `None` when nothing else was sent.
fn told(predicate: Expr) -> Option<Expr> {
    let is_note =
        |part: &Expr| matches!(part, Expr::Display { fmt_str, .. } if fmt_str.starts_with("dynamic_pred"));
    if is_note(&predicate) {
        return None;
    }
    Some(predicate.map_expr(|part| if is_note(&part) { lit(true) } else { part }))
}

impl AnonymousScan for Table {
    fn as_any(&self) -> &dyn Any {
        self
    }

    fn scan(&self, asked: AnonymousScanArgs) -> PolarsResult<DataFrame> {
        self.answer(asked).map_err(|error| self.office.keep(error))
    }

    fn allows_predicate_pushdown(&self) -> bool {
        true
    }

    fn allows_projection_pushdown(&self) -> bool {
        true
    }
}
