//! What every command shares: the global options, the clock, the configuration, the two streams.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::time::{SystemTime, UNIX_EPOCH};

use super::exit::Failure;
use crate::config::{self, Loaded};
use crate::model::{Day, Symbol};
use crate::query::{Bound, QueryError};
use crate::store::Lake;

#[derive(clap::Args, Clone, Debug)]
#[command(next_help_heading = "Everywhere")]
pub(super) struct Global {
    /// Configuration file; paths in it are relative to its folder [default: config.user.yaml, else config.yaml]
    #[arg(long, global = true, value_name = "FILE")]
    pub config: Option<PathBuf>,
    /// Freezes the clock, for tests and replays: RFC 3339, 'YYYY-MM-DD[ HH:MM[:SS]]' in UTC, or epoch milliseconds
    #[arg(long, global = true, value_name = "T", value_parser = instant_ms)]
    pub now: Option<i64>,
    /// Writes one JSON text on stdout instead of a table
    #[arg(long, global = true)]
    pub json: bool,
    /// Says nothing but errors; data is still written
    #[arg(long, short, global = true)]
    pub quiet: bool,
    /// Logs on stderr: -v what is done, -vv how, -vvv everything (RUST_LOG decides when it is set)
    #[arg(short, long, global = true, action = clap::ArgAction::Count)]
    pub verbose: u8,
}

/// The surroundings of one command.
#[derive(Debug)]
pub(super) struct Context {
    pub global: Global,
    started_ms: i64,
}

/// A configuration and the lake it describes.
pub(super) struct Place {
    pub loaded: Loaded,
    pub lake: Lake,
}

impl Context {
    pub(super) fn new(global: Global) -> Context {
        begin_logging(&global);
        let started_ms = global.now.unwrap_or_else(wall_clock_ms);
        Context { global, started_ms }
    }

    pub(super) fn today(&self) -> Day {
        Day::of_ms(self.started_ms)
    }

    /// The present, or what `--now` says it is.
    pub(super) fn now_ms(&self) -> i64 {
        self.global.now.unwrap_or_else(wall_clock_ms)
    }

    /// The configuration of `--config`, else of the current folder.
    pub(super) fn place(&self) -> Result<Place, Failure> {
        let loaded = config::load(&self.config_file()?)?;
        for warning in &loaded.warnings {
            tracing::info!("{warning}");
        }
        let settings = &loaded.settings;
        let lake = Lake::new(settings.paths.clone()).syncing_payloads(settings.transform.fsync);
        Ok(Place { loaded, lake })
    }

    /// Absolute, so that every path made from it is.
    pub(super) fn config_file(&self) -> Result<PathBuf, Failure> {
        let unknown =
            |error: std::io::Error| Failure::usage(format!("the current folder cannot be found: {error}"));
        match &self.global.config {
            Some(file) => std::path::absolute(file).map_err(unknown),
            None => Ok(config::find(&std::path::absolute(Path::new(".")).map_err(unknown)?)?),
        }
    }

    /// Says how many columns a table had no room for, if any.
    pub(super) fn say_left_out(&self, columns: usize) {
        if columns > 0 {
            let columns = if columns == 1 { "1 column does" } else { &format!("{columns} columns do") };
            self.say(format!("{columns} not fit the terminal: --format csv or json, or -o FILE, has all"));
        }
    }

    /// A message for people, on stderr.
    pub(super) fn say(&self, text: impl std::fmt::Display) {
        if !self.global.quiet {
            // Nobody may be left to read it; that is no reason to stop.
            writeln!(std::io::stderr(), "{text}").ok();
        }
    }
}

impl Place {
    /// The symbols worked on when none are named: the listed ones, then the aliases the configuration makes.
    pub(super) fn all_symbols(&self) -> Vec<Symbol> {
        let mut symbols = self.loaded.symbols.clone();
        let own = &self.loaded.settings.transform.symbols;
        let aliases = own.iter().filter(|(_, symbol)| symbol.source.is_some()).map(|(name, _)| name);
        for alias in aliases {
            if !symbols.contains(alias) {
                symbols.push(alias.clone());
            }
        }
        symbols
    }
}

/// Milliseconds since 1970-01-01 UTC.
pub(super) fn wall_clock_ms() -> i64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_millis() as i64)
}

fn instant_ms(text: &str) -> Result<i64, QueryError> {
    Ok(match text.parse()? {
        Bound::Instant(ms) | Bound::Wall(ms) => ms,
    })
}

fn begin_logging(global: &Global) {
    let level = match (global.quiet, global.verbose) {
        (true, _) => "error",
        (false, 0) => "warn",
        (false, 1) => "engine=info,warn",
        (false, 2) => "engine=debug,info",
        (false, _) => "trace",
    };
    let filter = tracing_subscriber::EnvFilter::try_from_default_env()
        .unwrap_or_else(|_| tracing_subscriber::EnvFilter::new(level));
    // A second subscriber is refused; the first one then serves. A stderr that nobody reads must not become a panic.
    let logs = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr);
    logs.log_internal_errors(false).try_init().ok();
}
