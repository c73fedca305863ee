//! What is to be built, and what cannot be.

use std::path::{Path, PathBuf};

use super::{BuildError, Compression, Format};
use crate::indicators::Ask;
use crate::model::{Symbol, Timeframe};
use crate::query::{ClockChoice, Range, Select, parse_selects};

/// Where rows go.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Place {
    /// To whoever reads stdout.
    Stdout,
    /// All into one file.
    File(PathBuf),
    /// A file for each series into a folder.
    Folder(PathBuf),
    /// Into `symbol=.../timeframe=.../year=.../` below a folder, as databases read it.
    Partitions(PathBuf),
}

/// What is to be built.
#[derive(Clone, Debug)]
pub struct Order {
    /// How rows are written.
    pub format: Format,
    /// `None` is the format's default.
    pub compression: Option<Compression>,
    /// Where to.
    pub place: Place,
    /// Behind what a file holds already.
    pub append: bool,
    /// Also where partitions hold what the slice does not.
    pub force: bool,
    /// Which series.
    pub selects: Vec<Select>,
    /// Which part of them.
    pub range: Range,
    /// Whether bars that may still change are left out.
    pub closed_only: bool,
    /// In which clock.
    pub clock: ClockChoice,
    /// With these indicators.
    pub asks: Vec<Ask>,
}

impl Place {
    /// The place that arguments name: `-` as a file is stdout.
    ///
    /// # Errors
    /// [`BuildError::Refused`] when they name none, or two, or partitions without a folder.
    pub fn of(file: Option<&Path>, folder: Option<&Path>, in_partitions: bool) -> Result<Place, BuildError> {
        match (file, folder, in_partitions) {
            (None, None, true) => Err(BuildError::refused(
                "--partition needs a folder to put the partitions into",
                "add --output-dir FOLDER",
            )),
            (None, None, false) => Err(BuildError::refused(
                "it is not said where to write",
                "add -o FILE (- is stdout), or --output-dir FOLDER for a file of each series",
            )),
            (Some(_), Some(_), _) => Err(BuildError::refused(
                "-o and --output-dir contradict each other",
                "keep -o for all series in one file, --output-dir for one file each or for --partition",
            )),
            (Some(_), None, true) => Err(BuildError::refused(
                "--partition writes many files, and -o names one",
                "name a folder instead: --output-dir FOLDER --partition",
            )),
            (Some(file), None, false) if file == Path::new("-") => Ok(Place::Stdout),
            (Some(file), None, false) => Ok(Place::File(file.to_owned())),
            (None, Some(folder), true) => Ok(Place::Partitions(folder.to_owned())),
            (None, Some(folder), false) => Ok(Place::Folder(folder.to_owned())),
        }
    }
}

impl Order {
    /// Whether it can be carried out, as far as that is known before anything is read.
    ///
    /// # Errors
    /// [`BuildError::Refused`] and [`BuildError::Compression`], with the first reason found.
    pub fn check(&self) -> Result<(), BuildError> {
        if self.selects.is_empty() {
            return Err(BuildError::refused("nothing is selected", "add --select EUR-USD/1h, for example"));
        }
        if self.range.is_empty() {
            return Err(BuildError::refused(
                "--until is not after --after, so there is nothing between them",
                "--after is the first moment inside, --until the first one outside",
            ));
        }
        self.check_output()
    }

    /// Whether the selections can be written in this way.
    ///
    /// # Errors
    /// As [`Order::check`].
    pub fn check_output(&self) -> Result<(), BuildError> {
        self.check_format()?;
        self.check_place()?;
        if self.append { self.check_append() } else { Ok(()) }
    }

    fn check_format(&self) -> Result<(), BuildError> {
        let (format, facts) = (self.format, self.format.facts());
        check_compression(format, self.compression)?;
        if !facts.has_names && !self.asks.is_empty() {
            return Err(BuildError::refused(
                format!("{format} files have no place for indicators"),
                "leave -i out, or choose another format",
            ));
        }
        Ok(())
    }

    fn check_place(&self) -> Result<(), BuildError> {
        let (format, facts) = (self.format, self.format.facts());
        match &self.place {
            Place::Stdout | Place::File(_) if self.selects.len() > 1 && !facts.has_names => {
                Err(BuildError::refused(
                    format!("{format} files hold one series, and {} are selected", self.selects.len()),
                    format!("`engine build {format} --output-dir FOLDER` writes a file for each"),
                ))
            }
            Place::Partitions(_) if !facts.has_partitions => Err(BuildError::refused(
                format!("{format} files cannot be partitioned"),
                "leave --partition out for a file of each series, or build parquet, arrow, csv or ndjson",
            )),
            Place::File(path) => match Format::of_path(path) {
                Some(other) if !format.ends(path) => Err(BuildError::refused(
                    format!("{} is named like a file of {other}, and {format} is asked for", path.display()),
                    format!("name it .{}, or ask for {other}", facts.endings[0]),
                )),
                _ => Ok(()),
            },
            _ => Ok(()),
        }
    }

