//! What tables need of a desk for as long as polars keeps them, and what went wrong at them.

use std::sync::{Mutex, PoisonError};

use polars::prelude::{PlSmallStr, PolarsError};

use crate::model::{Settings, Symbol};
use crate::plan::{Desk, PlanError};
use crate::query::Catalog;
use crate::store::Lake;

/// A desk that owns what it needs: polars keeps its scans for as long as it likes.
#[derive(Debug)]
pub(super) struct Office {
    pub lake: Lake,
    pub settings: Settings,
    symbols: Vec<Symbol>,
    /// Polars carries texts only; the error itself waits here.
    failed: Mutex<Option<PlanError>>,
}

impl Office {
    pub(super) fn of(desk: &Desk<'_>) -> Office {
        Office {
            lake: desk.lake.clone(),
            settings: desk.settings.clone(),
            symbols: desk.catalog.symbols().cloned().collect(),
            failed: Mutex::new(None),
        }
    }

    pub(super) fn at_desk<T>(&self, ask: impl FnOnce(&Desk<'_>) -> T) -> T {
        let catalog = Catalog::new(&self.settings, self.symbols.iter().cloned());
        ask(&Desk { lake: &self.lake, settings: &self.settings, catalog: &catalog })
    }

    /// Keeps an error and gives polars one to carry.
    pub(super) fn keep(&self, error: PlanError) -> PolarsError {
        let text = PlSmallStr::from(error.to_string());
        self.failed.lock().unwrap_or_else(PoisonError::into_inner).get_or_insert(error);
        PolarsError::ComputeError(text.as_str().to_owned().into())
    }

    pub(super) fn take_failed(&self) -> Option<PlanError> {
        self.failed.lock().unwrap_or_else(PoisonError::into_inner).take()
    }
}
