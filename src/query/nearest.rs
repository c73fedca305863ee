//! The names nearest to a mistyped one.

use crate::model::spelling::edit_distance;

/// Names offered at most.
const NAMES_MAX: usize = 3;

/// The names of `known` nearest to `typed`, nearest first: at most three, none that has little in common with it.
pub fn nearest<'a>(typed: &str, known: impl IntoIterator<Item = &'a str>) -> Vec<String> {
    let typed = plain(typed);
    let mut scored: Vec<(usize, &str)> =
        known.into_iter().map(|name| (distance_or_part(&typed, &plain(name)), name)).collect();
    scored.sort_unstable();
    scored.dedup();
    let best = scored.first().map_or(0, |(score, _)| *score);
    let limit = (typed.chars().count() / 2).max(2).min(best + 1);
    let near = scored.into_iter().filter(|(score, _)| *score <= limit).take(NAMES_MAX);
    near.map(|(_, name)| name.to_owned()).collect()
}

/// Case and separators are what people mistype most and mean least.
fn plain(name: &str) -> String {
    name.chars().filter(|c| !matches!(c, '-' | '/' | '_' | '.')).map(|c| c.to_ascii_lowercase()).collect()
}

/// A name that holds the typed one whole (`EURUSD` for `EUR`) is nearer than its length says.
fn distance_or_part(typed: &str, name: &str) -> usize {
    let distance = edit_distance(typed, name);
    if typed.len() >= 2 && name.contains(typed) { distance.min(1) } else { distance }
}
