//! Typed reading of a mapping: every getter reports what it cannot take and goes on.

use super::error::{Fault, Findings};
use super::keys::default_of;
use super::nearest::nearest;
use super::node::{Entry, Node, Place, Value};

/// A mapping of the tree and how the user would name it.
#[derive(Clone)]
pub(super) struct Section<'a> {
    pub node: &'a Node,
    pub path: Vec<String>,
    pub findings: &'a Findings,
}

impl<'a> Section<'a> {
    pub(super) fn root(node: &'a Node, findings: &'a Findings) -> Section<'a> {
        let section = Section { node, path: Vec::new(), findings };
        section.expect_mapping();
        section
    }

    /// A mapping below this one; `None` when it is not written or, reported, is something else.
    pub(super) fn section(&self, key: &str) -> Option<Section<'a>> {
        let node = self.field(key)?;
        let section = Section { node, path: self.path_of(key), findings: self.findings };
        section.expect_mapping().then_some(section)
    }

    /// The mappings in a mapping, with their names.
    pub(super) fn sections(&self) -> Vec<(&'a Entry, Section<'a>)> {
        let entries = self.node.entries().iter();
        entries.filter_map(|entry| Some((entry, self.section_or_empty(entry)?))).collect()
    }

    fn section_or_empty(&self, entry: &'a Entry) -> Option<Section<'a>> {
        let section = Section { node: &entry.node, path: self.path_of(&entry.key), findings: self.findings };
        (matches!(entry.node.value, Value::Null) || section.expect_mapping()).then_some(section)
    }

    /// The mappings of a list of mappings, or of a mapping of mappings: steps are written either way.
    pub(super) fn steps(&self, key: &str) -> Vec<Section<'a>> {
        let Some(node) = self.field(key) else { return Vec::new() };
        let own = Section { node, path: self.path_of(key), findings: self.findings };
        let Value::List(items) = &node.value else {
            return match own.expect("a list of steps", matches!(node.value, Value::Map(_))) {
                true => own.sections().into_iter().map(|(_, section)| section).collect(),
                false => Vec::new(),
            };
        };
        let numbered = items.iter().enumerate();
        let sections = numbered.map(|(index, node)| Section {
            node,
            path: own.path_of(&index.to_string()),
            findings: self.findings,
        });
        sections.filter(Section::expect_mapping).collect()
    }

    /// A value; `None` when it is not written or was refused (and reported).
    pub(super) fn value<T>(&self, key: &str, parse: impl Fn(&str) -> Result<T, Fault>) -> Option<T> {
        let node = self.field(key)?;
        self.parsed(key, node, &parse)
    }

    /// A value that has a default in the table of keys.
    pub(super) fn setting<T>(&self, key: &str, parse: impl Fn(&str) -> Result<T, Fault>) -> T {
        self.value(key, &parse).unwrap_or_else(|| {
            let Ok(value) = parse(default_of(&self.path_of(key))) else {
                unreachable!("every default of the table is readable: a test reads them all")
            };
            value
        })
    }

    /// The values of a list; a single value is a list of one.
    pub(super) fn list<T>(&self, key: &str, parse: impl Fn(&str) -> Result<T, Fault>) -> Vec<T> {
        let Some(node) = self.field(key) else { return Vec::new() };
        match &node.value {
            Value::List(items) => items.iter().filter_map(|item| self.parsed(key, item, &parse)).collect(),
            _ => self.parsed(key, node, &parse).into_iter().collect(),
        }
    }

    fn parsed<T>(&self, key: &str, node: &Node, parse: &impl Fn(&str) -> Result<T, Fault>) -> Option<T> {
        let parsed = match &node.value {
            Value::Scalar(text) => parse(text),
            _ => Err(Fault::new("a single value is wanted here", "write key: value on one line")),
        };
        parsed.map_err(|fault| self.findings.problem(&node.place, &self.path_of(key), fault)).ok()
    }

    /// What is written for a key, when it is written and not empty.
    pub(super) fn field(&self, key: &str) -> Option<&'a Node> {
        self.node.get(key).filter(|node| !matches!(node.value, Value::Null))
    }

    /// A mistake at a key of this mapping, or at the mapping where the key is missing.
    pub(super) fn problem(&self, key: &str, fault: Fault) {
        let entry = self.node.entries().iter().find(|entry| entry.key == key);
        let place: &Place = entry.map_or(&self.node.place, |entry| &entry.place);
        self.findings.problem(place, &self.path_of(key), fault);
    }

    /// Reports the keys that are not among `names`: for mappings that take fewer than the table of keys allows.
    pub(super) fn only(&self, names: &[&str], reason: &str) {
        for entry in self.node.entries().iter().filter(|entry| !names.contains(&entry.key.as_str())) {
            let near = nearest(&entry.key, names.iter().copied(), 1).join("");
            let remedy = format!("it takes {} (nearest to '{}': {near})", names.join(", "), entry.key);
            self.problem(&entry.key, Fault::new(reason, remedy));
        }
    }

    /// The last part of the path: the user's name for this mapping.
    pub(super) fn name(&self) -> &str {
        self.path.last().map_or("", String::as_str)
    }

    pub(super) fn path_of(&self, key: &str) -> Vec<String> {
        let mut path = self.path.clone();
        path.push(key.to_owned());
        path
    }

    fn expect_mapping(&self) -> bool {
        self.expect("key: value lines", matches!(self.node.value, Value::Map(_) | Value::Null))
    }

    fn expect(&self, what: &str, holds: bool) -> bool {
        if !holds {
            let fault = Fault::new(format!("{what} are wanted here"), "indent its keys below it");
            self.findings.problem(&self.node.place, &self.path, fault);
        }
        holds
    }
}
