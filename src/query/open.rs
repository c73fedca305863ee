//! Bars that are not committed yet, folded while they are read.

use crate::model::bar::BAR_SIZE;
use crate::model::cascade::Cascade;
use crate::model::fold::Fold;
use crate::model::{Bar, Symbol, Timeframe};
use crate::store::{Lake, SeriesKey, SeriesView, StoreError};

/// How often a reader that was overtaken by a correction begins again.
const TRIES_MAX: usize = 100;

/// A series as it stands at one moment.
#[derive(Debug)]
pub struct OpenedSeries {
    /// The committed bars; `None` when the symbol has none of this timeframe, not even an empty series.
    pub view: Option<SeriesView>,
    /// The bars after them, which may still change, in increasing time.
    pub open: Vec<Bar>,
    /// The 1m bars behind all of them, as of the same moment; `None` when the symbol has none.
    pub minutes: Option<SeriesView>,
}

impl OpenedSeries {
    /// Opens a series of a symbol beside the writer.
    ///
    /// # Errors
    /// [`StoreError::Busy`] when corrections came faster than it could be read, [`StoreError::Damaged`] when bars that
    /// have to be folded cannot be bars.
    pub fn read(
        lake: &Lake,
        symbol: &Symbol,
        cascade: &Cascade,
        timeframe: &Timeframe,
    ) -> Result<OpenedSeries, StoreError> {
        for _ in 0..TRIES_MAX {
            let chain = Chain::read(lake, symbol, cascade, timeframe)?;
            // A correction takes the coarser series back first. If none of them was, the sources that were read after
            // them still have every row where their resume points say.
            if chain.is_still_true(lake)? {
                return chain.fold(lake, cascade);
            }
        }
        Err(StoreError::Busy { path: lake.paths().resample.clone() })
    }
}

/// A series and its sources up to 1m, coarsest first, read in that order.
struct Chain {
    links: Vec<(SeriesKey, Option<SeriesView>)>,
}

impl Chain {
    fn read(
        lake: &Lake,
        symbol: &Symbol,
        cascade: &Cascade,
        timeframe: &Timeframe,
    ) -> Result<Chain, StoreError> {
        let mut links = Vec::new();
        let mut next = timeframe.clone();
        while let Some(step) = cascade.step(&next) {
            let source = step.spec.source.clone();
            let key = SeriesKey::folded(symbol.clone(), next, source.clone());
            links.push((key.clone(), lake.read_series(&key)?));
            next = source;
        }
        let key = SeriesKey::minute(symbol.clone());
        links.push((key.clone(), lake.read_series(&key)?));
        Ok(Chain { links })
    }

    fn is_still_true(&self, lake: &Lake) -> Result<bool, StoreError> {
        for (key, view) in &self.links {
            let now = lake.read_commit(key)?.map(|commit| commit.corrections);
            let then = view.as_ref().map(|view| view.commit().corrections);
            if now != then && then.is_some() {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// Folds from 1m on: each timeframe over its source's committed bars beyond its resume point, and the open ones.
    fn fold(mut self, lake: &Lake, cascade: &Cascade) -> Result<OpenedSeries, StoreError> {
        let mut open = Vec::new();
        let minutes = self.links.last().and_then(|(_, view)| view.clone());
        while let Some((source_key, source)) = self.links.pop() {
            let Some((key, view)) = self.links.last() else {
                return Ok(OpenedSeries { view: source, open, minutes });
            };
            let step = cascade.step(&key.timeframe).expect("the chain was made of the cascade's steps");
            let rows = source.as_ref().map_or(&[][..], SeriesView::bars);
            let resume = view.as_ref().map_or(0, |view| view.commit().in_pos as usize / BAR_SIZE);
            let after_ms = view.as_ref().and_then(|view| view.commit().known_until(view.bars()));
            let mut fold = Fold::resume(&step.recipe, resume, after_ms);
            fold.push(&rows[resume.min(rows.len())..]);
            fold.push(&open);
            if let Some(row) = fold.strange_row() {
                return Err(StoreError::Damaged { path: lake.series_path(&source_key), row });
            }
            open = fold.rest();
        }
        unreachable!("a chain ends with 1m")
    }
}
