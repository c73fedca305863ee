use serde_json::{Value, json};

use super::context::{Context, Place};
use super::exit::{Exit, Failure};
use super::feed::FeedArgs;
use super::{interrupt, output, rollover_show, work};
use crate::download::rolls;
use crate::feed::wire::Rolls;
use crate::feed::{FeedClient, FeedError};
use crate::model::Symbol;
use crate::model::rollover::{Calendar, Changes, Event};
use crate::query::{nearest, read_calendar};

/// Fetches the roll calendars of futures, or shows them: what SYMBOL:panama and SYMBOL:ratio adjust by.
///
/// A calendar is the file data/rollover/SYMBOL.csv with the columns date,gap and, if you like, kind and origin. Dates
/// are those of the server's clock. What a gap is, by kind:
///
/// roll (or nothing): the new contract is dearer by so much (cheaper: negative); moves bars up to 23:59:59 of the date.
///
/// split: new shares for one old share; moves bars up to 23:59:59 of the date (payable date).
///
/// dividend: cash paid for a share; moves bars before the date (ex date).
///
/// :panama adds gaps, so that differences in money stay true, and may lead to prices of zero or below; :ratio multiplies
/// by (close before + gap) / close before, so that returns stay true. Open, high, low and close of the 1m bars are moved
/// by all events that come after them, rounded to 6 decimals, and folded by the symbol's own grids while they are read.
/// Bars after the last event stay as they are.
///
/// Lines of your own (origin hand, or none) stay, and win where the provider has another value for the date. Lines of
/// the provider's (origin provider) become what it says now, from its first date on. It lists futures only: splits and
/// dividends of stocks are written by hand. Without --feed, rollover.base_url is asked.
#[derive(clap::Args, Debug)]
#[command(after_help = "Example:\n  \
    engine rollover BRENT.CMD-USD LIGHT.CMD-USD\n  \
    engine rollover BRENT.CMD-USD --dry-run --feed simulated\n  \
    engine rollover --show BRENT.CMD-USD\n  \
    engine query BRENT.CMD-USD:panama/1d --limit 10 --order desc")]
pub(super) struct Args {
    /// Of these symbols [default: all of yours that the provider lists; with --show: all that have a calendar]
    symbols: Vec<Symbol>,
    /// Shows the calendars as they are, and what each event moves the prices before it by; asks nobody
    #[arg(long, conflicts_with_all = ["dry_run", "wait", "feed", "seed", "faults"])]
    show: bool,
    /// Asks, and tells what would change; writes nothing
    #[arg(long)]
    dry_run: bool,
    /// Waits for another engine that is writing to the same lake, instead of ending with exit code 3
    #[arg(long)]
    wait: bool,
    #[command(flatten)]
    feed: FeedArgs,
}

/// What a fetch does to one symbol's calendar.
struct Fetched {
    symbol: Symbol,
    was_there: bool,
    calendar: Calendar,
    changes: Changes,
}

pub(super) fn run(context: &Context, args: Args) -> Result<Exit, Failure> {
    let place = context.place()?;
    if args.show {
        return rollover_show::show(context, &place, &args.symbols);
    }
    let list = ask(context, &place, &args)?;
    let symbols = wanted(&place, &args, &list)?;
    // The lock is taken for the moment of writing only: a run may hold it for hours, and who asks need not wait.
    let lock = match args.dry_run {
        true => None,
        false => Some(work::lock(context, &place.lake, args.wait)?),
    };
    let (mut done, mut failed) = (Vec::new(), Vec::new());
    for symbol in symbols {
        match fetched(&place, &symbol, &list).and_then(|fetched| keep(&place, fetched, args.dry_run)) {
            Ok(fetched) => done.push(fetched),
            Err(failure) => failed.push(failure),
        }
    }
    drop(lock);
    if done.is_empty()
        && let Some(failure) = failed.pop()
    {
        failed.iter().for_each(|failure| context.say(failure.message()));
        return Err(failure);
    }
    failed.iter().for_each(|failure| context.say(failure.message()));
    tell(context, &place, &done, args.dry_run)?;
    Ok(if failed.is_empty() { Exit::Done } else { Exit::LeftOut })
}

fn ask(context: &Context, place: &Place, args: &Args) -> Result<Rolls, Failure> {
    let mut settings = place.loaded.settings.download.clone();
    settings.base_url.clone_from(&place.loaded.settings.rollover_url);
    let _feed = args.feed.choose(context, &mut settings)?;
    let client = FeedClient::new(&settings)?;
    let clock = || context.now_ms();
    let waiting = |attempt: u32, pause: std::time::Duration, error: &FeedError| {
        tracing::info!("attempt {attempt}: {error}; again in {:.1} s", pause.as_secs_f64());
    };
    let asked = interrupt::runtime_that_ends()?.block_on(rolls(&client, &settings, &clock, &waiting));
    asked.map_err(|error| match error {
        FeedError::Refused { .. } => Failure::nonsense(format!("{error}; no calendar was changed"))
            .hint("try again later, look at rollover.base_url, or write the calendar by hand"),
        other => {
            Failure::from(other).hint("no calendar was changed; look at the network and rollover.base_url")
        }
    })
}

