//! What belongs to days, weeks and months of the server's clock.

use super::{Table, market, table};

const HOUR_MS: f64 = 3_600_000.0;
const DAY_MS: f64 = 24.0 * HOUR_MS;

/// Hours from 2023-12-25 (a Monday) on without weekends, over a leap day.
fn hours() -> Table {
    let mut bars = table(&market(8, 24 * 5 * 30));
    // 19716 days after 1970-01-01.
    let hour =
        |row: usize| 19_716.0 * DAY_MS + (row / 120) as f64 * 7.0 * DAY_MS + (row % 120) as f64 * HOUR_MS;
    bars.time = (0..bars.rows()).map(hour).collect();
    bars
}

/// Which day, week or month a time lies in, found by walking over all days since 1970.
fn span(time: f64, of: &str) -> (i64, i64) {
    let (mut year, mut month, mut left) = (1970, 0, (time / DAY_MS).floor() as i64);
    match of {
        "day" => return (0, left),
        // 1970-01-05 was a Monday.
        "week" => return (0, (left - 4).div_euclid(7)),
        _ => {}
    }
    loop {
        let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
        let days = [31, 28 + i64::from(leap), 31, 30, 31, 30, 31, 31, 30, 31, 30, 31][month];
        if left < days {
            return (year, month as i64);
        }
        left -= days;
        (year, month) = if month == 11 { (year + 1, 0) } else { (year, month + 1) };
    }
}

/// Open, high, low, close of the span before each row, and the open of its own.
fn before(bars: &Table, of: &str) -> Vec<[f64; 5]> {
    let spans: Vec<(i64, i64)> = bars.time.iter().map(|time| span(*time, of)).collect();
    let at = |row: usize| {
        let begin = spans.iter().position(|other| *other == spans[row]).expect("its own");
        if begin == 0 {
            return [f64::NAN; 5];
        }
        let rows: Vec<usize> = (0..begin).filter(|other| spans[*other] == spans[begin - 1]).collect();
        let high = rows.iter().map(|row| bars.high[*row]).fold(f64::NAN, f64::max);
        let low = rows.iter().map(|row| bars.low[*row]).fold(f64::NAN, f64::min);
        [bars.open[rows[0]], high, low, bars.close[begin - 1], bars.open[begin]]
    };
    (0..spans.len()).map(at).collect()
}

fn assert_near(ours: f64, wanted: f64, what: &str) {
    assert!(
        (ours.is_nan() && wanted.is_nan()) || (ours - wanted).abs() < 1e-9,
        "{what}: {ours} instead of {wanted}"
    );
}

#[test]
fn the_span_before_has_its_four_prices() {
    let bars = hours();
    for of in ["day", "week", "month"] {
        let made = bars.of(&format!("previous_bar_{of}"));
        for (row, wanted) in before(&bars, of).iter().enumerate() {
            for (output, wanted) in made.iter().zip(wanted) {
                assert_near(output.1[row], *wanted, &format!("{} row {row}", output.0));
            }
        }
    }
}

#[test]
fn pivots_are_made_of_the_span_before() {
    let bars = hours();
    for of in ["day", "week", "month"] {
        let spans = before(&bars, of);
        for kind in ["classic", "fibonacci", "camarilla", "woodie", "demark"] {
            let made = bars.of(&format!("pivots_{kind}_{of}"));
            for (row, [open, high, low, close, now]) in spans.iter().copied().enumerate().step_by(7) {
                let (p, range) = ((high + low + close) / 3.0, high - low);
                // p, r1, s1, r3, s3 as the textbook has them.
                let wanted = match kind {
                    "classic" => {
                        [p, 2.0 * p - low, 2.0 * p - high, high + 2.0 * (p - low), low - 2.0 * (high - p)]
                    }
                    "fibonacci" => [p, p + 0.382 * range, p - 0.382 * range, p + range, p - range],
                    "camarilla" => {
                        let (near, far) = (range * 1.1 / 12.0, range * 1.1 / 4.0);
                        [p, close + near, close - near, close + far, close - far]
                    }
                    "woodie" => {
                        let p = (high + low + 2.0 * now) / 4.0;
                        let [r3, s3] = [high + 2.0 * (p - low), low - 2.0 * (high - p)];
                        [p, 2.0 * p - low, 2.0 * p - high, r3, s3]
                    }
                    _ => {
                        let x = match close.partial_cmp(&open) {
                            Some(std::cmp::Ordering::Less) => high + 2.0 * low + close,
                            Some(std::cmp::Ordering::Greater) => 2.0 * high + low + close,
                            _ => high + low + 2.0 * close,
                        };
                        [x / 4.0, x / 2.0 - low, x / 2.0 - high, f64::NAN, f64::NAN]
                    }
                };
                for (output, wanted) in [0, 1, 5, 3, 7].into_iter().zip(wanted) {
                    assert_near(made[output].1[row], wanted, &format!("{} row {row}", made[output].0));
                }
            }
        }
    }
}

#[test]
fn classic_pivots_by_hand() {
    let mut bars = hours().slice(0..25);
    bars.high[..24].fill(110.0);
    bars.low[..24].fill(100.0);
    bars.close[23] = 108.0;
    let row: Vec<f64> = bars.of("pivots").iter().map(|(_, values)| values[24]).collect();
    let wanted = [106.0, 112.0, 116.0, 122.0, 128.0, 102.0, 96.0, 92.0, 88.0];
    row.iter().zip(wanted).for_each(|(ours, wanted)| assert_near(*ours, wanted, "level"));
}

#[test]
fn the_opening_range_is_that_of_the_first_minutes() {
    let bars = hours();
    let made = bars.of("opening_range_180");
    for row in 0..bars.rows() {
        let begin = row - row % 24;
        let end = row.min(begin + 2);
        let high = bars.high[begin..=end].iter().copied().fold(f64::NAN, f64::max);
        let low = bars.low[begin..=end].iter().copied().fold(f64::NAN, f64::min);
        assert_near(made[0].1[row], high, "high");
        assert_near(made[1].1[row], low, "low");
    }
}

/// The warm-up of what is anchored: the beginning of the row's span, and so many bars before it.
#[test]
fn slices_from_the_anchor_on_have_the_values_of_the_whole() {
    use engine::indicators::{Graph, WarmUp, parse_asks};
    let bars = hours();
    let kinds =
        ["previous_bar_day", "previous_bar_week", "previous_bar_month", "pivots_woodie_day", "opening_range"];
    for request in kinds {
        let asks = parse_asks(request, &|_| false).expect("a request");
        let reach = Graph::new(&asks).reach();
        let of = match reach {
            WarmUp::Day(_) => "day",
            WarmUp::Week(_) => "week",
            WarmUp::Month(_) => "month",
            other => panic!("{request} reaches back {other:?}"),
        };
        let whole = bars.of(request);
        for after in [1_000, 2_345, 3_599] {
            let own = span(bars.time[after], of);
            let anchor = (0..=after).find(|row| span(bars.time[*row], of) == own).expect("its own");
            let first = anchor.saturating_sub(reach.rows());
            let part = bars.slice(first..after + 1).of(request);
            for (all, some) in whole.iter().zip(&part) {
                assert_near(some.1[after - first], all.1[after], &format!("{} after {after}", all.0));
            }
        }
    }
}
