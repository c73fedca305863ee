//! The one table of indicators; it drives requests, the command line and the documentation.

use std::collections::HashMap;
use std::sync::LazyLock;

use super::entry::Indicator;
use super::{cycles, momentum, patterns, prices, statistics, trend, volatility, volume};

static CATALOG: LazyLock<Vec<&'static Indicator>> = LazyLock::new(|| {
    let families: [&[&[Indicator]]; 8] = [
        prices::FAMILY,
        trend::FAMILY,
        momentum::FAMILY,
        volatility::FAMILY,
        volume::FAMILY,
        statistics::FAMILY,
        patterns::FAMILY,
        cycles::FAMILY,
    ];
    let mut all: Vec<&'static Indicator> =
        families.into_iter().flatten().flat_map(|file| file.iter()).collect();
    all.sort_by_key(|indicator| (indicator.group, indicator.name));
    all
});

static BY_NAME: LazyLock<HashMap<&'static str, &'static Indicator>> = LazyLock::new(|| {
    let names = |indicator: &'static Indicator| {
        std::iter::once(indicator.name)
            .chain(indicator.aliases.iter().copied())
            .map(move |name| (name, indicator))
    };
    CATALOG.iter().flat_map(|indicator| names(indicator)).collect()
});

/// Every indicator, by family and name.
pub fn catalog() -> &'static [&'static Indicator] {
    &CATALOG
}

/// The indicator of a name or alias, in lower case.
pub fn find(name: &str) -> Option<&'static Indicator> {
    BY_NAME.get(name).copied()
}
