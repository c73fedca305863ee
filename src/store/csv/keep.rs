//! Making a `SYMBOL.csv` show what its series has committed: new lines at its end, or another file in its place.
//!
//! All of it happens after the series was committed, so whatever goes wrong here costs the series nothing.

use super::claim::CsvClaim;
use super::prefix::Prefix;
use crate::disk::{Append, beside};
use crate::model::Bar;
use crate::model::lines::{HEADER, Lines};
use crate::store::writer::STRETCH_BARS;
use crate::store::{Lake, SeriesKey, SeriesView, StoreError};

/// Bars made into text at once: a quarter of a megabyte, which stays in the processor's own cache.
const PIECE_BARS: usize = STRETCH_BARS;

/// Bytes behind the claimed ones that are looked at: an interrupted run has left them, and most of them can stay.
const LEFT_MAX: u64 = 64 << 20;

/// How the text of a series stands to the series.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CsvState {
    /// There is no such series.
    NoSeries,
    /// It shows what is committed.
    Shown,
    /// It does not, or nobody knows: it has to be kept up.
    Behind,
}

/// One text being brought up to its series.
struct Text<'a> {
    lake: &'a Lake,
    key: &'a SeriesKey,
    view: &'a SeriesView,
    /// Every step is on the medium before the next one.
    fsync: bool,
    /// What replaces a file is, also where not every step has to be.
    waits: bool,
    claim: Option<CsvClaim>,
    held: u64,
}

impl Lake {
    /// How the text of a series stands to what is committed, by what the records say of it and its length.
    pub fn csv_state(&self, key: &SeriesKey) -> Result<CsvState, StoreError> {
        let Some(commit) = self.read_commit(key)? else { return Ok(CsvState::NoSeries) };
        let claim = self.read_csv_claim(&key.symbol, &key.timeframe)?;
        let held = self.held(&self.csv_path(&key.symbol, &key.timeframe))?;
        let shown = claim.is_some_and(|claim| claim.shows_all_of(&commit) && claim.end == held);
        Ok(if shown { CsvState::Shown } else { CsvState::Behind })
    }

    /// Makes the text beside a series show what is committed, and nothing else. Nothing is written when it does. Returns
    /// whether anything was.
    ///
    /// New bars are appended. From the first bar that is not true any more the text is made again, beside the old one
    /// and put in its place; and all of it where nothing is known. With `fsync` every step is on the medium before the
    /// next one. A series that has to be repaired is left to the run that repairs it.
    pub fn keep_csv(&self, key: &SeriesKey, fsync: bool) -> Result<bool, StoreError> {
        let path = self.csv_path(&key.symbol, &key.timeframe);
        self.remove_left_over(&beside(&path))?;
        let claim = self.read_csv_claim(&key.symbol, &key.timeframe)?;
        let held = self.held(&path)?;
        let view = match self.to_be_shown(key, claim, held) {
            Ok(Some(view)) => view,
            Ok(None) | Err(StoreError::Repair { .. }) => return Ok(false),
            Err(error) => return Err(error),
        };
        let waits = fsync || !self.is_unsettled_now(&key.symbol)?;
        let text = Text { lake: self, key, view: &view, fsync, waits, claim, held };
        let prefix = self.true_prefix(key, claim, &view, held)?;
        if text.ends_with(prefix) && text.grow(prefix)? {
            return Ok(true);
        }
        text.replace(prefix).inspect_err(|_| {
            // On a full disk the half of it is what is missing most; what cannot be removed now is by the next run.
            self.disk().remove_file(&beside(&path)).ok();
        })?;
        Ok(true)
    }

    /// The series, unless there is none or its text is surely as it should be.
    fn to_be_shown(
        &self,
        key: &SeriesKey,
        claim: Option<CsvClaim>,
        held: u64,
    ) -> Result<Option<SeriesView>, StoreError> {
        let boot = self.disk().boot();
        if let Some(claim) = claim.filter(|claim| claim.end == held && boot.is_some() && claim.boot == boot)
            && self.read_commit(key)?.is_none_or(|commit| claim.shows_all_of(&commit))
        {
            return Ok(None);
        }
        self.read_series(key)
    }
}

