//! The real binary in folders of its own: what it says, where it says it, and the code it ends with.

use std::io::Read;
use std::path::Path;
use std::process::{Output, Stdio};

use assert_cmd::Command;
use engine::cli;
use engine::model::{Bar, Day, Symbol};
use engine::store::{Commit, Lake, SeriesKey};
use serde_json::Value;
use tempfile::TempDir;

/// 2024-01-08 12:00 UTC, a Monday.
const NOW: &str = "2024-01-08 12:00";
/// 2024-01-08 00:00 UTC.
const MONDAY_MS: u64 = 1_704_672_000_000;
/// A port of this machine on which nobody answers: the discard service of old, out of use and reserved.
const CLOSED_PORT: &str = "http://127.0.0.1:9/v1";

fn engine(folder: &Path, words: &[&str]) -> Command {
    let mut command = Command::new(assert_cmd::cargo::cargo_bin!("engine"));
    command.current_dir(folder).env_remove("START_DATE").env_remove("RUST_LOG").args(words);
    command
}

fn output(folder: &Path, words: &[&str]) -> Output {
    engine(folder, words).output().expect("the binary runs")
}

fn code(output: &Output) -> i32 {
    output.status.code().expect("it ended by itself")
}

fn out(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).expect("text")
}

fn err(output: &Output) -> String {
    String::from_utf8(output.stderr.clone()).expect("text")
}

fn json(output: &Output) -> Value {
    serde_json::from_slice(&output.stdout)
        .unwrap_or_else(|error| panic!("{error}: {}{}", out(output), err(output)))
}

/// A folder with a configuration and a list of two symbols.
fn folder() -> TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    let config = "download:\n  max_retries: 2\n  backoff_factor: 0.01\n  timeout: 5\n";
    std::fs::write(folder.path().join("config.yaml"), config).expect("written");
    std::fs::write(folder.path().join("symbols.txt"), "symbol\nEUR-USD\nXAU/USD\n").expect("written");
    folder
}

/// The same with minutes of EUR-USD in its 1m series.
fn folder_with_minutes(count: u64) -> TempDir {
    let folder = folder();
    let loaded = engine::config::load(&folder.path().join("config.yaml")).expect("sound");
    let symbol: Symbol = "EUR-USD".parse().expect("a symbol");
    let cascade = engine::model::cascade::Cascade::new(&symbol, &loaded.settings).expect("an order");
    let mut writer =
        Lake::new(loaded.settings.paths).open_series(&SeriesKey::minute(symbol), false).expect("a writer");
    let bars: Vec<Bar> = (0..count).map(minute).collect();
    writer.append(&bars).expect("appended");
    let commit = Commit {
        out_pos: count * 64,
        watermark_ms: MONDAY_MS + count * 60_000,
        last_date: Some(Day::of_ms(MONDAY_MS as i64)),
        fingerprint: cascade.minute_fingerprint,
        ..Commit::default()
    };
    writer.publish(commit).expect("committed");
    folder
}

fn minute(i: u64) -> Bar {
    let open = 1.1 + i as f64 / 1e5;
    let (high, low, close) = (open + 0.0002, open - 0.0001, open + 0.0001);
    let time_ms = MONDAY_MS + i * 60_000;
    Bar { time_ms, open, high, low, close, volume: 10.0, count: 1, ..Bar::default() }.sealed()
}

#[test]
fn the_tree_of_commands_is_sound() {
    cli::command().debug_assert();
}

/// An emulated processor of 2008: the first unknown instruction would end the process without a word.
#[test]
#[allow(clippy::print_stdout)]
fn an_older_processor_is_told_what_to_do() {
    let emulated = |processor: &str| {
        let mut emulator = Command::new("qemu-x86_64");
        emulator
            .args(["-cpu", processor])
            .arg(assert_cmd::cargo::cargo_bin!("engine"))
            .arg("--version")
            .output()
    };
    let Ok(old) = emulated("Nehalem") else {
        println!("skipped: no qemu-x86_64");
        return;
    };
    let is_for_all = !cfg!(target_feature = "avx2");
    assert_eq!(code(&old), if is_for_all { 0 } else { 2 }, "{}", err(&old));
    assert!(
        is_for_all || (err(&old).contains("AVX2") && err(&old).contains("./build-engine.sh")),
        "{}",
        err(&old)
    );
    let newer = emulated("max").expect("the emulator is there");
    assert_eq!(code(&newer), 0, "{}", err(&newer));
}

