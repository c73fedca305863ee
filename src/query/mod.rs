//! Reading the lake: a slice of series in a clock of the reader's choice.
//! Comes in: select words, times as people write them. Goes out: batches of bars, and rows as text.
//! May touch: `model` and `store`; it alone holds polars.
//! Never: prints, reads the clock, or changes a byte of the lake.

mod open;
pub use open::OpenedSeries;
