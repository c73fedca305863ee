//! Statistics and arithmetic on columns against slow versions from the book.

use super::{Table, market, table};

pub fn one(table: &Table, request: &str) -> Vec<f64> {
    table.of(request).remove(0).1
}

/// Against a slow version; what is not defined is NaN there too.
pub fn same(request: &str, ours: &[f64], slow: impl Fn(usize) -> Option<f64>) {
    let mut found = 0;
    for (row, ours) in ours.iter().enumerate() {
        match slow(row).filter(|wanted| !wanted.is_nan()) {
            None => assert!(ours.is_nan(), "{request}: row {row} is {ours} and should not be there"),
            Some(wanted) => {
                let near = (ours - wanted).abs() <= 1e-9 * wanted.abs().max(1e-2);
                assert!(near, "{request}: row {row} is {ours} instead of {wanted}");
                found += 1;
            }
        }
    }
    assert!(found > 100, "{request}: only {found} values");
}

/// The window of `period` values that ends with a row.
pub fn window(values: &[f64], row: usize, period: usize) -> Option<&[f64]> {
    (row + 1 >= period).then(|| &values[row + 1 - period..=row])
}

/// Reckoned from the first value, so that equal values are exactly their mean.
fn mean(values: &[f64]) -> f64 {
    values[0] + values.iter().map(|x| x - values[0]).sum::<f64>() / values.len() as f64
}

/// Mean of a power of x - mean.
fn moment(values: &[f64], power: i32) -> f64 {
    let middle = mean(values);
    values.iter().map(|x| (x - middle).powi(power)).sum::<f64>() / values.len() as f64
}

/// Variance with n - 1.
fn unbiased(values: &[f64]) -> f64 {
    moment(values, 2) * values.len() as f64 / (values.len() as f64 - 1.0)
}

fn pearson(x: &[f64], y: &[f64]) -> f64 {
    let (at_x, at_y) = (mean(x), mean(y));
    let product: f64 = x.iter().zip(y).map(|(x, y)| (x - at_x) * (y - at_y)).sum();
    product / (moment(x, 2) * moment(y, 2)).sqrt() / x.len() as f64
}

/// Level, slope and what is left of y over x.
fn least_squares(x: &[f64], y: &[f64]) -> (f64, f64, Vec<f64>) {
    let (at_x, at_y) = (mean(x), mean(y));
    let product: f64 = x.iter().zip(y).map(|(x, y)| (x - at_x) * (y - at_y)).sum();
    let slope = product / (moment(x, 2) * x.len() as f64);
    let level = at_y - slope * at_x;
    (level, slope, x.iter().zip(y).map(|(x, y)| y - level - slope * x).collect())
}

fn returns(values: &[f64]) -> Vec<f64> {
    values.windows(2).map(|pair| pair[1] / pair[0] - 1.0).collect()
}

fn log_returns(values: &[f64]) -> Vec<f64> {
    values.windows(2).map(|pair| (pair[1] / pair[0]).ln()).collect()
}

fn in_order(values: &[f64]) -> Vec<f64> {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    sorted
}

fn quantile(values: &[f64], part: f64) -> f64 {
    let sorted = in_order(values);
    let place = part * (sorted.len() - 1) as f64;
    let (low, high) = (place.floor() as usize, place.ceil() as usize);
    sorted[low] + (place - low as f64) * (sorted[high] - sorted[low])
}

fn median(values: &[f64]) -> f64 {
    quantile(values, 0.5)
}

