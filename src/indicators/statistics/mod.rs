//! Windows as samples.
//! Comes in: arguments and finite columns. Goes out: columns. Each file is one member of the family with its entries.
//! May touch: the kernels.
//! Never: looks at another row's future, or allocates per row.

mod extremes;

mod moments;

mod pairs;

mod regression;

mod indexes;

mod ranks;

mod avgdev;

mod performance;

mod drawdowns;

mod reversion;

mod kalman;

mod entropy;

mod fractal;

use super::entry::Indicator;

/// Every file of the family.
pub(super) const FAMILY: &[&[Indicator]] = &[
    extremes::ENTRIES,
    moments::ENTRIES,
    pairs::ENTRIES,
    regression::ENTRIES,
    indexes::ENTRIES,
    ranks::ENTRIES,
    avgdev::ENTRIES,
    performance::ENTRIES,
    drawdowns::ENTRIES,
    reversion::ENTRIES,
    kalman::ENTRIES,
    entropy::ENTRIES,
    fractal::ENTRIES,
];
