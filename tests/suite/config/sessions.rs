//! Mistakes and slips that need the whole: sessions, clocks, aliases, folders.

use super::*;

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
