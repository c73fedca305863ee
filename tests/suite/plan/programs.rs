//! Programs of the user's: plain shell scripts that keep what they get and answer what the test has laid beside them.

#![cfg(unix)]

use std::fs::File;
use std::os::unix::fs::PermissionsExt;
use std::time::{Duration, Instant};

use polars::prelude::*;

use super::{assert_near, column, numbers, place_with, refused, rows};
use crate::binary::Place;

/// Bars of the timeframe these tests look at.
const SELECT: &str = "EUR-USD/4h";

const CONFIG: &str = r#"indicators:
  two: {command: [./two.sh], columns: [a, b], inputs: [sma_5, close@BTC-USD, minmax_5], warm_up: 10}
  one: {command: [./one.sh], warm_up: 0}
  all: {command: [./one.sh]}
  fails: {command: [sh, -c, "echo first >&2; echo 'cannot go on' >&2; exit 3"]}
  unread: {command: [sh, -c, "exec 0<&-; exit 4"]}
  killed: {command: [sh, -c, "kill -9 $$"]}
  slow: {command: [sh, -c, "sleep 600 & echo $! > sleeper; echo 'still at it' >&2; wait"], timeout: 0.5}
  hung: {command: [sh, -c, "sleep 600 & echo $! > hung; wait"], timeout: 300}
  deaf: {command: [sh, -c, "exec sleep 600"], timeout: 0.4}
  silent: {command: [sh, -c, "cat > /dev/null"]}
  chatty: {command: [sh, -c, "cat > /dev/null; echo Starting up"]}
  endless: {command: [sh, -c, "cat > /dev/null; exec yes"]}
  file: {command: [./file.sh]}
  cut: {command: [./cut.sh]}
  short: {command: [./short.sh]}
  text: {command: [./text.sh]}
  lacks: {command: [./one.sh], columns: [x, y]}
  more: {command: [./more.sh]}
  nobody: {command: [no_such_program_anywhere]}
  nowhere: {command: [./nowhere.sh]}
  plain: {command: [./plain.sh]}
  local: {command: [one.sh]}
  nointerpreter: {command: [./nointerpreter.sh]}
  egg: {command: [./one.sh], inputs: [hen]}
  hen: {expr: "egg + 1"}
  far: {command: [./one.sh], inputs: ["far@1d"]}
  askew: {command: [./one.sh], inputs: [smaa_20]}
  mixed: {expr: "two__a - close"}
"#;

fn write(place: &Place, name: &str, frame: &mut DataFrame) {
    let file = File::create(place.path(name)).expect("a file");
    IpcStreamWriter::new(file).finish(frame).expect("written");
}

fn script(place: &Place, name: &str, mode: u32, text: &str) {
    std::fs::write(place.path(name), text).expect("written");
    std::fs::set_permissions(place.path(name), std::fs::Permissions::from_mode(mode)).expect("set");
}

fn sent(place: &Place, name: &str) -> DataFrame {
    let bytes = std::fs::read(place.path(name)).expect("the script kept what it got");
    IpcStreamReader::new(std::io::Cursor::new(bytes)).finish().expect("an Arrow stream")
}

/// A frame of columns of numbers that tell their rows.
fn frame(height: usize, names: &[&str]) -> DataFrame {
    let column = |(place, name): (usize, &&str)| {
        let values: Vec<f64> = (0..height).map(|row| (1000 * place + row) as f64).collect();
        Column::new((*name).into(), values)
    };
    DataFrame::new(height, names.iter().enumerate().map(column).collect()).expect("a frame")
}

