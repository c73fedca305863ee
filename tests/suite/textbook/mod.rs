//! The contract once more, slowly: SPEC 4 to 7 written down a second time from its text, to hold the engine to.
//! Comes in: settings, candles, rows. Goes out: the bars the contract asks for.
//! May touch: chrono, and the plain types of `model`; none of the engine's clocks, grids or folds.
//! Never: hurries.

pub mod clock;
pub mod fold;
pub mod grid;
pub mod lines;
pub mod post;
pub mod series;
pub mod world;

/// A reproducible source of whole numbers (splitmix64), so that a test's data come from one seed.
#[derive(Clone, Debug)]
pub struct Dice(pub u64);

impl Dice {
    /// The next 64 bits.
    pub fn roll(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    /// A number from 0 to `n - 1`.
    pub fn below(&mut self, n: u64) -> u64 {
        self.roll() % n
    }

    /// One of these.
    pub fn pick<'a, T>(&mut self, items: &'a [T]) -> &'a T {
        &items[self.below(items.len() as u64) as usize]
    }

    /// True once in `n`.
    pub fn once_in(&mut self, n: u64) -> bool {
        self.below(n) == 0
    }

    /// Mixes the order.
    pub fn shuffle<T>(&mut self, items: &mut [T]) {
        for i in (1..items.len()).rev() {
            items.swap(i, self.below(i as u64 + 1) as usize);
        }
    }
}

/// An instant written as `YYYY-MM-DD HH:MM[:SS]`, in milliseconds of whatever clock is meant.
pub fn at(text: &str) -> i64 {
    let long = if text.len() == 10 { format!("{text} 00:00:00") } else { text.to_owned() };
    let long = if long.len() == 16 { format!("{long}:00") } else { long };
    let time = chrono::NaiveDateTime::parse_from_str(&long, "%Y-%m-%d %H:%M:%S").expect("a test's own date");
    time.and_utc().timestamp_millis()
}

/// The other way round, for messages.
pub fn text(time_ms: i64) -> String {
    let time = chrono::DateTime::from_timestamp_millis(time_ms).expect("a time within chrono's reach");
    time.format("%Y-%m-%d %H:%M:%S").to_string()
}
