//! Changed copies of a seed, the same for the same dice: what a bad line, a broken disk or bad will make of sound bytes.

use crate::textbook::Dice;

/// No changed copy is longer; what the doors take is bounded elsewhere, and a test should end.
pub const LENGTH_MAX: usize = 192 * 1024;

/// Where code counts, looks up or allocates by a number, these find out.
const NUMBERS: [&str; 22] = [
    "0",
    "-0",
    "1",
    "-1",
    "59999",
    "60000",
    "1439",
    "1440",
    "86400000",
    "2147483648",
    "-9223372036854775808",
    "9223372036854775807",
    "18446744073709551616",
    "1e308",
    "1e999999999",
    "-1e-999999999",
    "0.1",
    "3.0E-4",
    "NaN",
    "Infinity",
    "00",
    "1.",
];

/// What opens something that has to be closed, or repeats itself.
const NESTS: [&str; 10] = ["[", "{\"a\":", "{a: ", "- ", "? ", "&a [*a, ", "\"", "\\u0000", "(", "  a:\n"];

const WORDS: [&str; 26] = [
    "null",
    "true",
    "\"times\":",
    "\"volumes\":[",
    "\"multiplier\":",
    "\u{FEFF}",
    "\u{2028}",
    "\0",
    "---\n",
    "!!str ",
    "<<: *a",
    "&a ",
    "*a",
    "resample:",
    "timeframes:",
    "sessions:",
    "post:",
    "merge",
    "origin: '08:10'",
    "rule: 7h",
    "W-MON",
    ":skiplast",
    "2024-02-30",
    "é",
    "/..",
    ",",
];

/// A changed copy of one of the seeds.
pub fn changed(dice: &mut Dice, seed: &[u8], others: &[Vec<u8>]) -> Vec<u8> {
    let mut bytes = seed.to_vec();
    for _ in 0..1 + dice.below(4) * dice.below(2) {
        change(dice, &mut bytes, others);
        bytes.truncate(LENGTH_MAX);
    }
    bytes
}

/// Small bytes that want to become large, or to lead deep, at a door.
pub fn bombs(door: &str) -> Vec<Vec<u8>> {
    let long = "x".repeat(LENGTH_MAX / 2);
    let texts = match door {
        "payload" => vec![
            format!("{{\"a\":{}", "[".repeat(LENGTH_MAX)),
            format!("{{\"a\":{}", "{\"b\":".repeat(LENGTH_MAX / 5)),
            format!("{{\"times\":[{}0]}}", "0,".repeat(LENGTH_MAX / 2)),
            format!("{{\"multiplier\":1e-999999999,\"open\":{}}}", "9".repeat(LENGTH_MAX)),
        ],
        "config" => vec![
            laughs(),
            // Each alias is one node, and a long one.
            format!("a: &a \"{long}\"\nb: [{}]", "*a,".repeat(LENGTH_MAX / 6)),
            // Each anchor keeps all that is below it.
            format!("a: {}[{}]{}", "&a [".repeat(150), "x,".repeat(LENGTH_MAX / 4), "]".repeat(150)),
            format!("a: {}", "[".repeat(LENGTH_MAX)),
            format!("a: {}", "{b: ".repeat(LENGTH_MAX / 4)),
            "- ".repeat(LENGTH_MAX / 2),
            "? ".repeat(LENGTH_MAX / 2),
            (0..300).map(|depth| format!("{}a:\n", " ".repeat(depth))).collect(),
            format!("a: [{}]", "[],".repeat(LENGTH_MAX / 4)),
            "a: 1\n".repeat(LENGTH_MAX / 5),
            format!("resample: {{timeframes: {{{}}}}}", "&a a: *a, ".repeat(LENGTH_MAX / 20)),
        ],
        "select" => vec![
            format!("EUR-USD/{}", "1h,".repeat(LENGTH_MAX / 3)),
            format!("EUR-USD{}/1h", ":skiplast".repeat(LENGTH_MAX / 9)),
            "/".repeat(LENGTH_MAX),
            "9".repeat(LENGTH_MAX),
            format!("1e-{}", "0".repeat(LENGTH_MAX)),
            format!("0.{}1", "0".repeat(LENGTH_MAX)),
        ],
        _ => Vec::new(),
    };
    texts.into_iter().map(String::into_bytes).collect()
}

