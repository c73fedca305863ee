//! The effective configuration as YAML, each value with the file and line it comes from.

use super::keys::{DEFAULT_FILE, KEYS, ORIGINAL_ANYWHERE, Role};
use super::node::{Node, Place, Value};

/// The tree as a configuration file that means the same.
pub(super) fn show(tree: &Node) -> String {
    let mut text = String::new();
    mapping(tree, 0, &mut Vec::new(), &mut text);
    text
}

fn mapping(node: &Node, depth: usize, path: &mut Vec<String>, text: &mut String) {
    for entry in node.entries() {
        path.push(entry.key.clone());
        if !decides_nothing(path) {
            let lead = format!("{}{}:", "  ".repeat(depth), quoted(&entry.key));
            value(&lead, &entry.node, depth, path, text);
        }
        path.pop();
    }
}

fn value(lead: &str, node: &Node, depth: usize, path: &mut Vec<String>, text: &mut String) {
    match &node.value {
        Value::Map(entries) if !entries.is_empty() => {
            text.push_str(&format!("{lead}\n"));
            mapping(node, depth + 1, path, text);
        }
        Value::List(items)
            if items.iter().any(|item| matches!(item.value, Value::Map(_) | Value::List(_))) =>
        {
            text.push_str(&format!("{lead}\n"));
            for item in items {
                value(&format!("{}-", "  ".repeat(depth + 1)), item, depth + 1, path, text);
            }
        }
        _ => text.push_str(&format!("{lead} {}  # {}\n", flat(node), origin(&node.place))),
    }
}

/// A value on one line. Nested lists never get here, but would stay valid.
fn flat(node: &Node) -> String {
    match &node.value {
        Value::Null => "null".to_owned(),
        Value::Scalar(text) => quoted(text),
        Value::List(items) => format!("[{}]", items.iter().map(flat).collect::<Vec<_>>().join(", ")),
        Value::Map(_) => "{}".to_owned(),
    }
}

fn origin(place: &Place) -> String {
    if place.line == 0 && place.file.to_str() == Some(DEFAULT_FILE) {
        return DEFAULT_FILE.to_owned();
    }
    format!("{}:{}", place.file.display(), place.line)
}

/// Keys of the original with nothing to say here are left out: what is shown is what holds.
fn decides_nothing(path: &[String]) -> bool {
    let whole = path.join(".");
    let last = path.last().map_or("", String::as_str);
    KEYS.iter().any(|key| key.role == Role::Ignored && key.path == whole)
        || (path.len() <= 2 && ORIGINAL_ANYWHERE.contains(&last))
}

/// Text as a YAML scalar: bare where it can only be read as itself.
fn quoted(text: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '/' | '-' | '+');
    let begins = text.starts_with(|c: char| c.is_ascii_alphanumeric() || c == '/')
        || (text.starts_with('-') && text.len() > 1 && text[1..].starts_with(|c: char| c.is_ascii_digit()));
    let reserved = matches!(text.to_ascii_lowercase().as_str(), "null" | "~" | "");
    if begins && !reserved && text.chars().all(plain) {
        return text.to_owned();
    }
    if text.chars().any(|c| c.is_control() || c == '\u{2028}' || c == '\u{2029}') {
        let hex = |c: char| {
            if c.is_ascii_graphic() && c != '"' && c != '\\' {
                c.to_string()
            } else {
                format!("\\U{:08x}", c as u32)
            }
        };
        return format!("\"{}\"", text.chars().map(hex).collect::<String>());
    }
    format!("'{}'", text.replace('\'', "''"))
}
