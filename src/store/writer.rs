//! Growing a series: append, sync, commit record; and claiming less.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::commit::{Commit, Distrust};
use super::map::BarMap;
use super::repair::Found;
use super::{Lake, SeriesKey, SeriesView, StoreError};
use crate::disk::{Append, Disk, beside};
use crate::model::Bar;
use crate::model::bar::BAR_SIZE;

/// Bytes of one write, which ends at a multiple of it: the system is faster with large, even pieces by far more than
/// gathering them costs, and so much still fits into a processor's own cache.
const BUFFER_SIZE: usize = 256 * 1024;

/// Bars copied with one write: 4 MiB.
const COPY_BARS: usize = 64 * 1024;

/// In which state a series was found when a writer took it over.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Health {
    /// As its record says.
    Whole,
    /// Never committed.
    New,
    /// Its record could not be believed; it was cut back to what can be proven and has to be rebuilt from its source.
    Repaired {
        /// Why.
        reason: Distrust,
    },
}

/// The one writer of a series. Whoever holds it holds the lock of the lake.
///
/// Bars appended are not seen by anyone before [`publish`](SeriesWriter::publish). After an error the appended bars
/// are forgotten and the series is as its last record says.
#[derive(Debug)]
pub struct SeriesWriter {
    pub(super) disk: Arc<dyn Disk>,
    pub(super) bin: PathBuf,
    pub(super) idx: PathBuf,
    pub(super) fsync: bool,
    pub(super) is_minute: bool,
    pub(super) commit: Commit,
    health: Health,
    /// The record on disk is not (yet) this commit, because it was repaired or never written.
    pub(super) unwritten: bool,
    /// Bytes in the file as far as we know, garbage beyond the committed ones included.
    held: u64,
    tail: Option<Box<dyn Append>>,
    buffer: Vec<u8>,
    /// Committed and appended bytes, the buffered ones included.
    position: u64,
    /// The file's name may not be on the medium yet.
    name_is_new: bool,
}

impl Lake {
    /// Takes a series over for writing. With `fsync` every step is on the medium before the next one begins.
    ///
    /// A record that cannot be believed leaves the series cut back to what can be proven ([`Health::Repaired`]): the
    /// 1m series to its longest intact prefix, to be compared with all payloads (`reconcile_from` 1970-01-01); any
    /// other to nothing, to be folded again. The repaired record is written with the first change and not before, so
    /// that a run that dies here leaves the next one the same finding, and the same duty to carry what was folded
    /// from this series back first.
    ///
    /// A series never committed ([`Health::New`]) is empty, and for 1m has `reconcile_from` 1970-01-01 as well.
    pub fn open_series(&self, key: &SeriesKey, fsync: bool) -> Result<SeriesWriter, StoreError> {
        let bin = self.series_path(key);
        self.remove_left_over(&beside(&bin))?;
        let Found { commit, health, held } = self.find_series(key)?;
        let unwritten = health != Health::Whole;
        Ok(SeriesWriter {
            disk: self.disk.clone(),
            bin,
            idx: self.commit_path(key),
            fsync,
            is_minute: key.source.is_none(),
            commit,
            health,
            unwritten,
            held,
            tail: None,
            buffer: Vec::new(),
            position: commit.out_pos,
            name_is_new: held == 0,
        })
    }

    /// A replacement that a crash interrupted is as large as the series: it is not kept until the next one.
    fn remove_left_over(&self, path: &Path) -> Result<(), StoreError> {
        let found = self.disk.stamp(path).map_err(StoreError::at("looking at", path))?;
        match found {
            Some(_) => self.disk.remove_file(path).map(drop).map_err(StoreError::at("removing", path)),
            None => Ok(()),
        }
    }
}

impl SeriesWriter {
    /// In which state the series was found.
    pub fn health(&self) -> &Health {
        &self.health
    }

    /// What the series has promised.
    pub fn commit(&self) -> &Commit {
        &self.commit
    }

    /// Committed bars and those appended since, in number.
    pub fn bars_held(&self) -> usize {
        (self.position / BAR_SIZE as u64) as usize
    }

    /// The committed bars, as a view that lives on its own.
    pub fn view(&self) -> Result<SeriesView, StoreError> {
        Ok(SeriesView::new(self.commit, self.map(self.commit.bars())?))
    }

    /// Adds bars at the end, later than all before; they count after [`publish`](SeriesWriter::publish).
    pub fn append(&mut self, bars: &[Bar]) -> Result<(), StoreError> {
        if bars.is_empty() {
            return Ok(());
        }
        if self.unwritten && self.health != Health::New {
            // A record that claims too much would come true again, unproven, once the file has grown.
            self.write_record(self.commit)?;
        }
        let mut rest: &[u8] = bytemuck::cast_slice(bars);
        while !rest.is_empty() {
            let room = BUFFER_SIZE - (self.position % BUFFER_SIZE as u64) as usize;
            let (piece, later) = rest.split_at(room.min(rest.len()));
            self.buffer.extend_from_slice(piece);
            self.position += piece.len() as u64;
            rest = later;
            if piece.len() == room {
                self.flush()?;
            }
        }
        Ok(())
    }

    /// Commits what was appended. `commit.out_pos` must be exactly what the series then holds;
    /// `commit.corrections` is kept by the store. Nothing is written when nothing changed.
    pub fn publish(&mut self, commit: Commit) -> Result<(), StoreError> {
        assert_eq!(
            commit.out_pos, self.position,
            "a commit claims exactly what was appended: {:?}",
            self.bin
        );
        self.flush()?;
        if self.fsync {
            self.sync_data()?;
        }
        let commit = Commit { corrections: self.commit.corrections, ..commit };
        if commit == self.commit && !self.unwritten { Ok(()) } else { self.write_record(commit) }
    }

