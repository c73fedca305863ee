//! The disk, as the store uses it: files read whole, grown at their end, or replaced whole by rename.
//! Comes in: paths and bytes. Goes out: bytes, open files to be mapped, and `io::Error` as the system said it.
//! May touch: the file system; it is the only room that does.
//! Never: changes a byte that is already in a file, shortens a file in place, or knows what the bytes mean.

mod real;

mod faulty;

mod new_file;

use std::fmt::Debug;
use std::io;
use std::num::NonZeroU32;
use std::path::{Path, PathBuf};

pub use faulty::{Fault, FaultyDisk};
pub use new_file::NewFile;
pub use real::RealDisk;
pub use std::fs::File;

/// What a file system has to do for the store; small, so that a drill can stand in for it.
///
/// Every method that changes something is one step that a crash may precede or follow. What needs several steps
/// ([`replace`](Disk::replace), [`put_in_place`](Disk::put_in_place)) is written here out of single ones.
pub trait Disk: Send + Sync + Debug {
    /// Reads a whole file into `bytes` (cleared first); `None` when there is no such file.
    fn read_into(&self, path: &Path, bytes: &mut Vec<u8>) -> io::Result<Option<Stamp>>;

    /// Length and time of a file; `None` when there is no such file.
    fn stamp(&self, path: &Path) -> io::Result<Option<Stamp>>;

    /// Opens a file for reading and mapping; `None` when there is no such file.
    fn open(&self, path: &Path) -> io::Result<Option<File>>;

    /// Opens a file to be locked, readable and writable, made when missing. It holds no data of the lake.
    fn open_lock(&self, path: &Path) -> io::Result<File>;

    /// What a folder holds, in no order; nothing when there is no such folder. Names that are no UTF-8 are left out.
    fn list(&self, folder: &Path) -> io::Result<Vec<Entry>>;

    /// Begins an empty file, in place of one that may be there, and makes the folders above it.
    /// Only for files that nobody reads yet: see [`beside`].
    fn create(&self, path: &Path) -> io::Result<Box<dyn Append>>;

    /// Begins a file as [`create`](Disk::create) does, with the first `length` bytes of another one, and returns it open
    /// at its end; an error when the other one holds less.
    ///
    /// The bytes do not come through here: the system copies them, and shares them where the file system can.
    fn begin_with(&self, path: &Path, source: &Path, length: u64) -> io::Result<Box<dyn Append>>;

    /// Opens a file to grow it, made when missing; an error when it does not hold exactly `length` bytes.
    fn append(&self, path: &Path, length: u64) -> io::Result<Box<dyn Append>>;

    /// Opens what is neither a file nor a folder, such as a device or a pipe with a name, to write into it; `None` where
    /// a path names anything else. Drills have no such things.
    fn open_device(&self, path: &Path) -> io::Result<Option<Box<dyn Append>>> {
        let _ = path;
        Ok(None)
    }

    /// Waits until a file's bytes, or a folder's names, are on the medium.
    fn sync(&self, path: &Path) -> io::Result<()>;

    /// Gives a file another name on the same file system, replacing what had that name, all at once.
    fn rename(&self, from: &Path, to: &Path) -> io::Result<()>;

    /// Removes a file; false when there was none.
    fn remove_file(&self, path: &Path) -> io::Result<bool>;

    /// Removes a folder and all it holds; false when there was none.
    fn remove_folder(&self, path: &Path) -> io::Result<bool>;

    /// Makes a folder and those above it.
    fn create_folders(&self, path: &Path) -> io::Result<()>;

    /// Sets the time of a file, in UTC milliseconds.
    fn set_mtime_ms(&self, path: &Path, mtime_ms: i64) -> io::Result<()>;

    /// What tells the time since the system was started from those before and after it; `None` where nobody can say.
    ///
    /// Bytes that were written and not synced can be lost between two of these, and not within one.
    fn boot(&self) -> Option<Boot>;

    /// Reads a whole file; `None` when there is no such file.
    fn read(&self, path: &Path) -> io::Result<Option<Vec<u8>>> {
        let mut bytes = Vec::new();
        Ok(self.read_into(path, &mut bytes)?.map(|_| bytes))
    }

    /// Bytes of a file; `None` when there is no such file.
    fn file_length(&self, path: &Path) -> io::Result<Option<u64>> {
        Ok(self.stamp(path)?.map(|stamp| stamp.length))
    }

    /// Makes `path` hold exactly `bytes`: a reader sees the old file or the new one, never a mixture.
    /// With `sync` the new one is on the medium when this returns.
    fn replace(&self, path: &Path, bytes: &[u8], sync: bool) -> io::Result<()> {
        let beside = beside(path);
        let mut file = self.create(&beside)?;
        file.append(bytes)?;
        if sync {
            file.sync()?;
        }
        drop(file);
        self.put_in_place(&beside, path, sync)
    }

    /// Renames, and with `sync` waits until the folder has the new name on the medium.
    fn put_in_place(&self, from: &Path, to: &Path, sync: bool) -> io::Result<()> {
        self.rename(from, to)?;
        match to.parent() {
            Some(folder) if sync => self.sync(folder),
            _ => Ok(()),
        }
    }
}

/// A file open at its end.
pub trait Append: Send + Debug {
    /// Writes after the last byte.
    fn append(&mut self, bytes: &[u8]) -> io::Result<()>;

    /// Waits until everything appended is on the medium.
    fn sync(&mut self) -> io::Result<()>;
}

/// Length and time of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stamp {
    /// In bytes.
    pub length: u64,
    /// When it was last changed, in UTC milliseconds.
    pub mtime_ms: i64,
}

/// The time from one start of the system to the next, as a checksum of the name that the system gives it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Boot(pub NonZeroU32);

/// One name in a folder.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Entry {
    /// Without the folder.
    pub name: String,
    /// Whether it is a folder itself, or a link to one.
    pub is_folder: bool,
}

/// Where the next whole of a file is written before it takes the file's name: `.NAME.beside` in the same folder.
///
/// The name is hidden and always the same, so that what a crash left is overwritten by the next attempt.
pub fn beside(path: &Path) -> PathBuf {
    let name = path.file_name().map(|name| name.to_string_lossy()).unwrap_or_default();
    path.with_file_name(format!(".{name}.beside"))
}
