//! Shapes of candles and swings.
//! Comes in: arguments and finite columns. Goes out: columns. Each file is one member of the family with its entries.
//! May touch: the kernels.
//! Never: looks at another row's future, or allocates per row.

use super::entry::Indicator;

mod candle;

mod scan;

mod means;

mod one_bar;

mod two_bars;

mod stars;

mod three_bars;

mod hikkake;

mod bars;

mod heikin_ashi;

mod bricks;

mod swings;

mod zigzag;

mod td_sequential;

pub(super) mod calendar;

mod previous;

mod triple_barrier;

/// Every file of the family.
pub(super) const FAMILY: &[&[Indicator]] = &[
    means::ENTRIES,
    one_bar::ENTRIES,
    two_bars::ENTRIES,
    stars::ENTRIES,
    three_bars::ENTRIES,
    hikkake::ENTRIES,
    bars::ENTRIES,
    heikin_ashi::ENTRIES,
    bricks::ENTRIES,
    swings::ENTRIES,
    zigzag::ENTRIES,
    td_sequential::ENTRIES,
    previous::ENTRIES,
    triple_barrier::ENTRIES,
];