    /// Claims less, at once; bars appended and not published are forgotten. The bytes taken back stay in the file
    /// until the next append, for those who are reading them.
    pub fn shrink(&mut self, commit: Commit) -> Result<(), StoreError> {
        assert!(
            commit.out_pos <= self.commit.out_pos,
            "shrinking claims no more than before: {:?}",
            self.bin
        );
        self.forget();
        self.write_record(Commit { corrections: self.commit.corrections + 1, ..commit })?;
        self.position = commit.out_pos;
        Ok(())
    }

    /// Removes bytes beyond the committed ones, if there are any and nothing was appended since the last record.
    pub fn remove_leftovers(&mut self) -> Result<(), StoreError> {
        if self.held <= self.position || self.unwritten {
            return Ok(());
        }
        self.remove_garbage()?;
        self.held = self.commit.out_pos;
        Ok(())
    }

    pub(super) fn map(&self, bars: usize) -> Result<BarMap, StoreError> {
        match self.disk.open(&self.bin).map_err(StoreError::at("opening", &self.bin))? {
            Some(file) => BarMap::new(&file, bars).map_err(StoreError::at("mapping", &self.bin)),
            None if bars == 0 => Ok(BarMap::default()),
            None => Err(StoreError::at("opening", &self.bin)(io::ErrorKind::NotFound.into())),
        }
    }

    pub(super) fn write_record(&mut self, commit: Commit) -> Result<(), StoreError> {
        let written = self.disk.replace(&self.idx, &commit.encode(), self.fsync);
        written.map_err(StoreError::at("writing", &self.idx))?;
        self.commit = commit;
        self.unwritten = false;
        Ok(())
    }

    /// Back to the last record: what was appended since is garbage in the file.
    pub(super) fn forget(&mut self) {
        self.tail = None;
        self.buffer.clear();
        self.position = self.commit.out_pos;
    }

    /// The file holds exactly `length` bytes, all committed, under a name that is durable.
    pub(super) fn holds_exactly(&mut self, length: u64) {
        self.forget();
        self.held = length;
        self.name_is_new = false;
    }

    /// After an error part of a write may have arrived: the file's true length is not known, and surely not less.
    pub(super) fn lose_track(&mut self) {
        self.forget();
        self.held = u64::MAX;
    }

    /// Streams the first `bytes` of the series into a new file.
    pub(super) fn copy_prefix(&self, bars: usize, file: &mut dyn Append) -> Result<(), StoreError> {
        let map = self.map(bars)?;
        let mut copied = 0;
        for piece in map.bars().chunks(COPY_BARS) {
            file.append(bytemuck::cast_slice(piece)).map_err(StoreError::at("writing", &self.bin))?;
            copied += piece.len();
            map.release(copied);
        }
        Ok(())
    }

    fn flush(&mut self) -> Result<(), StoreError> {
        if self.buffer.is_empty() {
            return Ok(());
        }
        let mut buffer = std::mem::take(&mut self.buffer);
        let outcome = self.write(&buffer);
        buffer.clear();
        self.buffer = buffer;
        outcome
    }

    fn write(&mut self, bytes: &[u8]) -> Result<(), StoreError> {
        let outcome = self.write_at_end(bytes);
        if outcome.is_err() {
            self.lose_track();
        }
        outcome
    }

    fn write_at_end(&mut self, bytes: &[u8]) -> Result<(), StoreError> {
        let appended = self.tail()?.append(bytes);
        appended.map_err(StoreError::at("writing", &self.bin))?;
        self.held += bytes.len() as u64;
        Ok(())
    }

    /// The file, open at its end, without a byte that is not committed.
    fn tail(&mut self) -> Result<&mut Box<dyn Append>, StoreError> {
        if self.tail.is_none() {
            if self.held > self.commit.out_pos {
                self.remove_garbage()?;
            }
            let tail = self.disk.append(&self.bin, self.commit.out_pos);
            self.tail = Some(tail.map_err(StoreError::at("opening", &self.bin))?);
            self.held = self.commit.out_pos;
        }
        Ok(self.tail.as_mut().expect("it was opened just now"))
    }

    /// By replacement, because readers may have mapped those bytes when they were committed. The record stays true
    /// all the while: the committed bytes are the same in both files.
    fn remove_garbage(&mut self) -> Result<(), StoreError> {
        let next = beside(&self.bin);
        let at = |doing| StoreError::at(doing, &self.bin);
        let mut file = self.disk.create(&next).map_err(at("writing"))?;
        self.copy_prefix(self.commit.bars(), &mut *file)?;
        if self.fsync {
            file.sync().map_err(at("syncing"))?;
        }
        self.disk.put_in_place(&next, &self.bin, self.fsync).map_err(at("replacing"))
    }

    /// The bytes, and once the file's name; the record may claim them only then.
    fn sync_data(&mut self) -> Result<(), StoreError> {
        let Some(tail) = &mut self.tail else { return Ok(()) };
        let synced = tail.sync();
        if let Err(error) = synced {
            self.lose_track();
            return Err(StoreError::at("syncing", &self.bin)(error));
        }
        if let (true, Some(folder)) = (self.name_is_new, self.bin.parent()) {
            self.disk.sync(folder).map_err(StoreError::at("syncing", folder))?;
            self.name_is_new = false;
        }
        Ok(())
    }
}
