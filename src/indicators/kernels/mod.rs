//! The passes over columns that indicators share: averages, extremes, sums, moments.
//! Comes in: finite columns. Goes out: columns of the same length, NaN before the first value.
//! May touch: nothing.
//! Never: allocates per row, or knows which indicator it serves.

mod averages;

mod weighted;

mod adaptive;

mod hilbert;

mod filters;

mod kinds;

mod extremes;

mod windows;

mod ranges;

pub use adaptive::{efficiency, kama};
pub use averages::{Ema, EmaPair, SeededEma, dema, ema, ema_chain, ema_from, ema_weight, t3, tema, wilder};
pub use extremes::{highest, highest_place, lowest, lowest_place, ranges, since_highest, since_lowest};
pub use filters::{HighPass, HighPass2, SuperSmoother};
pub use hilbert::{Cycle, PERIOD_BEGIN, PERIOD_LEAD, cycle, cycle_reach, mama, mama_line, smoothed};
pub use kinds::{EMA, KINDS, OWN, RMA, SMA, average, average_lead, average_reach, kind_param, mama_reach};
pub use ranges::true_range;
pub use weighted::{hma, line_at, trima, window_sums, wma, zlema};
pub use windows::{CHUNK, Running, Sliding, WindowSum, blank, rolling_mean, rolling_sum};
