//! docs/FORMAT.md against the structs and the encoded bytes.

use std::mem::offset_of;
use std::num::NonZeroU32;

use engine::disk::Boot;
use engine::model::{Bar, Day};
use engine::store::{
    CLAIM_MAGIC, CLAIM_VERSION, COMMIT_MAGIC, COMMIT_VERSION, Commit, CsvClaim, Distrust, UnverifiedCommit,
};
use proptest::prelude::*;

use super::{bars, castagnoli};

const FORMAT: &str = include_str!("../../../docs/FORMAT.md");

#[derive(Clone, Debug, PartialEq)]
struct Field {
    offset: usize,
    kind: String,
    name: String,
}

impl Field {
    fn new(offset: usize, kind: &str, name: &str) -> Field {
        Field { offset, kind: kind.to_owned(), name: name.to_owned() }
    }

    fn size(&self) -> usize {
        self.kind[1..].parse::<usize>().unwrap() / 8
    }

    fn value(&self, record: &[u8]) -> i128 {
        let bytes = &record[self.offset..self.offset + self.size()];
        match self.kind.as_str() {
            "u64" => u64::from_le_bytes(bytes.try_into().unwrap()).into(),
            "u32" => u32::from_le_bytes(bytes.try_into().unwrap()).into(),
            "i32" => i32::from_le_bytes(bytes.try_into().unwrap()).into(),
            kind => panic!("a commit record has no {kind}"),
        }
    }
}

/// The field table below a heading.
fn table(heading: &str) -> Vec<Field> {
    let section = FORMAT.split("\n## ").find(|section| section.starts_with(heading)).expect("the section");
    let cells = |line: &str| line.split('|').map(|cell| cell.trim().to_owned()).collect::<Vec<_>>();
    let fields: Vec<Field> = section
        .lines()
        .map(cells)
        .filter(|cells| cells.len() > 4 && cells[1].parse::<usize>().is_ok())
        .map(|cells| Field::new(cells[1].parse().unwrap(), &cells[2], cells[3].trim_matches('`')))
        .collect();
    assert!(fields.len() >= 10, "the table was found: {fields:?}");
    fields
}

fn fills_64_bytes(fields: &[Field]) {
    let end = fields.iter().fold(0, |end, field| {
        assert_eq!(field.offset, end, "no gap and no overlap before {}", field.name);
        end + field.size()
    });
    assert_eq!(end, 64);
}

#[test]
fn the_bar_is_what_the_document_says() {
    macro_rules! field {
        ($name:ident, $kind:ty) => {{
            // The annotation makes the compiler compare the type as well.
            let _: fn(&Bar) -> &$kind = |bar| &bar.$name;
            Field::new(offset_of!(Bar, $name), stringify!($kind), stringify!($name))
        }};
    }
    let of_the_struct = vec![
        field!(time_ms, u64),
        field!(open, f64),
        field!(high, f64),
        field!(low, f64),
        field!(close, f64),
        field!(volume, f64),
        field!(utc_offset_s, i32),
        field!(count, u32),
        field!(flags, u32),
        field!(crc32c, u32),
    ];
    assert_eq!(table("Series"), of_the_struct);
    assert_eq!(size_of::<Bar>(), 64);
    fills_64_bytes(&table("Series"));
}

#[test]
fn the_numpy_type_is_the_table() {
    let code = FORMAT.split("np.dtype([").nth(1).unwrap().split("])").next().unwrap();
    let words: Vec<&str> = code.split('"').skip(1).step_by(2).collect();
    let fields = table("Series");
    assert_eq!(words.len(), 2 * fields.len());
    for (pair, field) in words.chunks(2).zip(&fields) {
        assert_eq!(pair[0], field.name);
        assert_eq!(pair[1], format!("<{}{}", &field.kind[..1], field.size()));
    }
}

#[test]
fn the_commit_record_is_what_the_document_says() {
    let commit = Commit {
        out_pos: 640,
        in_pos: 64 * 0x0102_0304_0506,
        watermark_ms: 1_700_000_000_000,
        last_date: Day::from_yyyymmdd(20240131),
        reconcile_from: Day::from_yyyymmdd(19991231),
        corrections: 0x1122_3344_5566_7788,
        fingerprint: 0x99AA_BBCC_DDEE_FF01,
    };
    let record = commit.encode();
    let expected = |name: &str| -> i128 {
        match name {
            "magic" => u32::from_le_bytes(COMMIT_MAGIC).into(),
            "version" => COMMIT_VERSION.into(),
            "out_pos" => commit.out_pos.into(),
            "in_pos" => commit.in_pos.into(),
            "watermark_ms" => commit.watermark_ms.into(),
            "last_date" => 20240131,
            "reconcile_from" => 19991231,
            "corrections" => commit.corrections.into(),
            "fingerprint" => commit.fingerprint.into(),
            "unsettled" => 0,
            "crc32c" => castagnoli(&record[..60]).into(),
            name => panic!("an unknown field {name}"),
        }
    };
    let fields = table("Commit record");
    fills_64_bytes(&fields);
    for field in &fields {
        assert_eq!(field.value(&record), expected(&field.name), "{}", field.name);
    }
    assert!(FORMAT.contains("the four bytes `CMIT`") && &COMMIT_MAGIC == b"CMIT");
}

