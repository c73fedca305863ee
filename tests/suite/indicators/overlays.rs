//! Lines laid over prices against slow versions from the book.

use super::book::*;
use super::{Table, market, table};

fn bars() -> Table {
    table(&market(23, 700))
}

#[test]
fn windows_with_weights_of_their_own() {
    let table = bars();
    let by = |period: usize, weight: &dyn Fn(f64) -> f64| {
        let weights: Vec<f64> = (0..period).map(|n| weight(n as f64)).collect();
        weighted(&table.close, &weights)
    };
    let gauss = |n: f64| (-(n - 0.85 * 19.0).powi(2) / (2.0 * (20.0_f64 / 6.0).powi(2))).exp();
    same_as(&table, "alma_20_0.85_6", &by(20, &gauss));
    same_as(&table, "sinwma_14", &by(14, &|n| (std::f64::consts::PI * (n + 1.0) / 15.0).sin()));
    same_as(&table, "pwma_6", &weighted(&table.close, &[1.0, 5.0, 10.0, 10.0, 5.0, 1.0]));
    same_as(&table, "fwma_8", &weighted(&table.close, &[1.0, 1.0, 2.0, 3.0, 5.0, 8.0, 13.0, 21.0]));
    same_as(&table, "dwma_9", &{
        let once = wma(&table.close, 9);
        rolling(&once, 9, |window| {
            window.iter().enumerate().map(|(n, value)| (n + 1) as f64 * value).sum::<f64>() / 45.0
        })
    });
    for period in [1, 300, 600] {
        assert!(one(&table, &format!("pwma_{period}"))[699].is_finite());
        assert!(one(&table, &format!("fwma_{period}"))[699].is_finite());
    }
}

#[test]
fn hulls_and_chains() {
    let table = bars();
    let twice = |fast: &[f64], slow: &[f64]| map(fast, slow, |fast, slow| 2.0 * fast - slow);
    let (fast, slow) = (ema(&table.close, 10), ema(&table.close, 20));
    same_as(&table, "ehma_20", &ema(&twice(&fast, &slow), 4));
    let (third, half, whole) = (wma(&table.close, 7), wma(&table.close, 10), wma(&table.close, 21));
    let mixed =
        map(&map(&third, &half, |third, half| 3.0 * third - half), &whole, |mixed, whole| mixed - whole);
    same_as(&table, "thma_21", &wma(&mixed, 21));
    let once = ema(&table.close, 5);
    same_as(&table, "gd_5_0.7", &map(&once, &ema(&once, 5), |once, again| 1.7 * once - 0.7 * again));
    for period in [3, 5, 8, 10, 12, 15, 30, 35, 40, 45, 50, 60] {
        same_as(&table, &format!("gmma__e{period}"), &ema(&table.close, period));
    }
}

#[test]
fn the_super_smoother_by_its_difference_equation() {
    let table = bars();
    let a = (-std::f64::consts::SQRT_2 * std::f64::consts::PI / 10.0).exp();
    let b = 2.0 * a * (std::f64::consts::SQRT_2 * std::f64::consts::PI / 10.0).cos();
    let (c2, c3) = (b, -a * a);
    let c1 = 1.0 - c2 - c3;
    let x = &table.close;
    let mut line = vec![x[0]; 1];
    for row in 1..x.len() {
        let two = if row > 1 { line[row - 2] } else { x[0] };
        line.push(c1 * (x[row] + x[row - 1]) / 2.0 + c2 * line[row - 1] + c3 * two);
    }
    same_as(&table, "ssf_10", &line);
}

#[test]
fn averages_that_adapt() {
    let table = bars();
    let (close, rows) = (&table.close, table.rows());
    let mut line = vec![f64::NAN; 9];
    let mut last = close[8];
    for row in 9..rows {
        let changes: Vec<f64> = (row - 8..=row).map(|row| close[row] - close[row - 1]).collect();
        let (up, down): (f64, f64) =
            changes.iter().fold((0.0, 0.0), |(up, down), c| (up + c.max(0.0), down + (-c).max(0.0)));
        last += 2.0 / 15.0 * ((up - down) / (up + down)).abs() * (close[row] - last);
        line.push(last);
    }
    same_as(&table, "vidya_14_9", &line);
    let mut line = vec![close[0]];
    for row in 1..rows {
        let before = line[row - 1];
        line.push(before + (close[row] - before) / (14.0 * (close[row] / before).powi(4)));
    }
    same_as(&table, "mcginley_14", &line);
    let mut last = close[9];
    let mut elastic = vec![f64::NAN; 9];
    for (row, close) in close.iter().enumerate().skip(9) {
        let all: f64 = table.volume[row - 9..=row].iter().sum();
        last = ((all - table.volume[row]) * last + table.volume[row] * close) / all;
        elastic.push(last);
    }
    same_as(&table, "evwma_10", &elastic);
}

#[test]
fn the_fractal_average_by_ehlers_code() {
    let table = bars();
    let price = |row: usize| (table.high[row] + table.low[row]) / 2.0;
    let mut line = vec![f64::NAN; 15];
    line.push(price(15));
    let mut dimension: f64 = 1.0;
    for row in 16..table.rows() {
        let range = |from: usize, to: usize| high(&table.high[from..=to]) - low(&table.low[from..=to]);
        let n1 = range(row - 7, row) / 8.0;
        let n2 = range(row - 15, row - 8) / 8.0;
        let n3 = range(row - 15, row) / 16.0;
        if n1 > 0.0 && n2 > 0.0 && n3 > 0.0 {
            dimension = ((n1 + n2).ln() - n3.ln()) / 2.0_f64.ln();
        }
        let alpha = (-4.6 * (dimension - 1.0)).exp().clamp(0.01, 1.0);
        line.push(alpha * price(row) + (1.0 - alpha) * line[row - 1]);
    }
    same_as(&table, "frama_16", &line);
}

