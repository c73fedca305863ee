//! Select words: `SYMBOL[:mod]/TF1[:mod],TF2[:mod]`.

use std::collections::BTreeSet;

use super::{QueryError, nearest};
use crate::model::rollover::Adjustment;
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
    /// How prices before a roll are brought to the level of those after it; `None`: they stay as they were traded.
    pub adjustment: Option<Adjustment>,
}

impl std::fmt::Display for Select {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}/{}", self.symbol, self.timeframe)?;
        if let Some(adjustment) = self.adjustment {
            write!(f, ":{adjustment}")?;
        }
        f.write_str(if self.skip_last { ":skiplast" } else { "" })
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
    let all = Modifiers::of(word, &symbol_mods)?;
    let one = |part: &str| {
        let (name, mods) = split_modifiers(part);
        let timeframe: Timeframe = name.parse().map_err(|error| refuse(format!("{error}")))?;
        let Modifiers { skip_last, adjustment } = all.and(word, Modifiers::of(word, &mods)?)?;
        Ok(Select { symbol: symbol.clone(), timeframe, skip_last, adjustment })
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

    /// Every series that can be asked for, without modifiers.
    pub fn selects(&self) -> impl Iterator<Item = Select> + '_ {
        let of = |symbol: &Symbol, timeframe| Select {
            symbol: symbol.clone(),
            timeframe,
            skip_last: false,
            adjustment: None,
        };
        let every =
            move |symbol| self.timeframes(symbol).into_iter().map(move |timeframe| of(symbol, timeframe));
        self.symbols.iter().flat_map(every)
    }

    /// The symbols that can be asked for.
    pub fn symbols(&self) -> impl Iterator<Item = &Symbol> + '_ {
        self.symbols.iter()
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

/// What follows the colons behind a symbol or a timeframe.
#[derive(Clone, Copy, Default)]
struct Modifiers {
    skip_last: bool,
    adjustment: Option<Adjustment>,
}

impl Modifiers {
    fn of(word: &str, written: &[&str]) -> Result<Modifiers, QueryError> {
        written.iter().try_fold(Modifiers::default(), |all, modifier| {
            let own = match (*modifier, modifier.parse()) {
                ("skiplast", _) => Modifiers { skip_last: true, adjustment: None },
                (_, Ok(adjustment)) => Modifiers { skip_last: false, adjustment: Some(adjustment) },
                _ => {
                    let modifier = (*modifier).to_owned();
                    return Err(QueryError::Modifier { word: word.to_owned(), modifier });
                }
            };
            all.and(word, own)
        })
    }

    /// Both together. Prices are adjusted in one way only.
    fn and(self, word: &str, other: Modifiers) -> Result<Modifiers, QueryError> {
        match (self.adjustment, other.adjustment) {
            (Some(one), Some(two)) if one != two => {
                let reason = format!(":{one} and :{two} contradict each other, keep one of them");
                Err(QueryError::Select { word: word.to_owned(), reason })
            }
            (one, two) => {
                Ok(Modifiers { skip_last: self.skip_last || other.skip_last, adjustment: one.or(two) })
            }
        }
    }
}
