//! Bars that stand out, put there on purpose; and real minutes, of which none does.

use std::path::Path;
use std::process::Command;

use engine::audit::spikes::SpikeFinder;
use engine::model::bar::FLAG_SUSPECT;
use engine::model::{Bar, Day};

use crate::textbook::Dice;

const NONE: [u64; 0] = [];

/// Three days of a calm walk around 1.1: steps of up to 4 points of 0.00001.
fn walk() -> Vec<Bar> {
    let mut dice = Dice(7);
    let mut level = 110_000_i64;
    let bar = |minute: u64| {
        let open = level;
        level += dice.below(9) as i64 - 4;
        let price = |units: i64| units as f64 / 1e5;
        let (high, low) = (open.max(level) + 2, open.min(level) - 2);
        Bar {
            time_ms: minute * 60_000,
            open: price(open),
            high: price(high),
            low: price(low),
            close: price(level),
            volume: 1.0,
            count: 1,
            ..Bar::default()
        }
    };
    (0..3 * 1440).map(bar).collect()
}

/// The minutes of the spikes, day by day.
fn spikes(bars: &[Bar]) -> Vec<u64> {
    let mut finder = SpikeFinder::default();
    for day in bars.chunk_by(|a, b| Day::of_ms(a.time_ms as i64) == Day::of_ms(b.time_ms as i64)) {
        finder.day(day);
    }
    finder.finish().iter().map(|spike| spike.time_ms as u64 / 60_000).collect()
}

fn raised(bars: &mut [Bar], by: f64) {
    for bar in bars {
        for price in [&mut bar.open, &mut bar.high, &mut bar.low, &mut bar.close] {
            *price *= by;
        }
    }
}

#[test]
fn what_comes_back_is_a_spike_and_what_stays_is_none() {
    let calm = walk();
    assert_eq!(spikes(&calm), NONE);

    let mut wicks = calm.clone();
    wicks[700].high *= 1.01;
    wicks[1500].low *= 0.99;
    assert_eq!(spikes(&wicks), [700, 1500]);

    let mut moved = calm.clone();
    raised(&mut moved[2000..], 1.03);
    assert_eq!(spikes(&moved), NONE, "a step that stays");

    let mut plateau = calm.clone();
    raised(&mut plateau[1439..1442], 1.03);
    assert_eq!(spikes(&plateau), [1439], "three wrong minutes over midnight are one spike, where it begins");

    let mut slow = calm.clone();
    raised(&mut slow[2000..2007], 1.03);
    assert_eq!(spikes(&slow), NONE, "what stays longer than five minutes may be a market");
}

#[test]
fn the_measure_is_the_symbols_own() {
    // The same excursion of 1 % in a market that moves a hundred times as much from minute to minute.
    let mut wild = walk();
    for pair in 1..wild.len() {
        let sign = if pair % 2 == 0 { 1.004 } else { 0.996 };
        raised(&mut wild[pair..pair + 1], sign);
    }
    wild[700].high *= 1.01;
    assert_eq!(spikes(&wild), NONE);
    // A day that is too short to tell has the measure of the day before.
    let mut short = walk();
    short.truncate(1446);
    short[1445].high *= 1.01;
    assert_eq!(spikes(&short), NONE, "nobody knows yet whether it comes back");
    short.push(Bar { time_ms: 1446 * 60_000, ..short[1444] });
    assert_eq!(spikes(&short), [1445]);
}

#[test]
fn a_bar_wider_than_the_soft_rule_is_a_spike_whatever_follows() {
    let mut bars = walk();
    bars[99] = Bar { high: bars[99].low * 1.6, flags: FLAG_SUSPECT, ..bars[99] };
    // Another reason to be suspect is named elsewhere.
    bars[200] = Bar { low: -1.0, flags: FLAG_SUSPECT, ..bars[200] };
    assert_eq!(spikes(&bars), [99]);
}

/// The minutes of a real market: from one source if this machine can unpack it, else from the other.
#[allow(clippy::print_stderr)]
fn real() -> Option<Vec<Bar>> {
    let shared = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/data");
    if !shared.exists() {
        eprintln!("skipped: no ../shared");
        return None;
    }
    let sources =
        [("zstdcat", "m1/EUR-USD_BID_1m_2019-2020_utc.csv.zst"), ("zcat", "mt4/EURUSD_M1_utc.csv.gz")];
    let unpack = |(program, file): (&str, &str)| {
        let output = Command::new(program).arg(shared.join(file)).output().ok()?;
        output.status.success().then_some(output.stdout)
    };
    let csv = String::from_utf8(sources.into_iter().find_map(unpack)?).expect("a csv");
    let bar = |line: &str| {
        let mut fields = line.split(',');
        let time_ms = fields.next()?.parse().ok()?;
        let mut price = || fields.next()?.parse::<f64>().ok();
        let (open, high, low, close) = (price()?, price()?, price()?, price()?);
        Some(Bar { time_ms, open, high, low, close, volume: 1.0, count: 1, ..Bar::default() })
    };
    Some(csv.lines().filter_map(bar).collect())
}

#[test]
fn no_real_minute_is_a_spike_and_wrong_ones_among_them_are() {
    let Some(mut bars) = real() else { return };
    assert!(bars.len() > 60_000, "{} minutes", bars.len());
    assert_eq!(spikes(&bars), NONE);
    // Wrong by one percent or more, in calm and in wild times alike.
    let mut dice = Dice(11);
    let step = bars.len() / 40;
    let places: Vec<usize> = (1..40).map(|n| n * step + dice.below(step as u64 / 2) as usize).collect();
    for &place in &places {
        if dice.once_in(2) { bars[place].high *= 1.03 } else { bars[place].low *= 0.97 }
    }
    let found = spikes(&bars);
    assert_eq!(found, places.iter().map(|&place| bars[place].time_ms / 60_000).collect::<Vec<_>>());
}
