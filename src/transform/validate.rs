//! Which bars can be, and which are merely strange.

use crate::model::Bar;

/// A hard rule: a bar that breaks one is no bar.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rule {
    /// A price or the volume is infinite or not a number.
    NotFinite,
    /// The high is below the open, close or low.
    HighTooLow,
    /// The low is above the open or close.
    LowTooHigh,
    /// The volume is below zero.
    NegativeVolume,
}

impl std::fmt::Display for Rule {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Rule::NotFinite => "a price or the volume is not a finite number",
            Rule::HighTooLow => "high is below open, close or low",
            Rule::LowTooHigh => "low is above open or close",
            Rule::NegativeVolume => "volume is below zero",
        })
    }
}

/// A bar that was set aside, and why.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct RefusedBar {
    /// As it would have been stored.
    pub bar: Bar,
    /// The first rule it breaks.
    pub rule: Rule,
}

/// The first hard rule that the bar breaks.
pub(super) fn broken_rule(bar: &Bar) -> Option<Rule> {
    let Bar { open, high, low, close, volume, .. } = *bar;
    if ![open, high, low, close, volume].iter().all(|x| x.is_finite()) {
        Some(Rule::NotFinite)
    } else if high < open.max(close).max(low) {
        Some(Rule::HighTooLow)
    } else if low > open.min(close) {
        Some(Rule::LowTooHigh)
    } else if volume < 0.0 {
        Some(Rule::NegativeVolume)
    } else {
        None
    }
}

/// The high may be so many times the low before it looks like a mistake.
const SPREAD_MAX: f64 = 1.5;

/// Whether the bar breaks a soft rule: a price at or below zero, or a high far above the low.
pub(super) fn is_strange(bar: &Bar) -> bool {
    let Bar { open, high, low, close, .. } = *bar;
    let wide = high > 0.0 && low > 0.0 && high / low > SPREAD_MAX;
    wide || [open, high, low, close].iter().any(|price| *price <= 0.0)
}

/// Whether no bar of the day breaks any rule; may say no to a day without fault, never yes to one with.
/// Almost every day is clean, and this looks at whole columns without a branch.
pub(super) fn is_clean(prices: &[Vec<f64>; 4], volumes: &[f64]) -> bool {
    let [open, high, low, close] = prices;
    let mut clean = true;
    for ((((open, high), low), close), volume) in open.iter().zip(high).zip(low).zip(close).zip(volumes) {
        // Comparisons with what is not a number are false. The 1.4 is on the safe side of any rounding of high / low.
        clean &= (*high >= *open) & (*high >= *close) & (*low <= *open) & (*low <= *close) & (*low > 0.0);
        clean &=
            (*high <= *low * 1.4) & (*high < f64::INFINITY) & (*volume >= 0.0) & (*volume < f64::INFINITY);
    }
    clean
}
