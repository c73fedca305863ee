//! Folds the series of a symbol into its coarser ones, as far as their sources' watermarks allow.
//! Comes in: a lake, a symbol's cascade. Goes out: longer series, or shorter ones when the truth has changed.
//! May touch: `model`, `store`.
//! Never: decides what a bar is (that is `model::fold`), or extends a series that another configuration has made.

use std::path::Path;

use crate::model::bar::BAR_SIZE;
use crate::model::cascade::{Cascade, Step};
use crate::model::fold::Fold;
use crate::model::{Bar, Symbol, Timeframe};
use crate::store::{Commit, Health, Lake, SeriesKey, SeriesView, SeriesWriter, StoreError};

/// What happened to one coarser series.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SeriesReport {
    /// Which one.
    pub timeframe: Timeframe,
    /// Bars committed by this call.
    pub new_bars: u64,
    /// Bars committed in all.
    pub bars: u64,
    /// How it was found.
    pub state: SeriesState,
}

/// How a series was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SeriesState {
    /// As expected; it was extended if there was something new.
    Sound,
    /// Its commit record could not be trusted: it was folded again from its source.
    Repaired {
        /// Why.
        reason: String,
    },
    /// Made by another configuration: not touched.
    Stale,
}

/// Extends every coarser series of a symbol. `sync` makes each commit durable before the next step.
pub fn extend(
    lake: &Lake,
    symbol: &Symbol,
    cascade: &Cascade,
    sync: bool,
) -> Result<Vec<SeriesReport>, StoreError> {
    let Some(minutes) = lake.read_series(&SeriesKey::minute(symbol.clone()))? else { return Ok(Vec::new()) };
    let mut sources = Vec::new();
    if minutes.commit().fits(cascade.minute_fingerprint) {
        sources.push((Timeframe::minute(), minutes));
    }
    let mut reports = Vec::with_capacity(cascade.steps.len());
    for step in &cascade.steps {
        let key = key_of(symbol, step);
        let Some((_, source)) = sources.iter().find(|(id, _)| *id == step.spec.source) else {
            reports.push(stale(lake, &key)?);
            continue;
        };
        let (report, view) = extend_one(lake, &key, step, source, cascade.batch_size, sync)?;
        if report.state != SeriesState::Stale {
            sources.push((step.spec.id.clone(), view));
        }
        reports.push(report);
    }
    Ok(reports)
}

/// Folds one series anew from its source, beside the present one, and puts it in its place. What an earlier rebuild
/// left in the hidden folders has to be [removed](Lake::remove_aside) first.
pub fn refold(
    lake: &Lake,
    symbol: &Symbol,
    cascade: &Cascade,
    step: &Step,
    sync: bool,
) -> Result<(), StoreError> {
    let key = key_of(symbol, step);
    let source_key = source_key(symbol, step, cascade);
    let Some(source) = lake.read_series(&source_key)? else { return Ok(()) };
    let mut made = lake.aside().open_series(&key, sync)?;
    fold_rest(&mut made, step, (&source, &lake.series_path(&source_key)), cascade.batch_size)?;
    let whole = *made.commit();
    lake.open_series(&key, sync)?.adopt(made, whole)?;
    lake.remove_aside()
}

/// Takes every coarser series back to the state it would have if the 1m watermark were `minute_ms`: the coarsest
/// first, so that no series ever knows more than its source.
pub fn rewind(
    lake: &Lake,
    symbol: &Symbol,
    cascade: &Cascade,
    minute_ms: i64,
    sync: bool,
) -> Result<(), StoreError> {
    let mut marks = vec![(Timeframe::minute(), minute_ms)];
    for step in &cascade.steps {
        let source_ms = marks.iter().find(|(id, _)| *id == step.spec.source).map_or(0, |(_, mark)| *mark);
        marks.push((step.spec.id.clone(), mark(lake, symbol, cascade, step, source_ms)?));
    }
    for step in cascade.steps.iter().rev() {
        let source_ms = marks.iter().find(|(id, _)| *id == step.spec.source).map_or(0, |(_, mark)| *mark);
        let mut writer = lake.open_series(&key_of(symbol, step), sync)?;
        // What is not whole is folded from the beginning by the next extension.
        if *writer.health() != Health::Whole {
            continue;
        }
        if !writer.commit().fits(step.fingerprint) {
            forget_all(&mut writer)?;
            continue;
        }
        let source = readable(lake, &source_key(symbol, step, cascade))?;
        go_back(&mut writer, step, source.as_ref().map(SeriesView::bars), source_ms)?;
    }
    Ok(())
}

/// The watermark a series would have. Which bars wait for neighbours is known to those only who look at the source.
fn mark(
    lake: &Lake,
    symbol: &Symbol,
    cascade: &Cascade,
    step: &Step,
    source_ms: i64,
) -> Result<i64, StoreError> {
    if !step.recipe.post.holds_back() {
        return Ok(step.recipe.watermark(source_ms));
    }
    let source = readable(lake, &source_key(symbol, step, cascade))?;
    // A source that went back before an interruption cannot tell of bars it no longer has.
    let known_ms = source.as_ref().map_or(source_ms, |view| source_ms.min(view.commit().watermark_ms as i64));
    Ok(step.recipe.standing(source.as_ref().map(SeriesView::bars), known_ms).watermark_ms)
}

/// The key of a step's series.
pub fn key_of(symbol: &Symbol, step: &Step) -> SeriesKey {
    SeriesKey::folded(symbol.clone(), step.spec.id.clone(), step.spec.source.clone())
}