/// The symbols named, each once, else those of the configuration that the provider lists.
fn wanted(place: &Place, args: &Args, list: &Rolls) -> Result<Vec<Symbol>, Failure> {
    let mut symbols: Vec<Symbol> = Vec::new();
    for symbol in &args.symbols {
        if !symbols.contains(symbol) {
            symbols.push(symbol.clone());
        }
    }
    if symbols.is_empty() {
        let source = |symbol: &Symbol| place.loaded.settings.payload_symbol(symbol).clone();
        symbols = place.all_symbols();
        symbols.retain(|symbol| list.of(&source(symbol)).map_or(true, |events| !events.is_empty()));
    }
    if symbols.is_empty() {
        return Err(Failure::usage("the provider lists rolls of none of your symbols")
            .hint("name some, for example: engine rollover BRENT.CMD-USD"));
    }
    Ok(symbols)
}

/// An alias is made of another symbol's prices, and rolls with it.
fn fetched(place: &Place, symbol: &Symbol, list: &Rolls) -> Result<Fetched, Failure> {
    let source = place.loaded.settings.payload_symbol(symbol);
    let events = list.of(source).map_err(|error| {
        Failure::nonsense(format!(
            "{symbol}: the provider's list cannot be used: {error}; its calendar stays as it is"
        ))
    })?;
    if events.is_empty() {
        let names: Vec<String> = list.titles().map(|title| title.replace('/', "-")).collect();
        let near = nearest(source.as_str(), names.iter().map(String::as_str));
        let near =
            if near.is_empty() { String::new() } else { format!(" (the nearest: {})", near.join(", ")) };
        let path = place.lake.rollover_path(symbol);
        return Err(Failure::usage(format!("{symbol}: the provider lists no rolls of {source}{near}"))
            .hint(format!("it lists futures only; write the calendar by hand: {}", path.display())));
    }
    let held = read_calendar(&place.lake, symbol)?;
    let was_there = held.is_some();
    let (calendar, changes) = held.unwrap_or_default().with_fetched(&events);
    Ok(Fetched { symbol: symbol.clone(), was_there, calendar, changes })
}

fn keep(place: &Place, fetched: Fetched, dry_run: bool) -> Result<Fetched, Failure> {
    if !dry_run && !fetched.changes.is_empty() {
        place.lake.write_rollover(&fetched.symbol, &fetched.calendar.to_text())?;
    }
    Ok(fetched)
}

fn tell(context: &Context, place: &Place, done: &[Fetched], dry_run: bool) -> Result<(), Failure> {
    for Fetched { symbol, changes, .. } in done {
        for (yours, provider) in &changes.kept {
            context.say(format!(
                "{symbol}: your line of {} stays, {}; the provider says {}",
                yours.day, yours.value, provider.value
            ));
        }
    }
    if context.global.json {
        let symbols: Vec<Value> = done.iter().map(|fetched| fetched.json(place, dry_run)).collect();
        return output::print_json(&json!({ "dry_run": dry_run, "symbols": symbols }));
    }
    let header = ["symbol", "events", "from", "to", "new", "changed", "gone", "kept", "file"];
    output::print(&output::table(&header, done.iter().map(|fetched| fetched.row(place, dry_run))))
}

impl Fetched {
    fn days(&self) -> [Option<String>; 2] {
        let day = |line: Option<&crate::model::rollover::Line>| line.map(|line| line.event.day.to_string());
        [day(self.calendar.lines().first()), day(self.calendar.lines().last())]
    }

    fn status(&self, dry_run: bool) -> &'static str {
        match (self.changes.is_empty(), self.was_there, dry_run) {
            (true, ..) => "unchanged",
            (_, false, false) => "written",
            (_, true, false) => "updated",
            (_, false, true) => "would be written",
            (_, true, true) => "would be updated",
        }
    }

    fn row(&self, place: &Place, dry_run: bool) -> Vec<String> {
        let Changes { added, changed, removed, kept } = &self.changes;
        let counts = [added.len(), changed.len(), removed.len(), kept.len()].map(|count| count.to_string());
        let days = self.days().map(|day| day.unwrap_or_else(|| "-".to_owned()));
        let file = format!("{} {}", place.lake.rollover_path(&self.symbol).display(), self.status(dry_run));
        let [from, to] = days;
        let [new, changed, gone, kept] = counts;
        let events = self.calendar.lines().len().to_string();
        vec![self.symbol.to_string(), events, from, to, new, changed, gone, kept, file]
    }

    fn json(&self, place: &Place, dry_run: bool) -> Value {
        let event = |event: &Event| json!({ "date": event.day.to_string(), "kind": event.kind.to_string(), "gap": event.value });
        let events = |events: &[Event]| events.iter().map(event).collect::<Vec<_>>();
        let pairs = |pairs: &[(Event, Event)], names: [&str; 2]| {
            let pair = |(one, two): &(Event, Event)| json!({ "date": one.day.to_string(), "kind": one.kind.to_string(), names[0]: one.value, names[1]: two.value });
            pairs.iter().map(pair).collect::<Vec<_>>()
        };
        let [from, to] = self.days();
        json!({
            "symbol": self.symbol.as_str(),
            "path": place.lake.rollover_path(&self.symbol),
            "status": self.status(dry_run),
            "events": self.calendar.lines().len(), "from": from, "to": to,
            "added": events(&self.changes.added),
            "changed": pairs(&self.changes.changed, ["old", "new"]),
            "removed": events(&self.changes.removed),
            "kept": pairs(&self.changes.kept, ["yours", "provider"]),
        })
    }
}
