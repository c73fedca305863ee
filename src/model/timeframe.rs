//! Timeframes: their names, and the rule that says where their bars begin.

use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use super::settings::PostStep;

/// The name of a timeframe, such as `1m`, `4h` or `1W`; it is the name of a folder too. Cheap to clone.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Timeframe(Arc<str>);

/// Why a text cannot name a timeframe.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("'{0}' cannot name a timeframe: letters and digits and '-' or '_' only, at most 16 (for example 1h)")]
pub struct NotATimeframe(pub String);

/// Which edge of the interval: the earlier or the later one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    /// The earlier edge.
    Left,
    /// The later edge.
    Right,
}

/// How long the bars of a timeframe are, and where they may begin.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rule {
    /// A fixed length in milliseconds, a whole number of minutes.
    Fixed {
        /// The length.
        length_ms: i64,
    },
    /// Seven days from 00:00 of a weekday (0 = Monday to 6 = Sunday).
    Week {
        /// The weekday on which bars begin.
        begins: u32,
    },
    /// Calendar months.
    Month,
    /// Calendar quarters.
    Quarter,
    /// Calendar years.
    Year,
}

/// Where the edges of a fixed rule begin on their clock: minutes after 00:00 (0 is `epoch`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Origin {
    /// 00:00 of 1970-01-01.
    Epoch,
    /// A time of day, in minutes after 00:00.
    At {
        /// 0 to 1439.
        minutes: u16,
    },
}

/// One timeframe as a symbol will have it, every override applied.
#[derive(Clone, Debug, PartialEq)]
pub struct TimeframeSpec {
    /// Its name.
    pub id: Timeframe,
    /// The timeframe it is folded from.
    pub source: Timeframe,
    /// Lengths and edges.
    pub rule: Rule,
    /// Which edge names the bar.
    pub label: Side,
    /// Which edge belongs to the bar.
    pub closed: Side,
    /// Where fixed edges begin.
    pub origin: Origin,
    /// What is done to the folded bars.
    pub post: Vec<PostStep>,
}

impl Timeframe {
    /// The timeframe that comes from the feed.
    pub fn minute() -> Timeframe {
        Timeframe("1m".into())
    }

    /// The name.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether this is `1m`.
    pub fn is_minute(&self) -> bool {
        &*self.0 == "1m"
    }
}

impl FromStr for Timeframe {
    type Err = NotATimeframe;

    fn from_str(text: &str) -> Result<Timeframe, NotATimeframe> {
        let name = text.trim();
        let legal = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_');
        let sound = (1..=16).contains(&name.len())
            && name.starts_with(|c: char| c.is_ascii_alphanumeric())
            && name.chars().all(legal);
        if sound { Ok(Timeframe(name.into())) } else { Err(NotATimeframe(text.to_owned())) }
    }
}

impl fmt::Display for Timeframe {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

/// Why a text is no rule.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "'{0}' is not a rule: write a length such as 5T, 15min, 1h, 4H or 1D, or a calendar rule W-MON, MS, QS or AS"
)]
pub struct NotARule(pub String);

impl FromStr for Rule {
    type Err = NotARule;

    /// Reads old and new pandas spellings: `5T 15min 1H 4h 1D W-MON MS M QS AS YS`.
    fn from_str(text: &str) -> Result<Rule, NotARule> {
        let trimmed = text.trim();
        calendar_rule(trimmed).or_else(|| fixed_rule(trimmed)).ok_or_else(|| NotARule(text.to_owned()))
    }
}

impl Rule {
    /// The length of a fixed rule.
    pub fn length_ms(self) -> Option<i64> {
        match self {
            Rule::Fixed { length_ms } => Some(length_ms),
            _ => None,
        }
    }
}

fn calendar_rule(text: &str) -> Option<Rule> {
    const WEEKDAYS: [&str; 7] = ["MON", "TUE", "WED", "THU", "FRI", "SAT", "SUN"];
    if let Some(name) = text.strip_prefix("W-") {
        let begins = WEEKDAYS.iter().position(|day| day.eq_ignore_ascii_case(name))?;
        return Some(Rule::Week { begins: begins as u32 });
    }
    match text {
        "W" => Some(Rule::Week { begins: 6 }),
        "MS" | "M" => Some(Rule::Month),
        "QS" | "QS-JAN" => Some(Rule::Quarter),
        "AS" | "YS" | "AS-JAN" | "YS-JAN" => Some(Rule::Year),
        _ => None,
    }
}

fn fixed_rule(text: &str) -> Option<Rule> {
    let digits = text.len() - text.trim_start_matches(|c: char| c.is_ascii_digit()).len();
    let (number, unit) = text.split_at(digits);
    let number: i64 = if number.is_empty() { 1 } else { number.parse().ok()? };
    // Pandas tells `min` from `M` by case, and takes `T`, `H` and `D` in either.
    let unit_ms = match unit {
        "T" | "t" | "min" | "MIN" | "Min" => 60_000,
        "H" | "h" => 3_600_000,
        "D" | "d" => 86_400_000,
        _ => return None,
    };
    let length_ms = number.checked_mul(unit_ms)?;
    ((1..=366 * 86_400_000).contains(&length_ms)).then_some(Rule::Fixed { length_ms })
}
