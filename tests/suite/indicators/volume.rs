//! Volume against slow versions from the book.

use super::book::*;
use super::{Table, market, table};

fn bars() -> Table {
    table(&market(22, 700))
}

/// Volume by where the bar closed between two prices.
fn flow(close: f64, low: f64, high: f64, volume: f64) -> f64 {
    if high > low { volume * ((close - low) - (high - close)) / (high - low) } else { 0.0 }
}

#[test]
fn flows_of_money() {
    let table = bars();
    let rows = table.rows();
    let twiggs = steps(rows, |row| {
        let before = table.close[row - 1];
        flow(table.close[row], table.low[row].min(before), table.high[row].max(before), table.volume[row])
    });
    let volumes = steps(rows, |row| table.volume[row]);
    same_as(
        &table,
        "twiggs_21",
        &map(&wilder(&twiggs, 21), &wilder(&volumes, 21), |flow, volume| flow / volume),
    );
    let moves: Vec<f64> = (0..rows)
        .map(|row| {
            let range = table.high[row] - table.low[row];
            if range > 0.0 { (table.close[row] - table.open[row]) / range * table.volume[row] } else { 0.0 }
        })
        .collect();
    same_as(&table, "wvad_24", &rolling(&moves, 24, |window| window.iter().sum()));
    let obv = one(&table, "obv");
    same_as(&table, "obv_signal_7_10__obvm", &ema(&obv, 7));
    same_as(&table, "obv_signal_7_10__signal", &ema(&ema(&obv, 7), 10));
    for name in ["nvi", "pvi"] {
        let line = one(&table, name);
        same_as(&table, &format!("{name}_signal_100__{name}"), &line);
        same_as(&table, &format!("{name}_signal_100__signal"), &ema(&line, 100));
    }
}

#[test]
fn volume_flow_by_the_published_rule() {
    let table = bars();
    let (rows, typical) = (table.rows(), typical(&table));
    let logs = steps(rows, |row| (typical[row] / typical[row - 1]).ln());
    let spreads = rolling(&logs, 30, deviation);
    let means = sma(&table.volume, 40);
    let signed = steps(rows, |row| {
        let (mean, least) = (means[row - 1], 0.2 * spreads[row] * table.close[row]);
        let step = typical[row] - typical[row - 1];
        let volume = table.volume[row].min(1.5 * mean);
        let known = mean + least;
        if known.is_nan() {
            f64::NAN
        } else if step > least {
            volume
        } else if step < -least {
            -volume
        } else {
            0.0
        }
    });
    let flows: Vec<f64> = (0..rows)
        .map(|row| {
            window(&signed, row, 40).map_or(f64::NAN, |window| window.iter().sum::<f64>() / means[row - 1])
        })
        .collect();
    same_as(&table, "vfi_40_0.2_1.5_5__vfi", &flows);
    same_as(&table, "vfi_40_0.2_1.5_5__signal", &ema(&flows, 5));
}

#[test]
fn movement_and_force() {
    let table = bars();
    let rows = table.rows();
    let ease = steps(rows, |row| {
        let middle = |row: usize| (table.high[row] + table.low[row]) / 2.0;
        (middle(row) - middle(row - 1))
            / ((table.volume[row] / 10_000.0) / (table.high[row] - table.low[row]))
    });
    same_as(&table, "eom_14", &sma(&ease, 14));
    let sum = |row: usize| table.high[row] + table.low[row] + table.close[row];
    let sign = |row: usize| if sum(row) > sum(row - 1) { 1.0 } else { -1.0 };
    let signed = steps(rows, |row| sign(row) * table.volume[row]);
    let lines = |forces: &[f64]| {
        let line = map(&ema(forces, 34), &ema(forces, 55), |fast, slow| fast - slow);
        let signal = ema(&line, 13);
        (line, signal)
    };
    let (line, signal) = lines(&signed);
    same_as(&table, "kvo_34_55_13_sign__kvo", &line);
    same_as(&table, "kvo_34_55_13_sign__signal", &signal);
    let range = |row: usize| table.high[row] - table.low[row];
    let forces: Vec<f64> = (0..rows)
        .map(|row| {
            if row < 2 {
                return f64::NAN;
            }
            // The bars since the sign changed, and the one before them; the first sign there is began with the second bar.
            let begin =
                (1..=row).rev().take_while(|before| sign(*before) == sign(row)).last().expect("this bar");
            let sum: f64 = (if begin == 1 { 2 } else { begin - 1 }..=row).map(range).sum();
            table.volume[row] * (2.0 * (range(row) / sum - 1.0)).abs() * sign(row) * 100.0
        })
        .collect();
    let (line, signal) = lines(&forces);
    same_as(&table, "kvo__kvo", &line);
    same_as(&table, "kvo__signal", &signal);
}

