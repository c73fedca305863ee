//! Why a payload is not believed.

use crate::model::Day;

/// Why a payload is refused as a whole. The remedy is always the same: ask again, and set the bytes aside.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[allow(missing_docs)]
pub enum Refusal {
    /// Cut off, garbled, or something else than one JSON object.
    #[error("not a JSON object: {why} at byte {at}")]
    NotJson { why: &'static str, at: usize },
    #[error("field '{field}' is missing")]
    MissingField { field: &'static str },
    #[error("field '{field}' stands there twice")]
    DuplicateField { field: &'static str },
    #[error("field '{field}' is not {expected} (byte {at})")]
    WrongType { field: &'static str, expected: &'static str, at: usize },
    #[error("{field}[{index}] is not {expected}")]
    WrongElement { field: &'static str, index: usize, expected: &'static str },
    #[error("field '{field}' has more digits than can be kept exactly (18)")]
    TooManyDigits { field: &'static str },
    #[error("'{field}' has {len} values, 'times' has {times}")]
    LengthsDiffer { field: &'static str, len: usize, times: usize },
    #[error("base price '{field}' is null although there are {candles} candles")]
    NullBase { field: &'static str, candles: usize },
    #[error("'{field}' is not a finite number")]
    NotFinite { field: &'static str },
    #[error("{field}[{index}] is not a finite number")]
    ElementNotFinite { field: &'static str, index: usize },
    #[error("'{field}' is not positive")]
    NotPositive { field: &'static str },
    #[error("{count} candles; a day has 1440 minutes")]
    TooManyCandles { count: usize },
    #[error("times[{index}] goes back in time")]
    TimeGoesBack { index: usize },
    #[error("times[{index}] is in the same minute as the candle before it")]
    SharedMinute { index: usize },
    #[error("times[{index}] is outside {day}")]
    OutsideDay { index: usize, day: Day },
    #[error("times[{index}] is not on a minute")]
    OffMinute { index: usize },
    #[error("{field}[{index}] leads to a price beyond all bounds")]
    PriceOutOfBounds { field: &'static str, index: usize },
}
