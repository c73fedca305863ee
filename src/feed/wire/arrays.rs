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
    let mut padded = [0; 8 + BLOCK];
    let mut values = [0; BLOCK];
    loop {
        let window = window(bytes, at, &mut padded)?;
        // Most candles follow each other minute by minute.
        if window[8..16] == ONES[..8] && window[8..] == ONES {
            out.extend_from_slice(&[1; BLOCK / 2]);
            magnitude |= 1;
            at += BLOCK;
            continue;
        }
        let (ends, closed) = ends(window)?;
        let block = integers(window, ends, &mut values)?;
        out.extend_from_slice(&values[..block.count.min(BLOCK)]);
        magnitude |= block.magnitude;
        at += block.used;
        if closed {
            return Some(Tight { end: at, magnitude });
        }
    }
}

/// Reads an array of decimals whose `[` is before `start`; `None` when it is not tight or holds what is no number.
pub(super) fn tight_decimals(bytes: &[u8], start: usize, out: &mut Vec<f64>) -> Option<usize> {
    let mut at = start;
    let mut padded = [0; 8 + BLOCK];
    let mut values = [0.0; BLOCK];
    loop {
        let window = window(bytes, at, &mut padded)?;
        let (ends, closed) = ends(window)?;
        let block = decimals(window, ends, &mut values)?;
        out.extend_from_slice(&values[..block.count.min(BLOCK)]);
        at += block.used;
        if closed {
            return Some(at);
        }
    }
}

/// The beginning of most `times`: one after the other.
const ONES: [u8; BLOCK] = {
    let mut ones = [b','; BLOCK];
    let mut i = 0;
    while i < BLOCK {
        ones[i] = b'1';
        i += 2;
    }
    ones
};

/// What one block held: `count` whole numbers up to `used`, where the next block begins.
struct Block {
    count: usize,
    used: usize,
    magnitude: u64,
}

/// The window whose block begins at `at`; at the end of the input, filled up with zeros.
#[inline(always)]
fn window<'a>(bytes: &'a [u8], at: usize, padded: &'a mut Window) -> Option<&'a Window> {
    let from = at.checked_sub(8)?;
    if let Some(window) = bytes.get(from..at + BLOCK) {
        return window.try_into().ok();
    }
    let rest = bytes.get(from..)?;
    *padded = [0; 8 + BLOCK];
    padded[..rest.len()].copy_from_slice(rest);
    Some(padded)
}

/// The smallest number that is written with so many digits; none is written with 0 or with more than 8.
const SMALLEST: [u32; 10] = [u32::MAX, 0, 10, 100, 1_000, 10_000, 100_000, 1_000_000, 10_000_000, u32::MAX];

#[inline(always)]
fn integers(window: &Window, mut ends: u64, values: &mut [i64; BLOCK]) -> Option<Block> {
    let (mut count, mut start, mut unusual, mut magnitude) = (0, 0, 0u32, 0u32);
    while ends != 0 {
        let end = ends.trailing_zeros() as usize;
        ends &= ends - 1;
        let negative = window[8 + start % BLOCK] == b'-';
        let digits = end.wrapping_sub(start + usize::from(negative));
        // Short enough for 32-bit arithmetic, as almost all are.
        let size = if digits <= 4 {
            let word = quad_before(window, end) & QUADS_KEPT[digits];
            unusual |= word.wrapping_add(0x7676_7676) | word;
            four_digits(word)
        } else {
            let word = kept(word_before(window, end), digits);
            unusual |= if not_digits(word) == 0 { 0 } else { HIGH_BITS };
            eight_digits(word) as u32
        };
        unusual |= if size < SMALLEST[digits.min(9)] { HIGH_BITS } else { 0 };
        magnitude |= size;
        let value = i64::from(size);
        values[count % BLOCK] = if negative { -value } else { value };
        count += 1;
        start = end + 1;
    }
    (unusual & HIGH_BITS == 0).then_some(Block { count, used: start, magnitude: u64::from(magnitude) })
}

#[inline(always)]
fn decimals(window: &Window, mut ends: u64, values: &mut [f64; BLOCK]) -> Option<Block> {
    let (mut count, mut start) = (0, 0);
    while ends != 0 {
        let end = ends.trailing_zeros() as usize;
        ends &= ends - 1;
        values[count % BLOCK] = match short_decimal(window, start, end) {
            Some(value) => value,
            None => any_number(&window[8 + start..8 + end])?,
        };
        count += 1;
        start = end + 1;
    }
    Some(Block { count, used: start, magnitude: 0 })
}

/// `12.34` or `2.42E-4`, at most eight bytes of digits and point; `None` for anything else.
#[inline(always)]
fn short_decimal(window: &Window, start: usize, mut end: usize) -> Option<f64> {
    let mut places = 0;
    // The byte three before the end; of the numbers before this one if there are not so many, which is caught below.
    if window[end + 5] == b'E' {
        let digit = window[end + 7].wrapping_sub(b'0');
        if window[end + 6] != b'-' || digit > 9 || end < start + 3 {
            return None;
        }
        places = usize::from(digit);
        end -= 3;
    }
    let (number, written) = pointed(word_before(window, end), end - start)?;
    places += written;
    Some(f64::from(number) / POWERS_OF_TEN[places % 16])
}

