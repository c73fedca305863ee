use std::io::Write;
use std::path::PathBuf;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::time::Instant;

use serde_json::{Value, json};

use super::context::{Context, Place};
use super::exit::{Exit, Failure};
use super::output::{self, Sink, grouped};
use super::window::{DayArgs, SymbolArgs};
use super::work::lock;
use super::{interrupt, progress};
use crate::aggregate::note_older_payload;
use crate::feed::simulator::{Damage, DamagePlan, Filling, Market};
use crate::model::{Day, Symbol};
use crate::store::StoreError;

/// Writes simulated payloads straight into the cache, some of them damaged if asked for.
///
/// Every finished day of the window gets a payload for every symbol, weekends included, as a feed without gaps would
/// have answered; the instruments are written too, with a history that begins with the window. Damage is of the kinds
/// that were met in the wild, in about equal shares: high-below-low, high-below-open-or-close, low-above-open-or-close,
/// negative-price (one to three candles of a day), truncated, not-json, garbage, unequal-arrays, wrong-day,
/// shared-minute (the whole file). --json and --manifest tell which days were struck. The same seed gives the same
/// bytes. Meant for trials: a cache that holds payloads of these symbols already is refused.
#[derive(clap::Args, Debug)]
#[command(after_help = "Example:\n  \
    engine simulate cache --from 2005-01-01 --to 2025-12-25 --seed 7 --damaged 134 --manifest damaged.jsonl\n  \
    engine rebuild full")]
pub(super) struct Args {
    #[command(flatten)]
    days: DayArgs,
    #[command(flatten)]
    symbols: SymbolArgs,
    /// Decides every price, and all damage
    #[arg(long, value_name = "N", default_value_t = 0)]
    seed: u64,
    /// So many day-files are damaged, spread over symbols and years
    #[arg(long, value_name = "N", default_value_t = 0)]
    damaged: usize,
    /// Tells what was damaged, one JSON object a line: symbol, day, kind, and the minutes of the candles struck
    #[arg(long, value_name = "FILE")]
    manifest: Option<PathBuf>,
    /// Writes although the cache holds payloads of these symbols: those of the window are replaced
    #[arg(long)]
    force: bool,
    /// Waits for another engine that is writing to the same lake, instead of ending with exit code 3
    #[arg(long)]
    wait: bool,
    /// Threads [default: orchestrator.num_processes, else all cores]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..))]
    jobs: Option<u16>,
}

/// What was written.
struct Written {
    files: u64,
    bytes: u64,
    seconds: f64,
    damage: Vec<Damage>,
}

pub(super) fn run(context: &Context, args: Args) -> Result<Exit, Failure> {
    let today = context.today();
    let days: Vec<Day> =
        args.days.window(context)?.days(today).into_iter().filter(|day| *day < today).collect();
    if days.is_empty() {
        return Err(Failure::usage(format!("no day of this window is over: today is {today} (UTC)")));
    }
    let place = context.place()?;
    let symbols = payload_symbols(&place, &args.symbols)?;
    let market = Market::new(args.seed);
    let plan = DamagePlan::choose(&market, &symbols, &days, args.damaged, args.seed)
        .map_err(|error| Failure::usage(error.to_string()).hint("ask for fewer, or for more days"))?;
    let _lock = lock(context, &place.lake, args.wait)?;
    // What is written stays sound whenever the process ends.
    let _runtime = interrupt::runtime_that_ends()?;
    if !args.force {
        must_be_free(&place, &symbols)?;
    }
    announce(&place, &symbols, &days)?;
    for symbol in &symbols {
        let instrument = market.instrument_since(symbol, days[0]).to_string();
        place.lake.write_instrument(symbol, instrument.as_bytes(), context.now_ms())?;
    }
    let threads = args.jobs.map(usize::from).or(place.loaded.settings.num_processes).unwrap_or(0);
    let filling =
        Filling { market: &market, symbols: &symbols, days: &days, plan: &plan, seed: args.seed, threads };
    let written = fill(context, &place, &filling)?;
    if let Some(path) = args.manifest {
        let mut sink = Sink::open(Some(&path), place.lake.disk())?;
        for damage in &written.damage {
            writeln!(sink, "{}", manifest_line(damage))?;
        }
        sink.finish()?;
    }
    written.print(context)
}

