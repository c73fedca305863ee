//! What was found, how much it weighs, and where.

use std::path::PathBuf;

use crate::model::{Day, Symbol, Timeframe};

/// One thing that is not as it should be.
#[derive(Clone, Debug, PartialEq)]
pub struct Finding {
    /// What.
    pub wrong: Wrong,
    /// The file it is about.
    pub path: PathBuf,
    /// Whose file, where it is someone's.
    pub symbol: Option<Symbol>,
    /// Of which timeframe, where it is a series.
    pub timeframe: Option<Timeframe>,
    /// The day, where the file is a day's.
    pub day: Option<Day>,
    /// Where in the file, where it is about records.
    pub records: Option<Place>,
}

/// Records in a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place {
    /// Index of the first, counted from 0.
    pub first: u64,
    /// How many.
    pub count: u64,
    /// The server's clock at the first one, in milliseconds of that clock; at the one before it when its own time cannot
    /// be believed.
    pub server_ms: Option<i64>,
}

/// How much a finding weighs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Weight {
    /// Worth knowing; the next run sees to it, or nothing has to be done.
    Remark,
    /// Nothing is known to be wrong, but it could not be proven.
    Unproven,
    /// Something is wrong.
    Damage,
}

/// What can be wrong.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[allow(missing_docs)] // Each variant is said in words just above it.
pub enum Wrong {
    #[error("the commit record cannot be believed: {0}")]
    Record(String),
    #[error("the commit record claims what cannot be: {0}")]
    Claim(String),
    #[error("it holds bars and has no commit record, and days of them have no payload in the cache")]
    NoRecord,
    #[error("the checksum of the record is wrong")]
    Checksum,
    #[error("its time is not after that of the record before it")]
    Order,
    #[error("its label is not on a minute")]
    Label,
    #[error("its server offset is {found} s and the server's clock says {expected} s")]
    Offset { found: i32, expected: i32 },
    #[error("its count is not 1")]
    Count,
    #[error("it has flags that do not exist")]
    Flags,
    #[error("its prices or its volume break a hard rule, and it is not flagged")]
    Rules,
    #[error("it is not what {0} folds into")]
    NotItsSource(Timeframe),
    #[error("its 1m bars are not those of its payload")]
    NotItsPayload,
    #[error("the payload in the cache cannot be used: {0}")]
    Payload(String),
    #[error("the instrument's description cannot be read: {0}")]
    Instrument(String),
    #[error("the decision to release the refused bars of this day cannot be read")]
    Released,
    #[error("its bytes are not those that were written")]
    Changed,
    #[error("its file time is not the moment it was asked for")]
    Moved,
    #[error("its seal is damaged")]
    Seal,
    #[error("it is not what is refused of its day now")]
    Refused,
    #[error("it does not show the bars of its series")]
    NotItsSeries,

    #[error("unsealed: written without a checksum, as other tools do")]
    Foreign,
    #[error("it has no seal that could prove it")]
    Unsealed,
    #[error("made by another configuration, so only its checksums and its order were looked at")]
    Stale,
    #[error(
        "the configuration does not have this series, so only its checksums and its order were looked at"
    )]
    Unconfigured,
    #[error("not compared with {0}, which is itself not proven")]
    SourceUnproven(Timeframe),

    #[error("behind its source: {0}; the next run goes on")]
    Behind(String),
    #[error("{0} bytes of an interrupted run lie behind the committed ones")]
    Garbage(u64),
    #[error("bars of a first run that did not get to its first commit")]
    Uncommitted,
    #[error("left over by an interrupted run")]
    LeftOver,
    #[error("damaged bytes that could not be healed are kept here")]
    Kept,
    #[error("it is not the image of the day any more: `engine transform --write` exports it again")]
    OldImage,
    #[error("it does not show all of its series yet; the next run goes on")]
    TextBehind,
    #[error(
        "not kept up any more, because store.csv is false, and sooner or later not true: remove it, or write store: {{csv: true}}"
    )]
    TextLeft,
    #[error("nobody's: the engine neither wrote this file nor reads it")]
    Stranger,
}

