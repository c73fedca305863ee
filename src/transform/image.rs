//! The steps of the transform in their order, over one day.

use super::adjust::adjust;
use super::decode::{Columns, decode};
use super::validate::{RefusedBar, Rule, broken_rule, is_clean, is_strange};
use crate::feed::wire::{Payload, Refusal, parse};
use crate::model::bar::FLAG_SUSPECT;
use crate::model::clock::Clock;
use crate::model::decimal::Rounding;
use crate::model::settings::{AdjustStep, Validate};
use crate::model::{Bar, Day};

/// What the transform of one symbol needs to know, the same for all its days.
#[derive(Clone, Copy, Debug)]
pub struct DayRecipe<'a> {
    /// The symbol's server clock.
    pub server: &'a Clock,
    /// The user's arithmetic, in order.
    pub post: &'a [AdjustStep],
    /// Decimals of prices and volumes.
    pub round_decimals: u32,
    /// What happens to bars that break a rule.
    pub validate: Validate,
}

/// Buffers of [`image_of`], one per thread, used again for every day.
#[derive(Clone, Debug, Default)]
pub struct Scratch {
    payload: Payload,
    columns: Columns,
}

/// What was not as it should be in a day that has an image.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct DayReport {
    /// Bars set aside because they break a hard rule; not in the image.
    pub refused: Vec<RefusedBar>,
    /// Bars of the image with the flag `suspect`.
    pub suspects: usize,
}

/// Why a day has no image.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum DayRefused {
    /// The payload is none, or not of this day.
    #[error("{0}")]
    Payload(#[from] Refusal),
    /// `validate: reject`, and a bar breaks a hard rule.
    #[error("the bar at {} breaks a rule: {}", minute(.0.bar.time_ms), .0.rule)]
    Bar(RefusedBar),
}

/// What becomes of bars that break a hard rule.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Judgement {
    /// As the configuration says.
    AsConfigured,
    /// The user has looked at them: they stay, flagged, all that are numbers.
    Released,
}

/// Makes the day image of a payload: sealed bars in time order, in `out`, which is emptied first.
///
/// `asked_ms` is the moment a running day's payload was asked for: candles that were not over then, and candles of the
/// next day, do not count. `None` for a finished day. Pure: the same arguments give the same bytes.
pub fn image_of(
    bytes: &[u8],
    day: Day,
    asked_ms: Option<i64>,
    recipe: &DayRecipe<'_>,
    scratch: &mut Scratch,
    out: &mut Vec<Bar>,
) -> Result<DayReport, DayRefused> {
    judged_image_of(bytes, day, asked_ms, recipe, Judgement::AsConfigured, scratch, out)
}

/// As [`image_of`] for a finished day whose refused bars the user has released: they are in the image, flagged
/// `suspect`, also with `validate: reject`. What is not a finite number is set aside all the same: nothing could be
/// folded from it.
pub fn released_image_of(
    bytes: &[u8],
    day: Day,
    recipe: &DayRecipe<'_>,
    scratch: &mut Scratch,
    out: &mut Vec<Bar>,
) -> Result<DayReport, DayRefused> {
    judged_image_of(bytes, day, None, recipe, Judgement::Released, scratch, out)
}

/// The image of a day as the user has decided: [`image_of`], or [`released_image_of`] where `is_released` says so. It
/// is asked only about a finished day with bars that would be left out, which is seldom. The outer error is its own.
pub fn image_as_decided<E>(
    bytes: &[u8],
    day: Day,
    asked_ms: Option<i64>,
    recipe: &DayRecipe<'_>,
    is_released: impl FnOnce() -> Result<bool, E>,
    scratch: &mut Scratch,
    out: &mut Vec<Bar>,
) -> Result<Result<DayReport, DayRefused>, E> {
    let judged = image_of(bytes, day, asked_ms, recipe, scratch, out);
    let leaves_out = match &judged {
        Ok(report) => !report.refused.is_empty(),
        Err(DayRefused::Bar(_)) => true,
        Err(DayRefused::Payload(_)) => false,
    };
    let released = asked_ms.is_none() && leaves_out && is_released()?;
    Ok(if released { released_image_of(bytes, day, recipe, scratch, out) } else { judged })
}

