//! Comes in: the configuration file, the files it includes, the list of symbols.
//! Goes out: `model::Settings`, or every mistake with its file, line, key, reason and remedy.
//! May touch: model; the file system through `source.rs` alone.
//! Never: writes anything, prints, or looks at the clock or the environment.

mod keys;
mod sections;
mod transform;

mod resample;
mod sessions;

mod checks;
mod clock_checks;
mod session_checks;

mod show;
mod symbols;

mod error;
mod includes;
mod loading;
mod nearest;
mod node;
mod reader;
mod source;
mod values;

pub use error::{ConfigError, Problem};
pub use keys::{KEYS, Key, ORIGINAL_ANYWHERE, Role, key_table};
pub use loading::{Loaded, find, load, load_from, show};
pub use source::{LocalFiles, Source};
