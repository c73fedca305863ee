//! The one unsafe file: committed bytes as memory.
#![allow(unsafe_code)]

use std::io;

use memmap2::{Advice, Mmap, MmapOptions, UncheckedAdvice};

use crate::disk::File;
use crate::model::Bar;
use crate::model::bar::BAR_SIZE;

/// How a view will be read, a hint to the system.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reading {
    /// From the first bar to the last, once: read ahead.
    Sequential,
    /// Here and there: do not read ahead.
    Random,
}

/// The leading bars of a series file. Nothing is mapped when there are none, because an empty map is an error.
#[derive(Debug, Default)]
pub(super) struct BarMap(Option<Mmap>);

impl BarMap {
    /// Maps the first `bars` bars of a file that holds at least as many, an error if it does not.
    ///
    /// The promise that makes this sound is made in `docs/FORMAT.md`: a byte that is in a series file is never
    /// changed, and the file is never shortened; both are done by renaming another file into its place, which leaves
    /// the mapped one as it is until the last view is gone. `disk` has no call that could break it.
    pub(super) fn new(file: &File, bars: usize) -> io::Result<BarMap> {
        let bytes = bars * BAR_SIZE;
        if bytes == 0 {
            return Ok(BarMap(None));
        }
        let held = file.metadata()?.len();
        if held < bytes as u64 {
            let what = format!("the file holds {held} bytes where {bytes} are committed");
            return Err(io::Error::new(io::ErrorKind::UnexpectedEof, what));
        }
        // SAFETY: the mapped bytes exist, as was just seen, and by the promise above nobody changes or cuts them.
        let map = unsafe { MmapOptions::new().len(bytes).map(file) }?;
        Ok(BarMap(Some(map)))
    }

    pub(super) fn bars(&self) -> &[Bar] {
        // A map begins at a page, so the cast cannot fail for its alignment, nor for its length, chosen above.
        self.0.as_ref().map_or(&[], |map| bytemuck::cast_slice(map))
    }

    /// A hint; a system that does not take it reads as before.
    pub(super) fn advise(&self, reading: Reading) {
        let advice = match reading {
            Reading::Sequential => Advice::Sequential,
            Reading::Random => Advice::Random,
        };
        if let Some(map) = &self.0 {
            map.advise(advice).ok();
        }
    }
    /// Gives back the memory of the first `bars` bars, which have been read: they are read anew from the system's cache
    /// if anyone asks again. A walk over twenty years then does not hold them all at once.
    pub(super) fn release(&self, bars: usize) {
        if let Some(map) = &self.0 {
            let bytes = (bars * BAR_SIZE).min(map.len());
            // SAFETY: a shared, read-only map of a file that does not change reads the same bytes after this.
            unsafe { map.unchecked_advise_range(UncheckedAdvice::DontNeed, 0, bytes) }.ok();
        }
    }
}