/// The lake, the scripts, and how many bars there are.
fn programs() -> (Place, usize) {
    let place = place_with(CONFIG);
    let height = rows(&place, &["query", SELECT]).1.len();
    assert!(height > 60, "{height}");
    let count =
        "#!/bin/sh\necho $ENGINE_INDICATOR $ENGINE_SYMBOL $ENGINE_TIMEFRAME >> calls\ncat > seen.arrow\n";
    script(&place, "two.sh", 0o755, &format!("{count}exec cat two.arrow\n"));
    script(&place, "one.sh", 0o755, &format!("{count}exec cat one.arrow\n"));
    for name in ["file", "cut", "short", "text", "more"] {
        script(
            &place,
            &format!("{name}.sh"),
            0o755,
            &format!("#!/bin/sh\ncat > /dev/null\ncat {name}.arrow\n"),
        );
    }
    script(&place, "plain.sh", 0o644, "#!/bin/sh\n");
    script(&place, "nointerpreter.sh", 0o755, "#!/no/such/interpreter\n");
    write(&place, "one.arrow", &mut frame(height, &["whatever"]));
    write(&place, "short.arrow", &mut frame(height - 1, &["v"]));
    write(&place, "more.arrow", &mut frame(height, &["v", "w"]));
    write(&place, "text.arrow", &mut words(height));
    let whole = std::fs::read(place.path("one.arrow")).expect("written");
    std::fs::write(place.path("cut.arrow"), &whole[..whole.len() / 2]).expect("written");
    let file = File::create(place.path("file.arrow")).expect("a file");
    IpcWriter::new(file).finish(&mut frame(height, &["v"])).expect("written");
    (place, height)
}

fn words(height: usize) -> DataFrame {
    let column = Column::new("v".into(), vec!["high"; height]);
    DataFrame::new(height, vec![column]).expect("a frame")
}

fn calls(place: &Place) -> Vec<String> {
    let text = std::fs::read_to_string(place.path("calls")).unwrap_or_default();
    std::fs::remove_file(place.path("calls")).ok();
    text.lines().map(str::to_owned).collect()
}

#[test]
fn a_program_gets_the_slice_with_its_warm_up_and_answers_its_columns() {
    let (place, height) = programs();
    let (_, whole) = rows(&place, &["query", SELECT, "-i", "sma_5,close@BTC-USD,minmax_5,server_time_ms"]);
    // Ten bars before a slice of four for the program, and before those as many as its inputs need.
    let asked = ["query", SELECT, "-i", "two", "--order", "desc", "--limit", "4"];
    let (explained, _) = place.figures(&[&asked[..], &["--explain"]].concat(), &[0]);
    let before = explained[0]["rows_before"].as_u64().expect("a number") as usize;
    assert!(before >= 10 && before + 4 < height, "{before}");
    let count = before + 4;
    let mut answer = frame(count, &["b", "a"]);
    let nulls: Float64Chunked = (0..count).map(|row| (row != count - 2).then_some(row as f64)).collect();
    answer.replace("a", nulls.with_name("a".into()).into_column()).expect("replaced");
    write(&place, "two.arrow", &mut answer);
    let words = ["query", SELECT, "-i", "two__b,two,two__a", "--order", "desc", "--limit", "4"];
    let (header, mut slice) = rows(&place, &words);
    slice.reverse();
    assert_eq!(header[11..], ["two__b", "two__a"], "what is asked for twice comes once");
    let last: Vec<f64> = (before..count).map(|row| row as f64).collect();
    assert_eq!(numbers(&slice, 11), last);
    let shown: Vec<&str> = slice.iter().map(|row| row[12].as_str()).collect();
    assert_eq!(
        shown,
        [format!("{:?}", last[0]), format!("{:?}", last[1]), "NaN".to_owned(), format!("{:?}", last[3])]
    );
    assert_eq!(calls(&place), ["two EUR-USD 4h"], "one process, with its errand");

    let seen = sent(&place, "seen.arrow");
    let names: Vec<&str> = seen.get_column_names().into_iter().map(|name| name.as_str()).collect();
    assert_eq!(
        names,
        [
            "time_ms",
            "server_time_ms",
            "open",
            "high",
            "low",
            "close",
            "volume",
            "sma_5",
            "close@BTC-USD",
            "minmax_5__min",
            "minmax_5__max"
        ]
    );
    assert_eq!(seen.height(), count);
    // Inputs are right from the rows on that the program's values depend on.
    let seen = seen.tail(Some(14));
    let tail = &whole[height - 14..];
    let of = |name: &str| -> Vec<f64> {
        let column = seen.column(name).expect("a column").cast(&DataType::Float64).expect("numbers");
        column.f64().expect("numbers").iter().map(|value| value.unwrap_or(f64::NAN)).collect()
    };
    for (name, place) in [("time_ms", 3), ("open", 4), ("high", 5), ("low", 6), ("close", 7), ("volume", 8)] {
        assert_near(&of(name), &numbers(tail, place), name);
    }
    for (name, place) in ["sma_5", "close@BTC-USD", "minmax_5__min", "minmax_5__max"].iter().zip(11..) {
        assert_near(&of(name), &numbers(tail, place), name);
    }
    assert_near(&of("server_time_ms"), &numbers(tail, 15), "server_time_ms");
    assert_eq!(seen.column("time_ms").expect("a column").dtype(), &DataType::Int64);
}

