//! Bars as they are listed, against a walk over every minute with the textbook's grids.

use std::collections::BTreeMap;

use engine::model::timeframe::Side;
use engine::model::{Symbol, TimeframeSpec};

use super::*;
use crate::textbook::clock::{Kind, TextClock};
use crate::textbook::grid::TextLattice;

/// Days in which some clock changes, and the days around them.
const SPANS: [(&str, &str); 4] = [
    ("2024-03-08", "2024-03-13"),
    ("2024-04-05", "2024-04-09"),
    ("2024-10-04", "2024-10-08"),
    ("2024-11-01", "2024-11-06"),
];

/// Label -> end and number of minutes, of every row that the span's minutes can be.
fn walked(
    settings: &Settings,
    symbol: &Symbol,
    spec: &TimeframeSpec,
    from: i64,
    until: i64,
) -> BTreeMap<i64, (i64, i64)> {
    let server = TextClock::of_symbol(symbol, &settings.transform);
    let own = settings.resample.symbols.get(symbol);
    let exchange = own.and_then(|own| own.timezone).map(|zone| TextClock::new(Kind::Zone(zone)));
    let sessions = own.map_or(&[][..], |own| &own.sessions);
    let lattice = TextLattice::new(spec, sessions, exchange.as_ref(), &server);
    let mut bars = BTreeMap::new();
    for time_ms in (from..until).step_by(MINUTE as usize) {
        let place = lattice.place(time_ms, server.offset_ms(time_ms) / 1000);
        bars.entry(place.label_ms).or_insert((place.end_ms, 0)).1 += 1;
    }
    bars
}

fn assert_listed(settings: &Settings, symbol: &Symbol, id: &str) {
    let cascade = Cascade::new(symbol, settings).unwrap();
    let step = cascade.step(&id.parse().unwrap()).unwrap();
    let lattice = &step.recipe.lattice;
    for (from, until) in SPANS.map(|(from, until)| (at(from), at(until))) {
        let mut listed: BTreeMap<i64, i64> = BTreeMap::new();
        for grid in 0..lattice.grids().len() {
            let slots: Vec<Slot> = lattice.slots(grid, from, until).collect();
            for pair in slots.windows(2) {
                assert_eq!(pair[0].end, pair[1].start, "{symbol} {id}: without gap");
                assert!(pair[0].label.time_ms < pair[1].label.time_ms, "{symbol} {id}");
            }
            for slot in slots {
                let named = if step.spec.label == Side::Left { slot.start } else { slot.end };
                assert_eq!(slot.label, named, "{symbol} {id}");
                *listed.entry(slot.label.time_ms).or_default() += slot.own_minutes;
            }
        }
        for (label, (_, minutes)) in walked(settings, symbol, &step.spec, from, until) {
            let own = listed.get(&label).copied().unwrap_or_default();
            assert!(own >= minutes, "{symbol} {id} {}: {own} of {minutes} minutes", text(label));
        }
        // Bars whole inside the span have all their minutes in it.
        let (inner, outer) = (walked(settings, symbol, &step.spec, from, until), from + DAY..until - DAY);
        for (label, own) in listed.into_iter().filter(|(label, _)| outer.contains(label)) {
            let minutes = inner.get(&label).map_or(0, |bar| bar.1);
            assert_eq!(own, minutes, "{symbol} {id} {}", text(label));
        }
    }
}

#[test]
fn listed_bars_are_those_a_walk_over_all_minutes_finds() {
    let settings = shipped();
    for name in ["EUR-USD", "DEU.IDX-EUR", "AUS.IDX-AUD", "SGD.IDX-SGD", "HKG.IDX-HKD", "CHI.IDX-USD"] {
        for id in ["15m", "1h", "4h", "1d"] {
            assert_listed(&settings, &name.parse().unwrap(), id);
        }
    }
}

#[test]
fn bars_named_or_closed_on_the_right_are_listed_as_well() {
    for (label, closed) in [(Side::Right, Side::Left), (Side::Left, Side::Right), (Side::Right, Side::Right)]
    {
        let mut settings = shipped();
        let symbol: Symbol = "AUS.IDX-AUD".parse().unwrap();
        for spec in &mut settings.resample.timeframes {
            (spec.label, spec.closed) = (label, closed);
        }
        for id in ["1h", "4h", "1d"] {
            assert_listed(&settings, &symbol, id);
        }
    }
}

#[test]
fn a_bar_over_a_clock_change_has_its_true_length() {
    let at_labels = |symbol: &str, session: Option<&str>, day: &str| -> Vec<(String, i64)> {
        let slots = slots(symbol, "4h", session, day, day);
        slots.iter().map(|slot| (text(slot.label.server_ms)[11..16].to_owned(), slot.minutes())).collect()
    };
    // New York changes at 07:00 and 06:00 UTC: at 09:00 of the server's clock.
    let spring = at_labels("EUR-USD", None, "2024-03-10");
    let lengths: Vec<i64> = spring.iter().map(|(_, minutes)| *minutes).collect();
    assert_eq!(lengths, [240, 240, 180, 240, 240, 240], "{spring:?}");
    let autumn = at_labels("EUR-USD", None, "2024-11-03");
    let lengths: Vec<i64> = autumn.iter().map(|(_, minutes)| *minutes).collect();
    assert_eq!(lengths, [240, 240, 300, 240, 240, 240], "{autumn:?}");
    // An exchange without summer time keeps its bars even, whatever the server does.
    for day in ["2024-03-10", "2024-11-03"] {
        let even = at_labels("SGD.IDX-SGD", Some("morning"), day);
        assert!(even.iter().all(|(_, minutes)| *minutes == 240), "{even:?}");
    }
    let days = slots("EUR-USD", "1d", None, "2024-03-09", "2024-03-11");
    assert_eq!(days.iter().map(Slot::minutes).collect::<Vec<_>>(), [1440, 1380, 1440]);
}
