//! A file that appears whole or not at all.

use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::{Append, Disk, beside};

/// A file that is being written beside the one it will replace. Given up before [`NewFile::finish`], it leaves nothing.
#[derive(Debug)]
pub struct NewFile {
    disk: Arc<dyn Disk>,
    path: PathBuf,
    file: Option<Box<dyn Append>>,
    /// Whether there is nothing to rename.
    is_device: bool,
    bytes: u64,
}

impl NewFile {
    /// Begins an empty one, and makes the folders above it.
    ///
    /// # Errors
    /// When the system cannot create it.
    pub fn create(disk: &Arc<dyn Disk>, path: &Path) -> io::Result<NewFile> {
        // A device is written into: a file in its place would be the end of it.
        let (file, is_device) = match disk.open_device(path)? {
            Some(device) => (device, true),
            None => (disk.create(&beside(path))?, false),
        };
        Ok(NewFile { disk: disk.clone(), path: path.to_owned(), file: Some(file), is_device, bytes: 0 })
    }

    /// Begins one with the first `length` bytes of the file it will replace.
    ///
    /// # Errors
    /// When the system cannot create it, or the file is shorter than that.
    pub fn going_on(disk: &Arc<dyn Disk>, path: &Path, length: u64) -> io::Result<NewFile> {
        let file = disk.begin_with(&beside(path), path, length)?;
        Ok(NewFile {
            disk: disk.clone(),
            path: path.to_owned(),
            file: Some(file),
            is_device: false,
            bytes: length,
        })
    }

    /// Bytes it has so far.
    pub fn bytes(&self) -> u64 {
        self.bytes
    }

    /// Everything has been written: the file takes its name. Its bytes are returned.
    ///
    /// # Errors
    /// When the system cannot rename it.
    pub fn finish(mut self) -> io::Result<u64> {
        let placed = match self.file.take() {
            Some(_) if self.is_device => Ok(()),
            Some(_) => self.disk.put_in_place(&beside(&self.path), &self.path, false),
            None => Ok(()),
        };
        if placed.is_err() {
            self.disk.remove_file(&beside(&self.path)).ok();
        }
        placed.map(|()| self.bytes)
    }
}

impl Write for NewFile {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let file = self.file.as_mut().ok_or_else(|| io::Error::other("the file is finished already"))?;
        // Whoever passes the error on may not know which file it is about.
        let named =
            |error: io::Error| io::Error::new(error.kind(), format!("{}: {error}", self.path.display()));
        file.append(bytes).map_err(named)?;
        self.bytes += bytes.len() as u64;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Drop for NewFile {
    /// What was given up half way is not left lying about.
    fn drop(&mut self) {
        if self.file.take().is_some() && !self.is_device {
            self.disk.remove_file(&beside(&self.path)).ok();
        }
    }
}
