//! Roll calendars: their text, what a fetch does to them, what they do to prices, and `engine rollover`.

mod command;
mod published;

use engine::feed::wire::{NotRolls, Rolls};
use engine::model::clock::Clock;
use engine::model::rollover::{Adjustment, Author, Calendar, Close, Event, EventKind, Ladder};
use engine::model::{Bar, Day, Symbol};
use proptest::prelude::*;

const DAY_MS: i64 = 86_400_000;

fn day(text: &str) -> Day {
    text.parse().expect("a day")
}

fn roll(date: &str, value: f64) -> Event {
    Event { day: day(date), kind: EventKind::Roll, value }
}

fn calendar(text: &str) -> Calendar {
    Calendar::parse(text).unwrap_or_else(|error| panic!("line {}: {error}", error.line))
}

fn panama(text: &str) -> Ladder {
    Ladder::new(&calendar(text), Adjustment::Panama, &Clock::fixed(0), |_| None).expect("sums always exist")
}

fn bar(time_ms: i64, close: f64) -> Bar {
    Bar {
        time_ms: time_ms as u64,
        open: close,
        high: close,
        low: close,
        close,
        volume: 1.0,
        ..Bar::default()
    }
}

fn closes(ladder: &Ladder, bars: &[Bar]) -> Vec<f64> {
    let mut bars = bars.to_vec();
    ladder.adjust(&mut bars);
    bars.iter().map(|bar| bar.close).collect()
}

#[test]
fn lines_may_be_in_any_order_with_comments_and_columns_left_out() {
    let text =
        "\u{FEFF}# Brent\r\ngap, date\r\n\r\n-0.44,2025-12-23\r\n# ours\r\n +0.5 , 2020-04-21\r\n# end\r\n";
    let read = calendar(text);
    let events: Vec<Event> = read.events().copied().collect();
    assert_eq!(events, [roll("2020-04-21", 0.5), roll("2025-12-23", -0.44)]);
    assert!(read.lines().iter().all(|line| line.author == Author::Hand));
    assert_eq!(
        read.to_text(),
        "date,gap,kind,origin\n# ours\n2020-04-21,0.5,roll,hand\n# Brent\n2025-12-23,-0.44,roll,hand\n# end\n"
    );
    assert_eq!(calendar("date,gap\n").events().len(), 0);
    let stock = calendar("date,gap,kind\n2020-08-28,4,split\n2020-11-06,0.205,dividend\n2020-11-06,1,\n");
    let kinds: Vec<EventKind> = stock.events().map(|event| event.kind).collect();
    assert_eq!(kinds, [EventKind::Split, EventKind::Dividend, EventKind::Roll]);
}

#[test]
fn a_line_that_cannot_be_read_is_named_with_reason_and_remedy() {
    for (text, line, reason, remedy) in [
        ("", 1, "no header", "date,gap"),
        ("# nothing\n", 1, "no header", "date,gap"),
        ("2025-12-23,-0.44\n", 1, "'2025-12-23' is no column", "date,gap,kind,origin"),
        ("date\n", 1, "'gap' is missing", "date,gap"),
        ("date,gpa\n", 1, "'gpa' is no column", "did you mean gap?"),
        ("date,gap,gap\n", 1, "twice", "date,gap"),
        ("date,gap\n2025-12-23\n", 2, "1 fields where the header names 2", "each column"),
        ("date,gap\n\n2025-12-23,-0,44\n", 3, "3 fields where the header names 2", "decimals with a point"),
        ("date,gap\n23.12.2025,1\n", 2, "'23.12.2025' is not a date", "YYYY-MM-DD"),
        ("date,gap\n2025-2-3,1\n", 2, "'2025-2-3' is not a date", "YYYY-MM-DD"),
        ("date,gap\n2025-02-30,1\n", 2, "'2025-02-30' is not a date", "YYYY-MM-DD"),
        ("date,gap\n2025-12-23,\n", 2, "'' is not a number", "-0.44"),
        ("date,gap\n2025-12-23,nan\n", 2, "'nan' is not a number", "-0.44"),
        ("date,gap\n2025-12-23,1e3\n", 2, "'1e3' is not a number", "-0.44"),
        ("date,gap,kind\n2025-12-23,1,rol\n", 2, "'rol' is no kind", "did you mean roll?"),
        ("date,gap,kind\n2025-12-23,0,split\n", 2, "a split by 0", "new shares"),
        ("date,gap,kind\n2025-12-23,-1,dividend\n", 2, "a dividend of -1", "amount"),
        ("date,gap,origin\n2025-12-23,1,me\n", 2, "'me' is no origin", "hand or provider"),
        ("date,gap\n2025-12-23,1\n#\n2025-12-23,2\n", 4, "second roll on 2025-12-23", "keep one"),
    ] {
        let error = Calendar::parse(text).expect_err(text);
        assert_eq!(error.line, line, "{text:?}: {error}");
        assert!(error.reason.contains(reason), "{text:?}: {}", error.reason);
        assert!(error.remedy.contains(remedy), "{text:?}: {}", error.remedy);
    }
}

