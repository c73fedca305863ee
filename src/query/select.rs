//! Select words: `SYMBOL[:mod]/TF1[:mod],TF2[:mod]`.

use std::collections::BTreeSet;

use super::{QueryError, nearest};
use crate::model::{Settings, Symbol, Timeframe};

/// One series to read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Select {
    /// Of this symbol.
    pub symbol: Symbol,
    /// In this timeframe.
    pub timeframe: Timeframe,
    /// Whether bars that may still change are left out.
    pub skip_last: bool,
}

impl std::fmt::Display for Select {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let modifier = if self.skip_last { ":skiplast" } else { "" };
        write!(f, "{}/{}{modifier}", self.symbol, self.timeframe)
    }
}

/// Reads one select word into the series it names, in the order written.
///
/// A symbol may be typed with slashes: the last slash is the one before the timeframes, because no timeframe has one.
pub fn parse_selects(word: &str) -> Result<Vec<Select>, QueryError> {
    let refuse = |reason: String| QueryError::Select { word: word.to_owned(), reason };
    let (left, right) =
        word.trim().rsplit_once('/').ok_or_else(|| refuse("a timeframe is missing".to_owned()))?;
    let (name, symbol_mods) = split_modifiers(left);
    let symbol: Symbol = name.parse().map_err(|error| refuse(format!("{error}")))?;
    let skip_all = skips_last(word, &symbol_mods)?;
    let one = |part: &str| {
        let (name, mods) = split_modifiers(part);
        let timeframe: Timeframe = name.parse().map_err(|error| refuse(format!("{error}")))?;
        Ok(Select { symbol: symbol.clone(), timeframe, skip_last: skips_last(word, &mods)? || skip_all })
    };
    right.split(',').map(one).collect()
}

/// The names that can be asked for.
pub struct Catalog<'a> {
    settings: &'a Settings,
    symbols: BTreeSet<Symbol>,
}

impl<'a> Catalog<'a> {
    /// A catalog of `symbols` (those of the lake and of the list) with the timeframes the settings give each.
    pub fn new(settings: &'a Settings, symbols: impl IntoIterator<Item = Symbol>) -> Catalog<'a> {
        Catalog { settings, symbols: symbols.into_iter().collect() }
    }

    /// Whether there is such a series; the error names the nearest ones there are.
    pub fn check(&self, select: &Select) -> Result<(), QueryError> {
        let symbol = &select.symbol;
        if !self.symbols.contains(symbol) {
            let nearest = nearest(symbol.as_str(), self.symbols.iter().map(Symbol::as_str));
            return Err(QueryError::UnknownSymbol { symbol: symbol.clone(), nearest });
        }
        let known = self.timeframes(symbol);
        if known.contains(&select.timeframe) {
            return Ok(());
        }
        Err(QueryError::UnknownTimeframe {
            symbol: symbol.clone(),
            timeframe: select.timeframe.clone(),
            nearest: nearest(select.timeframe.as_str(), known.iter().map(Timeframe::as_str)),
            known: known.iter().map(Timeframe::to_string).collect(),
        })
    }

    fn timeframes(&self, symbol: &Symbol) -> Vec<Timeframe> {
        let coarser = self.settings.timeframes_of(symbol).into_iter().map(|spec| spec.id.clone());
        std::iter::once(Timeframe::minute()).chain(coarser).collect()
    }
}

fn split_modifiers(text: &str) -> (&str, Vec<&str>) {
    let mut parts = text.split(':');
    let name = parts.next().unwrap_or_default();
    (name, parts.collect())
}

fn skips_last(word: &str, modifiers: &[&str]) -> Result<bool, QueryError> {
    for modifier in modifiers {
        match *modifier {
            "skiplast" => {}
            "panama" => return Err(QueryError::NotYet { word: word.to_owned() }),
            other => return Err(QueryError::Modifier { word: word.to_owned(), modifier: other.to_owned() }),
        }
    }
    Ok(!modifiers.is_empty())
}
