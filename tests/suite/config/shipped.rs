//! What is shipped, held to the contract and to the facts of the server.

use super::*;

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
