//! The adjusted closes of Brent that its charts show for the end of 2025.

use engine::feed::wire::{Candle, encode};
use engine::model::decimal::Decimal;
use engine::model::{Day, Symbol};

use crate::binary::Place;
use crate::textbook::at;

/// Server time, close as traded, close as published.
const CHECKS: [(&str, f64, f64); 3] = [
    ("2025-11-25 23:39", 62.547, 61.497),
    ("2025-12-23 20:10", 62.27, 61.83),
    ("2025-12-24 03:00", 61.922, 61.922),
];

#[test]
fn closes_of_brent_are_those_published() {
    let place = Place::new(&["BRENT.CMD-USD"], "");
    let symbol: Symbol = "BRENT.CMD-USD".parse().expect("a symbol");
    for (time, close, _) in CHECKS {
        let (time_ms, units) = (at(time), (close * 1000.0).round() as i64);
        // The day's other minute has another price, so that highs and lows are adjusted, too.
        let candle = |back: i64, units: i64| Candle {
            time_ms: time_ms - back * 60_000,
            units: [units, units + 15, units - 20, units],
            volume: 1.5,
        };
        let candles = [candle(1, units + 3), candle(0, units)];
        let day = Day::of_ms(time_ms);
        let payload = encode(day.start_ms(), Decimal { mantissa: 1, exponent: -3 }, &candles);
        place.lake().write_finished(&symbol, day, payload.as_bytes()).expect("written");
    }
    place.ends(&["rebuild", "full", "--quiet"], &[0]);
    let calendar = "date,gap\n2025-11-25,-0.61\n2025-12-23,-0.44\n";
    place.lake().write_rollover(&symbol, calendar).expect("written");

    for (time, traded, published) in CHECKS {
        let until = format!("{}:59", time);
        for (modifier, timeframe, expected) in
            [("", "1m", traded), (":panama", "1m", published), (":panama", "1h", published)]
        {
            let select = format!("BRENT.CMD-USD{modifier}/{timeframe}");
            let words =
                ["query", &select, "--until", &until, "--order", "desc", "--limit", "1", "--format", "csv"];
            let output = place.ends(&words, &[0]);
            let text = String::from_utf8(output.stdout).expect("text");
            let row: Vec<&str> = text.lines().nth(1).expect("a bar").split(',').collect();
            assert_eq!(row[7].parse(), Ok(expected), "{select} {time}: {text}");
            if timeframe == "1m" {
                assert_eq!(&row[2][..16], time, "{text}");
                let number = |place: usize| row[place].parse::<f64>().expect("a number");
                assert!((number(5) - expected - 0.015).abs() < 1e-9, "high: {text}");
                assert!((number(6) - expected + 0.02).abs() < 1e-9, "low: {text}");
            }
        }
    }
}
