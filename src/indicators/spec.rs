//! How indicators are asked for: `rsi_14`, `macd(fast=12, slow=26)`, `sma(source=rsi_14, period=9)`,
//! `bbands_20_2__upper`, `ema_50@BTC-USD/1d`.

use super::catalog::{catalog, find};
use super::entry::{Args, Field, Indicator, Param, Values};
use super::error::IndicatorError;
use crate::model::spelling::nearest;

/// Requests within requests.
const DEPTH_MAX: usize = 16;

/// Whether a name is one of the user's own indicators.
pub type UserNames<'a> = &'a dyn Fn(&str) -> bool;

/// One column, or all columns of one indicator, as somebody asked for it.
#[derive(Clone, Debug, PartialEq)]
pub struct Ask {
    /// As typed, without spaces around it: the name of the column.
    pub text: String,
    /// What is computed.
    pub source: Source,
    /// Whether one output of several was named.
    pub one_output: bool,
    /// Of which symbol and timeframe, if another than the slice's.
    pub place: Option<Place>,
}

impl Ask {
    /// The names of its columns: the request as typed, of several outputs with each output's name behind it.
    pub fn columns(&self) -> Vec<String> {
        match &self.source {
            Source::Call(call, _) if !self.one_output && call.indicator.outputs.len() > 1 => {
                call.indicator.outputs.iter().map(|sub| format!("{}__{sub}", self.text)).collect()
            }
            _ => vec![self.text.clone()],
        }
    }
}

/// Another symbol, timeframe or both, as typed after `@`.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Place(pub String);

/// Where a column comes from.
#[derive(Clone, Debug, PartialEq)]
pub enum Source {
    /// A field of the bars.
    Field(Field),
    /// An output of an indicator; for a whole request the first one.
    Call(Box<Call>, usize),
    /// One of the user's own indicators.
    User(String),
    /// Of another symbol or timeframe.
    Elsewhere(Box<Ask>),
}

/// An indicator with its arguments and inputs.
#[derive(Clone, Debug)]
pub struct Call {
    /// Which one.
    pub indicator: &'static Indicator,
    /// One for each parameter.
    pub args: Args,
    /// One for each input.
    pub inputs: Vec<Source>,
}

impl PartialEq for Call {
    fn eq(&self, other: &Call) -> bool {
        self.indicator.name == other.indicator.name && self.args == other.args && self.inputs == other.inputs
    }
}

/// Reads a list of requests with commas between them.
pub fn parse_asks(text: &str, users: UserNames<'_>) -> Result<Vec<Ask>, IndicatorError> {
    let parts = split_outside(text, ',').ok_or_else(|| syntax(text, "a bracket is not closed"))?;
    parts
        .into_iter()
        .filter(|part| !part.trim().is_empty())
        .map(|part| Reader { users, whole: part }.ask(part, 0))
        .collect()
}

struct Reader<'a> {
    users: UserNames<'a>,
    /// For messages.
    whole: &'a str,
}

/// What stands in the brackets of a call.
struct Argument<'a> {
    name: Option<&'a str>,
    value: &'a str,
}

