//! How much a text grows when its aliases are put in: the parser copies, and a few lines can ask for a billion copies.

/// Letters that anchors and aliases may copy, besides four times the text.
const COPIED_MAX: u64 = 1 << 20;

/// Anchors in one file; nobody names so many things.
const ANCHORS_MAX: usize = 1000;

/// An anchor (`&name`) or an alias (`*name`).
struct Mark<'a> {
    at: usize,
    name: &'a str,
    is_alias: bool,
}

/// What is anchored: where it ends, and how long the text was before it and at its end with every alias put in.
struct Anchor<'a> {
    name: &'a str,
    end: usize,
    before: u64,
    after: Option<u64>,
}

/// The line, counted from 1, from which on the text grows beyond all use.
///
/// An anchor is taken to reach as far as the lines that are indented below its own, or are inside its brackets. Where
/// several stand in one line that is too far: the text is never longer than was estimated.
pub(super) fn grows_too_much(text: &str) -> Option<usize> {
    let limit = COPIED_MAX + 4 * text.len() as u64;
    let mut anchors: Vec<Anchor<'_>> = Vec::new();
    // Letters of the text so far with every alias put in, and of the copies that the parser keeps of what is anchored.
    let (mut length, mut kept, mut done) = (0u64, 0u64, 0);
    let end = Mark { at: text.len(), name: "", is_alias: false };
    for mark in marks(text).chain([end]) {
        for anchor in anchors.iter_mut().filter(|anchor| anchor.after.is_none() && anchor.end <= mark.at) {
            let after = length + (anchor.end - done) as u64;
            anchor.after = Some(after);
            kept = kept.saturating_add(after - anchor.before);
        }
        length += (mark.at - done) as u64;
        done = mark.at;
        if !mark.is_alias {
            anchors.push(Anchor {
                name: mark.name,
                end: extent_end(text, mark.at),
                before: length,
                after: None,
            });
        } else if let Some(anchor) = anchors.iter().rev().find(|anchor| anchor.name == mark.name) {
            length = length.saturating_add(anchor.after.unwrap_or(length) - anchor.before);
        }
        if length > limit || kept > limit || anchors.len() > ANCHORS_MAX {
            return Some(1 + text[..mark.at].matches('\n').count());
        }
    }
    None
}

fn marks(text: &str) -> impl Iterator<Item = Mark<'_>> {
    let bytes = text.as_bytes();
    let opens = move |at: usize| {
        at == 0 || matches!(bytes[at - 1], b' ' | b'\t' | b'\n' | b'\r' | b'[' | b'{' | b',' | b':')
    };
    let found = text.match_indices(['&', '*']).filter(move |(at, _)| opens(*at));
    found.filter_map(move |(at, sign)| {
        let rest = &text[at + 1..];
        let ends = |c: char| c.is_whitespace() || matches!(c, ',' | '[' | ']' | '{' | '}');
        let name = &rest[..rest.find(ends).unwrap_or(rest.len())];
        (!name.is_empty()).then_some(Mark { at, name, is_alias: sign == "*" })
    })
}

/// Where the lines end that belong to what is anchored.
fn extent_end(text: &str, at: usize) -> usize {
    let line = text[..at].rfind('\n').map_or(0, |end| end + 1);
    let own = indent(&text[line..]);
    let (mut end, mut depth) = (at, 0i64);
    for (n, piece) in text[at..].split_inclusive('\n').enumerate() {
        let blank = piece.trim().is_empty();
        let below = indent(piece) > own || indent(piece) == own && piece.trim_start().starts_with("- ");
        if n > 0 && !blank && !below && depth <= 0 {
            return end;
        }
        depth += piece
            .bytes()
            .map(|byte| i64::from(matches!(byte, b'[' | b'{')) - i64::from(matches!(byte, b']' | b'}')))
            .sum::<i64>();
        end += piece.len();
    }
    end
}

fn indent(line: &str) -> usize {
    line.bytes().take_while(|byte| *byte == b' ').count()
}
