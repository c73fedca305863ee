//! Values of other symbols and timeframes beside a slice: of each the newest bar that was closed when the slice's bar
//! closed.

use std::collections::BTreeSet;

use polars::prelude::*;

use super::own::Stage;
use super::question::{Answer, Desk, Question};
use super::{Explanation, PlanError};
use crate::indicators::{Ask, Source};
use crate::model::cascade::Cascade;
use crate::model::day::MINUTE_MS;
use crate::model::timeframe::Side;
use crate::model::{Bar, Timeframe};
use crate::query::{Bound, OutputClock, Range, Select, Slice, parse_selects};

/// The instant at which a bar is known to be closed, of the slice's bars and of the others'.
const CLOSED: &str = " closed_ms";

/// Requests of one other series.
#[derive(Debug)]
pub(super) struct Elsewhere {
    pub select: Select,
    /// With their places, as they are named here.
    pub asks: Vec<Ask>,
}

/// The requests of other series among some, wherever they stand, each once, series by series.
pub(super) fn elsewhere(
    desk: &Desk<'_>,
    here: &Select,
    asks: &[Ask],
    stages: &[Stage],
) -> Result<Vec<Elsewhere>, PlanError> {
    let mut found: Vec<Ask> = Vec::new();
    let mut seen = BTreeSet::new();
    for ask in asks.iter().chain(stages.iter().flat_map(|stage| &stage.asks)) {
        collect(ask, &mut |foreign| {
            if seen.insert((foreign.text.clone(), foreign.one_output)) {
                found.push(foreign.clone());
            }
        });
    }
    let mut others: Vec<Elsewhere> = Vec::new();
    for ask in found {
        let select = place(desk, here, &ask)?;
        match others.iter_mut().find(|other| other.select == select) {
            Some(other) => other.asks.push(ask),
            None => others.push(Elsewhere { select, asks: vec![ask] }),
        }
    }
    Ok(others)
}

fn collect(ask: &Ask, found: &mut dyn FnMut(&Ask)) {
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

/// Adds the columns of another series, under the requests' texts.
pub(super) fn join(
    desk: &Desk<'_>,
    question: &Question<'_>,
    cascade: &Cascade,
    bars: &[Bar],
    plan: LazyFrame,
    other: &Elsewhere,
    depth: usize,
) -> Result<LazyFrame, PlanError> {
    let own = closed_ms(cascade, &question.select.timeframe, bars);
    let (Some(first), Some(last)) = (own.first().copied(), own.last().copied()) else {
        let names: BTreeSet<String> = other.asks.iter().flat_map(Ask::columns).collect();
        let nothing = |name: &String| lit(NULL).cast(DataType::Float64).alias(name.as_str());
        return Ok(plan.with_columns(names.iter().map(nothing).collect::<Vec<Expr>>()));
    };
    let there = Cascade::new(&other.select.symbol, desk.settings)?;
    let local: Vec<Ask> = other.asks.iter().map(|ask| Ask { place: None, ..ask.clone() }).collect();
    let asked = there_question(question, other, &local, around(first, last));
    let timeframe = &other.select.timeframe;
    let other = desk.answer_within(&asked, depth + 1, |answer| other_frame(&there, timeframe, &answer))?;
    let plan = plan.with_column(Column::new(CLOSED.into(), own).into_materialized_series().clone().lit());
    let asof = AsOfOptions { strategy: AsofStrategy::Backward, allow_eq: true, ..AsOfOptions::default() };
    let joined = plan.join_builder().with(other.lazy()).left_on([col(CLOSED)]).right_on([col(CLOSED)]);
    Ok(joined.how(JoinType::AsOf(Box::new(asof))).finish().drop(by_name([CLOSED], true, false)))
}

/// What would be computed of another series.
pub(super) fn explain(
    desk: &Desk<'_>,
    question: &Question<'_>,
    cascade: &Cascade,
    bars: &[Bar],
    other: &Elsewhere,
    depth: usize,
) -> Result<Option<Explanation>, PlanError> {
    let own = closed_ms(cascade, &question.select.timeframe, bars);
    let (Some(first), Some(last)) = (own.first().copied(), own.last().copied()) else { return Ok(None) };
    let local: Vec<Ask> = other.asks.iter().map(|ask| Ask { place: None, ..ask.clone() }).collect();
    desk.explain_within(&there_question(question, other, &local, around(first, last)), depth + 1).map(Some)
}

fn there_question<'a>(
    question: &Question<'_>,
    other: &'a Elsewhere,
    asks: &'a [Ask],
    range: Range,
) -> Question<'a> {
    Question {
        select: &other.select,
        slice: Slice { range, ..Slice::default() },
        clock: &OutputClock::Server,
        closed_only: question.closed_only || other.select.skip_last,
        asks,
    }
}

