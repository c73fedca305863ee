use super::context::Context;
use super::exit::{Exit, Failure};
use super::feed::FeedArgs;
use super::window::{DayArgs, SymbolArgs};
use super::work::{Work, WorkArgs, lock};
use crate::ingest::{Request, Stages};
use crate::store::StoreError;

/// Brings everything up to date: download, transform, aggregate, resample.
///
/// Without --from the last 7 days are looked at, and whatever is behind. Days asked for that are older than what is
/// held slot in; nothing has to be rebuilt. Symbols that are not in the list can be named too. When another engine is
/// at work on the same lake, one line says so and the exit code is 0, as a timer wants it. Ctrl-C ends the run at
/// once with exit code 130; what is committed stays, and the next run continues.
#[derive(clap::Args, Debug)]
#[command(after_help = "Example:\n  \
    engine run --from 2024-01-01 --to 2024-03-31 --symbols EUR-USD,XAU-USD\n  \
    engine run --feed simulated --from 2024-01-01 --faults 429=0.05,cut=0.05")]
pub(super) struct Args {
    #[command(flatten)]
    days: DayArgs,
    #[command(flatten)]
    symbols: SymbolArgs,
    #[command(flatten)]
    feed: FeedArgs,
    #[command(flatten)]
    work: WorkArgs,
    /// Ends with exit code 3 when another engine is writing to the same lake
    #[arg(long, conflicts_with = "wait")]
    fail_if_locked: bool,
    /// Rebuilds series at once that another configuration has made
    #[arg(long)]
    rebuild_changed: bool,
}

pub(super) fn run(context: &Context, args: Args) -> Result<Exit, Failure> {
    let window = args.days.window(context)?;
    let mut place = context.place()?;
    let symbols = args.symbols.symbols(&place)?;
    let feed = args.feed.choose(context, &mut place.loaded.settings.download)?;
    let lock = match lock(context, &place.lake, args.work.wait) {
        Err(error @ StoreError::Locked { .. }) if !args.fail_if_locked => {
            context.say(format!("nothing done: {error}"));
            return Ok(Exit::Done);
        }
        result => result?,
    };
    let download = !place.loaded.settings.disable_download || feed.is_some();
    let request = Request {
        symbols,
        from: window.from,
        to: window.to,
        today: context.today(),
        stages: Stages { download, aggregate: true, resample: true },
        ask_again: false,
        rebuild_changed: args.rebuild_changed,
    };
    Work::holding(context, &mut place, &args.work, lock)?.run(&request)
}
