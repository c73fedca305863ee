//! Every file of the lake outside the cache, and every name in the cache, each with what it is: the names of `paths.rs`
//! read backwards.

use std::path::{Path, PathBuf};

use super::paths::{CSV_CLAIM, parse_day_file};
use super::seal::ENDING as SEAL;
use super::{Lake, SeriesKey, StoreError};
use crate::model::{Day, Symbol, Timeframe};

/// How deep the lake's folders are: `quarantine/YYYY/MM`.
const DEPTH_MAX: usize = 3;

/// A name in the lake.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Resident {
    /// The file, or the folder for [`Role::Aside`].
    pub path: PathBuf,
    /// What it is.
    pub role: Role,
}

/// What a file of the lake is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Role {
    /// The bars of a series.
    Series(Symbol, Timeframe),
    /// The commit record of a series.
    Record(SeriesKey),
    /// The text beside a series.
    Csv(Symbol, Timeframe),
    /// What is known of a text.
    CsvClaim(Symbol, Timeframe),
    /// The payload of a running day.
    Running(Symbol, Day),
    /// The finished payload of a day.
    Finished(Symbol, Day),
    /// The user's decision about the refused bars of a day.
    Released(Symbol, Day),
    /// An instrument's description.
    Instrument(Symbol),
    /// An exported day image.
    Image(Symbol, Day),
    /// A refused payload.
    RefusedPayload(Symbol, Day),
    /// Why a payload was refused.
    RefusedReason(Symbol, Day),
    /// Refused bars.
    RefusedBars(Symbol, Day),
    /// Damaged bytes that a repair has kept.
    Kept,
    /// The seal of another file.
    Seal {
        /// Of this one.
        of: PathBuf,
    },
    /// The lock.
    Lock,
    /// What an interrupted write left beside a file.
    Beside,
    /// What an interrupted rebuild left.
    Aside,
    /// Nobody's.
    Stranger,
}

impl Lake {
    /// Everything in the folders of series, running days, day images, quarantine and locks, by path.
    pub fn census(&self) -> Result<Vec<Resident>, StoreError> {
        let mut found = Vec::new();
        let paths = &self.paths;
        self.walk(&paths.aggregate, 1, &|at| series_role(at, &Timeframe::minute()), &mut found)?;
        for entry in self.list(&paths.resample)? {
            let path = paths.resample.join(&entry.name);
            match entry.name.parse::<Timeframe>() {
                Ok(timeframe) if entry.is_folder && !entry.name.starts_with('.') => {
                    self.walk(&path, 1, &|at| series_role(at, &timeframe), &mut found)?;
                }
                _ if path == self.aside_folders()[1] => found.push(Resident { path, role: Role::Aside }),
                _ => found.push(Resident { path, role: Role::Stranger }),
            }
        }
        let day = |ending: &'static str, role: fn(Symbol, Day) -> Role| {
            move |at: &At<'_>| day_role(at, &[(ending, role)])
        };
        self.walk(&paths.live, 0, &|at| flat_day_role(at), &mut found)?;
        self.walk(&paths.transform, 2, &day("bin", Role::Image), &mut found)?;
        self.walk(&paths.quarantine, 2, &quarantine_role, &mut found)?;
        self.walk(&paths.locks, 0, &|at| (at.path == self.lock_path()).then_some(Role::Lock), &mut found)?;
        found.sort_by(|a, b| a.path.cmp(&b.path));
        Ok(found)
    }

    /// Everything in the cache, by path.
    pub fn cache_census(&self) -> Result<Vec<Resident>, StoreError> {
        let mut found = Vec::new();
        let role = |at: &At<'_>| match at.folders {
            ["instruments"] => Some(Role::Instrument(at.name.strip_suffix(".json")?.parse().ok()?)),
            _ => day_role(at, &[("json", Role::Finished), ("released", Role::Released)]),
        };
        self.walk(&self.paths.cache, 2, &role, &mut found)?;
        found.sort_by(|a, b| a.path.cmp(&b.path));
        Ok(found)
    }

    /// Where damaged bytes are kept that could not be healed.
    pub fn kept_path(&self, name: &str) -> PathBuf {
        self.paths.quarantine.join(KEPT).join(name)
    }

    fn walk(
        &self,
        root: &Path,
        depth: usize,
        role: &dyn Fn(&At<'_>) -> Option<Role>,
        found: &mut Vec<Resident>,
    ) -> Result<(), StoreError> {
        self.walk_folder(root, &mut Vec::new(), depth.min(DEPTH_MAX), role, found)
    }

    fn walk_folder(
        &self,
        folder: &Path,
        above: &mut Vec<String>,
        depth: usize,
        role: &dyn Fn(&At<'_>) -> Option<Role>,
        found: &mut Vec<Resident>,
    ) -> Result<(), StoreError> {
        for entry in self.list(folder)? {
            let path = folder.join(&entry.name);
            if entry.is_folder && self.aside_folders().contains(&path) {
                found.push(Resident { path, role: Role::Aside });
            } else if entry.is_folder && depth > 0 {
                above.push(entry.name);
                self.walk_folder(&path, above, depth - 1, role, found)?;
                above.pop();
            } else {
                let folders: Vec<&str> = above.iter().map(String::as_str).collect();
                let at = At { path: &path, folders: &folders, name: &entry.name };
                let role = match entry.is_folder {
                    true => Role::Stranger,
                    false => hidden_role(&at).or_else(|| role(&at)).unwrap_or(Role::Stranger),
                };
                found.push(Resident { path, role });
            }
        }
        Ok(())
    }
}

/// The folder in quarantine in which repairs keep damaged bytes.
const KEPT: &str = "damaged";

/// The ending of a day's file, and what such a file is.
type DayRole = (&'static str, fn(Symbol, Day) -> Role);

/// A file, and the folders between its root and it.
struct At<'a> {
    path: &'a Path,
    folders: &'a [&'a str],
    name: &'a str,
}

