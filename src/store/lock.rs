//! One writer per data root: an advisory lock that the system gives back when its holder dies.

use std::io::{self, Read, Seek, Write};
use std::path::{Path, PathBuf};

use fs2::TryLockError;

use super::{Lake, StoreError};
use crate::disk::File;

/// The right to write to a lake, until it is dropped.
#[derive(Debug)]
pub struct RunLock {
    path: PathBuf,
    // Closing the file gives the lock back, also when the process is killed.
    file: File,
}

impl Lake {
    /// Takes the lock, or says at once who holds it ([`StoreError::Locked`]). The file then names this process and
    /// `now_ms`.
    pub fn try_lock(&self, now_ms: i64) -> Result<RunLock, StoreError> {
        let (path, mut file) = self.open_lock()?;
        match fs2::FileExt::try_lock(&file) {
            Ok(()) => RunLock::signed(path, file, now_ms),
            Err(TryLockError::WouldBlock) => Err(held_by(path, &mut file)),
            Err(TryLockError::Error(error)) => Err(StoreError::at("locking", &path)(error)),
        }
    }

    /// Waits as long as it takes and takes the lock; `now_ms` is asked when it has been taken.
    pub fn wait_lock(&self, now_ms: impl FnOnce() -> i64) -> Result<RunLock, StoreError> {
        let (path, file) = self.open_lock()?;
        fs2::FileExt::lock(&file).map_err(StoreError::at("locking", &path))?;
        RunLock::signed(path, file, now_ms())
    }

    fn open_lock(&self) -> Result<(PathBuf, File), StoreError> {
        let path = self.lock_path();
        let file = self.disk.open_lock(&path).map_err(StoreError::at("opening", &path))?;
        Ok((path, file))
    }
}

impl RunLock {
    /// The lock file.
    pub fn path(&self) -> &Path {
        &self.path
    }

    fn signed(path: PathBuf, mut file: File, now_ms: i64) -> Result<RunLock, StoreError> {
        sign(&mut file, now_ms).map_err(StoreError::at("writing", &path))?;
        Ok(RunLock { path, file })
    }
}

impl Drop for RunLock {
    /// Nobody is at work any more, so no name stands there: what lies in a lake at rest can all be verified. It is taken
    /// off while the lock is still held, or the next holder's might go with it.
    fn drop(&mut self) {
        self.file.set_len(0).ok();
    }
}

/// Nobody maps the lock file, so it may be rewritten in place; only its holder does.
fn sign(file: &mut File, now_ms: i64) -> io::Result<()> {
    file.set_len(0)?;
    file.rewind()?;
    writeln!(file, "{} {now_ms}", std::process::id())
}

fn held_by(path: PathBuf, file: &mut File) -> StoreError {
    let mut text = String::new();
    // A holder that has not signed yet is just as much a holder.
    file.read_to_string(&mut text).ok();
    let mut words = text.split_whitespace();
    let pid = words.next().and_then(|word| word.parse().ok());
    let since_ms = words.next().and_then(|word| word.parse().ok());
    StoreError::Locked { path, pid, since_ms }
}
