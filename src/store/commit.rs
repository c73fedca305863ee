//! The commit record: which bytes of a series are true, and where work on it resumes. 64 bytes, drawn in
//! `docs/FORMAT.md`, which a test holds to this file.

use std::fmt;
use std::num::NonZeroU32;

use bytemuck::{Pod, Zeroable};

use crate::disk::Boot;
use crate::model::bar::BAR_SIZE;
use crate::model::day::LABELS_END_MS;
use crate::model::{Bar, Day};

/// Bytes of a commit record.
pub const COMMIT_SIZE: usize = size_of::<RawCommit>();

/// The first four bytes of a commit record.
pub const COMMIT_MAGIC: [u8; 4] = *b"CMIT";

/// The version written here, and the only one read.
pub const COMMIT_VERSION: u32 = 1;

/// What a series has promised.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Commit {
    /// Committed bytes of this series, a multiple of the record size.
    pub out_pos: u64,
    /// Byte offset in the source's file where folding resumes; 0 for 1m.
    pub in_pos: u64,
    /// No bar with a smaller label can appear in this series any more, except by a correction.
    pub watermark_ms: u64,
    /// 1m: the last day aggregated.
    pub last_date: Option<Day>,
    /// 1m: days from here on must be compared with their payloads again.
    pub reconcile_from: Option<Day>,
    /// How often bytes were taken back so far. The store counts it: [`SeriesWriter`](super::SeriesWriter) overwrites
    /// what stands here.
    pub corrections: u64,
    /// Checksum of what this series' numbers depend on in the configuration; 0 when that is not known, after a repair.
    pub fingerprint: u64,
}

/// The bytes of a commit record before anyone has checked them.
#[derive(Clone, Copy, Debug)]
pub struct UnverifiedCommit<'a>(pub &'a [u8]);

/// Why a commit record is not believed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Distrust {
    /// Not the size of a commit record.
    #[error("it has {0} bytes instead of 64")]
    Size(usize),
    /// It does not begin like one.
    #[error("it does not begin with CMIT")]
    Magic,
    /// Its checksum does not fit.
    #[error("its checksum is wrong")]
    Checksum,
    /// Sound, but not of a version known here.
    #[error("it is of version {0}")]
    Version(u32),
    /// Checksummed, but it says something that cannot be.
    #[error("its {0} cannot be")]
    Field(&'static str),
    /// It claims bytes the file does not hold.
    #[error("it claims {claimed} bytes and the series file holds {held}")]
    Claims {
        /// By the record.
        claimed: u64,
        /// By the file.
        held: u64,
    },
    /// Of the last bars it claims, which a loss of power may have kept from the medium, some are not intact.
    #[error("it claims {claimed} bars and the last ones from number {first} on are damaged")]
    Tail {
        /// By the record.
        claimed: usize,
        /// The first damaged one, counted from 0.
        first: usize,
    },
    /// Files were replaced without being synced, and the system has been started anew since.
    #[error("the system was restarted before its last changes were known to be on the disk")]
    Unsettled,
}

/// The record as it lies in the file. `Pod` refuses hidden padding, so the struct is the format.
#[derive(Clone, Copy, Pod, Zeroable)]
#[repr(C)]
struct RawCommit {
    magic: [u8; 4],
    version: u32,
    out_pos: u64,
    in_pos: u64,
    watermark_ms: u64,
    last_date: i32,
    reconcile_from: i32,
    corrections: u64,
    fingerprint: u64,
    unsettled: u32,
    crc32c: u32,
}

impl Commit {
    /// The record's bytes, of a series all of whose replacements are on the medium.
    pub fn encode(&self) -> [u8; COMMIT_SIZE] {
        self.encode_unsettled(None)
    }

