use super::context::Context;
use super::exit::{Exit, Failure};
use super::feed::FeedArgs;
use super::window::SymbolArgs;
use super::work::{Work, WorkArgs};
use crate::ingest::{self, Request, Stages};

/// Makes series anew, or asks again for the last days.
#[derive(clap::Args, Debug)]
#[command(after_help = "Example:\n  engine rebuild full --symbols EUR-USD\n  engine rebuild weekly")]
pub(super) struct Args {
    #[command(subcommand)]
    what: What,
}

#[derive(clap::Subcommand, Debug)]
enum What {
    /// Every series from the payloads of the cache; readers see the old store, then the new one
    #[command(after_help = "Example:\n  engine rebuild full --symbols EUR-USD,XAU-USD")]
    Full(CacheArgs),
    /// The 1m series from the payloads of the cache; coarser ones follow from where it changed
    #[command(after_help = "Example:\n  engine rebuild aggregate --symbols EUR-USD")]
    Aggregate(CacheArgs),
    /// Every coarser series from the 1m series
    #[command(after_help = "Example:\n  engine rebuild resample")]
    Resample(CacheArgs),
    /// Asks the feed again for the last 7 finished days and corrects what differs
    #[command(after_help = "Example:\n  engine rebuild weekly --symbols EUR-USD")]
    Weekly(WeeklyArgs),
}

#[derive(clap::Args, Debug)]
struct CacheArgs {
    #[command(flatten)]
    symbols: SymbolArgs,
    #[command(flatten)]
    work: WorkArgs,
}

#[derive(clap::Args, Debug)]
struct WeeklyArgs {
    #[command(flatten)]
    symbols: SymbolArgs,
    #[command(flatten)]
    feed: FeedArgs,
    #[command(flatten)]
    work: WorkArgs,
}

pub(super) fn run(context: &Context, args: Args) -> Result<Exit, Failure> {
    match args.what {
        What::Full(args) => from_lake(context, args, ingest::Rebuild::Full),
        What::Aggregate(args) => from_lake(context, args, ingest::Rebuild::Aggregate),
        What::Resample(args) => from_lake(context, args, ingest::Rebuild::Resample),
        What::Weekly(args) => weekly(context, args),
    }
}

fn from_lake(context: &Context, args: CacheArgs, what: ingest::Rebuild) -> Result<Exit, Failure> {
    let mut place = context.place()?;
    let symbols = args.symbols.symbols(&place)?;
    Work::begin(context, &mut place, &args.work)?.rebuild(what, &symbols)
}

fn weekly(context: &Context, args: WeeklyArgs) -> Result<Exit, Failure> {
    let mut place = context.place()?;
    let _feed = args.feed.choose(context, &mut place.loaded.settings.download)?;
    let request = Request {
        symbols: args.symbols.symbols(&place)?,
        from: None,
        to: None,
        today: context.today(),
        stages: Stages { download: true, aggregate: true, resample: true },
        ask_again: true,
        rebuild_changed: false,
    };
    Work::begin(context, &mut place, &args.work)?.run(&request)
}