#[test]
fn a_fetch_keeps_what_the_user_wrote_and_what_lies_before_the_list() {
    let held = calendar(
        "date,gap,kind,origin\n2019-01-24,-9,roll,provider\n2020-01-24,1,roll,provider\n2020-02-24,2,roll,provider\n\
         # I saw it\n2020-03-24,3,roll,hand\n2020-04-24,4,,\n2020-05-22,0.1,dividend,provider\n",
    );
    let fetched =
        [roll("2020-01-24", 1.0), roll("2020-03-24", 3.5), roll("2020-05-22", 5.0), roll("2020-06-24", 6.0)];
    let (after, changes) = held.with_fetched(&fetched);
    assert_eq!(changes.added, [roll("2020-05-22", 5.0), roll("2020-06-24", 6.0)]);
    assert_eq!(changes.removed, [roll("2020-02-24", 2.0)]);
    assert_eq!(changes.changed, []);
    assert_eq!(changes.kept, [(roll("2020-03-24", 3.0), roll("2020-03-24", 3.5))]);
    assert_eq!(
        after.to_text(),
        "date,gap,kind,origin\n2019-01-24,-9,roll,provider\n2020-01-24,1,roll,provider\n# I saw it\n\
         2020-03-24,3,roll,hand\n2020-04-24,4,roll,hand\n2020-05-22,0.1,dividend,provider\n\
         2020-05-22,5,roll,provider\n2020-06-24,6,roll,provider\n"
    );
    let (again, nothing) = calendar(&after.to_text()).with_fetched(&fetched);
    assert!(nothing.is_empty(), "{nothing:?}");
    assert_eq!(again.to_text(), after.to_text());
    let (corrected, changes) = after.with_fetched(&[roll("2020-06-24", 6.5)]);
    assert_eq!(changes.changed, [(roll("2020-06-24", 6.0), roll("2020-06-24", 6.5))]);
    assert!(changes.removed.is_empty() && corrected.to_text().contains("2020-01-24,1,roll,provider"));
}

#[test]
fn the_instant_of_a_roll_is_the_end_of_its_date_on_the_server() {
    // A server two hours ahead: its date ends at 22:00 UTC.
    let text = "date,gap\n2025-12-23,-0.44\n";
    let ladder =
        Ladder::new(&calendar(text), Adjustment::Panama, &Clock::fixed(7200), |_| None).expect("sums");
    let end_ms = day("2025-12-23").end_ms() - 7_200_000;
    let bars = [bar(end_ms - 60_000, 62.27), bar(end_ms, 62.27)];
    assert_eq!(closes(&ladder, &bars), [61.83, 62.27]);
    // The ex date itself is not moved by its dividend.
    let ladder = panama("date,gap,kind\n2025-12-23,0.44,dividend\n");
    let begin_ms = day("2025-12-23").start_ms();
    assert_eq!(closes(&ladder, &[bar(begin_ms - 60_000, 62.27), bar(begin_ms, 62.27)]), [61.83, 62.27]);
}

