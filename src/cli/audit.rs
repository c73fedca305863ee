use super::context::Context;
use super::exit::{Exit, Failure};
use super::window::SymbolArgs;

/// Tells what the lake lacks, against the calendar of each instrument.
#[derive(clap::Args, Debug)]
#[command(after_help = "Example:\n  engine audit")]
pub(super) struct Args {
    #[command(flatten)]
    symbols: SymbolArgs,
}

pub(super) fn run(context: &Context, args: Args) -> Result<Exit, Failure> {
    let place = context.place()?;
    let _symbols = args.symbols.symbols(&place)?;
    Ok(Exit::Done)
}