#[test]
fn every_command_has_help_with_an_example() {
    fn walk(command: &clap::Command, path: &str) {
        for sub in command.get_subcommands().filter(|sub| sub.get_name() != "help") {
            let path = format!("{path} {}", sub.get_name());
            assert!(
                sub.get_about().is_some() && !sub.get_about().expect("help").to_string().contains('\n'),
                "{path}"
            );
            let after = sub.get_after_help().map(ToString::to_string).unwrap_or_default();
            let words = path.split_whitespace().last().expect("a name");
            assert!(after.contains("Example:\n") && after.contains(words), "{path} has no example");
            let indented = after.lines().filter(|line| line.starts_with("  engine"));
            indented.for_each(|line| assert_parses(line.trim(), &path));
            walk(sub, &path);
        }
    }
    let root = cli::command();
    assert!(root.get_after_help().is_some_and(|help| help.to_string().contains("Example:\n")));
    walk(&root, "engine");
}

#[test]
fn the_command_reference_is_up_to_date() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/CLI.md");
    let text = cli::markdown();
    if std::env::var_os("UPDATE_DOCS").is_some() {
        std::fs::write(&path, &text).expect("written");
    }
    let held = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(
        held == text,
        "docs/CLI.md differs from the program's help: UPDATE_DOCS=1 cargo test --test suite cli::"
    );
}

#[test]
fn every_engine_line_of_scripts_and_readme_parses() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let entries = std::fs::read_dir(root).expect("the crate").map(|entry| entry.expect("an entry").path());
    let texts = entries.filter(|path| {
        path.extension().is_some_and(|ending| ending == "sh")
            || path.file_name().is_some_and(|name| name == "README.md")
    });
    let mut parsed = 0;
    for path in texts {
        for line in std::fs::read_to_string(&path).expect("text").lines() {
            if let Some(words) = engine_words(line) {
                assert_parses(&words, &path.display().to_string());
                parsed += 1;
            }
        }
    }
    assert!(parsed >= 5, "{parsed} lines found: run.sh and the four rebuilds alone are five");
}

/// What a script stands for.
const SCRIPTS: [(&str, &str); 5] = [
    ("./run.sh", "run"),
    ("./rebuild-full.sh", "rebuild full"),
    ("./rebuild-aggregate.sh", "rebuild aggregate"),
    ("./rebuild-resample.sh", "rebuild resample"),
    ("./rebuild-weekly.sh", "rebuild weekly"),
];

/// The engine's command line in a line of a script or a README, as it would be after the shell had its way.
fn engine_words(line: &str) -> Option<String> {
    let line = line.trim().trim_start_matches("$ ").trim_start_matches("exec ");
    let lead = line.split_whitespace().next()?;
    if let Some((script, words)) = SCRIPTS.iter().find(|(script, _)| *script == lead) {
        return Some(shell_words(&format!("{words} {}", &line[script.len()..])));
    }
    let names = ["engine", "\"$engine\"", "$engine", "./target/release/engine", "target/release/engine"];
    let rest = names.contains(&lead).then(|| line[lead.len()..].trim_start())?;
    // Prose that begins with the name has no subcommand after it.
    let known = |word: &str| {
        cli::command().get_subcommands().any(|sub| sub.get_name() == word) || word.starts_with('-')
    };
    rest.split_whitespace().next().filter(|word| known(word))?;
    Some(shell_words(rest))
}

/// The words of one command, without what the shell takes for itself.
fn shell_words(rest: &str) -> String {
    let rest = &quoted_as_one(rest);
    let end = rest.find([';', '|', '>', '&', '#']).unwrap_or(rest.len());
    format!("engine {}", rest[..end].replace("\"$@\"", "").replace("$@", "").replace(['`', '\\'], " "))
}

