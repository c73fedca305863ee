//! The lake: payloads as received, series of bars, what was refused, and who may write.
//! Comes in: symbols, days, bars and payload bytes. Goes out: the same, read back, and views of committed bars.
//! May touch: files, through `disk` only; memory maps, in `map.rs` only.
//! Never: rewrites or cuts a committed byte in place, decodes a payload, or knows what a bar is folded from.

mod anchor;
mod census;
mod commit;
mod csv;
mod error;
mod holdings;
mod lock;
mod map;
mod mend;
mod paths;
mod payloads;
mod quarantine;
mod releases;
mod repair;
mod rollover;
mod seal;
mod series;
mod settle;
mod swap;
mod writer;

use std::sync::Arc;

pub use census::{Resident, Role};
pub use commit::{COMMIT_MAGIC, COMMIT_SIZE, COMMIT_VERSION, Commit, Distrust, UnverifiedCommit};
pub use csv::{CLAIM_MAGIC, CLAIM_SIZE, CLAIM_VERSION, CsvClaim, CsvState};
pub use error::StoreError;
pub use holdings::Holdings;
pub use lock::RunLock;
pub use map::Reading;
pub use mend::{Evidence, Mend};
pub use payloads::PayloadKind;
pub use quarantine::{RefusedBar, RefusedDay, RefusedPayload};
pub use releases::Release;
pub use seal::Proof;
pub use series::{SeriesKey, SeriesView};
pub use swap::Replacement;
pub use writer::{Health, SeriesWriter};

use crate::disk::{Disk, RealDisk};
use crate::model::settings::Paths;

/// All files of one configuration. Cheap to clone; every method may be called from many threads, but each series and
/// each symbol's payloads by one writer at a time.
#[derive(Clone, Debug)]
pub struct Lake {
    disk: Arc<dyn Disk>,
    paths: Paths,
    payloads_sync: bool,
    anchored: anchor::Anchored,
}

impl Lake {
    /// The lake in these folders of this machine; nothing is touched yet.
    pub fn new(paths: Paths) -> Lake {
        Lake::on(Arc::new(RealDisk), paths)
    }

    /// The lake on a disk of one's choice.
    pub fn on(disk: Arc<dyn Disk>, paths: Paths) -> Lake {
        Lake { disk, paths, payloads_sync: false, anchored: anchor::Anchored::default() }
    }

    /// The same lake; with `sync`, payloads and what is put into quarantine are on the medium when they are written.
    #[must_use]
    pub fn syncing_payloads(self, sync: bool) -> Lake {
        Lake { payloads_sync: sync, ..self }
    }

    /// Its folders.
    pub fn paths(&self) -> &Paths {
        &self.paths
    }

    /// The disk it lies on.
    pub fn disk(&self) -> &Arc<dyn Disk> {
        &self.disk
    }
}