impl Text<'_> {
    /// Whether the prefix is all that is claimed, so that the text can go on behind it.
    fn ends_with(&self, prefix: Prefix) -> bool {
        prefix.bytes > 0 && self.claim.is_some_and(|claim| claim.end == prefix.bytes)
    }

    /// Appends what is new. False when there are bytes behind the prefix that are not the beginning of it.
    fn grow(&self, prefix: Prefix) -> Result<bool, StoreError> {
        let path = self.lake.csv_path(&self.key.symbol, &self.key.timeframe);
        if self.held - prefix.bytes > LEFT_MAX {
            return Ok(false);
        }
        // What an interrupted run wrote and did not claim may well be right: then it stays.
        let left = match self.held - prefix.bytes {
            0 => Vec::new(),
            _ => self.lake.read_part(&path, prefix.bytes, self.held)?,
        };
        let (mut passed, mut tail, mut end) = (0, None::<Box<dyn Append>>, prefix.bytes);
        for piece in self.pieces(prefix.bars) {
            let already = piece.len().min(left.len() - passed);
            if piece[..already] != left[passed..passed + already] {
                return Ok(false);
            }
            passed += already;
            end += piece.len() as u64;
            if already == piece.len() {
                continue;
            }
            if tail.is_none() {
                let opened = self.lake.disk().append(&path, self.held);
                tail = Some(opened.map_err(StoreError::at("opening", &path))?);
            }
            let tail = tail.as_mut().expect("it was opened just now");
            tail.append(&piece[already..]).map_err(StoreError::at("writing", &path))?;
        }
        if passed < left.len() {
            return Ok(false);
        }
        let stretch = |bars: usize| bars / STRETCH_BARS;
        let ends_a_stretch = stretch(prefix.bars) != stretch(self.view.bars().len());
        if self.fsync || (ends_a_stretch && self.waits) {
            drop(tail);
            self.lake.disk().sync(&path).map_err(StoreError::at("syncing", &path))?;
        }
        let claim = self.claim_of(self.view.bars().len(), end);
        // Where boots have no names the end is looked at again and again, and mostly found as it was.
        match self.claim == Some(claim) {
            true => Ok(true),
            false => self.write(claim, self.fsync).map(|()| true),
        }
    }

    /// Writes the next whole beside the present one: what is true of it, copied by the system, and the rest. Between the
    /// two claims only what both files hold is claimed.
    fn replace(&self, prefix: Prefix) -> Result<(), StoreError> {
        let path = self.lake.csv_path(&self.key.symbol, &self.key.timeframe);
        let (next, disk) = (beside(&path), self.lake.disk());
        let at = |doing| StoreError::at(doing, &path);
        let mut end = prefix.bytes;
        let mut file = match prefix.bytes {
            0 => disk.create(&next),
            bytes => disk.begin_with(&next, &path, bytes),
        }
        .map_err(at("writing"))?;
        if prefix.bytes == 0 {
            file.append(HEADER.as_bytes()).map_err(at("writing"))?;
            end = HEADER.len() as u64;
        }
        for piece in self.pieces(prefix.bars) {
            file.append(&piece).map_err(at("writing"))?;
            end += piece.len() as u64;
        }
        if self.waits {
            file.sync().map_err(at("syncing"))?;
        }
        drop(file);
        if self.claim.is_some() {
            self.write(self.claim_of(prefix.bars, prefix.bytes), self.waits)?;
        }
        if let (true, Some(folder)) = (self.waits, path.parent()) {
            self.lake.anchor(folder)?;
        }
        disk.put_in_place(&next, &path, self.waits).map_err(at("replacing"))?;
        self.write(self.claim_of(self.view.bars().len(), end), self.waits)
    }

    fn claim_of(&self, bars: usize, end: u64) -> CsvClaim {
        let (shown, corrections) = (bars as u64, self.view.commit().corrections);
        let boot = self.lake.disk().boot();
        CsvClaim { end, shown, kept: shown, since: corrections, until: corrections, boot }
    }

    fn write(&self, claim: CsvClaim, sync: bool) -> Result<(), StoreError> {
        self.lake.write_csv_claim(&self.key.symbol, &self.key.timeframe, claim, sync)
    }

    /// The bars from `first` on as text, in pieces that end with a line.
    fn pieces(&self, first: usize) -> impl Iterator<Item = Vec<u8>> {
        let (bars, mut lines) = (self.view.bars(), Lines::default());
        let mut place = first;
        std::iter::from_fn(move || {
            let piece: &[Bar] = &bars[place..bars.len().min(place + PIECE_BARS)];
            place += piece.len();
            let mut text = Vec::with_capacity(piece.len() * 64);
            lines.write(piece, &mut text);
            self.view.release(place);
            (!piece.is_empty()).then_some(text)
        })
    }
}
