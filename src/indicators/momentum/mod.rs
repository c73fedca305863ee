//! Speed and strength of moves.
//! Comes in: arguments and finite columns. Goes out: columns. Each file is one member of the family with its entries.
//! May touch: the kernels.
//! Never: looks at another row's future, or allocates per row.

mod macd;

mod oscillators;

mod rsi;

mod roc;

mod smoothed;

mod stochastic;

mod directional;

mod aroon;

mod bodies;

mod cci;

mod flows;

mod straight;

mod fisher;

mod connors;

mod rates;

mod schaff;

mod zones;

mod squeeze;

use super::entry::Indicator;

/// Every file of the family.
pub(super) const FAMILY: &[&[Indicator]] = &[
    macd::ENTRIES,
    oscillators::ENTRIES,
    rsi::ENTRIES,
    roc::ENTRIES,
    smoothed::ENTRIES,
    stochastic::ENTRIES,
    directional::ENTRIES,
    aroon::ENTRIES,
    bodies::ENTRIES,
    cci::ENTRIES,
    flows::ENTRIES,
    straight::ENTRIES,
    fisher::ENTRIES,
    connors::ENTRIES,
    rates::ENTRIES,
    schaff::ENTRIES,
    zones::ENTRIES,
    squeeze::ENTRIES,
];
