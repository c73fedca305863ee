//! The transform section: server clocks by timezone group, and what single symbols' bars go through.

use std::collections::BTreeMap;

use crate::model::Symbol;
use crate::model::settings::{
    AdjustOp, AdjustStep, PriceColumn, TimezoneGroup, TransformSettings, TransformSymbol, Validate,
};

use super::error::Fault;
use super::reader::Section;
use super::values;

const VALIDATE: &[(&str, Validate)] = &[
    ("quarantine", Validate::Quarantine),
    ("flag", Validate::Flag),
    ("off", Validate::Off),
    ("reject", Validate::Reject),
    ("true", Validate::Flag),
    ("false", Validate::Off),
];

const OPS: &[(&str, AdjustOp)] = &[
    ("multiply", AdjustOp::Multiply),
    ("*", AdjustOp::Multiply),
    ("add", AdjustOp::Add),
    ("+", AdjustOp::Add),
    ("subtract", AdjustOp::Subtract),
    ("-", AdjustOp::Subtract),
    ("divide", AdjustOp::Divide),
    ("/", AdjustOp::Divide),
];

const COLUMNS: &[(&str, PriceColumn)] = &[
    ("open", PriceColumn::Open),
    ("high", PriceColumn::High),
    ("low", PriceColumn::Low),
    ("close", PriceColumn::Close),
    ("volume", PriceColumn::Volume),
];

pub(super) fn settings(section: &Section<'_>) -> TransformSettings {
    TransformSettings {
        time_shift_ms: section.setting("time_shift_ms", values::shift_ms),
        round_decimals: section.setting("round_decimals", values::whole(0..=15)) as u32,
        fsync: section.setting("fsync", values::flag),
        validate: section.setting("validate", values::one_of(VALIDATE)),
        keep_days: section.setting("keep_days", values::flag),
        timezones: section.section("timezones").map(|groups| timezones(&groups)).unwrap_or_default(),
        symbols: section.section("symbols").map(|symbols| own_symbols(&symbols)).unwrap_or_default(),
    }
}

fn timezones(section: &Section<'_>) -> Vec<TimezoneGroup> {
    section
        .sections()
        .into_iter()
        .filter_map(|(entry, group)| timezone(section, &entry.key, &group))
        .collect()
}

fn timezone(section: &Section<'_>, name: &str, group: &Section<'_>) -> Option<TimezoneGroup> {
    let zone = values::zone(name).map_err(|fault| section.problem(name, fault)).ok();
    let (mut symbols, mut takes_the_rest) = (Vec::new(), false);
    let named = |text: &str| if text.trim() == "*" { Ok(None) } else { values::symbol(text).map(Some) };
    for symbol in group.list("symbols", named) {
        match symbol {
            Some(symbol) => symbols.push(symbol),
            None => takes_the_rest = true,
        }
    }
    let map = group.section("offset_to_shift_map");
    if map.is_none() && group.field("offset_to_shift_map").is_none() {
        let remedy = "write offset_to_shift_map: {-240: 10800000, -300: 7200000}, for example";
        group.problem("offset_to_shift_map", Fault::new("a timezone group needs a map of shifts", remedy));
    }
    let offset_to_shift_map = map.map(|map| shifts(&map)).unwrap_or_default();
    Some(TimezoneGroup { zone: zone?, offset_to_shift_map, symbols, takes_the_rest })
}

fn shifts(map: &Section<'_>) -> BTreeMap<i32, i64> {
    let mut shifts = BTreeMap::new();
    for entry in map.node.entries() {
        let offset = values::whole(-1440..=1440)(&entry.key).map_err(|fault| {
            let reason = format!("the key is the zone's UTC offset in minutes: {}", fault.reason);
            map.problem(&entry.key, Fault::new(reason, fault.remedy));
        });
        if let (Ok(offset), Some(shift)) = (offset, map.value(&entry.key, values::shift_ms)) {
            shifts.insert(offset as i32, shift);
        }
    }
    shifts
}

fn own_symbols(section: &Section<'_>) -> BTreeMap<Symbol, TransformSymbol> {
    let mut symbols = BTreeMap::new();
    for (entry, own) in section.sections() {
        let source = own.value("source", values::symbol);
        let post = own.steps("post").iter().filter_map(adjust_step).collect();
        enter(section, &entry.key, TransformSymbol { source, post }, &mut symbols);
    }
    symbols
}

/// Two spellings of one symbol (`EUR/USD`, `EUR-USD`) are one key written twice.
pub(super) fn enter<T>(section: &Section<'_>, name: &str, value: T, into: &mut BTreeMap<Symbol, T>) {
    match values::symbol(name) {
        Err(fault) => section.problem(name, fault),
        Ok(symbol) if into.contains_key(&symbol) => {
            let reason = format!("{symbol} is written twice, in two spellings");
            section.problem(name, Fault::new(reason, "keep one of the two"));
        }
        Ok(symbol) => drop(into.insert(symbol, value)),
    }
}

fn adjust_step(step: &Section<'_>) -> Option<AdjustStep> {
    let op = action(step, OPS);
    let columns = columns(step);
    let value = step.value("value", values::number);
    if value.is_none() && step.field("value").is_none() {
        step.problem("value", Fault::new("a step needs a number", "write value: 1.5"));
    }
    let from_wall_ms = step.value("from_date", values::wall_from);
    let to_wall_ms = step.value("to_date", values::wall_to);
    check_dates(step, from_wall_ms, to_wall_ms);
    let (op, value) = (op?, value?);
    if op == AdjustOp::Divide && value == 0.0 {
        step.problem("value", Fault::new("division by 0", "write another number"));
    }
    Some(AdjustStep { op, columns, value, from_wall_ms, to_wall_ms })
}

fn columns(step: &Section<'_>) -> Vec<PriceColumn> {
    let [one, many] = ["column", "columns"].map(|key| step.list(key, values::one_of(COLUMNS)));
    match (step.field("column"), step.field("columns")) {
        (Some(_), Some(_)) => {
            step.problem("column", Fault::new("column and columns say the same", "keep columns"));
        }
        (None, None) => {
            step.problem(
                "columns",
                Fault::new("a step needs columns", "write columns: [volume], for example"),
            );
        }
        _ => {}
    }
    let mut columns = Vec::new();
    for column in many.into_iter().chain(one) {
        if !columns.contains(&column) {
            columns.push(column);
        }
    }
    columns
}

/// What a step does: its `action`, else its `op`, else its own name.
pub(super) fn action<T: Copy>(step: &Section<'_>, actions: &'static [(&'static str, T)]) -> Option<T> {
    for key in ["action", "op"] {
        if step.field(key).is_some() {
            return step.value(key, values::one_of(actions));
        }
    }
    let named = values::one_of(actions)(step.name()).ok();
    if named.is_none() {
        let names: Vec<&str> = actions.iter().map(|(name, _)| *name).collect();
        let fault =
            Fault::new("a step needs an action", format!("write action: one of {}", names.join(", ")));
        step.problem("action", fault);
    }
    named
}

/// A limit that ends before it begins would silence a step without a word.
pub(super) fn check_dates(section: &Section<'_>, from_wall_ms: Option<i64>, to_wall_ms: Option<i64>) {
    if let (Some(from), Some(to)) = (from_wall_ms, to_wall_ms)
        && from > to
    {
        section.problem("to_date", Fault::new("to_date is before from_date", "correct one of the two"));
    }
}
