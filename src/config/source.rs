//! The only place of this room that looks at files.

use std::io;
use std::path::Path;

use super::node::FILE_BYTES_MAX;

/// What the configuration needs of a file system.
pub trait Source {
    /// The whole text of a file; an error of kind `InvalidData` when it is not UTF-8 or far too long.
    fn read_text(&self, path: &Path) -> io::Result<String>;
    /// The names of everything in a folder, in any order.
    fn names(&self, folder: &Path) -> io::Result<Vec<String>>;
    /// Whether a regular file is there.
    fn is_file(&self, path: &Path) -> bool;
}

/// The machine's own files.
#[derive(Clone, Copy, Debug, Default)]
pub struct LocalFiles;

impl Source for LocalFiles {
    fn read_text(&self, path: &Path) -> io::Result<String> {
        let refuse = |text: String| io::Error::new(io::ErrorKind::InvalidData, text);
        let bytes = std::fs::metadata(path)?.len();
        if bytes > FILE_BYTES_MAX as u64 {
            return Err(refuse(format!("it has {bytes} bytes, more than {FILE_BYTES_MAX}")));
        }
        let text = String::from_utf8(std::fs::read(path)?).map_err(|error| refuse(error.to_string()))?;
        Ok(text.strip_prefix('\u{FEFF}').map(str::to_owned).unwrap_or(text))
    }

    fn names(&self, folder: &Path) -> io::Result<Vec<String>> {
        let entries = std::fs::read_dir(folder)?;
        entries.map(|entry| entry.map(|entry| entry.file_name().to_string_lossy().into_owned())).collect()
    }

    fn is_file(&self, path: &Path) -> bool {
        path.is_file()
    }
}
