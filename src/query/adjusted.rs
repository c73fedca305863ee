//! Back-adjusted bars: the 1m bars behind the stored ones, moved by the roll calendar and folded again while they are
//! read. Nothing of it is stored.
//!
//! Where bars stand does not depend on prices, so the stored series says which rows there are, and only the 1m bars of
//! the rows that are asked for are read.

use std::path::PathBuf;

use super::{OpenedSeries, QueryError, Select};
use crate::model::cascade::{Cascade, Step};
use crate::model::day::DAY_MS;
use crate::model::fold::{Fold, Recipe};
use crate::model::rollover::{Adjustment, Calendar, Close, Ladder};
use crate::model::{Bar, Symbol};
use crate::store::{Lake, SeriesKey, SeriesView, StoreError};

/// 1m bars moved and folded at a time: they stay in the processor's cache on their way up.
const PIECE_BARS: usize = 8192;
/// Pieces after which the memory of what was read is given back.
const RELEASE_PIECES: usize = 32;

/// The way from the stored bars of a series to back-adjusted ones.
#[derive(Debug)]
pub struct BackAdjusted<'a> {
    select: Select,
    /// From the one above 1m to the one asked for.
    steps: Vec<&'a Step>,
    minutes: Option<SeriesView>,
    minutes_path: PathBuf,
    ladder: Ladder,
    /// No 1m bar of a stored bar stands further before its label than this.
    reach_ms: i64,
}

impl<'a> BackAdjusted<'a> {
    /// What a selection asks for beside the series as it was read; `None` when it asks for no adjustment.
    ///
    /// # Errors
    /// [`QueryError::NoCalendar`] and [`QueryError::Calendar`] when there is no calendar or it cannot be read,
    /// [`QueryError::NoRatio`] when an event leaves nothing to scale by.
    pub fn new(
        lake: &Lake,
        select: &Select,
        cascade: &'a Cascade,
        read: &OpenedSeries,
    ) -> Result<Option<BackAdjusted<'a>>, QueryError> {
        let Some(adjustment) = select.adjustment else { return Ok(None) };
        let ladder = ladder(lake, &select.symbol, adjustment, cascade, read.minutes.as_ref())?;
        let steps = steps(cascade, select);
        Ok(Some(BackAdjusted {
            select: select.clone(),
            minutes: read.minutes.clone(),
            minutes_path: lake.series_path(&SeriesKey::minute(select.symbol.clone())),
            ladder,
            reach_ms: steps.iter().map(|step| reach_ms(&step.recipe)).sum(),
            steps,
        }))
    }

    /// What a symbol's calendar does to its 1m bars, by the closes there are now.
    ///
    /// # Errors
    /// As [`BackAdjusted::new`].
    pub fn ladder(
        lake: &Lake,
        symbol: &Symbol,
        adjustment: Adjustment,
        cascade: &Cascade,
    ) -> Result<Ladder, QueryError> {
        let minutes = lake.read_series(&SeriesKey::minute(symbol.clone()))?;
        ladder(lake, symbol, adjustment, cascade, minutes.as_ref())
    }

    /// The same bars, back-adjusted. `stored` are neighbours in their series, committed or open ones.
    ///
    /// # Errors
    /// [`QueryError::Unfolded`] when the 1m series makes other bars than are stored: it was made by another
    /// configuration. [`StoreError::Damaged`] when 1m bars cannot be bars.
    pub fn bars(&self, stored: &[Bar]) -> Result<Vec<Bar>, QueryError> {
        let Some(end_ms) = self.ladder.end_ms() else { return Ok(stored.to_vec()) };
        // All that lies after the last event stays as it is, so there is nothing to fold.
        let moved = stored.partition_point(|bar| (bar.time_ms as i64) < end_ms.saturating_add(self.reach_ms));
        let (moved, rest) = stored.split_at(moved);
        let mut bars = self.moved(moved)?;
        bars.extend_from_slice(rest);
        Ok(bars)
    }

    fn moved(&self, stored: &[Bar]) -> Result<Vec<Bar>, QueryError> {
        let (Some(first), Some(last)) = (stored.first(), stored.last()) else { return Ok(Vec::new()) };
        if self.steps.is_empty() {
            let mut bars = stored.to_vec();
            self.ladder.adjust(&mut bars);
            Bar::seal_all(&mut bars);
            return Ok(bars);
        }
        let made = self.fold(first.time_ms, last.time_ms)?;
        let mut made = made.into_iter();
        let same = |bar: &Bar| {
            let found = made.find(|folded| folded.time_ms >= bar.time_ms);
            found.filter(|folded| folded.time_ms == bar.time_ms).ok_or_else(|| self.unfolded(bar))
        };
        stored.iter().map(same).collect()
    }

    /// The adjusted bars with labels from `first_ms` to `last_ms`, and perhaps some after these.
    fn fold(&self, first_ms: u64, last_ms: u64) -> Result<Vec<Bar>, QueryError> {
        let minutes = self.minutes.as_ref().map_or(&[][..], SeriesView::bars);
        let from_ms = (first_ms as i64).saturating_sub(self.reach_ms);
        let mut row = minutes.partition_point(|bar| (bar.time_ms as i64) < from_ms);
        let resume_row = |level: usize| if level == 0 { row } else { 0 };
        let mut folds: Vec<Fold<'_>> = (self.steps.iter().enumerate())
            .map(|(level, step)| Fold::resume(&step.recipe, resume_row(level), None))
            .collect();
        let mut made: Vec<Bar> = Vec::new();
        let mut piece: Vec<Bar> = Vec::new();
        let mut pieces = 0;
        while row < minutes.len() && made.last().is_none_or(|bar| bar.time_ms < last_ms) {
            let end = (row + PIECE_BARS).min(minutes.len());
            piece.clear();
            piece.extend_from_slice(&minutes[row..end]);
            self.ladder.adjust(&mut piece);
            for fold in &mut folds {
                self.push(fold, &piece)?;
                piece.clear();
                fold.take_done(&mut piece);
            }
            made.extend(piece.iter().filter(|bar| bar.time_ms >= first_ms));
            row = end;
            pieces += 1;
            if pieces % RELEASE_PIECES == 0 {
                self.minutes.iter().for_each(|view| view.release(row));
            }
        }
        if made.last().is_none_or(|bar| bar.time_ms < last_ms) {
            made.extend(self.rest(folds)?.iter().filter(|bar| bar.time_ms >= first_ms));
        }
        Ok(made)
    }

    /// What is left when all 1m bars were folded: bars that may still change.
    fn rest(&self, folds: Vec<Fold<'_>>) -> Result<Vec<Bar>, QueryError> {
        let mut open: Vec<Bar> = Vec::new();
        for mut fold in folds {
            self.push(&mut fold, &open)?;
            open = fold.rest();
        }
        Ok(open)
    }

    fn push(&self, fold: &mut Fold<'_>, rows: &[Bar]) -> Result<(), QueryError> {
        fold.push(rows);
        match fold.strange_row() {
            Some(row) => Err(StoreError::Damaged { path: self.minutes_path.clone(), row }.into()),
            None => Ok(()),
        }
    }

    fn unfolded(&self, bar: &Bar) -> QueryError {
        QueryError::Unfolded { select: self.select.clone(), time_ms: bar.time_ms as i64 }
    }
}

