//! Includes, user files, the symbol list, and what is shown.

use super::*;

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

#[test]
fn line_ends_of_other_systems_count_as_lines() {
    let (_folder, loaded) = load_files(&[
        ("config.yaml", "# one\r\ndownload:\r\n  sidee: BID\r\n"),
        ("symbols.txt", "EUR-USD\r\n"),
    ]);
    let Err(ConfigError::Faulty { problems }) = loaded else { panic!("expected a problem") };
    assert_eq!((problems.len(), problems[0].line), (1, 3));
}
