//! Periods and phases.
//! Comes in: arguments and finite columns. Goes out: columns. Each file is one member of the family with its entries.
//! May touch: the kernels.
//! Never: looks at another row's future, or allocates per row.

mod hilbert;

mod phase;

mod ehlers;

mod filters;

use super::entry::{Indicator, WarmUp};

/// Every file of the family.
pub(super) const FAMILY: &[&[Indicator]] = &[hilbert::ENTRIES, ehlers::ENTRIES, filters::ENTRIES];

/// Of a recursion that forgets all but `kept` with every bar, twice over: rows times `kept^rows` is what is left.
fn twice(kept: f64) -> WarmUp {
    WarmUp::decay(kept.powf(0.8))
}
