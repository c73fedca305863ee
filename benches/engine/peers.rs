//! Other libraries in a process of their own, and the bars that they and the engine are given.

use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use engine::indicators::{Bars, Field};
use serde_json::Value;

/// Prices that wander around, and volumes.
pub struct Market {
    pub columns: Vec<(Field, Vec<f64>)>,
}

impl Market {
    /// SplitMix64 throws the dice: the same bars in every run.
    pub fn new(rows: usize) -> Market {
        let mut state = 1_u64;
        let mut throw = move |sides: u64| {
            state = state.wrapping_add(0x9E37_79B9_7F4A_7C15);
            let z = (state ^ (state >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
            let z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
            ((z ^ (z >> 31)) % sides) as f64
        };
        let mut columns: [Vec<f64>; 6] = std::array::from_fn(|_| Vec::with_capacity(rows));
        let mut close = 100_000.0;
        for row in 0..rows {
            let open = close;
            close = (open + throw(401) - 200.0_f64).max(20_000.0);
            let (high, low) = (open.max(close) + throw(90), open.min(close) - throw(90));
            let prices = [open, high, low, close].map(|price| price / 1000.0);
            let time = 1_704_067_200_000.0 + 60_000.0 * row as f64;
            let bar = [prices[0], prices[1], prices[2], prices[3], 1.0 + throw(5000), time];
            columns.iter_mut().zip(bar).for_each(|(column, value)| column.push(value));
        }
        let fields = [Field::Open, Field::High, Field::Low, Field::Close, Field::Volume, Field::Time];
        let mut columns: Vec<_> = fields.into_iter().zip(columns).collect();
        columns.push((Field::ServerTime, columns[5].1.clone()));
        Market { columns }
    }

    /// The first rows.
    pub fn bars(&self, rows: usize) -> Bars<'_> {
        let fields = self.columns.iter().map(|(field, values)| (*field, values[..rows].into())).collect();
        Bars { rows, fields, columns: Vec::new() }
    }

    /// Writes every field into a file of its name.
    pub fn write(&self, folder: &Path) {
        std::fs::create_dir_all(folder).expect("the temporary folder takes folders");
        for (field, values) in &self.columns {
            let bytes: &[u8] = bytemuck::cast_slice(values);
            std::fs::write(folder.join(field.name()), bytes).expect("the temporary folder takes files");
        }
    }
}

/// `ENGINE_PYTHON`, or whatever `python3` is, when it has the packages.
pub fn python(packages: &[&str]) -> Option<PathBuf> {
    let python: PathBuf = std::env::var_os("ENGINE_PYTHON").map_or("python3".into(), Into::into);
    let imports = format!("import {}", packages.join(", "));
    let ends = Command::new(&python).args(["-c", &imports]).stderr(Stdio::null()).status();
    ends.ok()?.success().then_some(python)
}

/// A script of `benches/peers`.
pub fn script(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("benches/peers").join(name)
}

/// A script that answers every line with one line of JSON.
pub struct Peer {
    child: Child,
    asked: Option<ChildStdin>,
    answers: BufReader<ChildStdout>,
}

impl Peer {
    /// Begins it; what it says first.
    pub fn new(python: &Path, name: &str, folder: &Path) -> (Peer, Value) {
        let mut command = Command::new(python);
        command.arg(script(name)).arg(folder).stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut child = command.spawn().expect("Python is there, it was asked before");
        let asked = child.stdin.take();
        let answers = BufReader::new(child.stdout.take().expect("its output is a pipe"));
        let mut peer = Peer { child, asked, answers };
        let first = peer.answer();
        (peer, first)
    }

    /// One line there and one line back.
    pub fn ask(&mut self, line: &str) -> Value {
        let asked = self.asked.as_mut().expect("it is open until the end");
        writeln!(asked, "{line}").expect("the peer reads");
        self.answer()
    }

    fn answer(&mut self) -> Value {
        let mut line = String::new();
        self.answers.read_line(&mut line).expect("the peer answers");
        serde_json::from_str(&line).unwrap_or_else(|error| panic!("the peer says {line:?}: {error}"))
    }
}

impl Drop for Peer {
    fn drop(&mut self) {
        // The end of its input is the end of it.
        self.asked = None;
        self.child.wait().ok();
    }
}
