//! From a question to its frame: the bars of a slice with as many before it as the indicators need, the indicators,
//! and the slice again.
//! Comes in: a selection, a slice, requests for indicators. Goes out: one polars frame.
//! May touch: `model`, `store`, `query`, `indicators`, polars; processes and threads for the user's programs.
//! Never: shows a value before the bar it comes from was closed, or lets a value depend on where the slice begins.

mod question;

mod asks;

mod bars;

mod elsewhere;

mod own;

mod expression;

mod programs;

mod child;

mod explanation;

mod sql;

mod error;

pub use child::end_programs;
pub use error::{PlanError, ProgramError};
pub use explanation::{Explanation, OwnStep};
pub use question::{Answer, Desk, LONG_ROWS, Question};
pub use sql::{SqlAnswer, SqlError, SqlQuestion};
