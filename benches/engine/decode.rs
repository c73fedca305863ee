//! From payload bytes to day images, in memory.

use std::hint::black_box;
use std::rc::Rc;

use engine::feed::wire::{Payload, parse};
use engine::model::clock::Clock;
use engine::model::settings::Validate;
use engine::model::{Bar, Day};
use engine::transform::{DayRecipe, Scratch, image_of};

use super::measure::{Amount, Bench, Entry};
use super::payloads::DayPayload;
use super::textbook;

/// How far a payload is taken.
#[derive(Clone, Copy, PartialEq)]
enum Depth {
    /// The scanner alone.
    Scan,
    /// And its candles checked, in exact integers.
    Check,
    /// The whole image: prices, offsets, rounding, rules, records, checksums.
    Image,
}

struct Decode {
    payloads: Rc<[DayPayload]>,
    depth: Depth,
    repeats: usize,
    buffers: (Payload, Scratch, Vec<Bar>),
}

/// Scanner, candles and image over the same payloads, each so many times a round.
pub fn benches(what: &str, payloads: &[DayPayload], repeats: usize) -> Vec<Entry> {
    let all = payloads.iter().map(|(_, bytes)| textbook::bars_of(bytes));
    let (mut expected, mut candles) = (0, 0);
    for bars in all {
        expected = textbook::checksum(expected, &bars);
        candles += bars.len();
    }
    let bytes: usize = payloads.iter().map(|(_, bytes)| bytes.len()).sum();
    let count = |of: usize, unit| Amount { count: (of * repeats) as f64, unit };
    let payloads: Rc<[DayPayload]> = payloads.into();
    let entry = |(name, depth)| Entry {
        name: format!("decode/{what}: {name}"),
        amounts: vec![count(bytes, "MB"), count(candles, "M candles"), count(payloads.len(), "day-files")],
        expected,
        make: {
            let payloads = payloads.clone();
            Box::new(move || Box::new(Decode { payloads, depth, repeats, buffers: Default::default() }))
        },
    };
    [("scan", Depth::Scan), ("scan + check", Depth::Check), ("image_of", Depth::Image)].map(entry).into()
}

impl Bench for Decode {
    fn run(&mut self) {
        let clock = Clock::fixed(0);
        for _ in 0..self.repeats {
            for (day, bytes) in self.payloads.iter() {
                let (payload, scratch, bars) = &mut self.buffers;
                if self.depth == Depth::Image {
                    image(*day, bytes, &clock, scratch, bars);
                } else {
                    parse(black_box(bytes), payload).expect("the payloads are sound");
                    if self.depth == Depth::Check {
                        payload.check(*day, false).expect("the payloads are of their days");
                    }
                }
                black_box(&self.buffers);
            }
        }
    }

    /// Each depth is proven by the image that the same bytes come to in the end.
    fn answer(&mut self) -> u64 {
        let clock = Clock::fixed(0);
        let mut answer = 0;
        for (day, bytes) in self.payloads.iter() {
            let (_, scratch, bars) = &mut self.buffers;
            image(*day, bytes, &clock, scratch, bars);
            answer = textbook::checksum(answer, bars);
        }
        answer
    }
}

fn image(day: Day, bytes: &[u8], clock: &Clock, scratch: &mut Scratch, bars: &mut Vec<Bar>) {
    let recipe = DayRecipe { server: clock, post: &[], round_decimals: 8, validate: Validate::Quarantine };
    image_of(black_box(bytes), day, None, &recipe, scratch, bars).expect("the payloads are sound");
}
