//! The 64-byte record. The struct is the file format: `docs/FORMAT.md` is held to it by a test.

use bytemuck::{Pod, Zeroable};

/// Bytes of one record.
pub const BAR_SIZE: usize = size_of::<Bar>();

/// Flag bit 0: some contributing candle broke a soft rule.
pub const FLAG_SUSPECT: u32 = 1;

/// One interval of one symbol, exactly as it lies in a series file: 64 bytes, little endian, no gaps.
#[derive(Clone, Copy, Debug, Default, PartialEq, Pod, Zeroable)]
#[repr(C)]
pub struct Bar {
    /// UTC instant of the label, in milliseconds.
    pub time_ms: u64,
    /// First price.
    pub open: f64,
    /// Highest price.
    pub high: f64,
    /// Lowest price.
    pub low: f64,
    /// Last price.
    pub close: f64,
    /// Traded volume, in the feed's unit.
    pub volume: f64,
    /// Server clock minus UTC at the label, in seconds: the server label is `time_ms + 1000 * utc_offset_s`.
    pub utc_offset_s: i32,
    /// 1-minute candles folded into this bar; 1 in the 1m series.
    pub count: u32,
    /// Bit 0 is [`FLAG_SUSPECT`]; the other bits are 0.
    pub flags: u32,
    /// CRC-32C of the 60 bytes before it.
    pub crc32c: u32,
}

impl Bar {
    /// The label as the server's clock shows it, in milliseconds of that clock.
    pub fn server_ms(&self) -> i64 {
        // A damaged file may hold any bits: they are to be shown or refused, not to end the program.
        (self.time_ms as i64).wrapping_add(1000 * i64::from(self.utc_offset_s))
    }

    /// The same bar with its checksum set.
    #[must_use]
    pub fn sealed(mut self) -> Bar {
        self.crc32c = self.checksum();
        self
    }

    /// Sets the checksum of every bar.
    pub fn seal_all(bars: &mut [Bar]) {
        for bar in bars {
            bar.crc32c = bar.checksum();
        }
    }

    /// Whether the stored checksum is that of the other 60 bytes.
    pub fn is_intact(&self) -> bool {
        self.crc32c == self.checksum()
    }

    /// The bar as it was before one of its bits flipped: the checksum tells which, when it was one bit only.
    pub fn unflipped(&self) -> Option<Bar> {
        super::flipped::unflipped(self)
    }

    /// Whether this is a foreign record: other tools write the layout with 16 zero bytes at the end.
    pub fn is_unsealed(&self) -> bool {
        self.utc_offset_s == 0 && self.count == 0 && self.flags == 0 && self.crc32c == 0
    }

    fn checksum(&self) -> u32 {
        crc32c::crc32c(&bytemuck::bytes_of(self)[..BAR_SIZE - 4])
    }
}
