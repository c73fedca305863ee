//! The passes over columns that indicators share: averages, extremes, sums, moments.
//! Comes in: finite columns. Goes out: columns of the same length, NaN before the first value.
//! May touch: nothing.
//! Never: allocates per row, or knows which indicator it serves.

mod averages;

mod extremes;

mod windows;

mod ranges;

pub use averages::{ema, ema_from, wilder};
pub use extremes::{highest, highest_place, lowest, lowest_place};
pub use ranges::true_range;
pub use windows::{blank, rolling_mean, rolling_sum};
