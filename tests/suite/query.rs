//! Slices, clocks, select words and rows, against the plainest way to say the same.

use chrono_tz::Tz;
use engine::build::{Format, Head, row_sink};
use engine::model::rollover::Adjustment;
use engine::model::{Bar, Symbol};
use engine::query::{
    Batch, Bound, COLUMNS, ClockChoice, Order, OutputClock, QueryError, Range, Select, Series, Slice, frame,
    nearest, parse_selects,
};
use polars::df;
use proptest::prelude::*;

/// 2024-11-02 12:00 UTC: bars from here meet New York's autumn change.
const AUTUMN_MS: i64 = 1_730_548_800_000;
/// Small enough to need several, large enough to lay a table out.
const BATCH_ROWS: usize = 3;
/// The instant of that change.
const CHANGE_MS: i64 = 1_730_613_600_000;

fn bar(time_ms: i64, open: f64) -> Bar {
    // A server that follows New York: +3 h in summer, +2 h in winter.
    let utc_offset_s = if time_ms < CHANGE_MS { 10_800 } else { 7_200 };
    let (high, low, close) = (open + 1.0, open - 1.0, open + 0.5);
    Bar {
        time_ms: time_ms as u64,
        open,
        high,
        low,
        close,
        volume: open.abs(),
        utc_offset_s,
        count: 1,
        ..Bar::default()
    }
}

/// Bars with gaps: minutes counted from noon before the change.
fn bars(minutes: &[u32]) -> Vec<Bar> {
    minutes.iter().map(|m| bar(AUTUMN_MS + i64::from(*m) * 60_000, 1.0 + f64::from(*m) / 1e5)).collect()
}

fn select() -> Select {
    parse_selects("EUR-USD/1m").expect("a select word").remove(0)
}

/// The definition: walk from the first bar, begin where the label reaches `after`, stop where it reaches `until`.
fn naive(all: &[(Bar, bool)], slice: &Slice, clock: &OutputClock) -> Vec<(u64, bool)> {
    let reached = |bar: &Bar, bound: &Bound| match bound {
        Bound::Instant(at) => bar.time_ms as i64 >= *at,
        Bound::Wall(at) => clock.label_ms(bar) >= *at,
    };
    let mut rows = Vec::new();
    let mut begun = slice.range.after.is_none();
    for (bar, closed) in all {
        if slice.range.until.as_ref().is_some_and(|until| reached(bar, until)) {
            break;
        }
        begun = begun || slice.range.after.as_ref().is_some_and(|after| reached(bar, after));
        if begun {
            rows.push((bar.time_ms, *closed));
        }
    }
    if slice.order == Order::Descending {
        rows.reverse();
    }
    rows.truncate(slice.rows_max.unwrap_or(usize::MAX));
    rows
}

fn bound() -> impl Strategy<Value = Option<Bound>> {
    let minute = -2_000_i64..4_000;
    prop_oneof![
        1 => Just(None),
        2 => minute.clone().prop_map(|m| Some(Bound::Instant(AUTUMN_MS + m * 30_000))),
        3 => minute.prop_map(|m| Some(Bound::Wall(AUTUMN_MS + 9_000_000 + m * 30_000))),
    ]
}

