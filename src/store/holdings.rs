//! What lies in the lake by its names alone: no file is opened.

use std::collections::{BTreeMap, HashMap};

use super::paths::parse_day_file;
use super::{Lake, StoreError};
use crate::model::{Day, Symbol};

/// The days of one symbol for which there is a file of a kind, each list in increasing order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Holdings {
    /// A finished payload.
    pub finished: Vec<Day>,
    /// A running day's payload.
    pub running: Vec<Day>,
    /// The user's word that what was refused is right.
    pub released: Vec<Day>,
    /// A refused payload in quarantine.
    pub refused_payloads: Vec<Day>,
    /// Refused bars in quarantine.
    pub refused_bars: Vec<Day>,
}

impl Lake {
    /// What is held of these symbols, in the order of their names. The cache and the quarantine are walked once for all.
    pub fn holdings(&self, symbols: &[Symbol]) -> Result<BTreeMap<Symbol, Holdings>, StoreError> {
        let places: HashMap<&str, usize> =
            symbols.iter().enumerate().map(|(place, symbol)| (symbol.as_str(), place)).collect();
        let mut all = vec![Holdings::default(); symbols.len()];
        let first = Day::from_epoch_days(0);
        self.each_file_of_days(&self.paths.cache, &["json", "released"], first, |name, day, which| {
            if let Some(&place) = places.get(name) {
                let held = &mut all[place];
                [&mut held.finished, &mut held.released][which].push(day);
            }
        })?;
        self.each_file_of_days(&self.paths.quarantine, &["json", "jsonl"], first, |name, day, which| {
            if let Some(&place) = places.get(name) {
                let held = &mut all[place];
                [&mut held.refused_payloads, &mut held.refused_bars][which].push(day);
            }
        })?;
        for entry in self.list(&self.paths.live)? {
            let Some((name, day)) = parse_day_file(&entry.name, "json") else { continue };
            if let Some(&place) = places.get(name) {
                all[place].running.push(day);
            }
        }
        all.iter_mut().for_each(Holdings::sort);
        Ok(symbols.iter().cloned().zip(all).collect())
    }
}

impl Holdings {
    fn sort(&mut self) {
        let lists = [
            &mut self.finished,
            &mut self.running,
            &mut self.released,
            &mut self.refused_payloads,
            &mut self.refused_bars,
        ];
        lists.into_iter().for_each(|days| days.sort_unstable());
    }

    /// The first day with a file of any kind but the user's word.
    pub fn first(&self) -> Option<Day> {
        let lists = [&self.finished, &self.running, &self.refused_payloads, &self.refused_bars];
        lists.into_iter().filter_map(|days| days.first()).min().copied()
    }
}
