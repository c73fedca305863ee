//! A run that finds nothing new, for every symbol the project ships.

use std::path::Path;

use engine::feed::simulator::Market;
use engine::model::{Day, Symbol};

use super::lakes::{TempLake, Work};
use super::measure::{Amount, Bench, Entry};
use super::payloads;

struct NothingNew {
    lake: TempLake,
    symbols: Vec<Symbol>,
    today: Day,
}

/// The stages after the download, over the seven days that every run looks at again.
pub fn bench(folder: &Path, days: i32, symbols_max: usize) -> Entry {
    let lake = TempLake::below(folder);
    let symbols: Vec<Symbol> = lake.symbols.iter().take(symbols_max).cloned().collect();
    let market = Market::new(1);
    let today = Day::from_yyyymmdd(20_240_401).expect("a date");
    for symbol in &symbols {
        let days = today.plus(-days).through(today.plus(-1));
        let payloads: Vec<_> = days.map(|day| (day, payloads::payload(&market, symbol, day))).collect();
        lake.fill(symbol, &payloads);
    }
    lake.work(Work::Usual, &symbols, today);
    let mut bench = NothingNew { lake, symbols, today };
    let expected = bench.answer();
    Entry {
        name: format!("nothing-new/{} symbols, one thread", bench.symbols.len()),
        amounts: vec![Amount { count: bench.symbols.len() as f64, unit: "symbols" }],
        // Nothing was new, so nothing may change.
        expected,
        make: Box::new(move || Box::new(bench)),
    }
}

impl Bench for NothingNew {
    fn run(&mut self) {
        self.lake.work(Work::Usual, &self.symbols, self.today);
    }

    fn answer(&mut self) -> u64 {
        let mut sum = 0;
        for symbol in &self.symbols {
            sum = super::textbook::checksum(sum, &self.lake.bars(symbol, None));
            for spec in self.lake.settings.timeframes_of(symbol) {
                let bars = self.lake.bars(symbol, Some((&spec.id, &spec.source)));
                sum = super::textbook::checksum(sum, &bars);
            }
        }
        sum
    }
}
