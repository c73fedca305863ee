//! From a file name to settings: find, read, include, lay over the defaults, check.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::disk::{Disk, RealDisk};
use crate::model::{Settings, Symbol};

use super::checks::{self, Checked};
use super::error::{ConfigError, Findings};
use super::includes::{Expander, overlay};
use super::keys;
use super::node::{self, Node};
use super::reader::Section;
use super::sections;
use super::source::{is_file, read_text};
use super::symbols;

/// What the configuration says.
#[derive(Clone, Debug)]
pub struct Loaded {
    /// Defaults filled in; paths are absolute when the root file's is.
    pub settings: Settings,
    /// The listed symbols, in file order, each once.
    pub symbols: Vec<Symbol>,
    /// What is odd but allowed, and what decides nothing here.
    pub warnings: Vec<String>,
    /// Every file read: the root file, what it includes, the symbol list.
    pub files: Vec<PathBuf>,
    tree: Node,
}

/// The configuration file of a folder: `config.user.yaml` if it is there, else `config.yaml`.
///
/// # Errors
/// [`ConfigError::Missing`] when neither is there.
pub fn find(folder: &Path) -> Result<PathBuf, ConfigError> {
    first_of(&RealDisk, folder, &["config.user.yaml", "config.yaml"])
        .ok_or_else(|| ConfigError::Missing { folder: folder.to_path_buf() })
}

/// Reads a configuration file and the symbol list beside it from this machine's disk.
///
/// # Errors
/// [`ConfigError::Unreadable`] when the root file cannot be read, [`ConfigError::Faulty`] with all mistakes otherwise.
pub fn load(root_file: &Path) -> Result<Loaded, ConfigError> {
    load_from(&RealDisk, root_file)
}

/// As [`load`], from any disk.
///
/// # Errors
/// As [`load`].
pub fn load_from(disk: &dyn Disk, root_file: &Path) -> Result<Loaded, ConfigError> {
    let unreadable = |error| ConfigError::Unreadable { path: root_file.to_path_buf(), source: error };
    let text = read_text(disk, root_file).map_err(unreadable)?;
    let folder = root_file.parent().unwrap_or(Path::new(""));
    let findings = Findings::default();
    let mut files = vec![root_file.to_path_buf()];

    let tree = tree(disk, root_file, &text, &findings, &mut files);
    let symbols = listed_symbols(disk, folder, &findings, &mut files);
    let settings = tree.as_ref().and_then(|tree| read(tree, folder, root_file, &symbols, &findings));

    let (problems, warnings) = findings.into_parts();
    match (settings, tree) {
        (Some(settings), Some(tree)) if problems.is_empty() => {
            Ok(Loaded { settings, symbols, warnings, files, tree })
        }
        _ => Err(ConfigError::Faulty { problems }),
    }
}

/// The effective configuration as a YAML file that means the same, each value with where it comes from.
pub fn show(loaded: &Loaded) -> String {
    super::show::show(&loaded.tree)
}

/// The root file with its includes, laid over the defaults.
fn tree(
    disk: &dyn Disk,
    root_file: &Path,
    text: &str,
    findings: &Findings,
    files: &mut Vec<PathBuf>,
) -> Option<Node> {
    let folder = root_file.parent().unwrap_or(Path::new(""));
    let parsed = node::parse(text, &Arc::from(root_file), findings)?;
    let open = vec![root_file.to_path_buf()];
    let mut expander = Expander { disk, folder, findings, files: Vec::new(), open };
    let written = expander.root(parsed);
    files.append(&mut expander.files);
    let own_timeframes = written.get("resample").and_then(|resample| resample.get("timeframes"));
    let names_timeframes = own_timeframes.is_some_and(|node| !node.entries().is_empty());
    Some(overlay(keys::defaults(!names_timeframes), written))
}

/// The tree as settings, and everything that is wrong with it.
fn read(
    tree: &Node,
    folder: &Path,
    root_file: &Path,
    symbols: &[Symbol],
    findings: &Findings,
) -> Option<Settings> {
    let before = findings.problem_count();
    let root = Section::root(tree, findings);
    let settings = sections::settings(&root, folder);
    let is_sound = findings.problem_count() == before;
    keys::check_names(tree, findings);
    let settings = settings?;
    // What was misread is half missing: checking the whole would only tell the same mistakes in other words.
    if is_sound {
        checks::check(&Checked { settings: &settings, tree, symbols, findings, root_file });
    }
    Some(settings)
}

fn listed_symbols(
    disk: &dyn Disk,
    folder: &Path,
    findings: &Findings,
    files: &mut Vec<PathBuf>,
) -> Vec<Symbol> {
    let Some(file) = first_of(disk, folder, &["symbols.user.txt", "symbols.txt"]) else {
        findings.warn(format!("{}: there is no symbols.txt, so no symbols are known", folder.display()));
        return Vec::new();
    };
    let listed = match read_text(disk, &file) {
        Ok(text) => symbols::parse(&text, &file, findings),
        Err(error) => {
            let fault = super::error::Fault::new(
                format!("cannot be read: {error}"),
                "check that it is a text file you may read",
            );
            findings.problem(&node::Place::whole_file(&file), &[], fault);
            return Vec::new();
        }
    };
    if listed.is_empty() {
        findings.warn(format!("{}: names no symbol", file.display()));
    }
    files.push(file);
    listed
}

fn first_of(disk: &dyn Disk, folder: &Path, names: &[&str]) -> Option<PathBuf> {
    names.iter().map(|name| folder.join(name)).find(|path| is_file(disk, path))
}
