//! The configuration: what is shipped, what the contract's defaults are, and what every mistake is told.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use engine::config::{self, ConfigError, KEYS, Loaded, Problem, Role};
use engine::model::settings::{AdjustOp, PostStep, PriceColumn, PriceSide, Validate};
use engine::model::timeframe::{Origin, Rule, Side};
use engine::model::{Symbol, Timeframe};
use proptest::prelude::*;
use tempfile::TempDir;

const HOUR_MS: i64 = 3_600_000;

fn shipped(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(name)
}

fn symbol(name: &str) -> Symbol {
    name.parse().unwrap()
}

fn timeframe(name: &str) -> Timeframe {
    name.parse().unwrap()
}

fn folder(files: &[(&str, &str)]) -> TempDir {
    let folder = TempDir::new().unwrap();
    for (name, text) in files {
        let path = folder.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
    folder
}

fn load_files(files: &[(&str, &str)]) -> (TempDir, Result<Loaded, ConfigError>) {
    let folder = folder(files);
    let loaded = config::load(&folder.path().join("config.yaml"));
    (folder, loaded)
}

fn load_text(text: &str) -> Result<Loaded, ConfigError> {
    load_files(&[("config.yaml", text), ("symbols.txt", "EUR-USD\nGBP-USD\nSGD.IDX-SGD\n")]).1
}

fn loaded(text: &str) -> Loaded {
    load_text(text).unwrap_or_else(|error| panic!("{error}"))
}

fn problems(text: &str) -> Vec<Problem> {
    match load_text(text) {
        Err(ConfigError::Faulty { problems }) => problems,
        other => panic!("expected problems, got {other:?}"),
    }
}

/// The only problem of a text: it names config.yaml, the line and the key, and its message holds every word.
#[track_caller]
fn assert_problem(text: &str, line: usize, key: &str, words: &[&str]) {
    let found = problems(text);
    assert_eq!(found.len(), 1, "{found:#?}");
    assert_eq!((found[0].line, found[0].key.as_str()), (line, key), "{}", found[0]);
    assert!(found[0].file.ends_with("config.yaml"));
    let message = found[0].to_string();
    assert!(message.contains(&format!("config.yaml:{line}:")), "{message}");
    for word in words {
        assert!(message.contains(word), "'{word}' is not in: {message}");
    }
}

// What is shipped

#[test]
fn the_shipped_default_is_the_contracts_default() {
    let shipped = config::load(&shipped("config.yaml")).unwrap();
    assert_eq!(shipped.warnings, Vec::<String>::new());
    let (_folder, empty) = load_files(&[("config.yaml", ""), ("symbols.txt", "EUR-USD")]);
    let mut bare = empty.unwrap().settings;
    bare.paths = shipped.settings.paths.clone();
    assert_eq!(shipped.settings, bare);
}

#[test]
fn the_default_configuration_writes_every_key_that_has_a_default() {
    let text = fs::read_to_string(shipped("config.yaml")).unwrap();
    for key in KEYS.iter().filter(|key| !key.default.is_empty() && !key.path.contains('*')) {
        let leaf = key.path.rsplit('.').next().unwrap();
        assert!(text.contains(&format!("{leaf}: {}", key.default)), "{} is not in config.yaml", key.path);
    }
}

#[test]
fn defaults_are_those_of_the_contract() {
    let (folder, loaded) = load_files(&[("config.yaml", "# nothing\n"), ("symbols.txt", "EUR-USD")]);
    let settings = loaded.unwrap().settings;
    let download = &settings.download;
    assert_eq!(download.base_url, "https://jetta.dukascopy.com/v1");
    assert_eq!(download.side, PriceSide::Bid);
    assert_eq!((download.max_retries, download.concurrency), (5, 4));
    assert_eq!((download.backoff_factor, download.rate_limit_rps), (2.0, Some(4.0)));
    assert_eq!((download.timeout, download.history_start), (Duration::from_secs(60), None));
    assert_eq!((settings.num_processes, settings.disable_download), (None, false));
    let transform = &settings.transform;
    assert_eq!((transform.time_shift_ms, transform.round_decimals), (0, 8));
    assert_eq!(transform.validate, Validate::Quarantine);
    assert!(
        !transform.fsync && !transform.keep_days && !settings.aggregate_fsync && !settings.resample.fsync
    );
    assert!(transform.timezones.is_empty() && transform.symbols.is_empty());
    assert_eq!((settings.resample.round_decimals, settings.resample.batch_size), (8, 250_000));
    let at = |name: &str| folder.path().join(name);
    let paths = &settings.paths;
    assert_eq!((&paths.cache, &paths.live), (&at("cache"), &at("data/temp")));
    assert_eq!((&paths.aggregate, &paths.resample), (&at("data/aggregate/1m"), &at("data/resample")));
    assert_eq!((&paths.transform, &paths.locks), (&at("data/transform/1m"), &at("data/locks")));
    assert_eq!(paths.quarantine, at("data/quarantine"));
}

#[test]
fn default_timeframes_are_those_of_the_contract() {
    let fixed = |minutes: i64| Rule::Fixed { length_ms: minutes * 60_000 };
    let expected = [
        ("5m", "1m", fixed(5)),
        ("15m", "5m", fixed(15)),
        ("30m", "15m", fixed(30)),
        ("1h", "30m", fixed(60)),
        ("4h", "1h", fixed(240)),
        ("8h", "4h", fixed(480)),
        ("1d", "4h", fixed(1440)),
        ("1W", "1d", Rule::Week { begins: 0 }),
        ("1M", "1d", Rule::Month),
        ("1Y", "1M", Rule::Year),
    ];
    let found = loaded("").settings.resample.timeframes;
    assert_eq!(found.len(), expected.len());
    for (spec, (id, source, rule)) in found.iter().zip(expected) {
        assert_eq!((spec.id.as_str(), spec.source.as_str(), spec.rule), (id, source, rule));
        assert_eq!((spec.label, spec.closed, spec.origin), (Side::Left, Side::Left, Origin::Epoch));
        assert!(spec.post.is_empty());
    }
}

#[test]
fn the_shipped_symbols_are_42_over_all_classes() {
    let symbols = config::load(&shipped("config.yaml")).unwrap().symbols;
    assert_eq!(symbols.len(), 42);
    for name in
        ["EUR-USD", "XAU-USD", "BRENT.CMD-USD", "SGD.IDX-SGD", "BUND.TR-EUR", "BTC-USD", "AAPL.US-USD"]
    {
        assert!(symbols.contains(&symbol(name)), "{name}");
    }
}

#[test]
fn the_shipped_mt4_configuration_says_what_the_server_does() {
    let loaded =
        config::load(&shipped("config.dukascopy-mt4.yaml")).unwrap_or_else(|error| panic!("{error}"));
    assert_eq!(loaded.warnings, Vec::<String>::new());
    let settings = loaded.settings;
    let [group] = settings.transform.timezones.as_slice() else { panic!("one group") };
    assert_eq!(group.zone, chrono_tz::America::New_York);
    assert_eq!(group.offset_to_shift_map, BTreeMap::from([(-240, 3 * HOUR_MS), (-300, 2 * HOUR_MS)]));
    assert!(group.takes_the_rest && group.symbols.is_empty());
    for (name, minutes) in
        [("XAU-USD", 60), ("JPN.IDX-JPY", 60), ("BRENT.CMD-USD", 180), ("NLD.IDX-EUR", 540)]
    {
        let own = &settings.resample.symbols[&symbol(name)];
        let of = |id: &str| own.timeframes.iter().find(|spec| spec.id.as_str() == id).unwrap().origin;
        assert_eq!((of("4h"), of("8h"), own.timeframes.len()), (Origin::At { minutes }, Origin::Epoch, 10));
    }
    for (name, value) in [("SGD.IDX-SGD", 1200.0), ("CHI.IDX-USD", 34484.0)] {
        let [step] = settings.transform.symbols[&symbol(name)].post.as_slice() else { panic!("one step") };
        assert_eq!(
            (step.op, step.value, &step.columns),
            (AdjustOp::Multiply, value, &vec![PriceColumn::Volume])
        );
    }
}

#[test]
fn the_shipped_sessions_are_those_of_the_server() {
    let settings = config::load(&shipped("config.dukascopy-mt4.yaml")).unwrap().settings;
    let aus = &settings.resample.symbols[&symbol("AUS.IDX-AUD")];
    assert_eq!(aus.timezone, Some(chrono_tz::Australia::Sydney));
    let names: Vec<&str> = aus.sessions.iter().map(|session| session.name.as_str()).collect();
    assert_eq!(names, ["monday-handler", "day", "after-hours", "ancient", "catch-all"]);
    let catch_all: Vec<bool> = aus.sessions.iter().map(|session| session.catch_all).collect();
    assert_eq!(catch_all, [false, false, false, false, true]);
    let monday = &aus.sessions[0];
    assert_eq!((monday.weekdays.as_slice(), monday.ranges.as_slice()), (&[0][..], &[(590, 1029)][..]));
    // 2024-06-22 01:00:00 as seconds of its own clock: date -u -d '2024-06-22 01:00' +%s
    assert_eq!(monday.to_wall_ms, Some(1_719_018_000_000));
    let PostStep::Merge { ends_with, offset, .. } = &monday.timeframes[&timeframe("4h")].post[0] else {
        panic!("a merge")
    };
    assert_eq!((ends_with.join(" "), *offset), ("09:10:00 10:10:00".to_owned(), -1));
    assert_eq!(aus.sessions[2].ranges, [(1030, 1439), (0, 420)]);
    assert_eq!(aus.sessions[2].timeframes[&timeframe("15m")].origin, Some(Origin::At { minutes: 490 }));

    let sgd = &settings.resample.symbols[&symbol("SGD.IDX-SGD")];
    let four_hours = sgd.timeframes.iter().find(|spec| spec.id.as_str() == "4h").unwrap();
    assert_eq!((four_hours.post.len(), four_hours.origin), (1, Origin::Epoch));
    assert_eq!(sgd.sessions[1].timeframes[&timeframe("4h")].origin, Some(Origin::At { minutes: 951 }));
    assert_eq!(sgd.sessions[0].timeframes.len(), 5);
    let hkg = &settings.resample.symbols[&symbol("HKG.IDX-HKD")];
    assert!(hkg.sessions[3].timeframes.is_empty());
    let chi = &settings.resample.symbols[&symbol("CHI.IDX-USD")];
    assert_eq!(chi.sessions[0].timeframes[&timeframe("4h")].origin, Some(Origin::At { minutes: 180 }));
}

#[test]
fn the_documented_keys_are_the_known_ones() {
    let text = fs::read_to_string(shipped("docs/CONFIG.md")).unwrap();
    let table = config::key_table();
    assert!(text.contains(&table), "docs/CONFIG.md should hold this table:\n{table}");
}

/// A value nobody can take, at every key: each is either refused by name or of the original.
#[test]
fn every_known_key_is_read() {
    for key in KEYS.iter().filter(|key| key.role == Role::Used && !key.path.ends_with(".name")) {
        let names = |part: &&str| match *part {
            "*" => "X1".to_owned(),
            other => other.to_owned(),
        };
        let mut path: Vec<String> = key.path.split('.').collect::<Vec<_>>().iter().map(names).collect();
        let after = |path: &[String], word: &str| path.iter().position(|part| part == word).map(|at| at + 1);
        let rename = |path: &mut Vec<String>, word: &str, name: &str| {
            if let Some(at) = after(path, word).filter(|at| *at < path.len()) {
                path[at] = name.to_owned();
            }
        };
        rename(&mut path, "timezones", "Europe/Berlin");
        rename(&mut path, "offset_to_shift_map", "60");
        if path.contains(&"post".to_owned()) && !path.ends_with(&["post".to_owned()]) {
            let merges = path[0] == "resample";
            rename(&mut path, "post", if merges { "merge" } else { "add" });
        }
        let mut text = String::new();
        for (depth, part) in path.iter().enumerate() {
            text.push_str(&format!("{}{part}:", "  ".repeat(depth)));
            text.push_str(if depth + 1 < path.len() { "\n" } else { " [[]]\n" });
        }
        if key.path.ends_with(".pre") {
            text = text.replace("pre:", "rule: 1h\n      source: 1m\n      pre:");
            let warned = loaded(&text).warnings;
            assert!(warned.iter().any(|warning| warning.contains(".pre")), "{warned:?}");
            continue;
        }
        let found = problems(&text);
        let named = |problem: &Problem| problem.key.starts_with(&path.join("."));
        assert!(found.iter().any(named), "{} is not read:\n{text}\n{found:#?}", key.path);
        assert!(!found.iter().any(|problem| problem.reason.contains("unknown key")), "{found:#?}");
    }
}

// Values and their spellings

#[test]
fn values_are_read_as_written() {
    let settings = loaded(
        "download: {side: ask, max_retries: 1, backoff_factor: 0.5, timeout: 1.5, rate_limit_rps: 0, \
         concurrency: 64, history_start: 2003-05-04, base_url: 'http://127.0.0.1:9/v1/'}\n\
         orchestrator: {num_processes: 3, disable_download: yes, paths: {locks: /elsewhere/locks}}\n\
         transform: {time_shift_ms: -3600000, round_decimals: 0, fsync: true, keep_days: true, validate: off}\n\
         aggregate: {fsync: true}\n\
         resample: {round_decimals: 15, batch_size: 1, fsync: true}\n",
    )
    .settings;
    let download = &settings.download;
    assert_eq!(download.side, PriceSide::Ask);
    assert_eq!((download.max_retries, download.concurrency, download.rate_limit_rps), (1, 64, None));
    assert_eq!((download.backoff_factor, download.timeout), (0.5, Duration::from_millis(1500)));
    assert_eq!(download.history_start.unwrap().to_string(), "2003-05-04");
    assert_eq!(download.base_url, "http://127.0.0.1:9/v1");
    assert_eq!((settings.num_processes, settings.disable_download), (Some(3), true));
    assert_eq!(settings.paths.locks, Path::new("/elsewhere/locks"));
    assert_eq!(settings.transform.time_shift_ms, -3_600_000);
    assert_eq!((settings.transform.round_decimals, settings.transform.validate), (0, Validate::Off));
    assert!(settings.transform.fsync && settings.transform.keep_days && settings.aggregate_fsync);
    let resample = &settings.resample;
    assert_eq!((resample.round_decimals, resample.batch_size, resample.fsync), (15, 1, true));
}

#[test]
fn validate_takes_the_spellings_of_the_original() {
    let cases = [
        ("true", Validate::Flag),
        ("false", Validate::Off),
        ("flag", Validate::Flag),
        ("reject", Validate::Reject),
        ("quarantine", Validate::Quarantine),
        ("'off'", Validate::Off),
    ];
    for (text, expected) in cases {
        assert_eq!(loaded(&format!("transform: {{validate: {text}}}")).settings.transform.validate, expected);
    }
}

#[test]
fn rules_take_old_and_new_spellings() {
    let fixed = |minutes: i64| Rule::Fixed { length_ms: minutes * 60_000 };
    let cases = [
        ("5T", fixed(5)),
        ("15min", fixed(15)),
        ("1H", fixed(60)),
        ("4h", fixed(240)),
        ("1D", fixed(1440)),
        ("W-MON", Rule::Week { begins: 0 }),
        ("W-SUN", Rule::Week { begins: 6 }),
        ("MS", Rule::Month),
        ("M", Rule::Month),
        ("QS", Rule::Quarter),
        ("AS", Rule::Year),
        ("YS", Rule::Year),
    ];
    for (text, rule) in cases {
        let text = format!("resample: {{timeframes: {{x: {{rule: {text}, source: 1m}}}}}}");
        assert_eq!(loaded(&text).settings.resample.timeframes[0].rule, rule, "{text}");
    }
}

#[test]
fn adjust_steps_take_every_spelling() {
    let text = "transform:\n  symbols:\n    EUR/USD:\n      post:\n        \
        - {action: '*', columns: [open, volume], value: 2, from_date: 2024-01-31, to_date: 2024-02-01}\n        \
        - {action: add, column: close, value: -1.5, to_date: '2024-02-01 10:30'}\n        \
        - {op: '-', columns: low, value: 1e-3, from_date: '2024-02-01 10:30:15'}\n        \
        - {action: /, columns: [high], value: 4}\n    GBP-USD:\n      post:\n        \
        multiply: {columns: [volume], value: 3}\n        twice: {action: divide, column: volume, value: 2}\n";
    let symbols = loaded(text).settings.transform.symbols;
    let steps = &symbols[&symbol("EUR-USD")].post;
    let ops: Vec<AdjustOp> = steps.iter().map(|step| step.op).collect();
    assert_eq!(ops, [AdjustOp::Multiply, AdjustOp::Add, AdjustOp::Subtract, AdjustOp::Divide]);
    let values: Vec<f64> = steps.iter().map(|step| step.value).collect();
    assert_eq!(values, [2.0, -1.5, 0.001, 4.0]);
    assert_eq!(steps[0].columns, [PriceColumn::Open, PriceColumn::Volume]);
    assert_eq!(steps[1].columns, [PriceColumn::Close]);
    // From `date -u -d ... +%s`.
    assert_eq!(steps[0].from_wall_ms, Some(1_706_659_200_000));
    assert_eq!(steps[0].to_wall_ms, Some(1_706_831_999_999), "a date alone is the end of that day");
    assert_eq!(steps[1].to_wall_ms, Some(1_706_783_400_000));
    assert_eq!(steps[2].from_wall_ms, Some(1_706_783_415_000));
    let named: Vec<AdjustOp> = symbols[&symbol("GBP-USD")].post.iter().map(|step| step.op).collect();
    assert_eq!(named, [AdjustOp::Multiply, AdjustOp::Divide]);
}

#[test]
fn own_timeframes_are_laid_over_the_common_ones_field_by_field() {
    let text = "\
resample:
  timeframes:
    1h: {rule: 1h, source: 1m, post: [{action: merge, ends_with: '01:00:00'}]}
    4h: {rule: 4h, source: 1h, closed: right, post: [{action: shift, offset: 60}]}
  symbols:
    EUR-USD:
      round_decimals: 4
      batch_size: 10
      timeframes:
        4h: {origin: '01:00', post: []}
        2h: {rule: 2h, source: 1h}
    GBP-USD:
      skip_timeframes: [4h]
";
    let settings = loaded(text).settings;
    let own = &settings.resample.symbols[&symbol("EUR-USD")];
    assert_eq!((own.round_decimals, own.batch_size), (Some(4), Some(10)));
    let ids: Vec<&str> = own.timeframes.iter().map(|spec| spec.id.as_str()).collect();
    assert_eq!(ids, ["1h", "4h", "2h"]);
    let four = &own.timeframes[1];
    assert_eq!((four.origin, four.closed, four.post.len()), (Origin::At { minutes: 60 }, Side::Right, 0));
    assert_eq!(own.timeframes[0], settings.resample.timeframes[0]);
    assert_eq!(settings.resample.timeframes[1].post, [PostStep::Shift { offset_s: 60 }]);
    let kept: Vec<&str> =
        settings.timeframes_of(&symbol("GBP-USD")).iter().map(|spec| spec.id.as_str()).collect();
    assert_eq!(kept, ["1h"]);
}

#[test]
fn a_file_of_the_original_loads_and_is_told_what_it_does_not_do() {
    let text = "\
download: {mode: polite, jitter: 0.2, max_retries: 3}
orchestrator: {poolmode: spawn}
transform: {fmode: text, server_timezone: Europe/Helsinki, validate: true, paths: {historic: cache, live: data/temp}}
aggregate: {fmode: text, paths: {data: data/aggregate/1m, source: data/transform/1m}}
resample: {fmode: binary, timeframes: {1m: {source: aggregate}, 5m: {rule: 5T, source: 1m, pre: {}, post: {}}}}
builder: {paths: {data: data/output}, num_processes: 2}
http: {docs: config/docs, listen: ':8000', reload: true}
";
    let warnings = loaded(text).warnings;
    for key in
        ["download.mode", "download.jitter", "orchestrator.poolmode", "transform.server_timezone", "builder"]
    {
        let told = warnings.iter().filter(|warning| warning.starts_with(&format!("{key}:"))).count();
        assert_eq!(told, 1, "{key}: {warnings:#?}");
    }
}

// Mistakes

#[test]
fn an_unknown_key_is_told_with_the_nearest_one() {
    assert_problem(
        "download:\n  max_retrys: 3\n",
        2,
        "download.max_retrys",
        &["unknown key", "'max_retries'"],
    );
    assert_problem("downlaod:\n  side: BID\n", 1, "downlaod", &["unknown key", "'download'"]);
    let text = "resample:\n  timeframes:\n    5m:\n      rule: 5T\n      sorce: 1m\n      source: 1m\n";
    assert_problem(text, 5, "resample.timeframes.5m.sorce", &["'source'"]);
    let text = "transform:\n  symbols:\n    EUR-USD:\n      post:\n        - {action: add, colums: [open], columns: [open], value: 1}\n";
    assert_problem(text, 5, "transform.symbols.EUR-USD.post.0.colums", &["'columns'"]);
    let text = "resample:\n  symbols:\n    EUR-USD:\n      sessons: {}\n";
    assert_problem(text, 4, "resample.symbols.EUR-USD.sessons", &["'sessions'"]);
    assert_problem("max_retries: 3\n", 1, "max_retries", &["download.max_retries"]);
}

#[test]
fn a_key_written_twice_is_told_with_both_lines() {
    let text = "download:\n  side: BID\n  timeout: 5\n  side: ASK\n";
    assert_problem(text, 4, "download.side", &["line 2", "line 4"]);
    let quoted = "transform:\n  symbols:\n    \"EUR-USD\": {}\n    EUR-USD: {}\n";
    assert_problem(quoted, 4, "transform.symbols.EUR-USD", &["line 3", "line 4"]);
    assert_problem("download: {side: BID, side: ASK}\n", 1, "download.side", &["twice"]);
    let found = problems("download:\n  side: BID\n  side: ASK\n  side: BID\naggregate: {}\naggregate: {}\n");
    let lines: Vec<usize> = found.iter().map(|problem| problem.line).collect();
    assert_eq!(lines, [3, 4, 6]);
}

#[test]
fn values_out_of_range_are_told() {
    let cases = [
        ("download: {max_retries: 0}", "download.max_retries", "from 1"),
        ("download: {max_retries: many}", "download.max_retries", "whole number"),
        ("download: {concurrency: 65}", "download.concurrency", "64"),
        ("download: {rate_limit_rps: -1}", "download.rate_limit_rps", "from 0"),
        ("download: {timeout: 0}", "download.timeout", "more than 0"),
        ("download: {timeout: .nan}", "download.timeout", "number"),
        ("download: {backoff_factor: -2}", "download.backoff_factor", "from 0"),
        ("download: {side: MID}", "download.side", "BID, ASK"),
        ("download: {base_url: jetta.dukascopy.com}", "download.base_url", "https://"),
        ("download: {history_start: 2024-13-01}", "download.history_start", "YYYY-MM-DD"),
        ("download: {paths: {live: ''}}", "download.paths.live", "folder"),
        ("orchestrator: {num_processes: 0}", "orchestrator.num_processes", "from 1"),
        ("orchestrator: {disable_download: maybe}", "orchestrator.disable_download", "true or false"),
        ("transform: {round_decimals: 16}", "transform.round_decimals", "0 to 15"),
        ("transform: {round_decimals: 1.5}", "transform.round_decimals", "whole number"),
        ("transform: {validate: quarantin}", "transform.validate", "nearest: quarantine"),
        ("transform: {time_shift_ms: 500}", "transform.time_shift_ms", "1000"),
        ("resample: {batch_size: 0}", "resample.batch_size", "from 1"),
        ("resample: {batch_size: [1]}", "resample.batch_size", "single value"),
        (
            "resample: {symbols: {EUR-USD: {round_decimals: -1}}}",
            "resample.symbols.EUR-USD.round_decimals",
            "0 to 15",
        ),
        ("transform: {symbols: {'E U': {}}}", "transform.symbols.E U", "not a symbol"),
        ("download: 5", "download", "key: value"),
        (
            "resample: {timeframes: {5m: {rule: 5X, source: 1m}}}",
            "resample.timeframes.5m.rule",
            "nearest: 5T",
        ),
        ("resample: {timeframes: {5m: {rule: 5T}}}", "resample.timeframes.5m.source", "needs a source"),
        ("resample: {timeframes: {5m: {source: 1m}}}", "resample.timeframes.5m.rule", "needs a rule"),
        (
            "resample: {timeframes: {5m: {rule: 5T, source: 1m, label: middle}}}",
            "resample.timeframes.5m.label",
            "left, right",
        ),
        (
            "resample: {timeframes: {5m: {rule: 5T, source: 1m, origin: '25:00'}}}",
            "resample.timeframes.5m.origin",
            "HH:MM",
        ),
        ("download: !secret {}", "download", "tag"),
    ];
    for (text, key, word) in cases {
        assert_problem(text, 1, key, &[word]);
    }
}

#[test]
fn a_zone_nobody_has_is_told_with_the_nearest() {
    let text =
        "transform:\n  timezones:\n    America/New_Yrok:\n      offset_to_shift_map: {-300: 7200000}\n";
    assert_problem(text, 3, "transform.timezones.America/New_Yrok", &["America/New_York"]);
    let text = "resample:\n  symbols:\n    EUR-USD:\n      timezone: Singapore City\n";
    assert_problem(text, 4, "resample.symbols.EUR-USD.timezone", &["Singapore"]);
}

#[test]
fn text_that_is_no_yaml_is_told_with_its_line() {
    for text in
        ["download:\n  side: [BID\n", "a: b: c\n", "download:\n\tside: BID\n", "- a\nb: c\n", "x: \"\n"]
    {
        let found = problems(text);
        assert!(found[0].line > 0 && found[0].to_string().contains("config.yaml"), "{found:?}");
    }
    assert!(problems("a: 1\n---\nb: 2\n")[0].reason.contains("second document"));
    assert!(problems("just words\n")[0].reason.contains("key: value"));
    assert!(problems(&"- ".repeat(100_000))[0].reason.contains("deep"));
    assert!(problems(&"[".repeat(100_000))[0].line > 0);
}

#[test]
fn all_mistakes_are_told_at_once() {
    let found = problems("download:\n  sidee: BID\n  max_retries: 0\naggregate:\n  fsync: 3\n");
    let mut lines: Vec<usize> = found.iter().map(|problem| problem.line).collect();
    lines.sort_unstable();
    assert_eq!(lines, [2, 3, 5]);
    let error = load_text("download: {a: 1, b: 2}").unwrap_err().to_string();
    assert_eq!(error.lines().count(), 2, "{error}");
}

#[test]
fn steps_with_mistakes_are_told() {
    let step = |step: &str| format!("transform:\n  symbols:\n    EUR-USD:\n      post:\n        - {step}\n");
    let at = |key: &str| format!("transform.symbols.EUR-USD.post.0.{key}");
    assert_problem(&step("{action: ad, columns: [open], value: 1}"), 5, &at("action"), &["nearest: add"]);
    assert_problem(&step("{columns: [open], value: 1}"), 5, &at("action"), &["needs an action"]);
    assert_problem(&step("{action: add, value: 1}"), 5, &at("columns"), &["needs columns"]);
    assert_problem(&step("{action: add, columns: [opne], value: 1}"), 5, &at("columns"), &["nearest: open"]);
    assert_problem(&step("{action: add, columns: [open]}"), 5, &at("value"), &["needs a number"]);
    assert_problem(&step("{action: /, columns: [open], value: 0}"), 5, &at("value"), &["division by 0"]);
    let both = "{action: add, column: open, columns: [open], value: 1}";
    assert_problem(&step(both), 5, &at("column"), &["keep columns"]);
    let dates = "{action: add, columns: [open], value: 1, from_date: 2024-01-02, to_date: 2024-01-01}";
    assert_problem(&step(dates), 5, &at("to_date"), &["before"]);
}

fn post(steps: &str) -> String {
    format!(
        "resample:\n  timeframes:\n    4h:\n      rule: 4h\n      source: 1m\n      post:\n        {steps}\n"
    )
}

#[test]
fn merge_and_shift_have_their_limits() {
    let at = |key: &str| format!("resample.timeframes.4h.post.{key}");
    let merge = |rest: &str| post(&format!("- {{action: merge, {rest}}}"));
    assert_problem(&merge("ends_with: ['09:10:00'], offset: 0"), 7, &at("0.offset"), &["into itself"]);
    assert_problem(&merge("offset: -1"), 7, &at("0.ends_with"), &["needs endings"]);
    assert_problem(&merge("ends_with: ['9.10']"), 7, &at("0.ends_with"), &["YYYY-MM-DD"]);
    assert_problem(&merge("ends_with: ['09:10:00'], weekdays: [7]"), 7, &at("0.weekdays"), &["Monday"]);
    let shift = |rest: &str| post(&format!("- {{action: shift, {rest}}}"));
    assert_problem(&shift("offset: 14400"), 7, &at("0.offset"), &["not smaller"]);
    assert_problem(&shift("offset: -14400"), 7, &at("0.offset"), &["not smaller"]);
    assert_problem(&shift("offset: 60, weekdays: [0]"), 7, &at("0.weekdays"), &["no limits"]);
    assert_problem(&shift("offset: 60, from_date: 2024-01-01"), 7, &at("0.from_date"), &["no limits"]);
    let two = post("- {action: shift, offset: 60}\n        - {action: shift, offset: 60}");
    assert_problem(&two, 8, &at("1"), &["second shift"]);
    let kept = loaded(&shift("offset: 14399")).settings.resample.timeframes;
    assert_eq!(kept[0].post, [PostStep::Shift { offset_s: 14_399 }]);
}

#[test]
fn timeframes_that_cannot_be_folded_are_told() {
    let unknown = "resample:\n  timeframes:\n    30m: {rule: 30T, source: 1m}\n    1h:\n      rule: 1h\n      source: 03m\n";
    assert_problem(unknown, 6, "resample.timeframes.1h.source", &["03m", "does not exist", "30m"]);
    let circle = "resample:\n  timeframes:\n    1h: {rule: 1h, source: 2h}\n    2h: {rule: 2h, source: 1h}\n";
    let found = problems(circle);
    assert_eq!(found.iter().map(|problem| problem.line).collect::<Vec<_>>(), [3, 4]);
    assert!(found[0].reason.contains("1h <- 2h <- 1h"), "{}", found[0]);
    let itself = "resample:\n  timeframes:\n    1h: {rule: 1h, source: 1h}\n";
    assert_problem(itself, 3, "resample.timeframes.1h.source", &["circle"]);
    let origin =
        "resample:\n  timeframes:\n    7h:\n      rule: 7h\n      source: 1m\n      origin: '01:00'\n";
    assert_problem(origin, 6, "resample.timeframes.7h.origin", &["24 h", "epoch"]);
    let minute = "resample:\n  timeframes:\n    1m: {rule: 2T}\n    5m: {rule: 5T, source: 1m}\n";
    assert_problem(minute, 3, "resample.timeframes.1m.rule", &["feed"]);
}

#[test]
fn a_skipped_timeframe_cannot_be_a_source() {
    let text = "resample:\n  symbols:\n    EUR-USD:\n      skip_timeframes: [4h]\n";
    assert_problem(text, 4, "resample.symbols.EUR-USD.skip_timeframes", &["4h is skipped", "8h"]);
    let text = "resample:\n  symbols:\n    EUR-USD:\n      skip_timeframes: [8H]\n";
    assert_problem(text, 4, "resample.symbols.EUR-USD.skip_timeframes", &["no timeframe 8H", "8h"]);
    let all = "resample: {symbols: {EUR-USD: {skip_timeframes: [4h, 8h, 1d, 1W, 1M, 1Y]}}}";
    assert_eq!(loaded(all).settings.timeframes_of(&symbol("EUR-USD")).len(), 4);
}

#[test]
fn own_timeframes_are_checked_too() {
    let text = "resample:\n  symbols:\n    EUR-USD:\n      timeframes:\n        4h:\n          source: 3h\n";
    assert_problem(text, 6, "resample.symbols.EUR-USD.timeframes.4h.source", &["3h"]);
    let text = "resample:\n  symbols:\n    EUR/USD:\n      timeframes:\n        4h:\n          rule: 7h\n          origin: '01:00'\n";
    assert_problem(text, 7, "resample.symbols.EUR/USD.timeframes.4h.origin", &["24 h"]);
}

fn session(body: &str) -> String {
    format!(
        "resample:\n  symbols:\n    SGD.IDX-SGD:\n      timezone: Asia/Singapore\n      sessions:\n{body}"
    )
}

#[test]
fn sessions_with_mistakes_are_told() {
    let at = |key: &str| format!("resample.symbols.SGD.IDX-SGD.sessions{key}");
    let no_zone = "resample:\n  symbols:\n    SGD.IDX-SGD:\n      sessions:\n        day: {}\n";
    assert_problem(no_zone, 4, &at(""), &["timezone"]);
    let other =
        session("        day:\n          timeframes:\n            4h:\n              closed: right\n");
    assert_problem(&other, 9, &at(".day.timeframes.4h.closed"), &["origin and post only"]);
    let no_rule = session("        day:\n          timeframes:\n            3h: {origin: '02:30'}\n");
    assert_problem(&no_rule, 8, &at(".day.timeframes.3h"), &["no rule", "1h, 4h"]);
    let shift = session(
        "        day:\n          timeframes:\n            4h: {post: [{action: shift, offset: 60}]}\n",
    );
    assert_problem(&shift, 8, &at(".day.timeframes.4h.post"), &["shift"]);
    let range = session("        day:\n          ranges: {a: {from: '9:00'}}\n");
    assert_problem(&range, 7, &at(".day.ranges.a.to"), &["both"]);
    let time = session("        day:\n          ranges:\n            a: {from: '09:00', to: '24:00'}\n");
    assert_problem(&time, 8, &at(".day.ranges.a.to"), &["HH:MM"]);
    let date = session("        day:\n          from_date: 2024-02-30\n");
    assert_problem(&date, 7, &at(".day.from_date"), &["YYYY-MM-DD"]);
    let key = session("        day:\n          range: {}\n");
    assert_problem(&key, 7, &at(".day.range"), &["'ranges'"]);
}

#[test]
fn a_session_origin_must_meet_the_day() {
    let text = "resample:\n  timeframes:\n    7h: {rule: 7h, source: 1m}\n  symbols:\n    EUR-USD:\n      \
        timezone: Asia/Singapore\n      sessions:\n        day:\n          timeframes:\n            7h:\n              \
        origin: '02:30'\n";
    let key = "resample.symbols.EUR-USD.sessions.day.timeframes.7h.origin";
    assert_problem(text, 11, key, &["24 h"]);
}

#[test]
fn sessions_that_look_like_slips_are_warned_of() {
    let warned = |body: &str, word: &str| {
        let warnings = loaded(&session(body)).warnings;
        assert!(warnings.iter().any(|warning| warning.contains(word)), "{word}: {warnings:?}");
    };
    let range = |name: &str, from: &str, to: &str| {
        format!("        {name}: {{ranges: {{a: {{from: '{from}', to: '{to}'}}}}}}\n")
    };
    let partly = range("early", "08:00", "12:00") + &range("late", "11:00", "15:00");
    warned(&partly, "overlaps session 'early'");
    let hidden = range("all", "00:00", "23:59") + &range("late", "11:00", "15:00");
    warned(&hidden, "no row can reach");
    let split =
        range("night", "22:00", "05:00") + &range("day", "05:01", "21:59") + &range("rest", "03:00", "23:00");
    warned(&split, "sessions.rest: no row can reach");
}

#[test]
fn sessions_that_are_meant_are_not_warned_of() {
    let range = |name: &str, from: &str, to: &str| {
        format!("        {name}: {{ranges: {{a: {{from: '{from}', to: '{to}'}}}}}}\n")
    };
    let exception = range("morning", "08:00", "12:00") + &range("rest", "00:00", "23:59");
    let dated =
        "        old: {to_date: 2020-01-01}\n        new: {from_date: 2020-01-02}\n        catch-all: {}\n";
    let mondays = "        a: {weekdays: [0, 1, 2]}\n        b: {weekdays: [3, 4, 5, 6]}\n";
    for body in [exception.as_str(), dated, mondays] {
        assert_eq!(loaded(&session(body)).warnings, Vec::<String>::new(), "{body}");
    }
    let covered = "        a: {weekdays: [0, 1, 2]}\n        b: {weekdays: [3, 4, 5, 6]}\n        c: {}\n";
    let warnings = loaded(&session(covered)).warnings;
    assert!(warnings.iter().any(|warning| warning.contains("sessions.c:")), "{warnings:?}");
    let dates = "        a: {to_date: 2020-01-01}\n        b: {from_date: 2020-01-02}\n        c: {from_date: 2019-01-01}\n";
    let warnings = loaded(&session(dates)).warnings;
    assert!(warnings.iter().any(|warning| warning.contains("sessions.c:")), "{warnings:?}");
}

#[test]
fn clocks_that_jump_by_less_than_a_bar_are_told() {
    let text = "transform:\n  timezones:\n    Europe/Berlin:\n      offset_to_shift_map: {60: 7200000, 120: 9000000}\n      symbols: ['*']\n";
    let key = "transform.timezones.Europe/Berlin.offset_to_shift_map";
    assert_problem(text, 4, key, &["30 min", "60 min"]);
    let fits = text.replace("9000000", "10800000");
    assert_eq!(loaded(&fits).warnings, Vec::<String>::new());
    let sparse = format!("{text}resample:\n  timeframes:\n    30m: {{rule: 30T, source: 1m}}\n");
    assert_eq!(loaded(&sparse).settings.resample.timeframes.len(), 1);
    let lord_howe = "resample:\n  symbols:\n    EUR-USD:\n      timezone: Australia/Lord_Howe\n      sessions:\n        \
        day: {timeframes: {1h: {origin: '00:30'}}}\n";
    assert_problem(lord_howe, 4, "resample.symbols.EUR-USD.timezone", &["30 min"]);
    let part =
        "transform: {timezones: {Europe/Berlin: {offset_to_shift_map: {60: 7200000}, symbols: [EUR-USD]}}}";
    let warnings = loaded(part).warnings;
    assert!(warnings.iter().any(|warning| warning.contains("120 min")), "{warnings:?}");
}

#[test]
fn aliases_need_a_symbol_of_the_feed() {
    let alias = |rows: &str| format!("transform:\n  symbols:\n{rows}");
    let circle = alias("    EUR-USD: {source: GBP-USD}\n    GBP-USD: {source: EUR-USD}\n");
    let found = problems(&circle);
    assert_eq!((found.len(), found[0].line, found[1].line), (2, 3, 4));
    assert!(found[0].reason.contains("circle"));
    let itself = alias("    EUR-USD: {source: EUR-USD}\n");
    assert_problem(&itself, 3, "transform.symbols.EUR-USD.source", &["circle"]);
    let unknown = alias("    EUR-USD: {source: GBP-UDS}\n");
    assert_problem(&unknown, 3, "transform.symbols.EUR-USD.source", &["GBP-UDS", "GBP-USD"]);
    let chain = alias("    EUR-USD: {source: SGD.IDX-SGD}\n    SGD.IDX-SGD: {source: GBP-USD}\n");
    assert_problem(&chain, 3, "transform.symbols.EUR-USD.source", &["alias", "source: GBP-USD"]);
    let fine = loaded(&alias("    EUR-USD: {source: GBP-USD}\n")).settings;
    assert_eq!(fine.payload_symbol(&symbol("EUR-USD")), &symbol("GBP-USD"));
}

#[test]
fn folders_do_not_meet() {
    let text = "download:\n  paths:\n    historic: data/resample\n";
    assert_problem(text, 3, "download.paths.historic", &["resample.paths.data"]);
    let text = "transform:\n  paths:\n    historic: elsewhere\n";
    assert_problem(text, 3, "transform.paths.historic", &["download.paths.historic"]);
}

#[test]
fn symbols_with_settings_and_no_place_in_the_list_are_warned_of() {
    let warnings = loaded("resample: {symbols: {EUR-UDS: {round_decimals: 3}}}").warnings;
    assert!(warnings[0].contains("EUR-UDS") && warnings[0].contains("nearest: EUR-USD"), "{warnings:?}");
    let group = "transform: {timezones: {UTC: {offset_to_shift_map: {0: 0}, symbols: [XAU-USD]}}}";
    assert!(loaded(group).warnings[0].contains("XAU-USD"));
}

// Files

#[test]
fn includes_are_merged_and_inline_keys_win_field_by_field() {
    let (_folder, loaded) = load_files(&[
        (
            "config.yaml",
            "resample:\n  timeframes:\n    includes: ['parts/*.yaml', extra.yaml, 'absent.yaml?']\n    1h: {source: 1m}\n    2h: {rule: 2h, source: 1h}\n",
        ),
        ("parts/b.yaml", "5m: {rule: 5T, source: 1m}\n"),
        ("parts/a.yaml", "1h: {rule: 1h, source: 5m, origin: '00:30'}\n"),
        ("parts/.hidden.yaml", "9m: {rule: 9T, source: 1m}\n"),
        ("parts/c.yml", "9m: {rule: 9T, source: 1m}\n"),
        ("extra.yaml", "3h: {rule: 3h, source: 1h}\n"),
        ("symbols.txt", "EUR-USD"),
    ]);
    let loaded = loaded.unwrap_or_else(|error| panic!("{error}"));
    let specs = &loaded.settings.resample.timeframes;
    let ids: Vec<&str> = specs.iter().map(|spec| spec.id.as_str()).collect();
    assert_eq!(ids, ["3h", "1h", "5m", "2h"], "files in sorted order, then what is written inline");
    assert_eq!((specs[1].source.as_str(), specs[1].origin), ("1m", Origin::At { minutes: 30 }));
    assert_eq!(loaded.files.len(), 5);
}

#[test]
fn includes_that_do_not_fit_are_told() {
    let told = |files: &[(&str, &str)]| match load_files(files).1 {
        Err(ConfigError::Faulty { problems }) => problems,
        other => panic!("{other:?}"),
    };
    let config = "resample:\n  symbols:\n    includes: ['parts/*.yaml']\n";
    let found = told(&[("config.yaml", config), ("symbols.txt", "EUR-USD")]);
    assert_eq!((found[0].line, found[0].key.as_str()), (3, "resample.symbols.includes"));
    assert!(found[0].to_string().contains("matches no file"));

    let twice = [
        ("config.yaml", config),
        ("symbols.txt", "EUR-USD"),
        ("parts/a.yaml", "\nEUR-USD: {}\n"),
        ("parts/b.yaml", "EUR-USD: {}\n"),
    ];
    let found = told(&twice);
    let message = found[0].to_string();
    assert!(message.contains("a.yaml:2") && message.contains("b.yaml:1"), "{message}");

    let broken = [
        ("config.yaml", config),
        ("symbols.txt", "EUR-USD"),
        ("parts/a.yaml", "EUR-USD:\n  round_decimal: 3\n"),
    ];
    let found = told(&broken);
    assert!(found[0].file.ends_with("parts/a.yaml") && found[0].line == 2, "{}", found[0]);
    assert!(found[0].to_string().contains("'round_decimals'"), "{}", found[0]);

    let circle =
        [("config.yaml", config), ("symbols.txt", "EUR-USD"), ("parts/a.yaml", "includes: parts/a.yaml\n")];
    assert!(told(&circle)[0].reason.contains("itself"));
    let root = [("config.yaml", "includes: [a.yaml]\n"), ("a.yaml", ""), ("symbols.txt", "EUR-USD")];
    assert!(told(&root)[0].to_string().contains("root"));
}

#[test]
fn user_files_win() {
    let folder = folder(&[
        ("config.yaml", "download: {side: BID}"),
        ("config.user.yaml", "download: {side: ASK}"),
        ("symbols.txt", "EUR-USD"),
        ("symbols.user.txt", "\u{FEFF}Symbol\r\n# mine\r\nGBP/USD\r\n\r\nXAU-USD # gold\r\nGBP-USD\r\n"),
    ]);
    let found = config::find(folder.path()).unwrap();
    assert!(found.ends_with("config.user.yaml"));
    let loaded = config::load(&found).unwrap();
    assert_eq!(loaded.settings.download.side, PriceSide::Ask);
    assert_eq!(loaded.symbols, [symbol("GBP-USD"), symbol("XAU-USD")]);
    fs::remove_file(folder.path().join("config.user.yaml")).unwrap();
    assert!(config::find(folder.path()).unwrap().ends_with("config.yaml"));
    fs::remove_file(folder.path().join("config.yaml")).unwrap();
    let missing = config::find(folder.path()).unwrap_err();
    assert!(
        matches!(&missing, ConfigError::Missing { .. }) && missing.to_string().contains("config.user.yaml")
    );
    let unreadable = config::load(&folder.path().join("config.yaml")).unwrap_err();
    assert!(matches!(unreadable, ConfigError::Unreadable { .. }));
}

#[test]
fn a_symbol_that_is_none_is_told_with_its_line() {
    let (_folder, loaded) =
        load_files(&[("config.yaml", ""), ("symbols.txt", "symbol\nEUR-USD\nEUR USD\n../x\n")]);
    let Err(ConfigError::Faulty { problems }) = loaded else { panic!("expected problems") };
    let lines: Vec<usize> = problems.iter().map(|problem| problem.line).collect();
    assert_eq!(lines, [3, 4]);
    assert!(problems[0].to_string().contains("symbols.txt:3"));
    let (_folder, none) = load_files(&[("config.yaml", "")]);
    let none = none.unwrap();
    assert!(none.symbols.is_empty() && none.warnings[0].contains("symbols.txt"));
}

#[test]
fn what_is_shown_means_the_same_and_says_where_it_comes_from() {
    for name in ["config.yaml", "config.dukascopy-mt4.yaml"] {
        let loaded = config::load(&shipped(name)).unwrap();
        let shown = config::show(&loaded);
        assert!(shown.contains("# default") || name == "config.yaml");
        assert!(shown.contains("config/timeframes.yaml:"), "{shown}");
        let (folder, again) = load_files(&[("config.yaml", &shown), ("symbols.txt", "EUR-USD")]);
        let mut again = again.unwrap_or_else(|error| panic!("{error}\n{shown}")).settings;
        assert_eq!(again.paths.cache, folder.path().join("cache"));
        again.paths = loaded.settings.paths.clone();
        assert_eq!(again, loaded.settings, "{shown}");
    }
    let odd = "download: {mode: x, side: ASK}\nresample:\n  symbols:\n    EUR-USD:\n      timezone: Asia/Singapore\n      \
        sessions: {\"it's: odd\\n#\": {weekdays: [0]}}\n";
    let first = loaded(odd);
    let shown = config::show(&first);
    assert!(shown.contains("side: ASK  # ") && shown.contains("config.yaml:1") && !shown.contains("mode"));
    assert_eq!(loaded(&shown).settings.resample, first.settings.resample);
}

// Anything at all

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, ..ProptestConfig::default() })]

    /// Whatever happens to a text on its way, the answer is settings or problems with a file, never a panic.
    #[test]
    fn no_text_makes_the_reader_panic(
        which in 0..6_usize,
        cuts in prop::collection::vec((any::<prop::sample::Index>(), 0..8_usize, "[ \\-\\[\\]{}:,#&*!?'\"\\n\\tA-z0-9\u{E000}é]{0,4}"), 1..6),
    ) {
        const FILES: [&str; 6] = ["config.yaml", "config/timeframes.yaml", "config/mt4/origins.yaml",
            "config/mt4/sessions/AUS.IDX-AUD.yaml", "config/mt4/sessions/SGD.IDX-SGD.yaml", "config.dukascopy-mt4.yaml"];
        let mut text: Vec<char> = fs::read_to_string(shipped(FILES[which])).unwrap().chars().collect();
        let indent = |prefix: &str, text: String| format!("{prefix}{}", text.replace('\n', "\n    "));
        for (at, length, new) in cuts {
            let from = at.index(text.len() + 1);
            let to = (from + length).min(text.len());
            text.splice(from..to, new.chars());
        }
        let text: String = text.into_iter().collect();
        let text = match which {
            1 => indent("resample:\n  timeframes:\n    ", text),
            2..=4 => indent("resample:\n  symbols:\n    ", text),
            _ => text,
        };
        match load_text(&text) {
            Ok(loaded) => prop_assert!(!config::show(&loaded).is_empty()),
            Err(ConfigError::Faulty { problems }) => {
                prop_assert!(!problems.is_empty());
                prop_assert!(problems.iter().all(|problem| !problem.reason.is_empty() && !problem.remedy.is_empty()));
            }
            Err(other) => prop_assert!(false, "{other}"),
        }
    }
}

