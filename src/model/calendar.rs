//! Where the bars of a timeframe may stand, one by one: for people who ask why two charts do not line up.

use super::day::MINUTE_MS;
use super::grid::{Bucket, Lattice};
use super::timeframe::Side;

/// An end of a bar.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Edge {
    /// The instant, UTC milliseconds.
    pub time_ms: i64,
    /// What a chart of the server calls it, in milliseconds of its clock. Where the clock jumps over the edge, it is
    /// the time that was jumped over.
    pub server_ms: i64,
}

/// A bar that a grid has room for, whether or not anything is traded in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Slot {
    /// The edge that names it.
    pub label: Edge,
    /// Where it begins.
    pub start: Edge,
    /// Where the next one begins.
    pub end: Edge,
    /// Minutes of it in which rows belong to this grid: none in hours that are another session's.
    pub own_minutes: i64,
}

impl Slot {
    /// How long it really is: a bar over a clock change is longer or shorter than its neighbours.
    pub fn minutes(&self) -> i64 {
        (self.end.time_ms - self.start.time_ms) / MINUTE_MS
    }
}

impl Lattice {
    /// The bars of one of the grids that hold a row time from `from_ms` to before `until_ms`, in order.
    pub fn slots(&self, grid: usize, from_ms: i64, until_ms: i64) -> impl Iterator<Item = Slot> + '_ {
        let buckets = self.grids()[grid].buckets_from(from_ms);
        buckets
            .take_while(move |bucket| bucket.from_ms < until_ms)
            .map(move |bucket| self.slot(grid, &bucket))
    }

    fn slot(&self, grid: usize, bucket: &Bucket) -> Slot {
        let own = edge_of(bucket);
        // Its first row names a bar, also when the clock changes in it.
        let at = |row_ms: i64| {
            let first_ms = self.grids()[grid].bucket_at(row_ms).from_ms;
            edge_of(&self.grids()[grid].bucket_at(first_ms))
        };
        // A bar begins where the one before ends, so its neighbour's label names the other edge.
        let (start, end) = match self.grids()[grid].label() {
            Side::Left => (own, at(bucket.until_ms)),
            Side::Right => (at(bucket.from_ms - 1), own),
        };
        Slot { label: own, start, end, own_minutes: self.minutes_on(grid, bucket.from_ms, bucket.until_ms) }
    }

    /// Whole minutes of a range whose rows belong to a grid.
    fn minutes_on(&self, grid: usize, from_ms: i64, until_ms: i64) -> i64 {
        let rows_before = |time_ms: i64| -(-time_ms).div_euclid(MINUTE_MS);
        let (mut time_ms, mut minutes) = (from_ms, 0);
        while time_ms < until_ms {
            let stretch = self.stretch_at(time_ms);
            let end_ms = stretch.until_ms.min(until_ms);
            if stretch.grid == grid {
                minutes += rows_before(end_ms) - rows_before(time_ms);
            }
            time_ms = end_ms;
        }
        minutes
    }
}

fn edge_of(bucket: &Bucket) -> Edge {
    let server_ms = bucket.label_ms + 1000 * i64::from(bucket.utc_offset_s);
    Edge { time_ms: bucket.label_ms, server_ms }
}
