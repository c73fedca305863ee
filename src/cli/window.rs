//! Which days and which symbols a command is about.

use super::context::{Context, Place};
use super::exit::Failure;
use crate::model::{Day, Symbol};

/// Days of a run that says nothing about them.
const USUAL_DAYS: i32 = 7;

#[derive(clap::Args, Clone, Debug)]
pub(super) struct DayArgs {
    /// First UTC day, included [default: START_DATE of the environment, else the last 7 days]
    #[arg(long, value_name = "DAY")]
    pub from: Option<Day>,
    /// Last UTC day, included [default: today]
    #[arg(long, value_name = "DAY")]
    pub to: Option<Day>,
}

#[derive(clap::Args, Clone, Debug)]
pub(super) struct SymbolArgs {
    /// Only these symbols, with commas between them [default: symbols.user.txt, else symbols.txt]
    #[arg(long, value_name = "A,B", value_delimiter = ',')]
    pub symbols: Vec<Symbol>,
}

/// Days from the first to the last, both included; neither is in the future.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Window {
    pub from: Day,
    pub to: Day,
    /// Whether the user named the first day.
    pub is_asked: bool,
}

impl DayArgs {
    /// The days asked for, checked against today.
    pub(super) fn window(&self, context: &Context) -> Result<Window, Failure> {
        let today = context.today();
        let (asked, option) = match self.from {
            Some(day) => (Some(day), "--from"),
            None => (start_date()?, "START_DATE"),
        };
        let to = self.to.unwrap_or(today);
        if let Some(from) = asked {
            if from > today {
                return Err(Failure::usage(format!(
                    "{option} {from} is in the future: today is {today} (UTC); write an earlier day, for example {option}{}{}",
                    if option == "--from" { " " } else { "=" },
                    today.plus(1 - USUAL_DAYS)
                )));
            }
            if from > to {
                return Err(Failure::usage(format!(
                    "{option} {from} is after --to {to}: the first day comes first, for example --from {to} --to {from}"
                )));
            }
        }
        let to = to.min(today);
        Ok(Window { from: asked.unwrap_or_else(|| to.plus(1 - USUAL_DAYS)), to, is_asked: asked.is_some() })
    }
}

impl SymbolArgs {
    /// The symbols named, each once, else all of the configuration's.
    pub(super) fn symbols(&self, place: &Place) -> Result<Vec<Symbol>, Failure> {
        let mut symbols: Vec<Symbol> = Vec::new();
        for symbol in &self.symbols {
            if !symbols.contains(symbol) {
                symbols.push(symbol.clone());
            }
        }
        let symbols = if symbols.is_empty() { place.all_symbols() } else { symbols };
        if symbols.is_empty() {
            return Err(Failure::usage("there are no symbols to work on")
                .hint("write them into symbols.txt, one a line, or name them: --symbols EUR-USD,XAU-USD"));
        }
        Ok(symbols)
    }
}

fn start_date() -> Result<Option<Day>, Failure> {
    match std::env::var("START_DATE") {
        Ok(text) if !text.trim().is_empty() => {
            text.parse().map(Some).map_err(|error| Failure::usage(format!("START_DATE: {error}")))
        }
        _ => Ok(None),
    }
}
