//! Steps on folded bars, as SPEC 7 words them: over the whole list of bars, one step after the other.

use std::collections::BTreeMap;

use chrono::{Datelike, NaiveDateTime};
use engine::model::settings::{Limits, PostStep, Session};
use engine::model::{Bar, TimeframeSpec};

use super::clock::TextClock;
use super::fold::round;

/// The steps of one timeframe, in order, each with the session that brings it.
#[derive(Clone, Debug)]
pub struct TextSteps {
    steps: Vec<(PostStep, Option<Session>)>,
    server: TextClock,
    exchange: TextClock,
}

/// A bar and the folded bars it is made of, counted from the first.
#[derive(Clone, Debug)]
pub struct Whole {
    pub bar: Bar,
    pub parts: Vec<usize>,
}

/// The watermark while it goes through the steps: its instant, and what the server's labels show.
type Mark = (i64, NaiveDateTime);

fn server_label(bar: &Bar) -> NaiveDateTime {
    let wall = bar.time_ms as i64 + 1000 * i64::from(bar.utc_offset_s);
    chrono::DateTime::from_timestamp_millis(wall).expect("a time of our times").naive_utc()
}

impl TextSteps {
    pub fn new(
        spec: &TimeframeSpec,
        sessions: &[Session],
        exchange: Option<&TextClock>,
        server: &TextClock,
    ) -> TextSteps {
        let mut steps: Vec<(PostStep, Option<Session>)> =
            spec.post.iter().map(|step| (step.clone(), None)).collect();
        for session in sessions {
            let Some(own) = session.timeframes.get(&spec.id) else { continue };
            steps.extend(own.post.iter().map(|step| (step.clone(), Some(session.clone()))));
        }
        TextSteps { steps, server: server.clone(), exchange: exchange.unwrap_or(server).clone() }
    }

    /// No steps at all.
    pub fn none(server: &TextClock) -> TextSteps {
        TextSteps { steps: Vec::new(), server: server.clone(), exchange: server.clone() }
    }

    /// All steps over all bars there are, and the watermark of what comes out: bars before it stay what they are.
    pub fn apply(&self, folded: &[Bar], watermark_ms: i64) -> (Vec<Whole>, i64) {
        let mut bars: Vec<Whole> =
            folded.iter().enumerate().map(|(i, bar)| Whole { bar: *bar, parts: vec![i] }).collect();
        let wall = |ms| chrono::DateTime::from_timestamp_millis(ms).expect("a time of our times").naive_utc();
        let mut mark: Mark = (watermark_ms, wall(self.server.wall(watermark_ms)));
        for (step, session) in &self.steps {
            match step {
                PostStep::Shift { offset_s } => {
                    mark = (mark.0 + 1000 * offset_s, mark.1 + chrono::Duration::seconds(*offset_s));
                    bars.iter_mut().for_each(|whole| {
                        whole.bar.time_ms = (whole.bar.time_ms as i64 + 1000 * offset_s) as u64
                    });
                }
                PostStep::Merge { ends_with, offset, limits } => {
                    let is_match = |bar: &Bar| self.is_match(bar, ends_with, limits, session.as_ref());
                    let anchors = anchors(&bars, *offset, is_match);
                    mark = held_back(&bars, &anchors, offset.unsigned_abs() as usize, mark);
                    bars = merged(&bars, &anchors);
                }
            }
        }
        (bars, mark.0)
    }

    fn is_match(&self, bar: &Bar, endings: &[String], limits: &Limits, session: Option<&Session>) -> bool {
        let label = server_label(bar);
        let exchange = self.exchange.wall(bar.time_ms as i64);
        let weekday = label.weekday().num_days_from_monday();
        let within = |from: Option<i64>, to: Option<i64>, weekdays: &[u32]| {
            from.is_none_or(|from| from <= exchange)
                && to.is_none_or(|to| exchange <= to)
                && (weekdays.is_empty() || weekdays.contains(&weekday))
        };
        let shown = label.format("%Y-%m-%d %H:%M:%S").to_string();
        endings.iter().any(|ending| shown.ends_with(ending.as_str()))
            && within(limits.from_wall_ms, limits.to_wall_ms, &limits.weekdays)
            && session.is_none_or(|own| within(own.from_wall_ms, own.to_wall_ms, &own.weekdays))
    }
}

/// From every bar that matches on to its neighbour, as long as there is one on the same date.
fn anchors(bars: &[Whole], offset: i32, is_match: impl Fn(&Bar) -> bool) -> Vec<usize> {
    let matches: Vec<bool> = bars.iter().map(|whole| is_match(&whole.bar)).collect();
    let date = |i: usize| server_label(&bars[i].bar).date();
    let neighbour = |i: usize| {
        let next = usize::try_from(i as i64 + i64::from(offset)).ok().filter(|next| *next < bars.len())?;
        (matches[i] && date(next) == date(i)).then_some(next)
    };
    let last =
        |i: usize| std::iter::successors(Some(i), |at| neighbour(*at)).last().expect("it begins with i");
    (0..bars.len()).map(last).collect()
}

/// A bar below the watermark is held back until `count` more of them follow or the watermark shows a later date; a bar
/// that takes others in, as long as one of them is. The watermark is never later than a bar that is held back.
fn held_back(bars: &[Whole], anchors: &[usize], count: usize, mark: Mark) -> Mark {
    let below = bars.iter().filter(|whole| (whole.bar.time_ms as i64) < mark.0).count();
    let mut lowest = mark;
    for (i, whole) in bars.iter().enumerate() {
        let label = server_label(&whole.bar);
        let is_sure = i < below && (below - 1 - i >= count || label.date() < mark.1.date());
        if is_sure {
            continue;
        }
        for held in [&whole.bar, &bars[anchors[i]].bar] {
            lowest = lowest.min((held.time_ms as i64, server_label(held)));
        }
    }
    lowest
}

fn merged(bars: &[Whole], anchors: &[usize]) -> Vec<Whole> {
    let mut groups: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
    for (i, anchor) in anchors.iter().enumerate() {
        groups.entry(*anchor).or_default().push(i);
    }
    let one = |(anchor, members): (&usize, &Vec<usize>)| {
        let of: Vec<&Bar> = members.iter().map(|i| &bars[*i].bar).collect();
        let (first, last) = (of[0], of[of.len() - 1]);
        if of.len() == 1 {
            return bars[*anchor].clone();
        }
        let bar = Bar {
            open: first.open,
            high: of.iter().map(|bar| bar.high).fold(f64::MIN, f64::max),
            low: of.iter().map(|bar| bar.low).fold(f64::MAX, f64::min),
            close: last.close,
            volume: of.iter().map(|bar| bar.volume).sum(),
            count: of.iter().map(|bar| bar.count).sum(),
            flags: of.iter().fold(0, |flags, bar| flags | bar.flags),
            ..bars[*anchor].bar
        };
        let parts = members.iter().flat_map(|i| bars[*i].parts.clone()).collect();
        Whole { bar, parts }
    };
    groups.iter().map(one).collect()
}

/// What is stored: the sums rounded.
pub fn stored(whole: &Whole, decimals: u32) -> Bar {
    let mut bar = whole.bar;
    if whole.parts.len() > 1 {
        bar.volume = round(bar.volume, decimals);
    }
    bar.sealed()
}

/// A merge step without limits.
pub fn merge(ends_with: &[&str], offset: i32) -> PostStep {
    let ends_with = ends_with.iter().map(|ending| ending.to_string()).collect();
    PostStep::Merge { ends_with, offset, limits: Limits::default() }
}