/// What is in double quotes is one word, whatever signs it has.
fn quoted_as_one(line: &str) -> String {
    let mut is_quoted = false;
    let one = |c: char| {
        is_quoted ^= c == '"';
        if is_quoted && (c.is_whitespace() || ";|>&#".contains(c)) { '_' } else { c }
    };
    line.chars().map(one).collect()
}

fn assert_parses(line: &str, origin: &str) {
    let line = quoted_as_one(line);
    let line = line.split([';', '|', '>', '&', '#']).next().unwrap_or_default();
    let parsed = cli::command().try_get_matches_from(line.split_whitespace());
    assert!(
        parsed.is_ok(),
        "{origin}: {line}: {}",
        parsed.err().map(|error| error.to_string()).unwrap_or_default()
    );
}

#[test]
fn an_empty_folder_is_told_what_is_missing() {
    let folder = tempfile::tempdir().expect("a folder");
    for words in
        [&["run"][..], &["query", "EUR-USD/1h"], &["status"], &["config", "check"], &["rebuild", "full"]]
    {
        let output = output(folder.path(), words);
        assert_eq!(code(&output), 2, "{words:?}: {}", err(&output));
        assert!(
            err(&output).contains("config.yaml") && err(&output).contains("--config"),
            "{}",
            err(&output)
        );
        assert!(output.stdout.is_empty());
    }
}

#[test]
fn mistakes_in_arguments_name_the_option_the_reason_and_an_example() {
    let folder = folder();
    let cases: [(&[&str], &[&str]); 14] = [
        (&["run", "--from", "2024-02-30"], &["--from", "2024-02-30", "YYYY-MM-DD", "2024-01-31"]),
        (&["run", "--to", "tomorrow"], &["--to", "tomorrow", "2024-01-31"]),
        (&["run", "--from", "2024-01-05", "--to", "2024-01-04"], &["--from", "--to", "after", "for example"]),
        (&["run", "--from", "2024-01-09"], &["--from", "2024-01-09", "future", "for example"]),
        (&["run", "--symbols", "EUR-USD,*"], &["--symbols", "'*' is not a symbol", "EUR-USD"]),
        (&["run", "--symbols", "../etc"], &["--symbols", "not a symbol"]),
        (&["run", "--feed", "ftp://x"], &["--feed", "simulated", "http://"]),
        (&["run", "--faults", "cut=0.1"], &["--faults", "--feed simulated"]),
        (&["run", "--feed", "simulated", "--faults", "cutt"], &["--faults", "cut"]),
        (&["run", "--now", "later"], &["--now", "2024-01-31"]),
        (&["query", "EUR-USD/1h", "--after", "2024-13-01"], &["--after", "2024-13-01", "2024-01-31"]),
        (&["query", "EUR-USD/1h", "--tz", "Mars"], &["--tz", "Mars", "Europe/Paris"]),
        (&["query", "EUR-USD/1h", "--limit", "-1"], &["--limit"]),
        (
            &["query", "EUR-USD:panama/1h"],
            &["EUR-USD:panama", "data/rollover/EUR-USD.csv", "`engine rollover EUR-USD`"],
        ),
    ];
    for (words, parts) in cases {
        let output = output(folder.path(), &[&["--now", NOW], words].concat());
        assert_eq!(code(&output), 2, "{words:?}: {}", err(&output));
        parts.iter().for_each(|part| {
            assert!(err(&output).contains(part), "{words:?} lacks {part}: {}", err(&output))
        });
        assert!(output.stdout.is_empty(), "{words:?}");
    }
}

#[test]
fn a_wrong_start_date_is_named() {
    let folder = folder();
    for (value, part) in [("yesterday", "YYYY-MM-DD"), ("2031-01-01", "future")] {
        let output =
            engine(folder.path(), &["run", "--now", NOW]).env("START_DATE", value).output().expect("it runs");
        assert_eq!(code(&output), 2);
        assert!(err(&output).contains("START_DATE") && err(&output).contains(part), "{}", err(&output));
    }
}

