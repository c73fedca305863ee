use std::io::IsTerminal;
use std::path::PathBuf;
use std::time::Instant;

use indicatif::{ProgressBar, ProgressStyle};

use super::audit_table;
use super::context::{Context, Place};
use super::exit::{Exit, Failure};
use super::output::{self, Sink};
use super::release::{self, DecisionArgs};
use super::window::SymbolArgs;
use crate::audit::counts::Period;
use crate::audit::coverage::{Audit, Order, audit};
use crate::audit::html;
use crate::audit::report::Tolerance;
use crate::model::{Day, Symbol};

/// Tells what the lake lacks, against the calendar of each instrument.
///
/// Every day that is over and on which the instrument's schedule trades is expected; without a schedule, Monday to Friday.
/// Named are days that are missing or suspiciously empty, payloads and bars that break a rule, silence in trading hours,
/// and bars that stand out and are gone again. Nothing is written but the report.
///
/// Without --deep a payload is read only where the 1m series does not say what became of it. Exit code 0 when nothing is
/// missing, suspicious or damaged, 1 when something is; gaps and spikes are told, and count with --strict only. What is
/// counted and how, and the fields of --json, are described in docs/AUDIT.md.
#[derive(clap::Args, Debug)]
#[command(
    after_help = "Example:\n  engine audit\n  engine audit --from 2024-01-01 --by year --html audit.html\n  engine audit --deep --json --symbols EUR-USD,XAU-USD\n  engine audit --release EUR-USD 2024-01-31"
)]
pub(super) struct Args {
    #[command(flatten)]
    symbols: SymbolArgs,
    #[command(flatten)]
    decision: DecisionArgs,
    /// First UTC day, included [default: the first day of which anything is held, else download.history_start]
    #[arg(long, value_name = "DAY")]
    from: Option<Day>,
    /// Last UTC day, included [default: yesterday]
    #[arg(long, value_name = "DAY")]
    to: Option<Day>,
    /// Minutes of trading hours without a bar that are no gap yet
    #[arg(long, value_name = "MINUTES", default_value_t = 60)]
    gap: u32,
    /// Also counts by year or month
    #[arg(long, value_enum, value_name = "PERIOD")]
    by: Option<By>,
    /// Reads every payload again, whatever the 1m series says
    #[arg(long)]
    deep: bool,
    /// Writes a report with calendar pictures into one file that needs nothing else
    #[arg(long, short = 'o', value_name = "FILE")]
    html: Option<PathBuf>,
    /// Bars that break a rule and are no reason for exit code 1
    #[arg(long, value_name = "N", default_value_t = 0)]
    max_suspect: u64,
    /// Days that are missing, suspiciously empty or without payload that are no reason for exit code 1
    #[arg(long, value_name = "N", default_value_t = 0)]
    max_missing: u64,
    /// Gaps and spikes are reasons for exit code 1, too
    #[arg(long)]
    strict: bool,
}

#[derive(clap::ValueEnum, Clone, Copy, Debug)]
enum By {
    /// Calendar years, UTC
    Year,
    /// Calendar months, UTC
    Month,
}

pub(super) fn run(context: &Context, args: Args) -> Result<Exit, Failure> {
    let mut place = context.place()?;
    if let Some((decision, symbol, day)) = args.decision.decision()? {
        return release::release(context, &mut place, decision, &symbol, day);
    }
    let order = args.order(context, &place)?;
    let tolerance = args.tolerance();
    // A name that cannot be written is said before the work.
    let sink = args.html.as_deref().map(|path| Sink::open(Some(path), place.lake.disk())).transpose()?;
    let began = Instant::now();
    let found = look(context, &place, &order)?;
    let seconds = began.elapsed().as_secs_f64();
    if let Some(mut sink) = sink {
        let title = html::Title { made_ms: context.now_ms(), order: &order };
        html::write(&found, &title, &mut sink)?;
        sink.finish()?;
    }
    let by = args.by.map(Period::from);
    if context.global.json {
        let mut report = found.to_json(&order, by, &tolerance);
        report["seconds"] = seconds.into();
        output::print_json(&report)?;
    } else if !context.global.quiet {
        output::print(&audit_table::text(&found, by, seconds))?;
    }
    if let Some(path) = &args.html {
        context.say(format_args!("the report is in {}", path.display()));
    }
    Ok(if found.is_whole(&tolerance) { Exit::Done } else { Exit::LeftOut })
}

fn look(context: &Context, place: &Place, order: &Order) -> Result<Audit, Failure> {
    let bar = if std::io::stderr().is_terminal() && !context.global.quiet {
        let style = ProgressStyle::with_template("audit {wide_bar} {human_pos} days {elapsed}");
        ProgressBar::no_length().with_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()))
    } else {
        ProgressBar::hidden()
    };
    let found = audit(&place.lake, &place.loaded.settings, order, &|days| bar.inc(days))?;
    bar.finish_and_clear();
    Ok(found)
}

impl Args {
    fn order(&self, context: &Context, place: &Place) -> Result<Order, Failure> {
        let yesterday = context.today().plus(-1);
        let to = self.to.map_or(yesterday, |to| to.min(yesterday));
        if let Some(from) = self.from.filter(|from| *from > to) {
            let example = to.plus(-30);
            return Err(Failure::usage(format!(
                "--from {from} is after the last day that is audited, {to}: name an earlier day, for example --from {example}"
            )));
        }
        Ok(Order {
            symbols: self.symbols(place)?,
            from: self.from,
            to,
            gap_minutes: self.gap,
            deep: self.deep,
        })
    }

    /// The symbols named; else all of the configuration's, and those that have a series without being listed.
    fn symbols(&self, place: &Place) -> Result<Vec<Symbol>, Failure> {
        let mut symbols = self.symbols.symbols(place)?;
        if !self.symbols.are_named() {
            let listed = place.lake.list_symbols()?.into_iter();
            let unlisted: Vec<Symbol> = listed.filter(|symbol| !symbols.contains(symbol)).collect();
            symbols.extend(unlisted);
        }
        Ok(symbols)
    }

    fn tolerance(&self) -> Tolerance {
        Tolerance { suspect_bars: self.max_suspect, missing_days: self.max_missing, strict: self.strict }
    }
}

impl From<By> for Period {
    fn from(by: By) -> Period {
        match by {
            By::Year => Period::Year,
            By::Month => Period::Month,
        }
    }
}
