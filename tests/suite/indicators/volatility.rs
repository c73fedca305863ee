//! Bands, stops and volatility against slow versions from the book.

use super::book::*;
use super::{Table, market, table};

fn bars() -> Table {
    table(&market(21, 700))
}

/// Upper, middle and lower line at a distance.
fn bands(table: &Table, request: &str, middle: &[f64], width: &[f64]) {
    same_as(table, &format!("{request}__upper"), &map(middle, width, |middle, width| middle + width));
    same_as(table, &format!("{request}__middle"), &map(middle, width, |middle, width| middle + 0.0 * width));
    same_as(table, &format!("{request}__lower"), &map(middle, width, |middle, width| middle - width));
}

#[test]
fn channels_are_a_line_and_a_width() {
    let table = bars();
    let twice = |values: Vec<f64>| values.into_iter().map(|value| 2.0 * value).collect::<Vec<_>>();
    bands(&table, "keltner_20_2_10", &ema(&table.close, 20), &twice(atr(&table, 10)));
    bands(&table, "keltner_7_2_12_sma", &sma(&table.close, 7), &twice(atr(&table, 12)));
    bands(&table, "starc_6_2_15", &sma(&table.close, 6), &twice(atr(&table, 15)));
    bands(&table, "atr_bands_14_2", &table.close, &twice(atr(&table, 14)));
    bands(&table, "aberration_5_15", &sma(&typical(&table), 5), &atr(&table, 15));
    let ranges = map(&table.high, &table.low, |high, low| high - low);
    bands(&table, "keltner_original_10", &sma(&typical(&table), 10), &sma(&ranges, 10));
    let (line, width) = (ema(&table.close, 20), atr(&table, 10));
    same_as(&table, "keltner_width", &map(&line, &width, |line, width| 4.0 * width / line));
    same(&table, "keltner_b", |row| {
        let low = line[row] - 2.0 * width[row];
        Some((table.close[row] - low) / (4.0 * width[row])).filter(|value| !value.is_nan())
    });
    let line = sma(&table.close, 20);
    bands(&table, "envelope_20_2.5", &line, &line.iter().map(|line| 0.025 * line).collect::<Vec<_>>());
}

#[test]
fn donchian_of_the_bars_before() {
    let table = bars();
    let before = |row: usize| row.checked_sub(1);
    same(&table, "donchian_before_20__upper", |row| Some(high(window(&table.high, before(row)?, 20)?)));
    same(&table, "donchian_before_20__lower", |row| Some(low(window(&table.low, before(row)?, 20)?)));
    same(&table, "donchian_before_20__middle", |row| {
        let (high, low) =
            (high(window(&table.high, before(row)?, 20)?), low(window(&table.low, before(row)?, 20)?));
        Some((high + low) / 2.0)
    });
    let range = |row| Some((high(window(&table.high, row, 20)?), low(window(&table.low, row, 20)?)));
    same(&table, "donchian_width_20", |row| range(row).map(|(high, low)| 2.0 * (high - low) / (high + low)));
    same(&table, "donchian_b_20", |row| {
        range(row).map(|(high, low)| (table.close[row] - low) / (high - low))
    });
}

#[test]
fn bollinger_in_quiet_and_in_jumpy_prices() {
    let mut table = bars();
    // Far away from where sums begin, and still for longer than a window.
    table.close[300..].iter_mut().for_each(|close| *close += 1e6);
    table.close[400..450].fill(1e6);
    for period in [2, 5, 20, 120] {
        let spreads = rolling(&table.close, period, deviation);
        let request = format!("bbands_{period}_2.5");
        bands(
            &table,
            &request,
            &sma(&table.close, period),
            &spreads.iter().map(|spread| 2.5 * spread).collect::<Vec<_>>(),
        );
    }
    let width = one(&table, "bandwidth_20");
    assert!((420..450).all(|row| width[row] == 0.0), "what does not move has no width");
    assert!((420..450).all(|row| one(&table, "percent_b_20")[row].is_nan()), "nor places within");
    let (upper, b) = (one(&table, "bbands_20__upper"), one(&table, "percent_b_20"));
    assert!((100..300).all(|row| (b[row] > 1.0) == (table.close[row] > upper[row])));
}

