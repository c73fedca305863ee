//! Of the queries all but frames and rows.

#[path = "../../../src/query/clock.rs"]
mod clock;
#[path = "../../../src/query/error.rs"]
mod error;
#[path = "../../../src/query/open.rs"]
mod open;
#[path = "../../../src/query/request.rs"]
mod request;
#[path = "../../../src/query/scan.rs"]
mod scan;
#[path = "../../../src/query/select.rs"]
mod select;

pub use crate::model::spelling::nearest;
pub use clock::{ClockChoice, OutputClock};
pub use error::QueryError;
pub use open::OpenedSeries;
pub use request::{Bound, Order, Range, Slice};
pub use scan::{Batch, Series};
pub use select::{Catalog, Select, parse_selects};