fn hidden_role(at: &At<'_>) -> Option<Role> {
    let name = at.name.strip_prefix('.')?;
    if name.ends_with(".beside") {
        return Some(Role::Beside);
    }
    let of = name.strip_suffix(SEAL)?;
    Some(Role::Seal { of: at.path.with_file_name(of) })
}

fn series_role(at: &At<'_>, timeframe: &Timeframe) -> Option<Role> {
    match at.folders {
        [] => match at.name.strip_suffix(".csv") {
            Some(symbol) => Some(Role::Csv(symbol.parse().ok()?, timeframe.clone())),
            None => Some(Role::Series(at.name.strip_suffix(".bin")?.parse().ok()?, timeframe.clone())),
        },
        ["index"] => {
            if let Some(symbol) = at.name.strip_suffix(CSV_CLAIM) {
                return Some(Role::CsvClaim(symbol.parse().ok()?, timeframe.clone()));
            }
            let name = at.name.strip_suffix(".idx")?;
            if timeframe.is_minute() {
                return Some(Role::Record(SeriesKey::minute(name.parse().ok()?)));
            }
            let (symbol, source) = name.rsplit_once('_')?;
            let (symbol, source) = (symbol.parse().ok()?, source.parse().ok()?);
            Some(Role::Record(SeriesKey::folded(symbol, timeframe.clone(), source)))
        }
        _ => None,
    }
}

fn flat_day_role(at: &At<'_>) -> Option<Role> {
    let (symbol, day) = parse_day_file(at.name, "json")?;
    Some(Role::Running(symbol.parse().ok()?, day))
}

/// A day file that lies in the folders of its year and month.
fn day_role(at: &At<'_>, roles: &[DayRole]) -> Option<Role> {
    let [year, month] = at.folders else { return None };
    roles.iter().find_map(|(ending, role)| {
        let (symbol, day) = parse_day_file(at.name, ending)?;
        let (y, m, _) = day.ymd();
        let in_place = *year == format!("{y:04}") && *month == format!("{m:02}");
        in_place.then(|| symbol.parse().ok()).flatten().map(|symbol| role(symbol, day))
    })
}

fn quarantine_role(at: &At<'_>) -> Option<Role> {
    if at.folders == [KEPT] {
        return Some(Role::Kept);
    }
    let roles: [DayRole; 3] =
        [("json", Role::RefusedPayload), ("jsonl", Role::RefusedBars), ("reason.txt", Role::RefusedReason)];
    day_role(at, &roles)
}