#[test]
fn unknown_names_are_answered_with_the_nearest() {
    let folder = folder_with_minutes(10);
    let cases = [
        ("EURUSD/1m", "EUR-USD"),
        ("EUR-USS/1m", "EUR-USD"),
        ("XUA-USD/1m", "XAU-USD"),
        ("EUR-USD/1H", "1h"),
    ];
    for (word, nearest) in cases {
        let output = output(folder.path(), &["query", word]);
        assert_eq!(code(&output), 2, "{word}");
        assert!(err(&output).contains(&format!("did you mean {nearest}")), "{}", err(&output));
    }
}

#[test]
fn queries_answer_in_every_format() {
    let folder = folder_with_minutes(90);
    let words = ["query", "EUR/USD/1m", "--after", "2024-01-08 00:10", "--until", "2024-01-08 00:20"];
    let csv = out(&output(folder.path(), &[&words[..], &["--format", "csv"]].concat()));
    let lines: Vec<&str> = csv.lines().collect();
    assert_eq!(lines[0], "symbol,timeframe,time,time_ms,open,high,low,close,volume,count,closed");
    assert_eq!(lines.len(), 11);
    for (i, line) in lines[1..].iter().enumerate() {
        let bar = minute(10 + i as u64);
        let cells: Vec<&str> = line.split(',').collect();
        assert_eq!(cells[..3], ["EUR-USD", "1m", &format!("2024-01-08 00:{}:00", 10 + i)]);
        assert_eq!(cells[3].parse::<u64>().expect("milliseconds"), bar.time_ms);
        let numbers: Vec<f64> = cells[4..9].iter().map(|cell| cell.parse().expect("a number")).collect();
        assert_eq!(numbers, [bar.open, bar.high, bar.low, bar.close, bar.volume]);
        assert_eq!(cells[9..], ["1", "true"]);
    }
    for extra in [&["--format", "json"][..], &["--json"]] {
        let rows = json(&output(folder.path(), &[&words[..], extra].concat()));
        assert_eq!(rows.as_array().map(Vec::len), Some(10));
        assert_eq!(rows[3]["time_ms"], minute(13).time_ms);
    }
    let newest =
        json(&output(folder.path(), &["query", "EUR-USD/1m", "--limit", "3", "--order", "desc", "--json"]));
    let times: Vec<_> = (0..3).map(|i| newest[i]["time_ms"].as_u64().expect("ms")).collect();
    assert_eq!(times, [minute(89).time_ms, minute(88).time_ms, minute(87).time_ms]);
    let paris = json(&output(
        folder.path(),
        &["query", "EUR-USD/1m", "--limit", "1", "--json", "--tz", "Europe/Paris"],
    ));
    assert_eq!(paris[0]["time"], "2024-01-08 01:00:00");
    assert_eq!(paris[0]["time_ms"], MONDAY_MS);
    let mt4 = out(&output(folder.path(), &["query", "EUR-USD/1m", "--limit", "1", "--format", "mt4"]));
    assert_eq!(mt4, "2024.01.08,00:00,1.1,1.1002,1.0999,1.1001,10.0\n");
    let table = out(&output(folder.path(), &["query", "EUR-USD/1m", "--limit", "2"]));
    assert_eq!(table.lines().count(), 3);
}

#[test]
fn an_empty_range_is_an_empty_answer() {
    let folder = folder_with_minutes(10);
    let words = ["query", "EUR-USD/1m", "--after", "2030-01-01"];
    let empty = |format| output(folder.path(), &[&words[..], &["--format", format]].concat());
    assert_eq!((code(&empty("csv")), out(&empty("csv")).lines().count()), (0, 1));
    assert_eq!((code(&empty("table")), out(&empty("table")).lines().count()), (0, 1));
    assert_eq!((code(&empty("json")), out(&empty("json"))), (0, "[]\n".to_owned()));
    let unfetched = output(folder.path(), &["query", "XAU-USD/1h", "--json"]);
    assert_eq!((code(&unfetched), out(&unfetched)), (0, "[]\n".to_owned()));
}

