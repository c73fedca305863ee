//! The scanner of the payload's known fields: strict JSON, any order of keys, unknown keys skipped.

use super::Refusal;
use super::arrays;
use super::payload::{BASES, DELTAS, Payload};
use crate::model::decimal::{Decimal, JsonNumber};

/// Nesting of a skipped value; deeper ones are refused, so that hostile input cannot exhaust the stack.
const NESTING_MAX: usize = 64;

const INTEGER: &str = "an integer of 64 bits";
const NUMBER: &str = "a number";
const ARRAY: &str = "an array";

/// The fields of a payload; the order is that of the bits in `Scanner::seen`.
const FIELDS: [&str; 13] = [
    "timestamp",
    "multiplier",
    "shift",
    BASES[0],
    BASES[1],
    BASES[2],
    BASES[3],
    "times",
    DELTAS[0],
    DELTAS[1],
    DELTAS[2],
    DELTAS[3],
    "volumes",
];

/// Reads the one object that `bytes` must be.
pub(super) fn read(bytes: &[u8], into: &mut Payload) -> Result<(), Refusal> {
    into.clear();
    let mut scanner = Scanner { bytes, at: 0, seen: 0 };
    scanner.members(into)?;
    scanner.space();
    if scanner.at < bytes.len() {
        return Err(scanner.garbled("something follows the object"));
    }
    match (0..FIELDS.len()).find(|field| scanner.seen & (1 << field) == 0) {
        Some(field) => Err(Refusal::MissingField { field: FIELDS[field] }),
        None => Ok(()),
    }
}

struct Scanner<'a> {
    bytes: &'a [u8],
    at: usize,
    /// One bit for each of [`FIELDS`].
    seen: u16,
}

impl<'a> Scanner<'a> {
    fn members(&mut self, into: &mut Payload) -> Result<(), Refusal> {
        self.space();
        self.expect(b'{', "no '{'")?;
        self.space();
        if self.take(b'}') {
            return Ok(());
        }
        loop {
            self.space();
            let key = self.key()?;
            self.space();
            self.expect(b':', "no ':' after a key")?;
            self.space();
            match key {
                Some(field) => self.field(field, into)?,
                None => self.skip(1)?,
            }
            self.space();
            if !self.take(b',') {
                return self.expect(b'}', "neither ',' nor '}' after a value");
            }
        }
    }

    fn field(&mut self, field: usize, into: &mut Payload) -> Result<(), Refusal> {
        let name = FIELDS[field];
        if self.seen & (1 << field) != 0 {
            return Err(Refusal::DuplicateField { field: name });
        }
        self.seen |= 1 << field;
        match field {
            0 => into.timestamp_ms = self.integer(name)?,
            1 => into.multiplier = self.decimal(name)?,
            2 => into.shift_ms = self.integer(name)?,
            3..=6 => {
                into.bases[field - 3] = if self.literal(b"null") { None } else { Some(self.decimal(name)?) }
            }
            7 => into.step_magnitude = self.integers(name, &mut into.steps)?,
            8..=11 => into.magnitudes[field - 8] = self.integers(name, &mut into.deltas[field - 8])?,
            _ => self.floats(name, &mut into.volumes)?,
        }
        Ok(())
    }

    fn integer(&mut self, field: &'static str) -> Result<i64, Refusal> {
        let at = self.at;
        let number = self.number(Refusal::WrongType { field, expected: INTEGER, at })?;
        number.to_i64().ok_or(Refusal::WrongType { field, expected: INTEGER, at })
    }

    fn decimal(&mut self, field: &'static str) -> Result<Decimal, Refusal> {
        let number = self.number(Refusal::WrongType { field, expected: NUMBER, at: self.at })?;
        number.to_decimal().ok_or(Refusal::TooManyDigits { field })
    }

