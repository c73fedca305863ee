//! Values and the ways they may be written.

use super::*;

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