#[test]
fn a_file_appears_whole_or_not_at_all() {
    let folder = folder_with_minutes(100);
    let written = output(folder.path(), &["query", "EUR-USD/1m", "-o", "bars.csv"]);
    assert_eq!(code(&written), 0, "{}", err(&written));
    assert!(written.stdout.is_empty());
    let file = std::fs::read_to_string(folder.path().join("bars.csv")).expect("the file");
    assert_eq!(file, out(&output(folder.path(), &["query", "EUR-USD/1m", "--format", "csv"])));
    std::fs::create_dir(folder.path().join("taken")).expect("a folder");
    let refused = output(folder.path(), &["query", "EUR-USD/1m", "-o", "taken"]);
    assert_eq!(code(&refused), 2);
    assert!(err(&refused).contains("is a folder"), "{}", err(&refused));
    let names =
        std::fs::read_dir(folder.path()).expect("listed").map(|entry| entry.expect("an entry").file_name());
    assert!(names.into_iter().all(|name| !name.to_string_lossy().contains("beside")));
}

#[test]
fn a_reader_that_leaves_is_no_error() {
    let folder = folder_with_minutes(50_000);
    for format in ["csv", "json", "table"] {
        let mut child = std::process::Command::new(assert_cmd::cargo::cargo_bin!("engine"))
            .current_dir(folder.path())
            .args(["query", "EUR-USD/1m", "--format", format])
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("it starts");
        let mut pipe = child.stdout.take().expect("a pipe");
        let mut first = [0; 10];
        pipe.read_exact(&mut first).expect("some bytes");
        drop(pipe);
        let output = child.wait_with_output().expect("it ends");
        assert_eq!((code(&output), err(&output)), (0, String::new()), "{format}");
    }
}

#[test]
fn lists_and_status_tell_what_is_held() {
    let folder = folder_with_minutes(10);
    let symbols = json(&output(folder.path(), &["list", "symbols", "--json"]));
    assert_eq!(symbols[0]["symbol"], "EUR-USD");
    assert_eq!(symbols[0]["bars"]["1m"], 10);
    assert_eq!(symbols[1]["symbol"], "XAU-USD");
    let timeframes = json(&output(folder.path(), &["list", "timeframes", "--json"]));
    let names: Vec<&str> =
        timeframes.as_array().expect("rows").iter().filter_map(|row| row["timeframe"].as_str()).collect();
    assert_eq!(names, ["1m", "5m", "15m", "30m", "1h", "4h", "8h", "1d", "1W", "1M", "1Y"]);
    let status = json(&output(folder.path(), &["status", "--json"]));
    assert_eq!(status["symbols"][0]["first"], "2024-01-08 00:00");
    assert_eq!(status["symbols"][0]["last"], "2024-01-08 00:09");
    assert_eq!(status["total"]["bytes"], 640);
    assert!(out(&output(folder.path(), &["status"])).contains("total of 2"));
}

#[test]
fn completions_speak_every_shell() {
    let folder = tempfile::tempdir().expect("a folder");
    for shell in ["bash", "zsh", "fish", "powershell", "elvish"] {
        let output = output(folder.path(), &["completions", shell]);
        assert_eq!(code(&output), 0);
        assert!(out(&output).contains("resample") && out(&output).contains("query"), "{shell}");
    }
}

#[test]
fn a_configuration_is_checked_and_shown() {
    let folder = folder();
    let sound = json(&output(folder.path(), &["config", "check", "--json"]));
    assert_eq!(sound["ok"], true);
    let shown = output(folder.path(), &["config", "show"]);
    std::fs::write(folder.path().join("again.yaml"), &shown.stdout).expect("written");
    let again = output(folder.path(), &["--config", "again.yaml", "config", "show"]);
    assert_eq!(code(&again), 0, "{}", err(&again));
    std::fs::write(folder.path().join("config.yaml"), "downlaod:\n  timeout: 3\n").expect("written");
    let wrong = output(folder.path(), &["config", "check"]);
    assert_eq!(code(&wrong), 2);
    assert!(err(&wrong).contains("downlaod") && err(&wrong).contains("download"), "{}", err(&wrong));
    assert_eq!(json(&output(folder.path(), &["config", "check", "--json"]))["ok"], false);
}

