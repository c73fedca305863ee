//! A question, and the way to its answer.

use std::collections::BTreeSet;

use polars::prelude::*;

use super::bars::{bars_frame, start_of};
use super::{PlanError, elsewhere, own};
use crate::indicators::{Ask, Graph, Source, WarmUp, parse_asks, with_indicators};
use crate::model::cascade::Cascade;
use crate::model::{Bar, Settings};
use crate::query::{BackAdjusted, Catalog, OpenedSeries, OutputClock, Select, Series, Slice};
use crate::store::{Lake, SeriesView};

/// Indicators of indicators of the user's own.
const DEPTH_MAX: usize = 16;

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
#[derive(Debug)]
pub struct Answer {
    /// Committed bars of the slice, then open ones, in increasing time.
    pub bars: Vec<Bar>,
    /// How many of them are committed.
    pub closed: usize,
    /// One column for each indicator's output, a row for each bar.
    pub columns: DataFrame,
}

impl Desk<'_> {
    /// Reads requests: names of the catalogue, of fields, and of the user's own indicators.
    pub fn asks(&self, text: &str) -> Result<Vec<Ask>, PlanError> {
        let own = &self.settings.indicators;
        Ok(parse_asks(text, &|name| own.contains_key(name))?)
    }

    /// The bars of a slice and the values of its indicators, the same as if the whole history had been computed.
    pub fn answer(&self, question: &Question<'_>) -> Result<Answer, PlanError> {
        self.answer_within(question, 0)
    }

    pub(super) fn answer_within(&self, question: &Question<'_>, depth: usize) -> Result<Answer, PlanError> {
        if depth > DEPTH_MAX {
            return Err(PlanError::TooDeep { select: question.select.to_string() });
        }
        let select = question.select;
        let cascade = Cascade::new(&select.symbol, self.settings)?;
        let read = OpenedSeries::read(self.lake, &select.symbol, &cascade, &select.timeframe)?;
        let series = Series {
            committed: read.view.as_ref().map_or(&[], SeriesView::bars),
            open: if question.closed_only { &[] } else { &read.open },
        };
        let wanted = series.rows(&question.slice, question.clock);
        let stages = own::stages(self, question.asks)?;
        let reach =
            stages.iter().map(own::Stage::reach).fold(Graph::new(question.asks).reach(), WarmUp::plus);
        let first = start_of(&series, wanted.start, reach);
        let mut bars = series.bars(first..wanted.end);
        if let Some(adjusted) = BackAdjusted::new(self.lake, select, &cascade, &read)? {
            bars = adjusted.bars(&bars)?;
        }
        let columns = self.columns(question, &cascade, &bars, &stages, depth)?;
        let columns = columns.slice((wanted.start - first) as i64, wanted.len());
        let committed = series.committed.len();
        bars.drain(..wanted.start - first);
        Ok(Answer { closed: bars.len().min(committed.saturating_sub(wanted.start)), bars, columns })
    }

    /// The requested columns over some rows.
    fn columns(
        &self,
        question: &Question<'_>,
        cascade: &Cascade,
        bars: &[Bar],
        stages: &[own::Stage],
        depth: usize,
    ) -> Result<DataFrame, PlanError> {
        let mut plan = bars_frame(bars).lazy();
        for foreign in foreign_asks(question.asks, stages) {
            plan = elsewhere::join(self, question, cascade, bars, plan, &foreign, depth)?;
        }
        for stage in stages {
            plan = stage.add_to(plan)?;
        }
        let graph = Graph::new(question.asks);
        let names: Vec<Expr> = graph.names().into_iter().map(col).collect();
        Ok(with_indicators(plan, graph).select(names).collect()?)
    }
}

/// Requests of other symbols and timeframes, wherever they stand, each once.
fn foreign_asks(asks: &[Ask], stages: &[own::Stage]) -> Vec<Ask> {
    let mut found: Vec<Ask> = Vec::new();
    let mut seen = BTreeSet::new();
    let all = asks.iter().chain(stages.iter().flat_map(|stage| stage.asks()));
    for ask in all {
        collect_foreign(ask, &mut |foreign| {
            if seen.insert(foreign.text.clone()) {
                found.push(foreign.clone());
            }
        });
    }
    found
}

fn collect_foreign(ask: &Ask, found: &mut dyn FnMut(&Ask)) {
    if ask.place.is_some() {
        return found(ask);
    }
    collect_in(&ask.source, found);
}

fn collect_in(source: &Source, found: &mut dyn FnMut(&Ask)) {
    match source {
        Source::Elsewhere(ask) => found(ask),
        Source::Call(call, _) => call.inputs.iter().for_each(|input| collect_in(input, found)),
        Source::Field(_) | Source::User(_) => {}
    }
}
