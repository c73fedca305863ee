//! Indicators over bars: what traders compute, by the names they know.
//! Comes in: requests such as `macd_12_26_9`, columns of bars. Goes out: columns, as one polars plan.
//! May touch: `model`, threads, polars in `frame.rs`.
//! Never: reads the lake, looks at a bar later than the row it computes (unless its entry says so), or keeps state.

mod spec;

mod entry;

mod catalog;

mod graph;

mod describe;

mod compute;

mod unwritten;

mod frame;

mod kernels;

mod prices;

mod trend;

mod momentum;

mod volatility;

mod volume;

mod statistics;

mod patterns;

mod cycles;

mod error;

pub use catalog::{catalog, find};
pub use compute::{Bars, Column, Made, compute};
pub use describe::Step;
pub use entry::{Args, Field, Group, Indicator, Input, Param, Reach, Shown, Values, WarmUp};
pub use error::IndicatorError;
pub use frame::{plain_fields, with_indicators};
pub use graph::Graph;
pub use spec::{Ask, Call, Place, Source, UserNames, example, parse_asks};
