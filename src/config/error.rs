//! What can be wrong with a configuration, always with the place and the way out.

use std::cell::RefCell;
use std::fmt;
use std::path::PathBuf;

use super::node::Place;

/// Why there are no settings.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// There is no file to read.
    #[error("no configuration in {}: neither config.user.yaml nor config.yaml is there; run in the engine's folder or name one with --config FILE", folder.display())]
    Missing {
        /// Where it was looked for.
        folder: PathBuf,
    },
    /// A file is there and cannot be read.
    #[error("{}: cannot be read: {source}; check that it is a text file you may read", path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// What the file system said.
        source: std::io::Error,
    },
    /// The text has mistakes; all that were found are listed.
    #[error("{}", one_a_line(problems))]
    Faulty {
        /// In the order of the checks; never empty.
        problems: Vec<Problem>,
    },
}

/// One mistake in a configuration file or a symbol list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// The file that holds it.
    pub file: PathBuf,
    /// Counted from 1; 0 when it belongs to the file as a whole.
    pub line: usize,
    /// Counted from 1.
    pub column: usize,
    /// The key's path from the root, with dots, such as `download.timeout`.
    pub key: String,
    /// What is wrong.
    pub reason: String,
    /// What to write instead.
    pub remedy: String,
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.file.display())?;
        if self.line > 0 {
            write!(f, ":{}:{}", self.line, self.column)?;
        }
        if !self.key.is_empty() {
            write!(f, ": {}", self.key)?;
        }
        write!(f, ": {}; {}", self.reason, self.remedy)
    }
}

/// Why a single value was refused, before anybody knows where it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Fault {
    pub reason: String,
    pub remedy: String,
}

impl Fault {
    pub(super) fn new(reason: impl Into<String>, remedy: impl Into<String>) -> Fault {
        Fault { reason: reason.into(), remedy: remedy.into() }
    }
}

/// Everything noticed so far: reading goes on after a mistake, so that one run reports them all.
#[derive(Default)]
pub(super) struct Findings {
    problems: RefCell<Vec<Problem>>,
    warnings: RefCell<Vec<String>>,
}

impl Findings {
    pub(super) fn problem(&self, place: &Place, path: &[String], fault: Fault) {
        let key = path.join(".");
        let Fault { reason, remedy } = fault;
        let (file, line, column) = (place.file.to_path_buf(), place.line, place.column);
        let mut problems = self.problems.borrow_mut();
        // One mistake is told once, though several readers may stumble over it.
        let told = |held: &Problem| {
            (&held.file, held.line, held.column) == (&file, line, column)
                && (held.key == key || held.reason == reason)
        };
        if !problems.iter().any(told) {
            problems.push(Problem { file, line, column, key, reason, remedy });
        }
    }

    pub(super) fn warn(&self, text: String) {
        let mut warnings = self.warnings.borrow_mut();
        if !warnings.contains(&text) {
            warnings.push(text);
        }
    }

    pub(super) fn problem_count(&self) -> usize {
        self.problems.borrow().len()
    }

    pub(super) fn into_parts(self) -> (Vec<Problem>, Vec<String>) {
        (self.problems.into_inner(), self.warnings.into_inner())
    }
}

fn one_a_line(problems: &[Problem]) -> String {
    problems.iter().map(Problem::to_string).collect::<Vec<_>>().join("\n")
}
