//! What the user has taken out of quarantine. A decision is an input like the payload it speaks of, so it lies in the
//! cache beside it, `SYMBOL_YYYYMMDD.released`, and names the payload's bytes: it holds as long as these very bytes are
//! the day's payload, and says nothing about any others.

use serde_json::{Value, json};

use super::{Lake, StoreError};
use crate::model::{Day, Symbol};

/// The decision that the refused bars of one payload belong into the series all the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Release {
    /// CRC-32C of the payload it was made about.
    pub crc32c: u32,
    /// Bytes of that payload.
    pub length: u64,
    /// When it was made, UTC milliseconds.
    pub released_ms: i64,
}

impl Release {
    /// A decision about these bytes, made now.
    pub fn of(payload: &[u8], now_ms: i64) -> Release {
        Release { crc32c: crc32c::crc32c(payload), length: payload.len() as u64, released_ms: now_ms }
    }

    /// Whether it was made about these bytes.
    pub fn is_about(&self, payload: &[u8]) -> bool {
        self.length == payload.len() as u64 && self.crc32c == crc32c::crc32c(payload)
    }

    /// One line of JSON.
    fn to_line(self) -> String {
        let crc32c = format!("{:08x}", self.crc32c);
        format!("{}\n", json!({ "crc32c": crc32c, "length": self.length, "released_ms": self.released_ms }))
    }

    fn from_bytes(bytes: &[u8]) -> Option<Release> {
        let object: Value = serde_json::from_slice(bytes).ok()?;
        Some(Release {
            crc32c: u32::from_str_radix(object["crc32c"].as_str()?, 16).ok()?,
            length: object["length"].as_u64()?,
            released_ms: object["released_ms"].as_i64()?,
        })
    }
}

impl Lake {
    /// The decision about a day, whichever payload it was made about; none where nobody decided, or where the file is
    /// not one of ours.
    pub fn read_release(&self, symbol: &Symbol, day: Day) -> Result<Option<Release>, StoreError> {
        let path = self.release_path(symbol, day);
        let bytes = self.disk.read(&path).map_err(StoreError::at("reading", &path))?;
        Ok(bytes.and_then(|bytes| Release::from_bytes(&bytes)))
    }

    /// Whether the user has released what this payload of the day would have refused.
    pub fn is_released(&self, symbol: &Symbol, day: Day, payload: &[u8]) -> Result<bool, StoreError> {
        Ok(self.read_release(symbol, day)?.is_some_and(|release| release.is_about(payload)))
    }

    /// Keeps a decision, in place of an earlier one. It is on the medium when this returns, also where nothing else is
    /// synced: nobody but the user could make it again.
    pub fn write_release(&self, symbol: &Symbol, day: Day, release: &Release) -> Result<(), StoreError> {
        let path = self.release_path(symbol, day);
        let line = release.to_line();
        if let Some(folder) = path.parent() {
            self.anchor(folder)?;
        }
        self.disk.replace(&path, line.as_bytes(), true).map_err(StoreError::at("writing", &path))
    }

    /// Takes a decision back, as durably; false when there was none.
    pub fn remove_release(&self, symbol: &Symbol, day: Day) -> Result<bool, StoreError> {
        let path = self.release_path(symbol, day);
        let was_there = self.disk.remove_file(&path).map_err(StoreError::at("removing", &path))?;
        if let (true, Some(folder)) = (was_there, path.parent()) {
            self.disk.sync(folder).map_err(StoreError::at("syncing", folder))?;
        }
        Ok(was_there)
    }

    /// The days about which the user has decided for a symbol, in order.
    pub fn released_days(&self, symbol: &Symbol) -> Result<Vec<Day>, StoreError> {
        let mut days = Vec::new();
        self.each_day_file(&self.paths.cache, "released", Day::from_epoch_days(0), |name, day| {
            if name == symbol.as_str() {
                days.push(day);
            }
        })?;
        days.sort_unstable();
        Ok(days)
    }
}
