use std::path::PathBuf;

use serde_json::{Value, json};

use super::context::{Context, Place};
use super::exit::{Exit, Failure};
use super::output::{self, grouped};
use super::slice::SliceArgs;
use super::{formats, interrupt, progress};
use crate::build::{self, BuildError, Extent, Format, Job, Order, Source, Target, Vanished, Written, expand};
use crate::model::Timeframe;
use crate::plan::Desk;
use crate::query::{Catalog, ClockChoice, Range, Select, Slice, check_calendar};

/// Builds files of series: for DuckDB, pandas, polars, Spark, spreadsheets and MetaTrader.
///
/// A selection is written as for `engine query`: EUR-USD/1h,4h or BRENT.CMD-USD:panama/1d. In a symbol or a timeframe `*`
/// stands for anything and `?` for one character; whoever means all that matches says --all.
///
/// All series go into one file (-o), or each into a file of its own (--output-dir), or into partitions
/// (--output-dir FOLDER --partition) as databases read them: symbol=.../timeframe=.../year=.../, years of the output clock.
/// Partitions that are built again are replaced, never added to. Those with bars outside of --after and --until are refused
/// (--force loses these bars). Those of Parquet and Arrow without indicators stay as they are while their bars are the same
/// (--force writes them anyway; damage inside a file is not looked for). Those of years of which a series has no bar any
/// more are named (--prune removes them). A file appears whole or not at all.
///
/// Columns: symbol, timeframe, time (of the output clock; Parquet and Arrow keep its zone in their metadata under
/// `engine`), time_ms (UTC), open, high, low, close, volume, count, then indicators. The newest bars may still change:
/// --closed, or `:skiplast` behind a selection, leaves them out.
#[derive(clap::Args, Debug)]
#[command(after_help = "Example:\n  \
    engine build parquet --select EUR-USD/1h,4h -o eurusd.parquet\n  \
    engine build parquet --select '*/1m,1h' --all --output-dir lake --partition\n  \
    engine build csv --select 'EUR-*/1d' --all --output-dir charts\n  \
    engine build mt4 --select XAU-USD/1h --tz server -o XAUUSD60.csv\n  \
    engine build arrow --select EUR-USD/1h -i rsi_14,macd -o eurusd.arrow\n  \
    engine build csv --select EUR-USD/1m --after 2024-01-01 --append -o eurusd.csv\n  \
    engine build parquet --select '*/1h' --all --output-dir lake --partition --dry-run\n  \
    engine build --list")]
pub(super) struct Args {
    /// What to build
    #[arg(required_unless_present = "list", value_parser = formats::of_files())]
    format: Option<Format>,
    /// Which series, such as EUR-USD/1h,4h or '*/1d'; may be given several times
    #[arg(long, short, value_name = "SELECT", num_args = 1..)]
    select: Vec<String>,
    /// Yes, every series that a selection with * or ? stands for
    #[arg(long)]
    all: bool,
    /// All series into this file; - is stdout
    #[arg(long, short, value_name = "FILE")]
    output: Option<PathBuf>,
    /// A file of each series into this folder
    #[arg(long, alias = "output_dir", value_name = "FOLDER")]
    output_dir: Option<PathBuf>,
    /// In the folder: symbol=.../timeframe=.../year=.../
    #[arg(long)]
    partition: bool,
    #[command(flatten)]
    slice: SliceArgs,
    /// CSV as MetaTrader 4 imports it: `engine build csv --mt4` is `engine build mt4`
    #[arg(long)]
    mt4: bool,
    /// Behind the rows that a file has (csv, ndjson, mt4, bin); refused where the new ones do not follow
    #[arg(long)]
    append: bool,
    /// Replaces partitions also when they hold bars outside of --after and --until, or have not changed
    #[arg(long)]
    force: bool,
    /// Removes partitions of years of which their series has no bar any more
    #[arg(long, requires = "partition")]
    prune: bool,
    /// Shows which files would be written or left as they are, and writes nothing
    #[arg(long)]
    dry_run: bool,
    /// Shows the series that are there, or those selected
    #[arg(long)]
    list: bool,
}

