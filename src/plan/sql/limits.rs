//! What a predicate says about time: limits by which rows are found before anything is read.

use polars::prelude::*;

const DAY_MS: i64 = 86_400_000;

/// From here to there, both inside, in milliseconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Span {
    from_ms: i64,
    to_ms: i64,
}

/// No row outside of these can fulfil a predicate; one inside of them may.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Limits {
    /// Of the column `time`.
    pub time: Span,
    /// Of the column `time_ms`.
    pub time_ms: Span,
}

/// A column that says when a bar is.
#[derive(Clone, Copy)]
enum Time {
    /// `time`, or its date.
    Label { is_date: bool },
    /// `time_ms`.
    Instant,
}

impl Span {
    const ALL: Span = Span { from_ms: i64::MIN, to_ms: i64::MAX };

    /// The beginning, and the end which is outside, moved by `late_ms`; `None` is without an end.
    pub(super) fn bounds(self, late_ms: i64) -> (Option<i64>, Option<i64>) {
        let until_ms = self.to_ms.saturating_add(late_ms.saturating_add(1));
        let end = |ms: i64| (ms != i64::MIN && ms != i64::MAX).then_some(ms);
        (end(self.from_ms), end(until_ms))
    }

    fn and(self, other: Span) -> Span {
        Span { from_ms: self.from_ms.max(other.from_ms), to_ms: self.to_ms.min(other.to_ms) }
    }

    fn or(self, other: Span) -> Span {
        Span { from_ms: self.from_ms.min(other.from_ms), to_ms: self.to_ms.max(other.to_ms) }
    }
}

impl Limits {
    const ALL: Limits = Limits { time: Span::ALL, time_ms: Span::ALL };

    /// The limits of a predicate; none where one row's answer depends on other rows.
    pub(super) fn of(predicate: &Expr) -> Limits {
        if predicate.into_iter().all(is_of_its_row) { Limits::within(predicate) } else { Limits::ALL }
    }

    fn within(predicate: &Expr) -> Limits {
        let Expr::BinaryExpr { left, op, right } = predicate else { return Limits::ALL };
        match op {
            Operator::And | Operator::LogicalAnd => {
                let (one, other) = (Limits::within(left), Limits::within(right));
                Limits { time: one.time.and(other.time), time_ms: one.time_ms.and(other.time_ms) }
            }
            Operator::Or | Operator::LogicalOr => {
                let (one, other) = (Limits::within(left), Limits::within(right));
                Limits { time: one.time.or(other.time), time_ms: one.time_ms.or(other.time_ms) }
            }
            _ => Limits::of_comparison(left, *op, right).unwrap_or(Limits::ALL),
        }
    }

    fn of_comparison(left: &Expr, op: Operator, right: &Expr) -> Option<Limits> {
        let (time, op, value) = match (time_column(left), time_column(right)) {
            (Some(time), None) => (time, op, right),
            (None, Some(time)) => (time, turned(op)?, left),
            _ => return None,
        };
        let (floor_ms, mut ceil_ms) = milliseconds(value)?;
        if let Time::Label { is_date: true } = time {
            ceil_ms = ceil_ms.saturating_add(DAY_MS);
        }
        let span = match op {
            Operator::Gt | Operator::GtEq => Span { from_ms: floor_ms, ..Span::ALL },
            Operator::Lt | Operator::LtEq => Span { to_ms: ceil_ms, ..Span::ALL },
            Operator::Eq | Operator::EqValidity => Span { from_ms: floor_ms, to_ms: ceil_ms },
            _ => return None,
        };
        Some(match time {
            Time::Label { .. } => Limits { time: span, ..Limits::ALL },
            Time::Instant => Limits { time_ms: span, ..Limits::ALL },
        })
    }
}

/// A comparison with its sides exchanged.
fn turned(op: Operator) -> Option<Operator> {
    Some(match op {
        Operator::Gt => Operator::Lt,
        Operator::GtEq => Operator::LtEq,
        Operator::Lt => Operator::Gt,
        Operator::LtEq => Operator::GtEq,
        Operator::Eq | Operator::EqValidity => op,
        _ => return None,
    })
}

