//! What can go wrong in the lake, by what to do about it.

use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};

use super::commit::Distrust;

/// What went wrong, named by the remedy, with the path it happened to.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// Free some space, run again: nothing committed was harmed.
    #[error("the disk is full, {path} could not be written: free some space and run again, nothing committed is lost", path = path.display())]
    DiskFull {
        /// What was being written.
        path: PathBuf,
        /// The system's words.
        source: io::Error,
    },
    /// Change owner, mode or mount.
    #[error("no permission for {path} ({doing}): check its owner and mode, and whether the disk is mounted read-only", path = path.display())]
    PermissionDenied {
        /// What was being done.
        doing: &'static str,
        /// To what.
        path: PathBuf,
        /// The system's words.
        source: io::Error,
    },
    /// Something that has to be there is not.
    #[error("{path} is not there ({doing}): check the paths of the configuration, or run `engine run` if it was removed", path = path.display())]
    Missing {
        /// What was being done.
        doing: &'static str,
        /// To what.
        path: PathBuf,
        /// The system's words.
        source: io::Error,
    },
    /// The system failed in another way.
    #[error("{doing} {path} failed: {source}; look at the disk and the system log, then run again", path = path.display())]
    Io {
        /// What was being done.
        doing: &'static str,
        /// To what.
        path: PathBuf,
        /// The system's words.
        source: io::Error,
    },
    /// A reader met a commit record that cannot be believed; the next writer repairs it.
    #[error("{path} cannot be trusted ({reason}): run `engine run`, it repairs the series", path = path.display())]
    Repair {
        /// The commit record.
        path: PathBuf,
        /// Why.
        reason: Distrust,
    },
    /// The record is sound and the bars it claims are not: another program wrote them, or the disk lost them.
    #[error("{path}: bar {row} is out of order or beyond any calendar: run `engine verify --repair`", path = path.display())]
    Damaged {
        /// The series file.
        path: PathBuf,
        /// Which bar, counted from 0.
        row: usize,
    },
    /// Sound, but of another version of the engine: repairing would throw away what is good.
    #[error("{path} was written by another version of the engine (format {version}): use that engine, or remove the file and run `engine rebuild aggregate`", path = path.display())]
    OtherVersion {
        /// The commit record.
        path: PathBuf,
        /// Its version.
        version: u32,
    },
    /// Corrections came faster than the reader could open the file.
    #[error("{path} is being corrected again and again: try again", path = path.display())]
    Busy {
        /// The series file.
        path: PathBuf,
    },
    /// Another process writes to this lake.
    #[error("another engine is at work here{}: wait for it, or stop it; the lock is {path}", holder(*pid, *since_ms), path = path.display())]
    Locked {
        /// The lock file.
        path: PathBuf,
        /// The process that holds it, if it said so.
        pid: Option<u32>,
        /// Since when, in UTC milliseconds.
        since_ms: Option<i64>,
    },
}

impl StoreError {
    /// Turns the system's words into ours; `doing` reads like "reading".
    pub(super) fn at(doing: &'static str, path: &Path) -> impl FnOnce(io::Error) -> StoreError {
        move |source| {
            let path = path.to_owned();
            match source.kind() {
                ErrorKind::StorageFull | ErrorKind::QuotaExceeded => StoreError::DiskFull { path, source },
                ErrorKind::PermissionDenied | ErrorKind::ReadOnlyFilesystem => {
                    StoreError::PermissionDenied { doing, path, source }
                }
                ErrorKind::NotFound => StoreError::Missing { doing, path, source },
                _ => StoreError::Io { doing, path, source },
            }
        }
    }

    /// The path it happened to.
    pub fn path(&self) -> &Path {
        match self {
            StoreError::DiskFull { path, .. }
            | StoreError::PermissionDenied { path, .. }
            | StoreError::Missing { path, .. }
            | StoreError::Io { path, .. }
            | StoreError::Repair { path, .. }
            | StoreError::Damaged { path, .. }
            | StoreError::OtherVersion { path, .. }
            | StoreError::Busy { path }
            | StoreError::Locked { path, .. } => path,
        }
    }
}

fn holder(pid: Option<u32>, since_ms: Option<i64>) -> String {
    let since = since_ms.and_then(chrono::DateTime::from_timestamp_millis);
    match (pid, since) {
        (Some(pid), Some(since)) => {
            format!(" (process {pid}, since {})", since.format("%Y-%m-%d %H:%M:%S UTC"))
        }
        (Some(pid), None) => format!(" (process {pid})"),
        _ => String::new(),
    }
}
