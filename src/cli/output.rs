//! Stdout: data only, and a reader that leaves is no error.

use std::io::{self, BufWriter, IsTerminal, Write};
use std::path::Path;
use std::sync::Arc;

use comfy_table::{CellAlignment, Table, presets};

use super::exit::Failure;
use crate::build::Format;
use crate::disk::{Disk, NewFile};

/// Writes a whole text to stdout.
pub(super) fn print(text: &str) -> Result<(), Failure> {
    let mut out = io::stdout().lock();
    out.write_all(text.as_bytes())?;
    if !text.ends_with('\n') {
        out.write_all(b"\n")?;
    }
    Ok(out.flush()?)
}

/// Writes a JSON text to stdout, readable by people too.
pub(super) fn print_json(value: &serde_json::Value) -> Result<(), Failure> {
    print(&format!("{value:#}"))
}

/// Rows under a header: the first column to the left, all others to the right, as plain text.
pub(super) fn table(header: &[&str], rows: impl IntoIterator<Item = Vec<String>>) -> String {
    table_of_words(1, header, rows)
}

/// The same with the first `words` columns to the left.
pub(super) fn table_of_words(
    words: usize,
    header: &[&str],
    rows: impl IntoIterator<Item = Vec<String>>,
) -> String {
    let mut table = Table::new();
    table.load_preset(presets::NOTHING).set_header(header);
    table.add_rows(rows);
    for (place, column) in table.column_iter_mut().enumerate() {
        column.set_padding((0, 2));
        let side = if place < words { CellAlignment::Left } else { CellAlignment::Right };
        column.set_cell_alignment(side);
    }
    table.lines().map(|line| line.trim_end().to_owned()).collect::<Vec<_>>().join("\n") + "\n"
}

/// A number with its thousands apart.
pub(super) fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// Bytes as people count them.
pub(super) fn bytes(number: u64) -> String {
    const UNITS: [&str; 5] = ["B", "KiB", "MiB", "GiB", "TiB"];
    let mut value = number as f64;
    let mut unit = 0;
    while value >= 1024.0 && unit + 1 < UNITS.len() {
        value /= 1024.0;
        unit += 1;
    }
    if unit == 0 { format!("{number} B") } else { format!("{value:.1} {}", UNITS[unit]) }
}

/// Wall time of any clock, to the minute.
pub(super) fn minute(wall_ms: i64) -> String {
    wall(wall_ms, "%Y-%m-%d %H:%M")
}

/// Wall time of any clock, to the second.
pub(super) fn second(wall_ms: i64) -> String {
    wall(wall_ms, "%Y-%m-%d %H:%M:%S")
}

fn wall(wall_ms: i64, format: &str) -> String {
    let time = chrono::DateTime::from_timestamp_millis(wall_ms);
    time.map_or_else(|| "-".to_owned(), |time| time.format(format).to_string())
}

/// How wide a table may be that goes to stdout; nothing where nobody looks at it.
pub(super) fn width_max(to_stdout: bool) -> Option<usize> {
    let to_terminal = to_stdout && io::stdout().is_terminal();
    to_terminal.then(|| Table::new().width()).flatten().map(usize::from)
}

/// Refuses to throw bytes at a terminal.
pub(super) fn check_terminal(format: Format) -> Result<(), Failure> {
    if format.facts().is_binary && io::stdout().is_terminal() {
        let failure = Failure::usage(format!("{format} is nothing a terminal can show"));
        return Err(failure.hint("add -o FILE, or a pipe to whoever reads it"));
    }
    Ok(())
}

/// Where rows go.
pub(super) enum Sink {
    /// To whoever reads stdout.
    Stdout(BufWriter<io::Stdout>),
    /// Into a file that appears whole or not at all.
    File(BufWriter<NewFile>),
}

/// Bytes collected before they are handed to the system.
const BUFFER_BYTES: usize = 1 << 16;

impl Sink {
    /// Stdout, or a new file; a folder of that name is refused.
    pub(super) fn open(path: Option<&Path>, disk: &Arc<dyn Disk>) -> Result<Sink, Failure> {
        let Some(path) = path else {
            return Ok(Sink::Stdout(BufWriter::with_capacity(BUFFER_BYTES, io::stdout())));
        };
        if path.is_dir() {
            return Err(Failure::usage(format!(
                "-o {} is a folder: name a file, for example -o {}",
                path.display(),
                path.join("bars.csv").display()
            )));
        }
        let file = NewFile::create(disk, path).map_err(|error| {
            Failure::usage(format!("-o {}: the file cannot be written: {error}", path.display()))
        })?;
        Ok(Sink::into_file(file))
    }

    /// Into a file that was begun already.
    pub(super) fn into_file(file: NewFile) -> Sink {
        Sink::File(BufWriter::with_capacity(BUFFER_BYTES, file))
    }

    /// Whether there is something before what will be written.
    pub(super) fn has_bytes(&self) -> bool {
        matches!(self, Sink::File(file) if file.get_ref().bytes() > 0)
    }

    /// Everything has been written: the file takes its name.
    pub(super) fn finish(self) -> Result<(), Failure> {
        match self {
            Sink::Stdout(mut out) => Ok(out.flush()?),
            Sink::File(out) => {
                out.into_inner().map_err(io::IntoInnerError::into_error)?.finish()?;
                Ok(())
            }
        }
    }
}

impl Write for Sink {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match self {
            Sink::Stdout(out) => out.write(bytes),
            Sink::File(out) => out.write(bytes),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        match self {
            Sink::Stdout(out) => out.flush(),
            Sink::File(out) => out.flush(),
        }
    }
}
