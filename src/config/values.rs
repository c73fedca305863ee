//! Single values: text -> number, date, time of day, zone, name; each refusal says what would be taken.

use std::ops::RangeInclusive;
use std::str::FromStr;

use chrono::{NaiveDate, NaiveDateTime, NaiveTime};
use chrono_tz::{TZ_VARIANTS, Tz};

use crate::model::spelling::edit_distance;
use crate::model::timeframe::{Origin, Rule};
use crate::model::{Day, Symbol, Timeframe};

use super::error::Fault;
use super::nearest::nearest;

/// A whole number within a range.
pub(super) fn whole(range: RangeInclusive<i64>) -> impl Fn(&str) -> Result<i64, Fault> {
    move |text| {
        let remedy = || format!("write a whole number from {} to {}", range.start(), range.end());
        let number: i64 = text
            .trim()
            .replace('_', "")
            .parse()
            .map_err(|_| Fault::new(format!("'{text}' is not a whole number"), remedy()))?;
        if range.contains(&number) {
            return Ok(number);
        }
        Err(Fault::new(format!("{number} is out of range"), remedy()))
    }
}

/// A finite number.
pub(super) fn number(text: &str) -> Result<f64, Fault> {
    let parsed = text.trim().replace('_', "").parse::<f64>();
    let finite = parsed.ok().filter(|number| number.is_finite());
    finite.ok_or_else(|| Fault::new(format!("'{text}' is not a number"), "write a number such as 2 or 0.5"))
}

/// A finite number within a range.
pub(super) fn number_within(range: RangeInclusive<f64>) -> impl Fn(&str) -> Result<f64, Fault> {
    move |text| {
        let found = number(text)?;
        if range.contains(&found) {
            return Ok(found);
        }
        let remedy = format!("write a number from {} to {}", range.start(), range.end());
        Err(Fault::new(format!("{text} is out of range"), remedy))
    }
}

/// Yes or no, in the spellings YAML has had.
pub(super) fn flag(text: &str) -> Result<bool, Fault> {
    match text.trim().to_ascii_lowercase().as_str() {
        "true" | "yes" | "on" => Ok(true),
        "false" | "no" | "off" => Ok(false),
        _ => Err(Fault::new(format!("'{text}' is neither true nor false"), "write true or false")),
    }
}

/// One word of a list; case does not count.
pub(super) fn one_of<T: Copy>(words: &'static [(&'static str, T)]) -> impl Fn(&str) -> Result<T, Fault> {
    move |text| {
        let found = words.iter().find(|(word, _)| word.eq_ignore_ascii_case(text.trim()));
        found.map(|(_, meaning)| *meaning).ok_or_else(|| {
            let names: Vec<&str> = words.iter().map(|(word, _)| *word).collect();
            let near = nearest(text, names.iter().copied(), 1).join("");
            let remedy = format!("write one of {} (nearest: {near})", names.join(", "));
            Fault::new(format!("'{text}' is not known here"), remedy)
        })
    }
}

/// A day, or `none`.
pub(super) fn day_or_none(text: &str) -> Result<Option<Day>, Fault> {
    if text.trim().eq_ignore_ascii_case("none") {
        return Ok(None);
    }
    let refuse = |error: crate::model::day::NotADay| Fault::new(error.to_string(), "or write none");
    text.parse().map(Some).map_err(refuse)
}

/// Requests per second; `none` and 0 are no limit.
pub(super) fn rate(text: &str) -> Result<Option<f64>, Fault> {
    if text.trim().eq_ignore_ascii_case("none") {
        return Ok(None);
    }
    number_within(0.0..=1000.0)(text).map(|rate| (rate > 0.0).then_some(rate))
}

/// Seconds, more than none.
pub(super) fn seconds(text: &str) -> Result<std::time::Duration, Fault> {
    let refuse =
        || Fault::new(format!("{text} is out of range"), "write seconds, more than 0 and at most 3600");
    let found = number(text)?;
    if found <= 0.0 || found > 3600.0 {
        return Err(refuse());
    }
    std::time::Duration::try_from_secs_f64(found).map_err(|_| refuse())
}

