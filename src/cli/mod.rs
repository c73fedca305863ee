//! The command line: what is typed becomes a call of the library, what comes back becomes words.
//! Comes in: arguments, environment, clock, signals. Goes out: data on stdout, messages on stderr, an exit code.
//! May touch: everything; it alone knows clap, the clock, the environment and the terminal.
//! Never: computes a bar, or writes to the lake except through the stages.

mod app;

mod run;

mod download;

mod transform;

mod aggregate;

mod resample;

mod rebuild;

mod query;

mod sql;

mod indicators;

mod indicator_words;

mod explain;

mod slice;

mod requests;

mod rollover;

mod rollover_show;

mod build;

mod calendar;

mod list;

mod status;

mod verify;

mod audit;

mod audit_table;

mod release;

mod config;

mod symbol;

mod simulate;

mod simulate_cache;

mod completions;

mod context;

mod window;

mod feed;

mod output;

mod bars_table;

mod below_zero;

mod wording;

mod work;

mod progress;

mod summary;

mod formats;
mod interrupt;

mod processor;

mod exit;

mod docs;

mod indicator_docs;

pub use app::{command, main};
pub use docs::markdown;
pub use indicator_docs::{Difference, indicators_markdown};
