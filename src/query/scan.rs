//! From a series to the batches of bars that answer a question.

use std::borrow::Cow;

use super::{Bound, Order, OutputClock, Range, Slice};
use crate::model::{Bar, day};

/// A clock that is set back repeats labels for less than this.
const REPEAT_MS: u64 = 2 * day::DAY_MS as u64;

/// A series as it is read: committed bars, then the open ones, in strictly increasing time.
#[derive(Clone, Copy, Debug, Default)]
pub struct Series<'a> {
    /// Closed, straight from the map.
    pub committed: &'a [Bar],
    /// May still change; all later than the committed ones.
    pub open: &'a [Bar],
}

/// Bars of one kind, a contiguous piece of their series.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Batch<'a> {
    /// In increasing time.
    pub bars: &'a [Bar],
    /// Whether they are committed.
    pub closed: bool,
    /// Whether they are to be read from the back.
    pub order: Order,
}

impl<'a> Batch<'a> {
    /// The bars in the order asked for.
    pub fn iter(&self) -> impl Iterator<Item = &'a Bar> + use<'a> {
        let (bars, backwards) = (self.bars, self.order == Order::Descending);
        let last = bars.len().wrapping_sub(1);
        (0..bars.len()).map(move |i| &bars[if backwards { last - i } else { i }])
    }
}

impl<'a> Series<'a> {
    /// The bars a slice asks for, in its order, in batches of at most `batch_rows` (at least 1).
    pub fn batches(
        self,
        slice: &Slice,
        clock: &OutputClock,
        batch_rows: usize,
    ) -> impl Iterator<Item = Batch<'a>> {
        let (from, to) = self.limits(slice, clock);
        let held = self.committed.len();
        let committed = &self.committed[from.min(held)..to.min(held)];
        let open = &self.open[from.saturating_sub(held)..to.saturating_sub(held)];
        let closed = pieces(committed, true, batch_rows);
        let open = pieces(open, false, batch_rows);
        let mut all: Vec<Batch<'a>> = closed.chain(open).collect();
        if slice.order == Order::Descending {
            all.reverse();
        }
        all.into_iter().map(move |batch| Batch { order: slice.order, ..batch })
    }

    /// The rows a slice asks for, counted over committed and open bars together, in increasing time whatever its order.
    pub fn rows(self, slice: &Slice, clock: &OutputClock) -> std::ops::Range<usize> {
        let (from, to) = self.limits(slice, clock);
        from..to
    }

    /// The bars of some rows, copied only where committed and open ones meet.
    pub fn bars(self, rows: std::ops::Range<usize>) -> Cow<'a, [Bar]> {
        let held = self.committed.len();
        let committed = &self.committed[rows.start.min(held)..rows.end.min(held)];
        let open = &self.open[rows.start.saturating_sub(held)..rows.end.saturating_sub(held)];
        match (committed, open) {
            (bars, []) | ([], bars) => Cow::Borrowed(bars),
            _ => Cow::Owned([committed, open].concat()),
        }
    }

    /// The bar of a row, counted over committed and open bars together.
    pub fn bar(self, row: usize) -> Option<&'a Bar> {
        self.at(row)
    }

    /// Binary search for the first row from which on `reached` holds; past the end when it never does.
    pub fn first_row(self, reached: impl Fn(&Bar) -> bool) -> usize {
        self.first(reached)
    }

    /// First row and the row after the last one, counted over committed and open bars together.
    fn limits(&self, slice: &Slice, clock: &OutputClock) -> (usize, usize) {
        let Range { after, until } = slice.range;
        let from = after.map_or(0, |bound| self.place(bound, clock));
        let to = until.map_or(self.len(), |bound| self.place(bound, clock)).max(from);
        let rows = slice.rows_max.unwrap_or(usize::MAX).min(to - from);
        match slice.order {
            Order::Ascending => (from, from + rows),
            Order::Descending => (to - rows, to),
        }
    }

    /// The first row at or after a bound.
    fn place(&self, bound: Bound, clock: &OutputClock) -> usize {
        match bound {
            Bound::Instant(time_ms) => self.first(|bar| bar.time_ms as i64 >= time_ms),
            Bound::Wall(wall_ms) => {
                let reached = |bar: &Bar| clock.label_ms(bar) >= wall_ms;
                // Labels repeat where the clock is set back, so the search may land on the second time it shows
                // `wall_ms`: the first one is a short walk before it.
                let found = self.first(reached);
                let near_ms = self.at(found).or(self.at(found.wrapping_sub(1))).map_or(0, |bar| bar.time_ms);
                let begin = self.first(|bar| bar.time_ms.saturating_add(REPEAT_MS) >= near_ms);
                (begin..found).find(|row| self.at(*row).is_some_and(reached)).unwrap_or(found)
            }
        }
    }

    /// Binary search for the first row of the later ones, for which `reached` holds.
    fn first(&self, reached: impl Fn(&Bar) -> bool) -> usize {
        let committed = self.committed.partition_point(|bar| !reached(bar));
        if committed < self.committed.len() {
            return committed;
        }
        committed + self.open.partition_point(|bar| !reached(bar))
    }

    fn at(&self, row: usize) -> Option<&'a Bar> {
        self.committed.get(row).or_else(|| self.open.get(row.checked_sub(self.committed.len())?))
    }

    fn len(&self) -> usize {
        self.committed.len() + self.open.len()
    }
}

/// Cut from the front; a reader from the back takes the pieces from the back.
fn pieces(bars: &[Bar], closed: bool, batch_rows: usize) -> impl Iterator<Item = Batch<'_>> {
    bars.chunks(batch_rows.max(1)).map(move |bars| Batch { bars, closed, order: Order::Ascending })
}
