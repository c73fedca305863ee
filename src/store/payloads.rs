//! What the feed answered, as it answered: finished days, the running day, instruments; and exported day images.

use std::collections::{BTreeMap, HashMap};
use std::path::{Path, PathBuf};

use super::paths::parse_day_file;
use super::{Lake, StoreError};
use crate::disk::{Entry, beside};
use crate::model::{Bar, Day, Symbol};

/// Which payload of a day was found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PayloadKind {
    /// The whole day.
    Finished,
    /// The day as it was at an instant.
    Running {
        /// UTC milliseconds of the moment it was asked for: the file's time.
        asked_ms: i64,
    },
}

impl Lake {
    /// Reads the newest valid payload of a day into `bytes` (cleared first): the finished one if there is one, else
    /// the running one, else `None`.
    pub fn read_payload(
        &self,
        symbol: &Symbol,
        day: Day,
        bytes: &mut Vec<u8>,
    ) -> Result<Option<PayloadKind>, StoreError> {
        let finished = self.finished_path(symbol, day);
        if self.disk.read_into(&finished, bytes).map_err(StoreError::at("reading", &finished))?.is_some() {
            return Ok(Some(PayloadKind::Finished));
        }
        let running = self.running_path(symbol, day);
        let stamp = self.disk.read_into(&running, bytes).map_err(StoreError::at("reading", &running))?;
        Ok(stamp.map(|stamp| PayloadKind::Running { asked_ms: stamp.mtime_ms }))
    }

    /// Whether the finished payload of a day is there.
    pub fn has_finished(&self, symbol: &Symbol, day: Day) -> Result<bool, StoreError> {
        Ok(self.finished_len(symbol, day)?.is_some())
    }

    /// Bytes of the finished payload of a day, without reading it: an empty day's is a few hundred at most.
    pub fn finished_len(&self, symbol: &Symbol, day: Day) -> Result<Option<u64>, StoreError> {
        let path = self.finished_path(symbol, day);
        self.disk.file_length(&path).map_err(StoreError::at("looking at", &path))
    }

    /// Stores the finished payload of a day, all or nothing, and removes the running one.
    pub fn write_finished(&self, symbol: &Symbol, day: Day, bytes: &[u8]) -> Result<(), StoreError> {
        self.store(&self.finished_path(symbol, day), bytes, None)?;
        // After the finished one is there it wins, so a crash between the two steps changes nothing.
        let running = self.running_path(symbol, day);
        let was_there = self.disk.remove_file(&running).map_err(StoreError::at("removing", &running))?;
        if was_there { self.unseal(&running) } else { Ok(()) }
    }

    /// Stores the running day's payload, all or nothing, with the moment it was asked for (UTC milliseconds) as its
    /// file time.
    pub fn write_running(
        &self,
        symbol: &Symbol,
        day: Day,
        bytes: &[u8],
        asked_ms: i64,
    ) -> Result<(), StoreError> {
        self.store_sealed(&self.running_path(symbol, day), bytes, Some(asked_ms))
    }

    /// The days, in order, for which these symbols have a payload, finished or running. A symbol without any has an
    /// empty list. The cache is walked once for all symbols.
    pub fn payload_days(&self, symbols: &[Symbol]) -> Result<BTreeMap<Symbol, Vec<Day>>, StoreError> {
        self.payload_days_since(symbols, Day::from_epoch_days(0))
    }

    /// As [`payload_days`](Lake::payload_days), for days from `first` on: older months are not looked at.
    pub fn payload_days_since(
        &self,
        symbols: &[Symbol],
        first: Day,
    ) -> Result<BTreeMap<Symbol, Vec<Day>>, StoreError> {
        let places: HashMap<&str, usize> =
            symbols.iter().enumerate().map(|(place, symbol)| (symbol.as_str(), place)).collect();
        let mut days = vec![Vec::new(); symbols.len()];
        self.each_day_file(&self.paths.cache, "json", first, |name, day| {
            if let Some(&place) = places.get(name) {
                days[place].push(day);
            }
        })?;
        for entry in self.list(&self.paths.live)? {
            let Some((name, day)) = parse_day_file(&entry.name, "json") else { continue };
            if let Some(&place) = places.get(name).filter(|_| day >= first) {
                days[place].push(day);
            }
        }
        for list in &mut days {
            list.sort_unstable();
            list.dedup();
        }
        Ok(symbols.iter().cloned().zip(days).collect())
    }

