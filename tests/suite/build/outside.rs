//! Files as the programs read them for which they are made: pandas, polars, pyarrow and DuckDB.

#![allow(clippy::print_stdout)]

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::process::Command;

use engine::model::Bar;
use serde_json::Value;

use super::{bars, place};
use crate::python::python_with;

/// Files, and the words that make them.
const FILES: &[(&str, &[&str])] = &[
    ("zstd.parquet", &["parquet"]),
    ("snappy.parquet", &["parquet", "--compression", "snappy"]),
    ("gzip.parquet", &["parquet", "--compression", "gzip"]),
    ("brotli.parquet", &["parquet", "--compression", "brotli"]),
    ("lz4.parquet", &["parquet", "--compression", "lz4"]),
    ("none.parquet", &["parquet", "--compression", "none"]),
    ("plain.arrow", &["arrow"]),
    ("lz4.arrow", &["arrow", "--compression", "lz4"]),
    ("zstd.arrow", &["arrow", "--compression", "zstd"]),
    ("stream.arrows", &["arrow-stream"]),
    ("text.csv", &["csv"]),
    ("lines.ndjson", &["ndjson"]),
];

type Columns = BTreeMap<String, Vec<Value>>;

/// What every reader has to find: the records of the lake.
fn wanted(bars: &[Bar], symbol: &str) -> Columns {
    let column = |of: &dyn Fn(&Bar) -> Value| bars.iter().map(of).collect::<Vec<_>>();
    let wall = |bar: &Bar| {
        let ms = bar.time_ms as i64 + 1000 * i64::from(bar.utc_offset_s);
        chrono::DateTime::from_timestamp_millis(ms).expect("a time").format("%Y-%m-%d %H:%M:%S").to_string()
    };
    BTreeMap::from([
        ("symbol".to_owned(), column(&|_| symbol.into())),
        ("timeframe".to_owned(), column(&|_| "1h".into())),
        ("time".to_owned(), column(&|bar| wall(bar).into())),
        ("time_ms".to_owned(), column(&|bar| bar.time_ms.into())),
        ("open".to_owned(), column(&|bar| bar.open.into())),
        ("high".to_owned(), column(&|bar| bar.high.into())),
        ("low".to_owned(), column(&|bar| bar.low.into())),
        ("close".to_owned(), column(&|bar| bar.close.into())),
        ("volume".to_owned(), column(&|bar| bar.volume.into())),
        ("count".to_owned(), column(&|bar| bar.count.into())),
    ])
}

fn same(ours: &Value, theirs: &Value) -> bool {
    match (ours.as_f64(), theirs.as_f64()) {
        (Some(ours), Some(theirs)) => ours.to_bits() == theirs.to_bits(),
        _ => ours == theirs,
    }
}

#[test]
fn other_programs_read_every_file_to_the_last_bit() {
    let all = ["numpy", "pandas", "polars", "pyarrow", "duckdb"];
    let Some(python) = python_with(&all).or_else(|| python_with(&all[..2])) else {
        println!("skipped: no Python with pandas, and none could be installed (ENGINE_PYTHON names one)");
        return;
    };
    let place = place();
    let write = |words: &[&str]| {
        let all = ["--closed", "--after", "2023-12-28", "--until", "2024-01-06"];
        place.ends(&[&["build"], words, &all].concat(), &[0]);
    };
    std::fs::create_dir(place.path("out")).expect("a folder");
    for (name, words) in FILES {
        let path = format!("out/{name}");
        write(&[words, &["-s", "EUR-USD/1h", "-o", path.as_str()][..]].concat());
    }
    let hive = ["-s", "EUR-USD/1h", "BTC-USD/1h", "--output-dir", "out/hive", "--partition"];
    write(&[&["parquet"], &hive[..]].concat());

    let of_slice = |symbol: &str| {
        let mut bars = bars(&place.path(&format!("data/resample/1h/{symbol}.bin")));
        // 2023-12-28 and 2024-01-06, 00:00 of a clock two hours before UTC's.
        bars.retain(|bar| (1_703_714_400_000..1_704_492_000_000).contains(&bar.time_ms));
        bars
    };
    let one = wanted(&of_slice("EUR-USD"), "EUR-USD");
    let mut both = wanted(&of_slice("BTC-USD"), "BTC-USD");
    for (name, values) in &one {
        both.get_mut(name).expect("the same columns").extend(values.iter().cloned());
    }
    let years =
        both["time"].iter().map(|time| time.as_str().and_then(|text| text[..4].parse::<u64>().ok()).into());
    let years: Vec<Value> = years.collect();
    both.insert("year".to_owned(), years);

    let script = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/suite/build/outside.py");
    let output = Command::new(&python).arg(script).arg(place.path("out")).output().expect("Python runs");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let mut read = BTreeMap::<String, usize>::new();
    for line in String::from_utf8_lossy(&output.stdout).lines() {
        let answer: Value = serde_json::from_str(line).expect("a JSON line");
        let library = answer["library"].as_str().expect("a library");
        if let Some(missing) = answer["missing"].as_str() {
            println!("skipped: {library}: {missing}");
            continue;
        }
        *read.entry(library.to_owned()).or_default() += 1;
        let file = answer["file"].as_str().expect("a file");
        let wanted = if file == "hive" { &both } else { &one };
        let columns = answer["columns"].as_object().expect("columns");
        let names: Vec<&String> = columns.keys().collect();
        assert_eq!(names.len(), wanted.len(), "{library} {file}: {names:?}");
        for (name, values) in wanted {
            let theirs = columns[name].as_array().expect("values");
            assert_eq!(values.len(), theirs.len(), "{library} {file} {name}");
            for (row, (ours, theirs)) in values.iter().zip(theirs).enumerate() {
                // A folder's name is a number or a text, as its reader likes.
                let alike = name == "year" && theirs.to_string().trim_matches('"') == format!("{ours}");
                assert!(alike || same(ours, theirs), "{library} {file} {name} row {row}: {ours} {theirs}");
            }
        }
    }
    assert!(read["with_pandas".trim_start_matches("with_")] >= 7, "{read:?}");
}

#[test]
fn a_pipe_carries_arrow_to_its_readers() {
    let Some(python) = python_with(&["pyarrow"]) else {
        println!("skipped: no Python with pyarrow");
        return;
    };
    let place = place();
    for words in [
        &["query", "EUR-USD/1h", "--closed", "--format", "arrow"][..],
        &["build", "arrow", "-s", "EUR-USD/1h", "--closed", "-o", "-"],
    ] {
        let mut engine = place.engine(words).stdout(std::process::Stdio::piped()).spawn().expect("it starts");
        let script = "import sys, pyarrow as pa\n\
                      t = pa.ipc.open_stream(sys.stdin.buffer).read_all()\n\
                      print(t.num_rows, sum(t['time_ms'].to_pylist()), b'engine' in t.schema.metadata)";
        let output = Command::new(&python)
            .args(["-c", script])
            .stdin(engine.stdout.take().expect("a pipe"))
            .output()
            .expect("Python runs");
        assert!(engine.wait().expect("it ends").success());
        let bars = bars(&place.path("data/resample/1h/EUR-USD.bin"));
        let sum: u64 = bars.iter().map(|bar| bar.time_ms).sum();
        assert_eq!(
            String::from_utf8_lossy(&output.stdout).trim(),
            format!("{} {sum} True", bars.len()),
            "{}",
            String::from_utf8_lossy(&output.stderr)
        );
    }
}
