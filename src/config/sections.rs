//! The plain sections: download, orchestrator, aggregate and the folders.

use std::path::{Path, PathBuf};

use crate::model::settings::{DownloadSettings, Paths, PriceSide, Settings};

use super::error::Fault;
use super::keys::default_of;
use super::reader::Section;
use super::values;
use super::{indicators, resample, transform};

/// The whole tree, defaults laid under it, as settings; `folder` is what relative paths are relative to.
pub(super) fn settings(root: &Section<'_>, folder: &Path) -> Option<Settings> {
    let [download, orchestrator, transform, aggregate, resample] =
        ["download", "orchestrator", "transform", "aggregate", "resample"].map(|name| root.section(name));
    let (orchestrator, transform, aggregate) = (orchestrator?, transform?, aggregate?);
    Some(Settings {
        paths: paths(root, folder),
        download: download_settings(&download?),
        num_processes: orchestrator.setting("num_processes", values::workers),
        disable_download: orchestrator.setting("disable_download", values::flag),
        transform: transform::settings(&transform),
        aggregate_fsync: aggregate.setting("fsync", values::flag),
        resample: resample::settings(&resample?),
        csv: root.section("store")?.setting("csv", values::flag),
        rollover_url: root.section("rollover")?.setting("base_url", values::address),
        indicators: root.section("indicators").map(|own| indicators::own(&own, folder)).unwrap_or_default(),
    })
}

fn download_settings(section: &Section<'_>) -> DownloadSettings {
    const SIDES: &[(&str, PriceSide)] = &[("BID", PriceSide::Bid), ("ASK", PriceSide::Ask)];
    DownloadSettings {
        base_url: section.setting("base_url", values::address),
        side: section.setting("side", values::one_of(SIDES)),
        max_retries: section.setting("max_retries", values::whole(1..=100)) as u32,
        backoff_factor: section.setting("backoff_factor", values::number_within(0.0..=300.0)),
        timeout: section.setting("timeout", values::seconds),
        rate_limit_rps: section.setting("rate_limit_rps", values::rate),
        concurrency: section.setting("concurrency", values::whole(1..=64)) as usize,
        history_start: section.setting("history_start", values::day_or_none),
    }
}

fn paths(root: &Section<'_>, folder: &Path) -> Paths {
    let path = |section: &str, key: &str| {
        let found = root.section(section).and_then(|section| section.section("paths"));
        let text = found.and_then(|paths| paths.value(key, folder_name));
        let default = || default_of(&[section, "paths", key].map(str::to_owned)).to_owned();
        folder.join(text.unwrap_or_else(default))
    };
    let paths = Paths {
        cache: path("download", "historic"),
        live: path("download", "live"),
        transform: path("transform", "data"),
        aggregate: path("aggregate", "data"),
        resample: path("resample", "data"),
        quarantine: path("transform", "quarantine"),
        locks: path("orchestrator", "locks"),
        rollover: path("rollover", "data"),
    };
    check_apart(root, &paths);
    check_agreement(root, "historic", &paths.cache, folder);
    check_agreement(root, "live", &paths.live, folder);
    paths
}

fn folder_name(text: &str) -> Result<String, Fault> {
    if text.trim().is_empty() || text.contains('\0') {
        return Err(Fault::new("a folder has a name", "write a path such as data/aggregate/1m"));
    }
    Ok(text.to_owned())
}

/// Two kinds of files in one folder would overwrite each other.
fn check_apart(root: &Section<'_>, paths: &Paths) {
    let named: [(&[&str], &PathBuf); 8] = [
        (&["download", "paths", "historic"], &paths.cache),
        (&["download", "paths", "live"], &paths.live),
        (&["orchestrator", "paths", "locks"], &paths.locks),
        (&["transform", "paths", "data"], &paths.transform),
        (&["transform", "paths", "quarantine"], &paths.quarantine),
        (&["aggregate", "paths", "data"], &paths.aggregate),
        (&["resample", "paths", "data"], &paths.resample),
        (&["rollover", "paths", "data"], &paths.rollover),
    ];
    for (index, (key, path)) in named.iter().enumerate() {
        let Some((first, _)) = named[..index].iter().find(|(_, earlier)| earlier == path) else { continue };
        let written: Vec<Vec<String>> =
            [key, first].iter().map(|key| key.iter().map(|part| (*part).to_owned()).collect()).collect();
        // The default of the one is no mistake of the user's: blame the key that stands in a file.
        let blamed = written.iter().find(|key| root.node.place_of(key).line > 0).unwrap_or(&written[0]);
        let reason =
            format!("{} is the folder of both {} and {}", path.display(), first.join("."), key.join("."));
        let place = root.node.place_of(blamed);
        root.findings.problem(place, blamed, Fault::new(reason, "give each a folder of its own"));
    }
}

/// The original wrote the cache's folder in two sections; one engine has one cache.
fn check_agreement(root: &Section<'_>, key: &str, of_download: &Path, folder: &Path) {
    let Some(paths) = root.section("transform").and_then(|section| section.section("paths")) else { return };
    let Some(text) = paths.value(key, folder_name).filter(|text| folder.join(text) != of_download) else {
        return;
    };
    let reason = format!("'{text}' is not the folder of download.paths.{key}, {}", of_download.display());
    paths.problem(key, Fault::new(reason, "write the folder once, as download.paths"));
}
