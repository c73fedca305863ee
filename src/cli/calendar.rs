use super::bars_table::{self, BarsOf};
use super::context::Context;
use super::exit::{Exit, Failure};
use super::output;
use crate::model::{Day, Symbol, Timeframe};

/// Lists where the bars of a timeframe stand: their edges in server, exchange and UTC time.
///
/// Every grid is listed: the symbol's own, and one for each session with an origin of its own. "own minutes" are those
/// in which rows belong to that grid: a bar without any stands in hours that are another session's. A bar over a clock
/// change has its true length. These are the edges before merge and shift steps.
#[derive(clap::Args, Debug)]
#[command(after_help = "Example:\n  \
    engine calendar SGD.IDX-SGD 4h --from 2024-03-08 --to 2024-03-11\n  \
    engine calendar EUR-USD 1d --from 2024-01-01 --to 2024-12-31 --format csv")]
pub(super) struct Args {
    /// Of this symbol
    symbol: Symbol,
    /// Of this timeframe
    timeframe: Timeframe,
    /// First day of the server's clock; a bar that runs into it is listed too [default: today]
    #[arg(long, value_name = "DAY")]
    from: Option<Day>,
    /// Last day of the server's clock, included [default: the first]
    #[arg(long, value_name = "DAY")]
    to: Option<Day>,
    /// How bars are written [default: table]
    #[arg(long, value_enum)]
    format: Option<FormatWord>,
}

#[derive(clap::ValueEnum, Clone, Copy, Debug, PartialEq)]
enum FormatWord {
    /// Aligned columns for people
    Table,
    /// One line a bar under a header
    Csv,
    /// An array of objects
    Json,
}

/// Nobody reads more, and a typing mistake in a year shall not fill a disk.
const BARS_MAX: usize = 1_000_000;

pub(super) fn run(context: &Context, args: Args) -> Result<Exit, Failure> {
    let place = context.place()?;
    let bars_of = BarsOf::new(&place, &args.symbol)?;
    let today = bars_of.server_day(context.now_ms());
    let from = args.from.unwrap_or_else(|| args.to.map_or(today, |to| to.min(today)));
    let to = args.to.unwrap_or(from);
    if from > to {
        return Err(Failure::usage(format!(
            "--from {from} is after --to {to}: the first day comes first, for example --from {to} --to {from}"
        )));
    }
    bars_of.check(&args.timeframe)?;
    let sheets = bars_of.sheets(&args.timeframe, from, to, BARS_MAX);
    let Some(sheets) = sheets else {
        return Err(Failure::usage(format!(
            "these are more than {BARS_MAX} bars of {}: name fewer days",
            args.timeframe
        )));
    };
    if bars_of.has_steps(&place.loaded.settings, &args.timeframe) {
        context.say(
            "these are the edges before merge and shift steps: `engine config show SYMBOL` names the steps",
        );
    }
    let exchange = bars_of.cascade.exchange.as_ref();
    match args.format {
        Some(FormatWord::Csv) => {
            output::print(&bars_table::csv(&args.symbol, &args.timeframe, &sheets, exchange))?;
        }
        Some(FormatWord::Json) => output::print_json(&bars_table::json(&sheets, exchange))?,
        None if context.global.json => output::print_json(&bars_table::json(&sheets, exchange))?,
        Some(FormatWord::Table) | None => output::print(&bars_table::table(&sheets, exchange))?,
    }
    Ok(Exit::Done)
}
