//! Numbers that look random and are the same everywhere: hashes of a seed, and arithmetic whose last bit no platform changes.

/// The increment of splitmix64 (Steele, Lea, Flood 2014): the odd number nearest to 2^64 divided by the golden ratio.
const GOLDEN: u64 = 0x9E37_79B9_7F4A_7C15;

/// The finaliser of splitmix64: every bit of the input moves about half of the output's.
pub const fn mix(number: u64) -> u64 {
    let mut z = number.wrapping_add(GOLDEN);
    z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    z ^ (z >> 31)
}

/// A key for one text and one purpose, from a seed.
pub fn key(seed: u64, text: &str, purpose: &str) -> u64 {
    let fold = |start: u64, text: &str| text.bytes().fold(mix(start), |sum, byte| mix(sum ^ u64::from(byte)));
    fold(fold(seed, purpose), text)
}

/// A number in 0.0 up to, not including, 1.0 from the upper 53 bits.
pub fn fraction(bits: u64) -> f64 {
    (bits >> 11) as f64 / (1_u64 << 53) as f64
}

/// About a normal number, mean 0 and deviation 1, never beyond 3.5: four 16-bit uniforms added up.
pub fn bell(bits: u64) -> f64 {
    let field = |shift: u32| (bits >> shift & 0xFFFF) as f64;
    // Four fields have mean 2 * 65535 and variance 4 / 12 of 65536 squared.
    (field(0) + field(16) + field(32) + field(48) - 131_070.0) / 65_536.0 * 1.732_050_807_568_877_2
}

/// A stream of bits from a key.
pub struct Dice(u64);

impl Dice {
    /// The stream of a key.
    pub fn new(key: u64) -> Dice {
        Dice(key)
    }

    /// The next 64 bits.
    pub fn roll(&mut self) -> u64 {
        let bits = mix(self.0);
        self.0 = self.0.wrapping_add(GOLDEN);
        bits
    }
}

/// The walk returns to where it began every 2^16 steps, so that a price keeps its order of magnitude.
const LEVELS: u32 = 16;

/// A Brownian walk with deviation 1 per step, known at every step without walking there.
///
/// Lévy's construction: a hat over every dyadic interval, its height the displacement of the interval's middle.
pub fn wander(key: u64, step: u64) -> f64 {
    let hat = |level: u32| {
        let span = 1_u64 << level;
        let at = (step & (span - 1)) as f64 / span as f64;
        let height = (span as f64).sqrt() / 2.0;
        let chance = bell(mix(key ^ mix(u64::from(level) << 48 ^ step >> level)));
        (1.0 - (2.0 * at - 1.0).abs()) * height * chance
    };
    (1..=LEVELS).map(hat).sum()
}

/// The exponential function out of additions and multiplications only, for |x| below 300, to about 1e-15.
pub fn exp(x: f64) -> f64 {
    let doublings = (x / std::f64::consts::LN_2).round();
    let rest = x - doublings * std::f64::consts::LN_2;
    // Taylor by Horner: the rest is at most 0.35, its 17th power is below the last bit.
    let series = (1..=17).rev().fold(1.0, |sum, n| 1.0 + sum * rest / f64::from(n));
    let power = f64::from_bits(((1023 + doublings as i64) as u64) << 52);
    series * power
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn exp_is_the_exponential_function() {
        for i in -400..=400 {
            let x = f64::from(i) / 40.0;
            assert!((exp(x) / x.exp() - 1.0).abs() < 1e-13, "{x}");
        }
    }

    #[test]
    fn the_walk_has_the_deviation_of_a_brownian_one() {
        let steps: Vec<f64> = (0..20_000).map(|t| wander(7, t + 1) - wander(7, t)).collect();
        let variance = steps.iter().map(|s| s * s).sum::<f64>() / steps.len() as f64;
        assert!((0.9..1.1).contains(&variance), "{variance}");
        let weekly: f64 =
            (0..4_000).map(|w| wander(7, w * 16 + 16) - wander(7, w * 16)).map(|s| s * s).sum::<f64>()
                / 4_000.0;
        assert!((14.0..18.0).contains(&weekly), "{weekly}");
    }

    #[test]
    fn bell_has_mean_nought_and_deviation_one() {
        let mut dice = Dice::new(3);
        let draws: Vec<f64> = (0..50_000).map(|_| bell(dice.roll())).collect();
        let mean = draws.iter().sum::<f64>() / draws.len() as f64;
        let variance = draws.iter().map(|d| d * d).sum::<f64>() / draws.len() as f64;
        assert!(mean.abs() < 0.02 && (variance - 1.0).abs() < 0.03, "{mean} {variance}");
    }
}