    /// The instrument's description and when it was fetched (UTC milliseconds); `None` when it never was.
    pub fn read_instrument(&self, symbol: &Symbol) -> Result<Option<(Vec<u8>, i64)>, StoreError> {
        let path = self.instrument_path(symbol);
        let mut bytes = Vec::new();
        let stamp = self.disk.read_into(&path, &mut bytes).map_err(StoreError::at("reading", &path))?;
        Ok(stamp.map(|stamp| (bytes, stamp.mtime_ms)))
    }

    /// Stores the instrument's description, all or nothing, as fetched at `now_ms`.
    pub fn write_instrument(&self, symbol: &Symbol, bytes: &[u8], now_ms: i64) -> Result<(), StoreError> {
        self.store(&self.instrument_path(symbol), bytes, Some(now_ms))
    }

    /// Exports the day image of a day; nothing in the engine reads it back. With `fsync` it is on the medium when
    /// this returns.
    pub fn write_day_image(
        &self,
        symbol: &Symbol,
        day: Day,
        bars: &[Bar],
        fsync: bool,
    ) -> Result<(), StoreError> {
        let path = self.day_image_path(symbol, day);
        let bytes = bytemuck::cast_slice(bars);
        if let (true, Some(folder)) = (fsync, path.parent()) {
            self.anchor(folder)?;
        }
        self.disk.replace(&path, bytes, fsync).map_err(StoreError::at("writing", &path))
    }

    /// Calls `found` for every `SYMBOL_YYYYMMDD.EXTENSION` that lies where it belongs, `root/YYYY/MM`, from the month
    /// of `first` on.
    pub(super) fn each_day_file(
        &self,
        root: &Path,
        extension: &str,
        first: Day,
        mut found: impl FnMut(&str, Day),
    ) -> Result<(), StoreError> {
        self.each_file_of_days(root, &[extension], first, |name, day, _| found(name, day))
    }

    /// The same for several extensions in one walk; `found` is told which of them it was, by its place in the list.
    pub(super) fn each_file_of_days(
        &self,
        root: &Path,
        extensions: &[&str],
        first: Day,
        mut found: impl FnMut(&str, Day, usize),
    ) -> Result<(), StoreError> {
        let (first_year, first_month, _) = first.ymd();
        for (year, folder) in self.numbered_folders(root, 4)? {
            if year < first_year {
                continue;
            }
            for (month, folder) in self.numbered_folders(&folder, 2)? {
                if (year, month) < (first_year, first_month as i32) {
                    continue;
                }
                for entry in self.list(&folder)? {
                    let parsed = extensions.iter().map(|extension| parse_day_file(&entry.name, extension));
                    let Some((which, Some((name, day)))) =
                        parsed.enumerate().find(|(_, found)| found.is_some())
                    else {
                        continue;
                    };
                    let (y, m, _) = day.ymd();
                    if (y, m as i32) == (year, month) && day >= first {
                        found(name, day, which);
                    }
                }
            }
        }
        Ok(())
    }

    fn numbered_folders(&self, root: &Path, digits: usize) -> Result<Vec<(i32, PathBuf)>, StoreError> {
        let mut folders = Vec::new();
        for entry in self.list(root)? {
            let plain = entry.name.len() == digits && entry.name.bytes().all(|b| b.is_ascii_digit());
            if let (true, true, Ok(number)) = (entry.is_folder, plain, entry.name.parse()) {
                folders.push((number, root.join(&entry.name)));
            }
        }
        Ok(folders)
    }

    pub(super) fn list(&self, folder: &Path) -> Result<Vec<Entry>, StoreError> {
        self.disk.list(folder).map_err(StoreError::at("listing", folder))
    }

    /// Write beside, set the time, rename: the file never has its bytes without its time.
    pub(super) fn store(&self, path: &Path, bytes: &[u8], mtime_ms: Option<i64>) -> Result<(), StoreError> {
        let next = beside(path);
        let disk = &self.disk;
        let write = || {
            disk.create(&next)?.append(bytes)?;
            if let Some(mtime_ms) = mtime_ms {
                disk.set_mtime_ms(&next, mtime_ms)?;
            }
            if self.payloads_sync {
                // By its name, because that takes the file's time along.
                disk.sync(&next)?;
            }
            disk.put_in_place(&next, path, self.payloads_sync)
        };
        if let (true, Some(folder)) = (self.payloads_sync, path.parent()) {
            self.anchor(folder)?;
        }
        write().map_err(StoreError::at("writing", path))
    }
}