pub(super) fn run(context: &Context, args: Args) -> Result<Exit, Failure> {
    let place = context.place()?;
    let known = place.lake.list_symbols()?.into_iter().chain(place.all_symbols());
    let catalog = Catalog::new(&place.loaded.settings, known);
    let desk = Desk { lake: &place.lake, settings: &place.loaded.settings, catalog: &catalog };
    let selects = args.selects(&place, &catalog)?;
    if args.list {
        return list(context, &args, desk, &selects);
    }
    let order = args.order(desk, selects)?;
    order.check()?;
    if order.place == build::Place::Stdout {
        output::check_terminal(order.format)?;
    }
    let targets = build::targets(desk, &order)?;
    let vanished = build::vanished(desk, place.lake.disk(), &order)?;
    let job = Job { desk, disk: place.lake.disk(), order: &order };
    if args.dry_run {
        tell_vanished(context, &vanished, if args.prune { "would be removed" } else { LEFT });
        return dry_run(context, &job, &targets);
    }
    // Programs have to be ended with this one.
    let has_programs = desk.has_programs(&order.asks)?;
    let _ending = if has_programs { Some(interrupt::runtime_that_ends()?) } else { None };
    let mut done = write(context, &job, &targets)?;
    // Where a series failed, nobody knows which of its bars are gone.
    let fared_well = |select: &Select| !done.failed.iter().any(|(failed, _)| is_same_series(failed, select));
    let (vanished, doubtful): (Vec<_>, Vec<_>) =
        vanished.into_iter().partition(|partition| fared_well(partition.select()));
    if args.prune {
        vanished.iter().try_for_each(|partition| partition.remove(place.lake.disk()))?;
    }
    tell_vanished(context, &vanished, if args.prune { "removed" } else { LEFT });
    tell_vanished(context, &doubtful, "left alone");
    let told = |partitions: Vec<Vanished>, is_removed: bool| {
        partitions.into_iter().map(move |partition| (partition.path().to_owned(), is_removed))
    };
    done.vanished = told(vanished, args.prune).chain(told(doubtful, false)).collect();
    done.tell(context, &order)
}

fn is_same_series(one: &Select, other: &Select) -> bool {
    (&one.symbol, &one.timeframe, one.adjustment) == (&other.symbol, &other.timeframe, other.adjustment)
}

/// What is said of a partition that nothing replaces.
const LEFT: &str = "left alone (--prune removes it)";

fn tell_vanished(context: &Context, vanished: &[Vanished], what: &str) {
    for partition in vanished {
        let path = partition.path().display();
        context.say(format!("{path}: its series has no bar of that year any more: {what}"));
    }
}

/// What came of it.
#[derive(Default)]
struct Done {
    written: Vec<Written>,
    /// Series that could not be read; the others are not held up by them.
    failed: Vec<(Select, Failure)>,
    /// Partitions without bars, with whether they were removed.
    vanished: Vec<(PathBuf, bool)>,
}

fn write(context: &Context, job: &Job<'_>, targets: &[Target]) -> Result<Done, Failure> {
    let bar = progress::bar(context, "build", "files", targets.len() as u64);
    let mut done = Done::default();
    for target in targets {
        match job.write(target, &mut std::io::stdout()) {
            Ok(written) => done.written.push(written),
            Err(error) if targets.len() > 1 && is_of_one_series(&error) => {
                let failure = Failure::from(error);
                context.say(format!("{}: {}", target.selects[0], failure.message()));
                done.failed.push((target.selects[0].clone(), failure));
            }
            Err(error) => return Err(error.into()),
        }
        bar.inc(1);
    }
    bar.finish_and_clear();
    if !targets.is_empty() && done.failed.len() == targets.len() {
        // Nothing was done: the first reason stands for all.
        return Err(done.failed.remove(0).1);
    }
    Ok(done)
}

