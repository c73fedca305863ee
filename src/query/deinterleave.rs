//! The hot loop: records of 64 bytes become contiguous columns, in one pass over the records.

use super::clock::Labels;
use super::{Order, OutputClock};
use crate::model::Bar;
use crate::model::bar::BAR_SIZE;

/// Records that are turned round together. Eight values of a column are a whole line of the cache, so no line of it is
/// fetched and written back half full, however many columns there are.
const TURN: usize = 8;

/// Records after which the next column of another width is written: they are still in the core's own cache then.
const BLOCK: usize = 512;

/// Fewer rows are not worth waking another core for: it takes longer than the rows.
const ROWS_OF_A_CORE: usize = 65_536;

/// Beyond this from 1970-01-01 on, the frame library knows no dates.
const CALENDAR_MS: u64 = 8_000_000_000_000_000;

/// A record as it lies there, eight bytes at a time.
type Words = [u64; BAR_SIZE / 8];

/// A record, four bytes at a time.
type Halves = [u32; BAR_SIZE / 4];

/// The places in the columns where a stretch of bars is to go; all of the same length.
#[derive(Default)]
pub(super) struct Places<'a> {
    /// Which eight bytes of a record, and where they go.
    pub(super) words: Vec<(usize, &'a mut [u64])>,
    /// Which four bytes of a record.
    pub(super) halves: Vec<(usize, &'a mut [u32])>,
    /// What the output clock shows.
    pub(super) labels: Option<&'a mut [i64]>,
}

impl<'a> Places<'a> {
    /// Fills all places with the bars, in their order; as many as there are places.
    ///
    /// # Errors
    /// The first label, in that order, that is beyond any calendar.
    pub(super) fn fill(self, bars: &[Bar], order: Order, clock: &OutputClock) -> Result<(), i64> {
        if bars.len() <= ROWS_OF_A_CORE {
            return self.fill_here(bars, order, clock);
        }
        let rows = (bars.len() / 2).next_multiple_of(BLOCK);
        let (first, last) = self.split_at(rows);
        let (early, late) = match order {
            Order::Ascending => bars.split_at(rows),
            Order::Descending => {
                let (late, early) = bars.split_at(bars.len() - rows);
                (early, late)
            }
        };
        let (one, two) = rayon::join(|| first.fill(early, order, clock), || last.fill(late, order, clock));
        one.and(two)
    }

    fn split_at(self, rows: usize) -> (Places<'a>, Places<'a>) {
        let (mut first, mut last) = (Places::default(), Places::default());
        for (part, column) in self.words {
            let (one, two) = column.split_at_mut(rows);
            first.words.push((part, one));
            last.words.push((part, two));
        }
        for (part, column) in self.halves {
            let (one, two) = column.split_at_mut(rows);
            first.halves.push((part, one));
            last.halves.push((part, two));
        }
        (first.labels, last.labels) = self.labels.map(|column| column.split_at_mut(rows)).unzip();
        (first, last)
    }

    fn fill_here(mut self, bars: &[Bar], order: Order, clock: &OutputClock) -> Result<(), i64> {
        let mut shown = clock.labels();
        let mut row = 0;
        while row < bars.len() {
            let rows = BLOCK.min(bars.len() - row);
            match order {
                Order::Ascending => {
                    let block = &bars[row..row + rows];
                    turn::<false>(bytemuck::cast_slice(block), &mut self.words, row);
                    self.block(row, block.iter(), &mut shown)?;
                }
                Order::Descending => {
                    let end = bars.len() - row;
                    let block = &bars[end - rows..end];
                    turn::<true>(bytemuck::cast_slice(block), &mut self.words, row);
                    self.block(row, block.iter().rev(), &mut shown)?;
                }
            }
            row += rows;
        }
        Ok(())
    }

    /// The columns that are not made of eight bytes of a record.
    fn block<'b>(
        &mut self,
        row: usize,
        bars: impl ExactSizeIterator<Item = &'b Bar> + Clone,
        shown: &mut Labels<'_>,
    ) -> Result<(), i64> {
        for (part, column) in &mut self.halves {
            for (place, bar) in column[row..].iter_mut().zip(bars.clone()) {
                let halves: &Halves = bytemuck::cast_ref(bar);
                *place = halves[*part % halves.len()];
            }
        }
        let Some(labels) = &mut self.labels else { return Ok(()) };
        let labels = &mut labels[row..row + bars.len()];
        labels.iter_mut().zip(bars).for_each(|(label, bar)| *label = shown.of(bar));
        match labels.iter().find(|label_ms| label_ms.unsigned_abs() > CALENDAR_MS) {
            Some(label_ms) => Err(*label_ms),
            None => Ok(()),
        }
    }
}

/// Records to columns of eight bytes, written from `row` on.
fn turn<const BACKWARDS: bool>(records: &[Words], columns: &mut [(usize, &mut [u64])], mut row: usize) {
    let (eights, rest) = if BACKWARDS {
        let (rest, eights) = records.as_rchunks::<TURN>();
        (eights, rest)
    } else {
        records.as_chunks::<TURN>()
    };
    for at in 0..eights.len() {
        let eight = &eights[if BACKWARDS { eights.len() - 1 - at } else { at }];
        for (part, column) in columns.iter_mut() {
            let part = *part % (BAR_SIZE / 8);
            let values = std::array::from_fn(|i| eight[if BACKWARDS { TURN - 1 - i } else { i }][part]);
            if let Some(place) = column[row..].first_chunk_mut::<TURN>() {
                *place = values;
            }
        }
        row += TURN;
    }
    for (i, record) in rest.iter().enumerate() {
        let place = row + if BACKWARDS { rest.len() - 1 - i } else { i };
        columns.iter_mut().for_each(|(part, column)| column[place] = record[*part % (BAR_SIZE / 8)]);
    }
}
