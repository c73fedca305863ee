//! The payload of one symbol and one UTC day, read and written; and the list of rolls.
//! Comes in: bytes as received, or candles. Goes out: checked candles in exact integers, or bytes as the feed writes them.
//! May touch: `model`.
//! Never: trusts a byte, allocates more than the input's size asks for, or looks at what a price means.

mod refusal;
pub use refusal::Refusal;

mod payload;
pub use payload::{Candles, Payload};

mod object;

mod arrays;

mod encode;
pub use encode::{Candle, encode};

mod rolls;
pub use rolls::{CALLBACK, NotRolls, Rolls};

/// Reads a payload into buffers that are used again: no allocation once they have grown to a day's size.
///
/// What is left in `into` after an error has no meaning. Errors: everything that makes the bytes no payload;
/// whether the candles make sense for a day is asked with [`Payload::check`].
pub fn parse(bytes: &[u8], into: &mut Payload) -> Result<(), Refusal> {
    object::read(bytes, into)
}
