//! Volume and money flow.
//! Comes in: arguments and finite columns. Goes out: columns. Each file is one member of the family with its entries.
//! May touch: the kernels.
//! Never: looks at another row's future, or allocates per row.

mod flow;

mod money;

mod index;

mod vwap;

mod force;

mod oscillators;

mod accumulation;

mod swings;

mod profile;

mod market_profile;

use super::entry::Indicator;

/// Every file of the family.
pub(super) const FAMILY: &[&[Indicator]] = &[
    flow::ENTRIES,
    money::ENTRIES,
    index::ENTRIES,
    vwap::ENTRIES,
    force::ENTRIES,
    oscillators::ENTRIES,
    accumulation::ENTRIES,
    swings::ENTRIES,
    profile::ENTRIES,
    market_profile::ENTRIES,
];
