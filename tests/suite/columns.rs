//! Columns against the plainest way to say the same: one bar after the other, one value after the other.

use chrono::{Offset, TimeZone, Utc};
use chrono_tz::Tz;
use engine::model::Bar;
use engine::query::{Batch, Columns, Field, Order, OutputClock, QueryError, Select, frame, parse_selects};
use polars::prelude::*;
use proptest::prelude::*;
use proptest::sample::{select as one_of, subsequence};

/// 2024-10-05: Lord Howe sets its clock forward the day after, New York sets its own back four weeks later.
const AUTUMN_MS: u64 = 1_728_086_400_000;

const ALL: [Field; 13] = [
    Field::Symbol,
    Field::Timeframe,
    Field::Time,
    Field::TimeMs,
    Field::Open,
    Field::High,
    Field::Low,
    Field::Close,
    Field::Volume,
    Field::Offset,
    Field::Count,
    Field::Flags,
    Field::Closed,
];

fn select() -> Select {
    parse_selects("EUR-USD/1m").expect("a select word").remove(0)
}

/// Bars of any bits, which are to come out as they went in; only their times go on, by less than two hours.
fn bars(rows: usize, seed: u64) -> Vec<Bar> {
    let mut state = seed;
    let mut throw = move || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        state ^ (state >> 33)
    };
    let mut time_ms = AUTUMN_MS;
    let one = |_| {
        time_ms += 60_000 * (1 + throw() % 100);
        let mut price = || f64::from_bits(throw());
        let (open, high, low, close, volume) = (price(), price(), price(), price(), price());
        let utc_offset_s = (throw() % 100_000) as i32 - 50_000;
        let (count, flags, crc32c) = (throw() as u32, throw() as u32, throw() as u32);
        Bar { time_ms, open, high, low, close, volume, utc_offset_s, count, flags, crc32c }
    };
    (0..rows).map(one).collect()
}

/// What a zone's wall clock shows, by the zone itself.
fn label_ms(bar: &Bar, zone: Option<Tz>) -> i64 {
    let time_ms = bar.time_ms as i64;
    let offset_s = zone.map_or(bar.utc_offset_s, |zone| {
        let instant = Utc.timestamp_millis_opt(time_ms).single().expect("a date").naive_utc();
        zone.offset_from_utc_datetime(&instant).fix().local_minus_utc()
    });
    time_ms + 1000 * i64::from(offset_s)
}

/// One value of one bar, as bits.
fn value(field: Field, bar: &Bar, zone: Option<Tz>) -> u64 {
    match field {
        Field::Time => label_ms(bar, zone) as u64,
        Field::TimeMs => bar.time_ms,
        Field::Open => bar.open.to_bits(),
        Field::High => bar.high.to_bits(),
        Field::Low => bar.low.to_bits(),
        Field::Close => bar.close.to_bits(),
        Field::Volume => bar.volume.to_bits(),
        Field::Offset => bar.utc_offset_s as u32 as u64,
        Field::Count => bar.count.into(),
        Field::Flags => bar.flags.into(),
        Field::Symbol | Field::Timeframe | Field::Closed => 0,
    }
}

/// The bits of a column, or nothing when it has no numbers of its own.
fn bits(columns: &Columns, field: Field) -> Option<Vec<u64>> {
    let prices = columns.prices(field).map(|values| values.iter().map(|value| value.to_bits()).collect());
    let times = columns.times(field).map(|values| values.iter().map(|value| *value as u64).collect());
    let counts = columns.counts(field).map(|values| values.iter().map(|value| (*value).into()).collect());
    let offsets = columns.offsets().filter(|_| field == Field::Offset);
    let offsets = offsets.map(|values| values.iter().map(|value| *value as u32 as u64).collect());
    prices.or(times).or(counts).or(offsets)
}

fn batches(all: &[Bar], closed: usize, order: Order) -> Vec<Batch<'_>> {
    let (committed, open) = all.split_at(closed.min(all.len()));
    let mut both =
        vec![Batch { bars: committed, closed: true, order }, Batch { bars: open, closed: false, order }];
    if order == Order::Descending {
        both.reverse();
    }
    both
}

fn clock(zone: Option<Tz>) -> OutputClock {
    zone.map_or(OutputClock::Server, OutputClock::zone)
}

