//! The passes over columns that indicators share: averages, extremes, sums, moments.
//! Comes in: finite columns. Goes out: columns of the same length, NaN before the first value.
//! May touch: nothing.
//! Never: allocates per row, or knows which indicator it serves.

mod averages;

mod chains;

mod weighted;

mod adaptive;

mod hilbert;

mod filters;

mod kinds;

mod extremes;

mod windows;

mod ranges;

pub use adaptive::efficiency;
pub use averages::{Ema, EmaPair, SeededEma, ema, ema_weight, wilder};
pub use chains::{PARTS, ema_chain, quarters, settled_rows, t3};
pub use extremes::{highest, lowest, ranges, since_highest, since_lowest};
pub use filters::{HighPass, HighPass2, SuperSmoother};
pub use hilbert::{Cycle, PERIOD_BEGIN, PERIOD_LEAD, cycle, cycle_reach, mama, smoothed};
pub use kinds::{EMA, OWN, RMA, SMA, average, average_lead, average_reach, kind_param, mama_reach};
pub use ranges::true_range;
pub use weighted::{line_at, wma};
pub use windows::{CHUNK, Running, Sliding, WindowSum, blank, rolling_mean};
