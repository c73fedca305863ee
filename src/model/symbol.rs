//! The name of an instrument, safe to be part of a file name.

use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

/// A Dukascopy code such as `EUR-USD` or `USA500.IDX-USD`. Cheap to clone.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Symbol(Arc<str>);

/// Why a text is no symbol.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "'{0}' is not a symbol: letters, digits, '.', '-' and '_' only, beginning with a letter or digit, at most 40 (for example EUR-USD)"
)]
pub struct NotASymbol(pub String);

impl Symbol {
    /// The name, as it stands in file names and requests.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for Symbol {
    type Err = NotASymbol;

    /// Reads a symbol; `/` is accepted and becomes `-`.
    fn from_str(text: &str) -> Result<Symbol, NotASymbol> {
        let name = text.trim().replace('/', "-");
        let legal = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_');
        let sound = name.len() <= 40
            && name.starts_with(|c: char| c.is_ascii_alphanumeric())
            && !name.contains("..")
            && name.chars().all(legal);
        if sound { Ok(Symbol(name.into())) } else { Err(NotASymbol(text.to_owned())) }
    }
}

impl fmt::Display for Symbol {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}