/// What a symbol's calendar does to its 1m bars.
fn ladder(
    lake: &Lake,
    symbol: &Symbol,
    adjustment: Adjustment,
    cascade: &Cascade,
    minutes: Option<&SeriesView>,
) -> Result<Ladder, QueryError> {
    let calendar = calendar(lake, symbol, adjustment)?;
    let bars = minutes.map_or(&[][..], SeriesView::bars);
    let close_before = |until_ms: i64| {
        let row = bars.partition_point(|bar| (bar.time_ms as i64) < until_ms);
        let bar = bars[..row].last()?;
        Some(Close { time_ms: bar.time_ms as i64, price: bar.close })
    };
    Ladder::new(&calendar, adjustment, &cascade.server, close_before).map_err(|event| QueryError::NoRatio {
        symbol: symbol.clone(),
        path: lake.rollover_path(symbol),
        event,
    })
}

/// The roll calendar of a symbol; `None` when there is none.
///
/// # Errors
/// [`QueryError::Calendar`] with the first line that cannot be read.
pub fn read_calendar(lake: &Lake, symbol: &Symbol) -> Result<Option<Calendar>, QueryError> {
    let Some(text) = lake.read_rollover(symbol)? else { return Ok(None) };
    let refuse = |reason| QueryError::Calendar { path: lake.rollover_path(symbol), reason };
    Calendar::parse(&text).map(Some).map_err(refuse)
}

/// Whether the calendar that a selection needs is there and can be read, for those who want to know before the first row.
///
/// # Errors
/// [`QueryError::NoCalendar`] and [`QueryError::Calendar`].
pub fn check_calendar(lake: &Lake, select: &Select) -> Result<(), QueryError> {
    select.adjustment.map_or(Ok(()), |adjustment| calendar(lake, &select.symbol, adjustment).map(drop))
}

fn calendar(lake: &Lake, symbol: &Symbol, adjustment: Adjustment) -> Result<Calendar, QueryError> {
    let missing = || {
        let (symbol, path) = (symbol.clone(), lake.rollover_path(symbol));
        QueryError::NoCalendar { symbol, adjustment, path }
    };
    read_calendar(lake, symbol)?.ok_or_else(missing)
}

/// The steps of the cascade from 1m to a timeframe, in the order in which bars go through them.
fn steps<'a>(cascade: &'a Cascade, select: &Select) -> Vec<&'a Step> {
    let mut steps = Vec::new();
    let mut next = &select.timeframe;
    while let Some(step) = cascade.step(next) {
        steps.push(step);
        next = &step.spec.source;
    }
    steps.reverse();
    steps
}

/// No source row that decides about a bar stands further before its label than this.
fn reach_ms(recipe: &Recipe) -> i64 {
    // A merge looks at the other bars of its server date, and a shift may have moved these from the date before.
    let dates = recipe.post.dates_before().map_or(0, |dates| i64::from(dates) + 2);
    recipe.lattice.reach_ms() + recipe.post.shift_ms().abs() + dates * DAY_MS
}