/// Bars that may be the newest closed one at some instant between two: the last that begins a year before the first
/// of them is enough for every timeframe up to a year, and a pause in between.
fn around(first_ms: i64, last_ms: i64) -> Range {
    const BEFORE_MS: i64 = 800 * 86_400_000;
    Range { after: Some(Bound::Instant(first_ms - BEFORE_MS)), until: Some(Bound::Instant(last_ms + 1)) }
}

fn other_frame(
    cascade: &Cascade,
    timeframe: &Timeframe,
    answer: &Answer<'_>,
) -> Result<DataFrame, PlanError> {
    let closed = closed_ms(cascade, timeframe, answer.bars);
    let mut columns = vec![Column::new(CLOSED.into(), closed)];
    columns.extend(answer.columns.columns().iter().cloned());
    Ok(DataFrame::new(answer.bars.len(), columns)?)
}

/// The series a request names after its `@`.
fn place(desk: &Desk<'_>, here: &Select, ask: &Ask) -> Result<Select, PlanError> {
    let text = ask.place.as_ref().map_or("", |place| place.0.as_str());
    let select = if text.contains('/') {
        parse_selects(text)?.into_iter().next()
    } else {
        // A timeframe alone is of the same symbol, adjusted in the same way; a symbol says for itself.
        let there =
            parse_selects(&format!("{}/{text}", here.symbol)).ok().and_then(|all| all.into_iter().next());
        let there = there.filter(|select| desk.catalog.check(select).is_ok());
        if let Some(there) = there {
            let adjustment = there.adjustment.or(here.adjustment);
            Some(Select { skip_last: there.skip_last || here.skip_last, adjustment, ..there })
        } else {
            parse_selects(&format!("{text}/{}", here.timeframe))?.into_iter().next()
        }
    };
    let select = select.ok_or_else(|| PlanError::Place { text: ask.text.clone() })?;
    desk.catalog.check(&select)?;
    Ok(select)
}

/// When each bar is known to be closed, UTC milliseconds: the end of its interval; where bars are merged with later
/// ones, not before the next bar begins.
fn closed_ms(cascade: &Cascade, timeframe: &Timeframe, bars: &[Bar]) -> Vec<i64> {
    let Some(step) = cascade.step(timeframe) else {
        return bars.iter().map(|bar| bar.time_ms as i64 + MINUTE_MS).collect();
    };
    let lattice = &step.recipe.lattice;
    let end_of = |bar: &Bar| {
        let label_ms = bar.time_ms as i64 - step.recipe.post.shift_ms();
        match lattice.grids()[0].label() {
            Side::Right => label_ms,
            Side::Left => {
                let ends = lattice.grids().iter().map(|grid| grid.bucket_at(label_ms).until_ms);
                ends.max().unwrap_or(label_ms)
            }
        }
    };
    let merges = step.recipe.post.holds_back();
    let next_ms = |row: usize| bars.get(row + 1).map_or(i64::MAX, |next| next.time_ms as i64);
    let closed = |(row, bar): (usize, &Bar)| if merges { end_of(bar).max(next_ms(row)) } else { end_of(bar) };
    let mut ends: Vec<i64> = bars.iter().enumerate().map(closed).collect();
    // An as-of join needs order, and a bar is not known before the one before it.
    let mut latest = i64::MIN;
    for end in &mut ends {
        latest = latest.max(*end);
        *end = latest;
    }
    ends
}
