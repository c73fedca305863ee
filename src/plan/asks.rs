//! Requests as people write them: names of the catalogue, of the bars' columns, and of the user's own indicators.

use std::collections::BTreeSet;

use super::question::Desk;
use super::{PlanError, own};
use crate::indicators::{Ask, Field, IndicatorError, Source, catalog, parse_asks};
use crate::model::settings::OwnIndicator;
use crate::model::spelling::nearest;

/// The columns that frames of bars have of themselves.
pub(super) const OF_BARS: [&str; 7] = ["open", "high", "low", "close", "volume", "time_ms", "server_time_ms"];

impl Desk<'_> {
    /// Reads requests with commas between them; what is asked for twice comes once.
    ///
    /// # Errors
    /// [`PlanError::Indicator`], with the nearest names, the range or an example.
    pub fn asks(&self, text: &str) -> Result<Vec<Ask>, PlanError> {
        let parsed = parse_asks(text, &|name| self.is_own(name)).map_err(|error| self.with_nearest(error))?;
        let mut seen = BTreeSet::new();
        let asks = parsed.into_iter().flat_map(|ask| self.expanded(ask));
        Ok(asks.filter(|ask| seen.insert((ask.text.clone(), ask.one_output))).collect())
    }

    /// Whether everything that an indicator of the user's is made of can be found.
    ///
    /// # Errors
    /// As an answer would have.
    pub fn check_own(&self, name: &str) -> Result<(), PlanError> {
        own::stages(self, &self.asks(name)?).map(|_| ())
    }

    /// Whether an answer to these requests would start a program.
    ///
    /// # Errors
    /// As an answer would have.
    pub fn has_programs(&self, asks: &[Ask]) -> Result<bool, PlanError> {
        own::has_programs(self, asks)
    }

    /// The request of one column, under the text it is called by; `None` when bars have it of themselves. Of several
    /// outputs it is the first, as in a source.
    pub(super) fn column(&self, text: &str) -> Result<Option<Ask>, PlanError> {
        if OF_BARS.contains(&text) {
            return Ok(None);
        }
        let parsed = parse_asks(text, &|name| self.is_own(name)).map_err(|error| self.with_nearest(error))?;
        let [ask] = &parsed[..] else {
            let reason = format!("'{text}' is {} requests where one column is wanted", parsed.len());
            let example = "\"sma(source=rsi_14, period=9)\"".to_owned();
            return Err(IndicatorError::Syntax { text: text.to_owned(), reason, example }.into());
        };
        let mut ask = Ask { one_output: true, ..ask.clone() };
        self.name_columns(&mut ask.source);
        Ok(Some(ask))
    }

    /// The names of the columns that an indicator of the user's makes.
    pub(super) fn columns_of(&self, name: &str) -> Vec<String> {
        match self.settings.indicators.get(name) {
            Some(OwnIndicator::Program(program)) if !program.columns.is_empty() => {
                program.columns.iter().map(|column| format!("{name}__{column}")).collect()
            }
            _ => vec![name.to_owned()],
        }
    }

    fn is_own(&self, name: &str) -> bool {
        let own = own::name_of(name);
        self.settings.indicators.contains_key(own)
            && (own == name || self.columns_of(own).iter().any(|column| column == name))
    }

    /// A program of several columns as one request for each of them.
    fn expanded(&self, mut ask: Ask) -> Vec<Ask> {
        if let Source::User(name) = &ask.source
            && let columns = self.columns_of(name)
            && columns[0] != *name
            && self.settings.indicators.contains_key(name)
        {
            let one = |column: String| {
                let sub = &column[name.len()..];
                Ask {
                    text: format!("{}{sub}", ask.text),
                    source: Source::User(column.clone()),
                    ..ask.clone()
                }
            };
            return columns.into_iter().map(one).collect();
        }
        self.name_columns(&mut ask.source);
        vec![ask]
    }

    /// Where one column is wanted, a program of several stands for its first.
    fn name_columns(&self, source: &mut Source) {
        match source {
            Source::User(name) if self.settings.indicators.contains_key(name) => {
                *name = self.columns_of(name).swap_remove(0);
            }
            Source::Elsewhere(ask) => self.name_columns(&mut ask.source),
            Source::Call(call, _) => call.inputs.iter_mut().for_each(|input| self.name_columns(input)),
            Source::Field(_) | Source::User(_) => {}
        }
    }

    /// The nearest names may be the user's own, or of the bars.
    fn with_nearest(&self, error: IndicatorError) -> PlanError {
        let IndicatorError::Unknown { name, .. } = error else { return error.into() };
        let own = self.settings.indicators.keys().flat_map(|own| {
            std::iter::once(own.clone()).chain(self.columns_of(own)).collect::<BTreeSet<String>>()
        });
        let own: Vec<String> = own.collect();
        let of_catalog = catalog().iter().flat_map(|entry| entry.aliases.iter().copied().chain([entry.name]));
        let fields = Field::NAMED.iter().map(|(name, _)| *name);
        let known: Vec<&str> = of_catalog.chain(fields).chain(own.iter().map(String::as_str)).collect();
        // What is typed usually has arguments, and names have none.
        let bare = name.trim_end_matches(|c: char| c.is_ascii_digit() || matches!(c, '_' | '.' | '-'));
        let near = nearest(bare, known);
        IndicatorError::Unknown { name, nearest: near }.into()
    }
}
