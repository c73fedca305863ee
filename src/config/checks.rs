//! What no single value shows: timeframes that feed each other, aliases, names that should meet.

use std::collections::BTreeSet;

use crate::model::settings::{ResampleSymbol, Settings};
use crate::model::spelling::edit_distance;
use crate::model::timeframe::{Origin, Rule, TimeframeSpec};
use crate::model::{Symbol, Timeframe};

use super::error::{Fault, Findings};
use super::nearest::nearest;
use super::node::Node;
use super::{clock_checks, session_checks};

const DAY_MS: i64 = 86_400_000;

/// The settings, the tree they were read from (for places), and the listed symbols.
pub(super) struct Checked<'a> {
    pub settings: &'a Settings,
    pub tree: &'a Node,
    pub symbols: &'a [Symbol],
    pub findings: &'a Findings,
    /// The root file: a symbol written in it is meant, one in a shared included file may be a spare.
    pub root_file: &'a std::path::Path,
}

/// Everything that needs the whole.
pub(super) fn check(checked: &Checked<'_>) {
    let before = checked.findings.problem_count();
    let common = ["resample", "timeframes"];
    check_timeframes(checked, &common, &checked.settings.resample.timeframes);
    // A mistake in the common timeframes would be told again for every symbol.
    if checked.findings.problem_count() == before {
        for (symbol, own) in &checked.settings.resample.symbols {
            check_own_timeframes(checked, symbol, own);
        }
    }
    for (symbol, own) in &checked.settings.resample.symbols {
        session_checks::check(checked, symbol, own);
    }
    clock_checks::check(checked);
    check_aliases(checked);
    check_listed(checked);
}

impl Checked<'_> {
    /// A mistake at a path of the tree, or at the deepest part of it that is written.
    pub(super) fn problem(&self, path: &[&str], reason: String, remedy: String) {
        let path: Vec<String> = path.iter().map(|part| (*part).to_owned()).collect();
        self.findings.problem(self.tree.place_of(&path), &path, Fault::new(reason, remedy));
    }

    /// Something odd at a path of the tree.
    pub(super) fn warn(&self, path: &[&str], text: &str) {
        let owned: Vec<String> = path.iter().map(|part| (*part).to_owned()).collect();
        let place = self.tree.place_of(&owned);
        let at = format!("{}:{}", place.file.display(), place.line);
        self.findings.warn(format!("{at}: {}: {text}", owned.join(".")));
    }

    /// The name under which the user wrote a symbol (`EUR/USD` is EUR-USD).
    pub(super) fn written(&self, path: &[&str], symbol: &Symbol) -> String {
        let node = path.iter().try_fold(self.tree, |node, part| node.get(part));
        let entries = node.map(Node::entries).unwrap_or_default();
        let found = entries.iter().find(|entry| entry.key.parse::<Symbol>().as_ref() == Ok(symbol));
        found.map_or_else(|| symbol.to_string(), |entry| entry.key.clone())
    }
}

/// The timeframes one symbol really has.
pub(super) fn specs_of<'a>(settings: &'a Settings, own: Option<&'a ResampleSymbol>) -> &'a [TimeframeSpec] {
    match own {
        Some(own) if !own.timeframes.is_empty() => &own.timeframes,
        _ => &settings.resample.timeframes,
    }
}

fn check_own_timeframes(checked: &Checked<'_>, symbol: &Symbol, own: &ResampleSymbol) {
    let name = checked.written(&["resample", "symbols"], symbol);
    let specs = specs_of(checked.settings, Some(own));
    if !own.timeframes.is_empty() {
        check_timeframes(checked, &["resample", "symbols", &name, "timeframes"], specs);
    }
    let path = ["resample", "symbols", name.as_str(), "skip_timeframes"];
    for skipped in &own.skip_timeframes {
        if !specs.iter().any(|spec| spec.id == *skipped) {
            let reason = format!("there is no timeframe {skipped} to skip");
            checked.problem(&path, reason, near_timeframe(skipped, specs));
        }
        let user =
            specs.iter().find(|spec| spec.source == *skipped && !own.skip_timeframes.contains(&spec.id));
        if let Some(user) = user {
            let reason = format!("{skipped} is skipped, but {} is folded from it", user.id);
            checked.problem(&path, reason, format!("skip {} too, or give it another source", user.id));
        }
    }
}

fn check_timeframes(checked: &Checked<'_>, path: &[&str], specs: &[TimeframeSpec]) {
    for spec in specs {
        let at = |key: &'static str| -> Vec<&str> {
            let mut whole = path.to_vec();
            whole.extend([spec.id.as_str(), key]);
            whole
        };
        if !spec.source.is_minute() && !specs.iter().any(|other| other.id == spec.source) {
            let reason = format!("{} is folded from {}, which does not exist", spec.id, spec.source);
            let remedy = format!(
                "{} (a list of timeframes replaces the default one whole)",
                near_timeframe(&spec.source, specs)
            );
            checked.problem(&at("source"), reason, remedy);
        }
        if let Some(circle) = cycle(spec, specs) {
            let reason = format!("a circle of sources: {}", circle.join(" <- "));
            checked.problem(&at("source"), reason, "fold one of them from a shorter timeframe".to_owned());
        }
        check_origin(checked, &at("origin"), spec.rule, spec.origin);
        check_nesting(checked, &at("source"), spec, specs);
    }
}

fn near_timeframe(wrong: &Timeframe, specs: &[TimeframeSpec]) -> String {
    let names = std::iter::once("1m").chain(specs.iter().map(|spec| spec.id.as_str()));
    let others = names.filter(|name| *name != wrong.as_str());
    format!("the nearest existing ones are {}", nearest(wrong.as_str(), others, 3).join(", "))
}

