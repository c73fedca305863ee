//! A question, and the way to its answer.

use std::borrow::Cow;
use std::ops::Range;

use polars::prelude::*;

use super::bars::{FIELDS, bars_frame, start_of};
use super::elsewhere::{Elsewhere, elsewhere};
use super::own::{Stage, stages};
use super::{Explanation, PlanError, elsewhere as other_series};
use crate::indicators::{Ask, Graph, WarmUp, plain_fields, with_indicators};
use crate::model::cascade::Cascade;
use crate::model::{Bar, Settings};
use crate::query::{BackAdjusted, Catalog, OpenedSeries, OutputClock, Select, Series, Slice};
use crate::store::{Lake, SeriesView};

/// Indicators of indicators of the user's own.
const DEPTH_MAX: usize = 16;
/// Walks over more rows give the memory of the map back on their way.
pub const LONG_ROWS: usize = 1 << 20;

/// What is needed to answer questions.
#[derive(Clone, Copy)]
pub struct Desk<'a> {
    /// Where the bars are.
    pub lake: &'a Lake,
    /// Timeframes, clocks and the user's own indicators.
    pub settings: &'a Settings,
    /// What other symbols and timeframes there are.
    pub catalog: &'a Catalog<'a>,
}

/// What is asked.
#[derive(Clone, Copy)]
pub struct Question<'a> {
    /// Of which series.
    pub select: &'a Select,
    /// Which rows.
    pub slice: Slice,
    /// In which clock the slice's times are.
    pub clock: &'a OutputClock,
    /// Whether bars that may still change are left out.
    pub closed_only: bool,
    /// The indicators, in order.
    pub asks: &'a [Ask],
}

/// The rows of a slice with their indicators.
pub struct Answer<'a> {
    /// Committed bars of the slice, then open ones, in increasing time; straight from the map where that can be.
    pub bars: &'a [Bar],
    /// How many of them are committed.
    pub closed: usize,
    /// One column for each indicator's output, a row for each bar.
    pub columns: DataFrame,
    /// Gives the memory of so many leading bars back, of long slices: they are read anew if anyone asks again.
    pub release: &'a dyn Fn(usize),
}

impl Desk<'_> {
    /// Hands on the bars of a slice and the values of its indicators, the same as if the whole history had been computed.
    pub fn answer<T, E: From<PlanError>>(
        &self,
        question: &Question<'_>,
        then: impl FnOnce(Answer<'_>) -> Result<T, E>,
    ) -> Result<T, E> {
        self.answer_within(question, 0, then)
    }

    /// What [`Desk::answer`] would read and compute; nothing is computed, and no program is started.
    pub fn explain(&self, question: &Question<'_>) -> Result<Explanation, PlanError> {
        self.explain_within(question, 0)
    }

    pub(super) fn answer_within<T, E: From<PlanError>>(
        &self,
        question: &Question<'_>,
        depth: usize,
        then: impl FnOnce(Answer<'_>) -> Result<T, E>,
    ) -> Result<T, E> {
        self.prepared(question, depth, |plan, series| {
            let columns = self.columns(question, plan, depth)?;
            let before = plan.wanted.start - plan.rows.start;
            let columns = columns.slice(before as i64, plan.wanted.len());
            let bars = &plan.bars[before..];
            let closed = bars.len().min(series.committed.len().saturating_sub(plan.wanted.start));
            then(Answer { closed, bars, columns, release: &|bars| (plan.release)(before + bars) })
        })
    }

    pub(super) fn explain_within(
        &self,
        question: &Question<'_>,
        depth: usize,
    ) -> Result<Explanation, PlanError> {
        self.prepared(question, depth, |plan, series| {
            let mut others = Vec::new();
            for other in &plan.others {
                others.extend(other_series::explain(
                    self,
                    question,
                    &plan.cascade,
                    &plan.bars,
                    other,
                    depth,
                )?);
            }
            Ok(Explanation {
                series: question.select.clone(),
                rows: plan.wanted.len(),
                rows_before: plan.wanted.start - plan.rows.start,
                rows_held: series.committed.len() + series.open.len(),
                reach: plan.reach,
                own: plan.stages.iter().map(|stage| stage.explained()).collect(),
                others,
                steps: Graph::new(question.asks).steps(),
            })
        })
    }

    /// Opens the series of a question, finds out what has to be computed, and hands both on.
    fn prepared<T, E: From<PlanError>>(
        &self,
        question: &Question<'_>,
        depth: usize,
        then: impl FnOnce(&Prepared<'_>, &Series<'_>) -> Result<T, E>,
    ) -> Result<T, E> {
        if depth > DEPTH_MAX {
            return Err(PlanError::TooDeep { select: question.select.to_string() }.into());
        }
        let select = question.select;
        let cascade = Cascade::new(&select.symbol, self.settings).map_err(PlanError::from)?;
        let stages = stages(self, question.asks)?;
        let others = elsewhere(self, select, question.asks, &stages)?;
        let reach = stages.iter().map(Stage::reach).fold(Graph::new(question.asks).reach(), WarmUp::plus);
        let read = OpenedSeries::read(self.lake, &select.symbol, &cascade, &select.timeframe)
            .map_err(PlanError::from)?;
        let series = Series {
            committed: read.view.as_ref().map_or(&[], SeriesView::bars),
            open: if question.closed_only { &[] } else { &read.open },
        };
        let wanted = series.rows(&question.slice, question.clock);
        // Where nothing is asked for, nothing is computed.
        let first = if wanted.is_empty() { wanted.start } else { start_of(&series, wanted.start, reach) };
        let rows = first..wanted.end;
        let mut bars = series.bars(rows.clone());
        let adjusted = BackAdjusted::new(self.lake, select, &cascade, &read).map_err(PlanError::from)?;
        if let Some(adjusted) = adjusted {
            bars = Cow::Owned(adjusted.bars(&bars).map_err(PlanError::from)?);
        }
        // A walk over twenty years need not hold them all at once.
        let view = read.view.as_ref().filter(|_| rows.len() > LONG_ROWS);
        let release = |bars: usize| view.iter().for_each(|view| view.release(first + bars));
        then(&Prepared { cascade, stages, others, reach, wanted, rows, bars, release: &release }, &series)
    }

    /// The requested columns over the rows that have to be computed.
    fn columns(
        &self,
        question: &Question<'_>,
        prepared: &Prepared<'_>,
        depth: usize,
    ) -> Result<DataFrame, PlanError> {
        let bars = &*prepared.bars;
        let graph = Graph::new(question.asks);
        // What the user wrote may name any column.
        let fields = if prepared.stages.is_empty() { plain_fields(&graph) } else { FIELDS.to_vec() };
        let mut plan = bars_frame(bars, &fields, prepared.release).lazy();
        for other in &prepared.others {
            plan = other_series::join(self, question, &prepared.cascade, bars, plan, other, depth)?;
        }
        for stage in &prepared.stages {
            plan = stage.add_to(question.select, plan)?;
        }
        let names: Vec<Expr> = graph.names().into_iter().map(col).collect();
        Ok(with_indicators(plan, graph).select(names).collect()?)
    }
}

/// What has to be read and computed for a question.
struct Prepared<'a> {
    cascade: Cascade,
    stages: Vec<Stage>,
    others: Vec<Elsewhere>,
    reach: WarmUp,
    /// The rows that were asked for.
    wanted: Range<usize>,
    /// Those and as many before them as their values need.
    rows: Range<usize>,
    /// Their bars, adjusted where that is asked for.
    bars: Cow<'a, [Bar]>,
    /// Gives the memory of so many leading ones back.
    release: &'a dyn Fn(usize),
}
