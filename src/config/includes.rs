//! `includes: [patterns]`: other files' keys, laid under the mapping that names them.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::disk::Disk;

use super::error::{Fault, Findings};
use super::node::{self, Entry, Node, Place, Value};
use super::source::{is_file, names, read_text};

/// The key itself.
pub(super) const INCLUDES: &str = "includes";
/// A file that includes others that include others: more than a few is a mistake.
const LEVELS_MAX: usize = 8;
/// More files than this from one pattern is a pattern gone wrong.
const FILES_MAX: usize = 1000;

/// Reads files and replaces every `includes` below the root by what the named files hold.
pub(super) struct Expander<'a> {
    pub disk: &'a dyn Disk,
    /// Patterns are relative to it.
    pub folder: &'a Path,
    pub findings: &'a Findings,
    /// Every file read, in the order of reading.
    pub files: Vec<PathBuf>,
    /// The files being included at this moment, outermost first.
    pub open: Vec<PathBuf>,
}

impl Expander<'_> {
    /// The tree of a root file: its own mapping is left as it is, those below it are expanded.
    pub(super) fn root(&mut self, node: Node) -> Node {
        let Value::Map(entries) = node.value else { return node };
        let value = Value::Map(entries.into_iter().map(|entry| self.below(entry, &[])).collect());
        Node { place: node.place, value }
    }

    fn below(&mut self, entry: Entry, path: &[String]) -> Entry {
        let mut own = path.to_vec();
        own.push(entry.key.clone());
        Entry { node: self.expand(entry.node, &own), ..entry }
    }

    /// What is included takes the place where `includes` stands among its neighbours; inline keys win.
    fn expand(&mut self, node: Node, path: &[String]) -> Node {
        let place = node.place;
        let value = match node.value {
            Value::Map(entries) => {
                let (mut inline, mut laid): (Vec<Entry>, Vec<Entry>) = (Vec::new(), Vec::new());
                let mut order: Vec<String> = Vec::new();
                for entry in entries {
                    if entry.key == INCLUDES {
                        laid = self.included(&entry, path);
                        order.extend(laid.iter().map(|entry| entry.key.clone()));
                    } else {
                        order.push(entry.key.clone());
                        inline.push(self.below(entry, path));
                    }
                }
                Value::Map(in_order(overlay_entries(laid, inline), &order))
            }
            Value::List(items) => {
                Value::List(items.into_iter().map(|item| self.expand(item, path)).collect())
            }
            other => other,
        };
        Node { place, value }
    }

    /// The keys of all files the patterns name, each key from exactly one file.
    fn included(&mut self, entry: &Entry, path: &[String]) -> Vec<Entry> {
        let mut own = path.to_vec();
        own.push(INCLUDES.to_owned());
        let mut merged: Vec<Entry> = Vec::new();
        for file in self.matching_files(entry, &own) {
            for found in self.file_entries(&file, &entry.place, &own, path) {
                match merged.iter().find(|held| held.key == found.key) {
                    Some(held) => self.report_twice(held, &found, path),
                    None => merged.push(found),
                }
            }
        }
        merged
    }

    fn report_twice(&self, first: &Entry, second: &Entry, path: &[String]) {
        let mut own = path.to_vec();
        own.push(second.key.clone());
        let at = |place: &Place| format!("{}:{}", place.file.display(), place.line);
        let reason = format!(
            "'{}' is defined in two included files: {} and {}",
            second.key,
            at(&first.place),
            at(&second.place)
        );
        self.findings.problem(&second.place, &own, Fault::new(reason, "keep it in one of them"));
    }

    fn matching_files(&self, entry: &Entry, path: &[String]) -> Vec<PathBuf> {
        let mut files = Vec::new();
        for (pattern, place) in self.patterns(entry, path) {
            let (wanted, optional) = match pattern.strip_suffix('?') {
                Some(wanted) => (wanted, true),
                None => (pattern.as_str(), false),
            };
            let found = glob(self.disk, self.folder, wanted);
            if found.is_empty() && !optional {
                let reason = format!("'{pattern}' matches no file in {}", self.folder.display());
                let remedy = format!("correct the pattern, or write '{pattern}?' if the file may be missing");
                self.findings.problem(&place, path, Fault::new(reason, remedy));
            }
            files.extend(found);
        }
        files.sort();
        files.dedup();
        files
    }

    fn patterns(&self, entry: &Entry, path: &[String]) -> Vec<(String, Place)> {
        let items = match &entry.node.value {
            Value::List(items) => items.as_slice(),
            Value::Null => &[],
            _ => std::slice::from_ref(&entry.node),
        };
        let mut patterns = Vec::new();
        for item in items {
            match &item.value {
                Value::Scalar(text) => patterns.push((text.clone(), item.place.clone())),
                _ => self.findings.problem(&item.place, path, not_a_pattern()),
            }
        }
        patterns
    }

    fn file_entries(&mut self, file: &Path, place: &Place, own: &[String], path: &[String]) -> Vec<Entry> {
        if self.open.iter().any(|open| open == file) || self.open.len() >= LEVELS_MAX {
            let reason = format!("{} includes itself, directly or through others", file.display());
            self.findings.problem(place, own, Fault::new(reason, "remove one of the includes"));
            return Vec::new();
        }
        let text = match read_text(self.disk, file) {
            Ok(text) => text,
            Err(error) => {
                let reason = format!("{} cannot be read: {error}", file.display());
                let fault = Fault::new(reason, "check that it is a text file you may read");
                self.findings.problem(place, own, fault);
                return Vec::new();
            }
        };
        self.files.push(file.to_path_buf());
        let Some(node) = node::parse(&text, &Arc::from(file), self.findings) else { return Vec::new() };
        self.open.push(file.to_path_buf());
        let node = self.expand(node, path);
        self.open.pop();
        match node.value {
            Value::Map(entries) => entries,
            Value::Null => Vec::new(),
            _ => {
                let fault = Fault::new("an included file must hold keys", "write key: value lines");
                self.findings.problem(&node.place, path, fault);
                Vec::new()
            }
        }
    }
}

