use super::context::Context;
use super::exit::{Exit, Failure};
use super::window::SymbolArgs;
use super::work::{Work, WorkArgs};
use crate::ingest::{Request, Stages};

/// Folds what is new in the 1m series into the coarser ones.
#[derive(clap::Args, Debug)]
#[command(after_help = "Example:\n  engine resample --symbols EUR-USD,XAU-USD")]
pub(super) struct Args {
    #[command(flatten)]
    symbols: SymbolArgs,
    #[command(flatten)]
    work: WorkArgs,
    /// Rebuilds series at once that another configuration has made
    #[arg(long)]
    rebuild_changed: bool,
}

pub(super) fn run(context: &Context, args: Args) -> Result<Exit, Failure> {
    let mut place = context.place()?;
    let request = Request {
        symbols: args.symbols.symbols(&place)?,
        from: None,
        to: None,
        today: context.today(),
        stages: Stages { download: false, aggregate: false, resample: true },
        ask_again: false,
        rebuild_changed: args.rebuild_changed,
    };
    Work::begin(context, &mut place, &args.work)?.run(&request)
}
