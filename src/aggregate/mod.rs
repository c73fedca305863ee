//! Keeps the 1m series of a symbol true to its day images.
//! Comes in: day images in date order. Goes out: a longer series, or a corrected one.
//! May touch: `model`, `store`.
//! Never: changes a bar in place, or replaces one before the coarser series have been taken back.

pub mod reconcile;
pub use reconcile::Difference;

use crate::model::bar::BAR_SIZE;
use crate::model::day::{DAY_MS, MINUTE_MS};
use crate::model::{Bar, Day, Symbol};
use crate::store::{Commit, Health, Lake, SeriesKey, SeriesView, SeriesWriter, StoreError};
use reconcile::Verdict;

/// Bars appended between two commits: 64 MiB, so that an interrupted rebuild has not lost much.
const COMMIT_BARS: usize = 1 << 20;

/// Minutes of a UTC day.
const MINUTES_OF_DAY: usize = (DAY_MS / MINUTE_MS) as usize;

/// The bars of one day as its newest payload has them.
#[derive(Clone, Debug)]
pub struct DayImage {
    /// The UTC day.
    pub day: Day,
    /// Its bars; none on a day without trading.
    pub bars: Vec<Bar>,
    /// Whether the day was over when its payload was asked for, and the payload was not refused as a whole.
    pub finished: bool,
}

/// What is to be done to one 1m series.
#[derive(Clone, Copy, Debug)]
pub struct Order<'a> {
    /// Whose.
    pub symbol: &'a Symbol,
    /// Checksum of what its numbers depend on.
    pub fingerprint: u64,
    /// Each commit is durable before the next step.
    pub sync: bool,
    /// Days from here on stay to be compared again, because they could not be this time.
    pub reconcile_from: Option<Day>,
}

/// What happened to a 1m series.
#[derive(Clone, Debug, PartialEq)]
pub struct MinuteReport {
    /// Bars committed that were not there before.
    pub new_bars: u64,
    /// Bars committed in all.
    pub bars: u64,
    /// The correction, if the truth had changed.
    pub correction: Option<Correction>,
    /// Why the series had to be cut back to what could be proven.
    pub repaired: Option<String>,
    /// Made by another configuration: not touched.
    pub stale: bool,
}

/// New truth about an instant the watermark had passed.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Correction {
    /// The first instant that differs, UTC milliseconds.
    pub from_ms: i64,
    /// Server clock minus UTC at that instant, in seconds.
    pub utc_offset_s: i32,
    /// By how much.
    pub difference: Difference,
}

/// Reconciles a series with day images that come in increasing date.
///
/// `before_correction` is called with the first instant that changes, before the series does: whatever is folded from
/// this series has to be taken back to it.
pub fn reconcile<E: From<StoreError>>(
    lake: &Lake,
    order: &Order<'_>,
    images: &mut dyn Iterator<Item = Result<DayImage, E>>,
    before_correction: &mut dyn FnMut(i64) -> Result<(), E>,
) -> Result<MinuteReport, E> {
    let mut writer = lake.open_series(&SeriesKey::minute(order.symbol.clone()), order.sync)?;
    let found = *writer.commit();
    let whole = *writer.health() == Health::Whole;
    let repaired = match writer.health() {
        Health::Repaired { reason } => Some(reason.to_string()),
        _ => None,
    };
    let mut report =
        MinuteReport { new_bars: 0, bars: found.bars() as u64, correction: None, repaired, stale: false };
    if whole && !found.fits(order.fingerprint) {
        return Ok(MinuteReport { stale: true, ..report });
    }
    let held = writer.view()?;
    if !whole {
        // Of a series that lost its record, too, coarser ones may hold what no payload says any more.
        before_correction(if writer.doubts_folded() { 0 } else { found.watermark_ms as i64 })?;
    }
    // What a repair found proves the bars, not that their last day was over.
    let mut end = End { last_date: found.last_date.filter(|_| whole), last_bar: held.bars().last().copied() };
    let mut committed = held.bars().len();
    while let Some(image) = images.next().transpose()? {
        let day_bars = range_of(held.bars(), image.day);
        let newer_held = day_bars.end < held.bars().len();
        match reconcile::compare(&held.bars()[day_bars], &image.bars, newer_held, found.watermark_ms as i64) {
            Verdict::Same => {}
            Verdict::Append { from } => writer.append(&image.bars[from..])?,
            Verdict::Correct { at_ms } => {
                writer.unsettle()?;
                before_correction(at_ms)?;
                report.correction = Some(replace(&mut writer, &held, order, end, at_ms, image, images)?);
                report.bars = writer.commit().bars() as u64;
                report.new_bars = report.bars.saturating_sub(held.bars().len() as u64);
                return Ok(report);
            }
        }
        end = end.after(&image);
        if writer.bars_held() - committed >= COMMIT_BARS {
            committed = writer.bars_held();
            writer
                .publish(Commit { reconcile_from: found.reconcile_from, ..end.commit(order, committed) })?;
        }
    }
    report.bars = writer.bars_held() as u64;
    report.new_bars = report.bars - held.bars().len() as u64;
    // Where nothing is known of a symbol, no series is better than an empty one that seems to say something.
    if whole || report.bars > 0 || end.last_date.is_some() {
        writer.publish(end.commit(order, report.bars as usize))?;
        // Strangers read the file without its record: what an interrupted run left must not stay in it.
        writer.remove_leftovers()?;
    }
    Ok(report)
}

/// Notes that days from `day` on must be compared again. Done before a payload of an older day is written.
/// It is on the medium when this returns, also where nothing else is synced: a payload that outlives its note would never
/// be compared.
pub fn note_older_payload(lake: &Lake, symbol: &Symbol, day: Day) -> Result<(), StoreError> {
    let mut writer = lake.open_series(&SeriesKey::minute(symbol.clone()), true)?;
    let found = *writer.commit();
    let noted = found.reconcile_from.is_some_and(|from| from <= day);
    if *writer.health() == Health::Whole && !noted {
        writer.publish(Commit { reconcile_from: Some(day), ..found })?;
    }
    Ok(())
}

