//! How far a mistyped name is from one that exists.

/// A word of more bytes is no misspelling of any name here, and comparing it letter by letter could take minutes.
const BYTES_MAX: usize = 80;

/// Letters to insert, drop, change or swap with their neighbour to make one word of the other (optimal string
/// alignment, Boytsov 2011); case does not count. Words of more than 80 bytes are only told to be far away.
pub fn edit_distance(a: &str, b: &str) -> usize {
    if a.len().max(b.len()) > BYTES_MAX {
        return a.len().max(b.len());
    }
    let a: Vec<char> = a.to_lowercase().chars().collect();
    let b: Vec<char> = b.to_lowercase().chars().collect();
    let mut before_last: Vec<usize> = Vec::new();
    let mut last: Vec<usize> = (0..=b.len()).collect();
    for i in 1..=a.len() {
        let mut row = vec![i];
        for j in 1..=b.len() {
            let changed = last[j - 1] + usize::from(a[i - 1] != b[j - 1]);
            let mut best = changed.min(last[j] + 1).min(row[j - 1] + 1);
            if i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] {
                best = best.min(before_last[j - 2] + 1);
            }
            row.push(best);
        }
        before_last = std::mem::replace(&mut last, row);
    }
    last[b.len()]
}
