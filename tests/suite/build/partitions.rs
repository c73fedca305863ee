//! `--partition`: years of the output clock, replaced and never doubled.

use std::path::Path;
use std::process::Output;

use engine::feed::simulator::Market;
use engine::model::{Day, Symbol};

use super::{FIRST, bars, lines, place, said};
use crate::binary::{Files, Place, files};

fn build(more: &[&'static str]) -> Vec<&'static str> {
    let words = ["build", "csv", "-s", "EUR-USD/1h", "--closed", "--output-dir", "out", "--partition"];
    [&words[..], more].concat()
}

fn year(name: &str) -> &str {
    name.split("year=").nth(1).expect("a year").split('/').next().expect("a year")
}

#[test]
fn partitions_are_years_of_the_clock_and_together_the_series() {
    let place = place();
    place.ends(&build(&[]), &[0]);
    let out = files(&place.path("out"));
    let names: Vec<&String> = out.keys().collect();
    assert_eq!(
        names,
        [
            "symbol=EUR-USD/timeframe=1h/year=2023/EUR-USD_1h_2023.csv",
            "symbol=EUR-USD/timeframe=1h/year=2024/EUR-USD_1h_2024.csv"
        ]
    );
    let mut times = Vec::new();
    for name in names {
        let lines = lines(&place.path("out").join(name));
        assert_eq!(lines[0], "time,time_ms,open,high,low,close,volume,count");
        assert!(lines[1..].iter().all(|line| line.starts_with(year(name))), "{name}");
        times.extend(
            lines[1..]
                .iter()
                .map(|line| line.split(',').nth(1).and_then(|ms| ms.parse::<u64>().ok()).expect("a time")),
        );
    }
    let bars = bars(&place.path("data/resample/1h/EUR-USD.bin"));
    assert_eq!(times, bars.iter().map(|bar| bar.time_ms).collect::<Vec<_>>());
    // The server's New Year is two hours before UTC's: its bars would be missing if years were UTC's.
    let utc = place.ends(
        &[
            "build",
            "csv",
            "-s",
            "BTC-USD/1h",
            "--closed",
            "--tz",
            "utc",
            "--output-dir",
            "utc",
            "--partition",
        ],
        &[0],
    );
    assert!(said(&utc).is_empty(), "{}", said(&utc));
    place.ends(
        &["build", "csv", "-s", "BTC-USD/1h", "--closed", "--output-dir", "server", "--partition"],
        &[0],
    );
    let rows = |folder: &str, year: u32| {
        let name = format!("{folder}/symbol=BTC-USD/timeframe=1h/year={year}/BTC-USD_1h_{year}.csv");
        lines(&place.path(&name)).len()
    };
    assert_eq!(rows("server", 2024), rows("utc", 2024) + 2);
    assert_eq!(rows("server", 2023) + 2, rows("utc", 2023));
}

#[test]
fn building_again_replaces_and_never_doubles() {
    let place = place();
    place.ends(&build(&[]), &[0]);
    let first = files(&place.path("out"));
    place.ends(&build(&[]), &[0]);
    assert_eq!(files(&place.path("out")), first);
    // Whole years may be left alone.
    place.ends(&build(&["--after", "2024-01-01"]), &[0]);
    assert_eq!(files(&place.path("out")), first);
    // Others are not touched.
    place.ends(&["build", "csv", "-s", "BTC-USD/4h", "--output-dir", "out", "--partition"], &[0]);
    let mut with_others = files(&place.path("out"));
    with_others.retain(|name, _| name.contains("EUR-USD"));
    assert_eq!(with_others, first);
}

#[test]
fn a_slice_within_a_year_does_not_throw_the_rest_of_it_away() {
    for format in ["csv", "ndjson", "parquet", "arrow"] {
        let place = place();
        let build = |more: &[&'static str]| -> Vec<&str> {
            let words = ["-s", "EUR-USD/1h", "--closed", "--output-dir", "out", "--partition"];
            [&["build", format], &words[..], more].concat()
        };
        // The first time there is nothing to lose, and the same slice again replaces itself.
        let slice = ["--after", "2024-01-03", "--until", "2024-01-05"];
        place.ends(&build(&slice), &[0]);
        let part = files(&place.path("out"));
        place.ends(&build(&slice), &[0]);
        assert_eq!(files(&place.path("out")), part, "{format}");
        place.ends(&build(&["--after", "2024-01-02"]), &[0]);
        let more = files(&place.path("out"));
        assert!(sizes(&more) > sizes(&part));
        let refused = place.ends(&build(&["--after", "2024-01-03"]), &[2]);
        assert!(said(&refused).contains("outside of the slice"), "{format}: {}", said(&refused));
        assert!(said(&refused).contains("--force"), "{format}: {}", said(&refused));
        let refused = place.ends(&build(&["--until", "2024-01-05"]), &[0, 1, 2]);
        assert!(said(&refused).contains("outside of the slice"), "{format}: {}", said(&refused));
        assert_eq!(of_2024(files(&place.path("out"))), of_2024(more), "{format}");
        place.ends(&build(&["--after", "2024-01-03", "--until", "2024-01-05", "--force"]), &[0]);
        assert_eq!(of_2024(files(&place.path("out"))), of_2024(part), "{format}");
    }
}

fn of_2024(mut files: Files) -> Files {
    files.retain(|name, _| name.contains("year=2024"));
    files
}

fn sizes(files: &Files) -> usize {
    files.values().map(Vec::len).sum()
}

#[test]
fn what_is_no_partition_is_not_overwritten() {
    let place = place();
    let path = Path::new("out/symbol=EUR-USD/timeframe=1h/year=2024/EUR-USD_1h_2024.csv");
    std::fs::create_dir_all(place.path("out/symbol=EUR-USD/timeframe=1h/year=2024")).expect("a folder");
    std::fs::write(place.path("").join(path), "my notes\n").expect("written");
    let refused = place.ends(&build(&["--after", "2024-01-03"]), &[2]);
    assert!(said(&refused).contains("is there already"), "{}", said(&refused));
    assert_eq!(lines(&place.path("").join(path)), ["my notes"]);
}

#[test]
fn a_dry_run_tells_what_would_be_written_and_writes_nothing() {
    let place = place();
    let (rows, _) = place.figures(&build(&["--dry-run"]), &[0]);
    assert!(!place.path("out").exists());
    let told: Vec<(String, u64)> = (rows.as_array().expect("rows").iter())
        .map(|row| (row["path"].as_str().expect("a path").to_owned(), row["bars"].as_u64().expect("bars")))
        .collect();
    place.ends(&build(&[]), &[0]);
    let found: Vec<(String, u64)> = (files(&place.path("out")).into_iter())
        .map(|(name, bytes)| {
            let lines = bytes.iter().filter(|byte| **byte == b'\n').count() as u64;
            (format!("out/{name}"), lines - 1)
        })
        .collect();
    assert_eq!(told, found);
}

#[test]
fn an_adjusted_series_has_a_folder_of_its_own() {
    let place = place();
    std::fs::create_dir_all(place.path("data/rollover")).expect("a folder");
    std::fs::write(place.path("data/rollover/BRENT.CMD-USD.csv"), "date,gap\n2024-01-04,1.5\n")
        .expect("written");
    let words = ["BRENT.CMD-USD/1d", "BRENT.CMD-USD:panama/1d"];
    let all =
        [&["build", "csv", "--closed", "-s"], &words[..], &["--output-dir", "out", "--partition"]].concat();
    place.ends(&all, &[0]);
    let folder = |symbol: &str| format!("out/symbol={symbol}/timeframe=1d/year=2023");
    let plain = lines(&place.path(&folder("BRENT.CMD-USD")).join("BRENT.CMD-USD_1d_2023.csv"));
    let moved =
        lines(&place.path(&folder("BRENT.CMD-USD%3Apanama")).join("BRENT.CMD-USD_1d_panama_2023.csv"));
    assert_eq!(plain.len(), moved.len());
    let open =
        |line: &str| line.split(',').nth(2).and_then(|text| text.parse::<f64>().ok()).expect("an open");
    for (plain, moved) in plain[1..].iter().zip(&moved[1..]) {
        assert!((open(moved) - open(plain) - 1.5).abs() < 1e-6, "{plain} {moved}");
    }
    place.ends(&[&["build", "csv", "--closed", "-s"], &words[..], &["-o", "one.csv"]].concat(), &[0]);
    let one = lines(&place.path("one.csv"));
    let of = |name: &str| one.iter().filter(|line| line.starts_with(&format!("{name},"))).count();
    assert!(of("BRENT.CMD-USD:panama") > 10 && of("BRENT.CMD-USD:panama") == of("BRENT.CMD-USD"));
}

/// A day of another market.
fn correct(place: &Place, symbol: &str, day: &str) {
    let (symbol, day): (Symbol, Day) = (symbol.parse().expect("a symbol"), day.parse().expect("a day"));
    let payload = Market::new(1).day(&symbol, day).payload(day.start_ms());
    place.lake().write_finished(&symbol, day, payload.as_bytes()).expect("written");
    place.ends(&["rebuild", "full", "--quiet"], &[0]);
}

#[test]
fn what_has_not_changed_is_left_alone() {
    for format in ["parquet", "arrow"] {
        let place = place();
        let words = |more: &[&'static str]| -> Vec<&str> {
            let selects = ["-s", "EUR-USD/1h,1d", "--output-dir", "out", "--partition"];
            [&["build", format], &selects[..], more].concat()
        };
        let written = |more: &[&'static str]| -> Vec<String> {
            let (told, _) = place.figures(&words(more), &[0]);
            let files = told["files"].as_array().expect("files").iter();
            files
                .filter(|file| file["unchanged"] == false)
                .map(|file| file["path"].as_str().expect("a path").to_owned())
                .collect()
        };
        let file = |timeframe: &str, year: i32| {
            format!(
                "out/symbol=EUR-USD/timeframe={timeframe}/year={year}/EUR-USD_{timeframe}_{year}.{format}"
            )
        };
        let all = [file("1h", 2023), file("1h", 2024), file("1d", 2023), file("1d", 2024)];
        let none: [String; 0] = [];
        assert_eq!(written(&[]), all);
        let first = files(&place.path("out"));
        assert_eq!(written(&[]), none);
        assert_eq!(files(&place.path("out")), first);
        // Told to people too.
        let told = place.ends(&words(&[]), &[0]);
        assert!(String::from_utf8_lossy(&told.stdout).contains("(4 files as before)"), "{told:?}");

        correct(&place, "EUR-USD", "2024-01-03");
        assert_eq!(written(&[]), [file("1h", 2024), file("1d", 2024)], "{format}");
        let corrected = files(&place.path("out"));
        std::fs::remove_dir_all(place.path("out")).expect("removed");
        assert_eq!(written(&[]), all);
        assert!(files(&place.path("out")) == corrected, "as if it had been built at once");

        // Another way to write it, another clock, a file that is damaged: all that is another file.
        assert_eq!(written(&["--compression", "lz4"]), all);
        assert_eq!(written(&["--compression", "lz4"]), none);
        assert_eq!(written(&["--compression", "lz4", "--tz", "Asia/Tokyo"]), all);
        assert_eq!(written(&["--compression", "lz4"]), all);
        let damaged = file("1h", 2023);
        std::fs::write(place.path(&damaged), "half of it").expect("written");
        assert_eq!(written(&["--compression", "lz4"]), [damaged]);
        // Indicators may depend on bars of other files.
        assert_eq!(written(&["-i", "sma_20"]), all);
        assert_eq!(written(&["-i", "sma_20"]), all);
        assert_eq!(written(&["--force"]), all);
    }
}

#[test]
fn the_same_bars_in_other_words_are_the_same_file() {
    let place = place();
    let unchanged = |select: &'static str, more: &[&'static str]| -> Vec<bool> {
        let words = ["build", "parquet", "-s", select, "--output-dir", "out", "--partition"];
        let (told, _) = place.figures(&[&words[..], more].concat(), &[0]);
        let files = told["files"].as_array().expect("files").iter();
        files.map(|file| file["unchanged"].as_bool().expect("a word")).collect()
    };
    assert_eq!(unchanged("EUR-USD/1h:skiplast", &[]), [false, false]);
    assert_eq!(unchanged("EUR-USD/1h", &["--compression", "zstd"]), [true, true]);
    let (dry, _) = place.figures(
        &[
            &["build", "parquet", "-s", "EUR-USD/1h,4h", "--output-dir", "out"],
            &["--partition", "--dry-run"][..],
        ]
        .concat(),
        &[0],
    );
    let told: Vec<bool> = dry.as_array().expect("rows").iter().map(|row| row["unchanged"] == true).collect();
    assert_eq!(told, [true, true, false, false]);

    // What is said of prices is said every time.
    std::fs::create_dir_all(place.path("data/rollover")).expect("a folder");
    std::fs::write(place.path("data/rollover/BRENT.CMD-USD.csv"), "date,gap\n2024-01-04,-1000\n")
        .expect("written");
    let words = ["build", "parquet", "-s", "BRENT.CMD-USD:panama/1h", "--output-dir", "out", "--partition"];
    let (first, second) = (place.ends(&words, &[0]), place.ends(&words, &[0]));
    assert!(said(&first).contains("prices of zero or below"), "{}", said(&first));
    assert_eq!(said(&first), said(&second));
    std::fs::write(place.path("data/rollover/BRENT.CMD-USD.csv"), "date,gap\n2024-01-04,-999\n")
        .expect("written");
    assert_eq!(unchanged("BRENT.CMD-USD:panama/1h", &[]), [false, false]);
}

#[test]
fn a_file_with_a_damaged_end_is_written_again_or_is_the_same() {
    let place = place();
    for format in ["parquet", "arrow"] {
        let words = ["build", format, "-s", "EUR-USD/1d", "--output-dir", "out", "--partition", "--force"];
        place.ends(&words, &[0]);
        let name = format!("out/symbol=EUR-USD/timeframe=1d/year=2024/EUR-USD_1d_2024.{format}");
        let whole = std::fs::read(place.path(&name)).expect("a file");
        for step in 0..24 {
            let mut damaged = whole.clone();
            let at = whole.len() - 1 - step * 29 % whole.len().min(700);
            damaged[at] ^= 1 << (step % 8);
            std::fs::write(place.path(&name), &damaged).expect("written");
            place.ends(&words[..7], &[0]);
            let left = std::fs::read(place.path(&name)).expect("a file");
            assert!(left == whole || left == damaged, "{format}, byte {at}");
        }
    }
}

#[test]
fn partitions_without_bars_are_named_and_removed_on_demand() {
    let place = place();
    let old = "out/symbol=EUR-USD/timeframe=1h/year=2023";
    let gone = |output: &Output| said(output).lines().filter(|line| line.contains("year=2023")).count();
    assert_eq!(gone(&place.ends(&build(&[]), &[0])), 0);
    let (lake, symbol): (_, Symbol) = (place.lake(), "EUR-USD".parse().expect("a symbol"));
    let first: Day = FIRST.parse().expect("a day");
    for day in first.through("2023-12-31".parse().expect("a day")) {
        let payload = lake.release_path(&symbol, day).with_extension("json");
        std::fs::remove_file(payload).expect("removed");
    }
    std::fs::write(place.path(old).join("notes.txt"), "mine").expect("written");
    place.ends(&["rebuild", "full", "--quiet"], &[0]);
    // Bars of the server's new year were in its old one by UTC.
    let kept = place.ends(&build(&[]), &[0]);
    assert_eq!(gone(&kept), 1, "{}", said(&kept));
    assert!(said(&kept).contains("--prune removes it"), "{}", said(&kept));
    assert!(place.path(old).join("EUR-USD_1h_2023.csv").exists());
    // Nobody asked for all of that year.
    assert_eq!(gone(&place.ends(&build(&["--after", "2023-06-01"]), &[0])), 0);
    assert_eq!(gone(&place.ends(&build(&["--after", "2023-06-01", "--prune"]), &[0])), 0);
    assert_eq!(gone(&place.ends(&build(&["--after", "2023-01-01", "--dry-run", "--prune"]), &[0])), 1);
    assert!(place.path(old).join("EUR-USD_1h_2023.csv").exists());
    assert_eq!(gone(&place.ends(&build(&["--force"]), &[0])), 1);
    assert!(place.path(old).join("EUR-USD_1h_2023.csv").exists());
    let (told, _) = place.figures(&build(&["--prune"]), &[0]);
    let path = format!("{old}/EUR-USD_1h_2023.csv");
    assert_eq!(told["vanished"], serde_json::json!([{ "path": path, "removed": true }]));
    assert!(!place.path(old).join("EUR-USD_1h_2023.csv").exists());
    // What others put there stays.
    assert!(place.path(old).join("notes.txt").exists());
    // A lake that is lost does not take its files with it.
    std::fs::remove_dir_all(place.path("data")).expect("removed");
    let out = files(&place.path("out"));
    place.ends(&build(&["--prune"]), &[0]);
    assert_eq!(files(&place.path("out")), out);
    let refused = place.ends(&["build", "csv", "-s", "EUR-USD/1h", "--output-dir", "out", "--prune"], &[2]);
    assert!(said(&refused).contains("--partition"), "{}", said(&refused));
}

#[test]
fn a_year_whose_only_bar_is_open_is_not_gone() {
    let place = place();
    let year = "out/symbol=EUR-USD/timeframe=1Y/year=2024/EUR-USD_1Y_2024.csv";
    let build = |select: &'static str, more: &[&'static str]| {
        let words =
            ["--now", "2024-01-10", "build", "csv", "-s", select, "--output-dir", "out", "--partition"];
        place.ends(&[&words[..], more].concat(), &[0])
    };
    build("EUR-USD/1Y", &[]);
    assert!(place.path(year).exists());
    for output in [build("EUR-USD/1Y", &["--closed", "--prune"]), build("EUR-USD/1Y:skiplast", &["--prune"])]
    {
        assert!(!said(&output).contains("year=2024"), "{}", said(&output));
        assert!(place.path(year).exists());
    }
}