#[test]
fn a_share_that_was_split_and_paid() {
    // Of 2020: four for one on Friday 08-28 after the close, 0.205 paid with ex date 11-06.
    let text = "date,gap,kind\n2020-08-28,4,split\n2020-11-06,0.205,dividend\n";
    let (before, between, after) = (day("2020-08-28"), day("2020-08-31"), day("2020-11-06"));
    let bars = [
        bar(before.end_ms() - 60_000, 499.24),
        bar(between.start_ms(), 127.58),
        bar(after.start_ms(), 118.0),
    ];
    let close_before = |until_ms: i64| {
        let before = bars.iter().rev().find(|bar| (bar.time_ms as i64) < until_ms)?;
        Some(Close { time_ms: before.time_ms as i64, price: before.close })
    };
    // 499.24 / 4 - 0.205, 127.58 - 0.205.
    assert_eq!(closes(&panama(text), &bars), [124.605, 127.375, 118.0]);
    let ratio =
        Ladder::new(&calendar(text), Adjustment::Ratio, &Clock::fixed(0), close_before).expect("positive");
    // 1 - 0.205 / 127.58 = 0.99839316...: 124.81 and 127.58 times it.
    assert_eq!(closes(&ratio, &bars), [124.609451, 127.375, 118.0]);
}

#[test]
fn a_ratio_that_would_leave_nothing_is_refused_with_its_line() {
    let text = "date,gap\n2020-01-24,1\n2020-04-21,-12\n";
    let close = |price: f64| move |_: i64| Some(Close { time_ms: 0, price });
    let of = |price: f64| Ladder::new(&calendar(text), Adjustment::Ratio, &Clock::fixed(0), close(price));
    assert!(of(20.0).is_ok());
    let error = of(11.0).expect_err("11 + 1 - 12 is nothing");
    assert_eq!((error.line, error.event, error.close), (3, roll("2020-04-21", -12.0), 12.0));
    assert!(of(-37.63).is_err(), "a close below zero cannot be scaled");
}

