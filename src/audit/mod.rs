//! Whether the lake is whole, and what it lacks: the store against itself and its payloads, and the days against the calendar.
//! Comes in: a lake, settings, the time. Goes out: findings with their places, repairs, tables and a report with pictures.
//! May touch: every room below `cli` but the network, and threads.
//! Never: changes a byte unless it was asked to repair, and then through the same stages that made the byte.

pub mod verify;

pub mod findings;

pub mod schedule;

mod evidence;

pub mod gaps;
pub mod spikes;

pub mod coverage;

pub mod counts;

pub mod clusters;

pub mod report;

mod picture;

mod page;

pub mod html;