/// The indexes of a UTC day's bars in a series.
pub fn range_of(bars: &[Bar], day: Day) -> std::ops::Range<usize> {
    let start = bars.partition_point(|bar| (bar.time_ms as i64) < day.start_ms());
    // A day has no more bars than minutes.
    let next = &bars[start..bars.len().min(start + MINUTES_OF_DAY)];
    start..start + next.partition_point(|bar| (bar.time_ms as i64) < day.end_ms())
}

/// Kept prefix, images, and the held bars of days that have no image: one sequential write, one rename.
fn replace<E: From<StoreError>>(
    writer: &mut SeriesWriter,
    held: &SeriesView,
    order: &Order<'_>,
    mut end: End,
    at_ms: i64,
    first: DayImage,
    images: &mut dyn Iterator<Item = Result<DayImage, E>>,
) -> Result<Correction, E> {
    let known_ms = held.commit().watermark_ms;
    let held = held.bars();
    let kept = held.partition_point(|bar| (bar.time_ms as i64) < at_ms);
    let shrunk = shrunk_commit(order, end, kept, at_ms);
    let utc_offset_s = offset_s_at(at_ms, &first.bars, held);
    let mut difference = Difference::default();
    end.last_bar = kept.checked_sub(1).map(|last| held[last]);
    let mut place = kept;
    let mut next = Some(first);
    let mut whole = writer.replace(kept)?;
    while let Some(image) = next {
        let day_bars = range_of(held, image.day);
        let between = &held[place..day_bars.start.max(place)];
        let from = image.bars.partition_point(|bar| (bar.time_ms as i64) < at_ms);
        whole.push(between)?;
        whole.push(&image.bars[from..])?;
        // What is newer than everything known is new, not corrected.
        let known = &image.bars[..image.bars.partition_point(|bar| bar.time_ms < known_ms)];
        difference = difference.and(reconcile::difference(&held[day_bars.clone()], known));
        place = place.max(day_bars.end);
        end.last_bar = between.last().copied().or(end.last_bar);
        end = end.after(&image);
        next = images.next().transpose()?;
    }
    whole.push(&held[place..])?;
    end.last_bar = held[place..].last().copied().or(end.last_bar);
    let bars = whole.bars();
    whole.finish(shrunk, end.commit(order, bars))?;
    Ok(Correction { from_ms: at_ms, utc_offset_s, difference })
}

/// What is corrected when a series becomes another one that is `common` bars the same. Bars beyond all that was known
/// are new, not corrected; `None` when there are no others.
pub fn correction(held: &[Bar], made: &[Bar], common: usize, known_ms: u64) -> Option<Correction> {
    let known = made.partition_point(|bar| bar.time_ms < known_ms).max(common);
    let difference = reconcile::difference(&held[common..], &made[common..known]);
    let starts = [held.get(common), made[..known].get(common)];
    let first = starts.into_iter().flatten().min_by_key(|bar| bar.time_ms)?;
    Some(Correction { from_ms: first.time_ms as i64, utc_offset_s: first.utc_offset_s, difference })
}

/// The server's offset that a bar of that instant carries; one of the two has it.
fn offset_s_at(at_ms: i64, image: &[Bar], held: &[Bar]) -> i32 {
    let find = |bars: &[Bar]| {
        let place = bars.binary_search_by_key(&(at_ms as u64), |bar| bar.time_ms).ok()?;
        Some(bars[place].utc_offset_s)
    };
    find(image).or_else(|| find(held)).unwrap_or_default()
}

/// What stays true while a series is being replaced from an instant on.
fn shrunk_commit(order: &Order<'_>, end: End, kept: usize, at_ms: i64) -> Commit {
    let day = Day::of_ms(at_ms);
    Commit {
        out_pos: (kept * BAR_SIZE) as u64,
        watermark_ms: at_ms as u64,
        last_date: end.last_date.map(|date| date.min(day.plus(-1))),
        reconcile_from: Some(order.reconcile_from.map_or(day, |from| from.min(day))),
        fingerprint: order.fingerprint,
        ..Commit::default()
    }
}

/// Where a series ends.
#[derive(Clone, Copy, Debug)]
struct End {
    /// The newest finished day that has an image.
    last_date: Option<Day>,
    last_bar: Option<Bar>,
}

impl End {
    fn after(self, image: &DayImage) -> End {
        let last_date = match self.last_date {
            last if image.finished => last.max(Some(image.day)),
            // It was finished once, and its payload is not good for that any more.
            Some(last) if last == image.day => Some(last.plus(-1)),
            last => last,
        };
        End {
            last_date,
            // An image of an older day says nothing about where the series ends.
            last_bar: image
                .bars
                .last()
                .copied()
                .into_iter()
                .chain(self.last_bar)
                .max_by_key(|bar| bar.time_ms),
        }
    }

    /// The watermark is the end of the last finished day or of the last bar, whichever is later.
    fn commit(self, order: &Order<'_>, bars: usize) -> Commit {
        let days_ms = self.last_date.map_or(0, Day::end_ms);
        let bars_ms = self.last_bar.map_or(0, |bar| bar.time_ms as i64 + MINUTE_MS);
        Commit {
            out_pos: (bars * BAR_SIZE) as u64,
            watermark_ms: days_ms.max(bars_ms) as u64,
            last_date: self.last_date,
            reconcile_from: order.reconcile_from,
            fingerprint: order.fingerprint,
            ..Commit::default()
        }
    }
}
