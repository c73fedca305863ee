//! Which bit has flipped: a checksum that no longer fits tells it, as long as it was one bit only.
//!
//! A CRC is linear: one flipped bit changes it by an amount that depends on the bit's distance from the end alone, and
//! within 2^31 bits no two places change it by the same amount (CRC-32C has a Hamming distance of 4 and more there, of 6
//! within the 480 bits of a record). So a stored checksum and the bytes it belongs to name the bit between them.

use bytemuck::Pod;

/// The polynomial of CRC-32C, bits reversed as the algorithm shifts them.
const POLYNOMIAL: u32 = 0x82F6_3B78;

/// Longer files are not searched: beyond it the checksum could not tell two bits apart.
const BYTES_MAX: usize = 1 << 27;

/// Where the one flipped bit is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Flipped {
    /// In the bytes: the index counted from the first byte's lowest bit.
    Bit(usize),
    /// In the checksum itself.
    Checksum,
}

/// The one bit by which bytes and their stored checksum disagree; none when they agree, or when more than one bit is
/// wrong.
pub fn flipped_bit(bytes: &[u8], stored: u32) -> Option<Flipped> {
    let wrong_by = crc32c::crc32c(bytes) ^ stored;
    match wrong_by.count_ones() {
        0 => return None,
        1 => return Some(Flipped::Checksum),
        _ if bytes.len() > BYTES_MAX => return None,
        _ => {}
    }
    let mut change = POLYNOMIAL;
    for bit in (0..8 * bytes.len()).rev() {
        if change == wrong_by {
            return Some(Flipped::Bit(bit));
        }
        change = (change >> 1) ^ (POLYNOMIAL & (change & 1).wrapping_neg());
    }
    None
}

/// The value as it was before one of its bits flipped, when its last four bytes are the checksum of the others.
pub fn unflipped<T: Pod>(value: &T) -> Option<T> {
    let mut whole = *value;
    let bytes = bytemuck::bytes_of_mut(&mut whole);
    let (body, checksum) = bytes.split_at_mut(size_of::<T>() - 4);
    let stored = u32::from_le_bytes([checksum[0], checksum[1], checksum[2], checksum[3]]);
    match flipped_bit(body, stored)? {
        Flipped::Bit(bit) => body[bit / 8] ^= 1 << (bit % 8),
        Flipped::Checksum => checksum.copy_from_slice(&crc32c::crc32c(body).to_le_bytes()),
    }
    Some(whole)
}
