//! Replacing a series: a record that claims only what stays true, the rename, the record of the new whole.

use std::path::Path;

use super::StoreError;
use super::commit::Commit;
use super::writer::SeriesWriter;
use crate::disk::{Append, beside};
use crate::model::bar::BAR_SIZE;
use crate::model::day::MINUTE_MS;
use crate::model::{Bar, Day};

/// The next whole of a series, being written beside the present one. Dropped without
/// [`finish`](Replacement::finish) it changes nothing.
#[derive(Debug)]
pub struct Replacement<'a> {
    writer: &'a mut SeriesWriter,
    file: Box<dyn Append>,
    kept: u64,
    length: u64,
}

impl SeriesWriter {
    /// Begins a new whole with the first `keep_bars` committed bars; bars appended and not published are forgotten.
    pub fn replace(&mut self, keep_bars: usize) -> Result<Replacement<'_>, StoreError> {
        assert!(keep_bars <= self.commit.bars(), "only committed bars can be kept: {:?}", self.bin);
        self.forget();
        let file = self.begin_beside(keep_bars)?;
        let kept = (keep_bars * BAR_SIZE) as u64;
        Ok(Replacement { writer: self, file, kept, length: kept })
    }

    /// Puts the series of another lake on the same file system, such as [`Lake::aside`](super::Lake::aside), in place
    /// of this one, with `whole` as its record (`corrections` is kept by the store).
    ///
    /// Between the two records only the bars both have in common are claimed, in a way from which work can resume:
    /// folding from the start of the source, comparing payloads from the first difference on.
    pub fn adopt(&mut self, aside: SeriesWriter, whole: Commit) -> Result<(), StoreError> {
        assert_eq!(whole.out_pos, aside.commit().out_pos, "a whole is what was built: {:?}", aside.bin);
        self.forget();
        let shrunk = self.common_with(&aside, &whole)?;
        if shrunk.out_pos == whole.out_pos && whole.out_pos == self.commit.out_pos {
            self.publish(whole)?;
            // Rebuilding a lake that is whole must not take its size on the disk a second time.
            let removed = self.lake.disk.remove_file(&aside.bin);
            return removed.map(drop).map_err(StoreError::at("removing", &aside.bin));
        }
        if whole.out_pos == 0 {
            // What holds no bar has no file that could be put in place of this one's.
            self.shrink(whole)?;
            return self.remove_leftovers();
        }
        let sync = self.waits()?;
        if sync {
            self.lake.disk.sync(&aside.bin).map_err(StoreError::at("syncing", &aside.bin))?;
        }
        self.swap_in(&aside.bin, shrunk, whole, sync)
    }

    fn common_with(&self, aside: &SeriesWriter, whole: &Commit) -> Result<Commit, StoreError> {
        let (old, new) = (self.view()?, aside.view()?);
        let common = old.common_bars(&new);
        let differs_ms =
            [old.bars(), new.bars()].iter().filter_map(|bars| Some(bars.get(common)?.time_ms)).min();
        let last = common.checked_sub(1).map(|index| new.bars()[index].time_ms);
        let is_minute = self.is_minute;
        // The next instant after the last common label is the least that is surely settled; a minute has an end.
        let step_ms = if is_minute { MINUTE_MS as u64 } else { 1 };
        let reconcile = differs_ms.map(|time_ms| Day::of_ms(time_ms as i64));
        let earliest =
            [reconcile, whole.reconcile_from, self.commit.reconcile_from].into_iter().flatten().min();
        Ok(Commit {
            out_pos: (common * BAR_SIZE) as u64,
            in_pos: 0,
            watermark_ms: last.map_or(0, |time_ms| time_ms + step_ms),
            last_date: last.filter(|_| is_minute).map(|time_ms| Day::of_ms(time_ms as i64)),
            reconcile_from: earliest.filter(|_| is_minute),
            corrections: 0,
            fingerprint: whole.fingerprint,
        })
    }

    /// Puts a new file in place. `next` is complete, and on the medium with `sync`.
    fn swap_in(&mut self, next: &Path, shrunk: Commit, whole: Commit, sync: bool) -> Result<(), StoreError> {
        let outcome = self.swap_in_order(next, shrunk, whole, sync);
        match outcome {
            Ok(()) => self.holds_exactly(whole.out_pos),
            Err(_) => self.lose_track(),
        }
        outcome
    }

    fn swap_in_order(
        &mut self,
        next: &Path,
        shrunk: Commit,
        whole: Commit,
        sync: bool,
    ) -> Result<(), StoreError> {
        let corrections = self.commit.corrections + 1;
        self.write_record(Commit { corrections, ..shrunk }, sync)?;
        let renamed = self.lake.disk.put_in_place(next, &self.bin, sync);
        renamed.map_err(StoreError::at("replacing", &self.bin))?;
        self.write_record(Commit { corrections, ..whole }, sync)
    }
}

impl Replacement<'_> {
    /// Adds bars at the end of the new whole.
    pub fn push(&mut self, bars: &[Bar]) -> Result<(), StoreError> {
        let bytes: &[u8] = bytemuck::cast_slice(bars);
        self.length += bytes.len() as u64;
        self.file.append(bytes).map_err(StoreError::at("writing", &self.writer.bin))
    }

    /// Bars in the new whole so far, the kept ones included.
    pub fn bars(&self) -> usize {
        (self.length / BAR_SIZE as u64) as usize
    }

    /// Puts the new whole in place. `shrunk` claims bars that were kept, no more; `whole` claims exactly what was kept
    /// and pushed. `corrections` is kept by the store, the same in both.
    pub fn finish(self, shrunk: Commit, whole: Commit) -> Result<(), StoreError> {
        let Replacement { writer, mut file, kept, length } = self;
        assert!(shrunk.out_pos <= kept, "only what is kept stays true: {:?}", writer.bin);
        assert_eq!(whole.out_pos, length, "a whole is what was kept and pushed: {:?}", writer.bin);
        let sync = writer.waits()?;
        if sync {
            file.sync().map_err(StoreError::at("syncing", &writer.bin))?;
        }
        drop(file);
        writer.swap_in(&beside(&writer.bin), shrunk, whole, sync)
    }
}