#[test]
fn moments_of_windows() {
    let table = table(&market(21, 2_600));
    let close = &table.close;
    for period in [3, 20, 300] {
        let each = |request: &str, slow: &dyn Fn(&[f64]) -> f64| {
            let request = request.replace('N', &period.to_string());
            same(&request, &one(&table, &request), |row| Some(slow(window(close, row, period)?)));
        };
        each("stddev_N_2.5", &|w| 2.5 * moment(w, 2).sqrt());
        each("var_N", &|w| moment(w, 2));
        each("zscore_N_1", &|w| {
            let deviation = unbiased(w).sqrt();
            if deviation > 0.0 { (w[period - 1] - mean(w)) / deviation } else { 0.0 }
        });
        each("cv_N", &|w| moment(w, 2).sqrt() / mean(w));
        each("sem_N", &|w| unbiased(w).sqrt() / (period as f64).sqrt());
        each("rms_N", &|w| (w.iter().map(|x| x * x).sum::<f64>() / period as f64).sqrt());
        each("avgdev_N", &|w| w.iter().map(|x| (x - mean(w)).abs()).sum::<f64>() / period as f64);
        let n = period as f64;
        each("skew_N", &|w| {
            let plain = moment(w, 3) / moment(w, 2).powf(1.5);
            if moment(w, 2) > 0.0 { plain * (n * (n - 1.0)).sqrt() / (n - 2.0) } else { 0.0 }
        });
        if period > 3 {
            let plain = |w: &[f64]| moment(w, 4) / moment(w, 2).powi(2) - 3.0;
            each("kurtosis_N", &|w| (n - 1.0) / ((n - 2.0) * (n - 3.0)) * ((n + 1.0) * plain(w) + 6.0));
            let lean = |w: &[f64]| moment(w, 3).powi(2) / moment(w, 2).powi(3);
            each("jarque_bera_N", &|w| n / 6.0 * (lean(w) + plain(w).powi(2) / 4.0));
        }
    }
}

#[test]
fn small_samples_by_hand() {
    let mut table = table(&market(1, 400));
    for (row, close) in table.close.iter_mut().enumerate() {
        // 1, 2, 4, 1, 2, 4 ...
        *close = [1.0, 2.0, 4.0][row % 3];
    }
    let last = |request: &str| one(&table, request)[399];
    let near = |request: &str, wanted: f64| {
        assert!((last(request) - wanted).abs() < 1e-12, "{request}: {} instead of {wanted}", last(request));
    };
    // The last three are 2, 4, 1: mean 7/3, squares around it 14/3, cubes 20/9.
    near("var_3", 14.0 / 9.0);
    near("skew_3", (20.0_f64 / 27.0) / (14.0_f64 / 9.0).powf(1.5) * 6.0_f64.sqrt());
    near("median_3", 2.0);
    near("mad_3", 1.0);
    near("quantile_3_0.75", 3.0);
    near("percentile_3_67", 4.0);
    near("percentrank_3", 0.0);
    near("log_return_2", -(2.0_f64.ln()));
    near("percent_return_1", -0.75);
    near("cum_return()", 0.0);
    near("max_drawdown_3", 0.75);
    near("streak()", -1.0);
    near("lag_2", 2.0);
    // Orders 124, 241, 412: three of equal share of six.
    near("permutation_entropy_30_3", 3.0_f64.log2() / 6.0_f64.log2());
    // Returns 1, 1, -3/4: gains 2, losses 3/4.
    near("omega_3", 2.0 / 0.75);
    near("gain_to_pain_3", 1.25 / 0.75);
    near("win_rate_3", 2.0 / 3.0);
    near("expected_shortfall_3", 0.75);
    near("drawdown()__part", 0.75);
    // Steps 2 and -3 from 2: the furthest is 2 away after a way of 5, in two steps.
    near("katz_fd_3", 2.0_f64.ln() / (2.0_f64.ln() + (2.0_f64 / 5.0).ln()));
    let length = 2.0 * ((2.0_f64 / 3.0).powi(2) + 0.25).sqrt() - ((2.0_f64 / 3.0).powi(2) + 0.25).sqrt()
        + (1.0_f64 + 0.25).sqrt();
    near("fractal_dimension_3", 1.0 + (2.0 * length).ln() / 4.0_f64.ln());
}

