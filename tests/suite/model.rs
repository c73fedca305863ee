//! The words: days, symbols, timeframes and rules read back as they were written, and the record's shape.

use engine::model::bar::{BAR_SIZE, Bar, FLAG_SUSPECT};
use engine::model::timeframe::Rule;
use engine::model::{Day, Symbol, Timeframe};

use crate::textbook::Dice;

const MINUTE: i64 = 60_000;
const DAY: i64 = 86_400_000;

#[test]
fn days_are_the_calendars() {
    let first = chrono::NaiveDate::from_ymd_opt(1970, 1, 1).expect("a date");
    for (n, date) in first.iter_days().enumerate().take(84_000).step_by(13) {
        use chrono::Datelike;
        let day = Day::from_epoch_days(n as i32);
        assert_eq!(day.ymd(), (date.year(), date.month(), date.day()));
        assert_eq!(day.weekday(), date.weekday().num_days_from_monday());
        assert_eq!(Day::from_yyyymmdd(day.yyyymmdd()), Some(day));
        assert_eq!(date.format("%Y-%m-%d").to_string().parse::<Day>().expect("a date"), day);
        assert_eq!(Day::of_ms(day.start_ms()), day);
        assert_eq!(Day::of_ms(day.end_ms() - 1), day);
    }
}

#[test]
fn what_is_no_date_is_refused() {
    for text in ["", "2024-02-30", "2024-13-01", "2024-1-1x", "yesterday", "0000-00-00"] {
        assert!(text.parse::<Day>().is_err(), "{text}");
    }
    for number in [0, 20_240_230, 20_241_301, -20_240_101, 1] {
        assert_eq!(Day::from_yyyymmdd(number), None, "{number}");
    }
}

#[test]
fn symbols_are_safe_file_names_and_slashes_become_dashes() {
    for (text, name) in [
        ("EUR/USD", "EUR-USD"),
        (" BRENT.CMD-USD ", "BRENT.CMD-USD"),
        ("USA500.IDX-USD", "USA500.IDX-USD"),
        ("BTC-USD", "BTC-USD"),
    ] {
        assert_eq!(text.parse::<Symbol>().expect("a symbol").as_str(), name);
    }
    for text in ["", "..", "../EUR", "a b", "/etc", "EUR\0USD", ".hidden", "ä", "x..y", &"A".repeat(41)] {
        assert!(text.parse::<Symbol>().is_err(), "{text:?}");
    }
}

#[test]
fn timeframes_are_safe_folder_names() {
    for text in ["1m", "5m", "4h", "1W", "1M", "my-4h"] {
        assert_eq!(text.parse::<Timeframe>().expect("a timeframe").as_str(), text);
    }
    for text in ["", ".", "..", "1/2", "4 h", "-h", &"x".repeat(17)] {
        assert!(text.parse::<Timeframe>().is_err(), "{text:?}");
    }
}

#[test]
fn rules_in_old_and_new_spellings() {
    let fixed = |minutes: i64| Rule::Fixed { length_ms: minutes * MINUTE };
    for (text, rule) in [
        ("5T", fixed(5)),
        ("15min", fixed(15)),
        ("1H", fixed(60)),
        ("4h", fixed(240)),
        ("1D", Rule::Fixed { length_ms: DAY }),
        ("D", Rule::Fixed { length_ms: DAY }),
        ("W-MON", Rule::Week { begins: 0 }),
        ("W-SUN", Rule::Week { begins: 6 }),
        ("W-thu", Rule::Week { begins: 3 }),
        ("MS", Rule::Month),
        ("M", Rule::Month),
        ("QS", Rule::Quarter),
        ("AS", Rule::Year),
        ("YS", Rule::Year),
    ] {
        assert_eq!(text.parse(), Ok(rule), "{text}");
    }
    for text in ["", "0T", "-5T", "5", "W-XXX", "5.5h", "h4", "99999999999999999999T", "1e3T"] {
        assert!(text.parse::<Rule>().is_err(), "{text:?}");
    }
}

#[test]
fn the_record_is_64_little_endian_bytes_in_the_contracts_order() {
    let bar = Bar {
        time_ms: 0x0102_0304_0506_0708,
        open: 1.5,
        high: 2.5,
        low: 0.5,
        close: 2.0,
        volume: 3.25,
        utc_offset_s: -3600,
        count: 7,
        flags: FLAG_SUSPECT,
        crc32c: 0,
    }
    .sealed();
    let mut bytes = 0x0102_0304_0506_0708u64.to_le_bytes().to_vec();
    for number in [1.5f64, 2.5, 0.5, 2.0, 3.25] {
        bytes.extend(number.to_le_bytes());
    }
    bytes.extend((-3600i32).to_le_bytes());
    bytes.extend(7u32.to_le_bytes());
    bytes.extend(1u32.to_le_bytes());
    bytes.extend(castagnoli(&bytes).to_le_bytes());
    assert_eq!(BAR_SIZE, 64);
    assert_eq!(bytemuck::bytes_of(&bar), bytes);
    assert_eq!(bar.server_ms(), 0x0102_0304_0506_0708 - 3_600_000);
}

#[test]
fn one_changed_bit_breaks_the_seal() {
    let mut dice = Dice(3);
    for _ in 0..500 {
        let mut bytes = [0u8; 64];
        bytes.iter_mut().for_each(|byte| *byte = dice.roll() as u8);
        let bar: Bar = bytemuck::pod_read_unaligned(&bytes);
        let sealed = bar.sealed();
        assert!(sealed.is_intact());
        let mut broken = *bytemuck::bytes_of(&sealed).first_chunk::<64>().expect("64 bytes");
        let bit = dice.below(512);
        broken[(bit / 8) as usize] ^= 1 << (bit % 8);
        assert!(!bytemuck::pod_read_unaligned::<Bar>(&broken).is_intact(), "bit {bit}");
    }
}

/// CRC-32C by the book: polynomial 0x1EDC6F41, reflected, bit by bit.
fn castagnoli(bytes: &[u8]) -> u32 {
    let mut crc = !0u32;
    for byte in bytes {
        crc ^= u32::from(*byte);
        for _ in 0..8 {
            crc = if crc & 1 == 1 { crc >> 1 ^ 0x82F6_3B78 } else { crc >> 1 };
        }
    }
    !crc
}

#[test]
fn the_textbook_checksum_knows_its_check_value() {
    assert_eq!(castagnoli(b"123456789"), 0xE306_9283);
}