fn judged_image_of(
    bytes: &[u8],
    day: Day,
    asked_ms: Option<i64>,
    recipe: &DayRecipe<'_>,
    judgement: Judgement,
    scratch: &mut Scratch,
    out: &mut Vec<Bar>,
) -> Result<DayReport, DayRefused> {
    let Scratch { payload, columns } = scratch;
    out.clear();
    parse(bytes, payload)?;
    let grid = decode(payload.check(day, asked_ms.is_some())?, asked_ms, columns);
    adjust(recipe.post, recipe.server, columns);
    let rounding = Rounding::to(recipe.round_decimals);
    if !(recipe.post.is_empty() && grid.is_settled_at(recipe.round_decimals)) {
        columns.prices.iter_mut().for_each(|prices| rounding.all(prices));
    }
    rounding.all(&mut columns.volumes);
    lay_out(columns, recipe.server, out);
    let report = match recipe.validate {
        Validate::Off => DayReport::default(),
        _ if is_clean(&columns.prices, &columns.volumes) => DayReport::default(),
        mode => judge(mode, judgement, out).map_err(|refused| {
            out.clear();
            DayRefused::Bar(refused)
        })?,
    };
    Bar::seal_all(out);
    Ok(report)
}

/// Columns to records, each with the server's offset at its label.
fn lay_out(columns: &Columns, server: &Clock, out: &mut Vec<Bar>) {
    let Columns { times_ms, prices: [open, high, low, close], volumes } = columns;
    let mut rest = 0..times_ms.len();
    // A clock changes its offset a few times a year: a day is one run, seldom two.
    while let Some(first) = times_ms.get(rest.start) {
        let run = server.run_at(*first);
        let end = rest.start + times_ms[rest.clone()].partition_point(|time_ms| *time_ms < run.end_ms);
        let here = rest.start..end;
        let rows = times_ms[here.clone()].iter().zip(&open[here.clone()]).zip(&high[here.clone()]);
        let rows = rows.zip(&low[here.clone()]).zip(&close[here.clone()]).zip(&volumes[here]);
        out.extend(rows.map(|(((((time_ms, open), high), low), close), volume)| Bar {
            time_ms: *time_ms as u64,
            open: *open,
            high: *high,
            low: *low,
            close: *close,
            volume: *volume,
            utc_offset_s: run.offset_s,
            count: 1,
            flags: 0,
            crc32c: 0,
        }));
        rest.start = end;
    }
}

/// Flags what is strange, and sets aside, flags or reports what cannot be.
fn judge(mode: Validate, judgement: Judgement, bars: &mut Vec<Bar>) -> Result<DayReport, RefusedBar> {
    let mut report = DayReport::default();
    let released = judgement == Judgement::Released;
    let mut verdict = |bar: &mut Bar| -> Result<bool, RefusedBar> {
        let broken: Option<Rule> = broken_rule(bar);
        if broken.is_some() || is_strange(bar) {
            bar.flags |= FLAG_SUSPECT;
        }
        match (broken, mode) {
            (Some(rule), Validate::Reject) if !released => {
                return Err(RefusedBar { bar: bar.sealed(), rule });
            }
            (Some(rule), Validate::Quarantine | Validate::Reject) if !released || rule == Rule::NotFinite => {
                report.refused.push(RefusedBar { bar: bar.sealed(), rule });
                return Ok(false);
            }
            _ => report.suspects += (bar.flags & FLAG_SUSPECT) as usize,
        }
        Ok(true)
    };
    let mut kept = 0;
    for i in 0..bars.len() {
        if verdict(&mut bars[i])? {
            bars[kept] = bars[i];
            kept += 1;
        }
    }
    bars.truncate(kept);
    Ok(report)
}

/// An instant for people.
fn minute(time_ms: u64) -> String {
    let time = chrono::DateTime::from_timestamp_millis(time_ms as i64);
    time.map_or_else(|| time_ms.to_string(), |time| time.format("%Y-%m-%d %H:%M UTC").to_string())
}
