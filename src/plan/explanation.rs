//! What an answer would take, for those who wonder why it takes so long.

use super::own::{Stage, Work};
use crate::indicators::{Step, WarmUp};
use crate::query::Select;

/// What has to be read and computed for a question.
#[derive(Clone, Debug)]
pub struct Explanation {
    /// Of which series.
    pub series: Select,
    /// Bars of the slice.
    pub rows: usize,
    /// Bars read before it, so that its values are those of the whole history.
    pub rows_before: usize,
    /// Bars there are in all.
    pub rows_held: usize,
    /// How far back the values reach.
    pub reach: WarmUp,
    /// The user's own indicators, in the order in which they are computed.
    pub own: Vec<OwnStep>,
    /// What is computed of other series first.
    pub others: Vec<Explanation>,
    /// Columns and indicators, each computed once.
    pub steps: Vec<Step>,
}

/// One indicator of the user's.
#[derive(Clone, Debug)]
pub struct OwnStep {
    /// Its name.
    pub name: String,
    /// The expression, or the command line.
    pub what: String,
    /// Whether it is a program.
    pub is_program: bool,
    /// What it is made of, besides the bars.
    pub inputs: Vec<String>,
    /// How far back its values reach.
    pub reach: WarmUp,
}

impl Stage {
    pub(super) fn explained(&self) -> OwnStep {
        let what = match &self.work {
            Work::Expression(expression) => expression.text.clone(),
            Work::Program(program) => program.command.join(" "),
        };
        OwnStep {
            name: self.name.clone(),
            what,
            is_program: matches!(self.work, Work::Program(_)),
            inputs: self.asks.iter().map(|ask| ask.text.clone()).collect(),
            reach: self.reach(),
        }
    }
}
