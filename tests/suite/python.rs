//! A Python for tests that want to know what other programs make of our files.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Mutex;

/// The first that has these packages: `ENGINE_PYTHON`, `python3`, a virtual environment in cargo's folder for test files,
/// into which they are installed where the registry can be reached. `None` is a reason to skip a test, and to say so.
pub fn python_with(packages: &[&str]) -> Option<PathBuf> {
    static ONE_AT_A_TIME: Mutex<()> = Mutex::new(());
    let _alone = ONE_AT_A_TIME.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("python");
    let made = folder.join("bin/python3");
    let own = std::env::var_os("ENGINE_PYTHON").map(PathBuf::from);
    let known = [own, Some("python3".into()), Some(made.clone())].into_iter().flatten();
    if let Some(python) = known.into_iter().find(|python| has(python, packages)) {
        return Some(python);
    }
    if !made.exists() {
        Command::new("python3").args(["-m", "venv"]).arg(&folder).output().ok()?;
    }
    let install = ["-m", "pip", "install", "--quiet", "--retries", "1", "--timeout", "10"];
    Command::new(&made).args(install).args(packages).output().ok()?;
    has(&made, packages).then_some(made)
}

fn has(python: &Path, packages: &[&str]) -> bool {
    let imports = format!("import {}", packages.join(", "));
    Command::new(python).args(["-c", &imports]).output().is_ok_and(|output| output.status.success())
}
