//! Seals: what proves a file below `data` that has no checksum inside. `.NAME.seal` lies beside the running day's payload
//! and beside every file in quarantine, 32 bytes: magic, version, the file's length, its time where that means
//! something, its CRC-32C, and the seal's own.
//!
//! A file is unsealed before it is replaced and sealed afterwards: a crash leaves one that is not proven, never one that
//! seems damaged.

use std::path::{Path, PathBuf};

use bytemuck::{Pod, Zeroable};

use super::{Lake, StoreError};
use crate::model::flipped::{Flipped, flipped_bit, unflipped};

const MAGIC: [u8; 4] = *b"SEAL";
const VERSION: u32 = 1;

/// File times are kept by some file systems to two seconds only.
const TIME_SLACK_MS: u64 = 2_000;

/// The end of a seal's name.
pub(super) const ENDING: &str = ".seal";

#[derive(Clone, Copy, Pod, Zeroable)]
#[repr(C)]
struct RawSeal {
    magic: [u8; 4],
    version: u32,
    length: u64,
    /// The file's time in UTC milliseconds; 0 when it means nothing.
    mtime_ms: i64,
    file_crc32c: u32,
    crc32c: u32,
}

/// What a seal says of its file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Proof {
    /// The file is as it was written.
    Proven,
    /// There is no seal, or none that can be read.
    Unsealed,
    /// The seal is damaged; with what it would say if one bit of it had flipped.
    SealDamaged,
    /// The bytes are not those that were sealed.
    Changed {
        /// As they were, when just one bit has flipped.
        before: Option<Vec<u8>>,
    },
    /// The bytes are right, the file's time is not.
    Moved {
        /// As it was, in UTC milliseconds.
        mtime_ms: i64,
    },
}

impl Lake {
    /// Compares a file with its seal; `None` when there is no file.
    pub fn prove(&self, path: &Path) -> Result<Option<Proof>, StoreError> {
        let mut bytes = Vec::new();
        let at = StoreError::at("reading", path);
        let Some(stamp) = self.disk.read_into(path, &mut bytes).map_err(at)? else { return Ok(None) };
        let seal = seal_path(path);
        let Some(found) = self.disk.read(&seal).map_err(StoreError::at("reading", &seal))? else {
            return Ok(Some(Proof::Unsealed));
        };
        let Some(seal) = RawSeal::read(&found) else { return Ok(Some(Proof::SealDamaged)) };
        let moved = seal.mtime_ms != 0 && seal.mtime_ms.abs_diff(stamp.mtime_ms) >= TIME_SLACK_MS;
        Ok(Some(if seal.length != bytes.len() as u64 {
            Proof::Changed { before: None }
        } else if seal.file_crc32c != crc32c::crc32c(&bytes) {
            Proof::Changed { before: unflip(bytes, seal.file_crc32c) }
        } else if moved {
            Proof::Moved { mtime_ms: seal.mtime_ms }
        } else {
            Proof::Proven
        }))
    }

    /// Puts a sealed file back as its seal has it: `bytes` are what it sealed. Its time is the seal's, or stays.
    pub fn restore(&self, path: &Path, bytes: &[u8]) -> Result<(), StoreError> {
        let seal = self.disk.read(&seal_path(path)).map_err(StoreError::at("reading", path))?;
        let sealed_ms = seal.as_deref().and_then(RawSeal::read).map(|seal| seal.mtime_ms);
        let found = self.disk.stamp(path).map_err(StoreError::at("looking at", path))?;
        // A file that is as it was has the time that it had.
        let time_ms = sealed_ms.filter(|time_ms| *time_ms != 0).or(found.map(|stamp| stamp.mtime_ms));
        self.store(path, bytes, time_ms)
    }

