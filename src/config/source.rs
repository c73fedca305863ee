//! Text files and folders, as this room needs them of the disk.

use std::io;
use std::path::Path;

use crate::disk::Disk;

use super::node::FILE_BYTES_MAX;

/// The whole text of a file; an error of kind `NotFound`, or `InvalidData` when it is not UTF-8 or far too long.
pub(super) fn read_text(disk: &dyn Disk, path: &Path) -> io::Result<String> {
    let missing = || io::Error::new(io::ErrorKind::NotFound, "there is no such file");
    let refuse = |text: String| io::Error::new(io::ErrorKind::InvalidData, text);
    let bytes = disk.file_length(path)?.ok_or_else(missing)?;
    if bytes > FILE_BYTES_MAX as u64 {
        return Err(refuse(format!("it has {bytes} bytes, more than {FILE_BYTES_MAX}")));
    }
    let bytes = disk.read(path)?.ok_or_else(missing)?;
    let text = String::from_utf8(bytes).map_err(|error| refuse(error.to_string()))?;
    // Editors of some systems write a byte order mark.
    Ok(text.strip_prefix('\u{FEFF}').map(str::to_owned).unwrap_or(text))
}

/// The names of everything in a folder; none when it cannot be listed.
pub(super) fn names(disk: &dyn Disk, folder: &Path) -> Vec<String> {
    disk.list(here(folder)).unwrap_or_default().into_iter().map(|entry| entry.name).collect()
}

/// Whether a path is a file, not a folder.
pub(super) fn is_file(disk: &dyn Disk, path: &Path) -> bool {
    let (Some(folder), Some(name)) = (path.parent(), path.file_name().and_then(|name| name.to_str())) else {
        return false;
    };
    let entries = disk.list(here(folder)).unwrap_or_default();
    entries.iter().any(|entry| entry.name == name && !entry.is_folder)
}

/// The folder of a bare file name is the one we stand in.
fn here(folder: &Path) -> &Path {
    if folder.as_os_str().is_empty() { Path::new(".") } else { folder }
}
