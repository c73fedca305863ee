//! A folder with a configuration, and the real binary at work in it.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use engine::model::cascade::Cascade;
use engine::model::{Settings, Symbol};
use engine::resample::key_of;
use engine::store::{Lake, SeriesKey};
use serde_json::Value;
use tempfile::TempDir;

/// Files below some folder, by their path from there.
pub type Files = BTreeMap<String, Vec<u8>>;

pub struct Place {
    folder: TempDir,
    symbols: Vec<Symbol>,
}

impl Place {
    /// In memory where the machine has a folder there: thousands of small files need not wait for a disk.
    pub fn new(symbols: &[&str], config: &str) -> Place {
        let memory = Path::new("/dev/shm");
        let folder = match memory.is_dir() {
            true => tempfile::tempdir_in(memory).or_else(|_| tempfile::tempdir()),
            false => tempfile::tempdir(),
        };
        Place::within(folder.expect("a folder"), symbols, config)
    }

    /// On the disk, in the folder that cargo keeps for tests: for what is too large for memory.
    pub fn on_disk(symbols: &[&str], config: &str) -> Place {
        let folder = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).expect("a folder");
        Place::within(folder, symbols, config)
    }

    fn within(folder: TempDir, symbols: &[&str], config: &str) -> Place {
        std::fs::write(folder.path().join("config.yaml"), config).expect("written");
        std::fs::write(folder.path().join("symbols.txt"), symbols.join("\n")).expect("written");
        let symbols = symbols.iter().map(|symbol| symbol.parse().expect("a symbol")).collect();
        Place { folder, symbols }
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub fn symbols(&self) -> &[Symbol] {
        &self.symbols
    }

    pub fn settings(&self) -> Settings {
        engine::config::load(&self.path("config.yaml")).expect("a sound configuration").settings
    }

    pub fn lake(&self) -> Lake {
        Lake::new(self.settings().paths)
    }

    /// The series of every symbol.
    pub fn keys(&self) -> Vec<SeriesKey> {
        keys_of(&self.settings(), &self.symbols)
    }

    pub fn engine(&self, words: &[&str]) -> Command {
        let mut command = Command::new(assert_cmd::cargo::cargo_bin!("engine"));
        command.current_dir(self.folder.path()).env_remove("START_DATE").env_remove("RUST_LOG");
        command.args(words).stdin(Stdio::null());
        command
    }

    /// Runs to the end; the exit code has to be one of these.
    pub fn ends(&self, words: &[&str], codes: &[i32]) -> Output {
        let output = self.engine(words).output().expect("the binary runs");
        let code = output.status.code().expect("it ends by itself");
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(codes.contains(&code), "{words:?} ended with {code}: {said}");
        output
    }

    /// The figures of a command with `--json`, and its exit code.
    pub fn figures(&self, words: &[&str], codes: &[i32]) -> (Value, i32) {
        let output = self.ends(&[words, &["--json"]].concat(), codes);
        let figures = serde_json::from_slice(&output.stdout).expect("one JSON text");
        (figures, output.status.code().expect("it ended by itself"))
    }

    /// Every series file.
    pub fn bins(&self) -> Files {
        let mut files = files(&self.path("data"));
        files.retain(|name, _| name.ends_with(".bin"));
        files
    }
}

/// The series of these symbols, 1m first, then every timeframe after its source.
pub fn keys_of(settings: &Settings, symbols: &[Symbol]) -> Vec<SeriesKey> {
    let of = |symbol: &Symbol| {
        let cascade = Cascade::new(symbol, settings).expect("an order");
        let folded: Vec<_> = cascade.steps.iter().map(|step| key_of(symbol, step)).collect();
        std::iter::once(SeriesKey::minute(symbol.clone())).chain(folded)
    };
    symbols.iter().flat_map(of).collect()
}

/// All files below a folder.
pub fn files(folder: &Path) -> Files {
    let mut found = Files::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(next) = folders.pop() {
        for entry in std::fs::read_dir(next).expect("a folder") {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                folders.push(path);
            } else {
                let name = path.strip_prefix(folder).expect("it is below").display().to_string();
                found.insert(name, std::fs::read(&path).expect("a file"));
            }
        }
    }
    found
}

/// The names of the files that differ or are held by one side only.
pub fn different<'a>(one: &'a Files, other: &'a Files) -> Vec<&'a str> {
    let names = one.keys().chain(other.keys().filter(|name| !one.contains_key(*name)));
    names.filter(|name| one.get(*name) != other.get(*name)).map(String::as_str).collect()
}
