//! `docs/INDICATORS.md` out of the catalogue, so that it cannot drift.

use std::fmt::Write;

use super::indicator_words::{default, reach, reach_by_default};
use crate::indicators::{Group, Indicator, Param, Shown, Values, catalog, example};

/// One thing that another library computes otherwise: of which of its functions, on which series, and why.
pub type Difference<'a> = (&'a str, &'a str, &'a str);

const INTRODUCTION: &str = include_str!("indicators_intro.md");

const HEADER: &str = "| request | what | parameters | inputs | outputs | needs | shown |\n\
                      | --- | --- | --- | --- | --- | --- | --- |\n";

/// The page about indicators: the introduction, a table for each family, and where TA-Lib has other numbers.
pub fn indicators_markdown(differences: &[Difference<'_>]) -> String {
    let mut text = INTRODUCTION.to_owned();
    write!(text, "\n## All {} indicators\n\n{}", catalog().len(), HOW_TO_READ).expect(ENOUGH);
    let families = catalog().chunk_by(|a, b| a.group == b.group);
    for family in families {
        write!(text, "\n### {}\n\n{}.\n\n{HEADER}", capital(family[0].group.name()), about(family[0].group))
            .expect(ENOUGH);
        family.iter().for_each(|indicator| text += &row(indicator));
    }
    text + &differing(differences)
}

const ENOUGH: &str = "a String takes everything";

const HOW_TO_READ: &str = "The request is the one with all defaults. *Needs* says how many bars are read before a \
slice for it. *Shown* says where a chart draws it: on the prices, or in a panel of its own.\n";

fn about(group: Group) -> &'static str {
    match group {
        Group::Prices => "A bar's own numbers, and arithmetic on columns",
        Group::Trend => "Averages and lines laid over prices",
        Group::Momentum => "Speed and strength of moves",
        Group::Volatility => "Width of moves",
        Group::Volume => "Volume and money flow",
        Group::Statistics => "Windows as samples",
        Group::Patterns => "Shapes of candles and swings",
        Group::Cycles => "Periods and phases",
    }
}

fn capital(word: &str) -> String {
    let mut letters = word.chars();
    letters.next().map_or(String::new(), |first| first.to_ascii_uppercase().to_string() + letters.as_str())
}

fn row(indicator: &Indicator) -> String {
    let code = |words: &[&str]| words.iter().map(|word| format!("`{word}`")).collect::<Vec<_>>().join(", ");
    let also = match indicator.aliases {
        [] => String::new(),
        aliases => format!("<br>also {}", code(aliases)),
    };
    let future = if indicator.sees_future { " **sees later bars**" } else { "" };
    let params = indicator.params.iter().map(|param| self::param(indicator, param)).collect::<Vec<_>>();
    let inputs = indicator.inputs.iter().map(|input| match (input.name, input.default.name()) {
        (name, field) if name == field => format!("`{name}`"),
        (name, field) => format!("`{name}` = {field}"),
    });
    let outputs = if indicator.outputs.len() > 1 { code(indicator.outputs) } else { String::new() };
    let shown = match indicator.shown {
        Shown::Overlay => "prices",
        Shown::Panel => "panel",
    };
    let cells = [
        format!("`{}`{also}", example(indicator)),
        format!("**{}**{future}<br>{}<br>*{}*", indicator.title, indicator.formula, indicator.origin),
        params.join("<br>"),
        inputs.collect::<Vec<_>>().join(", "),
        outputs,
        reach(reach_by_default(indicator)),
        shown.to_owned(),
    ];
    let cells = cells.map(|cell| cell.replace('|', "\\|"));
    format!("| {} |\n", cells.join(" | "))
}

fn param(indicator: &Indicator, param: &Param) -> String {
    let range = match param.values {
        Values::Whole(min, max) | Values::Real(min, max) => format!("{min} to {max}"),
        Values::Words(words) => words.join(", "),
    };
    format!("`{}` {} ({range})", param.name, default(indicator, param))
}

/// Differences of one reason in one row, in the order in which the reasons come.
fn differing(differences: &[Difference<'_>]) -> String {
    let mut text = String::from(DIFFERENCES);
    let mut reasons: Vec<&str> = differences.iter().map(|(_, _, reason)| *reason).collect();
    let mut seen = std::collections::BTreeSet::new();
    reasons.retain(|reason| seen.insert(*reason));
    for reason in reasons {
        let same = differences.iter().filter(|(_, _, other)| *other == reason);
        let places: Vec<String> = same.map(|(what, series, _)| format!("`{what}` on *{series}*")).collect();
        writeln!(text, "| {} | {reason} |", places.join(", ")).expect(ENOUGH);
    }
    text
}

const DIFFERENCES: &str = "
## Where we differ from TA-Lib

Every function of TA-Lib is compared with the C library's own figures (its Python wheel; version and script are in \
`tests/golden/`), with several sets of arguments on several series: a simulated *market*, the same with jumps (*gaps*), \
a *constant*, one that only *rises*, one that only *falls*, *zeros*, and *one* bar. All numbers agree within 1e-9 \
relative, and all patterns exactly, except for these:

| function and series | why |
| --- | --- |
";