#[test]
fn nothing_is_left_of_what_left_the_window() {
    // A value a billion times as large as the others, then small ones, then a level.
    let mut table = table(&market(22, 3_000));
    for (row, volume) in table.volume.iter_mut().enumerate() {
        *volume = if row % 701 == 350 {
            1e12
        } else if row > 2_000 {
            7.0
        } else {
            *volume
        };
    }
    let volume = &table.volume;
    for period in [5, 40] {
        let deviation = one(&table, &format!("stddev({period},source=volume)"));
        let r = one(&table, &format!("correl({period},close,volume)"));
        let skew = one(&table, &format!("skew({period},source=volume)"));
        for row in period - 1..volume.len() {
            let window = window(volume, row, period).expect("a window");
            let wanted = moment(window, 2).sqrt();
            assert!(
                (deviation[row] - wanted).abs() <= 1e-9 * wanted,
                "row {row}: {} {wanted}",
                deviation[row]
            );
            let moves = window.iter().any(|x| *x != window[0]);
            let closes = &table.close[row + 1 - period..=row];
            let wanted = if moves && moment(closes, 2) > 0.0 { pearson(closes, window) } else { 0.0 };
            assert!((r[row] - wanted).abs() < 1e-8, "row {row}: r {} {wanted}", r[row]);
            let n = period as f64;
            let lean = moment(window, 3) / moment(window, 2).powf(1.5) * (n * (n - 1.0)).sqrt() / (n - 2.0);
            let wanted = if moves { lean } else { 0.0 };
            assert!((skew[row] - wanted).abs() < 1e-8, "row {row}: skew {} {wanted}", skew[row]);
        }
    }
}

#[test]
fn sums_do_not_drift_over_a_million_bars() {
    let rows = 1_000_000;
    let table = table(&market(23, rows));
    let close = &table.close;
    let ask = ["stddev_20", "linearreg_slope_14", "correl_30", "sum_30", "skew_30", "rsquared_14", "beta_5"];
    let made = table.of(&ask.join(","));
    for row in (rows - 300..rows).chain((5_000..rows).step_by(9_973)) {
        let part = |n: usize| &close[row + 1 - n..=row];
        let places: Vec<f64> = (0..14).map(f64::from).collect();
        let (_, slope, left) = least_squares(&places, part(14));
        let (high, low) = (&table.high[row - 29..=row], &table.low[row - 29..=row]);
        let (rx, ry) = (returns(&high[24..]), returns(&low[24..]));
        let squares: f64 = left.iter().map(|x| x * x).sum();
        let wanted = [
            moment(part(20), 2).sqrt(),
            slope,
            pearson(high, low),
            part(30).iter().sum(),
            moment(part(30), 3) / moment(part(30), 2).powf(1.5) * 870.0_f64.sqrt() / 28.0,
            1.0 - squares / (14.0 * moment(part(14), 2)),
            least_squares(&rx, &ry).1,
        ];
        for ((name, ours), wanted) in made.iter().zip(wanted) {
            let scale = if name.starts_with("beta") { 1.0 } else { 1e-2 };
            let near = (ours[row] - wanted).abs() <= 1e-9 * wanted.abs().max(scale);
            assert!(near || wanted.is_nan(), "{name}: row {row}: {} instead of {wanted}", ours[row]);
        }
    }
}

