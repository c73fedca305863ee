//! Numbers as text: the shortest decimals that read back as the same `f64`, never with an exponent.

use std::io::Write;

use super::decimal::POWERS_OF_TEN;

/// Decimals of up to 15 digits are told apart by the `f64` nearest to each: so many survive both ways.
const FIFTEEN_DIGITS: f64 = 1e15;

/// Digits after the point that are tried: what the feed has at most, rounded, and some more.
const PLACES_MAX: usize = 15;

/// Writes the numbers of one column. It remembers how many decimals the last one had, because the next one mostly has
/// as many.
#[derive(Clone, Copy, Debug, Default)]
pub struct Shortest {
    places: usize,
}

impl Shortest {
    /// Appends `x` as plain digits: `1.14331`, `1700`, `0.00001`; what is no number as `NaN`, `inf` or `-inf`.
    #[inline]
    pub fn write(&mut self, x: f64, out: &mut Vec<u8>) {
        match self.units_of(x.abs()) {
            Some(units) => {
                if x.is_sign_negative() {
                    out.push(b'-');
                }
                write_fixed(units, self.places, out);
            }
            None => write!(out, "{x}").expect("memory takes what is written to it"),
        }
    }

    /// The same with a point in every finite number, as readers know by which it is one with decimals: `1700.0`.
    #[inline]
    pub fn write_with_point(&mut self, x: f64, out: &mut Vec<u8>) {
        let begin = out.len();
        self.write(x, out);
        if x.is_finite() && !out[begin..].contains(&b'.') {
            out.extend_from_slice(b".0");
        }
    }

    /// The number in units of its last decimal, `self.places` being how many it has at least; `None` when 15 digits do
    /// not hold it. An integer below 10^15 over an exact power of ten is rounded once, so if that gives `size` back, these
    /// digits do when they are read; and no others of that length do.
    #[inline]
    fn units_of(&mut self, size: f64) -> Option<u64> {
        if size * POWERS_OF_TEN[self.places] >= FIFTEEN_DIGITS {
            self.places = 0;
        }
        let known = self.places;
        loop {
            let scaled = size * POWERS_OF_TEN[self.places];
            if scaled.is_nan() || scaled >= FIFTEEN_DIGITS {
                break;
            }
            let units = (scaled + 0.5) as u64;
            if units as f64 / POWERS_OF_TEN[self.places] == size {
                return Some(units);
            }
            if self.places == PLACES_MAX {
                break;
            }
            self.places += 1;
        }
        self.places = known;
        None
    }
}

/// Appends a whole number.
#[inline]
pub fn write_whole(value: i64, out: &mut Vec<u8>) {
    if value < 0 {
        out.push(b'-');
    }
    write_fixed(value.unsigned_abs(), 0, out);
}

/// `units` with the point before its last `places` digits, and without zeros at its end.
#[inline]
fn write_fixed(mut units: u64, mut places: usize, out: &mut Vec<u8>) {
    while places > 0 && units.is_multiple_of(10) {
        units /= 10;
        places -= 1;
    }
    // 15 digits, a point, and a zero before it.
    let mut text = [0u8; 24];
    let mut at = text.len();
    let mut put = |byte: u8| {
        at -= 1;
        text[at] = byte;
    };
    if places > 0 {
        for _ in 0..places {
            put(b'0' + (units % 10) as u8);
            units /= 10;
        }
        put(b'.');
    }
    loop {
        put(b'0' + (units % 10) as u8);
        units /= 10;
        if units == 0 {
            break;
        }
    }
    out.extend_from_slice(&text[at..]);
}
