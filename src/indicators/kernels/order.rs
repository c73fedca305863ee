//! Windows in the order of their sizes.

/// Windows up to this are written anew with every row, several values at a time; in longer ones those between the
/// value that goes and the one that comes are moved.
const ANEW_MAX: usize = 96;

/// The values of a window, the smallest first.
#[derive(Clone, Debug)]
pub struct Sorted {
    /// Between two that are less and greater than all; as long again, to write the next window into, if it is short.
    values: Vec<f64>,
    next: Vec<f64>,
}

impl Sorted {
    /// Of some values.
    pub fn new(values: &[f64]) -> Sorted {
        let mut sorted = Vec::with_capacity(values.len() + 2);
        sorted.push(f64::NEG_INFINITY);
        sorted.extend_from_slice(values);
        sorted[1..].sort_unstable_by(f64::total_cmp);
        sorted.push(f64::INFINITY);
        let next = if values.len() <= ANEW_MAX { sorted.clone() } else { Vec::new() };
        Sorted { values: sorted, next }
    }

    /// The values.
    #[inline(always)]
    pub fn values(&self) -> &[f64] {
        &self.values[1..self.values.len() - 1]
    }

    /// One value goes, which is among them, and another one comes.
    #[inline]
    pub fn replace(&mut self, goes: f64, comes: f64) {
        if !self.next.is_empty() {
            write_anew(&self.values, &mut self.next, goes, comes);
            std::mem::swap(&mut self.values, &mut self.next);
            return;
        }
        let last = self.values.len() - 1;
        let values = &mut self.values[1..last];
        let from = below(values, goes);
        if comes > goes {
            // Those between go one place down.
            let to = from + below(&values[from + 1..], comes);
            values.copy_within(from + 1..=to, from);
            values[to] = comes;
        } else {
            let to = below(&values[..from], comes);
            values.copy_within(to..from, to + 1);
            values[to] = comes;
        }
    }

    /// How many are less than a value.
    #[inline]
    pub fn below(&self, value: f64) -> usize {
        below(self.values(), value)
    }

    /// The value at a place between the ranks, which are counted from 0.
    #[inline]
    pub fn at(&self, rank: f64) -> f64 {
        let low = rank.floor();
        let (place, values) = (low as usize, self.values());
        let value = values[place.min(values.len() - 1)];
        let next = values[(place + 1).min(values.len() - 1)];
        value + (rank - low) * (next - value)
    }

    /// The one in the middle, or the mean of both.
    #[inline]
    pub fn median(&self) -> f64 {
        self.at((self.values().len() - 1) as f64 / 2.0)
    }

    /// The median distance to a value that lies between the smallest and the largest.
    pub fn median_distance(&self, middle: f64) -> f64 {
        let values = self.values();
        // Distances grow from the middle to both sides: as in merging two sorted lists.
        let (mut left, mut right) = (self.below(middle), self.below(middle));
        let (half, mut last, mut before) = (values.len() / 2, 0.0, 0.0);
        for _ in 0..=half {
            before = last;
            let to_left = left.checked_sub(1).map_or(f64::INFINITY, |n| middle - values[n]);
            let to_right = values.get(right).map_or(f64::INFINITY, |value| value - middle);
            if to_left < to_right {
                left -= 1;
                last = to_left;
            } else {
                right += 1;
                last = to_right;
            }
        }
        if values.len().is_multiple_of(2) { before + (last - before) / 2.0 } else { last }
    }
}

/// Where a greater value comes, all from the one that goes up to it move one place down, where a smaller one comes up:
/// each is the middle one of itself, its neighbour and what comes. No search, and the same for every place.
#[inline(never)]
fn write_anew(values: &[f64], next: &mut [f64], goes: f64, comes: f64) {
    let inner = values.len() - 2;
    let (before, at, after, next) =
        (&values[..inner], &values[1..=inner], &values[2..], &mut next[1..=inner]);
    if comes > goes {
        for n in 0..inner {
            let here = if at[n] > comes { at[n] } else { comes };
            let moved = if here < after[n] { here } else { after[n] };
            next[n] = if at[n] < goes { at[n] } else { moved };
        }
    } else {
        for n in 0..inner {
            let here = if at[n] < comes { at[n] } else { comes };
            let moved = if here > before[n] { here } else { before[n] };
            next[n] = if at[n] > goes { at[n] } else { moved };
        }
    }
}

/// How many values of a sorted list are less than one.
#[inline]
pub fn below(values: &[f64], value: f64) -> usize {
    if values.len() <= 32 {
        // All of them, without a jump that could be foreseen wrongly.
        return values.iter().map(|one| usize::from(*one < value)).sum();
    }
    values.partition_point(|one| *one < value)
}
