//! Formats and compressions as arguments name them.

use std::path::Path;

use clap::builder::{PossibleValue, PossibleValuesParser, TypedValueParser};

use crate::build::{Compression, FORMATS, Format};

/// All formats.
pub(super) fn any() -> impl TypedValueParser<Value = Format> {
    named(|_| true)
}

/// Those that files are built in.
pub(super) fn of_files() -> impl TypedValueParser<Value = Format> {
    named(|format| format != Format::Table)
}

fn named(is_among: fn(Format) -> bool) -> impl TypedValueParser<Value = Format> {
    let names = FORMATS.iter().filter(|facts| is_among(facts.format));
    let names = names.map(|facts| PossibleValue::new(facts.name).help(facts.says));
    PossibleValuesParser::new(names).map(|name| Format::named(&name).expect("the table named it"))
}

/// Every way to compress.
pub(super) fn compressions() -> impl TypedValueParser<Value = Compression> {
    let known = |name: String| Compression::ALL.into_iter().find(|known| known.name() == name);
    PossibleValuesParser::new(Compression::ALL.map(Compression::name))
        .map(move |name| known(name).expect("the list named it"))
}

/// The format that was asked for, else that of the file's ending, else of `--json`, else a table.
pub(super) fn chosen(asked: Option<Format>, file: Option<&Path>, json: bool) -> Format {
    let by_name = || file.and_then(Format::of_path);
    asked.or_else(by_name).unwrap_or(if json { Format::Json } else { Format::Table })
}
