//! Series as readers see them: the committed prefix of a file, mapped, and which series there are.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::commit::{Commit, Distrust, UnverifiedCommit};
use super::map::{BarMap, Reading};
use super::repair::damaged_tail;
use super::{Lake, StoreError};
use crate::disk::Boot;
use crate::model::{Bar, Symbol, Timeframe};

/// How often a reader begins again when corrections overtake it. Each attempt takes microseconds and a correction
/// writes a whole file, so being overtaken twice is rare already.
const ATTEMPTS_MAX: usize = 64;

/// Which series.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SeriesKey {
    /// Whose bars.
    pub symbol: Symbol,
    /// How long they are.
    pub timeframe: Timeframe,
    /// What they are folded from; `None` for 1m, which comes from the feed.
    pub source: Option<Timeframe>,
}

impl SeriesKey {
    /// The 1m series of a symbol.
    pub fn minute(symbol: Symbol) -> SeriesKey {
        SeriesKey { symbol, timeframe: Timeframe::minute(), source: None }
    }

    /// A series folded from another one of the same symbol.
    pub fn folded(symbol: Symbol, timeframe: Timeframe, source: Timeframe) -> SeriesKey {
        SeriesKey { symbol, timeframe, source: Some(source) }
    }
}

/// The committed bars of a series at one instant. It stays as it is, whatever a writer does afterwards. Cheap to clone.
#[derive(Clone, Debug)]
pub struct SeriesView {
    commit: Commit,
    map: Arc<BarMap>,
}

impl SeriesView {
    pub(super) fn new(commit: Commit, map: BarMap) -> SeriesView {
        SeriesView { commit, map: Arc::new(map) }
    }

    /// The commit record that covers these bars.
    pub fn commit(&self) -> &Commit {
        &self.commit
    }

    /// The bars, in strictly increasing time, straight from the file.
    pub fn bars(&self) -> &[Bar] {
        self.map.bars()
    }

    /// Tells the system how the bars will be read; a hint, nothing else changes.
    pub fn advise(&self, reading: Reading) {
        self.map.advise(reading);
    }

    /// Gives back the memory of the first `bars` bars, which have been read; they can be read again.
    pub fn release(&self, bars: usize) {
        self.map.release(bars);
    }

    /// Leading bars that two series have in common, byte for byte.
    pub fn common_bars(&self, other: &SeriesView) -> usize {
        const PIECE: usize = 128 * 1024;
        let (a, b) = (self.bars(), other.bars());
        let mut common = 0;
        loop {
            let end = (common + PIECE).min(a.len()).min(b.len());
            let same = common_prefix(&a[common..end], &b[common..end]);
            common += same;
            self.release(common);
            other.release(common);
            if common < end || end == a.len().min(b.len()) {
                return common;
            }
        }
    }
}

/// Leading bars that are the same, byte for byte; all or a few differ, so whole blocks are compared first.
fn common_prefix(a: &[Bar], b: &[Bar]) -> usize {
    if bytemuck::cast_slice::<Bar, u8>(a) == bytemuck::cast_slice::<Bar, u8>(b) {
        return a.len();
    }
    a.iter().zip(b).take_while(|(a, b)| bytemuck::bytes_of(*a) == bytemuck::bytes_of(*b)).count()
}

impl Lake {
    /// The committed bars of a series; `None` when it was never committed.
    ///
    /// A record and a file are two things, and a writer may replace the file between the reading of one and the
    /// opening of the other. So the record is read before and after: every replacement and every shrinking counts
    /// `corrections` up before it touches the file, hence the same count on both sides proves that the file opened
    /// between them holds what the first record claims. Bars appended meanwhile do not disturb it. Otherwise the
    /// reader begins again.
    ///
    /// # Errors
    /// [`StoreError::Repair`] when the record cannot be believed, [`StoreError::Busy`] when it changed all the time.
    pub fn read_series(&self, key: &SeriesKey) -> Result<Option<SeriesView>, StoreError> {
        let path = self.series_path(key);
        for _ in 0..ATTEMPTS_MAX {
            let Some(before) = self.read_commit(key)? else { return Ok(None) };
            let file = self.disk.open(&path).map_err(StoreError::at("opening", &path))?;
            let Some(after) = self.read_commit(key)? else { continue };
            if before.corrections != after.corrections {
                continue;
            }
            let held = match &file {
                Some(file) => file.metadata().map_err(StoreError::at("looking at", &path))?.len(),
                None => 0,
            };
            if held < before.out_pos {
                let reason = Distrust::Claims { claimed: before.out_pos, held };
                return Err(StoreError::Repair { path: self.commit_path(key), reason });
            }
            let map = match file {
                Some(file) => BarMap::new(&file, before.bars()).map_err(StoreError::at("mapping", &path))?,
                None => BarMap::default(),
            };
            if let Some(reason) = damaged_tail(map.bars()) {
                return Err(StoreError::Repair { path: self.commit_path(key), reason });
            }
            return Ok(Some(SeriesView::new(before, map)));
        }
        Err(StoreError::Busy { path })
    }

