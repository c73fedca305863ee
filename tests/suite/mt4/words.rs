//! The real binary under the shipped configuration: what `config show SYMBOL`, `calendar` and `query` say.

use std::process::Output;

use assert_cmd::Command;
use serde_json::Value;

use super::*;

const NOW: &str = "2024-03-13";

fn run(folder: &Path, words: &[&str]) -> Output {
    let mut command = Command::new(assert_cmd::cargo::cargo_bin!("engine"));
    command.current_dir(folder).env_remove("START_DATE").env_remove("RUST_LOG").args(words);
    command.output().unwrap()
}

fn out(folder: &Path, words: &[&str]) -> String {
    let output = run(folder, words);
    assert_eq!(output.status.code(), Some(0), "{words:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

fn json(folder: &Path, words: &[&str]) -> Value {
    serde_json::from_str(&out(folder, &[words, &["--json"]].concat())).unwrap()
}

/// A folder with the shipped configuration as its own.
fn folder() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let root = shipped_file().parent().unwrap().to_owned();
    for file in [
        "config/timeframes.yaml",
        "config/mt4/origins.yaml",
        "config/mt4/timezones.yaml",
        "config/mt4/volumes.yaml",
    ] {
        copy(&root.join(file), &folder.path().join(file));
    }
    for entry in std::fs::read_dir(root.join("config/mt4/sessions")).unwrap() {
        let from = entry.unwrap().path();
        copy(&from, &folder.path().join("config/mt4/sessions").join(from.file_name().unwrap()));
    }
    copy(&shipped_file(), &folder.path().join("config.yaml"));
    std::fs::write(folder.path().join("symbols.txt"), "EUR-USD\nSGD.IDX-SGD\nDEU.IDX-EUR\nAUS.IDX-AUD\n")
        .unwrap();
    folder
}

fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to.parent().unwrap()).unwrap();
    std::fs::copy(from, to).unwrap();
}

#[test]
fn config_show_of_a_symbol_tells_what_will_happen_to_it() {
    let folder = folder();
    let show = ["config", "show", "AUS.IDX-AUD", "--now", NOW];
    let text = out(folder.path(), &show);
    for line in [
        "its own, downloaded",
        "America/New_York (by *)",
        "now 2024-03-13 03:00 (UTC+03:00)",
        "2024-11-03 06:00 UTC: UTC+03:00 -> UTC+02:00",
        "Australia/Sydney",
        "now 2024-03-13 11:00 (UTC+11:00)",
        "2024-04-06 16:00 UTC: UTC+11:00 -> UTC+10:00",
        "2024-10-05 16:00 UTC: UTC+10:00 -> UTC+11:00",
        "after-hours: every day 17:10-23:59 and 00:00-07:00 from 2020-02-07 01:00:00",
        "monday-handler: Mon 09:50-17:09 to 2024-06-22 01:00:00",
        "merge labels ending in 09:10:00, 10:10:00 into the bar at -1",
        "bars of 2024-03-13 (server)",
    ] {
        assert!(text.contains(line), "'{line}' is not in:\n{text}");
    }
    let told = json(folder.path(), &show);
    assert_eq!(
        (&told["server"]["utc_offset_s"], &told["exchange"]["utc_offset_s"]),
        (&10_800.into(), &39_600.into())
    );
    assert_eq!(told["server"]["changes"][0]["at"], "2024-11-03 06:00:00");
    assert_eq!(told["sessions"].as_array().unwrap().len(), 5);
    let of = |id: &str| {
        let all = told["timeframes"].as_array().unwrap();
        all.iter().find(|timeframe| timeframe["timeframe"] == id).unwrap()["bars"].as_array().unwrap().clone()
    };
    let day: Vec<Value> = of("4h").into_iter().filter(|bar| bar["session"] == "day").collect();
    let first = &day[0];
    assert_eq!(first["label"]["server"], "2024-03-13 01:50:00", "{first}");
    assert_eq!(first["label"]["exchange"], "2024-03-13 09:50:00");
    assert_eq!(first["label"]["utc"], "2024-03-12 22:50:00");
    assert!(of("5m").len() == 3 && of("1d").len() == 1, "three of the short ones");
    let volumes = json(folder.path(), &["config", "show", "SGD/IDX-SGD".replace('/', ".").as_str()]);
    assert_eq!(volumes["transform"]["steps"][0], "volume * 1200");
}

#[test]
fn an_alias_is_told_and_an_unknown_symbol_gets_its_nearest() {
    let folder = folder();
    let config = "transform: {symbols: {EUR-COPY: {source: EUR-USD, post: [{action: '*', columns: [open], value: 2}]}}}";
    std::fs::write(folder.path().join("config.user.yaml"), config).unwrap();
    let text = out(folder.path(), &["config", "show", "EUR-COPY"]);
    assert!(text.contains("those of EUR-USD") && text.contains("open * 2"), "{text}");
    assert_eq!(json(folder.path(), &["config", "show", "EUR-COPY"])["payloads"]["symbol"], "EUR-USD");
    for words in
        [&["config", "show", "EUR-UDS"][..], &["calendar", "EUR-UDS", "1h"], &["calendar", "EUR-USD", "4hh"]]
    {
        let output = run(folder.path(), words);
        let message = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(2), "{words:?}");
        assert!(message.contains("EUR-USD") || message.contains("4h"), "{message}");
    }
    let output =
        run(folder.path(), &["calendar", "EUR-USD", "1h", "--from", "2024-01-02", "--to", "2024-01-01"]);
    assert_eq!(output.status.code(), Some(2));
}

