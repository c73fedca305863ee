//! The user's own indicators in the order in which they can be computed.

use std::collections::BTreeSet;

use polars::prelude::*;

use super::PlanError;
use super::expression::Expression;
use super::programs;
use super::question::Desk;
use crate::indicators::{Ask, Graph, Source, WarmUp, with_indicators};
use crate::model::settings::{OwnIndicator, OwnProgram};
use crate::query::Select;

/// One indicator of the user's, which needs nothing but what earlier stages have made.
#[derive(Debug)]
pub(super) struct Stage {
    pub name: String,
    pub asks: Vec<Ask>,
    pub work: Work,
}

/// How it is computed.
#[derive(Debug)]
pub(super) enum Work {
    Expression(Box<Expression>),
    Program(OwnProgram),
}

/// The indicator of the user's that makes a column.
pub(super) fn name_of(column: &str) -> &str {
    column.split_once("__").map_or(column, |(name, _)| name)
}

/// The user's indicators that requests name, in the order in which they can be computed.
pub(super) fn stages(desk: &Desk<'_>, asks: &[Ask]) -> Result<Vec<Stage>, PlanError> {
    Ok(visited(desk, asks)?.stages)
}

/// Whether a program has a part in these requests, here or in another series.
pub(super) fn has_programs(desk: &Desk<'_>, asks: &[Ask]) -> Result<bool, PlanError> {
    let visits = visited(desk, asks)?;
    let own = |name: &String| desk.settings.indicators.get(name);
    Ok(visits.done.iter().any(|(name, _)| matches!(own(name), Some(OwnIndicator::Program(_)))))
}

fn visited<'a>(desk: &'a Desk<'a>, asks: &[Ask]) -> Result<Visits<'a>, PlanError> {
    let mut visits = Visits { desk, path: Vec::new(), done: BTreeSet::new(), stages: Vec::new() };
    for ask in asks {
        visits.all_of(&ask.source, ask.place.is_some())?;
    }
    Ok(visits)
}

struct Visits<'a> {
    desk: &'a Desk<'a>,
    path: Vec<String>,
    /// Names, and whether another series computes them.
    done: BTreeSet<(String, bool)>,
    stages: Vec<Stage>,
}

impl Visits<'_> {
    fn all_of(&mut self, source: &Source, elsewhere: bool) -> Result<(), PlanError> {
        match source {
            Source::User(column) => self.visit(name_of(column), elsewhere),
            Source::Elsewhere(ask) => self.all_of(&ask.source, true),
            Source::Call(call, _) => call.inputs.iter().try_for_each(|input| self.all_of(input, elsewhere)),
            Source::Field(_) => Ok(()),
        }
    }

    /// What other series compute is looked at for the sake of cycles only.
    fn visit(&mut self, name: &str, elsewhere: bool) -> Result<(), PlanError> {
        if self.path.iter().any(|above| above == name) {
            self.path.push(name.to_owned());
            return Err(PlanError::Cycle { path: self.path.join(" -> ") });
        }
        let Some(own) = self.desk.settings.indicators.get(name) else { return Ok(()) };
        if !self.done.insert((name.to_owned(), elsewhere)) {
            return Ok(());
        }
        self.path.push(name.to_owned());
        let (asks, work) = needs(self.desk, name, own)?;
        for ask in &asks {
            self.all_of(&ask.source, elsewhere || ask.place.is_some())?;
        }
        self.path.pop();
        if !elsewhere {
            self.stages.push(Stage { name: name.to_owned(), asks, work });
        }
        Ok(())
    }
}

/// The columns an indicator of the user's is made of.
fn needs(desk: &Desk<'_>, name: &str, own: &OwnIndicator) -> Result<(Vec<Ask>, Work), PlanError> {
    let wrong = |key| move |source| PlanError::Needs { name: name.to_owned(), key, source: Box::new(source) };
    match own {
        OwnIndicator::Expr { expr } => {
            let read = Expression::read(expr);
            let expression =
                read.map_err(|reason| PlanError::Expression { name: name.to_owned(), reason })?;
            let columns = expression.columns();
            let asks: Result<Vec<Option<Ask>>, PlanError> =
                columns.iter().map(|column| desk.column(column)).collect();
            let asks = asks.map_err(wrong("expr"))?.into_iter().flatten().collect();
            Ok((asks, Work::Expression(Box::new(expression))))
        }
        OwnIndicator::Program(program) => {
            let asks = desk.asks(&program.inputs.join(",")).map_err(wrong("inputs"))?;
            Ok((asks, Work::Program(program.clone())))
        }
    }
}

impl Stage {
    /// How far back its values reach.
    pub(super) fn reach(&self) -> WarmUp {
        let own = match &self.work {
            Work::Expression(expression) => expression.reach,
            Work::Program(program) => program.warm_up.map_or(WarmUp::History, WarmUp::Rows),
        };
        own.plus(Graph::new(&self.asks).reach())
    }

    /// Adds what it computes to a plan that has everything it needs.
    pub(super) fn add_to(&self, select: &Select, plan: LazyFrame) -> Result<LazyFrame, PlanError> {
        let graph = Graph::new(&self.asks);
        match &self.work {
            Work::Expression(expression) => {
                let value = expression.expr.clone().cast(DataType::Float64).alias(self.name.as_str());
                Ok(with_indicators(plan, graph).with_column(value))
            }
            Work::Program(program) => {
                let inputs: Vec<String> = graph.names().into_iter().map(str::to_owned).collect();
                let frame = with_indicators(plan, graph).collect()?;
                let answer = programs::answer(&self.name, program, select, &frame, &inputs);
                let columns = answer.map_err(|source| PlanError::Program {
                    name: self.name.clone(),
                    command: program.command.join(" "),
                    source,
                })?;
                Ok(frame.hstack(&columns)?.lazy())
            }
        }
    }
}
