//! The list of symbols: one name a line.

use std::path::Path;
use std::sync::Arc;

use crate::model::Symbol;

use super::error::Findings;
use super::node::Place;
use super::values;

/// Reads a symbol list: a first line `symbol` and `#` comments are skipped, `/` becomes `-`, duplicates count once.
pub(super) fn parse(text: &str, file: &Path, findings: &Findings) -> Vec<Symbol> {
    let file: Arc<Path> = file.into();
    let mut symbols: Vec<Symbol> = Vec::new();
    let mut is_first = true;
    for (index, line) in text.lines().enumerate() {
        let name = line.split('#').next().unwrap_or("").trim();
        if name.is_empty() {
            continue;
        }
        let header = std::mem::take(&mut is_first) && name.eq_ignore_ascii_case("symbol");
        if header {
            continue;
        }
        match values::symbol(name) {
            Ok(symbol) if symbols.contains(&symbol) => {}
            Ok(symbol) => symbols.push(symbol),
            Err(fault) => {
                findings.problem(&Place { file: file.clone(), line: index + 1, column: 1 }, &[], fault)
            }
        }
    }
    symbols
}
