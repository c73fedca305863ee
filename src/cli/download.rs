use super::context::Context;
use super::exit::{Exit, Failure};
use super::feed::FeedArgs;
use super::window::{DayArgs, SymbolArgs};
use super::work::{Work, WorkArgs};
use crate::ingest::{Request, Stages};

/// Fetches the payloads the cache lacks, and nothing else.
#[derive(clap::Args, Debug)]
#[command(after_help = "Example:\n  engine download --from 2024-01-01 --symbols EUR-USD")]
pub(super) struct Args {
    #[command(flatten)]
    days: DayArgs,
    #[command(flatten)]
    symbols: SymbolArgs,
    #[command(flatten)]
    feed: FeedArgs,
    #[command(flatten)]
    work: WorkArgs,
    /// Asks again for finished days that are held
    #[arg(long)]
    again: bool,
}

pub(super) fn run(context: &Context, args: Args) -> Result<Exit, Failure> {
    let window = args.days.window(context)?;
    let mut place = context.place()?;
    let _feed = args.feed.choose(context, &mut place.loaded.settings.download)?;
    let request = Request {
        symbols: args.symbols.symbols(&place)?,
        from: window.from,
        to: window.to,
        today: context.today(),
        stages: Stages { download: true, aggregate: false, resample: false },
        ask_again: args.again,
        rebuild_changed: false,
    };
    Work::begin(context, &mut place, &args.work)?.run(&request)
}
