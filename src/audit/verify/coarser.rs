//! Repairing a coarser series: by folding its source once more.

use super::Verify;
use super::records::Law;
use super::repair::{How, Repair};
use super::series::{self, Expected, Looked, missing_records};
use super::{refold, series::source_name};
use crate::ingest::IngestError;
use crate::model::cascade::{Cascade, Step};
use crate::model::fold::Fold;
use crate::model::{Bar, Symbol};
use crate::resample::{self, key_of, source_key};
use crate::store::{Distrust, SeriesKey};

/// Source rows folded in one go.
const PIECE: usize = 64 * 1024;

impl Verify<'_> {
    /// Repairs one coarser series, whose source has been repaired before.
    pub(super) fn repair_coarser(
        &self,
        symbol: &Symbol,
        cascade: &Cascade,
        step: &Step,
        done: &mut Vec<Repair>,
    ) -> Result<(), IngestError> {
        let key = key_of(symbol, step);
        let Some(mut looked) = self.look_beside(symbol, cascade, step)? else { return Ok(()) };
        if self.repair_record(&looked, done)? {
            looked = self.look_beside(symbol, cascade, step)?.expect("the series was there just now");
        }
        let source = self.source_of(symbol, cascade, step)?.filter(Looked::is_comparable);
        let Some(source) = source.filter(|_| !looked.unknown) else {
            return if looked.is_sound() { Ok(()) } else { self.repair_bits(&looked, done).map(drop) };
        };
        if (!looked.is_sound() || looked.is_mixed()) && self.mend_coarser(&looked, step, &source, done)? {
            looked = self.look_beside(symbol, cascade, step)?.expect("the series was there just now");
        }
        if let Some(Err(Distrust::Version(version))) = looked.evidence.record {
            done.push(self.of_record(&key, How::Not(format!("it is of version {version}: use that engine"))));
            return Ok(());
        }
        let sync = self.settings.resample.fsync;
        if !looked.is_sound() {
            drop(looked);
            self.lake.remove_aside()?;
            resample::refold(self.lake, symbol, cascade, step, sync)?;
            done.push(self.of_series(&key, How::Refolded(source_name(&key))));
        }
        Ok(self.lake.open_series(&key, sync)?.remove_leftovers()?)
    }

    /// A series the configuration does not have.
    pub(super) fn repair_unknown(&self, key: &SeriesKey, done: &mut Vec<Repair>) -> Result<(), IngestError> {
        let look = || series::look(self.lake, key, Expected::Unconfigured);
        let Some(mut looked) = look()? else { return Ok(()) };
        if self.repair_record(&looked, done)? {
            looked = look()?.expect("the series was there just now");
        }
        if !looked.is_sound() {
            self.repair_bits(&looked, done)?;
        }
        Ok(())
    }

    fn look_beside(
        &self,
        symbol: &Symbol,
        cascade: &Cascade,
        step: &Step,
    ) -> Result<Option<Looked>, IngestError> {
        let expected = Expected::Known(step.fingerprint, Law::default());
        let Some(mut looked) = series::look(self.lake, &key_of(symbol, step), expected)? else {
            return Ok(None);
        };
        if looked.is_comparable()
            && let Some(source) = self.source_of(symbol, cascade, step)?.filter(Looked::is_comparable)
        {
            refold::compare(self.lake, &mut looked, step, &source);
        }
        Ok(Some(looked))
    }

    fn source_of(
        &self,
        symbol: &Symbol,
        cascade: &Cascade,
        step: &Step,
    ) -> Result<Option<Looked>, IngestError> {
        let expected = match cascade.step(&step.spec.source) {
            Some(source) => Expected::Known(source.fingerprint, Law::default()),
            None => series::minutes(cascade, self.settings),
        };
        Ok(series::look(self.lake, &source_key(symbol, step, cascade), expected)?)
    }

    /// Puts the bars in place that the source folds into, where the record is right and only bars are wrong.
    fn mend_coarser(
        &self,
        looked: &Looked,
        step: &Step,
        source: &Looked,
        done: &mut Vec<Repair>,
    ) -> Result<bool, IngestError> {
        let wanted = looked.commit().bars();
        if !matches!(looked.evidence.record, Some(Ok(_))) || wanted == 0 {
            return Ok(false);
        }
        let mut mend = self.lake.mend(&looked.key)?;
        let (mut made, mut differ) = (0, 0);
        let mut push = |done: &[Bar]| {
            let bars = &done[..done.len().min(wanted - made)];
            let held = &looked.bars()[made.min(looked.bars().len())..];
            let same =
                bars.iter().zip(held).filter(|(a, b)| bytemuck::bytes_of(*a) == bytemuck::bytes_of(*b));
            differ += bars.len() - same.count();
            made += bars.len();
            mend.push(bars)
        };
        let mut fold = Fold::resume(&step.recipe, 0, None);
        let mut ready = Vec::new();
        for piece in source.bars().chunks(PIECE) {
            fold.push(piece);
            fold.take_done(&mut ready);
            push(&ready)?;
            ready.clear();
        }
        let (_, rest) = fold.finish(source.commit().watermark_ms as i64);
        push(&rest)?;
        if made < wanted || (differ == 0 && missing_records(looked) == 0) {
            // Dropped, it is overwritten by what comes next.
            return Ok(false);
        }
        mend.finish()?;
        done.push(self.of_series(&looked.key, How::FromSource(differ, source_name(&looked.key))));
        Ok(true)
    }
}
