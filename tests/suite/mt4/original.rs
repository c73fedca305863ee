//! A configuration as users of the Python original have it: its keys, its spellings, its files.

use engine::config::{ConfigError, Loaded};

use super::*;

const ROOT: &str = r#"
orchestrator:
  num_processes: 4
  poolmode: spawn
  paths: {locks: data/locks}
download:
  max_retries: 3
  backoff_factor: 2
  timeout: 10
  rate_limit_rps: 1.0
  jitter: 0.1
  mode: default
  paths: {historic: cache, live: data/temp}
transform:
  time_shift_ms: 0
  round_decimals: 8
  fsync: false
  fmode: binary
  validate: false
  server_timezone: America/New_York
  paths: {data: data/transform/1m, historic: cache, live: data/temp}
  timezones:
    includes: [config.user/dukascopy-mt4/timezones/*.yaml]
  symbols:
    includes: ["config.user/dukascopy-mt4/symbols/*.yaml", "config.user/mine/*.yaml?"]
aggregate:
  fsync: false
  fmode: binary
  paths: {data: data/aggregate/1m, source: data/transform/1m}
resample:
  round_decimals: 8
  batch_size: 250_000
  fsync: false
  fmode: binary
  paths: {data: data/resample}
  timeframes:
    1m: {source: aggregate}
    5m: {rule: "5T", label: "left", closed: "left", origin: "epoch", source: "1m", pre: {}, post: {}}
    15m: {rule: "15T", label: "left", closed: "left", origin: "epoch", source: "5m"}
    30m: {rule: "30T", label: "left", closed: "left", origin: "epoch", source: "15m"}
    1h: {rule: "1H", label: "left", closed: "left", origin: "epoch", source: "30m"}
    4h: {rule: "4H", label: "left", closed: "left", origin: "epoch", source: "1h"}
    8h: {rule: "8H", label: "left", closed: "left", origin: "epoch", source: "4h"}
    1d: {rule: "1D", label: "left", closed: "left", origin: "epoch", source: "4h"}
    1W: {rule: "W-MON", label: "left", closed: "left", origin: "epoch", source: "1d"}
    1M: {rule: "MS", label: "left", closed: "left", origin: "epoch", source: "1d"}
    1Y: {rule: "AS", label: "left", closed: "left", origin: "epoch", source: "1M"}
  symbols:
    includes:
      - config.user/dukascopy-mt4/resample/*.yaml
builder: {num_processes: 2, paths: {data: data/output}}
http: {docs: config/dukascopy/http-docs, listen: ":8000", reload: true}
"#;

const TIMEZONES: &str = r#"
America/New_York:
  offset_to_shift_map:
    -240: 10800000
    -300: 7200000
  symbols: ["*"]
"#;

const VOLUMES: &str = r#"
SGD.IDX-SGD:
  post:
    adjust-volume: {action: "multiply", column: volume, value: 1200}
CHI.IDX-USD:
  post:
    adjust-volume: {action: "*", columns: ["volume"], value: 34484}
XAU-CHEAP:
  source: XAU-USD
  post:
    cheaper: {action: "-", columns: [open, high, low, close], value: 1.5, from_date: "2020-01-01 00:00:00", to_date: "2021-01-01 00:00:00"}
"#;

const SINGAPORE: &str = r#"
SGD.IDX-SGD:
  timezone: "Asia/Singapore"
  round_decimals: 8
  batch_size: 250000
  skip_timeframes: []
  timeframes:
    4h:
      rule: "4H"
      label: "left"
      closed: "left"
      origin: "epoch"
      source: "1h"
      post:
        merge-step:
          action: "merge"
          ends_with:
            - "11:51:00"
          offset: -1
  sessions:
    morning:
      from_date: "2022-08-07 00:00:00"
      ranges:
        range-1: {from: "08:30", to: "17:20"}
      timeframes:
        5m: {origin: "02:30"}
        15m: {origin: "02:30"}
        30m: {origin: "02:30"}
        1h: {origin: "02:30"}
        4h: {origin: "02:30"}
    after-hours:
      from_date: "2022-08-07 00:00:00"
      ranges:
        range-1: {from: "17:50", to: "23:59"}
        range-2: {from: "00:00", to: "05:15"}
      timeframes:
        5m: {origin: "15:51"}
        15m: {origin: "15:51"}
        30m: {origin: "15:51"}
        1h: {origin: "15:51"}
        4h: {origin: "15:51"}
    ancient:
      to_date: "2022-08-06 23:59:59"
      ranges:
        range-1: {from: "00:00", to: "23:59"}
      timeframes:
        1h: {origin: "02:30"}
        4h: {origin: "02:30"}
    catch-all:
      ranges:
        all: {from: "00:00", to: "23:59"}
"#;

fn load() -> Result<Loaded, ConfigError> {
    let folder = tempfile::tempdir().unwrap();
    let files = [
        ("config.user.yaml", ROOT),
        ("config.user/dukascopy-mt4/timezones/america.yaml", TIMEZONES),
        ("config.user/dukascopy-mt4/symbols/volumes.yaml", VOLUMES),
        ("config.user/dukascopy-mt4/resample/SGD.IDX-SGD.yaml", SINGAPORE),
        ("symbols.user.txt", "symbol\nEUR/USD\nXAU-USD\nSGD.IDX-SGD\nCHI.IDX-USD\n"),
    ];
    for (name, text) in files {
        let path = folder.path().join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }
    config::load(&config::find(folder.path())?)
}

#[test]
fn a_file_of_the_original_means_what_the_shipped_one_does() {
    let loaded = load().unwrap_or_else(|error| panic!("{error}"));
    let (found, shipped) = (&loaded.settings, shipped());
    assert_eq!(found.transform.timezones, shipped.transform.timezones);
    assert_eq!(found.resample.timeframes, shipped.resample.timeframes);
    for name in ["SGD.IDX-SGD", "CHI.IDX-USD"] {
        let symbol = name.parse().unwrap();
        assert_eq!(found.transform.symbols[&symbol], shipped.transform.symbols[&symbol], "{name}");
    }
    let symbol = "SGD.IDX-SGD".parse().unwrap();
    let (own, expected) = (&found.resample.symbols[&symbol], &shipped.resample.symbols[&symbol]);
    assert_eq!((own.timezone, &own.timeframes), (expected.timezone, &expected.timeframes));
    assert_eq!(own.sessions[..3], expected.sessions[..3]);
    assert!(own.sessions[3].catch_all);
    let alias = "XAU-CHEAP".parse().unwrap();
    assert_eq!(found.payload_symbol(&alias).as_str(), "XAU-USD");
    // Everything it says that has no meaning here is told, once each, and nothing else.
    let told = [
        "download.mode",
        "download.jitter",
        "orchestrator.poolmode",
        "fmode",
        "server_timezone",
        "builder",
        "http",
        "aggregate.paths.source",
    ];
    for warning in &loaded.warnings {
        assert!(told.iter().any(|key| warning.contains(key)), "{warning}");
    }
}
