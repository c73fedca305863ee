//! How long to wait before the next attempt.

use std::time::Duration;

/// The longest wait of our own choosing; a `Retry-After` may ask for more.
pub const BACKOFF_MAX: Duration = Duration::from_secs(60);

/// How much of a wait is left to chance, so that requests that failed together do not come back together.
const JITTER: f64 = 0.25;

/// The wait after the `attempt`-th attempt (1 is the first) failed: `backoff_factor * 2^(attempt-1)` seconds, up to a
/// quarter more by `random` (0 to 1), at most [`BACKOFF_MAX`]; never less than `retry_after`.
pub fn pause(attempt: u32, backoff_factor: f64, retry_after: Option<Duration>, random: f64) -> Duration {
    let doublings = attempt.saturating_sub(1).min(30);
    let seconds = backoff_factor.max(0.0) * f64::from(1u32 << doublings) * (1.0 + JITTER * random);
    let own = Duration::try_from_secs_f64(seconds).unwrap_or(BACKOFF_MAX).min(BACKOFF_MAX);
    own.max(retry_after.unwrap_or_default())
}

/// A number from 0 to 1 (excluded) that differs for every seed: splitmix64, S. Vigna, 2015.
pub fn random(seed: u64) -> f64 {
    let mut bits = seed.wrapping_add(0x9E37_79B9_7F4A_7C15);
    bits = (bits ^ (bits >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    bits = (bits ^ (bits >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    bits ^= bits >> 31;
    (bits >> 11) as f64 / (1u64 << 53) as f64
}
