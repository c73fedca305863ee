//! The words of a query, as far as the engine has to know them before polars reads it.

/// A word, or a sign that is none.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Token {
    /// As typed; in double quotes or backticks it is a name whatever it says.
    Word {
        text: String,
        quoted: bool,
    },
    /// A text or a number, which names nothing.
    Value,
    Sign(char),
}

/// The word a query begins with, in upper case; comments, brackets and EXPLAIN before it do not count.
pub(super) fn first_word(text: &str) -> Option<String> {
    let word = |token| match token {
        Token::Word { text, quoted: false } => text.to_ascii_uppercase(),
        Token::Word { text, quoted: true } => text,
        Token::Value => "a value".to_owned(),
        Token::Sign(sign) => sign.to_string(),
    };
    tokens(text).into_iter().map(word).find(|word| word != "(" && word != "EXPLAIN")
}

/// The names a query gives to its own queries: what stands before `AS (`, perhaps with a list of columns between.
pub(super) fn defined_names(text: &str) -> Vec<String> {
    let tokens = tokens(text);
    let is_as = |token: &Token| matches!(token, Token::Word { text, quoted: false } if text.eq_ignore_ascii_case("AS"));
    let mut names = Vec::new();
    for place in 1..tokens.len().saturating_sub(1) {
        let opens = match &tokens[place + 1] {
            Token::Sign('(') => true,
            Token::Word { text, quoted: false } => {
                ["MATERIALIZED", "NOT"].iter().any(|word| text.eq_ignore_ascii_case(word))
            }
            _ => false,
        };
        if opens
            && is_as(&tokens[place])
            && let Some(Token::Word { text, .. }) = tokens.get(before_list(&tokens, place - 1))
        {
            names.push(text.clone());
        }
    }
    names
}

/// The place itself, or the one before the brackets that end there.
fn before_list(tokens: &[Token], place: usize) -> usize {
    if tokens[place] != Token::Sign(')') {
        return place;
    }
    let open = tokens[..place].iter().rposition(|token| *token == Token::Sign('('));
    open.and_then(|open| open.checked_sub(1)).unwrap_or(place)
}

fn tokens(text: &str) -> Vec<Token> {
    let mut rest = text;
    let mut tokens = Vec::new();
    while let Some(next) = rest.chars().next() {
        let behind = &rest[next.len_utf8()..];
        rest = match next {
            _ if rest.starts_with("--") => after(rest, "\n"),
            _ if rest.starts_with("/*") => after(&rest[2..], "*/"),
            '"' | '`' => {
                let (text, behind) = behind.split_once(next).unwrap_or((behind, ""));
                tokens.push(Token::Word { text: text.to_owned(), quoted: true });
                behind
            }
            '\'' => {
                tokens.push(Token::Value);
                after(behind, "'")
            }
            _ if next.is_whitespace() => behind,
            _ if is_of_word(next) => {
                let end = rest.find(|c| !is_of_word(c)).unwrap_or(rest.len());
                tokens.push(match next.is_ascii_digit() {
                    true => Token::Value,
                    false => Token::Word { text: rest[..end].to_owned(), quoted: false },
                });
                &rest[end..]
            }
            sign => {
                tokens.push(Token::Sign(sign));
                behind
            }
        };
    }
    tokens
}

fn is_of_word(c: char) -> bool {
    c.is_alphanumeric() || matches!(c, '_' | '@' | '#' | '$')
}

fn after<'a>(text: &'a str, end: &str) -> &'a str {
    text.split_once(end).map_or("", |(_, behind)| behind)
}

/// The line and column a complaint ends with, from 1 on, and the complaint without them.
pub(super) fn place_of(complaint: &str) -> Option<(&str, usize, usize)> {
    let (said, place) = complaint.rsplit_once(" at Line: ")?;
    let (line, column) = place.split_once(", Column: ")?;
    let column: String = column.chars().take_while(char::is_ascii_digit).collect();
    Some((said, line.trim().parse().ok()?, column.parse().ok()?))
}

/// The line of a query, and below it a mark under the column.
pub(super) fn marked(text: &str, line: usize, column: usize) -> Option<String> {
    /// More of a long line tells nobody anything.
    const CHARS_BEFORE: usize = 60;
    const CHARS_MAX: usize = 100;
    let shown = text.lines().nth(line.checked_sub(1)?)?;
    let before = column.saturating_sub(1).saturating_sub(CHARS_BEFORE);
    let part: String =
        shown.chars().skip(before).take(CHARS_MAX).map(|c| if c == '\t' { ' ' } else { c }).collect();
    let mark = " ".repeat(column.saturating_sub(1) - before);
    Some(format!("  {part}\n  {mark}^"))
}
