//! The known name a mistyped one was probably meant to be.

use crate::model::spelling::edit_distance;

/// The `count` names nearest to `word`, nearest first; of equally near ones the first given comes first.
pub(super) fn nearest<'a>(
    word: &str,
    names: impl IntoIterator<Item = &'a str>,
    count: usize,
) -> Vec<&'a str> {
    let mut ranked: Vec<(usize, &str)> =
        names.into_iter().map(|name| (edit_distance(word, name), name)).collect();
    ranked.sort_by_key(|(distance, _)| *distance);
    ranked.into_iter().take(count).map(|(_, name)| name).collect()
}