/// A run over a simulated week, with the clock standing still.
const WEEK: [&str; 7] = ["run", "--now", NOW, "--feed", "simulated", "--from", "2024-01-01"];

#[test]
fn a_run_ends_with_figures_and_the_next_one_finds_nothing_new() {
    let folder = folder();
    let first = output(folder.path(), &[&WEEK[..], &["--json"]].concat());
    assert_eq!(code(&first), 0, "{}", err(&first));
    let first = json(&first);
    assert_eq!((first["symbols"].as_u64(), first["days"].as_u64()), (Some(2), Some(16)));
    assert_eq!((&first["nothing_new"], &first["quarantined"]), (&Value::Bool(false), &Value::from(0)));
    let minutes = first["bars"]["1m"]["new"].as_u64().expect("a number");
    let counted = out(&output(folder.path(), &["query", "EUR-USD/1m", "XAU-USD/1m", "--format", "ndjson"]));
    assert_eq!(counted.lines().count() as u64, minutes);
    for timeframe in ["5m", "15m", "30m", "1h", "4h", "8h", "1d", "1W"] {
        assert!(first["bars"][timeframe]["all"].as_u64().is_some_and(|bars| bars > 0), "{timeframe}");
    }
    let second = json(&output(folder.path(), &[&WEEK[..], &["--json"]].concat()));
    assert_eq!((&second["nothing_new"], &second["new_bars"]), (&Value::Bool(true), &Value::from(0)));
    assert_eq!(second["bars"]["1m"]["all"].as_u64(), Some(minutes));
    let table = output(folder.path(), &WEEK);
    for word in ["symbols", "days", "bars 1m", "bars 1Y", "quarantined", "seconds", "bars/s", "nothing new"] {
        assert!(out(&table).contains(word), "{word}: {}", out(&table));
    }
    assert!(err(&table).contains("download:") && err(&table).contains("resample:"), "{}", err(&table));
    let quiet = output(folder.path(), &[&WEEK[..], &["--quiet"]].concat());
    assert_eq!((code(&quiet), out(&quiet), err(&quiet)), (0, String::new(), String::new()));
}

#[test]
fn open_bars_are_the_fold_of_their_minutes_and_can_be_left_out() {
    let folder = folder();
    assert_eq!(code(&output(folder.path(), &WEEK)), 0);
    let rows = |words: &[&str]| json(&output(folder.path(), &[&["query", "--json"], words].concat()));
    let minutes = rows(&["EUR-USD/1m", "--after", "2024-01-08"]);
    let minutes = minutes.as_array().expect("rows");
    let day = rows(&["EUR-USD/1d", "--limit", "1", "--order", "desc"]);
    let number = |row: &Value, name: &str| row[name].as_f64().expect("a number");
    let most = |name, pick: fn(f64, f64) -> f64| {
        minutes.iter().map(|row| number(row, name)).reduce(pick).expect("minutes")
    };
    assert_eq!(
        (&day[0]["time"], &day[0]["closed"]),
        (&Value::from("2024-01-08 00:00:00"), &Value::Bool(false))
    );
    assert_eq!(number(&day[0], "open"), number(&minutes[0], "open"));
    assert_eq!(number(&day[0], "high"), most("high", f64::max));
    assert_eq!(number(&day[0], "low"), most("low", f64::min));
    assert_eq!(number(&day[0], "close"), number(minutes.last().expect("minutes"), "close"));
    assert!(
        (number(&day[0], "volume") - minutes.iter().map(|row| number(row, "volume")).sum::<f64>()).abs()
            < 1e-4
    );
    assert_eq!(day[0]["count"].as_u64(), Some(minutes.len() as u64));
    for words in [&["EUR-USD/1d", "--closed"][..], &["EUR-USD/1d:skiplast"], &["EUR-USD:skiplast/1d"]] {
        let closed = rows(words);
        let closed = closed.as_array().expect("rows");
        assert!(!closed.is_empty() && closed.iter().all(|row| row["closed"] == true), "{words:?}");
    }
}

