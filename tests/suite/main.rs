//! The one test binary, cheapest tests first: pure rooms, the store, the stages, the real binary.

mod tidy;

mod config;
mod decimal;
mod model;
mod wire;

mod textbook;

mod clocks;
mod fold;

mod forgetful;
mod store;
mod transform;

mod simulator;

mod download;

mod aggregate;
mod resample;

mod columns;
mod laws;
mod query;
mod reader;
mod rollover;

mod indicators;

mod plan;

mod sql;

mod verify;

mod audit;

mod fuzz;

mod binary;
mod python;

mod mt4;

mod build;

mod cli;
mod faults;
mod full;
mod kill;
mod readme;
mod release;
mod scale;
mod stress;
