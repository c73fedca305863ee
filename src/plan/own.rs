//! The user's own indicators: expressions over columns, and programs.

use std::collections::BTreeSet;

use polars::prelude::*;
use polars::sql::sql_expr;

use super::PlanError;
use super::question::Desk;
use crate::indicators::{Ask, Field, Graph, Source, WarmUp, with_indicators};
use crate::model::settings::OwnIndicator;

/// Indicators of the user's that need nothing but what earlier stages have made.
#[derive(Debug)]
pub(super) struct Stage {
    asks: Vec<Ask>,
    own: Vec<(String, OwnIndicator)>,
}

/// The user's indicators that requests name, in the order in which they can be computed.
pub(super) fn stages(desk: &Desk<'_>, asks: &[Ask]) -> Result<Vec<Stage>, PlanError> {
    let mut stages = Vec::new();
    let mut done = BTreeSet::new();
    for name in asks.iter().flat_map(|ask| names_in(&ask.source, ask.place.is_some())) {
        visit(desk, &name, &mut Vec::new(), &mut done, &mut stages)?;
    }
    Ok(stages)
}

fn visit(
    desk: &Desk<'_>,
    name: &str,
    path: &mut Vec<String>,
    done: &mut BTreeSet<String>,
    stages: &mut Vec<Stage>,
) -> Result<(), PlanError> {
    if done.contains(name) {
        return Ok(());
    }
    if path.iter().any(|above| above == name) {
        path.push(name.to_owned());
        return Err(PlanError::Cycle { path: path.join(" -> ") });
    }
    let Some(own) = desk.settings.indicators.get(name) else { return Ok(()) };
    path.push(name.to_owned());
    let asks = needs(desk, name, own)?;
    for below in asks.iter().flat_map(|ask| names_in(&ask.source, ask.place.is_some())) {
        visit(desk, &below, path, done, stages)?;
    }
    path.pop();
    done.insert(name.to_owned());
    stages.push(Stage { asks, own: vec![(name.to_owned(), own.clone())] });
    Ok(())
}

/// The columns an indicator of the user's is made of.
fn needs(desk: &Desk<'_>, name: &str, own: &OwnIndicator) -> Result<Vec<Ask>, PlanError> {
    match own {
        OwnIndicator::Expr { expr } => {
            let parsed = parsed(name, expr)?;
            let mut asks = Vec::new();
            for column in columns_in(&parsed) {
                if Field::named(&column).is_none() {
                    asks.extend(desk.asks(&column)?);
                }
            }
            Ok(asks)
        }
    }
}

/// Whether a part of an expression depends on other rows than its own.
fn is_of_many_rows(part: &Expr) -> bool {
    matches!(
        part,
        Expr::Agg(_) | Expr::Over { .. } | Expr::Slice { .. } | Expr::Sort { .. } | Expr::Function { .. }
    )
}

fn parsed(name: &str, expr: &str) -> Result<Expr, PlanError> {
    sql_expr(expr).map_err(|error| PlanError::Expression { name: name.to_owned(), reason: error.to_string() })
}

fn columns_in(expr: &Expr) -> Vec<String> {
    let mut names: Vec<String> = Vec::new();
    for part in expr {
        if let Expr::Column(name) = part
            && !names.iter().any(|known| known == name.as_str())
        {
            names.push(name.to_string());
        }
    }
    names
}

fn names_in(source: &Source, elsewhere: bool) -> Vec<String> {
    match source {
        // What another series needs is found there.
        _ if elsewhere => Vec::new(),
        Source::User(name) => vec![name.clone()],
        Source::Call(call, _) => call.inputs.iter().flat_map(|input| names_in(input, false)).collect(),
        Source::Field(_) | Source::Elsewhere(_) => Vec::new(),
    }
}

impl Stage {
    pub(super) fn asks(&self) -> &[Ask] {
        &self.asks
    }

    /// How far back its values reach. What an expression itself looks back at is not known: it has all the history.
    pub(super) fn reach(&self) -> WarmUp {
        // A function that looks at other rows of its own accord (LAG, SUM OVER) needs them all.
        let looks_around = |(_, own): &(String, OwnIndicator)| {
            let OwnIndicator::Expr { expr } = own;
            sql_expr(expr).is_ok_and(|parsed| (&parsed).into_iter().any(is_of_many_rows))
        };
        if self.own.iter().any(looks_around) { WarmUp::History } else { Graph::new(&self.asks).reach() }
    }

    pub(super) fn add_to(&self, plan: LazyFrame) -> Result<LazyFrame, PlanError> {
        let mut plan = with_indicators(plan, Graph::new(&self.asks));
        for (name, own) in &self.own {
            let OwnIndicator::Expr { expr } = own;
            plan = plan.with_column(parsed(name, expr)?.cast(DataType::Float64).alias(name.as_str()));
        }
        Ok(plan)
    }
}
