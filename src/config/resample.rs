//! The resample section: common timeframes, and what single symbols have of their own.

use std::collections::BTreeMap;

use crate::model::settings::{Limits, PostStep, ResampleSettings, ResampleSymbol};
use crate::model::timeframe::{Origin, Rule, Side};
use crate::model::{Symbol, Timeframe, TimeframeSpec};

use super::error::Fault;
use super::includes::overlay;
use super::node::{Node, Value};
use super::reader::Section;
use super::transform::{action, check_dates, enter};
use super::{sessions, values};

const SIDES: &[(&str, Side)] = &[("left", Side::Left), ("right", Side::Right)];

/// What a step on folded bars does.
#[derive(Clone, Copy, PartialEq)]
enum Action {
    Merge,
    Shift,
}

const ACTIONS: &[(&str, Action)] = &[("merge", Action::Merge), ("shift", Action::Shift)];

pub(super) fn settings(section: &Section<'_>) -> ResampleSettings {
    let common = section.section("timeframes");
    ResampleSettings {
        round_decimals: section.setting("round_decimals", values::whole(0..=15)) as u32,
        batch_size: section.setting("batch_size", values::whole(1..=i64::from(u32::MAX))) as usize,
        fsync: section.setting("fsync", values::flag),
        timeframes: common.as_ref().map(timeframes).unwrap_or_default(),
        symbols: section
            .section("symbols")
            .map(|symbols| own_symbols(&symbols, common.as_ref()))
            .unwrap_or_default(),
    }
}

fn own_symbols(section: &Section<'_>, common: Option<&Section<'_>>) -> BTreeMap<Symbol, ResampleSymbol> {
    let mut symbols = BTreeMap::new();
    for (entry, own) in section.sections() {
        enter(section, &entry.key, own_symbol(&own, common), &mut symbols);
    }
    symbols
}

fn own_symbol(own: &Section<'_>, common: Option<&Section<'_>>) -> ResampleSymbol {
    ResampleSymbol {
        timezone: own.value("timezone", values::zone),
        round_decimals: own.value("round_decimals", values::whole(0..=15)).map(|decimals| decimals as u32),
        batch_size: own.value("batch_size", values::whole(1..=i64::from(u32::MAX))).map(|size| size as usize),
        skip_timeframes: own.list("skip_timeframes", values::timeframe),
        timeframes: own.section("timeframes").map(|over| resolved(&over, common)).unwrap_or_default(),
        sessions: own.section("sessions").map(|sessions| sessions::sessions(&sessions)).unwrap_or_default(),
    }
}

/// The common timeframes with one symbol's laid over them, field by field.
fn resolved(over: &Section<'_>, common: Option<&Section<'_>>) -> Vec<TimeframeSpec> {
    if over.node.entries().is_empty() {
        return Vec::new();
    }
    let merged = match common {
        Some(common) => overlay(common.node.clone(), over.node.clone()),
        None => over.node.clone(),
    };
    timeframes(&Section { node: &merged, path: over.path.clone(), findings: over.findings })
}

fn timeframes(section: &Section<'_>) -> Vec<TimeframeSpec> {
    let mut specs: Vec<TimeframeSpec> = Vec::new();
    for (entry, own) in section.sections() {
        let Ok(id) = values::timeframe(&entry.key).map_err(|fault| section.problem(&entry.key, fault)) else {
            continue;
        };
        if specs.iter().any(|spec| spec.id == id) {
            let fault = Fault::new(format!("{id} is defined twice"), "keep one of the two");
            section.problem(&entry.key, fault);
        } else if id.is_minute() {
            check_minute(&own);
        } else {
            specs.extend(spec(&own, id));
        }
    }
    specs
}

/// `1m` comes from the feed; a file may name it as long as it says nothing else.
fn check_minute(own: &Section<'_>) {
    let plain = |key: &str, said: bool| {
        if said {
            let reason = format!("1m comes from the feed as it is: another {key} contradicts it");
            own.problem(key, Fault::new(reason, "remove the key, or give the timeframe another name"));
        }
    };
    let minute = Rule::Fixed { length_ms: 60_000 };
    plain("rule", own.value("rule", values::rule).is_some_and(|rule| rule != minute));
    plain("label", own.value("label", values::one_of(SIDES)) == Some(Side::Right));
    plain("closed", own.value("closed", values::one_of(SIDES)) == Some(Side::Right));
    plain("origin", own.value("origin", values::origin).is_some_and(|origin| origin != Origin::Epoch));
    plain("post", !own.steps("post").is_empty());
    // The original wrote the folder of the 1m series here; the name of a timeframe would be something else.
    plain("source", own.value("source", values::timeframe).is_some_and(|source| is_coarser(source.as_str())));
}

fn is_coarser(source: &str) -> bool {
    source != "1m" && source.parse::<Rule>().is_ok()
}