#[test]
fn calendar_lists_edges_in_three_clocks() {
    let folder = folder();
    let calendar = ["calendar", "DEU.IDX-EUR", "4h", "--from", "2024-03-09", "--to", "2024-03-11"];
    let table = out(folder.path(), &calendar);
    let shorter =
        table.lines().find(|line| line.contains("2024-03-10 05:00  2024-03-10 05:00  2024-03-10 09:00"));
    assert!(shorter.is_some_and(|line| line.ends_with("240          240")), "{table}");
    assert!(table.contains("2024-03-10 09:00  2024-03-10 09:00  2024-03-10 13:00"), "{table}");
    let csv = out(folder.path(), &[&calendar[..], &["--format", "csv"]].concat());
    let bars = json(folder.path(), &calendar);
    let bars = bars.as_array().unwrap();
    assert_eq!(csv.lines().count(), bars.len() + 1);
    let header: Vec<&str> = csv.lines().next().unwrap().split(',').collect();
    for (line, bar) in csv.lines().skip(1).zip(bars) {
        let fields: Vec<&str> = line.split(',').collect();
        assert_eq!(fields.len(), header.len());
        let field = |name: &str| fields[header.iter().position(|column| *column == name).unwrap()];
        assert_eq!(field("label_ms"), bar["label"]["time_ms"].to_string());
        assert_eq!(field("server_end"), bar["end"]["server"].as_str().unwrap());
        assert_eq!(at(field("utc_start")).to_string(), field("start_ms"));
        assert_eq!(field("exchange_start"), "", "no exchange clock is configured");
        assert_eq!(field("server_label")[11..13].parse::<i64>().unwrap() % 4, 1);
    }
    // One symbol's days: the first is the one that the default names.
    let today = out(folder.path(), &["calendar", "EUR-USD", "1d", "--now", "2024-03-12 22:30"]);
    assert!(today.contains("2024-03-13 00:00  2024-03-13 00:00  2024-03-14 00:00"), "{today}");
    assert_eq!(
        out(folder.path(), &["calendar", "EUR-USD", "1m", "--from", "2024-01-02"]).lines().count(),
        1441
    );
}

#[test]
fn what_is_built_stands_where_the_calendar_says_and_is_shown_in_server_time() {
    let folder = folder();
    let window = ["--from", "2024-03-07", "--to", "2024-03-12", "--now", NOW];
    out(folder.path(), &[&["run", "--feed", "simulated", "--quiet"][..], &window].concat());
    for (symbol, id) in [
        ("EUR-USD", "4h"),
        ("DEU.IDX-EUR", "4h"),
        ("SGD.IDX-SGD", "4h"),
        ("SGD.IDX-SGD", "1h"),
        ("AUS.IDX-AUD", "4h"),
    ] {
        let listed =
            json(folder.path(), &["calendar", symbol, id, "--from", "2024-03-06", "--to", "2024-03-13"]);
        let listed: BTreeSet<i64> =
            listed.as_array().unwrap().iter().map(|bar| bar["label"]["time_ms"].as_i64().unwrap()).collect();
        let series = format!("{symbol}/{id}");
        let bars = json(folder.path(), &["query", &series, "--now", NOW]);
        let bars = bars.as_array().unwrap();
        assert!(bars.len() > 15, "{series}: {}", bars.len());
        let server = cascade(symbol).server;
        let mut shown = Vec::new();
        for bar in bars {
            let time_ms = bar["time_ms"].as_i64().unwrap();
            let time = bar["time"].as_str().unwrap();
            assert!(listed.contains(&time_ms), "{series} {time}");
            assert_eq!(time, text(server.wall_ms(time_ms)), "{series}");
            shown.push(time.to_owned());
        }
        let table = out(folder.path(), &["query", &series, "--now", NOW]);
        assert_eq!(table.lines().count(), bars.len() + 1);
        assert!(
            table.lines().skip(1).zip(&shown).all(|(line, time)| line.contains(time.as_str())),
            "{table}"
        );
        let mt4 = out(folder.path(), &["query", &series, "--format", "mt4", "--now", NOW]);
        for (line, time) in mt4.lines().zip(&shown) {
            let fields: Vec<&str> = line.split(',').collect();
            assert_eq!(fields.len(), 7, "{line}");
            assert_eq!(fields[..2].join(" "), time[..16].replace('-', "."), "{series}");
        }
        let utc = out(folder.path(), &["query", &series, "--format", "csv", "--tz", "utc", "--now", NOW]);
        for (line, bar) in utc.lines().skip(1).zip(bars) {
            assert!(line.contains(&text(bar["time_ms"].as_i64().unwrap())), "{line}");
        }
    }
    let deu = out(folder.path(), &["query", "DEU.IDX-EUR/4h", "--format", "mt4", "--now", NOW]);
    assert!(deu.lines().all(|line| line[11..13].parse::<i64>().unwrap() % 4 == 1), "{deu}");
}
