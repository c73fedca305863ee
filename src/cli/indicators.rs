use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::context::Context;
use super::exit::{Exit, Failure};
use super::indicator_words::{default, reach, reach_by_default, shown, values};
use super::output::{self, table_of_words};
use crate::config::ConfigError;
use crate::indicators::{Ask, Field, Indicator, Param, Shown, Values, WarmUp, catalog, example, parse_asks};
use crate::model::settings::{OwnIndicator, OwnProgram};
use crate::model::spelling::nearest;

/// Lists the indicators there are, or tells about one: parameters with their ranges, outputs, formula and where it is
/// from.
///
/// A word that is no name is looked for in names, aliases, titles and families. Indicators of your own, from the
/// configuration, come last. docs/INDICATORS.md tells how to ask for indicators and how to make your own.
#[derive(clap::Args, Debug)]
#[command(
    after_help = "Example:\n  engine indicators\n  engine indicators macd\n  engine indicators average\n  \
    engine indicators volatility --json"
)]
pub(super) struct Args {
    /// A name, an alias or a request, or a word to look for
    #[arg(value_name = "NAME")]
    name: Option<String>,
}

/// What there is to tell about.
enum Found<'a> {
    Listed(&'static Indicator),
    Own(&'a str, &'a OwnIndicator),
}

pub(super) fn run(context: &Context, args: Args) -> Result<Exit, Failure> {
    let own = own(context);
    let chosen = chosen(args.name.as_deref(), &own)?;
    if context.global.json {
        output::print_json(&chosen.iter().map(Found::as_json).collect())?;
    } else if let ([one], Some(_)) = (&chosen[..], &args.name) {
        output::print(&one.described())?;
    } else {
        output::print(&table_of_words(3, &["request", "family", "title"], chosen.iter().map(Found::row)))?;
    }
    Ok(Exit::Done)
}

/// The user's own. The catalogue can be read without a configuration.
fn own(context: &Context) -> BTreeMap<String, OwnIndicator> {
    let loaded = match context.config_file() {
        Ok(file) => crate::config::load(&file),
        Err(_) => return BTreeMap::new(),
    };
    match loaded {
        Ok(loaded) => loaded.settings.indicators,
        Err(error) => {
            if matches!(error, ConfigError::Faulty { .. }) {
                context.say("the configuration has mistakes (`engine config check`): your own indicators are left out");
            }
            BTreeMap::new()
        }
    }
}

/// The one of that name, else those that speak of it, else the error that names the nearest.
fn chosen<'a>(
    name: Option<&str>,
    own: &'a BTreeMap<String, OwnIndicator>,
) -> Result<Vec<Found<'a>>, Failure> {
    let mine = own.iter().map(|(name, own)| Found::Own(name, own));
    let Some(typed) = name else {
        return Ok(catalog().iter().map(|indicator| Found::Listed(indicator)).chain(mine).collect());
    };
    if let Some((name, own)) = own.get_key_value(typed) {
        return Ok(vec![Found::Own(name, own)]);
    }
    let name = typed.to_ascii_lowercase();
    let is_named =
        |indicator: &&&Indicator| indicator.name == name || indicator.aliases.contains(&name.as_str());
    if let Some(indicator) = catalog().iter().find(is_named) {
        return Ok(vec![Found::Listed(indicator)]);
    }
    let found: Vec<Found<'a>> = catalog()
        .iter()
        .filter(|indicator| speaks(indicator, &name))
        .map(|indicator| Found::Listed(indicator))
        .chain(
            mine.filter(|own| matches!(own, Found::Own(own, _) if own.to_ascii_lowercase().contains(&name))),
        )
        .collect();
    if !found.is_empty() {
        return Ok(found);
    }
    match parse_asks(typed, &|_| false) {
        // A whole request, such as macd_12_26_9.
        Ok(asks) if asks.iter().any(|ask| of_request(ask).is_some()) => {
            Ok(asks.iter().filter_map(of_request).collect())
        }
        Err(error @ crate::indicators::IndicatorError::Argument { .. }) => Err(error.into()),
        _ => Err(unknown(typed, own)),
    }
}

fn speaks(indicator: &Indicator, word: &str) -> bool {
    indicator.name.contains(word)
        || indicator.title.to_ascii_lowercase().contains(word)
        || indicator.group.name() == word
        || indicator.aliases.iter().any(|alias| alias.contains(word))
}

fn of_request(ask: &Ask) -> Option<Found<'static>> {
    match &ask.source {
        crate::indicators::Source::Call(call, _) => Some(Found::Listed(call.indicator)),
        _ => None,
    }
}

fn unknown(typed: &str, own: &BTreeMap<String, OwnIndicator>) -> Failure {
    let listed = catalog().iter().flat_map(|entry| entry.aliases.iter().copied().chain([entry.name]));
    let near = nearest(typed, listed.chain(own.keys().map(String::as_str)));
    let fields: Vec<&str> = Field::NAMED.iter().map(|(name, _)| *name).collect();
    let message = match near.as_slice() {
        _ if fields.contains(&typed) => format!("'{typed}' is a column of the bars, not an indicator"),
        [] => format!("no indicator is named '{typed}', and none speaks of it"),
        near => format!(
            "no indicator is named '{typed}', and none speaks of it; the nearest: {}",
            near.join(", ")
        ),
    };
    Failure::usage(message)
        .hint("`engine indicators` lists all; a word such as average finds those that speak of it")
}

