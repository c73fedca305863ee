//! A bar's own numbers, and arithmetic on columns.
//! Comes in: arguments and finite columns. Goes out: columns. Each file is one member of the family with its entries.
//! May touch: the kernels.
//! Never: looks at another row's future, or allocates per row.

mod typical;

mod maths;

mod operators;

mod crosses;

mod returns;

use super::entry::Indicator;

/// Every file of the family.
pub(super) const FAMILY: &[&[Indicator]] =
    &[typical::ENTRIES, maths::ENTRIES, operators::ENTRIES, crosses::ENTRIES, returns::ENTRIES];
