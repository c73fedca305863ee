//! A run that finds nothing new, for every symbol the project ships: by the library, and by the program itself.

use std::path::{Path, PathBuf};
use std::process::Command;

use engine::feed::simulator::Market;
use engine::model::{Day, Symbol};

use super::lakes::{TempLake, Work};
use super::measure::{Amount, Bench, Entry};
use super::payloads;

/// The first hours of a working day.
const NOW: &str = "2024-04-02 06:00";

/// The stages after the download, over the seven days that every run looks at again.
pub fn by_library(folder: PathBuf, days: i32, symbols_max: usize) -> Entry {
    let lake = TempLake::below(&folder);
    let symbols: Vec<Symbol> = lake.symbols.iter().take(symbols_max).cloned().collect();
    let market = Market::new(1);
    let today = Day::from_yyyymmdd(20_240_402).expect("a date");
    for symbol in &symbols {
        let days = today.plus(-days).through(today.plus(-1));
        let payloads: Vec<_> = days.map(|day| (day, payloads::payload(&market, symbol, day))).collect();
        lake.fill(symbol, &payloads);
    }
    lake.work(Work::Usual, &symbols, today);
    entry("library, one thread", NothingNew { lake, symbols, how: How::Library { today } })
}

/// `engine run` as a whole, the simulated feed in the same process included: starting, asking for the running days,
/// and the summary.
pub fn by_program(folder: PathBuf, symbols_max: usize) -> Entry {
    let lake = TempLake::below(&folder);
    let symbols: Vec<Symbol> = lake.symbols.iter().take(symbols_max).cloned().collect();
    let shipped = Path::new(env!("CARGO_MANIFEST_DIR"));
    std::fs::create_dir_all(folder.join("config")).expect("the temporary folder can be written to");
    for name in ["config.yaml", "config/timeframes.yaml"] {
        std::fs::copy(shipped.join(name), folder.join(name)).expect("the project ships its configuration");
    }
    let names: Vec<&str> = symbols.iter().map(Symbol::as_str).collect();
    std::fs::write(folder.join("symbols.txt"), names.join("\n")).expect("the folder can be written to");
    let mut bench = NothingNew { lake, symbols, how: How::Program { config: folder.join("config.yaml") } };
    bench.run();
    entry("engine run --feed simulated", bench)
}

fn entry(how: &str, mut bench: NothingNew) -> Entry {
    Entry {
        name: format!("nothing-new/{} symbols, {how}", bench.symbols.len()),
        amounts: vec![Amount { count: bench.symbols.len() as f64, unit: "symbols" }],
        // Nothing was new, so nothing may change.
        expected: bench.answer(),
        make: Box::new(move || Box::new(bench)),
    }
}

struct NothingNew {
    lake: TempLake,
    symbols: Vec<Symbol>,
    how: How,
}

enum How {
    Library { today: Day },
    Program { config: PathBuf },
}

impl Bench for NothingNew {
    fn run(&mut self) {
        match &self.how {
            How::Library { today } => self.lake.work(Work::Usual, &self.symbols, *today),
            How::Program { config } => run_program(config),
        }
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
        assert_ne!(sum, 0, "the lake has bars");
        sum
    }
}

fn run_program(config: &Path) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_engine"));
    command.args(["run", "--feed", "simulated", "--now", NOW, "--quiet", "--config"]).arg(config);
    let output = command.output().expect("the program can be run");
    assert!(output.status.success(), "engine run failed: {}", String::from_utf8_lossy(&output.stderr));
}
