//! Long columns, which are worked on in parts side by side, beside the plain recursions.

use super::{Table, market, table};

fn long() -> Table {
    table(&market(11, 150_000))
}

/// Exponential average begun with the mean of the first `period` values that are there.
fn ema(values: &[f64], period: usize, weight: f64) -> Vec<f64> {
    let lead = values.iter().take_while(|value| value.is_nan()).count();
    let first = lead + period - 1;
    let mut means = vec![f64::NAN; values.len()];
    means[first] = values[lead..=first].iter().sum::<f64>() / period as f64;
    for row in first + 1..values.len() {
        means[row] = means[row - 1] + weight * (values[row] - means[row - 1]);
    }
    means
}

fn usual(values: &[f64], period: usize) -> Vec<f64> {
    ema(values, period, 2.0 / (period as f64 + 1.0))
}

fn assert_near(name: &str, ours: &[f64], plain: &[f64], size: f64) {
    for (row, (a, b)) in ours.iter().zip(plain).enumerate() {
        let near = (a.is_nan() && b.is_nan()) || (a - b).abs() <= 1e-11 * b.abs().max(size);
        assert!(near, "{name}, row {row}: {a} instead of {b}");
    }
}

fn column(table: &Table, request: &str, output: usize) -> Vec<f64> {
    table.of(request).swap_remove(output).1
}

#[test]
fn averages_of_long_columns_are_the_plain_recursions() {
    let table = long();
    let one = usual(&table.close, 30);
    let two = usual(&one, 30);
    let three = usual(&two, 30);
    let of = |mix: &dyn Fn(usize) -> f64| (0..table.rows()).map(mix).collect::<Vec<f64>>();
    assert_near("ema", &column(&table, "ema_30", 0), &one, 1.0);
    assert_near("rma", &column(&table, "rma_30", 0), &ema(&table.close, 30, 1.0 / 30.0), 1.0);
    assert_near("dema", &column(&table, "dema_30", 0), &of(&|n| 2.0 * one[n] - two[n]), 1.0);
    let tema = of(&|n| 3.0 * one[n] - 3.0 * two[n] + three[n]);
    assert_near("tema", &column(&table, "tema_30", 0), &tema, 1.0);
    let trix = of(&|n| if n == 0 { f64::NAN } else { 100.0 * (three[n] / three[n - 1] - 1.0) });
    assert_near("trix", &column(&table, "trix_30", 0), &trix, 0.1);
}

#[test]
fn macd_and_tsi_of_long_columns_are_the_plain_recursions() {
    let table = long();
    let close = &table.close;
    let mut fast = vec![f64::NAN; 14];
    fast.extend(usual(&close[14..], 12));
    let slow = usual(close, 26);
    let off: Vec<f64> = fast.iter().zip(&slow).map(|(fast, slow)| fast - slow).collect();
    let line = usual(&off, 9);
    let ours = table.of("macd_12_26_9");
    assert_near("signal", &ours[1].1, &line, 1.0);
    let hist: Vec<f64> = off.iter().zip(&line).map(|(off, line)| off - line).collect();
    assert_near("hist", &ours[2].1, &hist, 1.0);

    let mut moves = vec![f64::NAN];
    moves.extend(close.windows(2).map(|pair| pair[1] - pair[0]));
    let sizes: Vec<f64> = moves.iter().map(|change: &f64| change.abs()).collect();
    let [net, all] = [&moves, &sizes].map(|values| usual(&usual(values, 25), 13));
    let tsi: Vec<f64> = net.iter().zip(&all).map(|(net, all)| 100.0 * net / all).collect();
    assert_near("tsi", &column(&table, "tsi_25_13", 0), &tsi, 1.0);
}