// The scripts

const SCRIPTS: [&str; 7] = [
    "build-engine.sh",
    "run.sh",
    "rebuild-full.sh",
    "rebuild-aggregate.sh",
    "rebuild-resample.sh",
    "rebuild-weekly.sh",
    "setup-dukascopy.sh",
];

#[test]
fn scripts_are_sound_and_executable() {
    use std::os::unix::fs::PermissionsExt;
    for name in SCRIPTS {
        let path = shipped(name);
        assert!(Command::new("bash").arg("-n").arg(&path).status().unwrap().success(), "{name}");
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o111, 0o111, "{name}");
        let text = fs::read_to_string(&path).unwrap();
        assert!(text.starts_with("#!/usr/bin/env bash\n") && text.contains("set -euo pipefail"), "{name}");
    }
}

/// A folder with the scripts and a stand-in for the engine that prints its arguments and exits as it is told.
fn folder_with_engine() -> TempDir {
    let folder = TempDir::new().unwrap();
    for name in SCRIPTS {
        fs::copy(shipped(name), folder.path().join(name)).unwrap();
    }
    let at = |name: &str| folder.path().join(name);
    fs::create_dir_all(at("src")).unwrap();
    fs::create_dir_all(at("build place/release")).unwrap();
    for name in ["src/main.rs", "Cargo.toml", "Cargo.lock"] {
        fs::write(at(name), "").unwrap();
    }
    let engine = at("build place/release/engine");
    fs::write(&engine, "#!/usr/bin/env bash\nprintf '<%s>' \"$PWD\" \"$@\"\nexit \"${EXIT:-0}\"\n").unwrap();
    Command::new("chmod").arg("+x").arg(&engine).status().unwrap();
    folder
}

