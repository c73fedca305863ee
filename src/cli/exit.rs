//! Where all errors meet: kind, exit code, hint.

use std::error::Error;
use std::io;
use std::process::ExitCode;

use super::context::Context;
use crate::build::BuildError;
use crate::config::ConfigError;
use crate::feed::FeedError;
use crate::feed::simulator::SimulatorError;
use crate::indicators::IndicatorError;
use crate::plan::PlanError;
use crate::query::QueryError;
use crate::store::StoreError;

/// What shells report for Ctrl-C.
const INTERRUPTED: u8 = 130;

/// How a command ended that did its work.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Exit {
    /// All of it.
    Done,
    /// All but what it named.
    LeftOut,
}

/// Why a command did not do its work.
#[derive(Debug)]
pub(super) struct Failure {
    kind: Kind,
    message: String,
    hint: Option<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Usage,
    TryAgain,
    Nonsense,
    StoreNeedsCare,
    /// The reader of our output has left: it has what it wanted.
    ClosedPipe,
}

impl Exit {
    fn code(self) -> u8 {
        match self {
            Exit::Done => 0,
            Exit::LeftOut => 1,
        }
    }
}

impl Kind {
    fn code(self) -> u8 {
        match self {
            Kind::ClosedPipe => 0,
            Kind::Usage => 2,
            Kind::TryAgain => 3,
            Kind::Nonsense => 4,
            Kind::StoreNeedsCare => 5,
        }
    }
}

impl Failure {
    /// Something typed or configured is wrong.
    pub(super) fn usage(message: impl Into<String>) -> Failure {
        Failure { kind: Kind::Usage, message: message.into(), hint: None }
    }

    /// It may work later.
    pub(super) fn try_again(message: impl Into<String>) -> Failure {
        Failure { kind: Kind::TryAgain, message: message.into(), hint: None }
    }

    /// The feed answered, and nothing it said was usable.
    pub(super) fn nonsense(message: impl Into<String>) -> Failure {
        Failure { kind: Kind::Nonsense, message: message.into(), hint: None }
    }

    /// Files of the lake cannot be read, written or believed.
    pub(super) fn store(message: impl Into<String>) -> Failure {
        Failure { kind: Kind::StoreNeedsCare, message: message.into(), hint: None }
    }

    /// What is wrong, for those of which there are several.
    pub(super) fn message(&self) -> &str {
        &self.message
    }

    /// The same, with what to do about it.
    #[must_use]
    pub(super) fn hint(mut self, hint: impl Into<String>) -> Failure {
        self.hint = Some(hint.into());
        self
    }
}

/// Says what has to be said and turns it into the exit code.
pub(super) fn report(context: &Context, result: Result<Exit, Failure>) -> ExitCode {
    match result {
        Ok(exit) => exit.code().into(),
        Err(failure) => {
            if failure.kind != Kind::ClosedPipe {
                say(&format!("error: {}", failure.message));
                failure
                    .hint
                    .iter()
                    .filter(|_| !context.global.quiet)
                    .for_each(|hint| say(&format!("hint: {hint}")));
            }
            failure.kind.code().into()
        }
    }
}

/// Ends the process as a signal asks for.
pub(super) fn end_interrupted() -> ! {
    say("interrupted: what is done is kept, and the same command continues");
    std::process::exit(i32::from(INTERRUPTED));
}

/// Help and version are answers (0), everything else of clap's is a mistake in the arguments (2).
pub(super) fn of_usage(error: &clap::Error) -> ExitCode {
    error.print().ok();
    u8::try_from(error.exit_code()).unwrap_or(2).into()
}

fn say(text: &str) {
    io::Write::write_all(&mut io::stderr(), format!("{text}\n").as_bytes()).ok();
}

impl From<io::Error> for Failure {
    /// Of a stream of ours: stdout, as a rule.
    fn from(error: io::Error) -> Failure {
        let kind = if error.kind() == io::ErrorKind::BrokenPipe { Kind::ClosedPipe } else { Kind::TryAgain };
        Failure { kind, message: format!("the output cannot be written: {error}"), hint: None }
    }
}

