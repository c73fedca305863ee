//! The six arrays as the feed writes them, without spaces and with short numbers: most bytes of a payload.
//!
//! What makes reading numbers slow is that nobody can foresee where one ends. Here the ends of all numbers in 64 bytes
//! are found at once, each number is then read without a branch from the eight bytes before its end, and what does not
//! fit the pattern is only remembered. After the block one look decides; an array with anything unusual in it is read
//! again, from its start, by the general scanner.

use crate::model::decimal::{JsonNumber, POWERS_OF_TEN};

const BLOCK: usize = 64;

/// The eight bytes before a block, then the block. The bytes before the first number's eight are the array's own key.
type Window = [u8; 8 + BLOCK];

/// Where an array ends, and a bound for what was in it.
pub(super) struct Tight {
    /// The byte after `]`.
    pub end: usize,
    /// The bitwise or of the sizes of all values.
    pub magnitude: u64,
}

/// Reads an array of integers whose `[` is before `start`; `None` when anything in it is unusual.
pub(super) fn tight_integers(bytes: &[u8], start: usize, out: &mut Vec<i64>) -> Option<Tight> {
    let mut at = start;
    let mut magnitude = 0;
    loop {
        let mut padded = [0; 8 + BLOCK];
        let window = window(bytes, at, &mut padded)?;
        // Most candles follow each other minute by minute.
        if window[8..] == ONES {
            out.extend_from_slice(&[1; BLOCK / 2]);
            magnitude |= 1;
            at += BLOCK;
            continue;
        }
        let block = integers(window, out)?;
        magnitude |= block.magnitude;
        at += block.used;
        if block.closed {
            return Some(Tight { end: at, magnitude });
        }
    }
}

/// Reads an array of decimals whose `[` is before `start`; `None` when it is not tight or holds what is no number.
pub(super) fn tight_decimals(bytes: &[u8], start: usize, out: &mut Vec<f64>) -> Option<usize> {
    let mut at = start;
    loop {
        let mut padded = [0; 8 + BLOCK];
        let block = decimals(window(bytes, at, &mut padded)?, out)?;
        at += block.used;
        if block.closed {
            return Some(at);
        }
    }
}

const ONES: [u8; BLOCK] = {
    let mut ones = [b','; BLOCK];
    let mut i = 0;
    while i < BLOCK {
        ones[i] = b'1';
        i += 2;
    }
    ones
};

/// What one block held: whole numbers up to `used`, where the next block begins.
struct Block {
    used: usize,
    closed: bool,
    magnitude: u64,
}

/// The window whose block begins at `at`; at the end of the input, filled up with zeros.
#[inline]
fn window<'a>(bytes: &'a [u8], at: usize, padded: &'a mut Window) -> Option<&'a Window> {
    let from = at.checked_sub(8)?;
    if let Some(window) = bytes.get(from..at + BLOCK) {
        return window.try_into().ok();
    }
    let rest = bytes.get(from..)?;
    padded[..rest.len()].copy_from_slice(rest);
    Some(padded)
}

const ZEROS: u64 = 0x3030_3030_3030_3030;

/// The smallest number that is written with so many digits; none is written with 0 or with more than 8.
const SMALLEST: [u64; 10] = [u64::MAX, 0, 10, 100, 1_000, 10_000, 100_000, 1_000_000, 10_000_000, u64::MAX];

#[inline]
fn integers(window: &Window, out: &mut Vec<i64>) -> Option<Block> {
    let (mut ends, closed) = ends(window)?;
    let mut values = [0i64; BLOCK];
    let (mut count, mut start, mut unusual, mut magnitude) = (0, 0, 0u64, 0u64);
    while ends != 0 {
        let end = ends.trailing_zeros() as usize;
        ends &= ends - 1;
        let negative = u64::from(window[8 + start] == b'-');
        let digits = end.wrapping_sub(start + negative as usize);
        let value = kept(word_before(window, end), digits);
        unusual |= not_digits(value);
        let size = eight_digits(value);
        unusual |= u64::from(size < SMALLEST[digits.min(9)]);
        magnitude |= size;
        values[count % BLOCK] = (size ^ negative.wrapping_neg()).wrapping_add(negative) as i64;
        count += 1;
        start = end + 1;
    }
    if unusual != 0 {
        return None;
    }
    out.extend_from_slice(&values[..count.min(BLOCK)]);
    Some(Block { used: start, closed, magnitude })
}

#[inline]
fn decimals(window: &Window, out: &mut Vec<f64>) -> Option<Block> {
    let (mut ends, closed) = ends(window)?;
    let mut values = [0f64; BLOCK];
    let (mut count, mut start) = (0, 0);
    while ends != 0 {
        let end = ends.trailing_zeros() as usize;
        ends &= ends - 1;
        values[count % BLOCK] = match short_decimal(word_before(window, end), end - start) {
            Some(value) => value,
            None => any_number(&window[8 + start..8 + end])?,
        };
        count += 1;
        start = end + 1;
    }
    out.extend_from_slice(&values[..count.min(BLOCK)]);
    Some(Block { used: start, closed, magnitude: 0 })
}

