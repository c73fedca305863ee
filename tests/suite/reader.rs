//! The way of a Rust program into the lake: the shipped example, and what it refuses.

#[path = "../../examples/slices.rs"]
#[allow(dead_code)]
mod slices;

use engine::model::{Bar, Day};
use engine::query::{Bound, ClockChoice, Field, Order, QueryError, Range, Reader, Slice};

use crate::binary::Place;

/// Twelve days of one symbol and the first hours of one more, and a reader of them.
fn lake() -> (Place, Reader) {
    let place = Place::new(&["EUR-USD"], "download:\n  timeout: 30\n");
    let now = ["--now", "2024-03-15 12:10"];
    place.ends(&[&["run", "--from", "2024-03-04", "--feed", "simulated"], &now[..]].concat(), &[0]);
    let reader = slices::reader(&place.path("config.yaml")).expect("a sound configuration");
    (place, reader)
}

/// The committed bars of a series by the store alone.
fn stored(place: &Place, timeframe: &str) -> Vec<Bar> {
    let mut keys = place.keys();
    keys.retain(|key| key.timeframe.as_str() == timeframe);
    let view = place.lake().read_series(&keys[0]).expect("readable");
    view.expect("committed").bars().to_vec()
}

#[test]
fn the_example_answers_as_a_walk_over_the_file() {
    let (place, reader) = lake();
    let minutes = stored(&place, "1m");
    let server_day = |bar: &&Bar| Day::of_ms(bar.server_ms()) == "2024-03-06".parse().expect("a day");
    let day: Vec<&Bar> = minutes.iter().filter(server_day).collect();
    assert!(day.len() > 1_000);
    let lowest = day.iter().map(|bar| bar.low).fold(f64::INFINITY, f64::min);
    let highest = day.iter().map(|bar| bar.high).fold(f64::NEG_INFINITY, f64::max);
    let found = slices::extremes(&reader, "EUR-USD/1m", "2024-03-06", "2024-03-07").expect("an answer");
    assert_eq!(found, (lowest, highest));

    let last = &minutes[minutes.len() - 100..];
    // The newest first, as they come: sums of fractions depend on their order.
    let mean = last.iter().rev().map(|bar| bar.close).sum::<f64>() / 100.0;
    let twice = slices::mean_closes(&reader, &["EUR-USD/1m", "EUR-USD/1m"], 100).expect("an answer");
    assert_eq!(twice, [mean, mean]);

    let frame = slices::newest(&reader, "EUR-USD/1m", 10).expect("a frame");
    let times: Vec<Option<i64>> =
        frame.column("time_ms").expect("a column").i64().expect("i64").iter().collect();
    let expected: Vec<Option<i64>> =
        minutes[minutes.len() - 10..].iter().map(|bar| Some(bar.time_ms as i64)).collect();
    assert_eq!(times, expected);
}

#[test]
fn rows_are_the_bytes_of_the_file() {
    let (place, reader) = lake();
    let minutes = stored(&place, "1m");
    let selection = reader.select("EUR-USD/1m:skiplast").expect("a series");
    let all = selection.rows(&Slice::default()).expect("rows");
    let file = std::fs::read(place.path("data/aggregate/1m/EUR-USD.bin")).expect("a file");
    assert_eq!(all.closed_bytes(), &file[..minutes.len() * 64]);
    assert!(all.open().is_empty());
    // No copy: two slices of one selection are the same memory.
    let after = Some(Bound::Instant(minutes[700].time_ms as i64));
    let part = Slice { range: Range { after, until: None }, rows_max: Some(5), ..Slice::default() };
    let part = selection.rows(&part).expect("rows");
    assert!(std::ptr::eq(&part.closed()[0], &all.closed()[700]));
    assert_eq!(part.len(), 5);
}

#[test]
fn closed_and_open_bars_come_in_the_order_asked_for() {
    let (place, reader) = lake();
    let hours = stored(&place, "1h");
    let selection =
        reader.select("EUR-USD/1h").expect("a series").on_clock(ClockChoice::Zone(chrono_tz::Tz::UTC));
    let rows = selection.rows(&Slice::default()).expect("rows");
    assert_eq!(rows.closed(), hours);
    assert!(!rows.open().is_empty(), "the last hour may still change");
    let newest = selection.rows(&Slice::last(3)).expect("rows");
    let columns = newest.columns(&[Field::Time, Field::TimeMs, Field::Closed]).expect("columns");
    // On the clock of UTC both are the same.
    assert_eq!(columns.times(Field::Time), columns.times(Field::TimeMs));
    let mut all: Vec<i64> = rows.closed().iter().chain(rows.open()).map(|bar| bar.time_ms as i64).collect();
    all.reverse();
    assert_eq!(columns.times(Field::TimeMs), Some(&all[..3]));
    let open = rows.open().len();
    assert_eq!(columns.kinds(), [(open.min(3), false), (3 - open.min(3), true)]);
    assert_eq!(newest.oldest_first().batches()[0].order, Order::Ascending);
}

#[test]
fn what_is_not_there_is_refused_with_the_nearest_names() {
    let (_place, reader) = lake();
    let refused = |word: &str| reader.select(word).expect_err(word);
    assert!(
        matches!(refused("EUR-USF/1h"), QueryError::UnknownSymbol { nearest, .. } if nearest == ["EUR-USD"])
    );
    assert!(matches!(refused("EUR-USD/7h"), QueryError::UnknownTimeframe { .. }));
    assert!(matches!(refused("EUR-USD/1h,4h"), QueryError::Select { .. }));
    assert!(matches!(refused("EUR-USD/1h:panma"), QueryError::Modifier { .. }));
    assert!(matches!(Slice::between("2024-03-04", "soon"), Err(QueryError::Time { .. })));
    let adjusted = reader.select("EUR-USD:panama/1h").expect("a series");
    assert!(matches!(adjusted.rows(&Slice::default()), Err(QueryError::NoCalendar { .. })));
}