#[test]
fn two_columns() {
    let table = table(&market(24, 1_500));
    let (x, y) = (&table.open, &table.close);
    let both = |request: &str, period: usize, slow: &dyn Fn(&[f64], &[f64]) -> f64| {
        same(request, &one(&table, request), |row| {
            Some(slow(window(x, row, period)?, window(y, row, period)?))
        });
    };
    both("correlation(25,close,open)", 25, &|x, y| pearson(x, y));
    both("covariance(25)", 25, &|x, y| {
        x.iter().zip(y).map(|(a, b)| (a - mean(x)) * (b - mean(y))).sum::<f64>() / 24.0
    });
    both("return_correlation(25)", 26, &|x, y| pearson(&returns(x), &returns(y)));
    both("market_beta(40)__beta", 41, &|x, y| least_squares(&returns(x), &returns(y)).1);
    both("market_beta(40)__alpha", 41, &|x, y| least_squares(&returns(x), &returns(y)).0);
    both("market_beta(40)__rsquared", 41, &|x, y| pearson(&returns(x), &returns(y)).powi(2));
    both("pair_spread(60)__hedge", 60, &|x, y| least_squares(x, y).1);
    both("pair_spread(60)__spread", 60, &|x, y| least_squares(x, y).2[59]);
    both("pair_spread(60)__z", 60, &|x, y| {
        let left = least_squares(x, y).2;
        left[59] / moment(&left, 2).sqrt()
    });
    let active = |x: &[f64], y: &[f64]| -> Vec<f64> {
        returns(y).iter().zip(returns(x)).map(|(y, x)| y - x).collect()
    };
    both("information_ratio(30,252)", 31, &|x, y| {
        mean(&active(x, y)) / unbiased(&active(x, y)).sqrt() * 252.0_f64.sqrt()
    });
    both("tracking_error(30,252)", 31, &|x, y| (unbiased(&active(x, y)) * 252.0).sqrt());
    same("autocorr_30_3", &one(&table, "autocorr_30_3"), |row| {
        Some(pearson(window(y, row, 30)?, window(y, row.checked_sub(3)?, 30)?))
    });
    let ranks = |values: &[f64]| -> Vec<f64> {
        let below = |x: f64| values.iter().filter(|one| **one < x).count() as f64;
        let equal = |x: f64| values.iter().filter(|one| **one == x).count() as f64;
        values.iter().map(|x| below(*x) + (equal(*x) + 1.0) / 2.0).collect()
    };
    both("rank_correlation(20,close,open)", 20, &|x, y| pearson(&ranks(x), &ranks(y)));
}

#[test]
fn another_symbol_is_a_second_column() {
    use engine::indicators::{Graph, compute, parse_asks};
    let (mine, other) = (table(&market(25, 500)), table(&market(26, 500)));
    let requests = "correl(with=close@BTC-USD, period=30),beta(source=close, with=close@BTC-USD, period=30),\
                    market_beta(50, with=close@BTC-USD)__beta,pair_spread(60, with=close@BTC-USD)__z";
    let asks = parse_asks(requests, &|_| false).expect("requests");
    let graph = Graph::new(&asks);
    assert_eq!(graph.columns(), ["close@BTC-USD"]);
    let mut theirs = other.close.clone();
    // The other symbol begins later and lacks a bar.
    theirs[..100].fill(f64::NAN);
    theirs[300] = f64::NAN;
    let mut bars = mine.bars();
    bars.columns.push(("close@BTC-USD".to_owned(), theirs.clone().into()));
    let made = compute(&graph, &bars);
    let column = |n: usize| &made.columns[made.names[n].1];
    same("correl", &column(0).values, |row| {
        let (x, y) = (window(&mine.high, row, 30)?, window(&theirs, row, 30)?);
        Some(pearson(x, y))
    });
    same("beta", &column(1).values, |row| {
        let (x, y) = (window(&mine.close, row, 31)?, window(&theirs, row, 31)?);
        Some(least_squares(&returns(x), &returns(y)).1)
    });
    assert_eq!(column(2).lead, 150);
    assert_eq!(column(3).lead, 159);
}

/// Made of level, slope, what the line leaves, and the values.
type OfLine<'a> = dyn Fn(f64, f64, &[f64], &[f64]) -> f64 + 'a;