/// A worker count; `all` is one per core.
pub(super) fn workers(text: &str) -> Result<Option<usize>, Fault> {
    if ["all", "none", "auto"].iter().any(|word| text.trim().eq_ignore_ascii_case(word)) {
        return Ok(None);
    }
    whole(1..=1024)(text).map(|count| Some(count as usize))
}

/// A server shift: the records keep it in seconds.
pub(super) fn shift_ms(text: &str) -> Result<i64, Fault> {
    let shift = whole(-86_400_000..=86_400_000)(text)?;
    if shift % 1000 == 0 {
        return Ok(shift);
    }
    Err(Fault::new(
        format!("{shift} ms is not a whole number of seconds"),
        "write a multiple of 1000, such as 7200000",
    ))
}

/// An address of a feed, without a slash at its end.
pub(super) fn address(text: &str) -> Result<String, Fault> {
    let trimmed = text.trim().trim_end_matches('/');
    let rest = trimmed.strip_prefix("https://").or_else(|| trimmed.strip_prefix("http://"));
    if rest.is_some_and(|rest| !rest.is_empty() && !rest.contains(char::is_whitespace)) {
        return Ok(trimmed.to_owned());
    }
    Err(Fault::new(format!("'{text}' is not an address"), "write http://... or https://..."))
}

/// The first wall time of a limit: `YYYY-MM-DD[ HH:MM[:SS]]`, in milliseconds of its clock.
pub(super) fn wall_from(text: &str) -> Result<i64, Fault> {
    wall(text, 0)
}

/// The last wall time of a limit, included; without a time the last millisecond of that day.
pub(super) fn wall_to(text: &str) -> Result<i64, Fault> {
    wall(text, 86_400_000 - 1)
}

fn wall(text: &str, without_time_ms: i64) -> Result<i64, Fault> {
    let refuse = || {
        let remedy = "write YYYY-MM-DD, YYYY-MM-DD HH:MM or YYYY-MM-DD HH:MM:SS";
        Fault::new(format!("'{text}' is not a date"), remedy)
    };
    let plain = text.trim().replacen('T', " ", 1);
    let digits = plain.chars().all(|c| c.is_ascii_digit() || matches!(c, '-' | ' ' | ':'));
    if !digits || plain.find('-') != Some(4) {
        return Err(refuse());
    }
    if let Ok(date) = NaiveDate::parse_from_str(&plain, "%Y-%m-%d") {
        return Ok(date.and_time(NaiveTime::MIN).and_utc().timestamp_millis() + without_time_ms);
    }
    let with_time = ["%Y-%m-%d %H:%M:%S", "%Y-%m-%d %H:%M"];
    let found = with_time.iter().find_map(|format| NaiveDateTime::parse_from_str(&plain, format).ok());
    found.map(|time| time.and_utc().timestamp_millis()).ok_or_else(refuse)
}

/// A time of day as minutes after midnight.
pub(super) fn minutes(text: &str) -> Result<u16, Fault> {
    let refuse =
        || Fault::new(format!("'{text}' is not a time of day"), "write HH:MM from 00:00 to 23:59, in quotes");
    let mut parts = text.trim().split(':');
    let (hours, minutes, seconds) = (parts.next(), parts.next(), parts.next());
    let two = |part: Option<&str>| {
        let part = part.filter(|part| (1..=2).contains(&part.len()))?;
        part.chars().all(|c| c.is_ascii_digit()).then(|| part.parse::<u16>().ok())?
    };
    let (Some(hours), Some(minutes)) =
        (two(hours), two(minutes).filter(|_| minutes.is_some_and(|m| m.len() == 2)))
    else {
        return Err(refuse());
    };
    let sound = hours < 24 && minutes < 60 && seconds.is_none_or(|s| s == "00") && parts.next().is_none();
    if sound { Ok(hours * 60 + minutes) } else { Err(refuse()) }
}

