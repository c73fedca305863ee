//! YAML text -> a tree whose every part knows its file, line and column.

use std::path::Path;
use std::sync::Arc;

use serde_yaml::{LoadableYamlNode, MarkedYaml, Scalar, YamlData};

use super::aliases::grows_too_much;
use super::error::{Fault, Findings};

/// Where something stands: line and column from 1; line 0 is "the whole file" or "no file at all".
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Place {
    pub file: Arc<Path>,
    pub line: usize,
    pub column: usize,
}

/// A value and its place.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Node {
    pub place: Place,
    pub value: Value,
}

/// Scalars stay text: what they mean is decided where they are read.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Value {
    Null,
    Scalar(String),
    List(Vec<Node>),
    Map(Vec<Entry>),
}

/// One `key: value` of a mapping, in file order.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Entry {
    pub key: String,
    /// Of the key.
    pub place: Place,
    pub node: Node,
}

/// A configuration is read whole into memory; nobody writes one of this size.
pub(super) const FILE_BYTES_MAX: usize = 4 << 20;
/// Deeper nesting than any configuration has would exhaust the stack when the tree is walked. (The parser itself
/// limits brackets.)
const OPENING_COLUMNS_MAX: usize = 400;
/// Private-use character set before a repeated key, so that both places survive the parser.
const REPEATED: char = '\u{E000}';
const REPEATED_MAX: usize = 100;
/// Bytes read again for the sake of repeated keys.
const READ_AGAIN_MAX: usize = 4 << 20;

impl Place {
    pub(super) fn whole_file(file: &Path) -> Place {
        Place { file: file.into(), line: 0, column: 0 }
    }
}

impl Node {
    pub(super) fn entries(&self) -> &[Entry] {
        match &self.value {
            Value::Map(entries) => entries,
            _ => &[],
        }
    }

    pub(super) fn get(&self, key: &str) -> Option<&Node> {
        self.entries().iter().find(|entry| entry.key == key).map(|entry| &entry.node)
    }

    /// The place of the deepest part of `path` that exists: of its key, or of the root.
    pub(super) fn place_of(&self, path: &[String]) -> &Place {
        let (mut node, mut place) = (self, &self.place);
        for step in path {
            match &node.value {
                Value::Map(entries) => match entries.iter().find(|entry| &entry.key == step) {
                    Some(entry) => (node, place) = (&entry.node, &entry.place),
                    None => break,
                },
                Value::List(items) => match step.parse::<usize>().ok().and_then(|i| items.get(i)) {
                    Some(item) => (node, place) = (item, &item.place),
                    None => break,
                },
                _ => break,
            }
        }
        place
    }
}

/// Reads one YAML document; an empty one is an empty mapping. Problems are recorded, and `None` returned, when there is
/// no tree to go on with.
pub(super) fn parse(text: &str, file: &Arc<Path>, findings: &Findings) -> Option<Node> {
    let report = |line, column, fault| {
        findings.problem(&Place { file: file.clone(), line, column }, &[], fault);
    };
    if let Some((line, fault)) = too_much(text) {
        report(line, 1, fault);
        return None;
    }
    match marked_documents(text) {
        Ok(documents) if documents.len() > 1 => {
            let second = documents[1].span.start.line();
            report(
                second,
                1,
                Fault::new("a second document begins", "keep one document a file: remove the ---"),
            );
            None
        }
        Ok(documents) => {
            let root = documents.into_iter().next().filter(|document| !document.data.is_badvalue());
            let converter = Converter { file, findings };
            Some(root.map_or_else(|| converter.empty(), |root| converter.node(&root, &mut Vec::new())))
        }
        Err(error) => {
            let reason = format!("not valid YAML: {}", error.info());
            let remedy = "check indentation, colons and quotes on this line and the one before";
            report(error.marker().line(), error.marker().col() + 1, Fault::new(reason, remedy));
            None
        }
    }
}

fn too_much(text: &str) -> Option<(usize, Fault)> {
    if text.len() > FILE_BYTES_MAX {
        let reason = format!("the file has {} bytes, more than {FILE_BYTES_MAX}", text.len());
        return Some((0, Fault::new(reason, "name the right file")));
    }
    if let Some(line) = grows_too_much(text) {
        let remedy = "write the values out, or use fewer anchors (&name) and aliases (*name)";
        return Some((line, Fault::new("anchors and aliases make the file too long", remedy)));
    }
    let opens = |c: char| matches!(c, ' ' | '\t' | '-' | '?' | ':');
    let too_deep = |line: &str| line.chars().take_while(|c| opens(*c)).count() > OPENING_COLUMNS_MAX;
    let found = text.split(['\n', '\r']).position(too_deep)?;
    Some((found + 1, Fault::new("nested too deeply", "a configuration needs no more than ten levels")))
}

