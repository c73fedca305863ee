//! Candles where the MetaTrader 4 server puts them: every vector of SPEC 7 and of the session table, through the
//! configuration that is shipped.

#![allow(clippy::unwrap_used)]

mod listed;
mod original;
mod origins;
mod words;

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use engine::config;
use engine::model::Settings;
use engine::model::calendar::Slot;
use engine::model::cascade::Cascade;
use engine::model::grid::Lattice;

use crate::textbook::{at, text};

const MINUTE: i64 = 60_000;
const HOUR: i64 = 3_600_000;
const DAY: i64 = 86_400_000;

fn shipped_file() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("config.dukascopy-mt4.yaml")
}

fn shipped() -> Settings {
    config::load(&shipped_file()).unwrap_or_else(|error| panic!("{error}")).settings
}

fn cascade(symbol: &str) -> Cascade {
    Cascade::new(&symbol.parse().unwrap(), &shipped()).unwrap()
}

fn lattice<'a>(cascade: &'a Cascade, timeframe: &str) -> &'a Lattice {
    &cascade.step(&timeframe.parse().unwrap()).unwrap().recipe.lattice
}

/// The bars of one session's grid (`None`: the symbol's own) that touch the server's days.
fn slots(symbol: &str, timeframe: &str, session: Option<&str>, from: &str, to: &str) -> Vec<Slot> {
    let cascade = cascade(symbol);
    let lattice = lattice(&cascade, timeframe);
    let named = |grid: &usize| lattice.session_of(*grid).map(|session| session.name.as_str()) == session;
    let grid = (0..lattice.grids().len()).find(named).expect("there is such a grid");
    let instant = |wall: i64| cascade.server.first_instant_ms(wall);
    lattice.slots(grid, instant(at(from)), instant(at(to) + DAY)).collect()
}

/// The times of day of server labels, each once.
fn times(slots: &[Slot]) -> Vec<String> {
    let times = slots.iter().map(|slot| text(slot.label.server_ms)[11..16].to_owned());
    times.collect::<BTreeSet<String>>().into_iter().collect()
}

/// The labels of those bars that some row can get.
fn reached(mut slots: Vec<Slot>) -> Vec<String> {
    // The minute that a range ends or begins with, both included, may stand alone in a bar: nothing trades in it.
    slots.retain(|slot| slot.own_minutes > 1);
    times(&slots)
}