#[test]
fn stages_one_by_one_end_where_a_run_does() {
    let (whole, stages) = (folder(), folder());
    assert_eq!(code(&output(whole.path(), &WEEK)), 0);
    let from = ["--now", NOW, "--from", "2024-01-01"];
    for words in [
        &["download", "--now", NOW, "--from", "2024-01-01", "--feed", "simulated"][..],
        &[&["aggregate"], &from[..]].concat(),
        &["resample", "--now", NOW],
    ] {
        let output = output(stages.path(), words);
        assert_eq!(code(&output), 0, "{words:?}: {}", err(&output));
    }
    let rows = |folder: &TempDir| {
        out(&output(folder.path(), &["query", "EUR-USD/1m,1h,1W", "XAU-USD/1d", "--format", "csv"]))
    };
    assert_eq!(rows(&whole), rows(&stages));
    let before = rows(&whole);
    for what in ["full", "aggregate", "resample"] {
        let rebuilt = output(whole.path(), &["rebuild", what]);
        assert_eq!(code(&rebuilt), 0, "{what}: {}", err(&rebuilt));
        assert_eq!(rows(&whole), before, "{what}");
    }
    let again = output(whole.path(), &["rebuild", "weekly", "--now", NOW, "--feed", "simulated", "--json"]);
    assert_eq!((code(&again), &json(&again)["nothing_new"]), (0, &Value::Bool(true)), "{}", err(&again));
}

#[test]
fn day_images_are_shown_and_only_exported_when_asked() {
    let folder = folder();
    let fetch =
        ["download", "--now", NOW, "--from", "2024-01-02", "--feed", "simulated", "--symbols", "EUR-USD"];
    assert_eq!(code(&output(folder.path(), &fetch)), 0);
    let show = [
        "transform",
        "--now",
        NOW,
        "--from",
        "2024-01-02",
        "--to",
        "2024-01-03",
        "--symbols",
        "EUR-USD",
        "--json",
    ];
    let shown = json(&output(folder.path(), &show));
    let image = folder.path().join("data/transform/1m/2024/01/EUR-USD_20240102.bin");
    assert!(!image.exists());
    assert_eq!(code(&output(folder.path(), &[&show[..], &["--write"]].concat())), 0);
    let bytes = std::fs::metadata(&image).expect("the image").len();
    assert_eq!(shown[0]["bars"].as_u64().map(|bars| bars * 64), Some(bytes));
}

#[test]
fn without_a_feed_it_says_try_again() {
    let folder = folder();
    let output = output(folder.path(), &["run", "--now", NOW, "--feed", CLOSED_PORT, "--json"]);
    assert_eq!(code(&output), 3, "{}", err(&output));
    assert!(
        err(&output).contains("cannot be reached") && err(&output).contains("hint: "),
        "{}",
        err(&output)
    );
    assert!(!json(&output)["left_out"].as_array().expect("a list").is_empty());
}

#[test]
fn a_feed_of_nonsense_has_its_own_code() {
    let folder = folder();
    let words = [&WEEK[..], &["--faults", "malformed=1", "--symbols", "EUR-USD"]].concat();
    let output = output(folder.path(), &words);
    assert_eq!(code(&output), 4, "{}", err(&output));
    assert!(err(&output).contains("EUR-USD"), "{}", err(&output));
}

#[test]
fn quarantined_bars_beyond_the_limit_are_left_out_and_named() {
    let folder = folder();
    let words = [&WEEK[..], &["--faults", "ohlc=1", "--symbols", "EUR-USD", "--json"]].concat();
    let strict = output(folder.path(), &words);
    assert_eq!(code(&strict), 1, "{}", err(&strict));
    assert!(err(&strict).contains("EUR-USD: bars in quarantine"), "{}", err(&strict));
    let quarantined = json(&strict)["quarantined"].as_u64().expect("a number");
    assert!(quarantined > 0);
    let limit = quarantined.to_string();
    let lenient = output(folder.path(), &[&words[..], &["--max-suspect", &limit]].concat());
    assert_eq!(code(&lenient), 0, "{}", err(&lenient));
}

