//! A disk for tests and drills: it counts the steps that change something and breaks at the n-th.
//!
//! A drill runs a scenario once on a disk that only counts, then once for every n, and each time looks at what is
//! left with a sound disk. Every step goes through [`Fuse::step`], also those of files that are open, so a disk that
//! forgets what was not synced only needs to remember each step here.

use std::io::{self, ErrorKind};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use super::{Append, Boot, Disk, Entry, File, Stamp};

/// How the n-th step breaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// The process dies before the step: it does nothing, and every later call, reading too, fails.
    Fail,
    /// As [`Fault::Fail`], but when the step is a write, its first bytes arrive.
    Tear,
    /// The medium is full: the first bytes of this write arrive, and no file can grow or begin any more.
    /// Reading, renaming and removing go on.
    Full,
}

/// Another disk that breaks at a chosen step.
#[derive(Clone, Debug)]
pub struct FaultyDisk {
    inner: Arc<dyn Disk>,
    fuse: Arc<Fuse>,
}

#[derive(Debug)]
struct Fuse {
    breaks_at: AtomicU64,
    fault: Fault,
    steps: AtomicU64,
}

/// What becomes of one step.
enum Step {
    Whole,
    /// Only so much of the bytes, for the n-th.
    Torn(u64),
    Refused,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Grows,
    Other,
}

impl FaultyDisk {
    /// A disk that counts its steps and never breaks.
    pub fn counting(inner: Arc<dyn Disk>) -> FaultyDisk {
        FaultyDisk::breaking(inner, u64::MAX, Fault::Fail)
    }

    /// A disk whose `n`-th step (the first is 1) breaks.
    pub fn breaking(inner: Arc<dyn Disk>, n: u64, fault: Fault) -> FaultyDisk {
        FaultyDisk { inner, fuse: Arc::new(Fuse { breaks_at: n.into(), fault, steps: 0.into() }) }
    }

    /// Steps asked for so far, the one that broke included and those after it not.
    pub fn steps(&self) -> u64 {
        self.fuse.steps.load(Ordering::SeqCst).min(self.fuse.breaks_at())
    }

    /// Whether the n-th step has come.
    pub fn is_broken(&self) -> bool {
        self.fuse.is_broken()
    }

    /// Mends the disk for good: space was freed, and the same writer may try again.
    pub fn mend(&self) {
        self.fuse.breaks_at.store(u64::MAX, Ordering::SeqCst);
    }
}

impl Fuse {
    fn breaks_at(&self) -> u64 {
        self.breaks_at.load(Ordering::SeqCst)
    }

    fn is_broken(&self) -> bool {
        self.steps.load(Ordering::SeqCst) >= self.breaks_at()
    }

    fn step(&self, kind: Kind) -> Step {
        let n = self.steps.fetch_add(1, Ordering::SeqCst) + 1;
        if n < self.breaks_at() {
            return Step::Whole;
        }
        match self.fault {
            Fault::Full if kind == Kind::Other => Step::Whole,
            Fault::Full | Fault::Tear if n == self.breaks_at() => Step::Torn(n),
            _ => Step::Refused,
        }
    }

    /// One step that is done or not: nothing of it can be torn.
    fn once<T>(&self, kind: Kind, act: impl FnOnce() -> io::Result<T>) -> io::Result<T> {
        match self.step(kind) {
            Step::Whole => act(),
            Step::Torn(_) | Step::Refused => Err(self.error()),
        }
    }

    fn look<T>(&self, act: impl FnOnce() -> io::Result<T>) -> io::Result<T> {
        if self.is_broken() && self.fault != Fault::Full { Err(self.error()) } else { act() }
    }

    fn error(&self) -> io::Error {
        match self.fault {
            Fault::Full => ErrorKind::StorageFull.into(),
            _ => io::Error::other(format!("the drill stopped the disk at step {}", self.breaks_at())),
        }
    }
}

impl Disk for FaultyDisk {
    fn read_into(&self, path: &Path, bytes: &mut Vec<u8>) -> io::Result<Option<Stamp>> {
        self.fuse.look(|| self.inner.read_into(path, bytes))
    }

    fn stamp(&self, path: &Path) -> io::Result<Option<Stamp>> {
        self.fuse.look(|| self.inner.stamp(path))
    }

    fn open(&self, path: &Path) -> io::Result<Option<File>> {
        self.fuse.look(|| self.inner.open(path))
    }

    fn open_lock(&self, path: &Path) -> io::Result<File> {
        self.fuse.look(|| self.inner.open_lock(path))
    }

    fn list(&self, folder: &Path) -> io::Result<Vec<Entry>> {
        self.fuse.look(|| self.inner.list(folder))
    }

    fn create(&self, path: &Path) -> io::Result<Box<dyn Append>> {
        let file = self.fuse.once(Kind::Grows, || self.inner.create(path))?;
        Ok(Box::new(FaultyTail { file, fuse: self.fuse.clone() }))
    }

    fn begin_with(&self, path: &Path, source: &Path, length: u64) -> io::Result<Box<dyn Append>> {
        let begin = |length| self.inner.begin_with(path, source, length);
        match self.fuse.step(Kind::Grows) {
            Step::Whole => Ok(Box::new(FaultyTail { file: begin(length)?, fuse: self.fuse.clone() })),
            Step::Torn(n) => {
                begin(torn_length(length as usize, n) as u64)?;
                Err(self.fuse.error())
            }
            Step::Refused => Err(self.fuse.error()),
        }
    }

    fn append(&self, path: &Path, length: u64) -> io::Result<Box<dyn Append>> {
        let file = self.fuse.once(Kind::Grows, || self.inner.append(path, length))?;
        Ok(Box::new(FaultyTail { file, fuse: self.fuse.clone() }))
    }

    fn sync(&self, path: &Path) -> io::Result<()> {
        self.fuse.once(Kind::Other, || self.inner.sync(path))
    }

    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        self.fuse.once(Kind::Other, || self.inner.rename(from, to))
    }

    fn remove_file(&self, path: &Path) -> io::Result<bool> {
        self.fuse.once(Kind::Other, || self.inner.remove_file(path))
    }

    fn remove_folder(&self, path: &Path) -> io::Result<bool> {
        self.fuse.once(Kind::Other, || self.inner.remove_folder(path))
    }

    fn create_folders(&self, path: &Path) -> io::Result<()> {
        self.fuse.once(Kind::Grows, || self.inner.create_folders(path))
    }

    fn set_mtime_ms(&self, path: &Path, mtime_ms: i64) -> io::Result<()> {
        self.fuse.once(Kind::Other, || self.inner.set_mtime_ms(path, mtime_ms))
    }

    fn boot(&self) -> Option<Boot> {
        self.inner.boot()
    }
}

#[derive(Debug)]
struct FaultyTail {
    file: Box<dyn Append>,
    fuse: Arc<Fuse>,
}

impl Append for FaultyTail {
    fn append(&mut self, bytes: &[u8]) -> io::Result<()> {
        match self.fuse.step(Kind::Grows) {
            Step::Whole => self.file.append(bytes),
            Step::Torn(n) => {
                self.file.append(&bytes[..torn_length(bytes.len(), n)])?;
                Err(self.fuse.error())
            }
            Step::Refused => Err(self.fuse.error()),
        }
    }

    fn sync(&mut self) -> io::Result<()> {
        self.fuse.once(Kind::Other, || self.file.sync())
    }
}

/// Somewhere within the write, differently for every n, and rarely at the end of a record.
fn torn_length(length: usize, n: u64) -> usize {
    let scattered = n.wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 33;
    scattered as usize % length.max(1)
}