/// The digits of `12.34`, which are the last `len` bytes of the word, and how many of them follow the point.
#[inline(always)]
fn pointed(word: u64, len: usize) -> Option<(u32, usize)> {
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
    let number = eight_digits(digits) as u32;
    // A first digit of zero must be the only one before the point.
    let smallest = if whole > 1 { SMALLEST[len.wrapping_sub(1).min(9)] } else { 0 };
    let sound = (len <= 8)
        & (found != 0)
        & (places > 0)
        & (whole.wrapping_sub(1) < 8)
        & (not_digits(digits) == 0)
        & (number >= smallest);
    sound.then_some((number, places))
}

/// A number in any notation, which must fill the text.
fn any_number(text: &[u8]) -> Option<f64> {
    let number = JsonNumber::prefix_of(text)?;
    (number.len == text.len()).then(|| number.to_f64(text))
}

/// The eight bytes before `end` of the block, as a little-endian word of digits: the last one is the highest byte.
#[inline(always)]
fn word_before(window: &Window, end: usize) -> u64 {
    let bytes = window[end..end + 8].try_into().expect("a slice of eight bytes");
    u64::from_le_bytes(bytes) ^ 0x3030_3030_3030_3030
}

/// The four bytes before `end`, likewise.
#[inline(always)]
fn quad_before(window: &Window, end: usize) -> u32 {
    let bytes = window[end + 4..end + 8].try_into().expect("a slice of four bytes");
    u32::from_le_bytes(bytes) ^ 0x3030_3030
}

/// The last so many bytes of four.
const QUADS_KEPT: [u32; 5] = [0, 0xff00_0000, 0xffff_0000, 0xffff_ff00, 0xffff_ffff];

/// Set in each byte that is no digit.
const HIGH_BITS: u32 = 0x8080_8080;

/// The last `len` bytes of the word; the others become zeros, which before a number mean nothing.
#[inline(always)]
fn kept(word: u64, len: usize) -> u64 {
    let shift = 64usize.wrapping_sub(8 * len) as u32 % 64;
    word >> shift << shift
}

/// Not 0 when some byte is above 9.
#[inline(always)]
fn not_digits(word: u64) -> u64 {
    (word.wrapping_add(0x7676_7676_7676_7676) | word) & 0x8080_8080_8080_8080
}

/// Four digits, the first in the lowest byte, as a number: pairs, then all.
#[inline(always)]
fn four_digits(word: u32) -> u32 {
    let pairs = (word.wrapping_mul(2561) >> 8) & 0x00ff_00ff;
    pairs.wrapping_mul(6_553_601) >> 16
}

/// Eight digits, the first in the lowest byte, as a number: pairs, then fours, then all.
#[inline(always)]
fn eight_digits(word: u64) -> u64 {
    let pairs = (word.wrapping_mul(2561) >> 8) & 0x00ff_00ff_00ff_00ff;
    let fours = (pairs.wrapping_mul(6_553_601) >> 16) & 0x0000_ffff_0000_ffff;
    fours.wrapping_mul(42_949_672_960_001) >> 32
}

/// Bit i is set where byte i of the block ends a number, up to the array's end; and whether the array ends here.
/// `None` when no number ends in the block.
#[inline(always)]
fn ends(window: &Window) -> Option<(u64, bool)> {
    let (words, _) = window[8..].as_chunks::<8>();
    let words: [u64; BLOCK / 8] = std::array::from_fn(|i| u64::from_le_bytes(words[i]));
    // No byte of a number or comma has one of these two bits, an exponent's letter aside.
    let plain = words.iter().fold(0, |any, word| any | word) & 0xc0c0_c0c0_c0c0_c0c0 == 0;
    let (commas, closing) = if plain { (plain_commas(&words), 0) } else { separators(&words) };
    // All bits up to and including the first bracket; all there are when there is none.
    let inside = closing ^ closing.wrapping_sub(1);
    let ends = (commas | closing) & inside;
    (ends != 0).then_some((ends, closing != 0))
}

const LOW_BITS: u64 = 0x7f7f_7f7f_7f7f_7f7f;

/// Where commas are among bytes below 64, one bit for each byte.
#[inline(always)]
fn plain_commas(words: &[u64; BLOCK / 8]) -> u64 {
    let mut commas = 0;
    for (i, word) in words.iter().enumerate() {
        let differs = word ^ 0x2c2c_2c2c_2c2c_2c2c;
        commas |= highest_bits(!(differs + LOW_BITS)) << (8 * i);
    }
    commas
}

/// Where commas and closing brackets are among any bytes.
fn separators(words: &[u64; BLOCK / 8]) -> (u64, u64) {
    let equal = |word: u64, byte: u64| {
        let differs = word ^ (byte * 0x0101_0101_0101_0101);
        highest_bits(!(((differs & LOW_BITS) + LOW_BITS) | differs))
    };
    words.iter().enumerate().fold((0, 0), |(commas, closing), (i, word)| {
        (commas | equal(*word, 0x2c) << (8 * i), closing | equal(*word, 0x5d) << (8 * i))
    })
}

/// The highest bit of each byte, side by side: the product brings bit 8i + 7 to bit 56 + i.
#[inline(always)]
fn highest_bits(word: u64) -> u64 {
    (word & !LOW_BITS).wrapping_mul(0x0002_0408_1020_4081) >> 56
}