fn spec(own: &Section<'_>, id: Timeframe) -> Option<TimeframeSpec> {
    warn_of_pre(own);
    for (key, remedy) in
        [("rule", "write rule: 1h, for example"), ("source", "write source: 1m, for example")]
    {
        if own.field(key).is_none() {
            own.problem(key, Fault::new(format!("timeframe {id} needs a {key}"), remedy));
        }
    }
    let side = |key| own.value(key, values::one_of(SIDES)).unwrap_or(Side::Left);
    let (label, closed) = (side("label"), side("closed"));
    let origin = own.value("origin", values::origin).unwrap_or(Origin::Epoch);
    let (rule, source) = (own.value("rule", values::rule), own.value("source", values::timeframe));
    let post = post_steps(own, rule);
    let (rule, source) = (rule?, source?);
    Some(TimeframeSpec { id, source, rule, label, closed, origin, post })
}

fn warn_of_pre(own: &Section<'_>) {
    let said = match own.field("pre").map(|node| &node.value) {
        Some(Value::List(items)) => !items.is_empty(),
        Some(Value::Map(entries)) => !entries.is_empty(),
        Some(_) => true,
        None => false,
    };
    if said {
        own.findings.warn(format!("{}.pre: steps before folding are not carried out", own.path.join(".")));
    }
}

/// The steps of a timeframe, checked against its rule where that is known.
pub(super) fn post_steps(own: &Section<'_>, rule: Option<Rule>) -> Vec<PostStep> {
    let steps = own.steps("post");
    let mut found = Vec::new();
    for step in &steps {
        let read = match action(step, ACTIONS) {
            Some(Action::Merge) => merge(step),
            Some(Action::Shift) => shift(step, rule),
            None => None,
        };
        let repeated = |held: &PostStep| matches!(held, PostStep::Shift { .. });
        if matches!(read, Some(PostStep::Shift { .. })) && found.iter().any(repeated) {
            let fault = Fault::new("a second shift", "labels move once: add the two offsets up");
            own.findings.problem(&step.node.place, &step.path, fault);
        }
        found.extend(read);
    }
    found
}

fn merge(step: &Section<'_>) -> Option<PostStep> {
    step.only(
        &["name", "action", "op", "ends_with", "offset", "from_date", "to_date", "weekdays"],
        "a merge step does not take this key",
    );
    let ends_with = step.list("ends_with", values::label_ending);
    if step.field("ends_with").is_none() || is_empty_list(step, "ends_with") {
        let remedy = "write ends_with: [\"09:10:00\"], for example";
        step.problem("ends_with", Fault::new("a merge step needs endings", remedy));
    }
    for ending in ends_with.iter().filter(|ending| ending.len() > 1 && !ending.ends_with("00")) {
        let key = step.path_of("ends_with").join(".");
        step.findings.warn(format!("{key}: no label ends with '{ending}': labels stand on whole minutes"));
    }
    let offset = step.value("offset", values::whole(-10_000..=10_000)).unwrap_or(-1);
    if offset == 0 {
        let fault =
            Fault::new("a bar cannot be merged into itself", "write offset: -1 (the bar before) or 1");
        step.problem("offset", fault);
    }
    Some(PostStep::Merge { ends_with, offset: offset as i32, limits: limits(step) })
}

fn is_empty_list(step: &Section<'_>, key: &str) -> bool {
    matches!(step.field(key), Some(Node { value: Value::List(items), .. }) if items.is_empty())
}

fn limits(step: &Section<'_>) -> Limits {
    let from_wall_ms = step.value("from_date", values::wall_from);
    let to_wall_ms = step.value("to_date", values::wall_to);
    check_dates(step, from_wall_ms, to_wall_ms);
    Limits { from_wall_ms, to_wall_ms, weekdays: step.list("weekdays", values::weekday) }
}

fn shift(step: &Section<'_>, rule: Option<Rule>) -> Option<PostStep> {
    step.only(&["name", "action", "op", "offset"], "a shift step takes no limits and nothing to match");
    if step.field("offset").is_none() {
        step.problem("offset", Fault::new("a shift step needs an offset", "write offset: 3600 (seconds)"));
    }
    let offset_s = step.value("offset", values::whole(-i64::from(i32::MAX)..=i64::from(i32::MAX)))?;
    if let Some(length_s) = rule.map(shortest_s).filter(|length_s| offset_s.abs() >= *length_s) {
        let reason = format!("a shift by {offset_s} s is not smaller than the bars, {length_s} s");
        step.problem("offset", Fault::new(reason, format!("stay below {length_s} s")));
    }
    Some(PostStep::Shift { offset_s })
}

/// Seconds of the shortest bar a rule makes.
fn shortest_s(rule: Rule) -> i64 {
    let days = |count: i64| count * 86_400;
    match rule {
        Rule::Fixed { length_ms } => length_ms / 1000,
        Rule::Week { .. } => days(7),
        Rule::Month => days(28),
        Rule::Quarter => days(90),
        Rule::Year => days(365),
    }
}
