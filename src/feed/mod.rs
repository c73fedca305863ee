//! How the outside speaks: the wire format both ways, the HTTP client, and a simulated market that answers like the real one.
//! Comes in: bytes from the network. Goes out: checked payloads, instruments, errors worded by remedy.
//! May touch: the network, and `model`.
//! Never: writes a file, knows a stage, or decides what is asked for.

pub mod simulator;
pub mod wire;

pub mod client;
pub mod error;

pub use client::{FeedClient, Query, Reply};
pub use error::{Asked, FeedError};