/// Whether other series may fare better.
fn is_of_one_series(error: &BuildError) -> bool {
    !matches!(error, BuildError::Write(_) | BuildError::File { .. })
}

impl Done {
    fn tell(self, context: &Context, order: &Order) -> Result<Exit, Failure> {
        let sum = |of: fn(&Written) -> u64| self.written.iter().map(of).sum::<u64>();
        let (rows, open) = (sum(|written| written.rows), sum(|written| written.open));
        for (select, has_bars) in self.written.iter().flat_map(|written| &written.empty) {
            context.say(if *has_bars {
                format!("{select}: no bars between --after and --until")
            } else {
                format!("{select}: no bars yet: `engine run` fetches them")
            });
        }
        for (select, bars) in self.written.iter().flat_map(|written| &written.below_zero) {
            context.say(format!("{select}: {} bars have prices of zero or below", grouped(*bars)));
        }
        if open > 0 {
            let bars = if open == 1 { "1 bar" } else { &format!("{} bars", grouped(open)) };
            context.say(format!("{bars} may still change: --closed leaves them out"));
        }
        if order.place != build::Place::Stdout {
            if context.global.json {
                output::print_json(&self.json())?;
            } else if !context.global.quiet {
                let files =
                    |number| if number == 1 { "1 file".to_owned() } else { format!("{number} files") };
                let bytes = output::bytes(sum(|written| written.bytes));
                let unchanged = match self.written.iter().filter(|written| written.is_unchanged).count() {
                    0 => String::new(),
                    number => format!(" ({} as before)", files(number)),
                };
                let (format, all, rows) = (order.format, files(self.written.len()), grouped(rows));
                output::print(&format!("{format}: {all}, {rows} bars, {bytes}{unchanged}"))?;
            }
        }
        Ok(if self.failed.is_empty() { Exit::Done } else { Exit::LeftOut })
    }

    fn json(&self) -> Value {
        let files = self.written.iter().map(|written| {
            json!({ "path": written.path, "rows": written.rows, "bytes": written.bytes, "open": written.open,
                "unchanged": written.is_unchanged })
        });
        let failed = self
            .failed
            .iter()
            .map(|(select, failure)| json!({ "series": select.to_string(), "error": failure.message() }));
        let vanished =
            self.vanished.iter().map(|(path, is_removed)| json!({ "path": path, "removed": is_removed }));
        json!({
            "files": files.collect::<Value>(),
            "failed": failed.collect::<Value>(),
            "vanished": vanished.collect::<Value>(),
        })
    }
}

fn extent(
    desk: Desk<'_>,
    clock: ClockChoice,
    select: &Select,
    closed: bool,
    range: Range,
) -> Result<Extent, Failure> {
    let clock = clock.for_symbol(desk.settings, &select.symbol);
    let slice = Slice { range, ..Slice::default() };
    let closed_only = closed || select.skip_last;
    Ok(Source { desk, select, slice, clock: &clock, closed_only, asks: &[] }.extent()?)
}

/// First and last bar as the output clock shows them.
fn ends(extent: &Extent) -> [String; 2] {
    extent
        .labels_ms
        .map_or_else(Default::default, |(first, last)| [output::second(first), output::second(last)])
}

fn list(context: &Context, args: &Args, desk: Desk<'_>, selects: &[Select]) -> Result<Exit, Failure> {
    let range = args.slice.range();
    let mut found = Vec::new();
    for select in selects {
        let extent = extent(desk, args.slice.tz, select, args.slice.closed, range)?;
        // Whoever named a series is told that it is empty.
        if extent.rows > 0 || !args.select.is_empty() {
            found.push((select, extent));
        }
    }
    if context.global.json {
        let rows = found.iter().map(|(select, extent)| {
            let [first, last] = ends(extent);
            json!({ "series": select.to_string(), "bars": extent.rows, "first": first, "last": last })
        });
        output::print_json(&rows.collect())?;
    } else {
        let rows = found.iter().map(|(select, extent)| {
            let [first, last] = ends(extent);
            vec![select.to_string(), grouped(extent.rows as u64), first, last]
        });
        output::print(&output::table(&["series", "bars", "first", "last"], rows))?;
    }
    Ok(Exit::Done)
}