#[test]
fn the_claim_of_a_text_is_what_the_document_says() {
    let claim = CsvClaim {
        end: 0x0102_0304_0506,
        shown: 77,
        kept: 12,
        since: 0x1122_3344_5566_7788,
        until: 0x1122_3344_5566_7789,
        boot: Some(Boot(NonZeroU32::new(0xAABB_CCDD).unwrap())),
    };
    let record = claim.encode();
    let expected = |name: &str| -> i128 {
        match name {
            "magic" => u32::from_le_bytes(CLAIM_MAGIC).into(),
            "version" => CLAIM_VERSION.into(),
            "end" => claim.end.into(),
            "shown" => 77,
            "kept" => 12,
            "since" => claim.since.into(),
            "until" => claim.until.into(),
            "unused" => 0,
            "boot" => 0xAABB_CCDD,
            "crc32c" => castagnoli(&record[..60]).into(),
            name => panic!("an unknown field {name}"),
        }
    };
    let fields = table("Text");
    fills_64_bytes(&fields);
    for field in &fields {
        assert_eq!(field.value(&record), expected(&field.name), "{}", field.name);
    }
    assert!(FORMAT.contains("the four bytes `CSVL`") && &CLAIM_MAGIC == b"CSVL");
    assert_eq!(CsvClaim::decode(&record), Some(claim));
    assert_eq!(CsvClaim::decode(&record[..63]), None);
}

#[test]
fn a_seal_is_the_documented_checksum() {
    for bar in bars(0, 50, 3) {
        assert_eq!(bar.crc32c, castagnoli(&bytemuck::bytes_of(&bar)[..60]));
        assert!(bar.is_intact());
    }
    // The check value that the CRC catalogue gives for "123456789".
    assert_eq!(castagnoli(b"123456789"), 0xE306_9283);
}

#[test]
fn every_flipped_bit_and_every_other_size_is_refused() {
    let commit = Commit { out_pos: 6400, watermark_ms: 5, corrections: 3, ..Commit::default() };
    let record = commit.encode();
    for bit in 0..512 {
        let mut flipped = record;
        flipped[bit / 8] ^= 1 << (bit % 8);
        assert!(UnverifiedCommit(&flipped).verify().is_err(), "bit {bit}");
    }
    for size in (0..64).chain([65, 128]) {
        let other: Vec<u8> = record.iter().copied().cycle().take(size).collect();
        assert_eq!(UnverifiedCommit(&other).verify(), Err(Distrust::Size(size)));
    }
}

#[test]
fn sound_checksums_over_nonsense_are_refused() {
    let sealed_with = |offset: usize, bytes: &[u8]| {
        let mut record = Commit::default().encode();
        record[offset..offset + bytes.len()].copy_from_slice(bytes);
        let crc = castagnoli(&record[..60]);
        record[60..].copy_from_slice(&crc.to_le_bytes());
        UnverifiedCommit(&record).verify().map(drop)
    };
    assert_eq!(sealed_with(4, &2u32.to_le_bytes()), Err(Distrust::Version(2)));
    assert_eq!(sealed_with(8, &65u64.to_le_bytes()), Err(Distrust::Field("out_pos")));
    assert_eq!(sealed_with(16, &1u64.to_le_bytes()), Err(Distrust::Field("in_pos")));
    assert_eq!(sealed_with(32, &20230229i32.to_le_bytes()), Err(Distrust::Field("last_date")));
    assert_eq!(sealed_with(32, &22000101i32.to_le_bytes()), Err(Distrust::Field("last_date")));
    // 2201-01-01 00:00.
    assert_eq!(sealed_with(24, &7_289_654_400_000u64.to_le_bytes()), Err(Distrust::Field("watermark_ms")));
    assert_eq!(sealed_with(24, &7_289_654_399_999u64.to_le_bytes()), Ok(()));
    assert_eq!(sealed_with(36, &1i32.to_le_bytes()), Err(Distrust::Field("reconcile_from")));
    assert_eq!(sealed_with(56, &7u32.to_le_bytes()), Ok(()), "a boot is not looked at here");
}

proptest! {
    #[test]
    fn a_commit_record_comes_back(
        (out, into, watermark_ms) in (0u64..1 << 40, 0u64..1 << 40, 0u64..7_289_654_400_000),
        (last, reconcile) in (proptest::option::of(0i32..80_000), proptest::option::of(0i32..80_000)),
        (corrections, fingerprint) in (any::<u64>(), any::<u64>()),
    ) {
        let commit = Commit {
            out_pos: out * 64,
            in_pos: into * 64,
            watermark_ms,
            last_date: last.map(Day::from_epoch_days),
            reconcile_from: reconcile.map(Day::from_epoch_days),
            corrections,
            fingerprint,
        };
        prop_assert_eq!(UnverifiedCommit(&commit.encode()).verify(), Ok(commit));
    }
}
