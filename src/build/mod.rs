//! Slices of the lake as files and streams in the formats people use.
//! Comes in: selections, a slice, requests for indicators, a format and a place.
//! Goes out: rows on a writer, whole files beside which nothing half done lies, and what was written.
//! May touch: `model`, `disk`, `store`, `query`, `plan`, polars, threads; files only through the disk.
//! Never: prints, changes a byte of the lake, or leaves a file that is half old and half new.

mod format;

mod rows;

mod text;

mod cells;

mod table;

mod binary;

mod parquet;

mod arrow;

mod source;

mod append;

mod held;

mod unchanged;

mod vanished;

mod order;

mod target;

mod work;

mod error;

pub use append::{Next, begin_append};
pub use error::BuildError;
pub use format::{Compression, FORMATS, Format, FormatFacts};
pub use order::{Order, Place, check_compression, expand};
pub use rows::{Ended, Head, RowSink, hand_over, row_sink};
pub use source::{Extent, Piece, Source};
pub use target::{Target, targets};
pub use vanished::{Vanished, vanished};
pub use work::{Job, Written, notes};
