//! The names nearest to a mistyped one.

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

/// Insertions, deletions, replacements and swaps of neighbours that turn one text into the other (optimal string
/// alignment, Boytsov 2011).
fn edit_distance(a: &str, b: &str) -> usize {
    let (a, b): (Vec<char>, Vec<char>) = (a.chars().collect(), b.chars().collect());
    let mut rows: Vec<Vec<usize>> = vec![(0..=b.len()).collect()];
    for i in 1..=a.len() {
        let mut row = vec![i];
        for j in 1..=b.len() {
            let replaced = rows[i - 1][j - 1] + usize::from(a[i - 1] != b[j - 1]);
            let mut least = replaced.min(rows[i - 1][j] + 1).min(row[j - 1] + 1);
            if i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] {
                least = least.min(rows[i - 2][j - 2] + 1);
            }
            row.push(least);
        }
        rows.push(row);
    }
    rows[a.len()][b.len()]
}
