//! The rooms of the engine in which strangers' bytes are read, and no others: built with a sanitizer in a minute, where
//! the whole engine with its frame library would take a quarter of an hour. The files are the engine's own.

#[path = "../../../src/config/mod.rs"]
pub mod config;
#[path = "../../../src/disk/mod.rs"]
pub mod disk;
#[path = "../../../src/model/mod.rs"]
pub mod model;
#[path = "../../../src/resample/mod.rs"]
pub mod resample;
#[path = "../../../src/store/mod.rs"]
pub mod store;
#[path = "../../../src/transform/mod.rs"]
pub mod transform;

pub mod query;

#[path = "../../../src/feed/wire/mod.rs"]
pub mod wire;

/// Of the feed only what it says, not how it is asked.
pub mod feed {
    pub use crate::wire;
}