fn script(folder: &Path, name: &str) -> Command {
    let mut command = Command::new(folder.join(name));
    command.current_dir("/").env("CARGO_TARGET_DIR", folder.join("build place"));
    command
}

#[test]
fn scripts_call_one_subcommand_from_any_folder_and_pass_exit_codes() {
    let folder = folder_with_engine();
    let here = fs::canonicalize(folder.path()).unwrap();
    for (name, words) in [
        ("run.sh", "<run>"),
        ("rebuild-full.sh", "<rebuild><full>"),
        ("rebuild-aggregate.sh", "<rebuild><aggregate>"),
        ("rebuild-resample.sh", "<rebuild><resample>"),
        ("rebuild-weekly.sh", "<rebuild><weekly>"),
    ] {
        let output =
            script(folder.path(), name).args(["--symbols", "a b"]).env("EXIT", "3").output().unwrap();
        assert_eq!(output.status.code(), Some(3), "{name}: {output:?}");
        let expected = format!("<{}>{words}<--symbols><a b>", here.display());
        assert_eq!(String::from_utf8(output.stdout).unwrap(), expected);
    }
}

#[test]
fn scripts_build_what_is_older_than_its_sources_and_say_what_is_missing() {
    let folder = folder_with_engine();
    let tools = folder.path().join("tools");
    fs::create_dir(&tools).unwrap();
    for tool in ["bash", "env", "dirname", "find", "mktemp", "touch", "rm", "cat"] {
        let found =
            ["/usr/bin", "/bin"].iter().map(|bin| Path::new(bin).join(tool)).find(|path| path.exists());
        std::os::unix::fs::symlink(found.unwrap(), tools.join(tool)).unwrap();
    }
    let newer =
        Command::new("touch").args(["-d", "2100-01-01"]).arg(folder.path().join("src/main.rs")).status();
    assert!(newer.unwrap().success());
    let run = || {
        let mut command = script(folder.path(), "run.sh");
        command.env("PATH", &tools).env("HOME", folder.path()).env_remove("CC").output().unwrap()
    };
    let output = run();
    assert_eq!(output.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&output.stderr).contains("rustup"), "{output:?}");

    let cargo = "#!/usr/bin/env bash\necho \"cargo $*\"\n";
    fs::write(tools.join("cargo"), cargo).unwrap();
    Command::new("chmod").arg("+x").arg(tools.join("cargo")).status().unwrap();
    let output = run();
    assert_eq!(output.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&output.stderr).contains("build-essential"), "{output:?}");

    fs::copy(tools.join("cargo"), tools.join("cc")).unwrap();
    let output = run();
    assert!(output.status.success(), "{output:?}");
    assert!(String::from_utf8_lossy(&output.stderr).contains("cargo build --release"));
    assert!(String::from_utf8_lossy(&output.stdout).ends_with("<run>"));
}

