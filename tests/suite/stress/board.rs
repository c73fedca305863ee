//! What a writer tells its readers: whether the lake may be looked at, and which truths it may show.

use std::path::{Path, PathBuf};

use super::truths::Version;

/// How far the writer has come.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct State {
    /// Odd while the lake is being exchanged for another one, and what is seen says nothing.
    pub epoch: u64,
    /// The newest version that a run has brought into the lake to its end.
    pub completed: u64,
    /// The newest version that a run may have begun to bring in.
    pub started: u64,
}

/// A folder in which the writer posts its state and the truths of its versions.
pub struct Board(PathBuf);

/// Versions kept on the board; a reader that is overtaken by more has seen nothing that can be judged.
const VERSIONS_KEPT: u64 = 24;

impl Board {
    pub fn at(folder: &Path) -> Board {
        Board(folder.to_owned())
    }

    pub fn post(&self, state: State) {
        let State { epoch, completed, started } = state;
        self.put("state", format!("{epoch} {completed} {started}").as_bytes());
    }

    pub fn state(&self) -> State {
        let text = std::fs::read_to_string(self.0.join("state")).expect("a posted state");
        let mut numbers = text.split(' ').map(|number| number.parse().expect("a number"));
        let mut next = || numbers.next().expect("three numbers");
        State { epoch: next(), completed: next(), started: next() }
    }

    /// Posts a version before its run begins.
    pub fn post_version(&self, number: u64, version: &Version) {
        self.put(&format!("{number}.truths"), &version.encode());
        if let Some(old) = number.checked_sub(VERSIONS_KEPT) {
            std::fs::remove_file(self.0.join(format!("{old}.truths"))).ok();
        }
    }

    /// A version; `None` once it is too old.
    pub fn version(&self, number: u64) -> Option<Version> {
        std::fs::read(self.0.join(format!("{number}.truths"))).ok().map(|bytes| Version::decode(&bytes))
    }

    /// Whole or not at all.
    fn put(&self, name: &str, bytes: &[u8]) {
        let beside = self.0.join(format!(".{name}"));
        std::fs::write(&beside, bytes).expect("written");
        std::fs::rename(&beside, self.0.join(name)).expect("renamed");
    }
}
