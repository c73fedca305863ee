//! Reading the lake: a slice of series in a clock of the reader's choice.
//! Comes in: select words, times as people write them, committed bars as they are mapped, open bars.
//! Goes out: batches of bars, polars frames of them, and rows as text on a writer.
//! May touch: model and store; it alone holds polars.
//! Never: prints, reads the clock, or changes a byte of the lake.

mod select;

mod request;

mod clock;

mod open;

mod adjusted;

mod scan;

mod deinterleave;

mod columns;

mod frame;

mod tables;

mod reader;

mod error;

pub use crate::model::spelling::nearest;
pub use adjusted::{BackAdjusted, check_calendar, read_calendar};
pub use clock::{ClockChoice, OutputClock};
pub use columns::{Columns, Field};
pub use error::QueryError;
pub use frame::{COLUMNS, frame};
pub use open::OpenedSeries;
pub use reader::{Reader, Rows, Selection};
pub use request::{Bound, Order, Range, Slice};
pub use scan::{Batch, Series};
pub use select::{Catalog, Select, parse_selects};
pub use tables::{BAR_COLUMNS, table_name, table_select};
