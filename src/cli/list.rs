use std::collections::BTreeMap;

use serde_json::json;

use super::context::{Context, Place};
use super::exit::{Exit, Failure};
use super::output::{self, grouped};
use crate::model::{Symbol, Timeframe};
use crate::query::{Catalog, table_name, table_select};
use crate::store::SeriesKey;

/// Lists the symbols, the timeframes or the tables of SQL there are, with the bars held of each.
#[derive(clap::Args, Debug)]
#[command(
    after_help = "Example:\n  engine list symbols\n  engine list timeframes --json\n  engine list tables"
)]
pub(super) struct Args {
    /// What to list
    #[arg(value_enum, default_value_t = What::Symbols)]
    what: What,
}

#[derive(clap::ValueEnum, Clone, Copy, Debug)]
enum What {
    /// Listed symbols, and those with series
    Symbols,
    /// Configured timeframes, finest first
    Timeframes,
    /// Series with bars, by the names they have in `engine query --sql`
    Tables,
}

pub(super) fn run(context: &Context, args: Args) -> Result<Exit, Failure> {
    let place = context.place()?;
    let held = Held::of(&place)?;
    match args.what {
        What::Symbols => symbols(context, &held)?,
        What::Timeframes => timeframes(context, &place, &held)?,
        What::Tables => tables(context, &place, &held)?,
    }
    Ok(Exit::Done)
}

/// Committed bars of every series.
struct Held {
    symbols: Vec<Symbol>,
    bars: BTreeMap<(Symbol, Timeframe), u64>,
}

impl Held {
    fn of(place: &Place) -> Result<Held, Failure> {
        let mut symbols = place.all_symbols();
        symbols.extend(place.lake.list_symbols()?);
        symbols.sort_unstable();
        symbols.dedup();
        let mut bars = BTreeMap::new();
        for symbol in &symbols {
            for key in series_keys(place, symbol) {
                if let Some(commit) = place.lake.read_commit(&key)? {
                    bars.insert((symbol.clone(), key.timeframe), commit.bars() as u64);
                }
            }
        }
        Ok(Held { symbols, bars })
    }

    fn of_symbol<'a>(&'a self, symbol: &'a Symbol) -> impl Iterator<Item = (&'a Timeframe, u64)> {
        let own = self.bars.iter().filter(move |((name, _), bars)| name == symbol && **bars > 0);
        own.map(|((_, id), bars)| (id, *bars))
    }

    fn count(&self, symbol: &Symbol, timeframe: &Timeframe) -> u64 {
        self.bars.get(&(symbol.clone(), timeframe.clone())).copied().unwrap_or(0)
    }
}

/// The series a symbol may have, 1m first.
pub(super) fn series_keys(place: &Place, symbol: &Symbol) -> Vec<SeriesKey> {
    let coarser = place.loaded.settings.timeframes_of(symbol).into_iter();
    let coarser = coarser.map(|spec| SeriesKey::folded(symbol.clone(), spec.id.clone(), spec.source.clone()));
    std::iter::once(SeriesKey::minute(symbol.clone())).chain(coarser).collect()
}

fn symbols(context: &Context, held: &Held) -> Result<(), Failure> {
    let minute = Timeframe::minute();
    if context.global.json {
        let rows: Vec<_> = held
            .symbols
            .iter()
            .map(|symbol| {
                let bars: BTreeMap<&str, u64> =
                    held.of_symbol(symbol).map(|(id, bars)| (id.as_str(), bars)).collect();
                json!({ "symbol": symbol.as_str(), "bars": bars })
            })
            .collect();
        return output::print_json(&json!(rows));
    }
    let rows = held.symbols.iter().map(|symbol| {
        vec![
            symbol.to_string(),
            held.of_symbol(symbol).count().to_string(),
            grouped(held.count(symbol, &minute)),
        ]
    });
    output::print(&output::table(&["symbol", "timeframes", "1m bars"], rows))
}

/// Where two symbols would share a short name, the quoted one is the only one that works.
fn tables(context: &Context, place: &Place, held: &Held) -> Result<(), Failure> {
    let catalog = Catalog::new(&place.loaded.settings, held.symbols.iter().cloned());
    let rows: Vec<(String, String, u64)> = catalog
        .selects()
        .map(|select| (held.count(&select.symbol, &select.timeframe), select))
        .filter(|(bars, _)| *bars > 0)
        .map(|(bars, select)| {
            let name = table_name(&select.symbol, &select.timeframe);
            let is_clear = table_select(&catalog, &name).is_ok();
            (if is_clear { name } else { format!("\"{select}\"") }, select.to_string(), bars)
        })
        .collect();
    if context.global.json {
        let row = |(table, series, bars): &(String, String, u64)| json!({ "table": table, "series": series, "bars": bars });
        return output::print_json(&json!(rows.iter().map(row).collect::<Vec<_>>()));
    }
    let rows = rows.into_iter().map(|(table, series, bars)| vec![table, series, grouped(bars)]);
    output::print(&output::table_of_words(2, &["table", "series", "bars"], rows))
}

fn timeframes(context: &Context, place: &Place, held: &Held) -> Result<(), Failure> {
    let minute = (Timeframe::minute(), None);
    let coarser = place.loaded.settings.resample.timeframes.iter();
    let coarser = coarser.map(|spec| (spec.id.clone(), Some(spec.source.clone())));
    let count = |id: &Timeframe| {
        let of = held.bars.iter().filter(|((_, timeframe), bars)| timeframe == id && **bars > 0);
        of.fold((0_u64, 0_u64), |(symbols, sum), (_, bars)| (symbols + 1, sum + bars))
    };
    let all: Vec<_> = std::iter::once(minute).chain(coarser).collect();
    if context.global.json {
        let rows: Vec<_> = all
            .iter()
            .map(|(id, source)| {
                let (symbols, bars) = count(id);
                let source = source.as_ref().map(Timeframe::as_str);
                json!({ "timeframe": id.as_str(), "source": source, "symbols": symbols, "bars": bars })
            })
            .collect();
        return output::print_json(&json!(rows));
    }
    let rows = all.iter().map(|(id, source)| {
        let (symbols, bars) = count(id);
        let source = source.as_ref().map_or_else(|| "feed".to_owned(), Timeframe::to_string);
        vec![id.to_string(), source, symbols.to_string(), grouped(bars)]
    });
    output::print(&output::table(&["timeframe", "folded from", "symbols", "bars"], rows))
}