    /// The record's bytes; `unsettled` is the boot in which files of the symbol were replaced without being synced.
    pub(super) fn encode_unsettled(&self, unsettled: Option<Boot>) -> [u8; COMMIT_SIZE] {
        let mut raw = RawCommit {
            magic: COMMIT_MAGIC,
            version: COMMIT_VERSION,
            out_pos: self.out_pos,
            in_pos: self.in_pos,
            watermark_ms: self.watermark_ms,
            last_date: self.last_date.map_or(0, Day::yyyymmdd),
            reconcile_from: self.reconcile_from.map_or(0, Day::yyyymmdd),
            corrections: self.corrections,
            fingerprint: self.fingerprint,
            unsettled: unsettled.map_or(0, |boot| boot.0.get()),
            crc32c: 0,
        };
        raw.crc32c = checksum(&raw);
        bytemuck::cast(raw)
    }

    /// The label up to which nothing can be new to a series with these committed bars: they are there, or its watermark
    /// has passed them.
    pub fn known_until(&self, bars: &[Bar]) -> Option<i64> {
        let passed_ms = (self.watermark_ms as i64).checked_sub(1);
        bars.last().map(|bar| bar.time_ms as i64).max(passed_ms)
    }

    /// Whether a configuration with this fingerprint may go on with the series. A new or repaired one (0) may be
    /// taken by any: it is empty, or compared with every payload first.
    pub fn fits(&self, fingerprint: u64) -> bool {
        self.fingerprint == 0 || self.fingerprint == fingerprint
    }

    /// Committed bars.
    pub fn bars(&self) -> usize {
        (self.out_pos / BAR_SIZE as u64) as usize
    }
}

impl UnverifiedCommit<'_> {
    /// The record, if its bytes can be believed. Whether the series file holds what it claims is for the caller to
    /// see.
    pub fn verify(self) -> Result<Commit, Distrust> {
        self.verify_unsettled().map(|(commit, _)| commit)
    }

    /// The same, and the boot in which files of the symbol were replaced without being synced, if there is one.
    pub(super) fn verify_unsettled(self) -> Result<(Commit, Option<Boot>), Distrust> {
        let raw: RawCommit =
            bytemuck::try_pod_read_unaligned(self.0).map_err(|_| Distrust::Size(self.0.len()))?;
        if raw.magic != COMMIT_MAGIC {
            return Err(Distrust::Magic);
        }
        if raw.crc32c != checksum(&raw) {
            return Err(Distrust::Checksum);
        }
        if raw.version != COMMIT_VERSION {
            return Err(Distrust::Version(raw.version));
        }
        let commit = Commit {
            out_pos: whole_records(raw.out_pos, "out_pos")?,
            in_pos: whole_records(raw.in_pos, "in_pos")?,
            watermark_ms: instant(raw.watermark_ms, "watermark_ms")?,
            last_date: date(raw.last_date, "last_date")?,
            reconcile_from: date(raw.reconcile_from, "reconcile_from")?,
            corrections: raw.corrections,
            fingerprint: raw.fingerprint,
        };
        Ok((commit, NonZeroU32::new(raw.unsettled).map(Boot)))
    }
}

impl fmt::Display for Commit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} bars, watermark {}, {} corrections", self.bars(), self.watermark_ms, self.corrections)
    }
}

fn checksum(raw: &RawCommit) -> u32 {
    crc32c::crc32c(&bytemuck::bytes_of(raw)[..COMMIT_SIZE - 4])
}

fn whole_records(position: u64, field: &'static str) -> Result<u64, Distrust> {
    if position.is_multiple_of(BAR_SIZE as u64) { Ok(position) } else { Err(Distrust::Field(field)) }
}

/// Work that resumes beyond every calendar would end there.
fn instant(time_ms: u64, field: &'static str) -> Result<u64, Distrust> {
    if time_ms < LABELS_END_MS as u64 { Ok(time_ms) } else { Err(Distrust::Field(field)) }
}

fn date(number: i32, field: &'static str) -> Result<Option<Day>, Distrust> {
    match number {
        0 => Ok(None),
        _ => Day::from_yyyymmdd(number).map(Some).ok_or(Distrust::Field(field)),
    }
}
