use crate::indicators::IndicatorError;
use crate::model::cascade::NoOrder;
use crate::query::QueryError;
use crate::store::StoreError;

/// Why a question has no answer.
#[derive(Debug, thiserror::Error)]
pub enum PlanError {
    /// The lake said no.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The selection, a time or a name is wrong.
    #[error(transparent)]
    Query(#[from] QueryError),
    /// The timeframes cannot be put in order.
    #[error(transparent)]
    Order(#[from] NoOrder),
    /// A request for an indicator is wrong.
    #[error(transparent)]
    Indicator(#[from] IndicatorError),
    /// What follows the @ is no series.
    #[error("indicator '{text}': after the @ comes a timeframe, a symbol, or SYMBOL/TIMEFRAME")]
    Place {
        /// As typed.
        text: String,
    },
    /// One of the user's expressions cannot be read.
    #[error(
        "indicators.{name}.expr: {reason}; it is an SQL expression over columns, such as \"(close - sma_20) / atr_14\""
    )]
    Expression {
        /// Of which indicator.
        name: String,
        /// What the reader of expressions says.
        reason: String,
    },
    /// Indicators of the user's that are made of each other.
    #[error("indicators of the configuration are made of each other: {path}")]
    Cycle {
        /// The way round.
        path: String,
    },
    /// Series of series of series.
    #[error("{select}: requests of other symbols and timeframes are nested too deeply")]
    TooDeep {
        /// Where it was given up.
        select: String,
    },
    /// The frame library refused.
    #[error("the indicators cannot be computed")]
    Frame(#[from] polars::prelude::PolarsError),
}
