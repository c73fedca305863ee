//! What the formats for machines share: groups of rows worth their name, and a writer that remembers why it failed.

use std::io::{self, Write};
use std::sync::{Arc, Mutex, PoisonError};

use polars::prelude::*;

use super::BuildError;

/// Series of fewer rows share a row group.
const GROUP_ROWS_MIN: usize = 1 << 16;

/// Where bytes go.
pub(super) type Out<'a> = &'a mut (dyn Write + Send);

/// Remembers why the writer failed: a format's library words that in its own way, and a closed pipe would look like damage.
pub(super) struct Watched<'a> {
    out: Out<'a>,
    fault: Fault,
}

/// What a watched writer said.
#[derive(Clone, Default)]
pub(super) struct Fault(Arc<Mutex<Option<io::Error>>>);

impl Fault {
    /// The writer's own words where it failed, else the library's.
    pub(super) fn instead_of(&self, error: PolarsError) -> BuildError {
        let said = self.0.lock().unwrap_or_else(PoisonError::into_inner).take();
        said.map_or_else(|| error.into(), BuildError::Write)
    }
}

impl Write for Watched<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.out.write(bytes).inspect_err(|error| {
            let copy = io::Error::new(error.kind(), error.to_string());
            *self.fault.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(copy);
        })
    }

    fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}

/// A writer, and where to ask what went wrong with it.
pub(super) fn watched(out: Out<'_>) -> (Watched<'_>, Fault) {
    let fault = Fault::default();
    (Watched { out, fault: fault.clone() }, fault)
}

/// Rows that wait for others to make a group of theirs worthwhile.
#[derive(Default)]
pub(super) struct Waiting {
    rows: Option<DataFrame>,
    /// Rows taken so far.
    pub(super) count: u64,
}

impl Waiting {
    /// Takes rows in; hands out a group, in one piece, when there are enough.
    pub(super) fn with(&mut self, frame: &DataFrame) -> Result<Option<DataFrame>, BuildError> {
        self.count += frame.height() as u64;
        match &mut self.rows {
            Some(rows) => rows.vstack_mut(frame).map(|_| ())?,
            None => self.rows = Some(frame.clone()),
        }
        let is_enough = self.rows.as_ref().is_some_and(|rows| rows.height() >= GROUP_ROWS_MIN);
        Ok(if is_enough { self.rest() } else { None })
    }

    /// What is left, if anything.
    pub(super) fn rest(&mut self) -> Option<DataFrame> {
        let mut rows = self.rows.take().filter(|rows| rows.height() > 0)?;
        rows.rechunk_mut();
        Some(rows)
    }
}