#[test]
fn oscillators_of_volume() {
    let table = bars();
    let percent = |fast, slow| {
        map(&ema(&table.volume, fast), &ema(&table.volume, slow), |fast, slow| 100.0 * (fast - slow) / slow)
    };
    same_as(&table, "volume_osc_5_10", &percent(5, 10));
    let (line, signal) = (percent(12, 26), ema(&percent(12, 26), 9));
    same_as(&table, "pvo_signal_12_26_9__pvo", &line);
    same_as(&table, "pvo_signal_12_26_9__signal", &signal);
    same_as(&table, "pvo_signal_12_26_9__hist", &map(&line, &signal, |line, signal| line - signal));
    let money = map(&table.close, &table.volume, |close, volume| close * volume);
    let average =
        |period| map(&ema(&money, period), &ema(&table.volume, period), |money, volume| money / volume);
    let macd = map(&average(12), &average(26), |fast, slow| fast - slow);
    same_as(&table, "vwmacd_12_26_9__macd", &macd);
    same_as(&table, "vwmacd_12_26_9__signal", &ema(&macd, 9));
    let weighted = |row, period| {
        Some(
            window(&money, row, period)?.iter().sum::<f64>()
                / window(&table.volume, row, period)?.iter().sum::<f64>(),
        )
    };
    let plain = |values: &[f64], row, period| Some(mean(window(values, row, period)?));
    same(&table, "vpci_5_20", |row| {
        let long = weighted(row, 20)? - plain(&table.close, row, 20)?;
        let short = weighted(row, 5)? / plain(&table.close, row, 5)?;
        Some(long * short * plain(&table.volume, row, 5)? / plain(&table.volume, row, 20)?)
    });
    let fell = |values: &[f64], row: usize| values[row] < values[row - 1];
    let facility: Vec<f64> =
        (0..table.rows()).map(|row| (table.high[row] - table.low[row]) / table.volume[row]).collect();
    let rank = |a: &[f64], of: [f64; 4]| {
        steps(table.rows(), |row| of[usize::from(fell(a, row)) * 2 + usize::from(fell(&table.volume, row))])
    };
    same_as(&table, "pvr", &rank(&table.close, [1.0, 2.0, 3.0, 4.0]));
    same_as(&table, "marketfi_zone", &rank(&facility, [1.0, 3.0, 4.0, 2.0]));
}