impl Reader<'_> {
    fn ask(&self, text: &str, depth: usize) -> Result<Ask, IndicatorError> {
        let text = text.trim();
        if depth > DEPTH_MAX {
            return Err(syntax(self.whole, "requests are nested too deeply"));
        }
        let mut halves =
            split_outside(text, '@').ok_or_else(|| syntax(text, "a bracket is not closed"))?.into_iter();
        let body = halves.next().unwrap_or_default().trim();
        let place = halves.next().map(|place| Place(place.trim().to_owned()));
        if halves.next().is_some() || place.as_ref().is_some_and(|place| place.0.is_empty()) {
            return Err(syntax(text, "after the @ comes one symbol, timeframe or SYMBOL/TIMEFRAME"));
        }
        // An output may be named behind the place too: macd@4h__hist is macd__hist@4h.
        if let Some((before, sub)) = place.as_ref().and_then(|place| place.0.rsplit_once("__"))
            && let Ok((source, one_output)) = self.body(&format!("{body}__{sub}"), depth)
        {
            let place = Some(Place(before.to_owned()));
            return Ok(Ask { text: text.to_owned(), source, one_output, place });
        }
        let (source, one_output) = self.body(body, depth)?;
        Ok(Ask { text: text.to_owned(), source, one_output, place })
    }

    fn body(&self, body: &str, depth: usize) -> Result<(Source, bool), IndicatorError> {
        if body.is_empty() {
            return Err(syntax(self.whole, "a name is missing"));
        }
        if (self.users)(body) {
            return Ok((Source::User(body.to_owned()), false));
        }
        let lower = body.to_ascii_lowercase();
        if let Some(field) = Field::named(&lower) {
            return Ok((Source::Field(field), false));
        }
        let (call_text, sub) = match lower.rsplit_once("__") {
            Some((call, sub)) if !sub.contains(')') => (call, Some(sub)),
            _ => (lower.as_str(), None),
        };
        // User names may be upper case, so what is nested is taken from the text as typed.
        let call = self.call(&body[..call_text.len()], depth)?;
        let Some(sub) = sub else { return Ok((Source::Call(Box::new(call), 0), false)) };
        let outputs = call.indicator.outputs;
        match outputs.iter().position(|output| *output == sub) {
            Some(output) => Ok((Source::Call(Box::new(call), output), true)),
            None => Err(IndicatorError::Argument {
                text: self.whole.to_owned(),
                reason: format!("{} has no output '{sub}' but {}", call.indicator.name, outputs.join(", ")),
                example: format!("{}__{}", example(call.indicator), outputs[0]),
            }),
        }
    }

    fn call(&self, text: &str, depth: usize) -> Result<Call, IndicatorError> {
        let Some((name, rest)) = text.split_once('(') else { return self.underscored(text, depth) };
        let name = name.trim().to_ascii_lowercase();
        let indicator = find(&name).ok_or_else(|| self.unknown(&name))?;
        let Some(inside) = rest.trim_end().strip_suffix(')') else {
            return Err(syntax(self.whole, "a bracket is not closed, or something follows it"));
        };
        let parts =
            split_outside(inside, ',').ok_or_else(|| syntax(self.whole, "a bracket is not closed"))?;
        let arguments: Vec<Argument<'_>> =
            parts.into_iter().filter(|part| !part.trim().is_empty()).map(argument).collect();
        self.with_arguments(indicator, &arguments, depth)
    }

    /// `name_arg_arg`: the longest beginning that is a name, then its arguments.
    fn underscored(&self, text: &str, depth: usize) -> Result<Call, IndicatorError> {
        let lower = text.to_ascii_lowercase();
        let ends: Vec<usize> = lower.match_indices('_').map(|(end, _)| end).chain([lower.len()]).collect();
        let found = ends.into_iter().rev().find_map(|end| Some((find(&lower[..end])?, end)));
        let Some((indicator, end)) = found else { return Err(self.unknown(&lower)) };
        let rest = lower[end..].strip_prefix('_').unwrap_or("");
        if rest.is_empty() && end < lower.len() {
            return Err(syntax(self.whole, "an argument is missing after the last _"));
        }
        let values = rest.split('_').filter(|_| !rest.is_empty());
        let arguments: Vec<Argument<'_>> = values.map(|value| Argument { name: None, value }).collect();
        self.with_arguments(indicator, &arguments, depth)
    }

    fn with_arguments(
        &self,
        indicator: &'static Indicator,
        arguments: &[Argument<'_>],
        depth: usize,
    ) -> Result<Call, IndicatorError> {
        let mut numbers: Vec<Option<f64>> = vec![None; indicator.params.len()];
        let mut inputs: Vec<Option<Source>> = vec![None; indicator.inputs.len()];
        for argument in arguments {
            let place = self.place_of(indicator, argument, &numbers, &inputs)?;
            match place {
                Slot::Param(n) if numbers[n].is_none() => {
                    numbers[n] = Some(self.number(indicator, &indicator.params[n], argument.value)?);
                }
                Slot::Input(n) if inputs[n].is_none() => inputs[n] = Some(self.input(argument.value, depth)?),
                Slot::Param(n) => {
                    return Err(self.bad(indicator, format!("{} is given twice", indicator.params[n].name)));
                }
                Slot::Input(n) => {
                    return Err(self.bad(indicator, format!("{} is given twice", indicator.inputs[n].name)));
                }
            }
        }
        let mut args = Vec::with_capacity(numbers.len());
        for (param, given) in indicator.params.iter().zip(&numbers) {
            let unsaid = param.like.map_or(param.default, |other: usize| args[other]);
            args.push(given.unwrap_or(unsaid));
        }
        let inputs = indicator.inputs.iter().zip(inputs);
        let inputs = inputs.map(|(input, given)| given.unwrap_or(Source::Field(input.default))).collect();
        Ok(Call { indicator, args: Args(args), inputs })
    }

    fn place_of(
        &self,
        indicator: &'static Indicator,
        argument: &Argument<'_>,
        numbers: &[Option<f64>],
        inputs: &[Option<Source>],
    ) -> Result<Slot, IndicatorError> {
        let next_param = numbers.iter().position(Option::is_none);
        let Some(name) = argument.name else {
            let is_word =
                next_param.is_some_and(|n| word_place(&indicator.params[n], argument.value).is_some());
            return if argument.value.parse::<f64>().is_ok() || is_word {
                next_param
                    .map(Slot::Param)
                    .ok_or_else(|| self.bad(indicator, "there are too many arguments".to_owned()))
            } else {
                let next = inputs.iter().position(Option::is_none);
                next.map(Slot::Input)
                    .ok_or_else(|| self.bad(indicator, format!("'{}' is no number", argument.value)))
            };
        };
        let name = match name {
            "length" | "timeperiod" | "n" | "window" => "period",
            other => other,
        };
        let param = indicator.params.iter().position(|param| param.name == name).map(Slot::Param);
        let input = indicator.inputs.iter().position(|input| input.name == name).map(Slot::Input);
        param.or(input).ok_or_else(|| {
            let params = indicator.params.iter().map(|param| param.name);
            let known: Vec<&str> = params.chain(indicator.inputs.iter().map(|input| input.name)).collect();
            self.bad(indicator, format!("there is no parameter '{name}', only {}", known.join(", ")))
        })
    }

    fn number(
        &self,
        indicator: &'static Indicator,
        param: &Param,
        text: &str,
    ) -> Result<f64, IndicatorError> {
        if let Some(place) = word_place(param, text) {
            return Ok(place as f64);
        }
        let number: Option<f64> = text.parse().ok().filter(|number: &f64| number.is_finite());
        let fits = |number: &f64| match param.values {
            Values::Whole(min, max) => number.fract() == 0.0 && (min..=max).contains(number),
            Values::Real(min, max) => (min..=max).contains(number),
            Values::Words(words) => number.fract() == 0.0 && (0.0..words.len() as f64).contains(number),
        };
        let wanted = match param.values {
            Values::Whole(min, max) => format!("a whole number from {min} to {max}"),
            Values::Real(min, max) => format!("a number from {min} to {max}"),
            Values::Words(words) => format!("one of {}", words.join(", ")),
        };
        number
            .filter(fits)
            .ok_or_else(|| self.bad(indicator, format!("{} is {wanted}, not '{text}'", param.name)))
    }

    fn input(&self, text: &str, depth: usize) -> Result<Source, IndicatorError> {
        let ask = self.ask(text, depth + 1)?;
        Ok(match ask.place {
            // An input is one column.
            Some(_) => Source::Elsewhere(Box::new(Ask { one_output: true, ..ask })),
            None => ask.source,
        })
    }

    fn unknown(&self, name: &str) -> IndicatorError {
        // What is typed usually has arguments, and names have none.
        let bare = name.trim_end_matches(|c: char| c.is_ascii_digit() || matches!(c, '_' | '.' | '-'));
        let names =
            catalog().iter().flat_map(|indicator| indicator.aliases.iter().copied().chain([indicator.name]));
        IndicatorError::Unknown { name: name.to_owned(), nearest: nearest(bare, names) }
    }

    fn bad(&self, indicator: &'static Indicator, reason: String) -> IndicatorError {
        IndicatorError::Argument { text: self.whole.to_owned(), reason, example: example(indicator) }
    }
}