/// `epoch` or a time of day; 00:00 is epoch.
pub(super) fn origin(text: &str) -> Result<Origin, Fault> {
    if text.trim().eq_ignore_ascii_case("epoch") {
        return Ok(Origin::Epoch);
    }
    let refuse = |fault: Fault| Fault::new(fault.reason, "write epoch, or HH:MM in quotes");
    match minutes(text).map_err(refuse)? {
        0 => Ok(Origin::Epoch),
        minutes => Ok(Origin::At { minutes }),
    }
}

/// 0 for Monday to 6 for Sunday.
pub(super) fn weekday(text: &str) -> Result<u32, Fault> {
    let refuse =
        || Fault::new(format!("'{text}' is not a weekday"), "write a number from 0 (Monday) to 6 (Sunday)");
    whole(0..=6)(text).map(|day| day as u32).map_err(|_| refuse())
}

/// An IANA zone.
pub(super) fn zone(text: &str) -> Result<Tz, Fault> {
    Tz::from_str(text.trim()).map_err(|_| {
        let near = near_zones(text.trim());
        Fault::new(
            format!("'{text}' is no time zone"),
            format!("the nearest IANA zones are {}", near.join(", ")),
        )
    })
}

/// Zones are mistyped as a whole (`America/NewYork`) or named by their city alone (`Berlin`).
fn near_zones(text: &str) -> Vec<&'static str> {
    let city = |name: &'static str| name.rsplit('/').next().unwrap_or(name);
    let mut ranked: Vec<(usize, &str)> = TZ_VARIANTS
        .iter()
        .map(|zone| {
            (edit_distance(text, zone.name()).min(edit_distance(text, city(zone.name()))), zone.name())
        })
        .collect();
    ranked.sort_by_key(|(distance, _)| *distance);
    ranked.into_iter().take(3).map(|(_, name)| name).collect()
}

/// A symbol.
pub(super) fn symbol(text: &str) -> Result<Symbol, Fault> {
    text.parse()
        .map_err(|error: crate::model::symbol::NotASymbol| Fault::new(error.to_string(), "correct the name"))
}

/// The name of a timeframe.
pub(super) fn timeframe(text: &str) -> Result<Timeframe, Fault> {
    let refuse =
        |error: crate::model::timeframe::NotATimeframe| Fault::new(error.to_string(), "correct the name");
    text.parse().map_err(refuse)
}

/// A rule.
pub(super) fn rule(text: &str) -> Result<Rule, Fault> {
    const SPELLINGS: &[&str] =
        &["1T", "5T", "15T", "30T", "1min", "1h", "4h", "1D", "W-MON", "W-SUN", "MS", "QS", "AS", "YS"];
    let refuse = |error: crate::model::timeframe::NotARule| {
        Fault::new(
            error.to_string(),
            format!("nearest: {}", nearest(text, SPELLINGS.iter().copied(), 1).join("")),
        )
    };
    text.parse().map_err(refuse)
}

/// An ending of a server label `YYYY-MM-DD HH:MM:SS`.
pub(super) fn label_ending(text: &str) -> Result<String, Fault> {
    const SHAPE: &str = "dddd-dd-dd dd:dd:dd";
    let length = text.chars().count();
    let fits = (1..=SHAPE.len()).contains(&length)
        && text.chars().zip(SHAPE[SHAPE.len() - length..].chars()).all(|(c, shape)| match shape {
            'd' => c.is_ascii_digit(),
            other => c == other,
        });
    if fits {
        return Ok(text.to_owned());
    }
    let reason = format!("'{text}' is no ending of a label YYYY-MM-DD HH:MM:SS");
    Err(Fault::new(reason, "write it in quotes, with seconds: \"09:10:00\""))
}
