//! One bit flips somewhere under `data`, thousands of times: it is found, and healed to the byte.

use std::collections::BTreeMap;

use super::{Shore, snapshot, spoil};
use crate::binary::different;
use crate::textbook::Dice;

/// How many, unless `ENGINE_FLIPS` says.
const FLIPS: usize = 2_000;

#[test]
fn any_flipped_bit_is_found_and_healed() {
    let shore = Shore::new(1, 3, 30);
    let whole = snapshot(&shore);
    let (files, _) = &whole;
    let findings = shore.check(true).findings;
    assert!(findings.is_empty(), "a lake that nothing has happened to: {findings:#?}");
    let names: Vec<&String> = files.keys().filter(|name| !files[*name].is_empty()).collect();
    let flips = std::env::var("ENGINE_FLIPS").ok().and_then(|text| text.parse().ok()).unwrap_or(FLIPS);
    let dice = &mut Dice(2);
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    for n in 0..flips {
        // Every file in turn first, then any bit of all: the small files and the large ones are hit alike.
        let name = if n % 2 == 0 { names[n / 2 % names.len()] } else { weighted(dice, files, &names) };
        let bit = dice.below(8 * files[name].len() as u64) as usize;
        spoil(&shore.data().join(name), |bytes| bytes[bit / 8] ^= 1 << (bit % 8));
        let what = format!("flip {n}: bit {bit} of {name}");
        let repairs = shore.heal(n % 3 == 0, &what);
        assert!(repairs.iter().all(|repair| repair.how.is_healed()), "{what}: {repairs:#?}");
        let now = snapshot(&shore);
        assert!(now == whole, "{what}: differs in {:?}\nafter {repairs:#?}", different(&now.0, files));
        *counts.entry(kind(name)).or_default() += 1;
    }
    println!("{flips} flips in {} files, all found and healed to the byte: {counts:?}", names.len());
}

/// A file, as likely as it is large.
fn weighted<'a>(dice: &mut Dice, files: &crate::binary::Files, names: &[&'a String]) -> &'a String {
    let total: usize = names.iter().map(|name| files[*name].len()).sum();
    let mut place = dice.below(total as u64) as usize;
    for name in names {
        if place < files[*name].len() {
            return name;
        }
        place -= files[*name].len();
    }
    unreachable!("the place lies within the sum")
}

fn kind(name: &str) -> &'static str {
    let is = |part: &str| name.contains(part);
    match name {
        _ if name.ends_with(".seal") => "seals",
        _ if name.ends_with(".idx") => "commit records",
        _ if is("transform") => "day images",
        _ if name.ends_with(".bin") => "series",
        _ if is("quarantine") => "quarantine",
        _ if is("temp") => "running days",
        _ => "other",
    }
}
