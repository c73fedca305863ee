//! The indicators section: the user's own, by name.

use std::collections::BTreeMap;

use crate::model::settings::OwnIndicator;

use super::error::Fault;
use super::reader::Section;

pub(super) fn own(section: &Section<'_>) -> BTreeMap<String, OwnIndicator> {
    let entries = section.sections().into_iter();
    entries.filter_map(|(entry, own)| Some((name(section, &entry.key)?, indicator(&own)?))).collect()
}

/// A request is read by its underscores and brackets, so a name has letters, digits and single underscores only.
fn name(section: &Section<'_>, key: &str) -> Option<String> {
    let plain = key.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
    let begins = key.bytes().next().is_some_and(|byte| byte.is_ascii_alphabetic());
    if plain && begins && !key.contains("__") {
        return Some(key.to_owned());
    }
    let reason = format!("'{key}' is no name of an indicator");
    section
        .problem(key, Fault::new(reason, "begin with a letter; then letters, digits and single underscores"));
    None
}

fn indicator(section: &Section<'_>) -> Option<OwnIndicator> {
    let read = |text: &str| match text.trim() {
        "" => {
            Err(Fault::new("the expression is empty", "write an SQL expression such as \"close - sma_20\""))
        }
        expr => Ok(OwnIndicator::Expr { expr: expr.to_owned() }),
    };
    let expr = section.value("expr", read);
    if section.field("expr").is_none() {
        section.problem("expr", Fault::new("an expression is missing", "write expr: \"close - sma_20\""));
    }
    expr
}
