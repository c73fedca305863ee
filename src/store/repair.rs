//! Taking over a series: what the record says, what the file holds, and what can be proven when they disagree.

use std::path::Path;

use super::commit::{Commit, Distrust};
use super::map::Reading;
use super::writer::{Health, STRETCH_BARS};
use super::{Lake, SeriesKey, StoreError};
use crate::disk::Boot;
use crate::model::bar::BAR_SIZE;
use crate::model::day::MINUTE_MS;
use crate::model::{Bar, Day, Symbol};

/// "Compare everything": no payload is older.
const FIRST_DAY: Day = Day::from_epoch_days(0);

/// A series as it was found.
pub(super) struct Found {
    pub(super) commit: Commit,
    pub(super) health: Health,
    /// Bytes in the file, the garbage of an interrupted run included.
    pub(super) held: u64,
    /// The present boot, if the record says that files were replaced in it without being synced.
    pub(super) unsettled: Option<Boot>,
    /// What was folded from it may be of another version than the bars that prove themselves.
    pub(super) doubts_folded: bool,
}

impl Lake {
    pub(super) fn find_series(&self, key: &SeriesKey) -> Result<Found, StoreError> {
        let held = self.held(&self.series_path(key))?;
        let (reason, corrections, doubts_folded) = match self.read_record(key) {
            Ok(None) => return self.first_commit(key, held),
            Ok(Some((commit, unsettled))) => match self.doubt(key, &commit, unsettled, held)? {
                None => {
                    let health = Health::Whole;
                    return Ok(Found { commit, health, held, unsettled, doubts_folded: false });
                }
                Some(reason) => {
                    (reason, commit.corrections.saturating_add(1), self.is_of_another_boot(unsettled))
                }
            },
            // Nobody knows any more what it said about other boots.
            Err(StoreError::Repair { reason, .. }) => (reason, 1, true),
            Err(error) => return Err(error),
        };
        let proven = match key.source {
            None => self.provable(key, held)?,
            // A coarser series is rebuilt from its source; folding its own bars back is not worth a proof.
            Some(_) => Commit::default(),
        };
        let commit = Commit { corrections, ..proven };
        Ok(Found { commit, health: Health::Repaired { reason }, held, unsettled: None, doubts_folded })
    }

    /// The commit record of a series if a writer would go on from it; `None` when it was never committed.
    ///
    /// # Errors
    /// [`StoreError::Repair`] when the next writer will have to repair the series. Readers are told less often
    /// ([`read_series`](Lake::read_series)): that the system was restarted is a reason to look, and seldom a loss.
    pub fn trusted_commit(&self, key: &SeriesKey) -> Result<Option<Commit>, StoreError> {
        let Some((commit, unsettled)) = self.read_record(key)? else { return Ok(None) };
        let held = self.held(&self.series_path(key))?;
        match self.doubt(key, &commit, unsettled, held)? {
            None => Ok(Some(commit)),
            Some(reason) => Err(StoreError::Repair { path: self.commit_path(key), reason }),
        }
    }

    /// Why an intact record is not believed all the same.
    fn doubt(
        &self,
        key: &SeriesKey,
        commit: &Commit,
        unsettled: Option<Boot>,
        held: u64,
    ) -> Result<Option<Distrust>, StoreError> {
        if commit.out_pos > held {
            return Ok(Some(Distrust::Claims { claimed: commit.out_pos, held }));
        }
        if self.is_of_another_boot(unsettled) {
            return Ok(Some(Distrust::Unsettled));
        }
        Ok(damaged_tail(self.map(key, commit.bars())?.bars()))
    }

    fn is_of_another_boot(&self, unsettled: Option<Boot>) -> bool {
        unsettled.is_some() && unsettled != self.disk.boot()
    }