proptest! {
    #[test]
    fn a_slice_is_what_a_walk_finds(
        minutes in proptest::collection::btree_set(0_u32..2_000, 0..120),
        open_rows in 0_usize..3,
        after in bound(),
        until in bound(),
        rows_max in proptest::option::of(0_usize..40),
        descending in any::<bool>(),
        batch_rows in 1_usize..50,
        zone in prop_oneof![Just(None), Just(Some(Tz::UTC)), Just(Some(Tz::America__New_York)), Just(Some(Tz::Australia__Lord_Howe))],
    ) {
        let minutes: Vec<u32> = minutes.into_iter().collect();
        let all = bars(&minutes);
        let (committed, open) = all.split_at(all.len().saturating_sub(open_rows));
        let clock = zone.map_or(OutputClock::Server, OutputClock::zone);
        let order = if descending { Order::Descending } else { Order::Ascending };
        let slice = Slice { range: Range { after, until }, order, rows_max };
        let marked: Vec<(Bar, bool)> =
            committed.iter().map(|bar| (*bar, true)).chain(open.iter().map(|bar| (*bar, false))).collect();
        let batches: Vec<_> = Series { committed, open }.batches(&slice, &clock, batch_rows).collect();
        prop_assert!(batches.iter().all(|batch| batch.bars.len() <= batch_rows));
        let rows: Vec<(u64, bool)> =
            batches.iter().flat_map(|batch| batch.iter().map(|bar| (bar.time_ms, batch.closed))).collect();
        prop_assert_eq!(rows, naive(&marked, &slice, &clock));
    }

    #[test]
    fn ranges_that_meet_share_and_lose_no_bar(minutes in proptest::collection::btree_set(0_u32..2_000, 0..120), cut in 0_i64..2_000) {
        let all = bars(&minutes.into_iter().collect::<Vec<_>>());
        let cut = Some(Bound::Wall(AUTUMN_MS + 10_800_000 + cut * 60_000));
        let rows = |range| {
            let slice = Slice { range, ..Slice::default() };
            let series = Series { committed: &all, open: &[] };
            series.batches(&slice, &OutputClock::Server, 1_000).map(|batch| batch.bars.len()).sum::<usize>()
        };
        let before = rows(Range { after: None, until: cut });
        let later = rows(Range { after: cut, until: None });
        prop_assert_eq!(before + later, all.len());
    }

    #[test]
    fn numbers_read_back_as_the_same(open in proptest::num::f64::NORMAL, volume in 0.0..1e18_f64) {
        let one = Bar { volume, ..bar(AUTUMN_MS, open) };
        for (format, of) in [(Format::Csv, csv_number as fn(&str, &str) -> f64), (Format::Ndjson, json_number)] {
            let text = text_of(&[one], format, None);
            prop_assert_eq!(of(&text, "open").to_bits(), open.to_bits());
            prop_assert_eq!(of(&text, "volume").to_bits(), volume.to_bits());
        }
    }
}

fn csv_number(text: &str, name: &str) -> f64 {
    let place = COLUMNS.iter().position(|column| *column == name).expect("a column");
    text.lines()
        .nth(1)
        .and_then(|line| line.split(',').nth(place))
        .expect("a cell")
        .parse()
        .expect("a number")
}

fn json_number(text: &str, name: &str) -> f64 {
    // serde_json's default reading of floats may be off by one unit; the text itself is what counts.
    let after = text.split(&format!("\"{name}\":")).nth(1).expect("the key");
    after.split([',', '}']).next().expect("a value").parse().expect("a number")
}

fn text_of(bars: &[Bar], format: Format, width_max: Option<usize>) -> String {
    let empty = Batch { bars: &[], closed: true, order: Order::Ascending };
    let schema = frame(&select(), &OutputClock::Server, &empty).expect("a frame").schema().as_ref().clone();
    let mut text = Vec::new();
    let mut rows = row_sink(&mut text, format, &Head { width_max, ..Head::of(schema) }).expect("begun");
    let series = Series { committed: bars, open: &[] };
    for batch in series.batches(&Slice::default(), &OutputClock::Server, BATCH_ROWS) {
        rows.write(&frame(&select(), &OutputClock::Server, &batch).expect("a frame")).expect("written");
    }
    assert_eq!(rows.finish().expect("finished").rows, bars.len() as u64);
    String::from_utf8(text).expect("text")
}