fn check(columns: &Columns, fields: &[Field], all: &[Bar], closed: usize, order: Order, zone: Option<Tz>) {
    let backwards = order == Order::Descending;
    let row_of = |row: usize| if backwards { all.len() - 1 - row } else { row };
    assert_eq!(columns.len(), all.len());
    for field in ALL {
        let told = matches!(field, Field::Symbol | Field::Timeframe | Field::Closed);
        if told || !fields.contains(&field) {
            assert_eq!(bits(columns, field), None, "{field:?}");
            continue;
        }
        let found = bits(columns, field).expect("it was asked for");
        for (row, found) in found.iter().enumerate() {
            assert_eq!(*found, value(field, &all[row_of(row)], zone), "{field:?} of row {row}");
        }
    }
    let kinds: Vec<bool> =
        columns.kinds().iter().flat_map(|(rows, closed)| std::iter::repeat_n(*closed, *rows)).collect();
    let expected: Vec<bool> = (0..all.len()).map(|row| row_of(row) < closed).collect();
    assert_eq!(kinds, expected);
}

fn zones() -> impl Strategy<Value = Option<Tz>> {
    let zones = [Tz::UTC, Tz::America__New_York, Tz::Australia__Lord_Howe, Tz::Asia__Kathmandu].map(Some);
    prop_oneof![Just(None), one_of(zones.to_vec())]
}

fn orders() -> impl Strategy<Value = Order> {
    one_of(vec![Order::Ascending, Order::Descending])
}

proptest! {
    #[test]
    fn columns_are_what_a_walk_finds(
        rows in prop_oneof![0_usize..40, 500_usize..530, 1_000_usize..1_100],
        open in 0_usize..12,
        seed in any::<u64>(),
        order in orders(),
        fields in subsequence(ALL.to_vec(), 0..=ALL.len()).prop_shuffle(),
        zone in zones(),
    ) {
        let all = bars(rows, seed);
        let closed = rows.saturating_sub(open);
        let mut columns = Columns::new(&fields);
        columns.fill(&select(), &clock(zone), &batches(&all, closed, order)).expect("sound times");
        check(&columns, &fields, &all, closed, order, zone);
    }

    #[test]
    fn memory_that_was_used_before_shows_nothing_of_it(
        sizes in proptest::collection::vec((0_usize..1_300, orders(), zones()), 2..6),
        seed in any::<u64>(),
    ) {
        let mut columns = Columns::new(&ALL);
        for (turn, (rows, order, zone)) in sizes.into_iter().enumerate() {
            let all = bars(rows, seed.wrapping_add(turn as u64));
            columns.fill(&select(), &clock(zone), &batches(&all, rows / 2, order)).expect("sound times");
            check(&columns, &ALL, &all, rows / 2, order, zone);
            let frame = columns.into_frame(&select()).expect("a frame");
            columns = Columns::new(&ALL);
            columns.reclaim(frame);
        }
    }
}

#[test]
fn many_rows_are_the_same_on_any_number_of_cores() {
    // Around the number of rows from which cores share the work, and with an odd rest.
    for rows in [65_535, 65_536, 65_537, 131_073, 300_007] {
        let all = bars(rows, rows as u64);
        for threads in [1, 2, 3] {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().expect("threads");
            for (order, zone) in [(Order::Ascending, Some(Tz::America__New_York)), (Order::Descending, None)]
            {
                let mut columns = Columns::new(&ALL);
                let closed = rows - 3;
                pool.install(|| columns.fill(&select(), &clock(zone), &batches(&all, closed, order)))
                    .expect("sound times");
                check(&columns, &ALL, &all, closed, order, zone);
            }
        }
    }
}

#[test]
fn a_clock_that_is_set_back_shows_an_hour_twice() {
    // 2024-11-03 05:00 to 07:00 UTC in half hours: New York shows 01:00 and 01:30 twice.
    let all: Vec<Bar> =
        (0..5).map(|i| Bar { time_ms: 1_730_610_000_000 + i * 1_800_000, ..Bar::default() }).collect();
    let mut columns = Columns::new(&[Field::Time]);
    let batch = Batch { bars: &all, closed: true, order: Order::Ascending };
    columns.fill(&select(), &clock(Some(Tz::America__New_York)), &[batch]).expect("sound times");
    let midnight_ms = 1_730_592_000_000;
    let minutes: Vec<i64> =
        columns.times(Field::Time).expect("asked for").iter().map(|at| (at - midnight_ms) / 60_000).collect();
    assert_eq!(minutes, [60, 90, 60, 90, 120]);
}

