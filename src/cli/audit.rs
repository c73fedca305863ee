use super::context::Context;
use super::exit::{Exit, Failure};
use super::release::{self, DecisionArgs};
use super::window::SymbolArgs;

/// Tells what the lake lacks, against the calendar of each instrument.
#[derive(clap::Args, Debug)]
#[command(after_help = "Example:\n  engine audit")]
pub(super) struct Args {
    #[command(flatten)]
    symbols: SymbolArgs,
    #[command(flatten)]
    decision: DecisionArgs,
}

pub(super) fn run(context: &Context, args: Args) -> Result<Exit, Failure> {
    let mut place = context.place()?;
    if let Some((decision, symbol, day)) = args.decision.decision()? {
        return release::release(context, &mut place, decision, &symbol, day);
    }
    let _symbols = args.symbols.symbols(&place)?;
    Ok(Exit::Done)
}
