//! How the entries of the catalogue are put into words, for the terminal and for the documentation.

use crate::indicators::{Graph, Indicator, Param, Shown, Values, WarmUp, example, parse_asks};

/// What a parameter may be.
pub(super) fn values(values: &Values) -> String {
    match values {
        Values::Whole(min, max) => format!("a whole number from {min} to {max}"),
        Values::Real(min, max) => format!("a number from {min} to {max}"),
        Values::Words(words) => format!("one of {}", words.join(", ")),
    }
}

/// What a parameter is when nothing is said.
pub(super) fn default(indicator: &Indicator, param: &Param) -> String {
    match (param.like, param.values) {
        (Some(other), _) => format!("as {}", indicator.params[other].name),
        (None, Values::Words(words)) => words[param.default as usize].to_owned(),
        (None, _) => param.default.to_string(),
    }
}

/// Where a chart draws it.
pub(super) fn shown(indicator: &Indicator) -> &'static str {
    match indicator.shown {
        Shown::Overlay => "on the prices",
        Shown::Panel => "in a panel of its own",
    }
}

/// How far back the default request reaches, its parts included.
pub(super) fn reach_by_default(indicator: &Indicator) -> WarmUp {
    let asks = parse_asks(&example(indicator), &|_| false).unwrap_or_default();
    Graph::new(&asks).reach()
}

/// What is read before a slice.
pub(super) fn reach(reach: WarmUp) -> String {
    let and_bars = |rows: usize| match rows {
        0 => String::new(),
        1 => " and 1 bar before it".to_owned(),
        rows => format!(" and {rows} bars before it"),
    };
    match reach {
        WarmUp::Rows(0) => "no earlier bar".to_owned(),
        WarmUp::Rows(1) => "1 bar".to_owned(),
        WarmUp::Rows(rows) => format!("{rows} bars"),
        WarmUp::Day(rows) => format!("the server's day so far{}", and_bars(rows)),
        WarmUp::Week(rows) => format!("the server's week so far{}", and_bars(rows)),
        WarmUp::Month(rows) => format!("the server's month so far{}", and_bars(rows)),
        WarmUp::History => "all bars from the first one on".to_owned(),
    }
}