#[test]
fn a_second_writer_is_told_in_one_line() {
    let folder = folder();
    let loaded = engine::config::load(&folder.path().join("config.yaml")).expect("sound");
    let held = Lake::new(loaded.settings.paths).try_lock(0).expect("the lock");
    let words = ["run", "--now", NOW, "--feed", CLOSED_PORT];
    let from_timer = output(folder.path(), &words);
    assert_eq!((code(&from_timer), err(&from_timer).lines().count()), (0, 1), "{}", err(&from_timer));
    assert!(err(&from_timer).contains(&std::process::id().to_string()));
    assert_eq!(code(&output(folder.path(), &[&words[..], &["--fail-if-locked"]].concat())), 3);
    assert_eq!(code(&output(folder.path(), &["resample"])), 3);
    assert_eq!(code(&output(folder.path(), &["status"])), 0);
    drop(held);
    assert_eq!(code(&output(folder.path(), &["resample", "--wait"])), 0);
}

#[test]
fn a_lake_that_cannot_be_written_needs_care() {
    let folder = folder();
    std::fs::write(folder.path().join("data"), "a file where a folder should be").expect("written");
    let output = output(folder.path(), &WEEK);
    assert_eq!(code(&output), 5, "{}", err(&output));
    assert!(err(&output).contains("data/locks"), "{}", err(&output));
}

#[cfg(unix)]
#[allow(clippy::print_stdout)]
#[test]
fn a_read_only_folder_is_named() {
    use std::os::unix::fs::PermissionsExt;
    let folder = folder();
    let set =
        |mode| std::fs::set_permissions(folder.path(), std::fs::Permissions::from_mode(mode)).expect("set");
    set(0o555);
    if std::fs::write(folder.path().join("probe"), "").is_ok() {
        println!("skipped: this user may write everywhere");
        return;
    }
    let output = output(folder.path(), &WEEK);
    set(0o755);
    assert_eq!(code(&output), 5, "{}", err(&output));
    assert!(err(&output).contains("no permission"), "{}", err(&output));
}

#[cfg(unix)]
#[test]
fn a_simulated_feed_serves_until_it_is_interrupted() {
    use std::io::BufRead;
    let folder = folder();
    let mut server = std::process::Command::new(assert_cmd::cargo::cargo_bin!("engine"))
        .current_dir(folder.path())
        .args(["simulate", "--now", NOW])
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .expect("it starts");
    let mut address = String::new();
    std::io::BufReader::new(server.stdout.take().expect("a pipe")).read_line(&mut address).expect("a line");
    assert!(address.starts_with("http://127.0.0.1:") && address.ends_with("/v1\n"), "{address}");
    let run = output(folder.path(), &["run", "--now", NOW, "--symbols", "EUR/USD", "--feed", address.trim()]);
    let interrupted = std::process::Command::new("kill").args(["-INT", &server.id().to_string()]).status();
    assert_eq!(code(&run), 0, "{}", err(&run));
    assert!(interrupted.expect("kill runs").success());
    assert_eq!(server.wait().expect("it ends").code(), Some(0));
}

#[cfg(unix)]
#[test]
fn an_interrupted_run_says_so_and_gives_the_lock_back() {
    let folder = folder();
    let silent = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = format!("http://{}/v1", silent.local_addr().expect("an address"));
    let run = std::process::Command::new(assert_cmd::cargo::cargo_bin!("engine"))
        .current_dir(folder.path())
        .args(["run", "--now", NOW, "--feed", &address])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("it starts");
    // Once it has connected it waits for an answer that never comes.
    let _connection = silent.accept().expect("a connection");
    let interrupted = std::process::Command::new("kill").args(["-INT", &run.id().to_string()]).status();
    assert!(interrupted.expect("kill runs").success());
    let ended = run.wait_with_output().expect("it ends");
    assert_eq!(code(&ended), 130, "{}", err(&ended));
    assert!(err(&ended).contains("interrupted") && ended.stdout.is_empty(), "{}", err(&ended));
    assert_eq!(code(&output(folder.path(), &["resample"])), 0);
}
