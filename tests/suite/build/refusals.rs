//! What is refused, each with the reason and the remedy, and nothing written.

#![allow(clippy::print_stdout)]

use std::io::Read;
use std::path::Path;
use std::process::Stdio;

use super::{place, said};

/// Words after `engine build`, and what is said about them.
const REFUSED: &[(&[&str], &[&str])] = &[
    (&["csv", "-s", "EUR-USD/1h"], &["where to write", "-o FILE", "--output-dir"]),
    (&["csv", "-s", "EUR-USD/1h", "--partition"], &["--partition needs a folder", "--output-dir"]),
    (&["csv", "-s", "EUR-USD/1h", "--partition", "-o", "x.csv"], &["--partition writes many files"]),
    (&["csv", "-s", "EUR-USD/1h", "-o", "x.csv", "--output-dir", "out"], &["contradict each other"]),
    (
        &["mt4", "-s", "EUR-USD/1h", "--output-dir", "out", "--partition"],
        &["mt4 files cannot be partitioned"],
    ),
    (
        &["bin", "-s", "EUR-USD/1h", "--output-dir", "out", "--partition"],
        &["bin files cannot be partitioned"],
    ),
    (
        &["json", "-s", "EUR-USD/1h", "--output-dir", "out", "--partition"],
        &["json files cannot be partitioned"],
    ),
    (
        &["mt4", "-s", "EUR-USD/1h,4h", "-o", "x.csv"],
        &["mt4 files hold one series, and 2 are selected", "--output-dir"],
    ),
    (&["bin", "-s", "EUR-USD/1h", "BTC-USD/1h", "-o", "x.bin"], &["bin files hold one series"]),
    (&["mt4", "-s", "EUR-USD/1h", "-i", "sma_20", "-o", "x.csv"], &["no place for indicators", "-i"]),
    (
        &["csv", "--mt4", "-s", "EUR-USD/1h", "--output-dir", "out", "--partition"],
        &["mt4 files cannot be partitioned"],
    ),
    (&["parquet", "--mt4", "-s", "EUR-USD/1h", "-o", "x.csv"], &["--mt4 is a kind of csv", "csv --mt4"]),
    (&["csv", "-o", "x.csv"], &["nothing is selected", "--select"]),
    (&["csv", "-s", "EUR-USD", "-o", "x.csv"], &["a timeframe is missing", "EUR-USD/1h"]),
    (&["csv", "-s", "EUR-UDS/1h", "-o", "x.csv"], &["unknown symbol 'EUR-UDS'", "EUR-USD"]),
    (&["csv", "-s", "EUR-USD/7h", "-o", "x.csv"], &["unknown timeframe '7h'"]),
    (&["csv", "-s", "EUR-USD:panma/1h", "-o", "x.csv"], &["'panma' is not known", "panama"]),
    (
        &["csv", "-s", "EUR-USD:panama/1h", "-o", "x.csv"],
        &["needs the roll calendar", "engine rollover EUR-USD"],
    ),
    (&["csv", "-s", "*/1h", "-o", "x.csv"], &["'*/1h' stands for 3 series", "--all"]),
    (&["csv", "-s", "Z*/1h", "--all", "-o", "x.csv"], &["no series of the lake matches 'Z*/1h'", "--list"]),
    (&["csv", "-s", "EUR-USD/1h", "--after", "2024-13-01", "-o", "x.csv"], &["2024-13-01", "is not a time"]),
    (&["csv", "-s", "EUR-USD/1h", "--until", "soon", "-o", "x.csv"], &["soon", "is not a time"]),
    (
        &["csv", "-s", "EUR-USD/1h", "--after", "2024-01-03", "--until", "2024-01-02", "-o", "x.csv"],
        &["--until is not after --after"],
    ),
    (&["csv", "-s", "EUR-USD/1h", "--tz", "Mars", "-o", "x.csv"], &["unknown clock 'Mars'"]),
    (
        &["csv", "-s", "EUR-USD/1h", "--compression", "zstd", "-o", "x.csv"],
        &["csv files are not compressed with zstd"],
    ),
    (
        &["arrow", "-s", "EUR-USD/1h", "--compression", "brotli", "-o", "x.arrow"],
        &["not compressed with brotli", "lz4"],
    ),
    (&["parquet", "-s", "EUR-USD/1h", "--compression", "rar", "-o", "x.parquet"], &["rar", "zstd"]),
    (&["parquet", "-s", "EUR-USD/1h", "-o", "x.csv"], &["named like a file of csv", ".parquet"]),
    (&["xlsx", "-s", "EUR-USD/1h", "-o", "x.xlsx"], &["xlsx", "parquet"]),
    (
        &["parquet", "-s", "EUR-USD/1h", "-o", "x.parquet", "--append"],
        &["nothing can be written behind", "--partition"],
    ),
    (&["arrow", "-s", "EUR-USD/1h", "-o", "x.arrow", "--append"], &["an arrow file"]),
    (&["csv", "-s", "EUR-USD/1h,4h", "-o", "x.csv", "--append"], &["--append continues one series"]),
    (&["csv", "-s", "EUR-USD/1h", "-o", "-", "--append"], &["stdout", ">> FILE"]),
    (
        &["csv", "-s", "EUR-USD/1h", "--output-dir", "out", "--partition", "--append"],
        &["--append and --partition"],
    ),
    (&["csv", "-s", "EUR-USD/1h,1h:skiplast", "--output-dir", "out"], &["would both be out/EUR-USD_1h.csv"]),
    (&["csv", "-s", "EUR-USD/1h", "-i", "smaa_20", "-o", "x.csv"], &["smaa"]),
];

