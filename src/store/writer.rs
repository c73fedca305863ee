//! Growing a series: append, sync, commit record; and claiming less.

use std::io;
use std::path::{Path, PathBuf};

use super::commit::{Commit, Distrust};
use super::map::BarMap;
use super::repair::Found;
use super::{Lake, SeriesKey, SeriesView, StoreError};
use crate::disk::{Append, Boot, beside};
use crate::model::bar::BAR_SIZE;
use crate::model::{Bar, Symbol, Timeframe};

/// Bytes of one write, which ends at a multiple of it: the system is faster with large, even pieces by far more than
/// gathering them costs, and so much still fits into a processor's own cache.
const BUFFER_SIZE: usize = 256 * 1024;

/// Bars between two syncs of a series that is not synced otherwise, 256 KiB: so many are checked whenever a series is
/// opened, which takes 20 us, and a day of minutes is synced with every third of its commits at most.
pub(super) const STRETCH_BARS: usize = 4096;

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
    pub(super) lake: Lake,
    symbol: Symbol,
    timeframe: Timeframe,
    pub(super) bin: PathBuf,
    pub(super) idx: PathBuf,
    pub(super) fsync: bool,
    pub(super) is_minute: bool,
    pub(super) commit: Commit,
    health: Health,
    doubts_folded: bool,
    /// The record on disk is not (yet) this commit, because it was repaired or never written.
    pub(super) unwritten: bool,
    /// 1m: the present boot, when files of the symbol have been replaced in it without being synced. It goes into every
    /// record from then on.
    unsettled: Option<Boot>,
    /// Bytes in the file, garbage beyond the committed ones included; not known after an error.
    held: Option<u64>,
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
        let Found { commit, health, held, unsettled, doubts_folded } = self.find_series(key)?;
        let unwritten = health != Health::Whole;
        let is_minute = key.source.is_none();
        // Nothing of a new series is on the medium that a loss of power could harm, and its first record says so.
        let builds_unsynced = is_minute && !fsync && health == Health::New;
        Ok(SeriesWriter {
            lake: self.clone(),
            symbol: key.symbol.clone(),
            timeframe: key.timeframe.clone(),
            bin,
            idx: self.commit_path(key),
            fsync,
            is_minute,
            commit,
            health,
            doubts_folded,
            unwritten,
            unsettled: if builds_unsynced { self.disk.boot() } else { unsettled },
            held: Some(held),
            tail: None,
            buffer: Vec::new(),
            position: commit.out_pos,
            name_is_new: held == 0,
        })
    }

    /// A replacement that a crash interrupted is as large as the series: it is not kept until the next one.
    pub(super) fn remove_left_over(&self, path: &Path) -> Result<(), StoreError> {
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

    /// Whether not even the series folded from this one can be believed: its replacements and theirs may have reached the
    /// medium in any order or not at all, or its record cannot say any more that this may be so.
    pub fn doubts_folded(&self) -> bool {
        self.doubts_folded
    }

    /// Announces that series of this symbol will be replaced without waiting for the medium (on a 1m series, and only
    /// if it is not synced). Until the system is started anew nothing changes; then the next writer makes all of them
    /// again from what can be proven and from the payloads. Not announced, every replacement is waited for.
    pub fn unsettle(&mut self) -> Result<(), StoreError> {
        let boot = self.lake.disk.boot();
        if self.fsync || !self.is_minute || self.unwritten || self.unsettled == boot {
            return Ok(());
        }
        let before = std::mem::replace(&mut self.unsettled, boot);
        self.write_record(self.commit, true).inspect_err(|_| self.unsettled = before)
    }

    /// Takes the mark away again: all replacements are on the medium. A series that has to be repaired keeps it.
    pub(super) fn settle(&mut self) -> Result<(), StoreError> {
        if self.health != Health::Whole {
            return Ok(());
        }
        let before = self.unsettled.take();
        self.write_record(self.commit, true).inspect_err(|_| self.unsettled = before)
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
            // A record that claims too much would come true again, unproven, once the file has grown; also when a loss
            // of power takes this one away and leaves the growth.
            self.write_record(self.commit, true)?;
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
        if self.fsync || (self.ends_a_stretch() && !self.is_unsettled()?) {
            self.sync_data()?;
        }
        let commit = Commit { corrections: self.commit.corrections, ..commit };
        let sync = self.fsync || (self.unwritten && self.health != Health::New);
        if commit == self.commit && !self.unwritten { Ok(()) } else { self.write_record(commit, sync) }
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
        let sync = self.waits()?;
        self.write_record(Commit { corrections: self.commit.corrections + 1, ..commit }, sync)?;
        self.position = commit.out_pos;
        Ok(())
    }

    /// Removes bytes beyond the committed ones, if there are any and nothing was appended since the last record.
    pub fn remove_leftovers(&mut self) -> Result<(), StoreError> {
        if self.unwritten || self.held()? <= self.position {
            return Ok(());
        }
        self.remove_garbage()
    }

    /// Whether what takes bytes back or replaces them has to be on the medium before the next step. With `fsync` it
    /// always has. Without, it has unless the symbol's 1m record says that its series are not to be believed after a
    /// loss of power.
    pub(super) fn waits(&self) -> Result<bool, StoreError> {
        Ok(self.fsync || !self.is_unsettled()?)
    }

    fn is_unsettled(&self) -> Result<bool, StoreError> {
        if self.is_minute {
            return Ok(self.unsettled.is_some());
        }
        self.lake.is_unsettled_now(&self.symbol)
    }

    /// Whether committing what was appended takes the series past the end of a stretch: everything before the last one
    /// has to be on the medium, because only the bars after it are checked when the series is opened.
    fn ends_a_stretch(&self) -> bool {
        let stretch = |position: u64| position / (STRETCH_BARS * BAR_SIZE) as u64;
        stretch(self.commit.out_pos) != stretch(self.position)
    }

    pub(super) fn map(&self, bars: usize) -> Result<BarMap, StoreError> {
        match self.lake.disk.open(&self.bin).map_err(StoreError::at("opening", &self.bin))? {
            Some(file) => BarMap::new(&file, bars).map_err(StoreError::at("mapping", &self.bin)),
            None if bars == 0 => Ok(BarMap::default()),
            None => Err(StoreError::at("opening", &self.bin)(io::ErrorKind::NotFound.into())),
        }
    }

    pub(super) fn write_record(&mut self, commit: Commit, sync: bool) -> Result<(), StoreError> {
        if sync {
            self.anchor()?;
        }
        self.take_csv_back(&commit, sync)?;
        let unsettled = self.unsettled.filter(|_| self.is_minute);
        let written = self.lake.disk.replace(&self.idx, &commit.encode_unsettled(unsettled), sync);
        written.map_err(StoreError::at("writing", &self.idx))?;
        self.commit = commit;
        self.unwritten = false;
        Ok(())
    }

    /// The text beside the series must not be believed beyond what stays; that is said before the series changes.
    fn take_csv_back(&self, next: &Commit, sync: bool) -> Result<(), StoreError> {
        if self.unwritten && self.health != Health::New {
            return self.lake.forget_csv(&self.symbol, &self.timeframe);
        }
        if next.corrections == self.commit.corrections {
            return Ok(());
        }
        let (before, kept) = (self.commit.corrections, next.bars());
        self.lake.take_csv_back(&self.symbol, &self.timeframe, before, kept, sync)
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
        self.held = Some(length);
        self.name_is_new = false;
    }

    /// After an error part of a write may have arrived: the file's true length is not known.
    pub(super) fn lose_track(&mut self) {
        self.forget();
        self.held = None;
    }

    /// The first `bars` bars of the series in a new file beside it, copied by the system.
    pub(super) fn begin_beside(&self, bars: usize) -> Result<Box<dyn Append>, StoreError> {
        let (next, disk) = (beside(&self.bin), &self.lake.disk);
        let begun = match bars * BAR_SIZE {
            0 => disk.create(&next),
            bytes => disk.begin_with(&next, &self.bin, bytes as u64),
        };
        begun.map_err(StoreError::at("writing", &self.bin))
    }

    fn held(&self) -> Result<u64, StoreError> {
        match self.held {
            Some(held) => Ok(held),
            None => self.lake.held(&self.bin),
        }
    }

    /// The names of both folders outlive a loss of power.
    fn anchor(&self) -> Result<(), StoreError> {
        [&self.bin, &self.idx]
            .into_iter()
            .filter_map(|path| path.parent())
            .try_for_each(|folder| self.lake.anchor(folder))
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
        self.held = self.held.map(|held| held + bytes.len() as u64);
        Ok(())
    }

    /// The file, open at its end, without a byte that is not committed.
    fn tail(&mut self) -> Result<&mut Box<dyn Append>, StoreError> {
        if self.tail.is_none() {
            if self.held()? > self.commit.out_pos {
                self.remove_garbage()?;
            }
            let tail = self.lake.disk.append(&self.bin, self.commit.out_pos);
            self.tail = Some(tail.map_err(StoreError::at("opening", &self.bin))?);
            self.held = Some(self.commit.out_pos);
        }
        Ok(self.tail.as_mut().expect("it was opened just now"))
    }

    /// By replacement, because readers may have mapped those bytes when they were committed. The record stays true
    /// all the while: the committed bytes are the same in both files.
    fn remove_garbage(&mut self) -> Result<(), StoreError> {
        let sync = self.waits()?;
        let at = |doing| StoreError::at(doing, &self.bin);
        let mut file = self.begin_beside(self.commit.bars())?;
        if sync {
            file.sync().map_err(at("syncing"))?;
        }
        drop(file);
        self.lake.disk.put_in_place(&beside(&self.bin), &self.bin, sync).map_err(at("replacing"))?;
        self.held = Some(self.commit.out_pos);
        Ok(())
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
            self.lake.disk.sync(folder).map_err(StoreError::at("syncing", folder))?;
            self.name_is_new = false;
        }
        Ok(())
    }
}
