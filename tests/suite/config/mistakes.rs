//! Every mistake names file, line, key and remedy.

use super::*;

#[test]
fn an_unknown_key_is_told_with_the_nearest_one() {
    assert_problem(
        "download:\n  max_retrys: 3\n",
        2,
        "download.max_retrys",
        &["unknown key", "'max_retries'"],
    );
    assert_problem("store:\n  cvs: true\n", 2, "store.cvs", &["unknown key", "'csv'"]);
    assert_problem("sotre:\n  csv: true\n", 1, "sotre", &["unknown key", "'store'"]);
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
        ("store: {csv: perhaps}", "store.csv", "true or false"),
        ("store: true", "store", "key: value"),
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

#[test]
fn mistakes_in_indicators_of_ones_own_are_told() {
    let cases = [
        ("a: {}", "indicators.a.expr", "neither an expression nor a command"),
        ("a: {expr: ''}", "indicators.a.expr", "empty"),
        ("a: {expr: close, command: [x]}", "indicators.a.command", "both"),
        ("a: {expr: close, warm_up: 5}", "indicators.a.warm_up", "for programs only"),
        ("a: {columns: [x]}", "indicators.a.command", "missing"),
        ("a: {command: []}", "indicators.a.command", "[python3, my_program.py]"),
        ("a: {command: python3 a.py}", "indicators.a.command", "[python3, a.py]"),
        ("a: {command: [x], columns: [x__y]}", "indicators.a.columns", "single underscores"),
        ("a: {command: [x], columns: [y, y]}", "indicators.a.columns", "twice"),
        ("a: {command: [x], warm_up: -1}", "indicators.a.warm_up", "or history"),
        ("a: {command: [x], warm_up: always}", "indicators.a.warm_up", "or history"),
        ("a: {command: [x], timeout: 0}", "indicators.a.timeout", "seconds"),
        ("a: {comand: [x]}", "indicators.a.comand", "'command'"),
        ("close: {expr: open}", "indicators.close", "my_close"),
        ("HL2: {expr: open}", "indicators.HL2", "a column that bars have"),
        ("a__b: {expr: open}", "indicators.a__b", "single underscores"),
        ("a_: {expr: open}", "indicators.a_", "single underscores"),
    ];
    for (text, key, word) in cases {
        let found = problems(&format!("indicators:\n  {text}\n"));
        let problem = found.iter().find(|problem| problem.key == key);
        let problem = problem.unwrap_or_else(|| panic!("{text}: {found:#?}"));
        assert!(problem.to_string().contains(word) && problem.line == 2, "{text}: {problem}");
    }
}

#[test]
fn columns_of_the_bars_are_no_names_of_ones_own() {
    let fields = engine::indicators::Field::NAMED.iter().map(|(name, _)| *name);
    for name in fields.chain(engine::query::COLUMNS) {
        let found = problems(&format!("indicators: {{{name}: {{expr: close + 1}}}}"));
        assert!(found[0].to_string().contains("a column that bars have"), "{name}: {found:#?}");
    }
}

#[test]
fn programs_are_read_with_their_defaults() {
    use engine::model::settings::{OwnIndicator, OwnProgram};
    let text = "indicators:\n  a: {command: ./a}\n  b: {command: [b, -x], columns: y, inputs: [sma_20, 'close@1d'], warm_up: 7, timeout: 0.5}\n";
    let (folder, loaded) = load_files(&[("config.yaml", text), ("symbols.txt", "EUR-USD")]);
    let own = loaded.unwrap().settings.indicators;
    let words = |words: &[&str]| words.iter().map(|word| (*word).to_owned()).collect::<Vec<_>>();
    let program = OwnProgram {
        command: words(&["./a"]),
        folder: folder.path().to_path_buf(),
        columns: Vec::new(),
        inputs: Vec::new(),
        warm_up: None,
        timeout: Duration::from_secs(60),
    };
    assert_eq!(own["a"], OwnIndicator::Program(program.clone()));
    let other = OwnProgram {
        command: words(&["b", "-x"]),
        columns: words(&["y"]),
        inputs: words(&["sma_20", "close@1d"]),
        warm_up: Some(7),
        timeout: Duration::from_millis(500),
        ..program
    };
    assert_eq!(own["b"], OwnIndicator::Program(other));
}