impl Found<'_> {
    fn row(&self) -> Vec<String> {
        match self {
            Found::Listed(indicator) => {
                vec![example(indicator), indicator.group.name().to_owned(), indicator.title.to_owned()]
            }
            Found::Own(name, own) => vec![(*name).to_owned(), "own".to_owned(), what(own)],
        }
    }

    fn described(&self) -> String {
        match self {
            Found::Listed(indicator) => described(indicator),
            Found::Own(name, own) => own_described(name, own),
        }
    }

    fn as_json(&self) -> Value {
        match self {
            Found::Listed(indicator) => as_json(indicator),
            Found::Own(name, own) => own_json(name, own),
        }
    }
}

fn what(own: &OwnIndicator) -> String {
    match own {
        OwnIndicator::Expr { expr } => expr.clone(),
        OwnIndicator::Program(program) => program.command.join(" "),
    }
}

fn described(indicator: &Indicator) -> String {
    let mut text = format!("{}  {} ({})\n", indicator.name, indicator.title, indicator.group.name());
    let mut line = |word: &str, words: String| text += &format!("{word:<9} {words}\n");
    line("", String::new());
    line("request", example(indicator));
    if !indicator.aliases.is_empty() {
        line("also", indicator.aliases.join(", "));
    }
    for param in indicator.params {
        line(param.name, format!("{}, default {}", values(&param.values), default(indicator, param)));
    }
    let inputs = indicator.inputs.iter().map(|input| format!("{}={}", input.name, input.default.name()));
    line("inputs", inputs.collect::<Vec<_>>().join(", "));
    if indicator.outputs.len() > 1 {
        let request = example(indicator);
        let columns = indicator.outputs.iter().map(|output| format!("{request}__{output}"));
        line("columns", columns.collect::<Vec<_>>().join(", "));
    }
    line("needs", format!("{} before a slice, with the defaults", reach(reach_by_default(indicator))));
    line("shown", shown(indicator).to_owned());
    if indicator.sees_future {
        line("future", "values depend on later bars: for learning and drawing, not for trading".to_owned());
    }
    let lines = text.lines().map(str::trim_end).collect::<Vec<_>>().join("\n");
    format!("{lines}\n\n{}\n{}\n", indicator.formula, indicator.origin)
}

fn own_described(name: &str, own: &OwnIndicator) -> String {
    let mut text = format!("{name}  (own)\n\n");
    match own {
        OwnIndicator::Expr { expr } => text += &format!("expr      {expr}\n"),
        OwnIndicator::Program(program) => {
            text += &format!("command   {}\n", program.command.join(" "));
            text += &format!("folder    {}\n", program.folder.display());
            text += &format!("columns   {}\n", columns(name, program).join(", "));
            if !program.inputs.is_empty() {
                text += &format!("inputs    {}\n", program.inputs.join(", "));
            }
            text += &format!("needs     {} before a slice, and what its inputs need\n", reach(of(program)));
            text += &format!("timeout   {} s\n", program.timeout.as_secs_f64());
        }
    }
    text
}

fn columns(name: &str, program: &OwnProgram) -> Vec<String> {
    match &program.columns[..] {
        [] => vec![name.to_owned()],
        columns => columns.iter().map(|column| format!("{name}__{column}")).collect(),
    }
}

fn of(program: &OwnProgram) -> WarmUp {
    program.warm_up.map_or(WarmUp::History, WarmUp::Rows)
}

fn as_json(indicator: &Indicator) -> Value {
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
        "params": indicator.params.iter().map(|param| param_json(indicator, param)).collect::<Vec<_>>(),
        "inputs": inputs,
        "outputs": indicator.outputs,
        "overlay": indicator.shown == Shown::Overlay,
        "sees_future": indicator.sees_future,
        "warm_up": reach_json(reach_by_default(indicator)),
        "formula": indicator.formula,
        "origin": indicator.origin,
    })
}

fn param_json(indicator: &Indicator, param: &Param) -> Value {
    let mut object = match param.values {
        Values::Whole(min, max) => {
            json!({ "type": "whole", "min": min as i64, "max": max as i64, "default": param.default as i64 })
        }
        Values::Real(min, max) => json!({ "type": "real", "min": min, "max": max, "default": param.default }),
        Values::Words(words) => {
            json!({ "type": "word", "words": words, "default": words[param.default as usize] })
        }
    };
    object["name"] = param.name.into();
    if let Some(other) = param.like {
        object["default_like"] = indicator.params[other].name.into();
    }
    object
}

/// From where on bars are read before a slice: so many rows before `from`, which is the slice's first row, the
/// beginning of its day, week or month on the server's clock, or the first bar there is.
fn reach_json(reach: WarmUp) -> Value {
    let from = match reach {
        WarmUp::Rows(_) => "row",
        WarmUp::Day(_) => "day",
        WarmUp::Week(_) => "week",
        WarmUp::Month(_) => "month",
        WarmUp::History => "history",
    };
    json!({ "from": from, "rows": reach.rows() })
}

fn own_json(name: &str, own: &OwnIndicator) -> Value {
    match own {
        OwnIndicator::Expr { expr } => {
            json!({ "name": name, "family": "own", "request": name, "expr": expr })
        }
        OwnIndicator::Program(program) => json!({
            "name": name, "family": "own", "request": name, "command": program.command,
            "folder": program.folder.display().to_string(), "inputs": program.inputs, "outputs": program.columns,
            "columns": columns(name, program), "warm_up": reach_json(of(program)),
            "timeout_s": program.timeout.as_secs_f64(),
        }),
    }
}
