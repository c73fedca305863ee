//! Which days and which symbols a command is about.

use super::context::{Context, Place};
use super::exit::Failure;
use crate::ingest::window::DEFAULT_DAYS;
use crate::model::{Day, Symbol};

#[derive(clap::Args, Clone, Debug)]
pub(super) struct DayArgs {
    /// First UTC day, included [default: START_DATE of the environment, else 7 days ago]
    #[arg(long, value_name = "DAY")]
    from: Option<Day>,
    /// Last UTC day, included [default: today]
    #[arg(long, value_name = "DAY")]
    to: Option<Day>,
}

#[derive(clap::Args, Clone, Debug)]
pub(super) struct SymbolArgs {
    /// Only these symbols, with commas between them [default: symbols.user.txt, else symbols.txt]
    #[arg(long, value_name = "A,B", value_delimiter = ',')]
    symbols: Vec<Symbol>,
}

/// Days from the first to the last, both included; neither is in the future.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Window {
    /// `None` when nobody named it: the usual days, and whatever is behind.
    pub from: Option<Day>,
    /// `None` for today.
    pub to: Option<Day>,
}

impl DayArgs {
    /// The days asked for, checked against today.
    pub(super) fn window(&self, context: &Context) -> Result<Window, Failure> {
        let today = context.today();
        let (from, option) = match self.from {
            Some(day) => (Some(day), "--from "),
            None => (start_date()?, "START_DATE="),
        };
        if let Some(from) = from.filter(|from| *from > today) {
            let example = today.plus(-DEFAULT_DAYS);
            return Err(Failure::usage(format!(
                "{option}{from} is in the future: today is {today} (UTC); name an earlier day, for example {option}{example}"
            )));
        }
        match (from, self.to) {
            (Some(from), Some(to)) if from > to => Err(Failure::usage(format!(
                "{option}{from} is after --to {to}: the first day comes first, for example --from {to} --to {from}"
            ))),
            (None, Some(to)) => Ok(Window { from: Some(to.min(today).plus(-DEFAULT_DAYS)), to: Some(to) }),
            (from, to) => Ok(Window { from, to }),
        }
    }
}

impl Window {
    /// Every day of it.
    pub(super) fn days(self, today: Day) -> Vec<Day> {
        let to = self.to.unwrap_or(today).min(today);
        self.from.unwrap_or(to.plus(-DEFAULT_DAYS)).through(to).collect()
    }
}

impl SymbolArgs {
    /// Whether any were named.
    pub(super) fn are_named(&self) -> bool {
        !self.symbols.is_empty()
    }

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
