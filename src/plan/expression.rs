//! The user's expressions: SQL over columns, and how far back each of them looks. What looks ahead is refused.

use polars::prelude::*;
use polars::sql::sql_expr;

use crate::indicators::WarmUp;

/// An expression that never looks at a later row.
#[derive(Clone, Debug)]
pub(super) struct Expression {
    /// As written.
    pub text: String,
    pub expr: Expr,
    /// How far back it looks, what its columns need not counted.
    pub reach: WarmUp,
}

/// What may be written, for those who wrote something else.
const FUNCTIONS: &str = "+ - * / %, comparisons, AND OR NOT, BETWEEN, IN, IS NULL, CASE, CAST, COALESCE, NULLIF, IF, \
     GREATEST, LEAST, ABS, SIGN, ROUND, TRUNC, FLOOR, CEIL, SQRT, CBRT, POW, EXP, LN, LOG, LOG2, LOG10, LOG1P, DIV, \
     MOD, PI and the trigonometric functions; LAG(x, n), FIRST_VALUE(x), ROW_NUMBER() and SUM, MIN, MAX or COUNT of x \
     OVER (ORDER BY time_ms)";

impl Expression {
    /// Reads an expression; the reason why it cannot be taken otherwise.
    pub(super) fn read(text: &str) -> Result<Expression, String> {
        let expr = sql_expr(text).map_err(|error| match error.to_string() {
            said if said.contains("unsupported function") => format!("{said}; there are {FUNCTIONS}"),
            said => said,
        })?;
        let reach = look_back(&expr)?;
        Ok(Expression { text: text.to_owned(), expr, reach })
    }

    /// The columns it names, each once.
    pub(super) fn columns(&self) -> Vec<String> {
        let mut names: Vec<String> = Vec::new();
        for part in &self.expr {
            if let Expr::Column(name) = part
                && !names.iter().any(|known| known == name.as_str())
            {
                names.push(name.to_string());
            }
        }
        names
    }
}

/// How far back a value looks: only what is known to look at its own row or back is let through.
fn look_back(expr: &Expr) -> Result<WarmUp, String> {
    let all = |parts: &[&Expr]| -> Result<WarmUp, String> {
        let mut reach = WarmUp::Rows(0);
        for part in parts {
            reach = reach.max(look_back(part)?);
        }
        Ok(reach)
    };
    match expr {
        Expr::Column(_) | Expr::Literal(_) => Ok(WarmUp::Rows(0)),
        Expr::Alias(inner, _) | Expr::Cast { expr: inner, .. } => look_back(inner),
        Expr::BinaryExpr { left, right, .. } => all(&[left, right]),
        Expr::Ternary { predicate, truthy, falsy } => all(&[predicate, truthy, falsy]),
        Expr::Function { input, function } => {
            let own = of_function(function, input)?;
            // Bounds of a count are no columns.
            let columns: &[Expr] = if matches!(function, FunctionExpr::Range(_)) { &[] } else { input };
            Ok(own.plus(all(&columns.iter().collect::<Vec<_>>())?))
        }
        Expr::Agg(AggExpr::First(inner)) => Ok(WarmUp::History.plus(look_back(inner)?)),
        // The list of an IN.
        Expr::Agg(AggExpr::Implode { input, .. }) if names_nothing(input) => Ok(WarmUp::Rows(0)),
        Expr::Agg(_) | Expr::Len => Err(format!(
            "{expr} is made of all rows, later ones too; write an indicator (sma_20, max_20, sum_20), or SUM, MIN, \
             MAX or COUNT of x OVER (ORDER BY time_ms)"
        )),
        Expr::Over { function, partition_by, order_by, .. } => {
            if let Some((by, options)) = order_by {
                in_time_order(by, options.descending)?;
            }
            let reach = look_back(function)?;
            all(&partition_by.iter().collect::<Vec<_>>())?;
            // The row before in the same part may be anywhere; a part that is the same for all rows is none.
            Ok(if partition_by.iter().all(names_nothing) { reach } else { WarmUp::History })
        }
        other => Err(format!("{other} has no place in an indicator; there are {FUNCTIONS}")),
    }
}

fn names_nothing(expr: &Expr) -> bool {
    expr.into_iter().all(|part| !matches!(part, Expr::Column(_) | Expr::Selector(_)))
}

fn in_time_order(by: &Expr, descending: bool) -> Result<(), String> {
    match by {
        Expr::Column(name) if matches!(name.as_str(), "time_ms" | "server_time_ms") && !descending => Ok(()),
        _ => Err(format!(
            "ORDER BY {by}{} would let a value see later bars: write OVER (ORDER BY time_ms)",
            if descending { " DESC" } else { "" }
        )),
    }
}

/// How far a function itself looks.
fn of_function(function: &FunctionExpr, input: &[Expr]) -> Result<WarmUp, String> {
    use FunctionExpr as F;
    match function {
        F::Boolean(kind) => of_test(kind),
        F::Abs | F::Negate | F::Pow(_) | F::Sign | F::Trigonometry(_) | F::Atan2 => Ok(WarmUp::Rows(0)),
        F::Log | F::Log1p | F::Exp => Ok(WarmUp::Rows(0)),
        F::Round { .. } | F::RoundSF { .. } | F::Truncate { .. } | F::Floor | F::Ceil | F::Clip { .. } => {
            Ok(WarmUp::Rows(0))
        }
        F::FillNull | F::Coalesce | F::MaxHorizontal | F::MinHorizontal => Ok(WarmUp::Rows(0)),
        F::TemporalExpr(_) => Ok(WarmUp::Rows(0)),
        F::Shift => match input.get(1).and_then(whole_number) {
            Some(rows @ 0..) => Ok(WarmUp::Rows(rows as usize)),
            _ => Err("LEAD looks at later bars, which nobody knows yet: LAG looks back".to_owned()),
        },
        F::CumSum { reverse: false }
        | F::CumMin { reverse: false }
        | F::CumMax { reverse: false }
        | F::CumCount { reverse: false }
        | F::FillNullWithStrategy(FillNullStrategy::Forward(_))
        | F::Range(_) => Ok(WarmUp::History),
        other => Err(format!("{other} has no place in an indicator; there are {FUNCTIONS}")),
    }
}

fn of_test(kind: &BooleanFunction) -> Result<WarmUp, String> {
    use BooleanFunction as B;
    match kind {
        B::IsNull | B::IsNotNull | B::IsFinite | B::IsInfinite | B::IsNan | B::IsNotNan | B::Not => {
            Ok(WarmUp::Rows(0))
        }
        B::IsIn { .. } | B::AllHorizontal | B::AnyHorizontal => Ok(WarmUp::Rows(0)),
        other => Err(format!("{other} is made of all rows, later ones too")),
    }
}

fn whole_number(expr: &Expr) -> Option<i64> {
    match expr {
        Expr::Literal(value) => value.to_any_value().and_then(|value| value.extract()),
        Expr::Cast { expr, .. } => whole_number(expr),
        _ => None,
    }
}