#[test]
fn every_format_says_the_same_bars() {
    let four = [
        bar(AUTUMN_MS, 1.14331),
        bar(AUTUMN_MS + 60_000, 2.0),
        bar(AUTUMN_MS + 120_000, 150.125),
        bar(AUTUMN_MS + 180_000, 3.0),
    ];
    let csv = text_of(&four, Format::Csv, None);
    assert_eq!(
        csv.lines().next(),
        Some("symbol,timeframe,time,time_ms,open,high,low,close,volume,count,closed")
    );
    assert_eq!(
        csv.lines().nth(1),
        Some(
            "EUR-USD,1m,2024-11-02 15:00:00,1730548800000,1.14331,2.14331,0.14331000000000005,1.64331,1.14331,1,true"
        )
    );
    assert_eq!(csv.lines().count(), 5);
    let json: serde_json::Value =
        serde_json::from_str(&text_of(&four, Format::Json, None)).expect("one json text");
    let rows = json.as_array().expect("an array");
    assert_eq!(rows.len(), 4);
    assert_eq!(rows[0]["time"], "2024-11-02 15:00:00");
    assert_eq!(rows[2]["open"], 150.125);
    assert_eq!(rows[2]["closed"], true);
    let keys: Vec<&String> = rows[0].as_object().expect("an object").keys().collect();
    assert_eq!(keys.len(), COLUMNS.len());
    let ndjson = text_of(&four, Format::Ndjson, None);
    let lines: Vec<serde_json::Value> =
        ndjson.lines().map(|line| serde_json::from_str(line).expect("a json line")).collect();
    assert_eq!(&lines, rows);
    let mt4 = text_of(&four, Format::Mt4, None);
    assert_eq!(mt4.lines().nth(2), Some("2024.11.02,15:02,150.125,151.125,149.125,150.625,150.125"));
}

#[test]
fn every_kind_of_column_is_a_line_of_values() {
    let rows = 20_000;
    let number = |row: usize| match row % 4 {
        0 => None,
        1 => Some(1700.0),
        2 => Some(0.000_000_1 * row as f64),
        _ => Some(-1.0 / row as f64),
    };
    let frame = df![
        "plain" => (0..rows).map(|row| row as f64 / 100.0).collect::<Vec<f64>>(),
        "gaps" => (0..rows).map(number).collect::<Vec<Option<f64>>>(),
        "whole" => (0..rows as i64).map(|row| row - 5).collect::<Vec<i64>>(),
        "counts" => (0..rows as u32).collect::<Vec<u32>>(),
        "yes" => (0..rows).map(|row| (row % 3 > 0).then_some(row % 3 == 1)).collect::<Vec<Option<bool>>>(),
        "text" => (0..rows).map(|row| if row % 2 == 0 { "a,b" } else { "say \"c\"" }).collect::<Vec<&str>>(),
    ]
    .expect("a frame");
    let mut text = Vec::new();
    let mut sink =
        row_sink(&mut text, Format::Csv, &Head::of(frame.schema().as_ref().clone())).expect("begun");
    sink.write(&frame).expect("written");
    assert_eq!(sink.finish().expect("finished").rows, rows as u64);
    let text = String::from_utf8(text).expect("text");
    let mut lines = text.lines();
    assert_eq!(lines.next(), Some("plain,gaps,whole,counts,yes,text"));
    // Rust's own shortest digits, with a point in every number.
    let pointed = |value: f64| format!("{value}") + if value.fract() == 0.0 { ".0" } else { "" };
    for row in 0..rows {
        let gaps = number(row).map_or(String::new(), pointed);
        let yes = ["", "true", "false"][row % 3];
        let word = if row % 2 == 0 { "\"a,b\"" } else { "\"say \"\"c\"\"\"" };
        let plain = pointed(row as f64 / 100.0);
        assert_eq!(
            lines.next(),
            Some(format!("{plain},{gaps},{},{row},{yes},{word}", row as i64 - 5).as_str())
        );
    }
    assert_eq!(lines.next(), None);
}