/// `12.34`, at most eight bytes, which end with `word`; `None` for anything else.
#[inline]
fn short_decimal(word: u64, len: usize) -> Option<f64> {
    const POINTS: u64 = 0x1e1e_1e1e_1e1e_1e1e;
    const LOWEST: u64 = 0x0101_0101_0101_0101;
    let value = kept(word, len);
    let points = value ^ POINTS;
    // The lowest bit of this is the first point; bits above it may be false, and a second point is no digit.
    let found = points.wrapping_sub(LOWEST) & !points & (LOWEST << 7);
    let point = found & found.wrapping_neg();
    let below = (point >> 7).wrapping_sub(1);
    let upto = (point << 1).wrapping_sub(1);
    // The digits before the point move up by its place.
    let digits = (value & !upto) | ((value & below) << 8);
    let places = 7usize.wrapping_sub(found.trailing_zeros() as usize / 8) % 8;
    let whole = len.wrapping_sub(places + 1);
    let number = eight_digits(digits);
    // A first digit of zero must be the only one before the point.
    let smallest = if whole > 1 { SMALLEST[len.wrapping_sub(1).min(9)] } else { 0 };
    let sound = (len <= 8)
        & (found != 0)
        & (places > 0)
        & (whole.wrapping_sub(1) < 8)
        & (not_digits(digits) == 0)
        & (number >= smallest);
    sound.then(|| number as f64 / POWERS_OF_TEN[places])
}

/// A number in any notation, which must fill the text.
fn any_number(text: &[u8]) -> Option<f64> {
    let number = JsonNumber::prefix_of(text)?;
    (number.len == text.len()).then(|| number.to_f64(text))
}

/// The eight bytes before `end` of the block, as a little-endian word of digits: the last one is the highest byte.
#[inline]
fn word_before(window: &Window, end: usize) -> u64 {
    let bytes = window[end..end + 8].try_into().expect("a slice of eight bytes");
    u64::from_le_bytes(bytes) ^ ZEROS
}

/// The last `len` bytes of the word; the others become zeros, which before a number mean nothing.
#[inline]
fn kept(word: u64, len: usize) -> u64 {
    let shift = 64usize.wrapping_sub(8 * len) as u32 % 64;
    word >> shift << shift
}

/// Not 0 when some byte is above 9.
#[inline]
fn not_digits(word: u64) -> u64 {
    (word.wrapping_add(0x7676_7676_7676_7676) | word) & 0x8080_8080_8080_8080
}

/// Eight digits, the first in the lowest byte, as a number: pairs, then fours, then all.
#[inline]
fn eight_digits(word: u64) -> u64 {
    let pairs = (word.wrapping_mul(2561) >> 8) & 0x00ff_00ff_00ff_00ff;
    let fours = (pairs.wrapping_mul(6_553_601) >> 16) & 0x0000_ffff_0000_ffff;
    fours.wrapping_mul(42_949_672_960_001) >> 32
}

/// Bit i is set where byte i of the block ends a number, up to the array's end; and whether the array ends here.
/// `None` when no number ends in the block.
#[inline]
fn ends(window: &Window) -> Option<(u64, bool)> {
    let block: &[u8; BLOCK] = window[8..].try_into().expect("a window is eight bytes and a block");
    let (commas, closing) = separators(block);
    // All bits up to and including the first bracket; all there are when there is none.
    let inside = closing ^ closing.wrapping_sub(1);
    let ends = (commas | closing) & inside;
    (ends != 0).then_some((ends, closing != 0))
}

/// Where commas and closing brackets are, one bit for each byte; eight bytes at a time, on any processor.
#[inline]
fn separators(block: &[u8; BLOCK]) -> (u64, u64) {
    let (mut commas, mut closing) = (0, 0);
    for (i, bytes) in block.as_chunks::<8>().0.iter().enumerate() {
        let word = u64::from_le_bytes(*bytes);
        commas |= equal_bytes(word, b',') << (8 * i);
        closing |= equal_bytes(word, b']') << (8 * i);
    }
    (commas, closing)
}

/// One bit for each byte of the word that equals `byte`.
#[inline]
fn equal_bytes(word: u64, byte: u8) -> u64 {
    const LOW_BITS: u64 = 0x7f7f_7f7f_7f7f_7f7f;
    let differs = word ^ (u64::from(byte) * 0x0101_0101_0101_0101);
    let equal = !(((differs & LOW_BITS) + LOW_BITS) | differs | LOW_BITS);
    (equal >> 7).wrapping_mul(0x0102_0408_1020_4080) >> 56
}