impl From<StoreError> for Failure {
    fn from(error: StoreError) -> Failure {
        Failure::from(&error)
    }
}

impl From<&StoreError> for Failure {
    fn from(error: &StoreError) -> Failure {
        let kind = match error {
            StoreError::Locked { .. } | StoreError::Busy { .. } => Kind::TryAgain,
            _ => Kind::StoreNeedsCare,
        };
        Failure { kind, message: with_sources(error), hint: None }
    }
}

impl From<ConfigError> for Failure {
    fn from(error: ConfigError) -> Failure {
        let hint = match error {
            ConfigError::Missing { .. } => None,
            _ => Some("`engine config check` lists everything that is wrong".to_owned()),
        };
        Failure { kind: Kind::Usage, message: error.to_string(), hint }
    }
}

impl From<QueryError> for Failure {
    fn from(error: QueryError) -> Failure {
        match error {
            QueryError::Write(error) => error.into(),
            QueryError::Store(error) => error.into(),
            QueryError::Frame(_) | QueryError::Damaged { .. } | QueryError::Unfolded { .. } => {
                Failure::store(with_sources(&error))
            }
            QueryError::UnknownSymbol { .. } => {
                Failure::usage(error.to_string()).hint("`engine list symbols` shows what there is")
            }
            QueryError::UnknownTimeframe { .. } => {
                Failure::usage(error.to_string()).hint("`engine list timeframes` shows what there is")
            }
            _ => Failure::usage(error.to_string()),
        }
    }
}

impl From<BuildError> for Failure {
    fn from(error: BuildError) -> Failure {
        match error {
            BuildError::Write(error) => error.into(),
            BuildError::Store(error) => error.into(),
            BuildError::Query(error) => error.into(),
            BuildError::Plan(error) => error.into(),
            BuildError::Frame(_) => Failure::store(with_sources(&error)),
            BuildError::File { .. } => Failure::try_again(error.to_string()),
            BuildError::Refused { what, hint } => Failure::usage(what).hint(hint),
            BuildError::NeedsAll { .. } => Failure::usage(error.to_string())
                .hint("add --all if that is meant; `engine build --list` shows them"),
            BuildError::Unmatched { .. } => {
                Failure::usage(error.to_string()).hint("`engine build --list` shows what there is")
            }
            BuildError::WouldLose { .. } => Failure::usage(error.to_string())
                .hint("widen --after and --until to whole years, or add --force to lose them"),
            BuildError::NotOurs { .. } => {
                Failure::usage(error.to_string()).hint("look at it, then move it away or add --force")
            }
            _ => Failure::usage(error.to_string()),
        }
    }
}

impl From<PlanError> for Failure {
    fn from(error: PlanError) -> Failure {
        match error {
            PlanError::Store(error) => error.into(),
            PlanError::Query(error) => error.into(),
            PlanError::Indicator(error) => error.into(),
            PlanError::Frame(_) => Failure::usage(with_sources(&error)),
            PlanError::Needs { .. } => Failure::usage(error.to_string())
                .hint("`engine indicators` lists all, `engine config check` goes through your own"),
            _ => Failure::usage(error.to_string()),
        }
    }
}

impl From<IndicatorError> for Failure {
    fn from(error: IndicatorError) -> Failure {
        Failure::usage(error.to_string())
            .hint("`engine indicators` lists all, `engine indicators NAME` tells about one")
    }
}

impl From<FeedError> for Failure {
    fn from(error: FeedError) -> Failure {
        match error {
            FeedError::Unusable { .. } => Failure::usage(error.to_string()),
            _ => Failure::try_again(error.to_string()),
        }
    }
}

impl From<SimulatorError> for Failure {
    fn from(error: SimulatorError) -> Failure {
        Failure::usage(with_sources(&error))
    }
}

/// An error and what caused it, without saying the same twice.
fn with_sources(error: &dyn Error) -> String {
    let mut text = error.to_string();
    let mut next = error.source();
    while let Some(source) = next {
        let cause = source.to_string();
        if !text.contains(&cause) {
            text = format!("{text}: {cause}");
        }
        next = source.source();
    }
    text
}
