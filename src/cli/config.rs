use serde_json::json;

use super::context::Context;
use super::exit::{Exit, Failure};
use super::work::left_texts;
use super::{output, symbol};
use crate::config::{self, ConfigError};
use crate::model::Symbol;
use crate::plan::Desk;
use crate::query::Catalog;
use crate::store::Lake;

/// Shows or checks the configuration.
#[derive(clap::Args, Debug)]
#[command(
    after_help = "Example:\n  engine config check\n  engine --config config.dukascopy-mt4.yaml config show"
)]
pub(super) struct Args {
    #[command(subcommand)]
    what: What,
}

#[derive(clap::Subcommand, Debug)]
enum What {
    /// Prints what holds: includes and defaults filled in, each value with where it comes from
    ///
    /// With a symbol: what will happen to it. Whose payloads, steps, clocks with their next changes, sessions, and
    /// where the bars of every timeframe stand today in server, exchange and UTC time (of timeframes below an hour the
    /// first two and the last).
    #[command(
        after_help = "Example:\n  engine config show\n  engine config show SGD.IDX-SGD --now 2024-03-10"
    )]
    Show {
        /// One symbol, and everything that holds for it
        symbol: Option<Symbol>,
    },
    /// Lists every mistake and everything odd; exit code 2 when something is wrong
    #[command(after_help = "Example:\n  engine config check --json")]
    Check,
}

pub(super) fn run(context: &Context, args: Args) -> Result<Exit, Failure> {
    match args.what {
        What::Show { symbol: None } => show(context),
        What::Show { symbol: Some(symbol) } => symbol::show(context, &symbol),
        What::Check => check(context),
    }
}

fn show(context: &Context) -> Result<Exit, Failure> {
    let loaded = config::load(&context.config_file()?)?;
    output::print(&config::show(&loaded))?;
    Ok(Exit::Done)
}

fn check(context: &Context) -> Result<Exit, Failure> {
    let file = context.config_file()?;
    let mut loaded = match config::load(&file) {
        Ok(loaded) => loaded,
        Err(ConfigError::Faulty { problems }) => {
            if context.global.json {
                let list: Vec<_> = problems.iter().map(problem_json).collect();
                output::print_json(&json!({ "ok": false, "problems": list, "warnings": [] }))?;
            }
            let lines: Vec<String> = problems.iter().map(ToString::to_string).collect();
            return Err(Failure::usage(format!("{}\n{}", mistakes(problems.len()), lines.join("\n"))));
        }
        Err(error) => return Err(error.into()),
    };
    let wrong = own_mistakes(&loaded);
    if !wrong.is_empty() {
        if context.global.json {
            let list: Vec<_> = wrong
                .iter()
                .map(|(key, reason)| json!({ "file": file.display().to_string(), "key": key, "reason": reason }))
                .collect();
            output::print_json(&json!({ "ok": false, "problems": list, "warnings": loaded.warnings }))?;
        }
        let lines: Vec<&str> = wrong.iter().map(|(_, reason)| reason.as_str()).collect();
        return Err(Failure::usage(format!("{}\n{}", mistakes(wrong.len()), lines.join("\n"))));
    }
    let lake = Lake::new(loaded.settings.paths.clone());
    loaded.warnings.extend(left_texts(&lake, &loaded.settings)?);
    if context.global.json {
        let files: Vec<_> = loaded.files.iter().map(|file| file.display().to_string()).collect();
        output::print_json(&json!({
            "ok": true, "problems": [], "warnings": loaded.warnings, "files": files, "symbols": loaded.symbols.len(),
        }))?;
    } else if !context.global.quiet {
        let mut text: String =
            loaded.warnings.iter().map(|warning| format!("warning: {warning}\n")).collect();
        text += &format!("{}: sound; {} symbols\n", file.display(), loaded.symbols.len());
        output::print(&text)?;
    }
    Ok(Exit::Done)
}

fn mistakes(count: usize) -> String {
    let mistakes = if count == 1 { "1 mistake".to_owned() } else { format!("{count} mistakes") };
    format!("{mistakes} in the configuration")
}

/// Indicators of the user's that name what is not there, or each other: only the catalogue of indicators knows.
fn own_mistakes(loaded: &config::Loaded) -> Vec<(String, String)> {
    let lake = Lake::new(loaded.settings.paths.clone());
    let catalog = Catalog::new(&loaded.settings, loaded.symbols.iter().cloned());
    let desk = Desk { lake: &lake, settings: &loaded.settings, catalog: &catalog };
    let names = loaded.settings.indicators.keys();
    let mistake =
        |name: &String| desk.check_own(name).err().map(|error| (format!("indicators.{name}"), error));
    let mut told = std::collections::BTreeSet::new();
    names
        .filter_map(mistake)
        .map(|(key, error)| (key, error.to_string()))
        // What several are made of is told once.
        .filter(|(_, reason)| told.insert(reason.clone()))
        .collect()
}

fn problem_json(problem: &config::Problem) -> serde_json::Value {
    json!({
        "file": problem.file.display().to_string(), "line": problem.line, "column": problem.column,
        "key": problem.key, "reason": problem.reason, "remedy": problem.remedy,
    })
}
