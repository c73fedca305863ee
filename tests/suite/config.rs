//! The configuration: what is shipped, what the contract's defaults are, and what every mistake is told.

#![allow(clippy::unwrap_used, clippy::print_stdout)]

mod files;
mod fuzz;
mod mistakes;
mod scripts;
mod sessions;
mod shipped;
mod spellings;

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use engine::config::{self, ConfigError, KEYS, Loaded, Problem, Role};
use engine::model::settings::{AdjustOp, PostStep, PriceColumn, PriceSide, Validate};
use engine::model::timeframe::{Origin, Rule, Side};
use engine::model::{Symbol, Timeframe};
use proptest::prelude::*;
use tempfile::TempDir;

const HOUR_MS: i64 = 3_600_000;

fn shipped(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(name)
}

fn symbol(name: &str) -> Symbol {
    name.parse().unwrap()
}

fn timeframe(name: &str) -> Timeframe {
    name.parse().unwrap()
}

fn folder(files: &[(&str, &str)]) -> TempDir {
    let folder = TempDir::new().unwrap();
    for (name, text) in files {
        let path = folder.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
    folder
}

fn load_files(files: &[(&str, &str)]) -> (TempDir, Result<Loaded, ConfigError>) {
    let folder = folder(files);
    let loaded = config::load(&folder.path().join("config.yaml"));
    (folder, loaded)
}

fn load_text(text: &str) -> Result<Loaded, ConfigError> {
    load_files(&[("config.yaml", text), ("symbols.txt", "EUR-USD\nGBP-USD\nSGD.IDX-SGD\n")]).1
}

fn loaded(text: &str) -> Loaded {
    load_text(text).unwrap_or_else(|error| panic!("{error}"))
}

fn problems(text: &str) -> Vec<Problem> {
    match load_text(text) {
        Err(ConfigError::Faulty { problems }) => problems,
        other => panic!("expected problems, got {other:?}"),
    }
}

/// The only problem of a text: it names config.yaml, the line and the key, and its message holds every word.
#[track_caller]
fn assert_problem(text: &str, line: usize, key: &str, words: &[&str]) {
    let found = problems(text);
    assert_eq!(found.len(), 1, "{found:#?}");
    assert_eq!((found[0].line, found[0].key.as_str()), (line, key), "{}", found[0]);
    assert!(found[0].file.ends_with("config.yaml"));
    let message = found[0].to_string();
    assert!(message.contains(&format!("config.yaml:{line}:")), "{message}");
    for word in words {
        assert!(message.contains(word), "'{word}' is not in: {message}");
    }
}