#[test]
fn an_empty_range_keeps_its_header() {
    assert_eq!(text_of(&[], Format::Json, None), "[]\n");
    assert_eq!(text_of(&[], Format::Ndjson, None), "");
    assert_eq!(text_of(&[], Format::Mt4, None), "");
    assert_eq!(text_of(&[], Format::Csv, None), COLUMNS.join(",") + "\n");
    assert!(text_of(&[], Format::Table, None).starts_with("symbol  timeframe  time  open"));
}

#[test]
fn a_table_fits_where_it_can() {
    let three = [bar(AUTUMN_MS, 1.5), bar(AUTUMN_MS + 60_000, 2.0), bar(AUTUMN_MS + 120_000, 150.125)];
    for width in [30, 60, 80, 100, 200] {
        let table = text_of(&three, Format::Table, Some(width));
        assert_eq!(table.lines().count(), 4);
        assert!(table.contains("2024-11-02 15:02:00") && table.contains("150.125"));
        let widest = table.lines().map(str::len).max().expect("lines");
        assert!(widest <= width.max(64), "{widest} characters in {width}:\n{table}");
    }
    assert!(text_of(&three, Format::Table, Some(200)).contains("EUR-USD"));
}

#[test]
fn times_as_people_write_them() {
    let read = |text: &str| text.parse::<Bound>();
    assert_eq!(read("2024-11-02").expect("a date"), Bound::Wall(1_730_505_600_000));
    assert_eq!(read("2024-11-02 12:00").expect("a minute"), Bound::Wall(AUTUMN_MS));
    assert_eq!(read("2024-11-02T12:00:00").expect("a second"), Bound::Wall(AUTUMN_MS));
    assert_eq!(read("2024-11-02T12:00:00Z").expect("an instant"), Bound::Instant(AUTUMN_MS));
    assert_eq!(read("2024-11-02T14:00:00+02:00").expect("an instant"), Bound::Instant(AUTUMN_MS));
    assert_eq!(read("1730548800000").expect("milliseconds"), Bound::Instant(AUTUMN_MS));
    assert_eq!(read("0").expect("milliseconds"), Bound::Instant(0));
    for wrong in [
        "",
        "-",
        "yesterday",
        "2024-13-01",
        "2024-02-30",
        "2024-11-02 25:00",
        "20241102",
        "99999999999999999999",
    ] {
        let error = read(wrong).expect_err(wrong).to_string();
        assert!(error.contains(wrong) && error.contains("2024-01-31"), "{error}");
    }
}

#[test]
fn a_wall_time_that_comes_twice_is_the_first_and_one_that_never_comes_is_the_next() {
    let minutes: Vec<u32> = (0..1_500).collect();
    let all = bars(&minutes);
    let first = |wall: i64, clock: &OutputClock| {
        let range = Range { after: Some(Bound::Wall(wall)), until: None };
        let slice = Slice { range, ..Slice::default() };
        Series { committed: &all, open: &[] }
            .batches(&slice, clock, 1)
            .next()
            .map(|batch| batch.bars[0].time_ms as i64)
    };
    // The server shows 08:30 on 2024-11-03 half an hour before the change, and an hour later again.
    let twice: Bound = "2024-11-03 08:30".parse().expect("a time");
    assert_eq!(twice, Bound::Wall(1_730_622_600_000));
    assert_eq!(first(1_730_622_600_000, &OutputClock::Server), Some(CHANGE_MS - 1_800_000));
    assert_eq!(
        first(1_730_597_400_000 + 3_600_000, &OutputClock::zone(Tz::America__New_York)),
        Some(CHANGE_MS - 1_800_000 + 3_600_000 * 2)
    );
    // New York skips 02:00 to 03:00 on 2024-03-10; 02:30 is the bar of 03:00, 07:00 UTC.
    let spring: Vec<Bar> = (0..10).map(|i| bar(1_710_050_400_000 + i * 1_800_000, 1.0)).collect();
    let range = Range { after: Some("2024-03-10 02:30".parse().expect("a time")), until: None };
    let slice = Slice { range, ..Slice::default() };
    let clock = OutputClock::zone(Tz::America__New_York);
    let batch = Series { committed: &spring, open: &[] }.batches(&slice, &clock, 9).next().expect("a batch");
    assert_eq!(batch.bars[0].time_ms, 1_710_054_000_000);
}