#[test]
fn programs_compose_with_everything() {
    let (place, height) = programs();
    write(&place, "two.arrow", &mut frame(height, &["a", "b"]));
    let words = ["query", SELECT, "-i", "sma(source=two; period=3),mixed,two__b,all"]
        .map(|word| word.replace(';', ","));
    let (header, all) = rows(&place, &words.each_ref().map(String::as_str));
    assert_eq!(
        header[11..],
        ["sma(source=two, period=3)".to_owned(), "mixed".into(), "two__b".into(), "all".into()]
    );
    let a: Vec<f64> = (0..height).map(|row| row as f64).collect();
    assert_near(&numbers(&all, 11)[2..], &a[1..height - 1], "the mean of three");
    let close = numbers(&all, 7);
    let difference: Vec<f64> = a.iter().zip(&close).map(|(a, close)| a - close).collect();
    assert_near(&numbers(&all, 12), &difference, "an expression of a program");
    assert_near(&numbers(&all, 13), &a.iter().map(|a| a + 1000.0).collect::<Vec<_>>(), "the second column");
    assert_near(&numbers(&all, 14), &a, "a column of any name");
    let mut made = calls(&place);
    made.sort();
    assert_eq!(made, ["all EUR-USD 4h", "two EUR-USD 4h"]);

    // Of another series, both columns by one process.
    let days = rows(&place, &["query", "EUR-USD/1d"]).1.len();
    write(&place, "one.arrow", &mut frame(days, &["v"]));
    let (header, hours) = rows(&place, &["query", SELECT, "-i", "all@1d"]);
    let values = numbers(&hours, column(&header, "all@1d"));
    assert!(values.windows(2).all(|pair| pair[0].is_nan() || pair[0] <= pair[1]), "{values:?}");
    assert_eq!(calls(&place), ["all EUR-USD 1d"]);
    write(&place, "two.arrow", &mut frame(days, &["a", "b"]));
    let (header, hours) = rows(&place, &["query", SELECT, "-i", "two@1d,two__b@1d"]);
    assert_eq!(header[11..], ["two@1d__a", "two@1d__b", "two__b@1d"]);
    assert_eq!(hours[height - 1][12], hours[height - 1][13]);
    assert_eq!(calls(&place), ["two EUR-USD 1d"]);
}

#[test]
fn nothing_is_started_for_nothing() {
    let (place, _) = programs();
    let (header, none) = rows(&place, &["query", SELECT, "-i", "all,fails", "--after", "2031-01-01"]);
    assert_eq!((&header[11..], none.len()), (&["all".to_owned(), "fails".to_owned()][..], 0));
    let explained = place.ends(&["query", SELECT, "-i", "all,two", "--explain"], &[0]);
    let text = String::from_utf8(explained.stdout).expect("text");
    assert!(text.contains("then the program two: ./two.sh, of sma_5, close@BTC-USD, minmax_5"), "{text}");
    assert!(calls(&place).is_empty());
}