/// The way from a timeframe along its sources back to itself. Those that merely lead into a circle are not in it.
fn cycle(spec: &TimeframeSpec, specs: &[TimeframeSpec]) -> Option<Vec<String>> {
    let mut way = vec![spec.id.to_string()];
    let mut source = &spec.source;
    loop {
        way.push(source.to_string());
        if *source == spec.id {
            return Some(way);
        }
        let next = specs.iter().find(|other| other.id == *source)?;
        if way.len() > specs.len() {
            return None;
        }
        source = &next.source;
    }
}

/// Edges that begin at a time of day must meet it again every day.
pub(super) fn check_origin(checked: &Checked<'_>, path: &[&str], rule: Rule, origin: Origin) {
    let (Some(length_ms), Origin::At { minutes }) = (rule.length_ms(), origin) else { return };
    if DAY_MS % length_ms != 0 {
        let time = format!("{:02}:{:02}", minutes / 60, minutes % 60);
        let reason =
            format!("origin {time} with bars of {} min, which do not divide 24 h", length_ms / 60_000);
        checked.problem(path, reason, "write origin: epoch, or a rule that divides the day".to_owned());
    }
}

/// Folding goes by labels: source bars that straddle an edge land whole on one side of it.
fn check_nesting(checked: &Checked<'_>, path: &[&str], spec: &TimeframeSpec, specs: &[TimeframeSpec]) {
    let minute = Rule::Fixed { length_ms: 60_000 };
    let source = specs.iter().find(|other| other.id == spec.source).map_or(minute, |source| source.rule);
    let fits = match (spec.rule, source) {
        (Rule::Fixed { length_ms }, Rule::Fixed { length_ms: part }) => length_ms % part == 0,
        (_, Rule::Fixed { length_ms }) => DAY_MS % length_ms == 0,
        (Rule::Fixed { .. }, _) => false,
        (Rule::Week { begins }, Rule::Week { begins: part }) => begins == part,
        (Rule::Week { .. }, _) | (_, Rule::Week { .. }) => false,
        (rule, part) => months(rule).is_multiple_of(months(part)),
    };
    if !fits {
        let text = format!("bars of {} do not fill bars of {} evenly", spec.source, spec.id);
        checked.warn(path, &text);
    }
}

fn months(rule: Rule) -> u32 {
    match rule {
        Rule::Quarter => 3,
        Rule::Year => 12,
        _ => 1,
    }
}

fn check_aliases(checked: &Checked<'_>) {
    let symbols = &checked.settings.transform.symbols;
    for (alias, own) in symbols {
        let Some(source) = &own.source else { continue };
        let name = checked.written(&["transform", "symbols"], alias);
        let path = ["transform", "symbols", name.as_str(), "source"];
        if let Some(further) = symbols.get(source).and_then(|source| source.source.as_ref()) {
            check_chain(checked, &path, alias, source, further);
        } else if checked.symbols.contains(alias) && !checked.symbols.contains(source) {
            let others = checked.symbols.iter().filter(|symbol| *symbol != alias).map(Symbol::as_str);
            let near = nearest(source.as_str(), others, 3).join(", ");
            let reason = format!("{alias} is made from {source}, which is not among the symbols");
            checked.problem(
                &path,
                reason,
                format!("add it to the symbol list; the nearest there are {near}"),
            );
        }
    }
}

fn check_chain(checked: &Checked<'_>, path: &[&str], alias: &Symbol, source: &Symbol, further: &Symbol) {
    let symbols = &checked.settings.transform.symbols;
    let (mut seen, mut last) = (BTreeSet::from([alias, source]), further);
    let mut circle = !seen.insert(last);
    while let Some(next) = symbols.get(last).and_then(|own| own.source.as_ref()).filter(|_| !circle) {
        circle = !seen.insert(next);
        last = next;
    }
    if circle {
        let reason = format!("a circle of aliases: {alias} is made from {source}, {source} from {further}");
        checked.problem(path, reason, "name a symbol of the feed as the source of one of them".to_owned());
    } else {
        let reason = format!("{source} is itself an alias: it has no payloads");
        checked.problem(path, reason, format!("write source: {last}"));
    }
}

/// A symbol with settings that is never worked on is often a typing mistake.
fn check_listed(checked: &Checked<'_>) {
    if checked.symbols.is_empty() {
        return;
    }
    let resample = checked.settings.resample.symbols.keys().map(|symbol| (["resample", "symbols"], symbol));
    let transform =
        checked.settings.transform.symbols.keys().map(|symbol| (["transform", "symbols"], symbol));
    for (path, symbol) in resample.chain(transform) {
        let name = checked.written(&path, symbol);
        check_one_listed(checked, &[path[0], path[1], &name], symbol);
    }
    for group in &checked.settings.transform.timezones {
        let zone = group.zone.name();
        for symbol in &group.symbols {
            check_one_listed(checked, &["transform", "timezones", zone, "symbols"], symbol);
        }
    }
}

fn check_one_listed(checked: &Checked<'_>, path: &[&str], symbol: &Symbol) {
    if checked.symbols.contains(symbol) {
        return;
    }
    let owned: Vec<String> = path.iter().map(|part| (*part).to_owned()).collect();
    let written_here = *checked.tree.place_of(&owned).file == *checked.root_file;
    let near = nearest(symbol.as_str(), checked.symbols.iter().map(Symbol::as_str), 1).join("");
    // Shared files name more symbols than one user follows; there only what looks like a slip is told.
    if written_here || edit_distance(symbol.as_str(), &near) <= 1 {
        let text =
            format!("{symbol} is not in the symbol list, so nothing is built for it (nearest: {near})");
        checked.warn(path, &text);
    }
}
