//! Averages and lines laid over prices.
//! Comes in: arguments and finite columns. Goes out: columns. Each file is one member of the family with its entries.
//! May touch: the kernels.
//! Never: looks at another row's future, or allocates per row.

mod averages;

mod ema;

mod ranges;

mod mavp;

mod sma;

mod sar;

mod supertrend;

mod ichimoku;

mod alligator;

mod turns;

mod weighted;

mod adaptive;

use super::entry::Indicator;

/// Every file of the family.
pub(super) const FAMILY: &[&[Indicator]] = &[
    sma::ENTRIES,
    ema::ENTRIES,
    averages::ENTRIES,
    ranges::ENTRIES,
    mavp::ENTRIES,
    sar::ENTRIES,
    supertrend::ENTRIES,
    ichimoku::ENTRIES,
    alligator::ENTRIES,
    turns::ENTRIES,
    weighted::ENTRIES,
    adaptive::ENTRIES,
];
