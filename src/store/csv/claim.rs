//! What is known of a `SYMBOL.csv`: how many of its bytes count, how many bars they show, and how many of these the series
//! still holds. 64 bytes, drawn in `docs/FORMAT.md`, which a test holds to this file.

use std::num::NonZeroU32;

use bytemuck::{Pod, Zeroable};

use crate::disk::Boot;
use crate::model::{Symbol, Timeframe};
use crate::store::{Commit, Lake, StoreError};

/// Bytes of a claim.
pub const CLAIM_SIZE: usize = size_of::<RawClaim>();

/// The first four bytes of a claim.
pub const CLAIM_MAGIC: [u8; 4] = *b"CSVL";

/// The version written here, and the only one read. Another way to write a line would be another version.
pub const CLAIM_VERSION: u32 = 1;

/// How much of a `SYMBOL.csv` is true.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CsvClaim {
    /// Bytes of the text that count, the first line included.
    pub end: u64,
    /// Bars in them.
    pub shown: u64,
    /// Leading ones of these bars that the series still holds: a correction takes the others back, and leaves the text.
    pub kept: u64,
    /// It holds of a series whose count of corrections is this,
    pub since: u64,
    /// or up to this, which is one more while the series is being corrected.
    pub until: u64,
    /// In which boot it was written, where the system names its boots: in a later one the end of the text may have been
    /// lost.
    pub boot: Option<Boot>,
}

/// The claim as it lies in the file. `Pod` refuses hidden padding, so the struct is the format.
#[derive(Clone, Copy, Pod, Zeroable)]
#[repr(C)]
struct RawClaim {
    magic: [u8; 4],
    version: u32,
    end: u64,
    shown: u64,
    kept: u64,
    since: u64,
    until: u64,
    unused: u64,
    boot: u32,
    crc32c: u32,
}

impl CsvClaim {
    /// Its bytes.
    pub fn encode(&self) -> [u8; CLAIM_SIZE] {
        let mut raw = RawClaim {
            magic: CLAIM_MAGIC,
            version: CLAIM_VERSION,
            end: self.end,
            shown: self.shown,
            kept: self.kept,
            since: self.since,
            until: self.until,
            unused: 0,
            boot: self.boot.map_or(0, |boot| boot.0.get()),
            crc32c: 0,
        };
        raw.crc32c = checksum(&raw);
        bytemuck::cast(raw)
    }

    /// The claim in these bytes, if they can be believed. What is doubtful costs one rendering, so nobody asks why.
    pub fn decode(bytes: &[u8]) -> Option<CsvClaim> {
        let raw: RawClaim = bytemuck::try_pod_read_unaligned(bytes).ok()?;
        let sound = raw.magic == CLAIM_MAGIC && raw.version == CLAIM_VERSION && raw.crc32c == checksum(&raw);
        let boot = NonZeroU32::new(raw.boot).map(Boot);
        let RawClaim { end, shown, kept, since, until, .. } = raw;
        (sound && kept <= shown).then_some(CsvClaim { end, shown, kept, since, until, boot })
    }

    /// Whether it speaks of a series in this state.
    pub fn is_of(&self, commit: &Commit) -> bool {
        (self.since..=self.until).contains(&commit.corrections)
    }

    /// Whether the text shows exactly what is committed.
    pub fn shows_all_of(&self, commit: &Commit) -> bool {
        self.is_of(commit) && self.shown == self.kept && self.shown == commit.bars() as u64
    }
}

impl Lake {
    /// What is known of the text of a series; `None` when there is none, or the claim cannot be believed.
    pub fn read_csv_claim(
        &self,
        symbol: &Symbol,
        timeframe: &Timeframe,
    ) -> Result<Option<CsvClaim>, StoreError> {
        let path = self.csv_claim_path(symbol, timeframe);
        let bytes = self.disk().read(&path).map_err(StoreError::at("reading", &path))?;
        Ok(bytes.and_then(|bytes| CsvClaim::decode(&bytes)))
    }

    pub(super) fn write_csv_claim(
        &self,
        symbol: &Symbol,
        timeframe: &Timeframe,
        claim: CsvClaim,
        sync: bool,
    ) -> Result<(), StoreError> {
        let path = self.csv_claim_path(symbol, timeframe);
        if let (true, Some(folder)) = (sync, path.parent()) {
            self.anchor(folder)?;
        }
        self.disk().replace(&path, &claim.encode(), sync).map_err(StoreError::at("writing", &path))
    }

    /// Nothing is known of the text any more: it will be written anew.
    pub(in crate::store) fn forget_csv(
        &self,
        symbol: &Symbol,
        timeframe: &Timeframe,
    ) -> Result<(), StoreError> {
        let path = self.csv_claim_path(symbol, timeframe);
        // Looked for first: nearly always it is not there, and removing is a step that has to be waited for.
        if self.disk().stamp(&path).map_err(StoreError::at("looking at", &path))?.is_none() {
            return Ok(());
        }
        self.disk().remove_file(&path).map_err(StoreError::at("removing", &path))?;
        let Some(folder) = path.parent() else { return Ok(()) };
        self.disk().sync(folder).map_err(StoreError::at("syncing", folder))
    }

    /// The series is about to be taken back to its first `bars` bars, and to count one correction more than `corrections`.
    /// The claim says so before the series does, in a way that is true before and after; the text stays as it is.
    pub(in crate::store) fn take_csv_back(
        &self,
        symbol: &Symbol,
        timeframe: &Timeframe,
        corrections: u64,
        bars: usize,
        sync: bool,
    ) -> Result<(), StoreError> {
        match self.read_csv_claim(symbol, timeframe)? {
            Some(claim) if (claim.since..=claim.until).contains(&corrections) => {
                let kept = claim.kept.min(bars as u64);
                let back = CsvClaim { kept, since: corrections, until: corrections + 1, ..claim };
                // The boot it names is the one its bytes were written in, and stays.
                let path = self.csv_claim_path(symbol, timeframe);
                self.disk().replace(&path, &back.encode(), sync).map_err(StoreError::at("writing", &path))
            }
            // A count may come again when a record was lost; what does not fit now must not fit then.
            _ => self.forget_csv(symbol, timeframe),
        }
    }
}

fn checksum(raw: &RawClaim) -> u32 {
    crc32c::crc32c(&bytemuck::bytes_of(raw)[..CLAIM_SIZE - 4])
}
