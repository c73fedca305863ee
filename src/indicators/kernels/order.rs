//! Windows in the order of their sizes.

/// The values of a window, the smallest first.
#[derive(Clone, Debug)]
pub struct Sorted(Vec<f64>);

impl Sorted {
    /// Of some values.
    pub fn new(values: &[f64]) -> Sorted {
        let mut sorted = values.to_vec();
        sorted.sort_unstable_by(f64::total_cmp);
        Sorted(sorted)
    }

    /// The values.
    pub fn values(&self) -> &[f64] {
        &self.0
    }

    /// One value goes, which is among them, and another one comes.
    #[inline]
    pub fn replace(&mut self, goes: f64, comes: f64) {
        let values = &mut self.0[..];
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
        below(&self.0, value)
    }

    /// The value at a place between the ranks, which are counted from 0.
    #[inline]
    pub fn at(&self, rank: f64) -> f64 {
        let low = rank.floor();
        let (place, values) = (low as usize, &self.0);
        let value = values[place.min(values.len() - 1)];
        let next = values[(place + 1).min(values.len() - 1)];
        value + (rank - low) * (next - value)
    }

    /// The one in the middle, or the mean of both.
    #[inline]
    pub fn median(&self) -> f64 {
        self.at((self.0.len() - 1) as f64 / 2.0)
    }

    /// The median distance to a value that lies between the smallest and the largest.
    pub fn median_distance(&self, middle: f64) -> f64 {
        let values = &self.0;
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
        if values.len() % 2 == 0 { before + (last - before) / 2.0 } else { last }
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