#[test]
fn the_list_of_the_provider() {
    let brent: Symbol = "BRENT.CMD-USD".parse().expect("a symbol");
    let rows = r#"[
        {"title": "BRENT.CMD/USD", "date": "24-Dec-25", "long": 0.44, "short": -0.44, "other": null},
        {"title": "light.cmd/usd", "date": "19-Dec-25", "long": "-0.1", "short": "0.1"},
        {"title": "Brent.CMD/Usd", "date": "25-Nov-25", "long": "0.61", "short": -0.61},
        {"title": "BRENT.CMD/USD", "date": "25-Nov-25", "long": 0.61}]"#;
    for text in [
        format!("engine_rolls({rows})"),
        format!("/**/engine_rolls( {rows} );\n"),
        format!(" engine_rolls ({rows});"),
    ] {
        let list = Rolls::parse(text.as_bytes()).expect("a list");
        assert_eq!(list.of(&brent), Ok(vec![roll("2025-11-25", -0.61), roll("2025-12-24", -0.44)]));
        let light = list.of(&"LIGHT.CMD-USD".parse().expect("a symbol"));
        assert_eq!(light, Ok(vec![roll("2025-12-19", 0.1)]));
        assert_eq!(list.of(&"EUR-USD".parse().expect("a symbol")), Ok(vec![]));
    }
    for (text, part) in [
        ("", "begins with ''"),
        ("<html>Sorry</html>", "begins with '<html>Sorry</html>'"),
        ("other([])", "begins with 'other([])'"),
        ("engine_rolls([{\"title\": 1", "begins with"),
        ("engine_rolls([{])", "no JSON"),
        ("engine_rolls({})", "no array"),
        ("engine_rolls([])", "empty"),
        ("engine_rolls([{\"title\": \"X\"}, {}])", "row 2 is no object with a title"),
        ("engine_rolls([7])", "row 1 is no object with a title"),
    ] {
        let error = Rolls::parse(text.as_bytes()).expect_err(text);
        assert!(error.to_string().contains(part), "{text}: {error}");
    }
    let broken = |row: &str| {
        let text = format!("engine_rolls([{{\"title\": \"BRENT.CMD/USD\", {row}}}])");
        Rolls::parse(text.as_bytes()).expect("a list").of(&brent).expect_err(row).to_string()
    };
    assert!(broken(r#""date": "24-Dec-25""#).contains("long is missing"));
    assert!(broken(r#""date": "24-Dec-25", "long": "n/a""#).contains("long is \"n/a\", not a number"));
    assert!(
        broken(r#""date": "soon", "long": 1"#).contains("date is \"soon\", not a date such as 24-Dec-25")
    );
    let twice = r#"engine_rolls([{"title": "BRENT.CMD/USD", "date": "24-Dec-25", "long": 1},
        {"title": "BRENT.CMD/USD", "date": "24-Dec-25", "long": 2}])"#;
    let error = Rolls::parse(twice.as_bytes()).expect("a list").of(&brent).expect_err("two values");
    assert!(matches!(error, NotRolls::Twice { row: 2, first: 1, .. }), "{error}");
}

/// Gaps in units of 10^-4, a day each; different days.
fn gaps() -> impl Strategy<Value = Vec<(i32, i32)>> {
    proptest::collection::btree_map(0..400, -9_999..9_999, 0..30).prop_map(|gaps| gaps.into_iter().collect())
}

fn text_of(gaps: &[(i32, i32)]) -> String {
    let line = |(at, units): &(i32, i32)| {
        format!("{},{}\n", Day::from_epoch_days(20_000 + at), f64::from(*units) / 10_000.0)
    };
    "date,gap\n".to_owned() + &gaps.iter().map(line).collect::<String>()
}

proptest! {
    #[test]
    fn a_bar_is_moved_by_the_sum_of_the_gaps_at_or_after_it(
        gaps in gaps(), minutes in proptest::collection::btree_set(0..400 * 1440_i64, 1..200), units in 1..2_000_000_i64,
    ) {
        let price = |units: i64| units as f64 / 10_000.0;
        let times: Vec<i64> = minutes.into_iter().map(|minute| 20_000 * DAY_MS + minute * 60_000).collect();
        let bars: Vec<Bar> = times.iter().map(|time_ms| bar(*time_ms, price(units))).collect();
        let moved = closes(&panama(&text_of(&gaps)), &bars);
        for (time_ms, close) in times.iter().zip(moved) {
            let date = time_ms.div_euclid(DAY_MS) - 20_000;
            let sum: i64 = gaps.iter().filter(|(at, _)| i64::from(*at) >= date).map(|(_, gap)| i64::from(*gap)).sum();
            prop_assert_eq!(close, price(units + sum));
        }
    }

    #[test]
    fn ratios_cumulate_and_keep_every_sign(gaps in gaps()) {
        // Every close is 10, so every roll multiplies by (10 + gap) / 10.
        let close_before = |until_ms: i64| Some(Close { time_ms: until_ms - 60_000, price: 10.0 });
        let calendar = Calendar::parse(&text_of(&gaps)).expect("a calendar");
        let ladder = Ladder::new(&calendar, Adjustment::Ratio, &Clock::fixed(0), close_before).expect("positive");
        for (place, step) in ladder.steps().iter().enumerate() {
            let product: f64 = gaps[place..].iter().map(|(_, gap)| 1.0 + f64::from(*gap) / 100_000.0).product();
            prop_assert!(step.factor > 0.0 && step.shift == 0.0);
            prop_assert!((step.factor / product - 1.0).abs() < 1e-12);
        }
        // Returns are those of the contracts: over each roll the adjusted close goes on from the one before.
        for (step, next) in ladder.steps().iter().zip(ladder.steps().iter().skip(1)) {
            prop_assert!(step.until_ms < next.until_ms);
        }
    }

    #[test]
    fn what_is_written_is_read_back(gaps in gaps(), noise in ".{0,60}") {
        let calendar = Calendar::parse(&text_of(&gaps)).expect("a calendar");
        let again = Calendar::parse(&calendar.to_text()).expect("its own text");
        prop_assert!(calendar.events().eq(again.events()));
        // No text at all makes the reader panic.
        Calendar::parse(&noise).ok();
        Calendar::parse(&format!("date,gap\n{noise}")).ok();
        Rolls::parse(noise.as_bytes()).ok();
        Rolls::parse(format!("engine_rolls([{noise}])").as_bytes()).ok();
    }
}