    /// Seals a file anew as it lies there; `keeps_time` when its time means something.
    pub fn seal_again(&self, path: &Path, keeps_time: bool) -> Result<(), StoreError> {
        let mut bytes = Vec::new();
        let stamp = self.disk.read_into(path, &mut bytes).map_err(StoreError::at("reading", path))?;
        match stamp {
            Some(stamp) => self.seal(path, &bytes, Some(stamp.mtime_ms).filter(|_| keeps_time)),
            None => Ok(()),
        }
    }

    /// As [`store`](Lake::store), with a seal.
    pub(super) fn store_sealed(
        &self,
        path: &Path,
        bytes: &[u8],
        mtime_ms: Option<i64>,
    ) -> Result<(), StoreError> {
        self.unseal(path)?;
        self.store(path, bytes, mtime_ms)?;
        self.seal(path, bytes, mtime_ms)
    }

    /// Removes a file's seal. Looks first: removing nothing is a step on a counting disk.
    pub fn unseal(&self, path: &Path) -> Result<(), StoreError> {
        let seal = seal_path(path);
        if self.disk.stamp(&seal).map_err(StoreError::at("looking at", &seal))?.is_some() {
            self.disk.remove_file(&seal).map_err(StoreError::at("removing", &seal))?;
        }
        Ok(())
    }

    fn seal(&self, path: &Path, bytes: &[u8], mtime_ms: Option<i64>) -> Result<(), StoreError> {
        let seal = seal_path(path);
        let encoded = RawSeal::of(bytes, mtime_ms.unwrap_or(0));
        self.disk
            .replace(&seal, bytemuck::bytes_of(&encoded), self.payloads_sync)
            .map_err(StoreError::at("writing", &seal))
    }
}

impl RawSeal {
    fn of(bytes: &[u8], mtime_ms: i64) -> RawSeal {
        let length = bytes.len() as u64;
        let file_crc32c = crc32c::crc32c(bytes);
        let mut seal = RawSeal { magic: MAGIC, version: VERSION, length, mtime_ms, file_crc32c, crc32c: 0 };
        seal.crc32c = seal.checksum();
        seal
    }

    fn read(bytes: &[u8]) -> Option<RawSeal> {
        let seal: RawSeal = bytemuck::try_pod_read_unaligned(bytes).ok()?;
        seal.is_sound().then_some(seal)
    }

    fn is_sound(&self) -> bool {
        self.crc32c == self.checksum() && self.magic == MAGIC && self.version == VERSION
    }

    fn checksum(&self) -> u32 {
        crc32c::crc32c(&bytemuck::bytes_of(self)[..size_of::<RawSeal>() - 4])
    }
}

impl Lake {
    /// Puts a damaged seal back as it was, when just one bit of it has flipped; says whether it could.
    pub fn restore_seal(&self, path: &Path) -> Result<bool, StoreError> {
        let seal = seal_path(path);
        let found = self.disk.read(&seal).map_err(StoreError::at("reading", &seal))?.unwrap_or_default();
        let whole = bytemuck::try_pod_read_unaligned::<RawSeal>(&found).ok();
        match whole.and_then(|damaged| unflipped(&damaged)).filter(RawSeal::is_sound) {
            Some(whole) => self
                .disk
                .replace(&seal, bytemuck::bytes_of(&whole), false)
                .map_err(StoreError::at("writing", &seal))
                .map(|()| true),
            None => Ok(false),
        }
    }
}

/// Where the seal of a file lies.
pub(super) fn seal_path(path: &Path) -> PathBuf {
    let name = path.file_name().map(|name| name.to_string_lossy()).unwrap_or_default();
    path.with_file_name(format!(".{name}{ENDING}"))
}

fn unflip(mut bytes: Vec<u8>, stored: u32) -> Option<Vec<u8>> {
    match flipped_bit(&bytes, stored)? {
        Flipped::Bit(bit) => {
            bytes[bit / 8] ^= 1 << (bit % 8);
            Some(bytes)
        }
        // The seal vouches for its copy of the checksum.
        Flipped::Checksum => None,
    }
}
