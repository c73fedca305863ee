//! Folders whose names are on the medium. Syncing a folder makes the names in it durable, not its own.

use std::collections::BTreeSet;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use super::{Lake, StoreError};

/// Folders that were synced by this process, with all above them.
#[derive(Clone, Debug, Default)]
pub(super) struct Anchored(Arc<Mutex<BTreeSet<PathBuf>>>);

impl Lake {
    /// Waits until a folder, those above it and the names in it are on the medium, once in the life of this lake.
    ///
    /// A folder may have been made a moment ago, or by a run that was killed before it could sync the name: nobody can
    /// tell by looking, so the first who needs it to last sees to it.
    pub(super) fn anchor(&self, folder: &Path) -> Result<(), StoreError> {
        let mut known = self.anchored.0.lock().expect("no holder of this lock panics");
        if known.contains(folder) {
            return Ok(());
        }
        self.disk.create_folders(folder).map_err(StoreError::at("making", folder))?;
        for above in folder.ancestors().filter(|above| !above.as_os_str().is_empty()) {
            self.sync_names(above)?;
            // What is above a known folder lasts; in the known folder itself a name may be new.
            if !known.insert(above.to_owned()) {
                break;
            }
        }
        Ok(())
    }

    fn sync_names(&self, folder: &Path) -> Result<(), StoreError> {
        match self.disk.sync(folder) {
            // A folder that we may not open or that cannot be synced is none that we have made.
            Err(error)
                if matches!(
                    error.kind(),
                    ErrorKind::PermissionDenied | ErrorKind::InvalidInput | ErrorKind::Unsupported
                ) =>
            {
                Ok(())
            }
            result => result.map_err(StoreError::at("syncing", folder)),
        }
    }
}
