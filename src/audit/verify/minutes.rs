//! Repairing a 1m series: its record, its bars from the payloads of their days, and what to do when a day has none.

use std::ops::Range;

use super::Verify;
use super::finding::Wrong;
use super::repair::{How, Repair};
use super::series::{self, Looked, impossible, missing_records};
use crate::ingest::{ImageSource, IngestError, Made};
use crate::model::bar::BAR_SIZE;
use crate::model::cascade::Cascade;
use crate::model::day::MINUTE_MS;
use crate::model::{Bar, Day, Symbol};
use crate::resample;
use crate::store::{Commit, Distrust, SeriesKey};
use crate::transform::Scratch;

/// Damaged records in a row, and what takes their place.
struct Patch {
    /// Of the records held; those that are missing at the end follow the last one.
    damaged: Range<usize>,
    /// In increasing time.
    bars: Vec<Bar>,
    /// How many of the bars come from payloads.
    from_payloads: usize,
    /// The bars lie after this instant and before the other, both in UTC milliseconds.
    after_ms: i64,
    before_ms: i64,
}

impl Verify<'_> {
    /// Repairs the 1m series of a symbol; says whether the coarser ones were taken back for it.
    pub(super) fn repair_minutes(
        &self,
        symbol: &Symbol,
        cascade: &Cascade,
        done: &mut Vec<Repair>,
    ) -> Result<bool, IngestError> {
        let key = SeriesKey::minute(symbol.clone());
        let look = || series::look(self.lake, &key, series::minutes(cascade, self.settings));
        let Some(mut looked) = look()? else { return Ok(false) };
        if looked.evidence.record.is_none() && !self.is_orphan(&mut looked)? {
            return Ok(false);
        }
        if self.repair_record(&looked, done)? {
            looked = look()?.expect("the series was there just now");
        }
        if let Some(Err(Distrust::Version(version))) = looked.evidence.record {
            done.push(self.of_record(&key, How::Not(format!("it is of version {version}: use that engine"))));
            return Ok(false);
        }
        if looked.unknown {
            self.repair_bits(&looked, done)?;
            return Ok(false);
        }
        let shorter = self.repair_bars(&looked, cascade, done)?;
        self.lake.open_series(&key, self.settings.aggregate_fsync)?.remove_leftovers()?;
        Ok(shorter)
    }

    /// Whether bars without a record have days without payload.
    fn is_orphan(&self, looked: &mut Looked) -> Result<bool, IngestError> {
        self.mark_orphan(looked)?;
        Ok(looked.findings.iter().any(|finding| finding.wrong == Wrong::NoRecord))
    }

    /// Turns back the one bit that has flipped in a commit record.
    pub(super) fn repair_record(&self, looked: &Looked, done: &mut Vec<Repair>) -> Result<bool, IngestError> {
        let (Some(Err(_)), Some(commit)) = (&looked.evidence.record, looked.evidence.commit()) else {
            return Ok(false);
        };
        if impossible(&commit, &looked.key, &looked.evidence).is_some() && looked.faults.is_empty() {
            return Ok(false);
        }
        self.lake.unflip_record(&looked.key, &looked.evidence)?;
        done.push(self.of_record(&looked.key, How::OneBit));
        Ok(true)
    }

    /// Turns back single bits, where nobody knows what else the records should be.
    pub(super) fn repair_bits(&self, looked: &Looked, done: &mut Vec<Repair>) -> Result<bool, IngestError> {
        let mut bars: Vec<(usize, Bar)> = Vec::new();
        for fault in looked.faults.iter().filter(|fault| fault.wrong != Wrong::Foreign) {
            for index in fault.first..fault.first + fault.count {
                let before = match (bars.last(), index.checked_sub(1)) {
                    (Some((last, bar)), Some(before)) if *last == before => bar.time_ms,
                    (_, before) => before.map_or(0, |before| looked.bars()[before].time_ms),
                };
                let whole = looked.bars()[index].unflipped().filter(|bar| bar.time_ms > before);
                let Some(whole) = whole else {
                    let why = "nobody knows what it was made of; `engine rebuild` makes it anew";
                    done.push(self.of_series(&looked.key, How::Not(why.to_owned())));
                    return Ok(false);
                };
                bars.push((index, whole));
            }
        }
        if bars.is_empty() {
            return Ok(false);
        }
        let patches = bars.into_iter().map(|(index, bar)| (index..index + 1, vec![bar]));
        self.mend(looked, patches.collect())?;
        done.push(self.of_series(&looked.key, How::OneBit));
        Ok(true)
    }

    /// Writes a series anew with other bars in some places, and puts it in place.
    pub(super) fn mend(
        &self,
        looked: &Looked,
        patches: Vec<(Range<usize>, Vec<Bar>)>,
    ) -> Result<(), IngestError> {
        let mut mend = self.lake.mend(&looked.key)?;
        let mut place = 0;
        for (damaged, bars) in patches {
            self.push_kept(&mut mend, looked, place..damaged.start)?;
            mend.push(&bars)?;
            place = damaged.end;
        }
        self.push_kept(&mut mend, looked, place..looked.bars().len())?;
        Ok(mend.finish()?)
    }

    fn push_kept(
        &self,
        mend: &mut crate::store::Mend<'_>,
        looked: &Looked,
        kept: Range<usize>,
    ) -> Result<(), IngestError> {
        const PIECE: usize = 64 * 1024;
        let kept = kept.start.min(looked.bars().len())..kept.end.min(looked.bars().len());
        for start in kept.clone().step_by(PIECE) {
            let end = (start + PIECE).min(kept.end);
            mend.push(&looked.bars()[start..end])?;
            looked.evidence.release(end);
        }
        Ok(())
    }

    fn repair_bars(
        &self,
        looked: &Looked,
        cascade: &Cascade,
        done: &mut Vec<Repair>,
    ) -> Result<bool, IngestError> {
        let patches = self.patches(looked, cascade)?;
        let commit = looked.evidence.commit();
        if let Some(commit) = commit {
            if patches.is_empty() {
                // Only the record is wrong: what can be proven of it is made again.
                return if looked.is_sound() { Ok(false) } else { self.recommit(looked, &commit, done) };
            }
            if patches.iter().all(|patch| patch.bars.len() == patch.damaged.len()) {
                let how = how_of(&patches);
                self.mend(looked, patches.into_iter().map(|patch| (patch.damaged, patch.bars)).collect())?;
                done.push(self.of_series(&looked.key, how));
                return Ok(false);
            }
        }
        self.reshape(looked, cascade, patches, commit, done)
    }

    /// The damaged places and the bars that belong there, as far as anything tells.
    fn patches(&self, looked: &Looked, cascade: &Cascade) -> Result<Vec<Patch>, IngestError> {
        let mut places: Vec<Range<usize>> = Vec::new();
        let held = looked.bars().len();
        let missing = missing_records(looked);
        let faults = looked.to_replace();
        let damaged = faults.map(|fault| fault.first..fault.first + fault.count);
        for range in damaged.chain((missing > 0).then_some(held..held + missing)) {
            match places.last_mut() {
                Some(last) if last.end == range.start => last.end = range.end,
                _ => places.push(range),
            }
        }
        if places.is_empty() {
            return Ok(Vec::new());
        }
        let payloads_of = self.settings.payload_symbol(&looked.key.symbol).clone();
        let days = self.lake.payload_days(std::slice::from_ref(&payloads_of))?.remove(&payloads_of);
        let days = days.unwrap_or_default();
        places.into_iter().map(|place| self.patch(looked, cascade, &days, place)).collect()
    }

    fn patch(
        &self,
        looked: &Looked,
        cascade: &Cascade,
        days: &[Day],
        damaged: Range<usize>,
    ) -> Result<Patch, IngestError> {
        let held = looked.bars();
        let after_ms = damaged.start.checked_sub(1).map_or(-1, |before| held[before].time_ms as i64);
        let end_ms = looked.evidence.commit().map_or(i64::MAX, |commit| commit.watermark_ms as i64);
        let before_ms = held.get(damaged.end).map_or(end_ms, |bar| bar.time_ms as i64);
        let inside = |bar: &Bar| after_ms < bar.time_ms as i64 && (bar.time_ms as i64) < before_ms;
        let source = ImageSource::new(self.lake, self.settings, &looked.key.symbol, &cascade.server);
        let (mut bytes, mut scratch) = (Vec::new(), Scratch::default());
        let (mut bars, mut told): (Vec<Bar>, Vec<Day>) = Default::default();
        let concerned = |day: &&Day| day.end_ms() > after_ms && day.start_ms() < before_ms;
        // Without a record nobody knows where the series ended; what follows it comes when it is reconciled.
        let known = before_ms < i64::MAX;
        for day in days.iter().filter(|_| known).filter(concerned) {
            if let Some(Made::Image(image, _)) = source.look(*day, &mut bytes, &mut scratch)? {
                told.push(*day);
                bars.extend(image.bars.into_iter().filter(inside));
            }
        }
        let from_payloads = bars.len();
        let records = held[damaged.start.min(held.len())..damaged.end.min(held.len())].iter();
        // A record of another tool is kept as it is where no payload has it.
        let turned_back =
            records.filter_map(|bar| if bar.is_unsealed() { Some(*bar) } else { bar.unflipped() });
        let turned_back = turned_back.filter(inside);
        bars.extend(turned_back.filter(|bar| !told.contains(&Day::of_ms(bar.time_ms as i64))));
        bars.sort_by_key(|bar| bar.time_ms);
        bars.dedup_by_key(|bar| bar.time_ms);
        Ok(Patch { damaged, bars, from_payloads, after_ms, before_ms })
    }

    /// The series gets longer or shorter: what is folded from it goes back first, as in a correction.
    fn reshape(
        &self,
        looked: &Looked,
        cascade: &Cascade,
        patches: Vec<Patch>,
        commit: Option<Commit>,
        done: &mut Vec<Repair>,
    ) -> Result<bool, IngestError> {
        let (key, symbol) = (&looked.key, &looked.key.symbol);
        if let Some(first) = patches.first() {
            let from_ms = (first.after_ms / MINUTE_MS + 1) * MINUTE_MS;
            resample::rewind(self.lake, symbol, cascade, from_ms, self.settings.resample.fsync)?;
        }
        let lost = self.keep_lost(looked, &patches, commit.is_some(), done)?;
        let damaged: usize = patches.iter().map(|patch| patch.damaged.len()).sum();
        let healed: usize = patches.iter().map(|patch| patch.bars.len()).sum();
        let bars = looked.bars().len() + missing_records(looked) - damaged + healed;
        let out_pos = (bars * BAR_SIZE) as u64;
        let how = how_of(&patches);
        let next = commit.map(|commit| {
            let noted = [commit.reconcile_from, lost].into_iter().flatten().min();
            Commit { reconcile_from: noted, corrections: commit.corrections + 1, ..commit }
        });
        if let Some(next) = next {
            // True of both files, as far as the damaged one is true of anything.
            let both =
                next.out_pos.min(out_pos).min(looked.evidence.held / BAR_SIZE as u64 * BAR_SIZE as u64);
            self.lake.mend_record(key, &Commit { out_pos: both, ..next })?;
        }
        let pieces = patches.into_iter().map(|patch| (patch.damaged, patch.bars)).collect::<Vec<_>>();
        if !pieces.is_empty() {
            self.mend(looked, pieces)?;
            done.push(self.of_series(key, how));
        }
        match next {
            Some(next) => self.lake.mend_record(key, &Commit { out_pos, ..next })?,
            None => {
                self.recommit(looked, &Commit { out_pos, reconcile_from: lost, ..Commit::default() }, done)?;
            }
        }
        Ok(true)
    }

    /// Keeps what nothing could heal; returns the first day that has to be asked for again.
    fn keep_lost(
        &self,
        looked: &Looked,
        patches: &[Patch],
        has_record: bool,
        done: &mut Vec<Repair>,
    ) -> Result<Option<Day>, IngestError> {
        let mut first = None;
        for patch in patches {
            let held = looked.bars().len();
            // What lies after the last sound bar of a series without record is the garbage of an interrupted append.
            let is_tail = !has_record && patch.damaged.end >= held;
            let lost = patch.damaged.len().saturating_sub(patch.bars.len());
            if lost == 0 || is_tail {
                continue;
            }
            let records = &looked.bars()[patch.damaged.start.min(held)..patch.damaged.end.min(held)];
            let name = format!("{}_1m_{}.bin", looked.key.symbol, patch.damaged.start);
            let kept = self.lake.keep_damaged(&name, bytemuck::cast_slice(records))?;
            let (from, to) = (Day::of_ms(patch.after_ms.max(0)), Day::of_ms(patch.before_ms - 1));
            done.push(self.of_series(&looked.key, How::Lost { bars: lost, from, to, kept }));
            first = first.or(Some(from));
        }
        Ok(first)
    }

    /// A record that says what the bars themselves prove; what else it said is found by comparing with every payload.
    fn recommit(&self, looked: &Looked, found: &Commit, done: &mut Vec<Repair>) -> Result<bool, IngestError> {
        let (key, symbol) = (&looked.key, &looked.key.symbol);
        let held = self.lake.evidence(key)?;
        let bars = held.as_ref().map_or(&[][..], |held| held.bars());
        let bars = &bars[..((found.out_pos / BAR_SIZE as u64) as usize).min(bars.len())];
        let proven = Commit {
            out_pos: size_of_val(bars) as u64,
            watermark_ms: bars.last().map_or(0, |bar| bar.time_ms + MINUTE_MS as u64),
            reconcile_from: Some(Day::from_epoch_days(0)),
            corrections: found.corrections.max(1),
            ..Commit::default()
        };
        drop(held);
        self.lake.mend_record(key, &proven)?;
        let payloads_of = self.settings.payload_symbol(symbol).clone();
        let days = self.lake.payload_days(std::slice::from_ref(&payloads_of))?.remove(&payloads_of);
        self.ingest(|ingest| ingest.reconcile_days(symbol, &days.unwrap_or_default(), found.reconcile_from))?;
        done.push(self.of_record(key, How::Recommitted));
        Ok(true)
    }
}

fn how_of(patches: &[Patch]) -> How {
    let of_payloads = patches.iter().map(|patch| patch.from_payloads).sum();
    if of_payloads == 0 { How::OneBit } else { How::FromPayload(of_payloads) }
}