/// The time a side of a comparison stands for, also in another unit or as a date.
fn time_column(expr: &Expr) -> Option<Time> {
    match expr {
        Expr::Column(name) if name == "time" => Some(Time::Label { is_date: false }),
        Expr::Column(name) if name == "time_ms" => Some(Time::Instant),
        Expr::Alias(inner, _) => time_column(inner),
        Expr::Cast { expr, dtype, .. } => match (time_column(expr)?, dtype.as_literal()?) {
            (Time::Label { is_date }, DataType::Datetime(_, None)) => Some(Time::Label { is_date }),
            (Time::Label { .. }, DataType::Date) => Some(Time::Label { is_date: true }),
            // Wide enough for any instant; a float's rounding is less than a millisecond.
            (Time::Instant, DataType::Int64 | DataType::UInt64 | DataType::Int128 | DataType::Float64) => {
                Some(Time::Instant)
            }
            _ => None,
        },
        _ => None,
    }
}

/// A value that is the same for all rows, in milliseconds, rounded down and up.
fn milliseconds(expr: &Expr) -> Option<(i64, i64)> {
    if expr.into_iter().any(|part| matches!(part, Expr::Column(_))) {
        return None;
    }
    let made = value_of(expr).inspect_err(|error| tracing::debug!(%error, %expr, "no limit of time")).ok()?;
    // As a series, for a column of one value gives it in another form.
    let value = made.as_materialized_series().get(0).ok()?;
    let whole = |value: i64, per_ms: i64| {
        let floor = value.div_euclid(per_ms);
        Some((floor, if value.rem_euclid(per_ms) == 0 { floor } else { floor.saturating_add(1) }))
    };
    match value {
        AnyValue::Datetime(value, TimeUnit::Milliseconds, None) => whole(value, 1),
        AnyValue::Datetime(value, TimeUnit::Microseconds, None) => whole(value, 1_000),
        AnyValue::Datetime(value, TimeUnit::Nanoseconds, None) => whole(value, 1_000_000),
        AnyValue::Date(day) => whole(i64::from(day).saturating_mul(DAY_MS), 1),
        AnyValue::Float64(value) if value.abs() < 9e15 => Some((value.floor() as i64, value.ceil() as i64)),
        AnyValue::Float32(value) if value.abs() < 9e15 => Some((value.floor() as i64, value.ceil() as i64)),
        value if value.is_integer() => whole(value.extract()?, 1),
        _ => None,
    }
}

fn value_of(expr: &Expr) -> PolarsResult<Column> {
    let one_row = DataFrame::new(1, vec![Column::new("row".into(), [0_i64])])?;
    let made = one_row.lazy().select([expr.clone().alias("value")]).collect()?;
    made.column("value").cloned()
}

/// Whether what a node says of a row depends on that row alone: only what is known to is let through.
fn is_of_its_row(part: &Expr) -> bool {
    use FunctionExpr as F;
    match part {
        Expr::Column(_) | Expr::Literal(_) | Expr::BinaryExpr { .. } => true,
        Expr::Alias(..) | Expr::Cast { .. } | Expr::Ternary { .. } => true,
        // The list of an IN.
        Expr::Agg(AggExpr::Implode { input, .. }) => matches!(&**input, Expr::Literal(_)),
        Expr::Function { function, .. } => match function {
            F::Boolean(kind) => is_test_of_a_row(kind),
            F::Abs | F::Negate | F::Pow(_) | F::Sign | F::Log | F::Log1p | F::Exp => true,
            F::Round { .. } | F::Floor | F::Ceil | F::Coalesce | F::MaxHorizontal | F::MinHorizontal => true,
            F::TemporalExpr(_) | F::StringExpr(_) => true,
            _ => false,
        },
        _ => false,
    }
}

fn is_test_of_a_row(kind: &BooleanFunction) -> bool {
    use BooleanFunction as B;
    matches!(
        kind,
        B::IsNull
            | B::IsNotNull
            | B::IsFinite
            | B::IsInfinite
            | B::IsNan
            | B::IsNotNan
            | B::Not
            | B::IsIn { .. }
    )
}