#[test]
fn stops() {
    let table = bars();
    let ranges = atr(&table, 22);
    let hang = |row: usize, period: usize, times: f64, ranges: &[f64]| {
        let (top, bottom) = (high(window(&table.high, row, period)?), low(window(&table.low, row, period)?));
        Some((top - times * ranges[row], bottom + times * ranges[row])).filter(|(a, _)| !a.is_nan())
    };
    same(&table, "chandelier_22_3__long", |row| Some(hang(row, 22, 3.0, &ranges)?.0));
    same(&table, "chandelier_22_3__short", |row| Some(hang(row, 22, 3.0, &ranges)?.1));
    let ranges = atr(&table, 10);
    let all = |last: usize| {
        (last.saturating_sub(8)..=last).map(|row| hang(row, 10, 1.5, &ranges)).collect::<Option<Vec<_>>>()
    };
    let nine = |row: usize| (row >= 8).then(|| all(row)).flatten();
    same(&table, "chande_kroll_stop_10_1.5_9__short", |row| {
        nine(row)?.into_iter().map(|(a, _)| a).reduce(f64::max)
    });
    same(&table, "chande_kroll_stop_10_1.5_9__long", |row| {
        nine(row)?.into_iter().map(|(_, b)| b).reduce(f64::min)
    });
}

#[test]
fn the_volatility_stop_trails_closes_until_one_is_beyond() {
    let table = bars();
    let (ranges, stop, trend) =
        (atr(&table, 20), one(&table, "vstop_20_2__stop"), one(&table, "vstop_20_2__trend"));
    let mut turns = 0;
    for row in 21..table.rows() {
        let (close, width, side) = (table.close[row], 2.0 * ranges[row], trend[row]);
        assert!(side * (close - stop[row]) >= 0.0, "row {row}: the stop is on the other side of the close");
        // The extreme close since the trend began, of which the first row is part of a trend of unknown age.
        let begin = (20..=row).rev().take_while(|before| trend[*before] == side).last().expect("this row");
        let closes = &table.close[begin..=row];
        let extreme = if side > 0.0 { high(closes) } else { low(closes) };
        let now = extreme - side * width;
        let wanted = if begin == row {
            close - side * width
        } else if side > 0.0 {
            now.max(stop[row - 1])
        } else {
            now.min(stop[row - 1])
        };
        assert!((stop[row] - wanted).abs() < 1e-9, "row {row}: {} instead of {wanted}", stop[row]);
        turns += usize::from(trend[row] != trend[row - 1]);
    }
    assert!(turns > 5);
}

#[test]
fn the_stop_by_range_is_a_supertrend_about_closes() {
    let table = bars();
    let (stop, trend, ranges) =
        (one(&table, "atr_stop_21_3__stop"), one(&table, "atr_stop_21_3__trend"), atr(&table, 21));
    let flat = Table { high: table.close.clone(), low: table.close.clone(), ..table.clone() };
    let mut turns = 0;
    for row in 22..table.rows() {
        let (close, before) = (table.close[row], table.close[row - 1]);
        assert!(trend[row] * (close - stop[row]) >= 0.0, "row {row}");
        if trend[row] == trend[row - 1] {
            let raw = close - trend[row] * 3.0 * ranges[row];
            let nearer = trend[row] * (raw - stop[row - 1]) > 0.0;
            let broken = trend[row] * (before - stop[row - 1]) < 0.0;
            let wanted = if nearer || broken { raw } else { stop[row - 1] };
            assert!((stop[row] - wanted).abs() < 1e-9, "row {row}: {} instead of {wanted}", stop[row]);
        } else {
            turns += 1;
        }
    }
    assert!(turns > 3);
    assert_eq!(
        one(&flat, "atr_stop_21_3_close__stop")[100..],
        one(&flat, "atr_stop_21_3_extremes__stop")[100..]
    );
}

/// Estimates by the formulas of the papers, from plain sums.
#[test]
fn volatility_from_whole_bars() {
    let table = bars();
    let rows = table.rows();
    let ln = |a: f64, b: f64| (a / b).ln();
    let per_row = |make: &dyn Fn(usize) -> f64| (0..rows).map(make).collect::<Vec<_>>();
    let park = per_row(&|row| ln(table.high[row], table.low[row]).powi(2));
    let body = per_row(&|row| ln(table.close[row], table.open[row]));
    let jump = steps(rows, |row| ln(table.open[row], table.close[row - 1]));
    let satchell = per_row(&|row| {
        let (o, h, l, c) = (table.open[row], table.high[row], table.low[row], table.close[row]);
        ln(h, c) * ln(h, o) + ln(l, c) * ln(l, o)
    });
    let garman = map(&park, &body, |park, body| 0.5 * park - (2.0 * 2.0_f64.ln() - 1.0) * body * body);
    let root = |values: &[f64], year: f64| {
        rolling(values, 10, mean).into_iter().map(|mean| (year * mean).sqrt()).collect::<Vec<_>>()
    };
    let divided: Vec<f64> = park.iter().map(|park| park / (4.0 * 2.0_f64.ln())).collect();
    same_as(&table, "parkinson_10_260", &root(&divided, 260.0));
    same_as(&table, "garman_klass_10_260", &root(&garman, 260.0));
    same_as(&table, "rogers_satchell_10", &root(&satchell, 1.0));
    same_as(&table, "gkyz_10", &root(&map(&jump, &garman, |jump, garman| jump * jump + garman), 1.0));
    let sample = |values: &[f64], row: usize| Some(deviation(window(values, row, 10)?).powi(2) * 10.0 / 9.0);
    let k = 0.34 / (1.34 + 11.0 / 9.0);
    same(&table, "yang_zhang_10", |row| {
        let (opens, closes) = (sample(&jump, row)?, sample(&body, row)?);
        Some((opens + k * closes + (1.0 - k) * mean(window(&satchell, row, 10)?)).sqrt())
    });
}

