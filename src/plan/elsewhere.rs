//! Values of other symbols and timeframes beside a slice: of each the newest bar that was closed when the slice's bar
//! closed.

use polars::prelude::*;

use super::PlanError;
use super::question::{Answer, Desk, Question};
use crate::indicators::Ask;
use crate::model::cascade::Cascade;
use crate::model::day::MINUTE_MS;
use crate::model::timeframe::Side;
use crate::model::{Bar, Timeframe};
use crate::query::{Bound, OutputClock, Range, Select, Slice, parse_selects};

/// The instant at which a bar is known to be closed, of the slice's bars and of the others'.
const CLOSED: &str = " closed_ms";

/// Adds the column of one request of another series, under the request's text.
pub(super) fn join(
    desk: &Desk<'_>,
    question: &Question<'_>,
    cascade: &Cascade,
    bars: &[Bar],
    plan: LazyFrame,
    ask: &Ask,
    depth: usize,
) -> Result<LazyFrame, PlanError> {
    let select = place(desk, question.select, ask)?;
    let own = closed_ms(cascade, &question.select.timeframe, bars);
    let (Some(first), Some(last)) = (own.first().copied(), own.last().copied()) else {
        return Ok(plan.with_column(lit(NULL).cast(DataType::Float64).alias(ask.text.as_str())));
    };
    let there = Cascade::new(&select.symbol, desk.settings)?;
    let local = Ask { place: None, ..ask.clone() };
    let answer = desk.answer_within(
        &Question {
            select: &select,
            slice: Slice { range: around(first, last), ..Slice::default() },
            clock: &OutputClock::Server,
            closed_only: question.closed_only || select.skip_last,
            asks: std::slice::from_ref(&local),
        },
        depth + 1,
    )?;
    let other = other_frame(&there, &select.timeframe, answer, &ask.text)?;
    let plan = plan.with_column(Column::new(CLOSED.into(), own).into_materialized_series().clone().lit());
    let asof = AsOfOptions { strategy: AsofStrategy::Backward, allow_eq: true, ..AsOfOptions::default() };
    let joined = plan.join_builder().with(other.lazy()).left_on([col(CLOSED)]).right_on([col(CLOSED)]);
    Ok(joined.how(JoinType::AsOf(Box::new(asof))).finish().drop(by_name([CLOSED], true, false)))
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
    answer: Answer,
    name: &str,
) -> Result<DataFrame, PlanError> {
    let closed = closed_ms(cascade, timeframe, &answer.bars);
    let column = answer.columns.columns()[0].clone().with_name(name.into());
    let rows = answer.bars.len();
    Ok(DataFrame::new(rows, vec![Column::new(CLOSED.into(), closed), column])?)
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
