//! A market from a seed, and a loopback server that speaks it as the real feed would, with faults and damage to order.
//! Comes in: a seed, a clock, an order of faults, requests. Goes out: candles, instruments, HTTP answers, a record of who asked.
//! May touch: a port of 127.0.0.1, `wire` and `model`.
//! Never: reads the machine's clock for its prices, keeps anything on disk, or answers differently on another machine.

pub mod market;

pub mod damage;
pub mod faults;
pub mod filling;
pub mod server;

mod chance;
mod exchanges;
mod holidays;
mod hours;
mod instrument;
mod ledger;
mod listing;
mod rolls;

pub use damage::{Damage, DamageKind, DamagePlan, TooMuchDamage};
pub use faults::{Fault, Faults, NotFaults};
pub use filling::Filling;
pub use ledger::Request;
pub use market::{Market, MarketDay};
pub use server::{Now, Simulator, SimulatorError, SimulatorOptions};