#[test]
fn select_words() {
    let read = |word: &str| -> Vec<(String, String, bool)> {
        let selects = parse_selects(word).expect(word);
        selects.into_iter().map(|s| (s.symbol.to_string(), s.timeframe.to_string(), s.skip_last)).collect()
    };
    let one = |s: &str, t: &str, skip| (s.to_owned(), t.to_owned(), skip);
    assert_eq!(read("EUR-USD/1h"), [one("EUR-USD", "1h", false)]);
    assert_eq!(read("EUR/USD/1h,4h"), [one("EUR-USD", "1h", false), one("EUR-USD", "4h", false)]);
    assert_eq!(read("EUR-USD/1h:skiplast,4h"), [one("EUR-USD", "1h", true), one("EUR-USD", "4h", false)]);
    assert_eq!(
        read("BRENT.CMD-USD:skiplast/1h,1W"),
        [one("BRENT.CMD-USD", "1h", true), one("BRENT.CMD-USD", "1W", true)]
    );
    for wrong in
        ["", "/", "EUR-USD", "EUR-USD/", "/1h", "EUR-USD/1h,", "*/1h", "EUR-USD/1h:", "EUR-USD/1h:sikplast"]
    {
        assert!(parse_selects(wrong).is_err(), "{wrong}");
    }
    let adjusted = |word: &str| -> Vec<Option<Adjustment>> {
        parse_selects(word).expect(word).iter().map(|select| select.adjustment).collect()
    };
    assert_eq!(adjusted("BRENT.CMD-USD:panama/1h,4h"), [Some(Adjustment::Panama); 2]);
    assert_eq!(adjusted("BRENT.CMD-USD/1h:skiplast:ratio,4h"), [Some(Adjustment::Ratio), None]);
    assert_eq!(adjusted("BRENT.CMD-USD:panama/1h:panama"), [Some(Adjustment::Panama)]);
    for word in ["BRENT.CMD-USD:panama/1h:ratio", "BRENT.CMD-USD/1h:ratio:panama"] {
        let both = parse_selects(word).expect_err("both").to_string();
        assert!(both.contains("contradict"), "{both}");
    }
    let unknown = parse_selects("BRENT.CMD-USD:panma/1h").expect_err("panma").to_string();
    assert!(unknown.contains("panama, ratio and skiplast"), "{unknown}");
}

#[test]
fn clocks_by_name() {
    let read = |text: &str| text.parse::<ClockChoice>();
    assert_eq!(read("server").expect("a clock"), ClockChoice::Server);
    assert_eq!(read("UTC").expect("a clock"), ClockChoice::Zone(Tz::UTC));
    assert_eq!(read("europe/paris").expect("a clock"), ClockChoice::Zone(Tz::Europe__Paris));
    let error: QueryError = read("Europe/Pariss").expect_err("no such zone");
    assert!(error.to_string().contains("Europe/Paris"), "{error}");
}

#[test]
fn the_nearest_names_come_first() {
    let known = ["EUR-USD", "EUR-GBP", "GBP-USD", "XAU-USD", "BTC-USD"];
    assert_eq!(nearest("EURUSD", known).first().map(String::as_str), Some("EUR-USD"));
    assert_eq!(nearest("eur-usd", known).first().map(String::as_str), Some("EUR-USD"));
    assert_eq!(nearest("XUA-USD", known).first().map(String::as_str), Some("XAU-USD"));
    assert!(nearest("qqqqqqqqqqqq", known).is_empty());
    let _: Symbol = "EUR-USD".parse().expect("a symbol");
}