/// `base` with `top` laid over it: mappings field by field, everything else (and every step list) whole. A key that
/// `top` leaves empty keeps what `base` has.
pub(super) fn overlay(base: Node, top: Node) -> Node {
    match (base.value, top.value) {
        (Value::Map(below), Value::Map(above)) => {
            Node { place: top.place, value: Value::Map(overlay_entries(below, above)) }
        }
        (below, Value::Null) => Node { place: base.place, value: below },
        (_, above) => Node { place: top.place, value: above },
    }
}

fn overlay_entries(mut base: Vec<Entry>, top: Vec<Entry>) -> Vec<Entry> {
    for entry in top {
        match base.iter_mut().find(|held| held.key == entry.key) {
            Some(held) => lay_over(held, entry),
            None => base.push(entry),
        }
    }
    base
}

fn lay_over(held: &mut Entry, entry: Entry) {
    let whole = matches!(entry.key.as_str(), "post" | "pre");
    if matches!(entry.node.value, Value::Null) {
        return;
    }
    let below = std::mem::replace(&mut held.node, entry.node.clone());
    held.place = entry.place;
    if !whole {
        held.node = overlay(below, entry.node);
    }
}

fn in_order(mut entries: Vec<Entry>, order: &[String]) -> Vec<Entry> {
    let rank = |key: &str| order.iter().position(|name| name == key).unwrap_or(order.len());
    entries.sort_by_key(|entry| rank(&entry.key));
    entries
}

fn not_a_pattern() -> Fault {
    Fault::new("a pattern is a file name or a path", "write includes: [\"config/timeframes.yaml\"]")
}

/// The files a pattern names: `*` and `?` stand for characters inside one folder level. Names that begin with a dot
/// are only found when the pattern writes the dot.
pub(super) fn glob(disk: &dyn Disk, folder: &Path, pattern: &str) -> Vec<PathBuf> {
    let mut level = vec![folder.to_path_buf()];
    if pattern.trim().is_empty() {
        return Vec::new();
    }
    if pattern.starts_with('/') {
        level = vec![PathBuf::from("/")];
    }
    for part in pattern.split('/').filter(|part| !part.is_empty() && *part != ".") {
        level = if part.contains(['*', '?']) {
            level.iter().flat_map(|folder| matching_names(disk, folder, part)).collect()
        } else {
            level.into_iter().map(|folder| folder.join(part)).collect()
        };
        level.truncate(FILES_MAX);
    }
    level.sort();
    level.into_iter().filter(|path| is_file(disk, path)).collect()
}

fn matching_names(disk: &dyn Disk, folder: &Path, part: &str) -> Vec<PathBuf> {
    let hidden = part.starts_with('.');
    let fits = |name: &String| (hidden || !name.starts_with('.')) && matches_name(part, name);
    // A folder that is not there matches nothing; the caller says so.
    names(disk, folder).into_iter().filter(fits).map(|name| folder.join(name)).collect()
}

/// Whether `*` (any characters) and `?` (one character) of the pattern can be made into the name.
pub(super) fn matches_name(pattern: &str, name: &str) -> bool {
    let (pattern, name): (Vec<char>, Vec<char>) = (pattern.chars().collect(), name.chars().collect());
    // reach[i]: the pattern so far can stand for the first i characters of the name.
    let mut reach = vec![false; name.len() + 1];
    reach[0] = true;
    for symbol in pattern {
        let mut next = vec![false; name.len() + 1];
        for i in 0..=name.len() {
            next[i] = match symbol {
                '*' => reach[i] || (i > 0 && next[i - 1]),
                '?' => i > 0 && reach[i - 1],
                letter => i > 0 && reach[i - 1] && name[i - 1] == letter,
            };
        }
        reach = next;
    }
    reach[name.len()]
}