impl Wrong {
    /// How much it weighs.
    pub fn weight(&self) -> Weight {
        use Wrong::*;
        match self {
            Record(_)
            | Claim(_)
            | NoRecord
            | Checksum
            | Order
            | Label
            | Offset { .. }
            | Count
            | Flags
            | Rules
            | NotItsSource(_)
            | NotItsPayload
            | Payload(_)
            | Instrument(_)
            | Released
            | Changed
            | Moved
            | Seal
            | Refused
            | NotItsSeries => Weight::Damage,
            Foreign | Unsealed | Stale | Unconfigured | SourceUnproven(_) => Weight::Unproven,
            Behind(_) | Garbage(_) | Uncommitted | LeftOver | Kept | OldImage | TextBehind | TextLeft
            | Stranger => Weight::Remark,
        }
    }

    /// A word for machines.
    pub fn word(&self) -> &'static str {
        use Wrong::*;
        match self {
            Record(_) => "record",
            Claim(_) => "claim",
            NoRecord => "no-record",
            Checksum => "checksum",
            Order => "order",
            Label => "label",
            Offset { .. } => "offset",
            Count => "count",
            Flags => "flags",
            Rules => "rules",
            NotItsSource(_) => "not-its-source",
            NotItsPayload => "not-its-payload",
            Payload(_) => "payload",
            Instrument(_) => "instrument",
            Released => "released",
            Changed => "changed",
            Moved => "file-time",
            Seal => "seal",
            Refused => "refused",
            NotItsSeries => "not-its-series",
            Foreign => "unsealed",
            Unsealed => "no-seal",
            Stale => "stale",
            Unconfigured => "unconfigured",
            SourceUnproven(_) => "source-unproven",
            Behind(_) => "behind",
            Garbage(_) => "garbage",
            Uncommitted => "uncommitted",
            LeftOver => "left-over",
            Kept => "kept",
            OldImage => "old-image",
            TextBehind => "text-behind",
            TextLeft => "text-left",
            Stranger => "stranger",
        }
    }
}

impl Weight {
    /// A word for people and machines.
    pub fn word(self) -> &'static str {
        match self {
            Weight::Damage => "damaged",
            Weight::Unproven => "unproven",
            Weight::Remark => "remark",
        }
    }
}

impl Finding {
    /// About a file as a whole.
    pub(super) fn of_file(wrong: Wrong, path: PathBuf) -> Finding {
        Finding { wrong, path, symbol: None, timeframe: None, day: None, records: None }
    }

    /// The same, with whose file it is.
    #[must_use]
    pub(super) fn of(self, symbol: &Symbol) -> Finding {
        Finding { symbol: Some(symbol.clone()), ..self }
    }

    /// The same, with the day it is about.
    #[must_use]
    pub(super) fn on(self, day: Day) -> Finding {
        Finding { day: Some(day), ..self }
    }

    /// How much it weighs.
    pub fn weight(&self) -> Weight {
        self.wrong.weight()
    }

    /// Whether something is wrong.
    pub fn is_damage(&self) -> bool {
        self.weight() == Weight::Damage
    }
}

/// How much was looked at.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// Series.
    pub series: u64,
    /// Committed records, each with its checksum.
    pub records: u64,
    /// Coarser series folded again and compared.
    pub refolded: u64,
    /// Other files below the folders of the lake.
    pub files: u64,
    /// Payloads decoded and compared, with `deep`.
    pub payloads: u64,
}

impl std::ops::AddAssign for Tally {
    fn add_assign(&mut self, other: Tally) {
        self.series += other.series;
        self.records += other.records;
        self.refolded += other.refolded;
        self.files += other.files;
        self.payloads += other.payloads;
    }
}

/// What came of looking.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Report {
    /// Everything found: series by symbol and cascade, then other files by path.
    pub findings: Vec<Finding>,
    /// How much was looked at.
    pub tally: Tally,
}

impl Report {
    /// Whether nothing is damaged.
    pub fn is_whole(&self) -> bool {
        !self.findings.iter().any(Finding::is_damage)
    }

    /// Findings of one weight.
    pub fn of_weight(&self, weight: Weight) -> impl Iterator<Item = &Finding> {
        self.findings.iter().filter(move |finding| finding.weight() == weight)
    }

    pub(super) fn add(&mut self, other: Report) {
        self.findings.extend(other.findings);
        self.tally += other.tally;
    }
}
