//! The text beside each series: `SYMBOL.csv`, for those who read no records.
//! Comes in: a committed series. Goes out: its bars as lines, and a claim that says how many of them are true.
//! May touch: files, through `disk` only.
//! Never: holds up a series, or decides whether there is to be a text at all.

mod claim;
pub use claim::{CLAIM_MAGIC, CLAIM_SIZE, CLAIM_VERSION, CsvClaim};

mod keep;
pub use keep::CsvState;

mod prefix;

mod compare;
