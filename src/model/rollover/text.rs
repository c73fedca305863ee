//! Calendars as text: read strictly, written so that a person can go on with them.

use super::{AUTHORS, Author, Calendar, Event, EventKind, KINDS, Line};
use crate::model::Day;
use crate::model::spelling::edit_distance;

/// The columns of a calendar file; the first two are required.
pub const COLUMNS: [&str; 4] = ["date", "gap", "kind", "origin"];

const COMMENT: char = '#';
const EXAMPLE: &str = "2025-12-23,-0.44";

/// Why a text is no calendar.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{reason}; {remedy}")]
pub struct NotACalendar {
    /// From 1.
    pub line: usize,
    /// What is wrong.
    pub reason: String,
    /// What to write instead.
    pub remedy: String,
}

impl Calendar {
    /// Reads a calendar: comment lines (`#`), a header that names columns of [`COLUMNS`], and a line for each event in
    /// any order. An empty `kind` is a roll, an empty `origin` is the user's hand.
    ///
    /// # Errors
    /// [`NotACalendar`] with the first line that cannot be read: an unknown column, a date or number that is none, a
    /// factor that is not positive, a dividend below zero, the same kind of event twice on one date.
    pub fn parse(text: &str) -> Result<Calendar, NotACalendar> {
        let text = text.strip_prefix('\u{FEFF}').unwrap_or(text);
        let mut calendar = Calendar::default();
        let mut header: Option<Header> = None;
        let mut comments = Vec::new();
        let mut number = 0;
        for line in text.lines().map(str::trim) {
            number += 1;
            if line.starts_with(COMMENT) {
                comments.push(line.to_owned());
            } else if line.is_empty() {
                // Blank lines say nothing, so they are not kept.
            } else if let Some(header) = &header {
                let (event, author) = header.read(line, number)?;
                calendar.refuse_twice(&event, number)?;
                calendar.lines.push(Line { event, author, comments: std::mem::take(&mut comments), number });
            } else {
                header = Some(Header::parse(line, number)?);
            }
        }
        if header.is_none() {
            let remedy =
                format!("begin with the line date,gap and write a line such as {EXAMPLE} for each roll");
            return Err(fault(number.max(1), "there is no header", remedy));
        }
        calendar.tail = comments;
        calendar.sort();
        Ok(calendar)
    }

    /// The text of the calendar: what [`Calendar::parse`] reads, with every comment above the line it stood above.
    pub fn to_text(&self) -> String {
        let mut text = COLUMNS.join(",") + "\n";
        for Line { event: Event { day, kind, value }, author, comments, .. } in &self.lines {
            comments.iter().for_each(|comment| text += &format!("{comment}\n"));
            text += &format!("{day},{value},{kind},{author}\n");
        }
        self.tail.iter().for_each(|comment| text += &format!("{comment}\n"));
        text
    }

    fn refuse_twice(&self, event: &Event, number: usize) -> Result<(), NotACalendar> {
        let same = |line: &&Line| line.event.day == event.day && line.event.kind == event.kind;
        let Some(first) = self.lines.iter().find(same) else { return Ok(()) };
        let reason =
            format!("a second {} on {} (the first is in line {})", event.kind, event.day, first.number);
        Err(fault(number, reason, "keep one of the two lines, or add their values up".to_owned()))
    }
}

/// Which field of a line holds what.
struct Header {
    places: [Option<usize>; 4],
    fields: usize,
}

impl Header {
    fn parse(line: &str, number: usize) -> Result<Header, NotACalendar> {
        let mut header = Header { places: [None; 4], fields: 0 };
        for (place, name) in line.split(',').map(str::trim).enumerate() {
            let Some(column) = COLUMNS.iter().position(|known| known.eq_ignore_ascii_case(name)) else {
                let near = nearest(name, COLUMNS);
                let remedy = format!("the columns are {}; did you mean {near}?", COLUMNS.join(","));
                return Err(fault(number, format!("'{name}' is no column of a calendar"), remedy));
            };
            if header.places[column].replace(place).is_some() {
                let remedy = format!("write {}", COLUMNS.join(","));
                return Err(fault(number, format!("column '{name}' stands there twice"), remedy));
            }
            header.fields = place + 1;
        }
        for (column, name) in COLUMNS.iter().enumerate().take(2) {
            if header.places[column].is_none() {
                let remedy = "begin with the line date,gap (then kind and origin, if you like)";
                return Err(fault(number, format!("the column '{name}' is missing"), remedy.to_owned()));
            }
        }
        Ok(header)
    }

