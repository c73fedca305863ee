//! All series of one symbol from its days' candles: what one rebuild has to leave on the disk.

use std::collections::BTreeMap;

use engine::feed::wire::Candle;
use engine::model::settings::{AdjustOp, AdjustStep, Validate};
use engine::model::{Bar, Day, Settings, Symbol, Timeframe};

use super::clock::{Kind, TextClock};
use super::fold::{TextSeries, fold, round};
use super::grid::TextLattice;
use super::post::TextSteps;

/// What the feed last said of one day.
#[derive(Clone, Debug)]
pub struct TextDay {
    pub candles: Vec<Candle>,
    /// The moment it was asked for; `None` when the day was over.
    pub asked_ms: Option<i64>,
}

/// Everything the feed last said of one symbol.
pub type TextFeed = BTreeMap<Day, TextDay>;

/// SPEC 4.3 to 4.5: what one symbol's candles go through.
pub struct TextRules {
    pub steps: Vec<AdjustStep>,
    pub decimals: u32,
    pub validate: Validate,
}

/// One day after its rules.
#[derive(Clone, Debug, Default)]
pub struct TextJudged {
    pub bars: Vec<Bar>,
    /// What is set aside, and the words of the rule.
    pub refused: Vec<(Bar, &'static str)>,
    /// The whole day is refused: no image, not finished.
    pub rejected: bool,
}

impl TextRules {
    pub fn of(symbol: &Symbol, settings: &Settings) -> TextRules {
        let transform = &settings.transform;
        let steps = transform.symbols.get(symbol).map_or_else(Vec::new, |own| own.post.clone());
        TextRules { steps, decimals: transform.round_decimals, validate: transform.validate }
    }

    /// The bars of a day; `released` when the user has taken them out of quarantine.
    pub fn judge(&self, day: &TextDay, server: &TextClock, released: bool) -> TextJudged {
        let mut judged = TextJudged::default();
        for candle in &day.candles {
            let over = day.asked_ms.is_none_or(|asked| candle.time_ms + 60_000 <= asked);
            if !over || candle.volume == 0.0 {
                continue;
            }
            let mut bar = self.bar(candle, server);
            let broken = hard_rule(&bar);
            let strange = [bar.open, bar.high, bar.low, bar.close].iter().any(|price| *price <= 0.0)
                || (bar.high > 0.0 && bar.low > 0.0 && bar.high / bar.low > 1.5);
            if self.validate != Validate::Off && (strange || broken.is_some()) {
                bar.flags = 1;
            }
            let bar = bar.sealed();
            match (broken, self.validate) {
                (None, _) | (_, Validate::Off | Validate::Flag) => judged.bars.push(bar),
                (Some(rule), _) if released && rule != NOT_FINITE => judged.bars.push(bar),
                (Some(rule), Validate::Quarantine) => judged.refused.push((bar, rule)),
                (Some(rule), Validate::Reject) if released => judged.refused.push((bar, rule)),
                (Some(_), Validate::Reject) => judged.rejected = true,
            }
        }
        if judged.rejected {
            return TextJudged { rejected: true, ..TextJudged::default() };
        }
        judged
    }

    fn bar(&self, candle: &Candle, server: &TextClock) -> Bar {
        let price = |units: i64| format!("{units}e-5").parse::<f64>().expect("a number");
        let mut columns = candle.units.map(price).to_vec();
        columns.push(candle.volume);
        let wall = server.wall(candle.time_ms);
        for step in &self.steps {
            let begun = step.from_wall_ms.is_none_or(|from| from <= wall);
            if !begun || step.to_wall_ms.is_some_and(|to| wall > to) {
                continue;
            }
            for column in &step.columns {
                let x = &mut columns[*column as usize];
                *x = match step.op {
                    AdjustOp::Multiply => *x * step.value,
                    AdjustOp::Add => *x + step.value,
                    AdjustOp::Subtract => *x - step.value,
                    AdjustOp::Divide => *x / step.value,
                };
            }
        }
        Bar {
            time_ms: candle.time_ms as u64,
            open: round(columns[0], self.decimals),
            high: round(columns[1], self.decimals),
            low: round(columns[2], self.decimals),
            close: round(columns[3], self.decimals),
            volume: round(columns[4], self.decimals),
            utc_offset_s: (server.offset_ms(candle.time_ms) / 1000) as i32,
            count: 1,
            flags: 0,
            crc32c: 0,
        }
    }
}

const NOT_FINITE: &str = "a price or the volume is not a finite number";

/// SPEC 4.5, in its order.
fn hard_rule(bar: &Bar) -> Option<&'static str> {
    let Bar { open, high, low, close, volume, .. } = *bar;
    if [open, high, low, close, volume].iter().any(|x| !x.is_finite()) {
        Some(NOT_FINITE)
    } else if high < open || high < close || high < low {
        Some("high is below open, close or low")
    } else if low > open || low > close {
        Some("low is above open or close")
    } else if volume < 0.0 {
        Some("volume is below zero")
    } else {
        None
    }
}