/// The symbols that have payloads of their own: an alias is made from another's.
fn payload_symbols(place: &Place, args: &SymbolArgs) -> Result<Vec<Symbol>, Failure> {
    let mut symbols: Vec<Symbol> = Vec::new();
    for symbol in args.symbols(place)? {
        let source = place.loaded.settings.payload_symbol(&symbol);
        if !symbols.contains(source) {
            symbols.push(source.clone());
        }
    }
    Ok(symbols)
}

fn must_be_free(place: &Place, symbols: &[Symbol]) -> Result<(), Failure> {
    let held = place.lake.payload_days(symbols)?;
    let count: usize = held.values().map(Vec::len).sum();
    let Some((symbol, first)) = held.iter().find_map(|(symbol, days)| Some((symbol, days.first()?))) else {
        return Ok(());
    };
    let folder = place.lake.paths().cache.display();
    let count = grouped(count as u64);
    Err(Failure::usage(format!(
        "{folder} holds {count} payloads of these symbols already (the first of {symbol} is {first}): simulated days must not be taken for real ones"
    ))
    .hint("use a folder of its own (--config elsewhere/config.yaml), or --force if these payloads may go"))
}

/// Series that have aggregated these days must compare them again, and know it before a payload changes.
fn announce(place: &Place, symbols: &[Symbol], days: &[Day]) -> Result<(), StoreError> {
    let Some(first) = days.first() else { return Ok(()) };
    let settings = &place.loaded.settings;
    let made_from = |symbol: &Symbol| symbols.contains(settings.payload_symbol(symbol));
    let mut all = place.all_symbols();
    all.extend(symbols.iter().cloned());
    all.iter()
        .filter(|symbol| made_from(symbol))
        .try_for_each(|symbol| note_older_payload(&place.lake, symbol, *first))
}

fn fill(context: &Context, place: &Place, filling: &Filling<'_>) -> Result<Written, Failure> {
    let files = (filling.symbols.len() * filling.days.len()) as u64;
    let bar = progress::bar(context, "simulate", "day-files", files);
    let (began, bytes) = (Instant::now(), AtomicU64::new(0));
    let damage = filling.hand_over(|symbol, day, payload| {
        place.lake.write_finished(symbol, day, payload)?;
        bytes.fetch_add(payload.len() as u64, Relaxed);
        bar.inc(1);
        Ok::<_, StoreError>(())
    })?;
    bar.finish_and_clear();
    Ok(Written { files, bytes: bytes.into_inner(), seconds: began.elapsed().as_secs_f64(), damage })
}

fn manifest_line(damage: &Damage) -> Value {
    json!({
        "symbol": damage.symbol.as_str(), "day": damage.day.to_string(),
        "kind": damage.kind.to_string(), "candles_ms": damage.minutes_ms,
    })
}

impl Written {
    fn print(&self, context: &Context) -> Result<Exit, Failure> {
        let files_per_s = (self.files as f64 / self.seconds.max(1e-9)) as u64;
        if context.global.json {
            let damaged: Vec<Value> = self.damage.iter().map(manifest_line).collect();
            output::print_json(&json!({
                "files": self.files, "bytes": self.bytes, "seconds": self.seconds,
                "files_per_s": files_per_s, "damaged": damaged,
            }))?;
        } else if !context.global.quiet {
            output::print(&format!(
                "{} day-files, {}, {} of them damaged, {:.1} s, {} day-files/s",
                grouped(self.files),
                output::bytes(self.bytes),
                grouped(self.damage.len() as u64),
                self.seconds,
                grouped(files_per_s)
            ))?;
        }
        Ok(Exit::Done)
    }
}