#[test]
fn every_bad_answer_is_named() {
    let (place, height) = programs();
    let cases: [(&str, &[&str]); 20] = [
        ("fails", &["indicators.fails", "exit code 3", "first", "cannot go on"]),
        ("unread", &["exit code 4", "without having read its input"]),
        ("killed", &["signal 9 (kill)"]),
        ("slow", &["within 0.5 s", "timeout", "still at it"]),
        ("deaf", &["within 0.4 s"]),
        ("silent", &["no Arrow IPC stream", "nothing is written on stdout"]),
        ("chatty", &["no Arrow IPC stream", "'Starting up'", "stderr"]),
        ("endless", &["answered more than", "bytes"]),
        ("file", &["it is an Arrow file", "write_ipc_stream"]),
        ("cut", &["no Arrow IPC stream"]),
        ("short", &[&format!("{} rows to {height}", height - 1)]),
        ("text", &["column 'v' holds", "numbers are wanted"]),
        ("lacks", &["no column 'x' but 'whatever'", "'x' and 'y'"]),
        ("more", &["'v' and 'w'", "wanted: one column"]),
        ("nobody", &["'no_such_program_anywhere' is not found", "PATH"]),
        ("nowhere", &["nowhere.sh' is not found", "no such file"]),
        ("plain", &["may not be executed", "chmod +x"]),
        ("local", &["not on the PATH", "./one.sh"]),
        ("nointerpreter", &["the interpreter that its first line names is not there"]),
        ("askew", &["indicators.askew.inputs", "no indicator 'smaa_20'", "the nearest: sma"]),
    ];
    for (name, words) in cases {
        let started = Instant::now();
        // What fits into the pipe is gone before anybody looks.
        let select = if name == "unread" { "EUR-USD/1m" } else { SELECT };
        let said = refused(&place, &["query", select, "-i", name]);
        for word in words {
            assert!(said.contains(word), "{name} lacks '{word}': {said}");
        }
        assert!(started.elapsed() < Duration::from_secs(60), "{name}");
    }
    for (name, path) in [("egg", "egg -> hen -> egg"), ("hen", "hen -> egg -> hen"), ("far", "far -> far")] {
        assert!(refused(&place, &["query", SELECT, "-i", name]).contains(path), "{name}");
    }
    for name in ["two__c", "one__a", "twoo", "two__"] {
        assert!(
            refused(&place, &["query", SELECT, "-i", name]).contains("two") || name == "one__a",
            "{name}"
        );
    }
    let checked = place.engine(&["config", "check"]).output().expect("it starts");
    let said = String::from_utf8_lossy(&checked.stderr);
    assert_eq!(checked.status.code(), Some(2));
    assert!(said.contains("smaa_20") && said.contains("egg -> hen"), "{said}");
}

#[test]
fn what_a_program_has_started_ends_with_it() {
    let (place, _) = programs();
    refused(&place, &["query", SELECT, "-i", "slow"]);
    let sleeper = std::fs::read_to_string(place.path("sleeper")).expect("its number");
    assert_ends(&sleeper);
}

/// A program has a group of its own, which Ctrl-C does not reach.
#[test]
fn an_interrupted_query_ends_its_programs() {
    let (place, _) = programs();
    let mut query = place.engine(&["query", SELECT, "-i", "hung"]).spawn().expect("it starts");
    let deadline = Instant::now() + Duration::from_secs(30);
    let sleeper = loop {
        let text = std::fs::read_to_string(place.path("hung")).unwrap_or_default();
        if text.ends_with('\n') {
            break text;
        }
        assert!(Instant::now() < deadline, "the program has not started");
        std::thread::sleep(Duration::from_millis(10));
    };
    let sent = std::process::Command::new("kill").args(["-INT", &query.id().to_string()]).status();
    assert!(sent.expect("kill runs").success());
    assert_eq!(query.wait().expect("it ends").code(), Some(130));
    assert_ends(&sleeper);
}

fn assert_ends(sleeper: &str) {
    let is_there = || {
        let stat = std::fs::read_to_string(format!("/proc/{}/stat", sleeper.trim())).unwrap_or_default();
        // A zombie whose new parent has not looked yet is gone.
        !stat.is_empty() && !stat.contains(") Z ")
    };
    let deadline = Instant::now() + Duration::from_secs(10);
    while is_there() && Instant::now() < deadline {
        std::thread::sleep(Duration::from_millis(10));
    }
    assert!(!is_there(), "{sleeper} is still there");
}

#[test]
fn a_stream_that_is_cut_or_changed_anywhere_is_an_error_or_an_answer() {
    let (place, height) = programs();
    let whole = std::fs::read(place.path("one.arrow")).expect("written");
    // The head of a stream is where lengths stand.
    let places = (0..64).chain((64..whole.len().min(600)).step_by(37));
    for at in places {
        let mut changed = whole.clone();
        changed[at] ^= 0x41;
        std::fs::write(place.path("one.arrow"), &changed).expect("written");
        let output =
            place.engine(&["query", SELECT, "-i", "all", "--format", "csv"]).output().expect("it starts");
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(matches!(output.status.code(), Some(0 | 2)), "byte {at}: {said}");
        assert!(!said.contains("panicked"), "byte {at}: {said}");
        let lines = String::from_utf8_lossy(&output.stdout).lines().count();
        assert!(lines == 0 || lines == height + 1, "byte {at}: {lines} lines");
    }
}