fn dry_run(context: &Context, job: &Job<'_>, targets: &[Target]) -> Result<Exit, Failure> {
    let Job { desk, order, .. } = *job;
    let mut rows = Vec::new();
    for target in targets {
        let path = target.path.as_ref().map_or_else(|| "-".to_owned(), |path| path.display().to_string());
        let is_unchanged = job.would_leave(target)?;
        for select in &target.selects {
            let extent = extent(desk, order.clock, select, order.closed_only, target.range)?;
            rows.push((path.clone(), select.to_string(), extent, is_unchanged));
        }
    }
    if context.global.json {
        let rows = rows.iter().map(|(path, series, extent, is_unchanged)| {
            let [first, last] = ends(extent);
            json!({ "path": path, "series": series, "bars": extent.rows, "first": first, "last": last,
                "unchanged": is_unchanged })
        });
        output::print_json(&rows.collect())?;
    } else {
        let rows = rows.into_iter().map(|(path, series, extent, is_unchanged)| {
            let [first, last] = ends(&extent);
            let what = if is_unchanged { "as before" } else { "write" };
            vec![path, series, grouped(extent.rows as u64), first, last, what.to_owned()]
        });
        output::print(&output::table_of_words(2, &["file", "series", "bars", "first", "last", ""], rows))?;
    }
    Ok(Exit::Done)
}

impl Args {
    /// The series, each of which exists and has what it needs.
    fn selects(&self, place: &Place, catalog: &Catalog<'_>) -> Result<Vec<Select>, Failure> {
        let symbols = place.lake.list_symbols()?;
        let settings = &place.loaded.settings;
        let timeframes = |symbol: &_| -> Vec<Timeframe> {
            let coarser = settings.timeframes_of(symbol).into_iter().map(|spec| spec.id.clone());
            std::iter::once(Timeframe::minute()).chain(coarser).collect()
        };
        let everything = self.list && self.select.is_empty();
        if everything && symbols.is_empty() {
            return Ok(Vec::new());
        }
        let words = if everything { vec!["*/*".to_owned()] } else { self.select.clone() };
        let selects = expand(&words, self.all || self.list, &symbols, &timeframes)?;
        selects.iter().try_for_each(|select| catalog.check(select))?;
        selects.iter().try_for_each(|select| check_calendar(&place.lake, select))?;
        Ok(selects)
    }

    fn order(&self, desk: Desk<'_>, selects: Vec<Select>) -> Result<Order, Failure> {
        let place = build::Place::of(self.output.as_deref(), self.output_dir.as_deref(), self.partition)?;
        let texts = self.slice.requests(desk.lake.disk().as_ref())?;
        let format = match self.format {
            Some(Format::Csv | Format::Mt4) if self.mt4 => Format::Mt4,
            Some(format) if self.mt4 => {
                let failure = Failure::usage(format!("--mt4 is a kind of csv, not of {format}"));
                return Err(failure.hint("build csv --mt4"));
            }
            Some(format) => format,
            None => return Err(Failure::usage("it is not said what to build")),
        };
        Ok(Order {
            format: if place == build::Place::Stdout { format.as_stream() } else { format },
            compression: self.slice.compression,
            place,
            append: self.append,
            force: self.force,
            selects,
            range: self.slice.range(),
            closed_only: self.slice.closed,
            clock: self.slice.tz,
            asks: desk.asks(&texts)?,
        })
    }
}
