//! The rules of single records, each broken by hand; and the bit that flipped.

use engine::audit::verify::Wrong;
use engine::audit::verify::records::{Fault, Law, all_intact, faults};
use engine::model::Bar;
use engine::model::clock::Clock;
use engine::model::flipped::{Flipped, flipped_bit};
use proptest::prelude::*;

use crate::textbook::world::MINUTE;

fn bar(minute: i64) -> Bar {
    Bar {
        time_ms: (1_704_067_200_000 + minute * MINUTE) as u64,
        open: 1.5,
        high: 2.0,
        low: 1.0,
        close: 1.25,
        volume: 3.0,
        utc_offset_s: 7200,
        count: 1,
        flags: 0,
        crc32c: 0,
    }
    .sealed()
}

fn found(bars: &[Bar]) -> Vec<Fault> {
    let server = Clock::fixed(7200);
    faults(bars, Law { minutes: true, server: Some(&server), rules: true }, &|_| {})
}

fn with(index: usize, change: impl FnOnce(&mut Bar)) -> Vec<Fault> {
    let mut bars: Vec<Bar> = (0..40_000).map(bar).collect();
    change(&mut bars[index]);
    bars[index] = bars[index].sealed();
    found(&bars)
}

#[test]
fn every_rule_of_a_record_is_seen() {
    let one = |wrong: Wrong| vec![Fault { first: 20_000, count: 1, wrong }];
    assert_eq!(with(20_000, |_| {}), []);
    assert_eq!(with(20_000, |bar| bar.count = 2), one(Wrong::Count));
    assert_eq!(with(20_000, |bar| bar.flags = 2), one(Wrong::Flags));
    assert_eq!(with(20_000, |bar| bar.flags = 1), []);
    assert_eq!(with(20_000, |bar| bar.time_ms += 1), one(Wrong::Label));
    assert_eq!(
        with(20_000, |bar| bar.utc_offset_s = 3600),
        one(Wrong::Offset { found: 3600, expected: 7200 })
    );
    assert_eq!(with(20_000, |bar| bar.high = 1.4), one(Wrong::Rules));
    assert_eq!(with(20_000, |bar| bar.low = 1.3), one(Wrong::Rules));
    assert_eq!(with(20_000, |bar| bar.close = f64::NAN), one(Wrong::Rules));
    assert_eq!(with(20_000, |bar| bar.high = f64::INFINITY), one(Wrong::Rules));
    assert_eq!(with(20_000, |bar| bar.volume = -1.0), one(Wrong::Rules));
    assert_eq!(
        with(20_000, |bar| (bar.volume, bar.flags) = (-1.0, 1)),
        [],
        "a bar that was let in on purpose carries the flag"
    );
    assert_eq!(with(20_000, |bar| bar.time_ms -= 120_000), one(Wrong::Order));
    assert_eq!(with(20_000, |bar| bar.time_ms -= 60_000), one(Wrong::Order), "twice the same time");
}

#[test]
fn order_is_seen_where_two_pieces_meet_and_a_damaged_time_blames_nobody_else() {
    for index in [16_383, 16_384, 16_385, 1, 39_999] {
        let order = with(index, |bar| bar.time_ms -= 60_000);
        assert_eq!(order, [Fault { first: index, count: 1, wrong: Wrong::Order }], "record {index}");
        let mut bars: Vec<Bar> = (0..40_000).map(bar).collect();
        bars[index].time_ms = u64::MAX;
        assert_eq!(
            found(&bars),
            [Fault { first: index, count: 1, wrong: Wrong::Checksum }],
            "record {index}"
        );
    }
}

#[test]
fn damage_in_a_row_is_one_fault_and_zeros_are_out_of_order() {
    let mut bars: Vec<Bar> = (0..40_000).map(bar).collect();
    bars[16_300..16_500].iter_mut().for_each(|bar| bar.close = 9.0);
    assert_eq!(found(&bars), [Fault { first: 16_300, count: 200, wrong: Wrong::Checksum }]);
    let mut bars: Vec<Bar> = (0..100).map(bar).collect();
    bars[10] = Bar::default();
    assert_eq!(found(&bars), [Fault { first: 10, count: 1, wrong: Wrong::Order }]);
    bars[10] = Bar { utc_offset_s: 0, count: 0, flags: 0, crc32c: 0, ..bar(10) };
    assert_eq!(found(&bars), [Fault { first: 10, count: 1, wrong: Wrong::Foreign }]);
}

#[test]
fn every_single_bit_of_a_record_is_told_and_turned_back() {
    let whole = bar(7);
    for bit in 0..512 {
        let mut bytes: [u8; 64] = bytemuck::cast(whole);
        bytes[bit / 8] ^= 1 << (bit % 8);
        let damaged: Bar = bytemuck::cast(bytes);
        assert!(!all_intact(&[damaged], None), "bit {bit}");
        assert_eq!(damaged.unflipped().map(bytemuck::cast::<_, [u8; 64]>), Some(bytemuck::cast(whole)));
    }
}

proptest! {
    #[test]
    fn a_flipped_bit_is_found_and_two_are_not_taken_for_one(
        bytes in proptest::collection::vec(any::<u8>(), 1..600),
        one in any::<prop::sample::Index>(),
        other in any::<prop::sample::Index>(),
    ) {
        let stored = crc32c::crc32c(&bytes);
        prop_assert_eq!(flipped_bit(&bytes, stored), None);
        let (one, other) = (one.index(8 * bytes.len()), other.index(8 * bytes.len()));
        let mut damaged = bytes.clone();
        damaged[one / 8] ^= 1 << (one % 8);
        prop_assert_eq!(flipped_bit(&damaged, stored), Some(Flipped::Bit(one)));
        if one != other {
            damaged[other / 8] ^= 1 << (other % 8);
            prop_assert_eq!(flipped_bit(&damaged, stored), None);
        }
    }
}
