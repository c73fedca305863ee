//! The passes over columns that indicators share: averages, extremes, sums, moments.
//! Comes in: finite columns. Goes out: columns of the same length, NaN before the first value.
//! May touch: nothing.
//! Never: allocates per row, or knows which indicator it serves.

mod averages;

mod parts;

mod chains;

mod weighted;

mod adaptive;

mod hilbert;

mod filters;

mod kinds;

mod extremes;

mod ages;

mod windows;

mod ranges;

mod deviation;

mod money;

mod stream;

mod samples;

mod order;

mod places;

mod changes;

mod powers;

mod angles;

pub use adaptive::efficiency;
pub use ages::{since_highest, since_lowest};
pub use angles::{arc_tangent, by_rows, cosine, over_rows, sine, tangent};
pub use averages::{Ema, EmaPair, SeededEma, ema, ema_from, ema_of, ema_weight, wilder};
pub use chains::{ema_chain, t3};
pub use changes::{changes_of_both, log_returns, return_of, returns};
pub use deviation::deviations;
pub use extremes::{both_ends, highest, lowest, ranges};
pub use filters::{HighPass, HighPass2, SuperSmoother};
pub use hilbert::{PERIOD_BEGIN, PERIOD_LEAD, cycle, cycle_reach, mama, smoothed};
pub use kinds::{EMA, OWN, RMA, SMA, average, average_lead, average_reach, kind_param, mama_reach};
pub use money::{finite_runs, flow_of, money_flow};
pub use order::{Sorted, below};
pub use parts::{PARTS, Row, last_part, quarters, row_at, seated, settled_rows, side_by_side};
pub use places::{highest_row, lowest_row};
pub use powers::{cosh, exp, ln, log10, sinh};
pub use ranges::{range_of, range_rows, true_range};
pub use samples::{Pairs, Sums, deviation, squares, sums};
pub use stream::{Carry, rolling_mean_of, window_pair};
pub use weighted::{line_at, weighted_sum, wma};
pub use windows::{CHUNK, Running, Sliding, WindowSum, blank, rolling_mean, rolling_sum};