/// The parser stops at a repeated key and forgets the first one's line. So each repeated key gets a mark before it and
/// the text is read again: the mark makes it a key of its own, which [`Converter`] recognises.
fn marked_documents(text: &str) -> Result<Vec<MarkedYaml<'static>>, serde_yaml::ScanError> {
    let mut marked = text.to_owned();
    let mut repeated = 0;
    loop {
        match MarkedYaml::load_from_str(&marked) {
            Err(error)
                if error.info().starts_with("duplicated key")
                    && repeated < REPEATED_MAX.min(1 + READ_AGAIN_MAX / text.len()) =>
            {
                repeated += 1;
                marked = with_mark(&marked, error.marker().index(), repeated);
            }
            other => return other,
        }
    }
}

fn with_mark(text: &str, at_char: usize, length: usize) -> String {
    let mut at = text.char_indices().nth(at_char).map_or(text.len(), |(byte, _)| byte);
    if text[at..].starts_with(['"', '\'']) {
        at += 1;
    }
    let mark: String = std::iter::repeat_n(REPEATED, length).collect();
    format!("{}{mark}{}", &text[..at], &text[at..])
}

struct Converter<'a> {
    file: &'a Arc<Path>,
    findings: &'a Findings,
}

impl Converter<'_> {
    fn empty(&self) -> Node {
        Node { place: Place { file: self.file.clone(), line: 1, column: 1 }, value: Value::Map(Vec::new()) }
    }

    fn place(&self, marked: &MarkedYaml<'_>) -> Place {
        let start = &marked.span.start;
        Place { file: self.file.clone(), line: start.line(), column: start.col() + 1 }
    }

    fn node(&self, marked: &MarkedYaml<'_>, path: &mut Vec<String>) -> Node {
        let place = self.place(marked);
        let value = match &marked.data {
            YamlData::Value(scalar) => scalar_text(scalar).map_or(Value::Null, Value::Scalar),
            YamlData::Sequence(items) => Value::List(self.items(items, path)),
            YamlData::Mapping(pairs) => {
                let mut entries = Vec::new();
                for (key, value) in pairs {
                    self.enter(key, value, path, &mut entries);
                }
                Value::Map(entries)
            }
            YamlData::Tagged(..) => {
                self.findings.problem(
                    &place,
                    path,
                    Fault::new("a tag has no meaning here", "remove the !tag"),
                );
                Value::Null
            }
            _ => Value::Null,
        };
        Node { place, value }
    }

    fn items(&self, items: &[MarkedYaml<'_>], path: &mut Vec<String>) -> Vec<Node> {
        let mut nodes = Vec::with_capacity(items.len());
        for (index, item) in items.iter().enumerate() {
            path.push(index.to_string());
            nodes.push(self.node(item, path));
            path.pop();
        }
        nodes
    }

    fn enter(
        &self,
        key: &MarkedYaml<'_>,
        value: &MarkedYaml<'_>,
        path: &mut Vec<String>,
        into: &mut Vec<Entry>,
    ) {
        let place = self.place(key);
        let text = match &key.data {
            YamlData::Value(scalar) => scalar_text(scalar).unwrap_or_else(|| "null".to_owned()),
            _ => {
                let fault =
                    Fault::new("a key is not a plain word", "write key: value, with text or a number as key");
                return self.findings.problem(&place, path, fault);
            }
        };
        let name = text.trim_start_matches(REPEATED).to_owned();
        path.push(name.clone());
        match into.iter().find(|entry| entry.key == name) {
            Some(first) => {
                let line = first.place.line;
                let reason =
                    format!("'{name}' is written twice: first on line {line}, again on line {}", place.line);
                self.findings.problem(&place, path, Fault::new(reason, "keep one of the two"));
            }
            None => into.push(Entry { key: name, place, node: self.node(value, path) }),
        }
        path.pop();
    }
}

fn scalar_text(scalar: &Scalar<'_>) -> Option<String> {
    match scalar {
        Scalar::Null => None,
        Scalar::Boolean(value) => Some(value.to_string()),
        Scalar::Integer(value) => Some(value.to_string()),
        Scalar::FloatingPoint(value) => Some(value.to_string()),
        Scalar::String(text) => Some(text.to_string()),
    }
}
