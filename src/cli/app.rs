//! The tree of commands, and the way through it.

use std::process::ExitCode;

use clap::{CommandFactory, Parser, Subcommand};

use super::context::{Context, Global};
use super::exit::{Exit, Failure};
use super::{
    aggregate, audit, build, calendar, completions, config, download, exit, indicators, list, processor,
    query, rebuild, resample, rollover, run, simulate, status, transform, verify,
};

/// Carries 1-minute candles from the feed to every timeframe and shows them.
#[derive(Parser)]
#[command(
    name = "engine",
    version,
    max_term_width = 100,
    arg_required_else_help = true,
    after_help = "Exit codes: 0 done; 1 done, but something was left out; 2 usage or configuration; 3 try again; \
                  4 the feed sent nonsense everywhere; 5 the store needs care; 130 interrupted.\n\n\
                  Example:\n  engine run --from 2024-01-01 --symbols EUR-USD\n  engine query EUR-USD/1h --limit 10 --order desc"
)]
struct Engine {
    #[command(flatten)]
    global: Global,
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    Run(run::Args),
    Download(download::Args),
    Transform(transform::Args),
    Aggregate(aggregate::Args),
    Resample(resample::Args),
    Rebuild(rebuild::Args),
    Query(query::Args),
    Build(build::Args),
    Indicators(indicators::Args),
    Rollover(rollover::Args),
    Calendar(calendar::Args),
    List(list::Args),
    Status(status::Args),
    Verify(verify::Args),
    Audit(audit::Args),
    Config(config::Args),
    Simulate(simulate::Args),
    Completions(completions::Args),
}

/// Does what the arguments of this process say; the exit code is the contract with scripts.
pub fn main() -> ExitCode {
    // Before anything else: all that follows is built for the processor that this asks for.
    processor::refusal().unwrap_or_else(run)
}

#[inline(never)]
fn run() -> ExitCode {
    let engine = match Engine::try_parse() {
        Ok(engine) => engine,
        Err(error) => return exit::of_usage(&error),
    };
    let context = Context::new(engine.global);
    exit::report(&context, engine.command.run(&context))
}

/// The whole tree, for completions, documentation and tests.
pub fn command() -> clap::Command {
    Engine::command()
}

impl Command {
    fn run(self, context: &Context) -> Result<Exit, Failure> {
        match self {
            Command::Run(args) => run::run(context, args),
            Command::Download(args) => download::run(context, args),
            Command::Transform(args) => transform::run(context, args),
            Command::Aggregate(args) => aggregate::run(context, args),
            Command::Resample(args) => resample::run(context, args),
            Command::Rebuild(args) => rebuild::run(context, args),
            Command::Query(args) => query::run(context, args),
            Command::Build(args) => build::run(context, args),
            Command::Indicators(args) => indicators::run(context, args),
            Command::Rollover(args) => rollover::run(context, args),
            Command::Calendar(args) => calendar::run(context, args),
            Command::List(args) => list::run(context, args),
            Command::Status(args) => status::run(context, args),
            Command::Verify(args) => verify::run(context, args),
            Command::Audit(args) => audit::run(context, args),
            Command::Config(args) => config::run(context, args),
            Command::Simulate(args) => simulate::run(context, args),
            Command::Completions(args) => completions::run(context, args),
        }
    }
}