/// Period, in-phase and quadrature component, as Ehlers has them.
fn cycle(prices: &[f64]) -> [Vec<f64>; 3] {
    let rows = prices.len();
    let [mut smooth, mut detrended, mut i, mut q] = [(); 4].map(|()| vec![0.0; rows]);
    let [mut i2, mut q2, mut real, mut imaginary, mut raw, mut period] = [(); 6].map(|()| vec![0.0; rows]);
    for n in 12..rows {
        let tuned = 0.075 * raw[n - 1] + 0.54;
        let turned = |of: &[f64]| {
            (0.0962 * of[n] + 0.5769 * of[n - 2] - 0.5769 * of[n - 4] - 0.0962 * of[n - 6]) * tuned
        };
        smooth[n] = (4.0 * prices[n] + 3.0 * prices[n - 1] + 2.0 * prices[n - 2] + prices[n - 3]) / 10.0;
        detrended[n] = turned(&smooth);
        (i[n], q[n]) = (detrended[n - 3], turned(&detrended));
        i2[n] = 0.2 * (i[n] - turned(&q)) + 0.8 * i2[n - 1];
        q2[n] = 0.2 * (q[n] + turned(&i)) + 0.8 * q2[n - 1];
        real[n] = 0.2 * (i2[n] * i2[n - 1] + q2[n] * q2[n - 1]) + 0.8 * real[n - 1];
        imaginary[n] = 0.2 * (i2[n] * q2[n - 1] - q2[n] * i2[n - 1]) + 0.8 * imaginary[n - 1];
        let is_known = real[n] != 0.0 && imaginary[n] != 0.0;
        let now = if is_known { std::f64::consts::TAU / (imaginary[n] / real[n]).atan() } else { raw[n - 1] };
        let now = now.min(1.5 * raw[n - 1]).max(0.67 * raw[n - 1]).clamp(6.0, 50.0);
        raw[n] = 0.2 * now + 0.8 * raw[n - 1];
        period[n] = 0.33 * raw[n] + 0.67 * period[n - 1];
    }
    [period, i, q]
}

#[test]
fn cycles_of_long_columns_are_the_plain_recursions() {
    // In the second, prices stand still where one part ends and the next one begins; what is left there of the period
    // is what rounding makes of it.
    let mut still = long();
    let price = still.close[70_000];
    still.close[70_000..78_000].fill(price);
    for (table, without) in [(long(), 0..32), (still, 70_000..80_000)] {
        let plain = cycle(&table.close);
        let ours = [("ht_dcperiod", 0), ("ht_phasor", 0), ("ht_phasor", 1)];
        for (mut plain, (name, output)) in plain.into_iter().zip(ours) {
            let mut ours = column(&table, name, output);
            for column in [&mut plain, &mut ours] {
                column[..32].fill(f64::NAN);
                column[without.clone()].fill(f64::NAN);
            }
            assert_near(name, &ours, &plain, 1.0);
        }
    }
}

#[test]
fn extremes_are_as_long_ago_as_they_look() {
    let straight = |step: f64| Table {
        high: (0..3_000).map(|n| 100.0 + step * n as f64).collect(),
        low: (0..3_000).map(|n| 99.0 + step * n as f64).collect(),
        ..table(&market(1, 3_000))
    };
    for table in [long().slice(0..9_000), straight(0.01), straight(-0.01), straight(0.0)] {
        for period in [3, 63, 64, 100, 256, 300] {
            let ours = table.of(&format!("aroon_{period}"));
            for row in (period..table.rows()).step_by(7) {
                let ago = |values: &[f64], beats: fn(f64, f64) -> bool| {
                    let window = &values[row - period..=row];
                    let best = (1..=period)
                        .fold(0, |found, n| if beats(window[n], window[found]) { n } else { found });
                    100.0 * best as f64 / period as f64
                };
                let [down, up] = [ago(&table.low, |a, b| a <= b), ago(&table.high, |a, b| a >= b)];
                assert!((ours[0].1[row] - down).abs() < 1e-9, "aroon_{period} down, row {row}");
                assert!((ours[1].1[row] - up).abs() < 1e-9, "aroon_{period} up, row {row}");
            }
        }
    }
}

/// A later equal takes the place; when what was found leaves the window, the earliest of the best that are left follows.
#[test]
fn places_of_extremes_among_many_equals() {
    let mut table = long().slice(0..9_000);
    table.close.iter_mut().for_each(|price| *price = (*price / 50.0).round());
    let close = &table.close;
    assert!(close.windows(2).filter(|pair| pair[0] == pair[1]).count() > 500);
    assert!(close.iter().any(|price| *price != close[0]));
    for period in [2, 3, 30, 64, 300] {
        for (name, beats) in
            [("maxindex", (|a, b| a > b) as fn(f64, f64) -> bool), ("minindex", |a, b| a < b)]
        {
            let earliest = |rows: std::ops::Range<usize>| {
                rows.reduce(|best, row| if beats(close[row], close[best]) { row } else { best })
            };
            let ours = column(&table, &format!("{name}_{period}"), 0);
            let mut place = earliest(0..period).expect("a window has rows");
            for row in period - 1..close.len() {
                if place + period <= row {
                    place = earliest(row + 1 - period..row + 1).expect("a window has rows");
                } else if row >= period && !beats(close[place], close[row]) {
                    place = row;
                }
                assert_eq!(ours[row], place as f64, "{name}_{period}, row {row}");
            }
        }
    }
}