/// Nine of nine of nine: a billion, if anyone laughed.
fn laughs() -> String {
    let mut text = "a0: &a0 x\n".to_owned();
    for n in 1..12 {
        let below = format!("*a{}, ", n - 1).repeat(9);
        text += &format!("a{n}: &a{n} [{below}]\n");
    }
    text
}

fn change(dice: &mut Dice, bytes: &mut Vec<u8>, others: &[Vec<u8>]) {
    match dice.below(12) {
        0..=2 => flip(dice, bytes),
        3 => bytes.truncate(place(dice, bytes)),
        4 => {
            let piece = piece(dice, bytes);
            bytes.drain(piece);
        }
        5 => {
            let copied = bytes[piece(dice, bytes)].to_vec();
            let times = if dice.once_in(20) { 2000 } else { 1 + dice.below(4) as usize };
            let most = LENGTH_MAX / copied.len().max(1);
            insert(dice, bytes, &copied.repeat(times.min(most)));
        }
        6 => {
            // The beginning of this and the end of another.
            let other = &others[dice.below(others.len() as u64) as usize];
            bytes.truncate(place(dice, bytes));
            bytes.extend_from_slice(&other[place(dice, other)..]);
        }
        7 | 8 => replace_number(dice, bytes),
        9 => {
            let (what, times) = (*dice.pick(&NESTS), *dice.pick(&[1, 70, 300, 5000]));
            insert(dice, bytes, what.repeat(times).as_bytes());
        }
        10 => {
            let word = *dice.pick(&WORDS);
            insert(dice, bytes, word.as_bytes());
        }
        _ => {
            // Eight bytes that are large, small or odd as a number.
            let at = place(dice, bytes) / 8 * 8;
            let number =
                *dice.pick(&[0, 1, u64::MAX, 1 << 63, (1 << 63) - 1, 64, 1 << 53, 7_258_118_400_000]);
            let end = (at + 8).min(bytes.len());
            let new = number.to_le_bytes();
            bytes[at.min(end)..end].copy_from_slice(&new[..end.saturating_sub(at)]);
        }
    }
}

fn flip(dice: &mut Dice, bytes: &mut [u8]) {
    if bytes.is_empty() {
        return;
    }
    let at = dice.below(bytes.len() as u64) as usize;
    match dice.below(3) {
        0 => bytes[at] ^= 1 << dice.below(8),
        1 => bytes[at] = dice.roll() as u8,
        _ => bytes[at] = *dice.pick(b"{}[],:\"-+.eE0 \n\\'#&*"),
    }
}

/// Puts another number where one stands in the text.
fn replace_number(dice: &mut Dice, bytes: &mut Vec<u8>) {
    let from = place(dice, bytes);
    let digit = |byte: &u8| byte.is_ascii_digit();
    let Some(start) = bytes[from..].iter().position(digit).map(|at| from + at) else { return };
    let length = bytes[start..].iter().take_while(|byte| digit(byte)).count();
    let number = if dice.once_in(10) { "9".repeat(4000) } else { (*dice.pick(&NUMBERS)).to_owned() };
    bytes.splice(start..start + length, number.into_bytes());
}

fn insert(dice: &mut Dice, bytes: &mut Vec<u8>, new: &[u8]) {
    let at = place(dice, bytes);
    bytes.splice(at..at, new.iter().copied());
}

fn place(dice: &mut Dice, bytes: &[u8]) -> usize {
    dice.below(bytes.len() as u64 + 1) as usize
}

fn piece(dice: &mut Dice, bytes: &[u8]) -> std::ops::Range<usize> {
    let from = place(dice, bytes);
    let length = if dice.once_in(4) { dice.below(4096) } else { dice.below(24) };
    from..(from + length as usize).min(bytes.len())
}
