//! SQL over the lake: every series is a table, and what a query does not need of it is not read.
//! Comes in: the text of one SELECT, limits of time, requests for indicators. Goes out: one polars frame.
//! May touch: what `plan` may; the SQL itself is polars'.
//! Never: writes anything, reads a file that is no series of the lake, or takes a name for two things at once.

mod answer;

mod office;

mod table;

mod limits;

mod words;

mod error;

pub use answer::{SqlAnswer, SqlQuestion};
pub use error::SqlError;
