use super::context::Context;
use super::exit::{Exit, Failure};
use super::window::{DayArgs, SymbolArgs};
use super::work::{Work, WorkArgs};
use crate::ingest::{Request, Stages};

/// Brings the 1m series in line with the payloads of the cache.
#[derive(clap::Args, Debug)]
#[command(after_help = "Example:\n  engine aggregate --symbols EUR-USD --from 2024-01-01")]
pub(super) struct Args {
    #[command(flatten)]
    days: DayArgs,
    #[command(flatten)]
    symbols: SymbolArgs,
    #[command(flatten)]
    work: WorkArgs,
    /// Rebuilds series at once that another configuration has made
    #[arg(long)]
    rebuild_changed: bool,
}

pub(super) fn run(context: &Context, args: Args) -> Result<Exit, Failure> {
    let window = args.days.window(context)?;
    let mut place = context.place()?;
    let request = Request {
        symbols: args.symbols.symbols(&place)?,
        from: window.from,
        to: window.to,
        today: context.today(),
        stages: Stages { download: false, aggregate: true, resample: false },
        ask_again: false,
        rebuild_changed: args.rebuild_changed,
    };
    Work::begin(context, &mut place, &args.work)?.run(&request)
}