    /// Reads an array of integers; returns the bitwise or of their sizes, which none of them exceeds.
    fn integers(&mut self, field: &'static str, out: &mut Vec<i64>) -> Result<u64, Refusal> {
        self.open_array(field)?;
        if let Some(tight) = arrays::tight_integers(self.bytes, self.at, out) {
            self.at = tight.end;
            return Ok(tight.magnitude);
        }
        out.clear();
        let mut magnitude = 0;
        self.elements(|scanner, index| {
            let wrong = || Refusal::WrongElement { field, index, expected: INTEGER };
            let value = scanner.number(wrong())?.to_i64().ok_or_else(wrong)?;
            magnitude |= value.unsigned_abs();
            out.push(value);
            Ok(())
        })?;
        Ok(magnitude)
    }

    fn floats(&mut self, field: &'static str, out: &mut Vec<f64>) -> Result<(), Refusal> {
        self.open_array(field)?;
        if let Some(end) = arrays::tight_decimals(self.bytes, self.at, out) {
            self.at = end;
            return Ok(());
        }
        out.clear();
        self.elements(|scanner, index| {
            let text = &scanner.bytes[scanner.at..];
            let number = scanner.number(Refusal::WrongElement { field, index, expected: NUMBER })?;
            out.push(number.to_f64(text));
            Ok(())
        })
    }

    fn open_array(&mut self, field: &'static str) -> Result<(), Refusal> {
        let at = self.at;
        if self.take(b'[') {
            return Ok(());
        }
        Err(self.wrong(Refusal::WrongType { field, expected: ARRAY, at }))
    }

    /// Calls `element` with the scanner at each element of an array whose bracket is taken.
    fn elements(
        &mut self,
        mut element: impl FnMut(&mut Self, usize) -> Result<(), Refusal>,
    ) -> Result<(), Refusal> {
        self.space();
        if self.take(b']') {
            return Ok(());
        }
        for index in 0.. {
            self.space();
            element(self, index)?;
            self.space();
            if !self.take(b',') {
                break;
            }
        }
        self.expect(b']', "neither ',' nor ']' in an array")
    }

    /// Takes a number; `otherwise` is the answer when another value stands there.
    fn number(&mut self, otherwise: Refusal) -> Result<JsonNumber, Refusal> {
        match JsonNumber::prefix_of(&self.bytes[self.at..]) {
            Some(number) => {
                self.at += number.len;
                Ok(number)
            }
            None => Err(self.wrong(otherwise)),
        }
    }

    /// `otherwise` where a JSON value begins, else the reason why none does.
    fn wrong(&self, otherwise: Refusal) -> Refusal {
        match self.bytes.get(self.at) {
            None => self.garbled("the end"),
            Some(b'"' | b'{' | b'[' | b't' | b'f' | b'n') => otherwise,
            Some(b'-' | b'0'..=b'9') => match JsonNumber::prefix_of(&self.bytes[self.at..]) {
                Some(_) => otherwise,
                None => self.garbled("no number"),
            },
            Some(_) => self.garbled("no value"),
        }
    }

    /// Skips a value of an unknown key, as strictly as a known one is read.
    fn skip(&mut self, depth: usize) -> Result<(), Refusal> {
        if depth > NESTING_MAX {
            return Err(self.garbled("nested too deeply"));
        }
        match self.bytes.get(self.at) {
            Some(b'"') => self.string().map(|_| ()),
            Some(b'[') => {
                self.at += 1;
                self.elements(|scanner, _| scanner.skip(depth + 1))
            }
            Some(b'{') => {
                self.at += 1;
                self.skip_members(depth)
            }
            _ if self.literal(b"null") || self.literal(b"true") || self.literal(b"false") => Ok(()),
            _ => self.number(self.garbled("no value")).map(|_| ()),
        }
    }

