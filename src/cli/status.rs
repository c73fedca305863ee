use std::collections::BTreeSet;

use serde_json::json;

use super::context::{Context, Place};
use super::exit::{Exit, Failure};
use super::list::series_keys;
use super::output::{self, bytes, grouped};
use super::window::SymbolArgs;
use crate::aggregate::range_of;
use crate::download::worklist::trades_on;
use crate::model::bar::BAR_SIZE;
use crate::model::instrument::Instrument;
use crate::model::{Bar, Day, Symbol};
use crate::store::SeriesKey;

/// Tells what the lake holds of every symbol, and how far it is known.
///
/// Times of bars are the server's. The watermark is the UTC instant before which no 1m bar can appear any more,
/// except by a correction; "last day" is the last UTC day aggregated. Quarantined are days with refused bars or a
/// refused payload; suspicious are finished days without a bar although the instrument trades.
#[derive(clap::Args, Debug)]
#[command(after_help = "Example:\n  engine status\n  engine status --symbols EUR-USD,XAU-USD --json")]
pub(super) struct Args {
    #[command(flatten)]
    symbols: SymbolArgs,
}

/// One symbol's part of the lake.
struct Holding {
    symbol: Symbol,
    first: Option<Bar>,
    last: Option<Bar>,
    minutes: u64,
    bars: u64,
    watermark_ms: u64,
    last_date: Option<Day>,
    reconcile_from: Option<Day>,
    quarantined_days: u64,
    suspicious_days: u64,
}

pub(super) fn run(context: &Context, args: Args) -> Result<Exit, Failure> {
    let place = context.place()?;
    let mut symbols = args.symbols.symbols(&place)?;
    if !args.symbols.are_named() {
        let listed = place.all_symbols();
        symbols.extend(place.lake.list_symbols()?.into_iter().filter(|symbol| !listed.contains(symbol)));
    }
    let sources: Vec<Symbol> =
        symbols.iter().map(|symbol| place.loaded.settings.payload_symbol(symbol).clone()).collect();
    let payload_days = place.lake.payload_days(&sources)?;
    let held = symbols.into_iter().zip(&sources).map(|(symbol, source)| {
        holding(&place, symbol, source, payload_days.get(source).map_or(&[], Vec::as_slice))
    });
    let holdings = held.collect::<Result<Vec<_>, _>>()?;
    if context.global.json {
        output::print_json(&as_json(&holdings))?;
    } else {
        output::print(&as_table(&holdings))?;
    }
    Ok(Exit::Done)
}

fn holding(place: &Place, symbol: Symbol, source: &Symbol, payload_days: &[Day]) -> Result<Holding, Failure> {
    let minutes = place.lake.read_series(&SeriesKey::minute(symbol.clone()))?;
    let mut bars = 0;
    for key in series_keys(place, &symbol) {
        bars += place.lake.read_commit(&key)?.map_or(0, |commit| commit.bars() as u64);
    }
    let commit = minutes.as_ref().map(|view| *view.commit());
    let held = minutes.as_ref().map_or(&[][..], |view| view.bars());
    let quarantined: BTreeSet<Day> =
        place.lake.refused_days(&symbol)?.iter().map(|refused| refused.day).collect();
    let instrument =
        place.lake.read_instrument(source)?.and_then(|(bytes, _)| Instrument::from_json(&bytes).ok());
    let known = commit.and_then(|commit| commit.last_date);
    // A payload without a bar of a day that trades: accepted, and asked for again while a window holds it.
    let is_suspicious = |day: &&Day| {
        known.is_some_and(|last| **day <= last)
            && trades_on(instrument.as_ref(), **day)
            && !quarantined.contains(day)
            && range_of(held, **day).is_empty()
    };
    let suspicious = payload_days.iter().filter(is_suspicious).count();
    Ok(Holding {
        first: held.first().copied(),
        last: held.last().copied(),
        minutes: held.len() as u64,
        bars,
        watermark_ms: commit.map_or(0, |commit| commit.watermark_ms),
        last_date: commit.and_then(|commit| commit.last_date),
        reconcile_from: commit.and_then(|commit| commit.reconcile_from),
        quarantined_days: quarantined.len() as u64,
        suspicious_days: suspicious as u64,
        symbol,
    })
}

fn as_table(holdings: &[Holding]) -> String {
    let header = [
        "symbol",
        "first bar",
        "last bar",
        "1m bars",
        "all bars",
        "size",
        "watermark",
        "last day",
        "quarantined",
        "suspicious",
    ];
    let rows = holdings.iter().map(|held| {
        vec![
            held.symbol.to_string(),
            label(held.first.as_ref()),
            label(held.last.as_ref()),
            grouped(held.minutes),
            grouped(held.bars),
            bytes(held.size()),
            time(Some(held.watermark_ms as i64).filter(|ms| *ms > 0)),
            held.last_date.map_or_else(|| "-".to_owned(), |day| day.to_string()),
            grouped(held.quarantined_days),
            grouped(held.suspicious_days),
        ]
    });
    let sum = |of: fn(&Holding) -> u64| holdings.iter().map(of).sum::<u64>();
    let total = vec![
        format!("total of {}", holdings.len()),
        String::new(),
        String::new(),
        grouped(sum(|held| held.minutes)),
        grouped(sum(|held| held.bars)),
        bytes(sum(Holding::size)),
        String::new(),
        String::new(),
        grouped(sum(|held| held.quarantined_days)),
        grouped(sum(|held| held.suspicious_days)),
    ];
    output::table(&header, rows.chain([total]))
}

fn as_json(holdings: &[Holding]) -> serde_json::Value {
    let rows: Vec<_> = holdings
        .iter()
        .map(|held| {
            json!({
                "symbol": held.symbol.as_str(),
                "first": held.first.as_ref().map(|bar| label(Some(bar))),
                "first_ms": held.first.map(|bar| bar.time_ms),
                "last": held.last.as_ref().map(|bar| label(Some(bar))),
                "last_ms": held.last.map(|bar| bar.time_ms),
                "bars_1m": held.minutes,
                "bars": held.bars,
                "bytes": held.size(),
                "watermark_ms": held.watermark_ms,
                "last_date": held.last_date.map(|day| day.to_string()),
                "reconcile_from": held.reconcile_from.map(|day| day.to_string()),
                "quarantined_days": held.quarantined_days,
                "suspicious_days": held.suspicious_days,
            })
        })
        .collect();
    json!({
        "symbols": rows,
        "total": {
            "symbols": holdings.len(),
            "bars_1m": holdings.iter().map(|held| held.minutes).sum::<u64>(),
            "bars": holdings.iter().map(|held| held.bars).sum::<u64>(),
            "bytes": holdings.iter().map(Holding::size).sum::<u64>(),
        },
    })
}

impl Holding {
    fn size(&self) -> u64 {
        self.bars * BAR_SIZE as u64
    }
}

/// A bar's label on the server's clock.
fn label(bar: Option<&Bar>) -> String {
    time(bar.map(Bar::server_ms))
}

fn time(wall_ms: Option<i64>) -> String {
    wall_ms.map_or_else(|| "-".to_owned(), output::minute)
}