/// The bars of one day (SPEC 4, without `post` steps and without bars that break a rule).
pub fn image(day: &TextDay, server: &TextClock, decimals: u32) -> Vec<Bar> {
    let over = |candle: &&Candle| day.asked_ms.is_none_or(|asked| candle.time_ms + 60_000 <= asked);
    let traded = day.candles.iter().filter(over).filter(|candle| candle.volume != 0.0);
    traded
        .map(|candle| {
            let price = |units: i64| round(format!("{units}e-5").parse().expect("a number"), decimals);
            Bar {
                time_ms: candle.time_ms as u64,
                open: price(candle.units[0]),
                high: price(candle.units[1]),
                low: price(candle.units[2]),
                close: price(candle.units[3]),
                volume: round(candle.volume, decimals),
                utc_offset_s: (server.offset_ms(candle.time_ms) / 1000) as i32,
                count: 1,
                flags: 0,
                crc32c: 0,
            }
            .sealed()
        })
        .collect()
}

/// The 1m series and how far it is true, with the user's decisions: days and the candles they were made about.
pub fn minutes_as_decided(
    feed: &TextFeed,
    decisions: &BTreeMap<Day, Vec<Candle>>,
    server: &TextClock,
    rules: &TextRules,
) -> (Vec<Bar>, i64) {
    let mut bars: Vec<Bar> = Vec::new();
    let mut finished_ms = 0;
    for (day, said) in feed {
        let decided = said.asked_ms.is_none() && decisions.get(day) == Some(&said.candles);
        let judged = rules.judge(said, server, decided);
        bars.extend(&judged.bars);
        if said.asked_ms.is_none() && !judged.rejected {
            finished_ms = day.end_ms();
        }
    }
    let last_ms = bars.last().map_or(0, |bar| bar.time_ms as i64 + 60_000);
    (bars, finished_ms.max(last_ms))
}

/// The 1m series and how far it is true (SPEC 5, aggregate).
pub fn minutes(feed: &TextFeed, server: &TextClock, decimals: u32) -> (Vec<Bar>, i64) {
    let bars: Vec<Bar> = feed.values().flat_map(|day| image(day, server, decimals)).collect();
    let finished = feed.iter().rev().find(|(_, payload)| payload.asked_ms.is_none());
    let finished_ms = finished.map_or(0, |(day, _)| day.end_ms());
    let last_ms = bars.last().map_or(0, |bar| bar.time_ms as i64 + 60_000);
    (bars, finished_ms.max(last_ms))
}

/// The clocks and grids of a symbol.
pub struct TextCascade {
    pub server: TextClock,
    round_decimals: u32,
    steps: Vec<(Timeframe, Timeframe, TextLattice, TextSteps)>,
}

impl TextCascade {
    pub fn new(symbol: &Symbol, settings: &Settings) -> TextCascade {
        let server = TextClock::of_symbol(symbol, &settings.transform);
        let own = settings.resample.symbols.get(symbol).cloned().unwrap_or_default();
        let exchange = own.timezone.map(|zone| TextClock::new(Kind::Zone(zone)));
        let mut specs = settings.timeframes_of(symbol);
        let mut steps: Vec<(Timeframe, Timeframe, TextLattice, TextSteps)> = Vec::new();
        while !specs.is_empty() {
            let known = |id: &Timeframe| id.is_minute() || steps.iter().any(|(done, ..)| done == id);
            let next =
                specs.iter().position(|spec| known(&spec.source)).expect("the test's settings have an order");
            let spec = specs.remove(next);
            let lattice = TextLattice::new(spec, &own.sessions, exchange.as_ref(), &server);
            let post = TextSteps::new(spec, &own.sessions, exchange.as_ref(), &server);
            steps.push((spec.id.clone(), spec.source.clone(), lattice, post));
        }
        let round_decimals = own.round_decimals.unwrap_or(settings.resample.round_decimals);
        TextCascade { server, round_decimals, steps }
    }

    /// Every coarser series over the committed bars of its source.
    pub fn committed(&self, minutes: &[Bar], watermark_ms: i64) -> BTreeMap<Timeframe, TextSeries> {
        let mut made: BTreeMap<Timeframe, TextSeries> = BTreeMap::new();
        for (id, source, lattice, post) in &self.steps {
            let series = match made.get(source) {
                None => fold(minutes, watermark_ms, lattice, post, self.round_decimals),
                Some(source) => {
                    fold(&source.committed, source.watermark_ms, lattice, post, self.round_decimals)
                }
            };
            made.insert(id.clone(), series);
        }
        made
    }

    /// Every coarser series as a reader sees it: over all of its source's bars, open ones included.
    pub fn all(&self, minutes: &[Bar]) -> BTreeMap<Timeframe, Vec<Bar>> {
        let mut made: BTreeMap<Timeframe, Vec<Bar>> = BTreeMap::new();
        for (id, source, lattice, post) in &self.steps {
            let rows = made.get(source).map_or(minutes, Vec::as_slice);
            let last_ms = rows.last().map_or(0, |row| row.time_ms as i64);
            let bars = fold(rows, last_ms, lattice, post, self.round_decimals).all();
            made.insert(id.clone(), bars);
        }
        made
    }
}