    fn skip_members(&mut self, depth: usize) -> Result<(), Refusal> {
        self.space();
        if self.take(b'}') {
            return Ok(());
        }
        loop {
            self.space();
            self.string()?;
            self.space();
            self.expect(b':', "no ':' after a key")?;
            self.space();
            self.skip(depth + 1)?;
            self.space();
            if !self.take(b',') {
                return self.expect(b'}', "neither ',' nor '}' after a value");
            }
        }
    }

    /// Takes a key: which of [`FIELDS`] it is, or `None` for an unknown one.
    fn key(&mut self) -> Result<Option<usize>, Refusal> {
        let at = self.at;
        let raw = self.string()?;
        if !raw.contains(&b'\\') {
            return Ok(FIELDS.iter().position(|field| field.as_bytes() == raw));
        }
        let text = unescaped(raw).ok_or(Refusal::NotJson { why: "half a character in a key", at })?;
        Ok(FIELDS.iter().position(|field| *field == text))
    }

    /// Takes a string; returns what stands between the quotes, escapes as written.
    fn string(&mut self) -> Result<&'a [u8], Refusal> {
        self.expect(b'"', "no string")?;
        let start = self.at;
        loop {
            match self.bytes.get(self.at) {
                Some(b'"') => break,
                Some(b'\\') => self.escape()?,
                Some(0x20..) => self.at += 1,
                Some(_) => return Err(self.garbled("a control character in a string")),
                None => return Err(self.garbled("the end inside a string")),
            }
        }
        let raw = &self.bytes[start..self.at];
        if std::str::from_utf8(raw).is_err() {
            return Err(Refusal::NotJson { why: "a string that is not UTF-8", at: start });
        }
        self.at += 1;
        Ok(raw)
    }

    fn escape(&mut self) -> Result<(), Refusal> {
        let digits = |from: usize| self.bytes.get(from..from + 4);
        self.at += match self.bytes.get(self.at + 1) {
            Some(b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't') => 2,
            Some(b'u') if digits(self.at + 2).is_some_and(|hex| hex.iter().all(u8::is_ascii_hexdigit)) => 6,
            _ => return Err(self.garbled("an unknown escape")),
        };
        Ok(())
    }

    fn literal(&mut self, word: &[u8]) -> bool {
        let found = self.bytes[self.at..].starts_with(word);
        self.at += if found { word.len() } else { 0 };
        found
    }

    fn space(&mut self) {
        while matches!(self.bytes.get(self.at), Some(b' ' | b'\n' | b'\r' | b'\t')) {
            self.at += 1;
        }
    }

    fn take(&mut self, byte: u8) -> bool {
        let found = self.bytes.get(self.at) == Some(&byte);
        self.at += usize::from(found);
        found
    }

    fn expect(&mut self, byte: u8, why: &'static str) -> Result<(), Refusal> {
        if self.take(byte) {
            return Ok(());
        }
        Err(self.garbled(if self.at < self.bytes.len() { why } else { "cut off" }))
    }

    fn garbled(&self, why: &'static str) -> Refusal {
        Refusal::NotJson { why, at: self.at }
    }
}

/// The text of a key with escapes, which were checked for their form; `None` when a surrogate stands alone.
fn unescaped(raw: &[u8]) -> Option<String> {
    let mut units = Vec::with_capacity(raw.len());
    let mut rest = std::str::from_utf8(raw).ok()?;
    while let Some(next) = rest.chars().next() {
        if next != '\\' {
            units.extend_from_slice(next.encode_utf16(&mut [0; 2]));
            rest = &rest[next.len_utf8()..];
            continue;
        }
        let name = rest.as_bytes()[1];
        if name == b'u' {
            units.push(u16::from_str_radix(&rest[2..6], 16).ok()?);
            rest = &rest[6..];
            continue;
        }
        units.push(u16::from(match name {
            b'b' => 8,
            b'f' => 12,
            b'n' => b'\n',
            b'r' => b'\r',
            b't' => b'\t',
            itself => itself,
        }));
        rest = &rest[2..];
    }
    String::from_utf16(&units).ok()
}