    /// The first `bars` bars of a series file that holds as many.
    pub(super) fn map(&self, key: &SeriesKey, bars: usize) -> Result<BarMap, StoreError> {
        let path = self.series_path(key);
        match self.disk.open(&path).map_err(StoreError::at("opening", &path))? {
            Some(file) => BarMap::new(&file, bars).map_err(StoreError::at("mapping", &path)),
            None => Ok(BarMap::default()),
        }
    }

    /// The commit record of a series alone; `None` when it was never committed.
    ///
    /// # Errors
    /// [`StoreError::Repair`] when the record cannot be believed.
    pub fn read_commit(&self, key: &SeriesKey) -> Result<Option<Commit>, StoreError> {
        Ok(self.read_record(key)?.map(|(commit, _)| commit))
    }

    /// As [`read_commit`](Lake::read_commit), with the boot in which files of the symbol were replaced without being
    /// synced.
    pub(super) fn read_record(&self, key: &SeriesKey) -> Result<Option<(Commit, Option<Boot>)>, StoreError> {
        let path = self.commit_path(key);
        match self.disk.read(&path).map_err(StoreError::at("reading", &path))? {
            None => Ok(None),
            Some(bytes) => match UnverifiedCommit(&bytes).verify_unsettled() {
                Ok(record) => Ok(Some(record)),
                Err(Distrust::Version(version)) => Err(StoreError::OtherVersion { path, version }),
                Err(reason) => Err(StoreError::Repair { path, reason }),
            },
        }
    }

    /// Every symbol with a series file, in order.
    pub fn list_symbols(&self) -> Result<Vec<Symbol>, StoreError> {
        let mut symbols = BTreeSet::new();
        for timeframe in self.timeframe_folders()? {
            symbols.extend(self.list_symbols_of(&timeframe)?);
        }
        Ok(symbols.into_iter().collect())
    }

    /// Every timeframe with a series file: 1m first, the others by name.
    pub fn list_timeframes(&self) -> Result<Vec<Timeframe>, StoreError> {
        let mut timeframes = Vec::new();
        for timeframe in self.timeframe_folders()? {
            if !self.list_symbols_of(&timeframe)?.is_empty() {
                timeframes.push(timeframe);
            }
        }
        Ok(timeframes)
    }

    /// The symbols with a series file of this timeframe, in order.
    pub fn list_symbols_of(&self, timeframe: &Timeframe) -> Result<Vec<Symbol>, StoreError> {
        let entries = self.list(&self.series_folder(timeframe))?;
        let names = entries.iter().filter(|entry| !entry.is_folder).map(|entry| entry.name.as_str());
        let mut symbols: Vec<Symbol> =
            names.filter_map(|name| name.strip_suffix(".bin")?.parse().ok()).collect();
        symbols.sort_unstable();
        Ok(symbols)
    }

    /// Removes what a rebuild left in the hidden folders of [`aside`](Lake::aside).
    pub fn remove_aside(&self) -> Result<(), StoreError> {
        for folder in self.aside_folders() {
            self.disk.remove_folder(&folder).map_err(StoreError::at("removing", &folder))?;
        }
        Ok(())
    }

    fn timeframe_folders(&self) -> Result<Vec<Timeframe>, StoreError> {
        let mut timeframes: Vec<Timeframe> = self
            .list(&self.paths.resample)?
            .iter()
            .filter(|entry| entry.is_folder)
            .filter_map(|entry| entry.name.parse().ok())
            .filter(|timeframe: &Timeframe| !timeframe.is_minute())
            .collect();
        timeframes.push(Timeframe::minute());
        timeframes.sort_unstable_by_key(|timeframe| (!timeframe.is_minute(), timeframe.clone()));
        Ok(timeframes)
    }
}