#[test]
fn lines_through_windows() {
    let table = table(&market(27, 1_500));
    for period in [4, 21, 130] {
        let places: Vec<f64> = (0..period).map(|n| n as f64).collect();
        let each = |request: &str, slow: &OfLine<'_>| {
            let request = request.replace('N', &period.to_string());
            same(&request, &one(&table, &request), |row| {
                let values = window(&table.close, row, period)?;
                let (level, slope, left) = least_squares(&places, values);
                Some(slow(level, slope, &left, values))
            });
        };
        let end = (period - 1) as f64;
        let squares = |left: &[f64]| left.iter().map(|x| x * x).sum::<f64>();
        each("linearreg_slope_N", &|_, slope, _, _| slope);
        each("linearreg_intercept_N", &|level, _, _, _| level);
        each("rsquared_N", &|_, _, left, all| {
            if moment(all, 2) > 0.0 { 1.0 - moment(left, 2) / moment(all, 2) } else { 0.0 }
        });
        each("standard_error_N", &|_, _, left, _| (squares(left) / (end - 1.0)).sqrt());
        each("linreg_channel_N_1.5__lower", &|level, slope, left, _| {
            level + slope * end - 1.5 * moment(left, 2).sqrt()
        });
        each("linreg_channel_N_1.5__middle", &|level, slope, _, _| level + slope * end);
        each("linreg_channel_N_1.5__upper", &|level, slope, left, _| {
            level + slope * end + 1.5 * moment(left, 2).sqrt()
        });
        if period > 4 {
            each("cti_N", &|_, _, _, all| pearson(&places, all));
            each("slope_t_N", &|_, slope, left, _| {
                slope / (squares(left) / (end - 1.0) / (moment(&places, 2) * places.len() as f64)).sqrt()
            });
        }
    }
}

#[test]
fn angles_are_those_of_slopes() {
    let table = table(&market(27, 400));
    let (slopes, angles) = (one(&table, "linearreg_slope_14"), one(&table, "linearreg_angle_14"));
    same("linearreg_angle_14", &angles, |row| Some(slopes[row].atan() * 180.0 / std::f64::consts::PI));
}

#[test]
fn values_in_order() {
    let table = table(&market(28, 520));
    let close = &table.close;
    for period in [3, 10, 97, 300] {
        let each = |request: &str, slow: &dyn Fn(&[f64]) -> f64| {
            let request = request.replace('N', &period.to_string());
            same(&request, &one(&table, &request), |row| Some(slow(window(close, row, period)?)));
        };
        let mad = |w: &[f64]| median(&w.iter().map(|x| (x - median(w)).abs()).collect::<Vec<f64>>());
        each("median_N", &median);
        each("quantile_N_0.3", &|w| quantile(w, 0.3));
        each("iqr_N", &|w| quantile(w, 0.75) - quantile(w, 0.25));
        each("mad_N", &mad);
        each("percentile_N_30", &|w| in_order(w)[(3 * period).div_ceil(10) - 1]);
        each("robust_zscore_N", &|w| {
            if mad(w) > 0.0 { 0.6745 * (w[period - 1] - median(w)) / mad(w) } else { f64::NAN }
        });
        each("hampel_N_2", &|w| {
            let far = (w[period - 1] - median(w)).abs() > 2.0 * 1.4826 * mad(w);
            if far { median(w) } else { w[period - 1] }
        });
        let request = format!("percentrank_{period}");
        same(&request, &one(&table, &request), |row| {
            let w = window(close, row, period + 1)?;
            let below = w[..period].iter().filter(|x| **x < w[period]).count();
            Some(100.0 * below as f64 / period as f64)
        });
    }
}

