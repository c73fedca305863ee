//! The real binary where it cannot write: no space left, no permission, a file where a folder should be. It names the
//! file, the reason and the remedy, ends with 5, loses nothing, and the next run goes on.

#![cfg(unix)]

use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};

use crate::binary::{Files, Place, different};

const NOW: &str = "2024-03-14 15:30";
const CONFIG: &str = "download:\n  rate_limit_rps: 0\n  concurrency: 8\n  max_retries: 2\n";

fn days<'a>(from: &'a str, to: &'a str) -> Vec<&'a str> {
    vec!["run", "--now", NOW, "--from", from, "--to", to, "--feed", "simulated"]
}

/// A place with a week in it.
fn place() -> Place {
    let place = Place::new(&["EUR-USD", "BTC-USD"], CONFIG);
    place.ends(&days("2024-03-01", "2024-03-08"), &[0]);
    place
}

/// Newer days, and older ones, which are a correction.
fn more() -> Vec<&'static str> {
    days("2024-02-26", "2024-03-12")
}

/// What the same commands make where nothing is in their way.
fn undisturbed() -> Files {
    let place = place();
    place.ends(&more(), &[0]);
    place.bins()
}

/// Runs into the obstacle and says what has to be said about this file.
fn fails(place: &Place, words: &[&str], about: &Path, said: &[&str]) {
    let output = place.ends(words, &[5]);
    let text = String::from_utf8_lossy(&output.stderr);
    let name = about.display().to_string();
    let error = text.lines().find(|line| line.starts_with("error:")).unwrap_or_else(|| panic!("{text}"));
    for words in said.iter().copied().chain([name.as_str()]) {
        assert!(error.contains(words), "'{words}' is not said: {text}");
    }
}

/// Every series is the beginning of what it was or of what it is to be.
fn assert_nothing_lies(place: &Place, before: &Files, after: &Files) {
    let (lake, data) = (place.lake(), place.path("data"));
    for key in place.keys() {
        let view = lake.read_series(&key).expect("a sound record").expect("it was committed before");
        let bytes = bytemuck::cast_slice::<engine::model::Bar, u8>(view.bars());
        let name = lake.series_path(&key).strip_prefix(&data).expect("below data").display().to_string();
        let known = [before, after].into_iter().filter_map(|files| files.get(&name));
        assert!(bytes.is_empty() || known.into_iter().any(|whole| whole.starts_with(bytes)), "{name}");
    }
}

/// `/dev/full` is a file that is always out of space, and writing beside is where a full disk is noticed first.
fn full_at(place: &Place, beside: &str) -> Option<PathBuf> {
    let path = place.path(beside);
    if !Path::new("/dev/full").exists() {
        return None;
    }
    symlink("/dev/full", &path).expect("a link");
    Some(path)
}

#[test]
fn a_full_disk_is_named_and_the_next_run_goes_on() {
    let after = undisturbed();
    // The record of a series being corrected, those of two being taken back, and the newest payload.
    for (beside, about) in [
        ("data/aggregate/1m/index/.EUR-USD.idx.beside", "data/aggregate/1m/index/EUR-USD.idx"),
        ("data/resample/1W/index/.BTC-USD_1d.idx.beside", "data/resample/1W/index/BTC-USD_1d.idx"),
        ("data/resample/5m/index/.EUR-USD_1m.idx.beside", "data/resample/5m/index/EUR-USD_1m.idx"),
        ("cache/2024/03/.EUR-USD_20240312.json.beside", "cache/2024/03/EUR-USD_20240312.json"),
    ] {
        let place = place();
        let before = place.bins();
        let Some(link) = full_at(&place, beside) else { return };
        fails(&place, &more(), &place.path(about), &["the disk is full", "free some space and run again"]);
        assert_nothing_lies(&place, &before, &after);
        fs::remove_file(link).ok();
        place.ends(&more(), &[0]);
        assert_eq!(different(&place.bins(), &after), [""; 0], "{beside}");
    }
}

/// A limit of the process on the size of its files stops a write in the middle, as a full disk does.
#[test]
fn a_write_that_ends_in_the_middle_is_named_and_the_next_run_goes_on() {
    let after = undisturbed();
    let place = place();
    let before = place.bins();
    let engine = place.engine(&more());
    let mut words: Vec<_> = vec![engine.get_program().to_owned()];
    words.extend(engine.get_args().map(ToOwned::to_owned));
    // Blocks of 512 bytes: more than a payload, less than the 1m series is to have.
    let script = "trap '' XFSZ; ulimit -f 600; exec \"$@\"";
    let mut limited = std::process::Command::new("sh");
    limited.args(["-c", script, "sh"]).args(words).current_dir(place.path(""));
    let output = limited.output().expect("a shell");
    let text = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(5), "{text}");
    assert!(text.contains(".bin") && text.contains("error:"), "{text}");
    assert_nothing_lies(&place, &before, &after);
    place.ends(&more(), &[0]);
    assert_eq!(different(&place.bins(), &after), [""; 0]);
}

#[test]
fn a_file_where_a_folder_should_be_is_named_and_the_next_run_goes_on() {
    let after = undisturbed();
    let place = place();
    let before = place.bins();
    let (folder, aside) = (place.path("data/resample/1h/index"), place.path("data/resample/1h/kept"));
    fs::rename(&folder, &aside).expect("moved");
    fs::write(&folder, "").expect("written");
    let output = place.ends(&more(), &[5]);
    let text = String::from_utf8_lossy(&output.stderr);
    assert!(text.contains("data/resample/1h/index"), "{text}");
    fs::remove_file(&folder).expect("removed");
    fs::rename(&aside, &folder).expect("moved back");
    assert_nothing_lies(&place, &before, &after);
    place.ends(&more(), &[0]);
    assert_eq!(different(&place.bins(), &after), [""; 0]);
}

/// Not even root may make anything in `/sys`; elsewhere there is no such folder, and nothing is tried.
#[test]
fn a_folder_that_cannot_be_written_is_named() {
    let config = format!("{CONFIG}aggregate:\n  paths:\n    data: /sys/engine/1m\n");
    let place = Place::new(&["EUR-USD"], &config);
    if !Path::new("/sys/kernel").is_dir() {
        return;
    }
    let words = days("2024-03-01", "2024-03-08");
    fails(&place, &words, Path::new("/sys/engine/1m"), &["no permission", "mounted read-only"]);
    // The payloads are there, so another place is all that is needed.
    fs::write(place.path("config.yaml"), CONFIG).expect("written");
    place.ends(&words, &[0]);
    let elsewhere = self::place();
    let (found, expected) = (place.bins(), elsewhere.bins());
    assert!(found.iter().all(|(name, bytes)| expected[name] == *bytes) && found.len() >= 9);
}

#[test]
fn a_lock_at_rest_is_an_empty_file() {
    let place = place();
    assert_eq!(fs::read(place.path("data/locks/run.lock")).expect("the lock"), b"");
}