#[test]
fn a_frame_holds_the_same_values_in_one_piece() {
    let all = bars(1_025, 7);
    let mut columns = Columns::new(&ALL);
    let order = Order::Descending;
    columns.fill(&select(), &OutputClock::Server, &batches(&all, 1_020, order)).expect("sound times");
    let frame = columns.into_frame(&select()).expect("a frame");
    let names: Vec<&str> = frame.get_column_names().into_iter().map(PlSmallStr::as_str).collect();
    assert_eq!(names, ALL.map(Field::name));
    assert_eq!(frame.height(), all.len());
    assert!(frame.columns().iter().all(|column| column.as_materialized_series().n_chunks() == 1));
    let times = frame.column("time").expect("a column");
    assert_eq!(*times.dtype(), DataType::Datetime(TimeUnit::Milliseconds, None));
    let instants = frame.column("time_ms").expect("a column").i64().expect("i64");
    let closes = frame.column("close").expect("a column").f64().expect("f64");
    let closed = frame.column("closed").expect("a column").bool().expect("bool").clone();
    let symbols = frame.column("symbol").expect("a column").str().expect("str").clone();
    for (row, bar) in all.iter().rev().enumerate() {
        assert_eq!(times.datetime().expect("times").physical().get(row), Some(bar.server_ms()));
        assert_eq!(instants.get(row), Some(bar.time_ms as i64));
        assert_eq!(closes.get(row).map(f64::to_bits), Some(bar.close.to_bits()));
        assert_eq!(closed.get(row), Some(row >= 5));
        assert_eq!(symbols.get(row), Some("EUR-USD"));
    }
}

#[test]
fn a_batch_of_one_kind_has_one_value_for_it() {
    for closed in [true, false] {
        let all = bars(9, 3);
        let batch = Batch { bars: &all, closed, order: Order::Ascending };
        let frame = frame(&select(), &OutputClock::Server, &batch).expect("a frame");
        let column = frame.column("closed").expect("a column");
        assert!(column.as_scalar_column().is_some());
        assert_eq!(column.bool().expect("bool").get(8), Some(closed));
    }
    let none =
        frame(&select(), &OutputClock::Server, &Batch { bars: &[], closed: false, order: Order::Ascending });
    let none = none.expect("a frame");
    assert_eq!((none.height(), none.width()), (0, Field::FRAME.len()));
    assert_eq!(*none.column("closed").expect("a column").dtype(), DataType::Boolean);
}

#[test]
fn a_frame_gives_its_memory_back_unless_somebody_holds_it() {
    let all = bars(40_000, 5);
    let whole = [Batch { bars: &all, closed: true, order: Order::Ascending }];
    let mut columns = Columns::new(&Field::PRICES);
    columns.fill(&select(), &OutputClock::Server, &whole).expect("sound times");
    let at = |columns: &Columns| columns.prices(Field::Close).expect("asked for").as_ptr();
    let before = at(&columns);
    let frame = columns.into_frame(&select()).expect("a frame");
    let mut columns = Columns::new(&Field::PRICES);
    columns.reclaim(frame);
    columns.fill(&select(), &OutputClock::Server, &whole).expect("sound times");
    assert_eq!(at(&columns), before);
    let held = columns.into_frame(&select()).expect("a frame");
    let mut columns = Columns::new(&Field::PRICES);
    columns.reclaim(held.clone());
    let other = bars(40_000, 6);
    let whole = [Batch { bars: &other, closed: true, order: Order::Ascending }];
    columns.fill(&select(), &OutputClock::Server, &whole).expect("sound times");
    let close = held.column("close").expect("a column").f64().expect("f64").get(39_999);
    assert_eq!(close.map(f64::to_bits), Some(all[39_999].close.to_bits()));
    assert_eq!(
        columns.prices(Field::Close).map(|c| c[39_999].to_bits()),
        Some(other[39_999].close.to_bits())
    );
}

#[test]
fn a_time_beyond_any_calendar_is_named_and_nothing_is_left() {
    for order in [Order::Ascending, Order::Descending] {
        let mut all = bars(70_000, 11);
        all[1].time_ms = u64::MAX / 2;
        all[69_000].time_ms = u64::MAX / 2 - 9;
        let mut columns = Columns::new(&[Field::Time, Field::Close]);
        let error = columns.fill(&select(), &clock(Some(Tz::UTC)), &batches(&all, 70_000, order));
        let first = if order == Order::Ascending { 1 } else { 69_000 };
        match error {
            Err(QueryError::Damaged { time_ms, .. }) => assert_eq!(time_ms, all[first].time_ms as i64),
            other => panic!("{other:?}"),
        }
        assert!(columns.is_empty() && columns.prices(Field::Close) == Some(&[]));
        // Who does not ask for the clock's reading gets what is there, to look at it.
        let mut columns = Columns::new(&[Field::TimeMs]);
        columns.fill(&select(), &OutputClock::Server, &batches(&all, 70_000, order)).expect("any bits");
    }
}