fn copy_folder(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let target = to.join(entry.file_name());
        match entry.file_type().unwrap().is_dir() {
            true => copy_folder(&entry.path(), &target),
            false => drop(fs::copy(entry.path(), target).unwrap()),
        }
    }
}

#[test]
fn setup_installs_asks_and_refuses() {
    let folder = TempDir::new().unwrap();
    let at = |name: &str| folder.path().join(name);
    for name in ["setup-dukascopy.sh", "config.yaml", "config.dukascopy-mt4.yaml", "symbols.txt"] {
        fs::copy(shipped(name), at(name)).unwrap();
    }
    copy_folder(&shipped("config"), &at("config"));
    let setup = |arguments: &[&str]| {
        let mut command = Command::new(at("setup-dukascopy.sh"));
        command.args(arguments).current_dir("/").stdin(std::process::Stdio::null()).output().unwrap()
    };

    let first = setup(&[]);
    assert!(first.status.success(), "{first:?}");
    assert!(at("data").is_dir() && at("cache").is_dir());
    let user = config::find(folder.path()).unwrap();
    assert!(user.ends_with("config.user.yaml"));
    let installed = config::load(&user).unwrap_or_else(|error| panic!("{error}"));
    let original = config::load(&at("config.dukascopy-mt4.yaml")).unwrap();
    assert_eq!(installed.settings, original.settings);
    assert!(installed.files.iter().all(|file| !file.starts_with(at("config"))), "{:?}", installed.files);

    fs::write(&user, "# mine\n").unwrap();
    let refused = setup(&[]);
    assert_eq!(refused.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&refused.stderr).contains("--yes"));
    assert!(String::from_utf8_lossy(&refused.stdout).contains("config.user.yaml"));
    assert_eq!(fs::read_to_string(&user).unwrap(), "# mine\n");

    assert!(setup(&["--yes"]).status.success());
    assert_eq!(config::load(&user).unwrap().settings, original.settings);
    assert_eq!(setup(&["--no"]).status.code(), Some(2));
}

/// `script` gives the question a terminal.
#[test]
fn setup_asks_on_a_terminal() {
    if !Path::new("/usr/bin/script").exists() {
        return println!("skipped: no script(1)");
    }
    let folder = TempDir::new().unwrap();
    let at = |name: &str| folder.path().join(name);
    for name in ["setup-dukascopy.sh", "config.dukascopy-mt4.yaml"] {
        fs::copy(shipped(name), at(name)).unwrap();
    }
    copy_folder(&shipped("config"), &at("config"));
    let answer = |text: &str| {
        fs::write(at("config.user.yaml"), "# mine\n").unwrap();
        let line = format!("script -qec '{}' /dev/null", at("setup-dukascopy.sh").display());
        let command = format!("printf '{text}\\n' | {line}");
        let output = Command::new("bash").args(["-c", &command]).output().unwrap();
        (output.status.code(), fs::read_to_string(at("config.user.yaml")).unwrap() == "# mine\n")
    };
    assert_eq!(answer("n"), (Some(1), true));
    assert_eq!(answer("y"), (Some(0), false));
}