#[test]
fn performance_of_windows() {
    let table = table(&market(29, 900));
    let close = &table.close;
    let each = |request: &str, period: usize, slow: &dyn Fn(&[f64]) -> f64| {
        same(request, &one(&table, request), |row| Some(slow(window(close, row, period + 1)?)));
    };
    let year = 252.0_f64.sqrt();
    let sum = |values: Vec<f64>| values.iter().sum::<f64>();
    let below =
        |w: &[f64], level: f64| -> Vec<f64> { returns(w).iter().map(|r| (level - r).max(0.0)).collect() };
    let down = |w: &[f64], level: f64| (sum(below(w, level).iter().map(|x| x * x).collect()) / 20.0).sqrt();
    each("sharpe_20_0.001_252", 20, &|w| (mean(&returns(w)) - 0.001) / unbiased(&returns(w)).sqrt() * year);
    each("sortino_20_0.001_252", 20, &|w| (mean(&returns(w)) - 0.001) / down(w, 0.001) * year);
    each("downside_deviation_20_0_252", 20, &|w| down(w, 0.0) * year);
    each("omega_20_0.001", 20, &|w| {
        sum(returns(w).iter().map(|r| (r - 0.001).max(0.0)).collect()) / sum(below(w, 0.001))
    });
    each("gain_to_pain_20", 20, &|w| sum(returns(w)) / sum(below(w, 0.0)));
    each("win_rate_20", 20, &|w| returns(w).iter().filter(|r| **r > 0.0).count() as f64 / 20.0);
    each("kelly_20_0.001", 20, &|w| (mean(&returns(w)) - 0.001) / moment(&returns(w), 2));
    each("drift_20", 20, &|w| mean(&log_returns(w)) + unbiased(&log_returns(w)) / 2.0);
    each("hv_20_252", 20, &|w| unbiased(&log_returns(w)).sqrt() * year);
    each("value_at_risk_40_0.1", 40, &|w| -quantile(&returns(w), 0.1));
    each("expected_shortfall_40_0.1", 40, &|w| -mean(&in_order(&returns(w))[..4]));
    each("tail_ratio_40_0.1", 40, &|w| (quantile(&returns(w), 0.9) / quantile(&returns(w), 0.1)).abs());
    let fall = |w: &[f64]| {
        let of = |late: usize| w[..late].iter().map(|early| 1.0 - w[late] / early).fold(0.0, f64::max);
        (0..w.len()).map(of).fold(0.0, f64::max)
    };
    each("max_drawdown_51", 50, &fall);
    each("calmar_51_252", 50, &|w| (w[50] / w[0] - 1.0) / 50.0 * 252.0 / fall(w));
}

#[test]
fn reversion_of_windows() {
    let table = table(&market(30, 900));
    let close = &table.close;
    let steps = |w: &[f64]| -> Vec<f64> { w.windows(2).map(|pair| pair[1] - pair[0]).collect() };
    let each = |request: &str, slow: &dyn Fn(&[f64]) -> f64| {
        same(request, &one(&table, request), |row| Some(slow(window(close, row, 61)?)));
    };
    let pulls = |w: &[f64]| least_squares(&w[..60], &steps(w));
    each("half_life_60", &|w| {
        let slope = pulls(w).1;
        if slope < 0.0 { -std::f64::consts::LN_2 / slope } else { f64::NAN }
    });
    let back = |w: &[f64], value: f64| if (-1.0..0.0).contains(&pulls(w).1) { value } else { f64::NAN };
    let sigma = |w: &[f64]| {
        let (_, slope, left) = pulls(w);
        (moment(&left, 2) / (1.0 - (1.0 + slope).powi(2))).sqrt()
    };
    let level = |w: &[f64]| -pulls(w).0 / pulls(w).1;
    each("ou_60__mean", &|w| back(w, level(w)));
    each("ou_60__speed", &|w| back(w, -(1.0 + pulls(w).1).ln()));
    each("ou_60__sigma", &|w| back(w, sigma(w)));
    each("ou_60__z", &|w| back(w, (w[60] - level(w)) / sigma(w)));
    let ratio = |w: &[f64]| {
        let (one, q) = (log_returns(w), 5.0);
        let far: f64 = w.windows(6).map(|w| ((w[5] / w[0]).ln() - q * mean(&one)).powi(2)).sum();
        far / (q * 56.0 * (1.0 - q / 60.0)) / unbiased(&one)
    };
    each("variance_ratio_60_5__ratio", &ratio);
    each("variance_ratio_60_5__z", &|w| (ratio(w) - 1.0) / (2.0 * 9.0 * 4.0_f64 / (3.0 * 5.0 * 60.0)).sqrt());
}

