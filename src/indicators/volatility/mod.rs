//! Width of moves.
//! Comes in: arguments and finite columns. Goes out: columns. Each file is one member of the family with its entries.
//! May touch: the kernels.
//! Never: looks at another row's future, or allocates per row.

mod atr;

mod bollinger;

mod ranges;

mod rvi;

mod bands;

mod channels;

mod stops;

mod estimators;

mod choppiness;

use super::entry::Indicator;

/// Every file of the family.
pub(super) const FAMILY: &[&[Indicator]] = &[
    atr::ENTRIES,
    bollinger::ENTRIES,
    ranges::ENTRIES,
    rvi::ENTRIES,
    bands::ENTRIES,
    channels::ENTRIES,
    stops::ENTRIES,
    estimators::ENTRIES,
    choppiness::ENTRIES,
];