/// Bars of an hour, so that a day has 24 rows; the first of them is a Monday.
#[test]
fn the_weighted_price_begins_anew_at_its_anchor() {
    let table = bars();
    let typical = typical(&table);
    let day = |row: usize| table.time[row].div_euclid(86_400_000.0);
    let week = |row: usize| (day(row) + 3.0).div_euclid(7.0);
    let since = |row: usize, of: &dyn Fn(usize) -> f64| {
        (0..=row).rev().take_while(|before| of(*before) == of(row)).collect::<Vec<_>>()
    };
    let mean_of = |rows: &[usize]| {
        let volume: f64 = rows.iter().map(|row| table.volume[*row]).sum();
        let mean = rows.iter().map(|row| typical[*row] * table.volume[*row]).sum::<f64>() / volume;
        let square = |row: &usize| table.volume[*row] * (typical[*row] - mean) * (typical[*row] - mean);
        (mean, (rows.iter().map(square).sum::<f64>() / volume).sqrt())
    };
    same(&table, "vwap_day", |row| Some(mean_of(&since(row, &day)).0));
    same(&table, "vwap_week", |row| Some(mean_of(&since(row, &week)).0));
    same(&table, "vwap_bands__vwap", |row| Some(mean_of(&since(row, &day)).0));
    same(&table, "vwap_bands_week_2__upper", |row| {
        let (mean, spread) = mean_of(&since(row, &week));
        Some(mean + 2.0 * spread)
    });
    same(&table, "vwap_bands_day_2__lower", |row| {
        let (mean, spread) = mean_of(&since(row, &day));
        Some(mean - 2.0 * spread)
    });
    let whole = one(&table, "vwap_month");
    let all = one(&table, "vwap");
    assert!((0..700).all(|row| (whole[row] - all[row]).abs() < 1e-9), "all of the bars are in one month");
}

#[test]
fn slices_from_their_anchor_have_the_values_of_the_whole() {
    let table = bars();
    for (request, first) in [("vwap_day", 24 * 20), ("vwap_bands_week", 24 * 21), ("market_profile", 24 * 20)]
    {
        let (all, some) = (table.of(request), table.slice(first..700).of(request));
        for ((name, all), (_, some)) in all.iter().zip(some) {
            let same = all[first..].iter().zip(&some).all(|(a, b)| (a - b).abs() < 1e-9);
            assert!(same, "{name} is another one from its anchor on");
        }
    }
}

#[test]
fn the_average_of_bars_without_volume() {
    let mut table = bars();
    table.volume[100..200].fill(0.0);
    let average = one(&table, "vwma_10");
    assert!(average[105].is_finite() && average[120].is_nan() && average[205].is_finite());
    same(&table.slice(200..700), "vwma_10", |row| {
        let (prices, volumes) =
            (window(&table.close[200..], row, 10)?, window(&table.volume[200..], row, 10)?);
        Some(
            prices.iter().zip(volumes).map(|(price, volume)| price * volume).sum::<f64>()
                / volumes.iter().sum::<f64>(),
        )
    });
    assert_eq!(one(&table, "cmf_10")[150], 0.0);
}

#[test]
fn a_profile_by_hand() {
    // Bars of 10 units from 0 to 4, 2 to 4, 2 to 3: by bins of height 1 there are 2.5, 2.5, 2.5 + 5 + 10, 2.5 + 5.
    let bar = |low: f64, high: f64| (low, high);
    let table = Table {
        low: [bar(0.0, 4.0), bar(2.0, 4.0), bar(2.0, 3.0)].map(|bar| bar.0).to_vec(),
        high: [bar(0.0, 4.0), bar(2.0, 4.0), bar(2.0, 3.0)].map(|bar| bar.1).to_vec(),
        volume: vec![10.0; 3],
        open: vec![2.0; 3],
        close: vec![2.0; 3],
        time: vec![0.0, 1.0, 2.0],
    };
    let last = |request: &str| one(&table, request)[2];
    assert_eq!(last("volume_profile_3_4_70__poc"), 2.5);
    // 17.5 of 30 are 58 %; the neighbour above has 7.5, which makes 83 %.
    assert_eq!((last("volume_profile_3_4_50__vah"), last("volume_profile_3_4_50__val")), (3.0, 2.0));
    assert_eq!((last("volume_profile_3_4_70__vah"), last("volume_profile_3_4_70__val")), (4.0, 2.0));
    assert_eq!((last("volume_profile_3_4_85__vah"), last("volume_profile_3_4_85__val")), (4.0, 1.0));
    assert_eq!((last("volume_profile_3_4_100__vah"), last("volume_profile_3_4_100__val")), (4.0, 0.0));
}

