use serde_json::{Value, json};

use super::context::Context;
use super::exit::{Exit, Failure};
use super::output::{self, table};
use crate::indicators::{Indicator, Shown, Values, WarmUp, catalog, example, parse_asks};

/// Lists the indicators there are, or tells about one: parameters with their ranges, outputs, formula and where it is
/// from.
///
/// A word that is no name is looked for in names, aliases and titles.
#[derive(clap::Args, Debug)]
#[command(
    after_help = "Example:\n  engine indicators\n  engine indicators macd\n  engine indicators average --json"
)]
pub(super) struct Args {
    /// A name or alias, or a word to look for
    #[arg(value_name = "NAME")]
    name: Option<String>,
}

pub(super) fn run(context: &Context, args: Args) -> Result<Exit, Failure> {
    let chosen = chosen(args.name.as_deref())?;
    if context.global.json {
        let all: Vec<Value> = chosen.iter().map(|indicator| as_json(indicator)).collect();
        output::print_json(&Value::Array(all))?;
    } else if let ([indicator], Some(_)) = (&chosen[..], &args.name) {
        output::print(&described(indicator))?;
    } else {
        let rows = chosen.iter().map(|indicator| {
            vec![example(indicator), indicator.group.name().to_owned(), indicator.title.to_owned()]
        });
        output::print(&table(&["request", "family", "title"], rows))?;
    }
    Ok(Exit::Done)
}

/// The one of that name, else those that speak of it, else the error that names the nearest.
fn chosen(name: Option<&str>) -> Result<Vec<&'static Indicator>, Failure> {
    let Some(name) = name.map(str::to_ascii_lowercase) else { return Ok(catalog().to_vec()) };
    let is_named =
        |indicator: &&&Indicator| indicator.name == name || indicator.aliases.contains(&name.as_str());
    if let Some(indicator) = catalog().iter().find(is_named) {
        return Ok(vec![indicator]);
    }
    let speaks = |indicator: &&Indicator| {
        indicator.name.contains(&name)
            || indicator.title.to_ascii_lowercase().contains(&name)
            || indicator.group.name() == name
            || indicator.aliases.iter().any(|alias| alias.contains(&name))
    };
    let found: Vec<&'static Indicator> = catalog().iter().copied().filter(speaks).collect();
    match (found.is_empty(), parse_asks(&name, &|_| false)) {
        (true, Err(error)) => Err(error.into()),
        _ => Ok(found),
    }
}

fn described(indicator: &Indicator) -> String {
    let mut text = format!("{}  {} ({})\n", indicator.name, indicator.title, indicator.group.name());
    text += &format!("\nrequest   {}\n", example(indicator));
    if !indicator.aliases.is_empty() {
        text += &format!("also      {}\n", indicator.aliases.join(", "));
    }
    for param in indicator.params {
        text +=
            &format!("{:<9} {}, default {}\n", param.name, values(&param.values), default(indicator, param));
    }
    let inputs = indicator.inputs.iter().map(|input| format!("{}={}", input.name, input.default.name()));
    text += &format!("inputs    {}\n", inputs.collect::<Vec<_>>().join(", "));
    if indicator.outputs.len() > 1 {
        text += &format!("outputs   {}\n", indicator.outputs.join(", "));
    }
    text += &format!("needs     {}\n", reach(indicator));
    text += &format!("shown     {}\n", shown(indicator));
    if indicator.sees_future {
        text += "future    values depend on later bars: for learning and drawing, not for trading\n";
    }
    text + &format!("\n{}\n{}\n", indicator.formula, indicator.origin)
}

fn values(values: &Values) -> String {
    match values {
        Values::Whole(min, max) => format!("a whole number from {min} to {max}"),
        Values::Real(min, max) => format!("a number from {min} to {max}"),
        Values::Words(words) => format!("one of {}", words.join(", ")),
    }
}

fn default(indicator: &Indicator, param: &crate::indicators::Param) -> String {
    match (param.like, param.values) {
        (Some(other), _) => format!("as {}", indicator.params[other].name),
        (None, Values::Words(words)) => words[param.default as usize].to_owned(),
        (None, _) => param.default.to_string(),
    }
}

fn shown(indicator: &Indicator) -> &'static str {
    match indicator.shown {
        Shown::Overlay => "on the prices",
        Shown::Panel => "in a panel of its own",
    }
}

/// What is read before a slice for the default request.
fn reach(indicator: &Indicator) -> String {
    match indicator.warm_up_by_default() {
        WarmUp::Rows(0) => "no earlier bar".to_owned(),
        WarmUp::Rows(rows) => format!("{rows} bars before a slice, with the defaults"),
        WarmUp::Day(_) => "the server's day so far, and what its inputs need".to_owned(),
        WarmUp::Week(_) => "the server's week so far, and what its inputs need".to_owned(),
        WarmUp::Month(_) => "the server's month so far, and what its inputs need".to_owned(),
        WarmUp::History => "all bars from the first one on".to_owned(),
    }
}

fn as_json(indicator: &Indicator) -> Value {
    let params: Vec<Value> = indicator
        .params
        .iter()
        .map(|param| json!({ "name": param.name, "values": values(&param.values), "default": default(indicator, param) }))
        .collect();
    let inputs: Vec<Value> = indicator
        .inputs
        .iter()
        .map(|input| json!({ "name": input.name, "default": input.default.name() }))
        .collect();
    json!({
        "name": indicator.name,
        "aliases": indicator.aliases,
        "title": indicator.title,
        "family": indicator.group.name(),
        "request": example(indicator),
        "params": params,
        "inputs": inputs,
        "outputs": indicator.outputs,
        "overlay": indicator.shown == Shown::Overlay,
        "sees_future": indicator.sees_future,
        "needs": reach(indicator),
        "formula": indicator.formula,
        "origin": indicator.origin,
    })
}
