//! `rollover --show`: the calendars as they are, and what they do to prices.

use serde_json::{Value, json};

use super::context::{Context, Place};
use super::exit::{Exit, Failure};
use super::output;
use crate::model::Symbol;
use crate::model::cascade::Cascade;
use crate::model::rollover::{Adjustment, Calendar, Ladder, Line};
use crate::query::{BackAdjusted, QueryError, read_calendar};

/// One symbol's calendar and its two ladders.
struct Shown {
    symbol: Symbol,
    calendar: Calendar,
    panama: Ladder,
    /// None: a gap leaves nothing to scale by, which was said.
    ratio: Option<Ladder>,
}

pub(super) fn show(context: &Context, place: &Place, symbols: &[Symbol]) -> Result<Exit, Failure> {
    let symbols = if symbols.is_empty() { place.lake.list_rollovers()? } else { symbols.to_vec() };
    let mut all = Vec::new();
    for symbol in symbols {
        all.push(shown(context, place, symbol)?);
    }
    if context.global.json {
        let symbols: Vec<Value> = all.iter().map(|shown| shown.json(place)).collect();
        output::print_json(&json!({ "symbols": symbols }))?;
    } else if all.is_empty() {
        context.say("there are no roll calendars: `engine rollover SYMBOL` fetches one");
    } else {
        let header = ["symbol", "date", "kind", "gap", "panama", "ratio", "origin"];
        output::print(&output::table_of_words(3, &header, all.iter().flat_map(Shown::rows)))?;
    }
    Ok(Exit::Done)
}

fn shown(context: &Context, place: &Place, symbol: Symbol) -> Result<Shown, Failure> {
    let settings = &place.loaded.settings;
    let cascade = Cascade::new(&symbol, settings).map_err(|error| Failure::usage(error.to_string()))?;
    let calendar = read_calendar(&place.lake, &symbol)?.ok_or_else(|| {
        let (symbol, path) = (symbol.clone(), place.lake.rollover_path(&symbol));
        QueryError::NoCalendar { symbol, adjustment: Adjustment::Panama, path }
    })?;
    let ladder = |adjustment| BackAdjusted::ladder(&place.lake, &symbol, adjustment, &cascade);
    let panama = ladder(Adjustment::Panama)?;
    let ratio = match ladder(Adjustment::Ratio) {
        Err(error @ QueryError::NoRatio { .. }) => {
            context.say(error);
            None
        }
        other => Some(other?),
    };
    Ok(Shown { symbol, calendar, panama, ratio })
}

impl Shown {
    fn rows(&self) -> Vec<Vec<String>> {
        let row = |(place, line): (usize, &Line)| {
            let event = &line.event;
            vec![
                self.symbol.to_string(),
                event.day.to_string(),
                event.kind.to_string(),
                event.value.to_string(),
                self.panama_text(place),
                self.factor(place).map_or("-".to_owned(), |factor| format!("{factor:.6}")),
                line.author.to_string(),
            ]
        };
        self.calendar.lines().iter().enumerate().map(row).collect()
    }

    /// What a price right before an event becomes.
    fn panama_text(&self, place: usize) -> String {
        let step = &self.panama.steps()[place];
        let shift = crate::model::decimal::round_half_even_decimals(step.shift, 6);
        match step.factor == 1.0 {
            true => format!("{shift:+}"),
            false => format!("x {:.6} {shift:+}", step.factor),
        }
    }

    fn factor(&self, place: usize) -> Option<f64> {
        self.ratio.as_ref().map(|ladder| ladder.steps()[place].factor)
    }

    fn json(&self, place: &Place) -> Value {
        let event = |(at, line): (usize, &Line)| {
            let step = &self.panama.steps()[at];
            json!({
                "date": line.event.day.to_string(), "kind": line.event.kind.to_string(), "gap": line.event.value,
                "origin": line.author.to_string(), "until_ms": step.until_ms,
                "panama": { "factor": step.factor, "shift": step.shift }, "ratio": self.factor(at),
            })
        };
        json!({
            "symbol": self.symbol.as_str(),
            "path": place.lake.rollover_path(&self.symbol),
            "events": self.calendar.lines().iter().enumerate().map(event).collect::<Vec<_>>(),
        })
    }
}