/// The key of the series a step folds from.
pub fn source_key(symbol: &Symbol, step: &Step, cascade: &Cascade) -> SeriesKey {
    cascade
        .step(&step.spec.source)
        .map_or_else(|| SeriesKey::minute(symbol.clone()), |source| key_of(symbol, source))
}

/// The source of a series that goes back; none when its record cannot be believed. The source is being repaired then,
/// and without its rows folding resumes at its beginning, which is never too late.
fn readable(lake: &Lake, key: &SeriesKey) -> Result<Option<SeriesView>, StoreError> {
    match lake.read_series(key) {
        Err(StoreError::Repair { .. }) => Ok(None),
        read => read,
    }
}

/// Nobody knows the grid a series of another configuration was folded on, so nobody can say which of its bars are still
/// true. Kept, they would be taken for true when that configuration comes back.
fn forget_all(writer: &mut SeriesWriter) -> Result<(), StoreError> {
    let found = *writer.commit();
    if found.out_pos == 0 && found.in_pos == 0 {
        return Ok(());
    }
    writer.shrink(Commit { fingerprint: found.fingerprint, ..Commit::default() })
}

fn stale(lake: &Lake, key: &SeriesKey) -> Result<SeriesReport, StoreError> {
    let bars = lake.read_commit(key)?.map_or(0, |commit| commit.bars() as u64);
    Ok(SeriesReport { timeframe: key.timeframe.clone(), new_bars: 0, bars, state: SeriesState::Stale })
}

fn extend_one(
    lake: &Lake,
    key: &SeriesKey,
    step: &Step,
    source: &SeriesView,
    batch_size: usize,
    sync: bool,
) -> Result<(SeriesReport, SeriesView), StoreError> {
    let mut writer = lake.open_series(key, sync)?;
    let state = match writer.health() {
        Health::Whole if !writer.commit().fits(step.fingerprint) => {
            return Ok((stale(lake, key)?, writer.view()?));
        }
        Health::Repaired { reason } => SeriesState::Repaired { reason: reason.to_string() },
        _ => SeriesState::Sound,
    };
    let source_ms = source.commit().watermark_ms as i64;
    let standing = step.recipe.standing(Some(source.bars()), source_ms);
    let knows_more = writer.commit().watermark_ms as i64 > standing.watermark_ms;
    if knows_more || writer.commit().in_pos > source.commit().out_pos {
        go_back(&mut writer, step, Some(source.bars()), source_ms)?;
    }
    let before = writer.commit().bars();
    let source_key = SeriesKey { timeframe: step.spec.source.clone(), source: None, ..key.clone() };
    fold_rest(&mut writer, step, (source, &lake.series_path(&source_key)), batch_size)?;
    let bars = writer.commit().bars();
    let new_bars = (bars - before) as u64;
    let report = SeriesReport { timeframe: key.timeframe.clone(), new_bars, bars: bars as u64, state };
    Ok((report, writer.view()?))
}

/// Folds what the source has beyond the resume point; commits after every batch so that nothing is done twice.
fn fold_rest(
    writer: &mut SeriesWriter,
    step: &Step,
    (source, source_path): (&SeriesView, &Path),
    batch_size: usize,
) -> Result<(), StoreError> {
    let found = *writer.commit();
    let after_ms = found.known_until(writer.view()?.bars());
    let first_row = found.in_pos as usize / BAR_SIZE;
    let mut fold = Fold::resume(&step.recipe, first_row, after_ms);
    let mut done: Vec<Bar> = Vec::new();
    let mut next_row = first_row;
    let mut pieces = source.bars()[first_row..].chunks(batch_size).peekable();
    while let Some(piece) = pieces.next() {
        fold.push(piece);
        if let Some(row) = fold.strange_row() {
            return Err(StoreError::Damaged { path: source_path.to_owned(), row });
        }
        fold.take_done(&mut done);
        writer.append(&done)?;
        if pieces.peek().is_some() && !done.is_empty() {
            let watermark_ms =
                fold.watermark_ms(piece[piece.len() - 1].time_ms as i64).max(found.watermark_ms as i64);
            writer.publish(commit_of(writer, step, fold.resume_row(), watermark_ms))?;
        }
        done.clear();
        next_row += piece.len();
        source.release(next_row);
    }
    let (remainder, bars) = fold.finish(source.commit().watermark_ms as i64);
    writer.append(&bars)?;
    writer.publish(commit_of(writer, step, remainder.resume_row, remainder.watermark_ms))?;
    // What a correction took back and nothing followed would be seen by those who read the file without its record.
    writer.remove_leftovers()
}

fn commit_of(writer: &SeriesWriter, step: &Step, resume_row: usize, watermark_ms: i64) -> Commit {
    Commit {
        out_pos: (writer.bars_held() * BAR_SIZE) as u64,
        in_pos: (resume_row * BAR_SIZE) as u64,
        watermark_ms: watermark_ms as u64,
        fingerprint: step.fingerprint,
        ..Commit::default()
    }
}

fn go_back(
    writer: &mut SeriesWriter,
    step: &Step,
    source: Option<&[Bar]>,
    source_ms: i64,
) -> Result<(), StoreError> {
    let found = *writer.commit();
    let back = step.recipe.rewound(writer.view()?.bars(), source, source_ms);
    let in_pos = (back.resume_row * BAR_SIZE) as u64;
    if found.watermark_ms as i64 <= back.watermark_ms && found.in_pos <= in_pos {
        return Ok(());
    }
    writer.shrink(Commit {
        out_pos: (back.kept * BAR_SIZE) as u64,
        in_pos: in_pos.min(found.in_pos),
        watermark_ms: found.watermark_ms.min(back.watermark_ms as u64),
        ..found
    })
}
