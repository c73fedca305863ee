//! The table of formats: what each is called, what its files end with, and what it can do.

use std::path::Path;

/// How rows are written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Format {
    /// For people: columns aligned, as wide as fits.
    #[default]
    Table,
    /// One line a bar, with a header.
    Csv,
    /// An array of objects.
    Json,
    /// One object a line.
    Ndjson,
    /// Columns in pages, compressed.
    Parquet,
    /// Arrow's IPC file.
    Arrow,
    /// Arrow's IPC stream, as it goes through pipes.
    ArrowStream,
    /// `YYYY.MM.DD,HH:MM,open,high,low,close,volume` without a header, as MetaTrader 4 imports it.
    Mt4,
    /// The lake's own 64-byte records, without a header.
    Bin,
}

/// How pages of a file are compressed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Compression {
    /// Not at all.
    None,
    /// Zstandard.
    Zstd,
    /// Snappy.
    Snappy,
    /// Gzip.
    Gzip,
    /// Brotli.
    Brotli,
    /// LZ4.
    Lz4,
}

/// One row of the table.
#[derive(Clone, Copy, Debug)]
pub struct FormatFacts {
    /// Which format.
    pub format: Format,
    /// As it is asked for.
    pub name: &'static str,
    /// For people who choose.
    pub says: &'static str,
    /// What its files end with; the first one is what new files get.
    pub endings: &'static [&'static str],
    /// What its pages can be compressed with; the first one is the default.
    pub compressions: &'static [Compression],
    /// Whether a terminal should be spared of it.
    pub is_binary: bool,
    /// Whether rows can be written behind those of a file.
    pub can_grow: bool,
    /// Whether it has a place for names, so that several series and indicators fit into one file.
    pub has_names: bool,
    /// Whether databases read folders of it.
    pub has_partitions: bool,
}

use Compression::{Brotli, Gzip, Lz4, None as Plain, Snappy, Zstd};

/// All formats.
pub const FORMATS: &[FormatFacts] = &[
    text(Format::Table, "table", "Aligned columns for people", &["txt"]),
    FormatFacts {
        can_grow: true,
        has_partitions: true,
        ..text(Format::Csv, "csv", "One line a bar under a header", &["csv"])
    },
    text(Format::Json, "json", "An array of objects", &["json"]),
    FormatFacts {
        can_grow: true,
        has_partitions: true,
        ..text(Format::Ndjson, "ndjson", "One object a line", &["ndjson", "jsonl"])
    },
    FormatFacts {
        compressions: &[Zstd, Snappy, Gzip, Brotli, Lz4, Plain],
        has_partitions: true,
        ..binary(
            Format::Parquet,
            "parquet",
            "Compressed columns for DuckDB, pandas, polars, Spark",
            &["parquet"],
        )
    },
    FormatFacts {
        compressions: &[Plain, Lz4, Zstd],
        has_partitions: true,
        ..binary(
            Format::Arrow,
            "arrow",
            "Arrow's IPC file; into a pipe its stream",
            &["arrow", "feather", "ipc"],
        )
    },
    FormatFacts {
        compressions: &[Plain, Lz4, Zstd],
        ..binary(Format::ArrowStream, "arrow-stream", "Arrow's IPC stream", &["arrows"])
    },
    FormatFacts {
        can_grow: true,
        has_names: false,
        ..text(
            Format::Mt4,
            "mt4",
            "YYYY.MM.DD,HH:MM,open,high,low,close,volume without a header, for MetaTrader 4",
            &["csv"],
        )
    },
    FormatFacts {
        can_grow: true,
        has_names: false,
        ..binary(Format::Bin, "bin", "The lake's own 64-byte records (docs/FORMAT.md)", &["bin"])
    },
];

const fn text(
    format: Format,
    name: &'static str,
    says: &'static str,
    endings: &'static [&'static str],
) -> FormatFacts {
    FormatFacts {
        format,
        name,
        says,
        endings,
        compressions: &[Plain],
        is_binary: false,
        can_grow: false,
        has_names: true,
        has_partitions: false,
    }
}

const fn binary(
    format: Format,
    name: &'static str,
    says: &'static str,
    endings: &'static [&'static str],
) -> FormatFacts {
    FormatFacts { is_binary: true, ..text(format, name, says, endings) }
}

impl Format {
    /// Its row of the table.
    pub fn facts(self) -> &'static FormatFacts {
        FORMATS.iter().find(|facts| facts.format == self).expect("the table has every format")
    }

    /// The format called so.
    pub fn named(name: &str) -> Option<Format> {
        FORMATS.iter().find(|facts| facts.name == name).map(|facts| facts.format)
    }

    /// The format whose files end like this one, in any case. A text file may hold anything.
    pub fn of_path(path: &Path) -> Option<Format> {
        let of_ending = |facts: &&FormatFacts| facts.format != Format::Table && facts.format.ends(path);
        FORMATS.iter().find(of_ending).map(|facts| facts.format)
    }

    /// Whether files of this format end like this one.
    pub fn ends(self, path: &Path) -> bool {
        let ending = path.extension().and_then(|ending| ending.to_str()).map(str::to_ascii_lowercase);
        ending.is_some_and(|ending| self.facts().endings.contains(&ending.as_str()))
    }

    /// The same as it goes through a pipe, where nobody can go back to the beginning.
    pub fn as_stream(self) -> Format {
        if self == Format::Arrow { Format::ArrowStream } else { self }
    }
}

impl std::fmt::Display for Format {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.facts().name)
    }
}

impl Compression {
    /// All there are.
    pub const ALL: [Compression; 6] = [Zstd, Snappy, Gzip, Brotli, Lz4, Plain];

    /// As it is asked for.
    pub fn name(self) -> &'static str {
        match self {
            Plain => "none",
            Zstd => "zstd",
            Snappy => "snappy",
            Gzip => "gzip",
            Brotli => "brotli",
            Lz4 => "lz4",
        }
    }
}

impl std::fmt::Display for Compression {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.name())
    }
}
