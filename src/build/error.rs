//! What can go wrong between a slice and its file, named by what the reader should do.

use std::io;
use std::path::PathBuf;

use super::{Compression, Format};
use crate::plan::PlanError;
use crate::query::QueryError;
use crate::store::StoreError;

/// Why a file is not there.
#[derive(Debug, thiserror::Error)]
pub enum BuildError {
    /// What was asked for cannot be: ask for something else.
    #[error("{what}")]
    Refused {
        /// Thing and reason.
        what: String,
        /// Remedy.
        hint: String,
    },
    /// A word that stands for many series: confirm it.
    #[error("'{word}' stands for {series} series")]
    NeedsAll {
        /// As it was typed.
        word: String,
        /// How many it would be.
        series: usize,
    },
    /// A word that stands for none: choose another.
    #[error("no series of the lake matches '{word}'")]
    Unmatched {
        /// As it was typed.
        word: String,
    },
    /// A format cannot compress so: choose another.
    #[error("{format} files are not compressed with {compression}; there are {}", .format.facts().compressions.iter().map(|known| known.name()).collect::<Vec<_>>().join(", "))]
    Compression {
        /// What was to be written.
        format: Format,
        /// How.
        compression: Compression,
    },
    /// Rows would be lost that only the file holds: widen the slice, or lose them knowingly.
    #[error("{} holds bars outside of the slice, which would be gone", .path.display())]
    WouldLose {
        /// The partition.
        path: PathBuf,
    },
    /// Something stands at the place of a partition that this engine did not write: look at it.
    #[error("{} is there already and cannot be read as {format} with a column time_ms: {reason}", .path.display())]
    NotOurs {
        /// The file.
        path: PathBuf,
        /// What was expected in it.
        format: Format,
        /// What the reader said.
        reason: String,
    },
    /// Rows do not follow the last ones of the file: choose another slice or another file.
    #[error("{}: {reason}", .path.display())]
    NotNext {
        /// The file.
        path: PathBuf,
        /// Why not.
        reason: String,
    },
    /// The system refused a file.
    #[error("{}: the file cannot be written: {source}", .path.display())]
    File {
        /// Which.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// The receiver of the rows failed; a closed pipe arrives here too.
    #[error("the rows cannot be written")]
    Write(#[from] io::Error),
    /// The frame library refused.
    #[error("the rows cannot be put into columns")]
    Frame(polars::error::PolarsError),
    /// The lake said no.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The question cannot be answered.
    #[error(transparent)]
    Query(#[from] QueryError),
    /// The indicators cannot be computed.
    #[error(transparent)]
    Plan(#[from] PlanError),
}

impl BuildError {
    /// A refusal and what to do instead.
    pub(super) fn refused(what: impl Into<String>, hint: impl Into<String>) -> BuildError {
        BuildError::Refused { what: what.into(), hint: hint.into() }
    }
}

impl From<polars::error::PolarsError> for BuildError {
    /// What went wrong on the way out is the writer's, not the frame's.
    fn from(error: polars::error::PolarsError) -> BuildError {
        match error {
            polars::error::PolarsError::IO { error, .. } => {
                BuildError::Write(io::Error::new(error.kind(), error.to_string()))
            }
            error => BuildError::Frame(error),
        }
    }
}
