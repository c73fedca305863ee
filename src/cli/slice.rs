//! Which bars, in which clock, with which indicators: what `query` and `build` ask alike.

use std::path::PathBuf;

use super::exit::Failure;
use super::{formats, requests};
use crate::build::Compression;
use crate::disk::Disk;
use crate::query::{Bound, ClockChoice, Range};

#[derive(clap::Args, Debug)]
pub(super) struct SliceArgs {
    /// From here on: 'YYYY-MM-DD[ HH:MM[:SS]]' of the output clock, RFC 3339, or epoch milliseconds
    #[arg(long, value_name = "T", allow_negative_numbers = true)]
    pub after: Option<Bound>,
    /// Up to here, not included
    #[arg(long, value_name = "T", allow_negative_numbers = true)]
    pub until: Option<Bound>,
    /// Leaves out bars that may still change
    #[arg(long)]
    pub closed: bool,
    /// The output clock: server, utc, exchange or an IANA time zone
    #[arg(long, value_name = "CLOCK", default_value = "server")]
    pub tz: ClockChoice,
    /// Indicators, with commas between them; may be given several times
    #[arg(long, short, value_name = "REQUESTS")]
    pub indicators: Vec<String>,
    /// Indicators out of a file (- is stdin): with commas or line breaks between them, comments after #
    #[arg(long, value_name = "FILE")]
    pub indicators_from: Vec<PathBuf>,
    /// How Parquet and Arrow are compressed [default: zstd for Parquet, none for Arrow]
    #[arg(long, value_name = "HOW", value_parser = formats::compressions())]
    pub compression: Option<Compression>,
}

impl SliceArgs {
    pub(super) fn range(&self) -> Range {
        Range { after: self.after, until: self.until }
    }

    /// The indicators typed and those in files, with commas between them.
    pub(super) fn requests(&self, disk: &dyn Disk) -> Result<String, Failure> {
        requests::all(&self.indicators, &self.indicators_from, disk)
    }
}