#[test]
fn a_price_without_a_logarithm_harms_its_windows_only() {
    let mut table = bars();
    (table.open[300], table.low[300]) = (-1.0, -2.0);
    for name in ["parkinson", "garman_klass", "rogers_satchell", "gkyz", "yang_zhang"] {
        let (all, harmed) = (one(&bars(), &format!("{name}_20")), one(&table, &format!("{name}_20")));
        for row in (0..300).chain(325..table.rows()) {
            let same = all[row].is_nan() && harmed[row].is_nan() || (all[row] - harmed[row]).abs() < 1e-12;
            assert!(same, "{name}: row {row} is {} instead of {}", harmed[row], all[row]);
        }
    }
}

#[test]
fn choppiness_ulcer_thermometer_and_distance() {
    let table = bars();
    let rows = table.rows();
    let ranges = true_ranges(&table);
    let tops = steps(rows, |row| table.high[row].max(table.close[row - 1]));
    let bottoms = steps(rows, |row| table.low[row].min(table.close[row - 1]));
    let chop = |row, tops: &[f64], bottoms: &[f64]| {
        let width = high(window(tops, row, 14)?) - low(window(bottoms, row, 14)?);
        let sum: f64 = window(&ranges, row, 14)?.iter().sum();
        Some(100.0 * (sum / width).log10() / 14.0_f64.log10())
    };
    same(&table, "chop_14", |row| chop(row, &tops, &bottoms));
    same(&table, "chop_14_plain", |row| chop(row, &table.high, &table.low));
    let falls: Vec<f64> = (0..rows)
        .map(|row| {
            window(&table.close, row, 14)
                .map_or(f64::NAN, |closes| 100.0 * (table.close[row] / high(closes) - 1.0))
        })
        .collect();
    same(&table, "ulcer_14", |row| {
        Some(mean(&window(&falls, row, 14)?.iter().map(|fall| fall * fall).collect::<Vec<_>>()).sqrt())
    });
    let thermo = steps(rows, |row| {
        let (up, down) = (table.high[row] - table.high[row - 1], table.low[row - 1] - table.low[row]);
        up.abs().max(down.abs())
    });
    same_as(&table, "thermo_22__thermo", &thermo);
    same_as(&table, "thermo_22__average", &ema(&thermo, 22));
    same_as(
        &table,
        "pdist",
        &steps(rows, |row| {
            2.0 * (table.high[row] - table.low[row]) - (table.close[row] - table.open[row]).abs()
                + (table.open[row] - table.close[row - 1]).abs()
        }),
    );
    let widths = map(&table.high, &table.low, |high, low| high - low);
    same(&table, "relative_range_20", |row| {
        Some(widths[row] / mean(window(&widths, row.checked_sub(1)?, 20)?))
    });
}

#[test]
fn relative_volatility_of_highs_and_lows_and_its_line() {
    let table = bars();
    let index = |values: &[f64]| {
        let spreads = rolling(values, 10, deviation);
        let side = |up: f64| {
            steps(values.len(), |row| {
                if up * (values[row] - values[row - 1]) > 0.0 { spreads[row] } else { 0.0 * spreads[row] }
            })
        };
        map(&wilder(&side(1.0), 14), &wilder(&side(-1.0), 14), |up, down| 100.0 * up / (up + down))
    };
    same_as(&table, "rvi_refined_14_10", &map(&index(&table.high), &index(&table.low), |a, b| (a + b) / 2.0));
    let closes = index(&table.close);
    same(&table, "inertia_14_10_20", |row| {
        let values = window(&closes, row, 20)?;
        let (x, y) = (9.5, mean(values));
        let slope =
            values.iter().enumerate().map(|(n, value)| (n as f64 - x) * (value - y)).sum::<f64>() / 665.0;
        Some(y + slope * 9.5)
    });
}
