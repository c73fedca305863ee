//! The layers and habits that the compiler does not hold.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// Room -> rooms it may name.
const MAY_NAME: &[(&str, &[&str])] = &[
    ("model", &[]),
    ("disk", &[]),
    ("store", &["model", "disk"]),
    ("feed", &["model"]),
    ("download", &["model", "store", "feed"]),
    ("transform", &["model", "store", "feed"]),
    ("aggregate", &["model", "store"]),
    ("resample", &["model", "store"]),
    ("ingest", &["model", "disk", "store", "feed", "download", "transform", "aggregate", "resample"]),
    ("query", &["model", "store"]),
    ("indicators", &["model"]),
    ("plan", &["model", "store", "query", "indicators"]),
    ("build", &["model", "disk", "store", "query", "indicators", "plan"]),
    (
        "audit",
        &[
            "model",
            "disk",
            "store",
            "feed",
            "download",
            "transform",
            "aggregate",
            "resample",
            "ingest",
            "query",
        ],
    ),
    ("config", &["model", "disk"]),
];

/// What only some rooms may touch: words that stand in code, and the folders or files that hold the key.
const KEYS: &[(&[&str], &[&str])] = &[
    (&["unsafe {", "unsafe fn", "unsafe impl"], &["src/store/map.rs", "src/indicators/unwritten.rs"]),
    (&["std::fs", "fs2::"], &["src/disk/", "src/store/lock.rs"]),
    (&["memmap2::"], &["src/store/map.rs"]),
    (&["reqwest::", "axum::", "tokio::net"], &["src/feed/"]),
    (
        &["rayon::", "std::thread::spawn"],
        &[
            "src/ingest/",
            "src/audit/",
            "src/query/deinterleave.rs",
            "src/indicators/",
            "src/build/",
            "src/feed/simulator/",
            "src/plan/child.rs",
        ],
    ),
    (&["process::{Child", "process::Command", "Command::new("], &["src/plan/child.rs"]),
    (
        &["polars::", "polars_arrow::", "polars_parquet::"],
        &["src/query/", "src/indicators/frame.rs", "src/plan/", "src/build/"],
    ),
    (&["plotly::"], &["src/audit/"]),
    (&["clap::", "indicatif::"], &["src/cli/"]),
    (&["SystemTime::now", "Utc::now", "Local::now"], &["src/cli/"]),
    (&["std::env", "env::var"], &["src/cli/"]),
    (&["println!", "eprintln!", "io::stdout", "io::stderr"], &["src/cli/"]),
    (&["todo!(", "unimplemented!(", "dbg!(", ".unwrap()"], &[]),
];

/// Files that are longer than 500 lines, each with its reason.
const LONG: &[(&str, &str)] = &[];

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

/// Every file below a folder with an ending, as a path relative to the project.
fn files(folder: &str, ending: &str) -> Vec<String> {
    let mut found = Vec::new();
    let mut folders = vec![root().join(folder)];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(&folder).expect("the project's folders can be read") {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                folders.push(path);
            } else if path.to_string_lossy().ends_with(ending) {
                found.push(path.strip_prefix(root()).expect("below the root").to_string_lossy().into_owned());
            }
        }
    }
    found.sort();
    found
}

fn text(file: &str) -> String {
    std::fs::read_to_string(root().join(file)).expect("a source file is text")
}

/// The lines of a file that are code: comments are allowed to speak of anything.
fn code(file: &str) -> Vec<(usize, String)> {
    let is_code = |line: &str| !line.trim_start().starts_with("//");
    let numbered = text(file).lines().map(str::to_owned).enumerate().collect::<Vec<_>>();
    numbered.into_iter().filter(|(_, line)| is_code(line)).map(|(i, line)| (i + 1, line)).collect()
}

#[test]
fn rooms_name_only_the_rooms_below_them() {
    let allowed: BTreeMap<&str, &[&str]> = MAY_NAME.iter().copied().collect();
    let rooms: Vec<&str> = MAY_NAME.iter().map(|(room, _)| *room).chain(["cli"]).collect();
    let mut wrong = Vec::new();
    let mut seen = 0;
    for file in files("src", ".rs") {
        let Some(room) =
            file.strip_prefix("src/").and_then(|rest| rest.split_once('/')).map(|(room, _)| room)
        else {
            continue;
        };
        assert!(rooms.contains(&room), "{file}: room '{room}' has no line in the table of this test");
        let Some(may) = allowed.get(room) else { continue };
        for (line, code) in code(&file) {
            for other in &rooms {
                if *other != room && code.contains(&format!("crate::{other}")) {
                    seen += 1;
                    if !may.contains(other) {
                        wrong.push(format!("{file}:{line} names {other}"));
                    }
                }
            }
        }
    }
    assert!(seen > 20, "the search finds how rooms name each other ({seen} places)");
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn keys_are_held_by_their_rooms_only() {
    let mut wrong = Vec::new();
    for file in files("src", ".rs") {
        for (line, code) in code(&file) {
            for (words, holders) in KEYS {
                let used = words.iter().find(|word| code.contains(**word));
                if let Some(word) = used.filter(|_| !holders.iter().any(|holder| file.starts_with(holder))) {
                    wrong.push(format!("{file}:{line} uses {word}"));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_door_has_a_plate() {
    for file in files("src", "mod.rs") {
        let plate = text(&file).lines().take_while(|line| line.starts_with("//!")).count();
        assert!(plate >= 4, "{file}: a door-plate has four lines, this one has {plate}");
    }
}

#[test]
fn files_are_short_enough_to_be_read() {
    for file in files("src", ".rs") {
        let lines = text(&file).lines().count();
        let reason = LONG.iter().find(|(long, _)| *long == file);
        assert!(
            lines <= 500 || reason.is_some(),
            "{file} has {lines} lines: divide it, or give the reason here"
        );
    }
}

#[test]
fn links_in_the_docs_lead_somewhere() {
    let mut pages = files("docs", ".md");
    pages.extend(["README.md", "ARCHITECTURE.md", "CHANGELOG.md"].map(str::to_owned));
    let mut links = 0;
    for page in pages {
        let folder = Path::new(&page).parent().map(Path::to_path_buf).unwrap_or_default();
        for target in text(&page).split("](").skip(1).filter_map(|rest| rest.split(')').next()) {
            if target.starts_with("http") || target.starts_with('#') {
                continue;
            }
            links += 1;
            let file = target.split('#').next().expect("split gives one part at least");
            assert!(root().join(&folder).join(file).exists(), "{page}: the link to {target} leads nowhere");
        }
    }
    assert!(links > 3, "the search finds links ({links})");
}