    /// In which boot files of a symbol were replaced without being synced, as far as its 1m record can be believed.
    pub(super) fn unsettled_in(&self, symbol: &Symbol) -> Result<Option<Boot>, StoreError> {
        match self.read_record(&SeriesKey::minute(symbol.clone())) {
            Ok(record) => Ok(record.and_then(|(_, unsettled)| unsettled)),
            Err(StoreError::Repair { .. }) => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Whether files of a symbol are being replaced without waiting, because its 1m record has announced it.
    pub(super) fn is_unsettled_now(&self, symbol: &Symbol) -> Result<bool, StoreError> {
        let boot = self.disk.boot();
        Ok(boot.is_some() && self.unsettled_in(symbol)? == boot)
    }

    /// Bytes in a series file; none when there is no such file.
    pub(super) fn held(&self, path: &Path) -> Result<u64, StoreError> {
        Ok(self.disk.file_length(path).map_err(StoreError::at("looking at", path))?.unwrap_or(0))
    }

    /// A series without a record: bytes in its file are garbage of an interrupted first run, or belong to a series
    /// folded from another source, whose record is then no longer true and goes first.
    fn first_commit(&self, key: &SeriesKey, held: u64) -> Result<Found, StoreError> {
        self.remove_records_of_other_sources(key)?;
        // The count of corrections begins again: what was said of another series must not seem to be about this one.
        self.forget_csv(&key.symbol, &key.timeframe)?;
        // Payloads may have been cached by a run that died before its first commit: compare them all.
        let reconcile_from = key.source.is_none().then_some(FIRST_DAY);
        let commit = Commit { reconcile_from, ..Commit::default() };
        Ok(Found { commit, health: Health::New, held, unsettled: None, doubts_folded: false })
    }

    fn remove_records_of_other_sources(&self, key: &SeriesKey) -> Result<(), StoreError> {
        let record = self.commit_path(key);
        let (Some(_), Some(folder)) = (&key.source, record.parent()) else { return Ok(()) };
        let prefix = format!("{}_", key.symbol);
        let neighbours = self.list_symbols_of(&key.timeframe)?;
        let mut removed = false;
        for entry in self.list(folder)? {
            // `EUR_USD_1m.idx` is of EUR_USD when there is such a series, though `EUR` with source `USD_1m` fits too.
            let other = |symbol: &Symbol| {
                symbol.as_str().len() > key.symbol.as_str().len()
                    && entry.name.strip_prefix(symbol.as_str()).is_some_and(|rest| rest.starts_with('_'))
            };
            if entry.name.ends_with(".idx")
                && entry.name.starts_with(&prefix)
                && !neighbours.iter().any(other)
            {
                let path = folder.join(&entry.name);
                removed |= self.disk.remove_file(&path).map_err(StoreError::at("removing", &path))?;
            }
        }
        // Synced or not: a record that came back after a loss of power would claim bytes of another fold.
        if removed { self.disk.sync(folder).map_err(StoreError::at("syncing", folder)) } else { Ok(()) }
    }

    /// The longest prefix of the 1m series that proves itself: checksums right, times strictly increasing, on a
    /// minute. Everything in it is compared with the payloads again, so that it is true as well as intact.
    fn provable(&self, key: &SeriesKey, held: u64) -> Result<Commit, StoreError> {
        let map = self.map(key, (held / BAR_SIZE as u64) as usize)?;
        map.advise(Reading::Sequential);
        let proven = &map.bars()[..proven_bars(map.bars())];
        let last_ms = proven.last().map(|bar| bar.time_ms);
        Ok(Commit {
            out_pos: size_of_val(proven) as u64,
            watermark_ms: last_ms.map_or(0, |time_ms| time_ms + MINUTE_MS as u64),
            last_date: last_ms.map(|time_ms| Day::of_ms(time_ms as i64)),
            reconcile_from: Some(FIRST_DAY),
            ..Commit::default()
        })
    }
}

/// Why the last bars of a series are not believed, if they are not. Everything before the last whole stretch was synced
/// when it was committed; the rest is what a loss of power may have kept from the medium, and is checked.
pub(super) fn damaged_tail(bars: &[Bar]) -> Option<Distrust> {
    let from = bars.len() / STRETCH_BARS * STRETCH_BARS;
    let mut next_ms = 0;
    let sound = |bar: &Bar| {
        let in_order = bar.time_ms >= next_ms;
        next_ms = bar.time_ms.saturating_add(1);
        // Foreign bars have no checksum; a sector that never arrived has no time either.
        in_order && (bar.is_intact() || bar.is_unsealed() && bar.time_ms > 0)
    };
    let first = from + bars[from..].iter().map(sound).position(|sound| !sound)?;
    Some(Distrust::Tail { claimed: bars.len(), first })
}

/// How many leading bars prove themselves. A record of zeros has no checksum to prove it.
fn proven_bars(bars: &[Bar]) -> usize {
    const YEAR_2200_MS: u64 = 7_258_118_400_000;
    let mut next_ms = 0;
    let sound = |bar: &&Bar| {
        let in_order = bar.time_ms >= next_ms && bar.time_ms < YEAR_2200_MS;
        next_ms = bar.time_ms.saturating_add(1);
        in_order && !bar.is_unsealed() && bar.is_intact()
    };
    bars.iter().take_while(sound).count()
}