    fn check_append(&self) -> Result<(), BuildError> {
        if !self.format.facts().can_grow {
            return Err(BuildError::refused(
                format!("nothing can be written behind the end of {} file", with_article(self.format)),
                "leave --append out; `engine build --partition` replaces the years it is asked for",
            ));
        }
        match self.place {
            Place::Stdout => Err(BuildError::refused(
                "--append continues a file, and stdout is none",
                "the shell does it: engine ... >> FILE",
            )),
            Place::Partitions(_) => Err(BuildError::refused(
                "--append and --partition contradict each other: partitions are replaced",
                "leave --append out",
            )),
            Place::File(_) if self.selects.len() > 1 => Err(BuildError::refused(
                "--append continues one series, and several would go into the file",
                "`engine build --output-dir FOLDER --append` continues a file of each",
            )),
            _ => Ok(()),
        }
    }
}

/// Whether a format can be compressed in this way.
///
/// # Errors
/// [`BuildError::Compression`].
pub fn check_compression(format: Format, compression: Option<Compression>) -> Result<(), BuildError> {
    match compression {
        Some(compression) if !format.facts().compressions.contains(&compression) => {
            Err(BuildError::Compression { format, compression })
        }
        _ => Ok(()),
    }
}

fn with_article(format: Format) -> String {
    let name = format.to_string();
    let article = if name.starts_with(['a', 'e', 'i', 'o', 'u']) { "an" } else { "a" };
    format!("{article} {name}")
}

/// The series that words stand for, each once: select words, in which `*` and `?` stand for parts of a symbol's or a
/// timeframe's name. These are looked for among `symbols`.
///
/// # Errors
/// [`BuildError::Query`] for a word that cannot be read, [`BuildError::NeedsAll`] for one that stands for several series
/// while `all` is not said, [`BuildError::Unmatched`] for one that stands for none.
pub fn expand(
    words: &[String],
    all: bool,
    symbols: &[Symbol],
    timeframes: &dyn Fn(&Symbol) -> Vec<Timeframe>,
) -> Result<Vec<Select>, BuildError> {
    let mut selects: Vec<Select> = Vec::new();
    for word in words {
        let found = if word.contains(['*', '?']) {
            let found = matching(word, symbols, timeframes)?;
            if found.is_empty() {
                return Err(BuildError::Unmatched { word: word.clone() });
            }
            if !all {
                return Err(BuildError::NeedsAll { word: word.clone(), series: found.len() });
            }
            found
        } else {
            parse_selects(word)?
        };
        for select in found {
            if !selects.contains(&select) {
                selects.push(select);
            }
        }
    }
    Ok(selects)
}

fn matching(
    word: &str,
    symbols: &[Symbol],
    timeframes: &dyn Fn(&Symbol) -> Vec<Timeframe>,
) -> Result<Vec<Select>, BuildError> {
    let apart = |text: &str| match text.split_once(':') {
        Some((name, modifiers)) => (name.to_owned(), format!(":{modifiers}")),
        None => (text.to_owned(), String::new()),
    };
    let Some((left, right)) = word.trim().rsplit_once('/') else {
        // The parser says what is wrong with it.
        return Ok(parse_selects(word)?);
    };
    let (name, of_symbol) = apart(&left.replace('/', "-"));
    let mut found = Vec::new();
    for symbol in symbols.iter().filter(|symbol| is_like(symbol.as_str(), &name)) {
        let known = timeframes(symbol);
        for (pattern, of_timeframe) in right.split(',').map(apart) {
            for timeframe in known.iter().filter(|known| is_like(known.as_str(), &pattern)) {
                found.extend(parse_selects(&format!("{symbol}{of_symbol}/{timeframe}{of_timeframe}"))?);
            }
        }
    }
    Ok(found)
}

/// Whether a name is what a pattern stands for: `*` for anything, `?` for one character. Case counts: 1m and 1M differ.
fn is_like(name: &str, pattern: &str) -> bool {
    let Some(first) = pattern.chars().next() else { return name.is_empty() };
    let rest = &pattern[first.len_utf8()..];
    match first {
        '*' => name.char_indices().map(|(at, _)| at).chain([name.len()]).any(|at| is_like(&name[at..], rest)),
        _ => name
            .chars()
            .next()
            .is_some_and(|next| (first == '?' || first == next) && is_like(&name[next.len_utf8()..], rest)),
    }
}
