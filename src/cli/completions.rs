use super::context::Context;
use super::exit::{Exit, Failure};
use super::{app, output};

/// Prints the completion script of a shell.
#[derive(clap::Args, Debug)]
#[command(
    after_help = "Example:\n  engine completions bash > ~/.local/share/bash-completion/completions/engine"
)]
pub(super) struct Args {
    /// For this shell
    #[arg(value_enum)]
    shell: clap_complete::Shell,
}

pub(super) fn run(_context: &Context, args: Args) -> Result<Exit, Failure> {
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut app::command(), "engine", &mut script);
    output::print(&String::from_utf8_lossy(&script))?;
    Ok(Exit::Done)
}