#[test]
fn every_refusal_names_reason_and_remedy_and_writes_nothing() {
    let place = place();
    let before = crate::binary::files(&place.path("."));
    for (words, wanted) in REFUSED {
        let said = said(&place.ends(&[&["build"], *words].concat(), &[2]));
        for word in *wanted {
            assert!(said.contains(word), "{words:?} said nothing of {word:?}: {said}");
        }
    }
    let after = crate::binary::files(&place.path("."));
    let names = |files: &crate::binary::Files| files.keys().cloned().collect::<Vec<_>>();
    assert_eq!(names(&before), names(&after));
    // The same words without what is wrong with them are carried out.
    place.ends(&["build", "csv", "-s", "EUR-USD/1h", "-o", "x.csv"], &[0]);
    assert!(place.path("x.csv").exists());
}

#[test]
fn a_place_that_cannot_be_written_is_named() {
    let place = place();
    std::fs::write(place.path("file"), "").expect("written");
    std::fs::create_dir(place.path("folder.csv")).expect("a folder");
    for (words, wanted) in [
        (["-o", "file/x.csv"], "file/x.csv"),
        (["--output-dir", "file"], "file/EUR-USD_1h.csv"),
        (["-o", "folder.csv"], "folder.csv"),
    ] {
        let output = place.ends(&[&["build", "csv", "-s", "EUR-USD/1h"], &words[..]].concat(), &[2, 3]);
        assert!(said(&output).contains(wanted), "{}", said(&output));
    }
    let left: Vec<String> = crate::binary::files(&place.path(".")).into_keys().collect();
    assert!(left.iter().all(|name| !name.contains("beside")), "{left:?}");
}

#[test]
fn query_refuses_what_it_cannot_write() {
    let place = place();
    for (words, wanted) in [
        (&["EUR-USD/1h", "BTC-USD/1h", "--format", "bin"][..], "bin files hold one series"),
        (&["EUR-USD/1h", "--format", "bin", "--order", "desc"], "increasing time"),
        (&["EUR-USD/1h", "--format", "json", "--append", "-o", "x.json"], "nothing can be written behind"),
        (&["EUR-USD/1h", "--format", "csv", "--append", "-o", "x.csv", "--order", "desc"], "increasing time"),
        (&["EUR-USD/1h", "--format", "ndjson", "--compression", "lz4"], "not compressed with lz4"),
    ] {
        let said = said(&place.ends(&[&["query"], words].concat(), &[2]));
        assert!(said.contains(wanted), "{words:?}: {said}");
    }
}

/// A reader that has what it wanted leaves, whatever the format.
#[test]
fn a_closed_pipe_is_success() {
    let place = place();
    for format in ["csv", "ndjson", "parquet", "arrow", "bin"] {
        for words in [
            &["query", "EUR-USD/1m", "--format", format][..],
            &["build", format, "-s", "EUR-USD/1m", "-o", "-"],
        ] {
            let mut engine = place.engine(words);
            let mut engine = engine.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("it starts");
            let mut first = [0; 4];
            engine.stdout.take().expect("a pipe").read_exact(&mut first).expect("it writes");
            let output = engine.wait_with_output().expect("it ends");
            assert_eq!(output.status.code(), Some(0), "{words:?}: {}", said(&output));
        }
    }
}

/// `/dev/full` takes nothing, as a full disk does.
#[test]
fn a_full_disk_is_named_and_can_be_tried_again() {
    let full = Path::new("/dev/full");
    if !full.exists() {
        println!("skipped: no /dev/full");
        return;
    }
    let place = place();
    for format in ["csv", "parquet", "arrow", "bin"] {
        let out = std::fs::File::options().write(true).open(full).expect("it takes writers");
        let mut engine = place.engine(&["build", format, "-s", "EUR-USD/1m", "-o", "-"]);
        let output = engine.stdout(out).output().expect("it ends");
        assert_eq!(output.status.code(), Some(3), "{format}: {}", said(&output));
        assert!(said(&output).contains("No space left"), "{format}: {}", said(&output));
    }
}

#[cfg(unix)]
#[test]
fn a_pipe_with_a_name_is_written_into() {
    use std::os::unix::fs::FileTypeExt;

    let place = place();
    let pipe = place.path("pipe");
    let made = std::process::Command::new("mkfifo").arg(&pipe).status().expect("mkfifo starts");
    assert!(made.success());
    let words = ["query", "EUR-USD/1d", "--closed", "--format", "csv"];
    let wanted = place.ends(&words, &[0]).stdout;
    let reader = std::thread::spawn({
        let pipe = pipe.clone();
        move || std::fs::read(pipe).expect("a pipe")
    });
    place.ends(&[&words[..], &["-o", "pipe"]].concat(), &[0]);
    assert!(std::fs::metadata(&pipe).expect("it is there").file_type().is_fifo(), "it is still a pipe");
    assert_eq!(reader.join().expect("it reads"), wanted);
}
