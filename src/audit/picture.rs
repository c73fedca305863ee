//! What the pictures of the report show: symbols by month, and the days of each symbol. How they are drawn is not said here.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use super::counts::{Counts, Period, percent_text};
use super::coverage::{Audit, SymbolAudit};
use super::findings::{AuditedDay, DayState};
use crate::model::Day;

/// Colours that people with any kind of colour vision tell apart (Okabe and Ito, "Color universal design", 2008); greys
/// for days on which nothing trades. In the order of [`DayState::ALL`].
pub const COLOURS: [&str; 9] =
    ["#d9d9d9", "#a6a6a6", "#009e73", "#56b4e9", "#f0e442", "#cc79a7", "#d55e00", "#0072b2", "#e69f00"];

/// Up to so many months each has its own label.
const MONTHS_LABELLED: usize = 24;
/// Letters for bars of a day: two of them count to 4,095.
const LETTERS: &[u8; 64] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz-_";

/// Symbols by month; what is shown is the share of expected days on which nothing is wrong.
#[derive(Clone, Debug, PartialEq)]
pub struct Overview {
    /// How many months.
    pub months: usize,
    /// Months with a label, by their place.
    pub ticks: Vec<(usize, String)>,
    /// The symbols, a row each.
    pub names: Vec<String>,
    /// By symbol and month, in percent; `None` where nothing was expected.
    pub sound: Vec<Vec<Option<f64>>>,
    /// The same in words, lines divided by `<br>`.
    pub told: Vec<Vec<String>>,
}

impl Overview {
    /// Of everything; `None` without any day.
    pub fn of(audit: &Audit) -> Option<Overview> {
        let days = || audit.symbols.iter().flat_map(|symbol| &symbol.days).map(|day| day.day);
        let months = months(days().min()?, days().max()?);
        let mut overview = Overview {
            months: months.len(),
            ticks: ticks(&months),
            names: audit.symbols.iter().map(|symbol| symbol.symbol.to_string()).collect(),
            sound: Vec::new(),
            told: Vec::new(),
        };
        for symbol in &audit.symbols {
            let (sound, told) = row(symbol, &months).into_iter().unzip();
            overview.sound.push(sound);
            overview.told.push(told);
        }
        Some(overview)
    }
}

/// The days of a symbol as the page reads them: from the first day on, a digit for the state of each and two letters for
/// its bars; and words for days with something to tell. 21 bytes a week and nothing else, because 42 symbols of 20 years
/// have 307,000 days.
pub fn packed(symbol: &SymbolAudit) -> Value {
    let state = |day: &AuditedDay| char::from(b'0' + state_number(day.state));
    let bars = |day: &AuditedDay| {
        let bars = usize::from(day.bars);
        [char::from(LETTERS[bars / 64 % 64]), char::from(LETTERS[bars % 64])]
    };
    let mut notes = Map::new();
    for damage in &symbol.damages {
        let bars = if damage.bars > 0 { format!("{} x ", damage.bars) } else { String::new() };
        let words = format!("{bars}{}", damage.kind.words());
        let note = notes.entry(damage.day.epoch_days().to_string()).or_insert_with(|| json!(""));
        let before = note.as_str().filter(|before| !before.is_empty()).map(|before| format!("{before}, "));
        *note = json!(before.unwrap_or_default() + &words);
    }
    json!({
        "name": symbol.symbol.as_str(),
        "first": symbol.days.first().map(|day| day.day.epoch_days()),
        "states": symbol.days.iter().map(state).collect::<String>(),
        "bars": symbol.days.iter().flat_map(bars).collect::<String>(),
        "notes": notes,
    })
}

fn state_number(state: DayState) -> u8 {
    let place = DayState::ALL.iter().position(|other| *other == state);
    place.expect("every state is in the list") as u8
}

fn months(first: Day, last: Day) -> Vec<Day> {
    let next = |month: &Day| Some(Period::Month.begins(month.plus(31)));
    let all = std::iter::successors(Some(Period::Month.begins(first)), next);
    all.take_while(|month| *month <= last).collect()
}

fn ticks(months: &[Day]) -> Vec<(usize, String)> {
    let period = if months.len() <= MONTHS_LABELLED { Period::Month } else { Period::Year };
    let labelled = months.iter().enumerate().filter(|(_, month)| period.begins(**month) == **month);
    labelled.map(|(place, month)| (place, period.of(*month))).collect()
}

/// One symbol's months: the share of sound days, and what the pointer is told.
fn row(symbol: &SymbolAudit, months: &[Day]) -> Vec<(Option<f64>, String)> {
    let of: BTreeMap<Day, Counts> = Counts::by_period(symbol, Period::Month).into_iter().collect();
    let cell = |month: &Day| {
        let counts = of.get(month).filter(|counts| counts.expected + counts.damaged > 0)?;
        let wrong = counts.missing + counts.suspicious + counts.unbacked + counts.damaged;
        let all = counts.expected.max(wrong);
        let sound = (all - wrong) as f64 / all as f64 * 100.0;
        Some((Some(sound), told(symbol, *month, counts, sound)))
    };
    months.iter().map(|month| cell(month).unwrap_or_default()).collect()
}

fn told(symbol: &SymbolAudit, month: Day, counts: &Counts, sound: f64) -> String {
    let mut text = format!(
        "{} {}<br>{} of {} days, {} % sound",
        symbol.symbol,
        Period::Month.of(month),
        counts.present,
        counts.expected,
        percent_text(Some(sound)),
    );
    let found = [
        (counts.missing, "missing"),
        (counts.suspicious, "suspiciously empty"),
        (counts.unbacked, "without payload"),
        (counts.damaged, "damaged"),
        (counts.gaps, "gaps"),
        (counts.spikes, "spikes"),
    ];
    for (count, word) in found.into_iter().filter(|(count, _)| *count > 0) {
        text.push_str(&format!("<br>{count} {word}"));
    }
    text
}
