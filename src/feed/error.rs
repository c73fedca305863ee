//! What can go wrong between the question and a usable answer, by what may be done about it.

use std::fmt;
use std::time::Duration;

use crate::model::{Day, Symbol};

/// What was asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Asked {
    /// The symbol, unless all instruments were asked for.
    pub symbol: Option<Symbol>,
    /// The UTC day, when candles were asked for.
    pub day: Option<Day>,
    /// The address.
    pub url: String,
}

/// Why there is no usable answer.
///
/// [`FeedError::is_passing`] tells those that another attempt may cure from those it cannot.
#[derive(Debug, Clone, thiserror::Error)]
pub enum FeedError {
    /// Ask again later: nobody took the connection.
    #[error("{asked}: no connection: {reason}")]
    Unreachable {
        /// The question.
        asked: Asked,
        /// What the network said.
        reason: String,
    },
    /// Ask again: the whole answer was not there in time.
    #[error("{asked}: no answer within {} s", limit.as_secs_f64())]
    TimedOut {
        /// The question.
        asked: Asked,
        /// The time it was given.
        limit: Duration,
    },
    /// Ask again: the connection broke before or inside the answer.
    #[error("{asked}: the answer was cut short: {reason}")]
    CutShort {
        /// The question.
        asked: Asked,
        /// What the network said.
        reason: String,
    },
    /// Ask again, not before `retry_after` where the feed named it: 400 (it throttles with that), 408, 425, 429, 5xx.
    #[error("{asked}: status {status}")]
    Busy {
        /// The question.
        asked: Asked,
        /// The HTTP status.
        status: u16,
        /// How long the feed wants to be left alone.
        retry_after: Option<Duration>,
    },
    /// Ask again: an answer came, but it is no payload for this question.
    #[error("{asked}: refused: {reason}")]
    Refused {
        /// The question.
        asked: Asked,
        /// Which rule it broke.
        reason: String,
    },
    /// Give up: 404, an unknown symbol or a date out of its range.
    #[error("{asked}: the feed does not know it (404)")]
    NotFound {
        /// The question.
        asked: Asked,
    },
    /// Give up: any other status.
    #[error("{asked}: the feed declined with status {status}")]
    Declined {
        /// The question.
        asked: Asked,
        /// The HTTP status.
        status: u16,
    },
    /// Give up: an answer that long is no answer to this question.
    #[error("{asked}: the answer is longer than {limit_bytes} bytes")]
    TooLarge {
        /// The question.
        asked: Asked,
        /// The longest accepted, after decompression.
        limit_bytes: usize,
    },
    /// Correct the configuration: the address is none, or no client can be made for it.
    #[error("cannot ask '{base_url}': {reason}")]
    Unusable {
        /// The address as configured.
        base_url: String,
        /// What is wrong.
        reason: String,
    },
}

impl FeedError {
    /// Whether another attempt may cure it.
    pub fn is_passing(&self) -> bool {
        match self {
            FeedError::Unreachable { .. }
            | FeedError::TimedOut { .. }
            | FeedError::CutShort { .. }
            | FeedError::Busy { .. }
            | FeedError::Refused { .. } => true,
            FeedError::NotFound { .. }
            | FeedError::Declined { .. }
            | FeedError::TooLarge { .. }
            | FeedError::Unusable { .. } => false,
        }
    }

    /// How long the feed wants to be left alone, where it said so.
    pub fn retry_after(&self) -> Option<Duration> {
        match self {
            FeedError::Busy { retry_after, .. } => *retry_after,
            _ => None,
        }
    }

    /// The error of a status that is not 200.
    pub fn of_status(asked: Asked, status: u16, retry_after: Option<Duration>) -> FeedError {
        match status {
            400 | 408 | 425 | 429 | 500..=599 => FeedError::Busy { asked, status, retry_after },
            404 => FeedError::NotFound { asked },
            _ => FeedError::Declined { asked, status },
        }
    }
}

impl fmt::Display for Asked {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(symbol) = &self.symbol {
            write!(f, "{symbol} ")?;
        }
        if let Some(day) = self.day {
            write!(f, "{day} ")?;
        }
        write!(f, "({})", self.url)
    }
}