#[test]
fn profiles_hold_their_share_and_no_more_than_needed() {
    let table = bars();
    let (period, bins) = (50, 12);
    let column = |sub: &str| one(&table, &format!("volume_profile_{period}_{bins}_70__{sub}"));
    let (poc, vah, val) = (column("poc"), column("vah"), column("val"));
    for row in (period - 1..table.rows()).step_by(37) {
        let rows = row + 1 - period..=row;
        let (bottom, top) = (low(&table.low[rows.clone()]), high(&table.high[rows.clone()]));
        let height = (top - bottom) / bins as f64;
        // The share of a bar's range that lies between two prices is the share of its volume.
        let between = |from: f64, to: f64| -> f64 {
            let of = |row: usize| {
                let (low, high) = (table.low[row], table.high[row]);
                let inside = (high.min(to) - low.max(from)).max(0.0) / (high - low);
                let at = f64::from(u8::from(low >= from - 1e-9 && low < to - 1e-9));
                table.volume[row] * if high > low { inside } else { at }
            };
            rows.clone().map(of).sum()
        };
        let bin = |n: usize| between(bottom + n as f64 * height, bottom + (n + 1) as f64 * height);
        let fullest = (0..bins).max_by(|a, b| bin(*a).total_cmp(&bin(*b))).expect("bins");
        assert!((poc[row] - (bottom + (fullest as f64 + 0.5) * height)).abs() < 1e-9, "row {row}");
        let all: f64 = table.volume[rows.clone()].iter().sum();
        let held = between(val[row], vah[row]);
        assert!(
            held >= 0.7 * all - 1e-6 && val[row] <= poc[row] && poc[row] <= vah[row],
            "row {row}: {held} of {all}"
        );
        let least =
            bin(((val[row] - bottom) / height).round() as usize)
                .min(bin(((vah[row] - bottom) / height).round() as usize - 1));
        assert!(held - least < 0.7 * all + 1e-6, "row {row}: one bin less is enough");
    }
}

#[test]
fn a_market_profile_by_hand() {
    // Steps of a ten-thousandth of 100, which are 0.01; four bars of 15 minutes, brackets of 30 minutes.
    let price = |hundredths: [i32; 4]| hundredths.map(|h| 100.0 + f64::from(h) / 100.0 + 0.005).to_vec();
    let table = Table {
        low: price([0, 1, 2, 2]),
        high: price([2, 2, 4, 3]),
        open: vec![100.0; 4],
        close: vec![100.0; 4],
        volume: vec![1.0; 4],
        time: (0..4).map(|n| f64::from(n) * 900_000.0).collect(),
    };
    let column = |sub: &str| one(&table, &format!("market_profile(1, 30, 60, 30)__{sub}"));
    let near = |values: &[f64], wanted: [f64; 4]| {
        values
            .iter()
            .zip(wanted)
            .for_each(|(value, wanted)| assert!((value - wanted).abs() < 1e-9, "{value} {wanted}"));
    };
    // First bracket: steps 0, 1, 2 once. Second one: 2, 3, 4 once, so that step 2 has two of six counts.
    near(&column("poc"), [100.005, 100.005, 100.025, 100.025]);
    // 60 percent of 3 are 1.8, two steps; of 6 are 3.6, three steps more on the upper side first.
    near(&column("vah"), [100.02, 100.02, 100.05, 100.05]);
    near(&column("val"), [100.0, 100.0, 100.02, 100.02]);
    near(&column("ib_high"), [100.025; 4]);
    near(&column("ib_low"), [100.005; 4]);
}

#[test]
fn a_wild_day_has_coarser_steps_and_no_end_of_them() {
    let mut table = bars();
    table.high[30] = 1e12;
    table.high[60] = 1e300;
    table.low[61] = -1e300;
    for sub in ["poc", "vah", "val"] {
        let levels = one(&table, &format!("market_profile__{sub}"));
        assert!(levels.iter().all(|level| level.is_finite()));
        assert!((levels[23] - 100.0).abs() < 20.0 && (levels[100] - 100.0).abs() < 20.0);
    }
}