#[derive(Clone, Copy)]
enum Slot {
    Param(usize),
    Input(usize),
}

fn word_place(param: &Param, text: &str) -> Option<usize> {
    let Values::Words(words) = param.values else { return None };
    words.iter().position(|word| word.eq_ignore_ascii_case(text))
}

fn argument(text: &str) -> Argument<'_> {
    let text = text.trim();
    let name = text
        .split_once('=')
        .filter(|(name, _)| name.trim().bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_'));
    match name {
        Some((name, value)) => Argument { name: Some(name.trim()), value: value.trim() },
        None => Argument { name: None, value: text },
    }
}

/// The request with all defaults, `macd_12_26_9`.
pub fn example(indicator: &Indicator) -> String {
    indicator.params.iter().fold(indicator.name.to_owned(), |text, param| match param.values {
        Values::Words(words) => format!("{text}_{}", words[param.default as usize]),
        _ => format!("{text}_{}", param.default),
    })
}

/// Splits where the separator stands outside of all brackets; `None` when brackets do not match.
fn split_outside(text: &str, separator: char) -> Option<Vec<&str>> {
    let (mut parts, mut depth, mut begin) = (Vec::new(), 0_usize, 0);
    for (place, c) in text.char_indices() {
        match c {
            '(' => depth += 1,
            ')' => depth = depth.checked_sub(1)?,
            c if c == separator && depth == 0 => {
                parts.push(&text[begin..place]);
                begin = place + c.len_utf8();
            }
            _ => {}
        }
    }
    parts.push(&text[begin..]);
    (depth == 0).then_some(parts)
}

fn syntax(text: &str, reason: &str) -> IndicatorError {
    let example = "macd_12_26_9, or sma(source=rsi_14, period=9)";
    IndicatorError::Syntax { text: text.to_owned(), reason: reason.to_owned(), example: example.to_owned() }
}
