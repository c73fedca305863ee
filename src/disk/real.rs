//! The disk of this machine.

use std::fs::{self, File, OpenOptions};
use std::io::{self, ErrorKind, Read, Write};
use std::num::NonZeroU32;
use std::path::Path;
use std::sync::OnceLock;
use std::time::{Duration, UNIX_EPOCH};

use super::{Append, Boot, Disk, Entry, Stamp};

/// The disk of this machine.
#[derive(Clone, Copy, Debug, Default)]
pub struct RealDisk;

impl Disk for RealDisk {
    fn read_into(&self, path: &Path, bytes: &mut Vec<u8>) -> io::Result<Option<Stamp>> {
        bytes.clear();
        let Some(mut file) = self.open(path)? else { return Ok(None) };
        // The time is asked of the open file, so that it belongs to these very bytes.
        let stamp = stamp_of(&file.metadata()?)?;
        // Files are replaced whole, so the length holds; knowing it saves the system two questions a file.
        bytes.resize(stamp.length as usize, 0);
        file.read_exact(bytes)?;
        Ok(Some(stamp))
    }

    fn stamp(&self, path: &Path) -> io::Result<Option<Stamp>> {
        present(fs::metadata(path))?.map(|metadata| stamp_of(&metadata)).transpose()
    }

    fn open(&self, path: &Path) -> io::Result<Option<File>> {
        present(File::open(path))
    }

    fn open_lock(&self, path: &Path) -> io::Result<File> {
        with_folders(path, || {
            OpenOptions::new().read(true).write(true).create(true).truncate(false).open(path)
        })
    }

    fn list(&self, folder: &Path) -> io::Result<Vec<Entry>> {
        let Some(names) = present(fs::read_dir(folder))? else { return Ok(Vec::new()) };
        let mut entries = Vec::new();
        for item in names {
            let item = item?;
            let Ok(name) = item.file_name().into_string() else { continue };
            let kind = item.file_type()?;
            let is_folder = if kind.is_symlink() { item.path().is_dir() } else { kind.is_dir() };
            entries.push(Entry { name, is_folder });
        }
        Ok(entries)
    }

    fn create(&self, path: &Path) -> io::Result<Box<dyn Append>> {
        let open = || OpenOptions::new().write(true).create(true).truncate(true).open(path);
        Ok(Box::new(Tail(with_folders(path, open)?)))
    }

    fn begin_with(&self, path: &Path, source: &Path, length: u64) -> io::Result<Box<dyn Append>> {
        let source = File::open(source)?;
        let open = || OpenOptions::new().write(true).create(true).truncate(true).open(path);
        let mut file = with_folders(path, open)?;
        // From file to file the library asks the kernel to do it, which needs no copy in memory and often none at all.
        let copied = io::copy(&mut (&source).take(length), &mut file)?;
        if copied == length { Ok(Box::new(Tail(file))) } else { Err(ErrorKind::UnexpectedEof.into()) }
    }

    fn append(&self, path: &Path, length: u64) -> io::Result<Box<dyn Append>> {
        let file = with_folders(path, || OpenOptions::new().append(true).create(true).open(path))?;
        let found = file.metadata()?.len();
        if found == length {
            Ok(Box::new(Tail(file)))
        } else {
            let what =
                format!("the file holds {found} bytes where {length} were expected: someone else wrote it");
            Err(io::Error::new(ErrorKind::InvalidData, what))
        }
    }

    fn open_device(&self, path: &Path) -> io::Result<Option<Box<dyn Append>>> {
        match present(fs::metadata(path))? {
            Some(found) if !found.is_file() && !found.is_dir() => {
                Ok(Some(Box::new(Tail(OpenOptions::new().write(true).open(path)?))))
            }
            _ => Ok(None),
        }
    }

    fn sync(&self, path: &Path) -> io::Result<()> {
        // Only Unix lets a folder be opened and synced; elsewhere names are durable without it.
        if cfg!(not(unix)) && path.is_dir() { Ok(()) } else { File::open(path)?.sync_all() }
    }

    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        with_folders(to, || fs::rename(from, to))
    }

    fn remove_file(&self, path: &Path) -> io::Result<bool> {
        Ok(present(fs::remove_file(path))?.is_some())
    }

    fn remove_folder(&self, path: &Path) -> io::Result<bool> {
        Ok(present(fs::remove_dir_all(path))?.is_some())
    }

    fn create_folders(&self, path: &Path) -> io::Result<()> {
        fs::create_dir_all(path)
    }

    fn set_mtime_ms(&self, path: &Path, mtime_ms: i64) -> io::Result<()> {
        let distance = Duration::from_millis(mtime_ms.unsigned_abs());
        let instant =
            if mtime_ms < 0 { UNIX_EPOCH.checked_sub(distance) } else { UNIX_EPOCH.checked_add(distance) };
        let instant = instant.ok_or_else(|| io::Error::new(ErrorKind::InvalidInput, "no such time"))?;
        OpenOptions::new().write(true).open(path)?.set_modified(instant)
    }

    fn boot(&self) -> Option<Boot> {
        static BOOT: OnceLock<Option<Boot>> = OnceLock::new();
        // Linux names each boot anew; systems without this file are said to tell nothing.
        *BOOT.get_or_init(|| {
            let name = fs::read("/proc/sys/kernel/random/boot_id").ok()?;
            Some(Boot(NonZeroU32::new(crc32c::crc32c(&name)).unwrap_or(NonZeroU32::MIN)))
        })
    }
}

#[derive(Debug)]
struct Tail(File);

impl Append for Tail {
    fn append(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.0.write_all(bytes)
    }

    fn sync(&mut self) -> io::Result<()> {
        self.0.sync_data()
    }
}

fn stamp_of(metadata: &fs::Metadata) -> io::Result<Stamp> {
    let mtime_ms = match metadata.modified()?.duration_since(UNIX_EPOCH) {
        Ok(after) => after.as_millis() as i64,
        Err(before) => -(before.duration().as_millis() as i64),
    };
    Ok(Stamp { length: metadata.len(), mtime_ms })
}

fn present<T>(result: io::Result<T>) -> io::Result<Option<T>> {
    match result {
        Ok(value) => Ok(Some(value)),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

/// Tries once, and again with the folders made: they are there nearly always, and looking first costs a call.
fn with_folders<T>(path: &Path, attempt: impl Fn() -> io::Result<T>) -> io::Result<T> {
    match attempt() {
        Err(error) if error.kind() == ErrorKind::NotFound => {
            if let Some(folder) = path.parent() {
                fs::create_dir_all(folder)?;
            }
            attempt()
        }
        outcome => outcome,
    }
}
