//! The configuration: YAML with includes becomes the settings everything else works by.
//! Comes in: YAML files and the symbol list. Goes out: `Settings`, or every mistake with place, reason and remedy.
//! May touch: model; disk, through `source.rs`.
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

mod aliases;
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