    fn read(&self, line: &str, number: usize) -> Result<(Event, Author), NotACalendar> {
        let fields: Vec<&str> = line.split(',').map(str::trim).collect();
        if fields.len() != self.fields {
            let reason = format!("{} fields where the header names {}", fields.len(), self.fields);
            let remedy = format!("write a field for each column, decimals with a point: {EXAMPLE}");
            return Err(fault(number, reason, remedy));
        }
        let field = |column: usize| self.places[column].map_or("", |place| fields[place]);
        let day = date(field(0)).ok_or_else(|| {
            let reason = format!("'{}' is not a date", field(0));
            fault(number, reason, "write YYYY-MM-DD, for example 2025-12-23".to_owned())
        })?;
        let kind = word(field(2), EventKind::Roll, &KINDS.map(|known| known.0), "kind", number)?;
        let author = word(field(3), Author::Hand, &AUTHORS.map(|known| known.0), "origin", number)?;
        let value = value(field(1), kind).map_err(|(reason, remedy)| fault(number, reason, remedy))?;
        Ok((Event { day, kind, value }, author))
    }
}

/// Exactly `YYYY-MM-DD`: what a spreadsheet makes of dates is not guessed at.
fn date(text: &str) -> Option<Day> {
    let shape = |(place, byte): (usize, u8)| match place {
        4 | 7 => byte == b'-',
        _ => byte.is_ascii_digit(),
    };
    (text.len() == 10 && text.bytes().enumerate().all(shape)).then(|| text.parse().ok())?
}

fn word<T: std::str::FromStr>(
    text: &str,
    otherwise: T,
    known: &[&'static str],
    column: &str,
    number: usize,
) -> Result<T, NotACalendar> {
    if text.is_empty() {
        return Ok(otherwise);
    }
    text.parse().map_err(|_| {
        let near = nearest(text, known.iter().copied());
        let remedy = format!("write {}; did you mean {near}?", known.join(" or "));
        fault(number, format!("'{text}' is no {column}"), remedy)
    })
}

/// A decimal number; what else it has to be depends on what it is.
fn value(text: &str, kind: EventKind) -> Result<f64, (String, String)> {
    // Rust reads `inf`, `nan` and `1e5` as numbers, too; a gap in a file is written out.
    let plain = text.bytes().all(|byte| byte.is_ascii_digit() || matches!(byte, b'+' | b'-' | b'.'));
    let number: Option<f64> = text.parse().ok().filter(|number: &f64| plain && number.is_finite());
    let Some(number) = number else {
        let remedy = "write a plain decimal number, for example -0.44".to_owned();
        return Err((format!("'{text}' is not a number"), remedy));
    };
    match kind {
        EventKind::Split if number <= 0.0 => {
            let remedy =
                "write how many new shares one old share became, for example 4 (0.1 for a reverse split)";
            Err((format!("a split by {text}"), remedy.to_owned()))
        }
        EventKind::Dividend if number < 0.0 => Err((
            format!("a dividend of {text}"),
            "write the amount that was paid, for example 0.25".to_owned(),
        )),
        // No sign on zero.
        _ => Ok(number + 0.0),
    }
}

fn nearest(typed: &str, known: impl IntoIterator<Item = &'static str>) -> &'static str {
    known.into_iter().min_by_key(|name| edit_distance(typed, name)).unwrap_or_default()
}

fn fault(line: usize, reason: impl Into<String>, remedy: String) -> NotACalendar {
    NotACalendar { line, reason: reason.into(), remedy }
}