#[test]
fn a_price_that_falls_to_nothing_does_not_throw_mcginley_about() {
    let mut table = bars();
    table.close[100..110].fill(0.5);
    table.close[110] = 0.0;
    let line = one(&table, "mcginley_14");
    let top = high(&table.close);
    assert!(line.iter().all(|value| (0.0..=top).contains(value)));
    assert!((line[500] - table.close[500]).abs() < 10.0, "and it comes back");
}

#[test]
fn the_cloud_and_the_alligator_are_drawn_where_charts_draw_them() {
    let table = bars();
    let middle = |row: usize, period| {
        Some((high(window(&table.high, row, period)?) + low(window(&table.low, row, period)?)) / 2.0)
    };
    same(&table, "ichimoku_7_22_44__conversion", |row| middle(row, 7));
    same(&table, "ichimoku_7_22_44__base", |row| middle(row, 22));
    same(&table, "ichimoku_7_22_44__span_a", |row| {
        let before = row.checked_sub(22)?;
        Some((middle(before, 7)? + middle(before, 22)?) / 2.0)
    });
    same(&table, "ichimoku_7_22_44_30__span_b", |row| middle(row.checked_sub(30)?, 44));
    same(&table, "chikou_26", |row| table.close.get(row + 26).copied());
    let middles = map(&table.high, &table.low, |high, low| (high + low) / 2.0);
    let drawn = |period, shift: usize| {
        let line = wilder(&middles, period);
        (0..line.len()).map(|row| if row < shift { f64::NAN } else { line[row - shift] }).collect::<Vec<_>>()
    };
    let (jaw, teeth, lips) = (drawn(13, 8), drawn(8, 5), drawn(5, 3));
    same_as(&table, "alligator__jaw", &jaw);
    same_as(&table, "alligator__teeth", &teeth);
    same_as(&table, "alligator__lips", &lips);
    same_as(&table, "gator__upper", &map(&jaw, &teeth, |jaw, teeth| (jaw - teeth).abs()));
    let lower = map(&teeth, &lips, |teeth, lips| -(teeth - lips).abs());
    // All lines begin where the slowest does.
    same(&table, "gator__lower", |row| Some(lower[row]).filter(|_| !jaw[row].is_nan()));
}

#[test]
fn bands_of_fractals_and_the_activator() {
    let table = bars();
    let turn = |values: &[f64], up: f64, row: usize, reach: usize| {
        (row >= 2 * reach)
            && (row - 2 * reach..=row)
                .all(|other| other == row - reach || up * (values[row - reach] - values[other]) > 0.0)
    };
    let held = |values: &[f64], up: f64, reach: usize| {
        let mut last = f64::NAN;
        (0..values.len())
            .map(|row| {
                if turn(values, up, row, reach) {
                    last = values[row - reach];
                }
                last
            })
            .collect::<Vec<_>>()
    };
    same_as(&table, "fcb__upper", &held(&table.high, 1.0, 2));
    same_as(&table, "fcb_4__lower", &held(&table.low, -1.0, 4));
    let (highs, lows) = (sma(&table.high, 3), sma(&table.low, 5));
    let (line, trend) = (one(&table, "hilo_3_5__line"), one(&table, "hilo_3_5__trend"));
    let mut turns = 0;
    for row in 10..table.rows() {
        let close = table.close[row];
        let wanted = if close > highs[row - 1] {
            1.0
        } else if close < lows[row - 1] {
            -1.0
        } else {
            trend[row - 1]
        };
        // A close on the average itself is above or below it by rounding.
        let ties = (close - highs[row - 1]).abs() < 1e-9 || (close - lows[row - 1]).abs() < 1e-9;
        assert!(ties || trend[row] == wanted, "row {row}");
        let near = if trend[row] > 0.0 { lows[row] } else { highs[row] };
        assert!(wanted == 0.0 || (line[row] - near).abs() < 1e-9, "row {row}");
        turns += usize::from(trend[row] != trend[row - 1]);
    }
    assert!(turns > 10);
}

#[test]
fn the_parabolic_by_side_is_the_parabolic() {
    let table = bars();
    let column = |sub: &str| one(&table, &format!("psar__{sub}"));
    let (long, short, factor, reversal) =
        (column("long"), column("short"), column("factor"), column("reversal"));
    let stop = one(&table, "sar");
    for row in 1..table.rows() {
        assert!(long[row].is_nan() != short[row].is_nan(), "row {row}: one side and not both");
        let shown = if long[row].is_nan() { short[row] } else { long[row] };
        assert_eq!(shown.to_bits(), stop[row].to_bits(), "row {row}");
        let turned = row > 1 && long[row].is_nan() != long[row - 1].is_nan();
        assert!(row == 1 || (reversal[row] == 1.0) == turned, "row {row}");
        assert!(factor[row] >= 0.02 && factor[row] <= 0.2 && (reversal[row] == 0.0 || factor[row] == 0.02));
    }
    let signed = one(&table, "sarext");
    assert!((1..700).all(|row| signed[row].abs() == stop[row] && (signed[row] < 0.0) == long[row].is_nan()));
}
