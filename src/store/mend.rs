//! A series as evidence: what its record and its file hold, believed or not; and putting damaged bytes right.
//!
//! A mended series has its records where they were, so the commit record that speaks of them is as true of the mended
//! file as of the damaged one, and one rename does it: there is no moment at which less is claimed, and nothing that a
//! crash could lose. All of it waits for the medium: it is seldom, and nobody would notice what a loss of power took. Where bars are missing or too many, a series is corrected or folded again instead.

use std::path::PathBuf;

use super::commit::{Commit, Distrust, UnverifiedCommit};
use super::map::{BarMap, Reading};
use super::{Lake, SeriesKey, SeriesView, StoreError};
use crate::disk::{Append, beside};
use crate::model::Bar;
use crate::model::bar::BAR_SIZE;
use crate::model::flipped::unflipped;

type RawRecord = [u8; super::COMMIT_SIZE];

/// The two files of a series, looked at without believing either.
#[derive(Debug)]
pub struct Evidence {
    /// What the record says, or why it is not believed; none when there is none.
    pub record: Option<Result<Commit, Distrust>>,
    /// A damaged record before one of its bits flipped, if that is what happened to it: what it said, and its bytes.
    unflipped: Option<(Commit, RawRecord)>,
    /// Bytes in the series file.
    pub held: u64,
    map: BarMap,
}

/// The next whole of a damaged series, being written beside it. Dropped without [`finish`](Mend::finish) it changes
/// nothing.
#[derive(Debug)]
pub struct Mend<'a> {
    lake: &'a Lake,
    key: SeriesKey,
    bin: PathBuf,
    file: Box<dyn Append>,
}

impl Lake {
    /// The evidence of a series; none when neither a record nor a file is there.
    pub fn evidence(&self, key: &SeriesKey) -> Result<Option<Evidence>, StoreError> {
        let (idx, bin) = (self.commit_path(key), self.series_path(key));
        let bytes = self.disk.read(&idx).map_err(StoreError::at("reading", &idx))?;
        let file = self.disk.open(&bin).map_err(StoreError::at("opening", &bin))?;
        if bytes.is_none() && file.is_none() {
            return Ok(None);
        }
        let length = file.as_ref().map(|file| file.metadata().map(|metadata| metadata.len()));
        let held = length.transpose().map_err(StoreError::at("looking at", &bin))?.unwrap_or(0);
        let record = bytes.as_deref().map(|bytes| UnverifiedCommit(bytes).verify());
        let unflipped = match (&record, &bytes) {
            (Some(Err(reason)), Some(bytes)) if !matches!(reason, Distrust::Version(_)) => before_flip(bytes),
            _ => None,
        };
        let claimed = match (&record, &unflipped) {
            (Some(Ok(commit)), _) | (_, Some((commit, _))) => commit.out_pos.min(held),
            _ => held,
        };
        let bars = (claimed / BAR_SIZE as u64) as usize;
        let map = match &file {
            Some(file) => BarMap::new(file, bars).map_err(StoreError::at("mapping", &bin))?,
            None => BarMap::default(),
        };
        Ok(Some(Evidence { record, unflipped, held, map }))
    }

    /// Begins the next whole of a damaged series.
    pub fn mend(&self, key: &SeriesKey) -> Result<Mend<'_>, StoreError> {
        let bin = self.series_path(key);
        let file = self.disk.create(&beside(&bin)).map_err(StoreError::at("writing", &bin))?;
        Ok(Mend { lake: self, key: key.clone(), bin, file })
    }

    /// Makes this the record of a series, as it stands: its `corrections` too. What it said of files that are not surely
    /// on the medium yet, it goes on saying.
    pub fn mend_record(&self, key: &SeriesKey, commit: &Commit) -> Result<(), StoreError> {
        let idx = self.commit_path(key);
        self.doubt_csv(key)?;
        let unsettled = if key.source.is_none() { self.unsettled_in(&key.symbol)? } else { None };
        self.disk
            .replace(&idx, &commit.encode_unsettled(unsettled), true)
            .map_err(StoreError::at("writing", &idx))
    }

    /// Turns the one bit back that has flipped in the record of a series; does nothing where it is more than that.
    pub fn unflip_record(&self, key: &SeriesKey, evidence: &Evidence) -> Result<(), StoreError> {
        let Some((_, bytes)) = &evidence.unflipped else { return Ok(()) };
        let idx = self.commit_path(key);
        self.disk.replace(&idx, bytes, true).map_err(StoreError::at("writing", &idx))
    }

    /// Keeps damaged bytes that nothing could heal, sealed, and returns where.
    pub fn keep_damaged(&self, name: &str, bytes: &[u8]) -> Result<PathBuf, StoreError> {
        let path = self.kept_path(name);
        self.store_sealed(&path, bytes, None).map(|()| path)
    }

    /// Removes what nobody needs: a left-over file, or a file and its seal.
    pub fn discard(&self, path: &std::path::Path) -> Result<(), StoreError> {
        self.disk.remove_file(path).map_err(StoreError::at("removing", path))?;
        self.unseal(path)
    }
}

impl Evidence {
    /// The record, or what it said before one bit of it flipped.
    pub fn commit(&self) -> Option<Commit> {
        self.record
            .as_ref()
            .and_then(|record| record.as_ref().ok().copied())
            .or(self.unflipped.map(|(commit, _)| commit))
    }

    /// The records the commit speaks of, as far as the file holds them; all that are whole when nothing is known.
    pub fn bars(&self) -> &[Bar] {
        self.map.bars()
    }

    /// They will be read from the first to the last.
    pub fn read_ahead(&self) {
        self.map.advise(Reading::Sequential);
    }

    /// Gives back the memory of the first `bars` bars, which have been read; they can be read again.
    pub fn release(&self, bars: usize) {
        self.map.release(bars);
    }

    /// As a view, for those who fold from it; none without a commit that the file can fulfil.
    pub fn into_view(self) -> Option<SeriesView> {
        let commit = self.commit().filter(|commit| commit.out_pos <= self.held)?;
        Some(SeriesView::new(commit, self.map))
    }
}

impl Mend<'_> {
    /// Adds bars.
    pub fn push(&mut self, bars: &[Bar]) -> Result<(), StoreError> {
        self.file.append(bytemuck::cast_slice(bars)).map_err(StoreError::at("writing", &self.bin))
    }

    /// Puts the new whole in place.
    pub fn finish(mut self) -> Result<(), StoreError> {
        let at = |doing| StoreError::at(doing, &self.bin);
        self.file.sync().map_err(at("syncing"))?;
        drop(self.file);
        // Its text may show what was damaged.
        self.lake.doubt_csv(&self.key)?;
        self.lake.disk.put_in_place(&beside(&self.bin), &self.bin, true).map_err(at("replacing"))
    }
}

fn before_flip(bytes: &[u8]) -> Option<(Commit, RawRecord)> {
    let raw = unflipped(&RawRecord::try_from(bytes).ok()?)?;
    Some((UnverifiedCommit(&raw).verify().ok()?, raw))
}