#[test]
fn roughness_of_windows() {
    let table = table(&market(31, 900));
    let close = &table.close;
    let each = |request: &str, period: usize, slow: &dyn Fn(&[f64]) -> f64| {
        same(request, &one(&table, request), |row| Some(slow(window(close, row, period)?)));
    };
    let range = |w: &[f64]| in_order(w)[w.len() - 1] - in_order(w)[0];
    each("fractal_dimension_30", 30, &|w| {
        let step =
            |pair: &[f64]| (((pair[1] - pair[0]) / range(w)).powi(2) + (1.0 / 29.0_f64).powi(2)).sqrt();
        1.0 + (2.0 * w.windows(2).map(step).sum::<f64>()).ln() / 58.0_f64.ln()
    });
    each("katz_fd_30", 30, &|w| {
        let length: f64 = w.windows(2).map(|pair| (pair[1] - pair[0]).abs()).sum();
        let far = w.iter().map(|x| (x - w[0]).abs()).fold(0.0, f64::max);
        29.0_f64.ln() / (29.0_f64.ln() + (far / length).ln())
    });
    each("frama_dimension_17", 17, &|w| {
        let (early, late, whole) = (range(&w[1..9]) / 8.0, range(&w[9..]) / 8.0, range(&w[1..]) / 16.0);
        ((early + late) / whole).log2()
    });
    each("higuchi_fd_64_6", 64, &|w| {
        let length = |k: usize| {
            let of = |m: usize| {
                let points: Vec<f64> = w[m..].iter().step_by(k).copied().collect();
                let way: f64 = points.windows(2).map(|pair| (pair[1] - pair[0]).abs()).sum();
                way * 63.0 / ((points.len() - 1) * k) as f64 / k as f64
            };
            (0..k).map(of).sum::<f64>() / k as f64
        };
        let logs: Vec<f64> = (1..=6).map(|k| -(k as f64).ln()).collect();
        let lengths: Vec<f64> = (1..=6).map(|k| length(k).ln()).collect();
        least_squares(&logs, &lengths).1
    });
    each("hurst_100", 101, &|w| {
        let returns = log_returns(w);
        let rescaled = |part: &[f64]| {
            let sums: Vec<f64> =
                (0..=part.len()).map(|n| part[..n].iter().sum::<f64>() - n as f64 * mean(part)).collect();
            range(&sums) / moment(part, 2).sqrt()
        };
        let of = |n: usize| mean(&returns.rchunks_exact(n).map(rescaled).collect::<Vec<f64>>()).ln();
        let sizes = [100, 50, 25, 12];
        let logs: Vec<f64> = sizes.iter().map(|n| f64::from(*n as i32).ln()).collect();
        least_squares(&logs, &sizes.map(of)).1
    });
    each("entropy_64_8", 65, &|w| {
        let returns = log_returns(w);
        let (low, width) = (in_order(&returns)[0], range(&returns) / 8.0);
        let mut bins = [0.0_f64; 8];
        returns.iter().for_each(|r| bins[(((r - low) / width) as usize).min(7)] += 1.0 / 64.0);
        bins.iter().filter(|p| **p > 0.0).map(|p| -p * p.log2()).sum()
    });
    each("price_entropy_10_2", 19, &|w| {
        let part = |w: &[f64]| w[9] / w.iter().sum::<f64>();
        w.windows(10).map(part).map(|p| -p * p.log2()).sum()
    });
    each("permutation_entropy_50_4", 53, &|w| {
        let mut shares = std::collections::BTreeMap::new();
        for four in w.windows(4) {
            let mut order = [0, 1, 2, 3];
            order.sort_by(|a, b| four[*a].total_cmp(&four[*b]));
            *shares.entry(order).or_insert(0.0) += 1.0 / 50.0;
        }
        -shares.values().map(|p: &f64| p * p.log2()).sum::<f64>() / 24.0_f64.log2()
    });
}

#[test]
fn a_level_is_filtered() {
    let table = table(&market(32, 600));
    let close = &table.close;
    // Variances as they are told, the first value as good as a measurement.
    let (mut level, mut variance) = (close[0], 1.0_f64);
    let made = table.of("kalman_0.05_1");
    for row in 1..close.len() {
        let before = variance + 0.05;
        let gain = before / (before + 1.0);
        let z = (close[row] - level) / (before + 1.0).sqrt();
        level = (1.0 - gain) * level + gain * close[row];
        variance = (1.0 - gain) * before;
        for ((name, ours), wanted) in made.iter().zip([level, gain, z]) {
            assert!((ours[row] - wanted).abs() < 1e-9 * wanted.abs().max(1e-2), "{name}: row {row}");
        }
    }
}
