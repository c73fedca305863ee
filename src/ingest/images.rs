//! Day images of a symbol, made from its payloads on all cores, handed out in date order.

use std::cell::RefCell;
use std::collections::{BTreeMap, VecDeque};

use rayon::prelude::*;

use super::report::{IngestError, OddDay};
use crate::aggregate::DayImage;
use crate::model::clock::Clock;
use crate::model::{Day, Settings, Symbol};
use crate::store::{Lake, PayloadKind, RefusedBar, RefusedDay, StoreError};
use crate::transform::{DayRecipe, DayRefused, DayReport, Scratch, image_as_decided};

/// Days made at once: enough for all cores, and no more than a few megabytes.
const BLOCK_DAYS: usize = 32;

thread_local! {
    static BUFFERS: RefCell<(Vec<u8>, Scratch)> = RefCell::default();
}

/// Where the images of one symbol come from.
pub struct ImageSource<'a> {
    /// Payloads and quarantine.
    pub lake: &'a Lake,
    /// What the user decided.
    pub settings: &'a Settings,
    /// Whose images.
    pub symbol: &'a Symbol,
    /// How they are made.
    pub recipe: DayRecipe<'a>,
}

/// The images of some days, in order. Days without a payload that can be read are left out; a day refused for a bar of
/// it is there without bars, and not finished: that is what its payload says of it.
pub struct DayImages<'a> {
    source: &'a ImageSource<'a>,
    days: &'a [Day],
    ready: VecDeque<Result<DayImage, IngestError>>,
    /// What lay in quarantine of these days when this began.
    quarantined: BTreeMap<Day, RefusedDay>,
    /// What was seen on the way.
    pub tally: Tally,
}

/// What was seen while images were made.
#[derive(Debug, Default)]
pub struct Tally {
    /// Days with a payload.
    pub days: u64,
    /// Bars set aside.
    pub refused_bars: u64,
    /// Days refused as a whole, and why.
    pub refused_days: Vec<(Day, String)>,
    /// Bars flagged.
    pub suspects: u64,
    /// Days with bars set aside or flagged.
    pub odd_days: Vec<OddDay>,
}

/// What becomes of one day's payload.
#[derive(Debug)]
pub enum Made {
    /// An image, and what was not as it should be.
    Image(DayImage, DayReport),
    /// A payload that cannot be read, and why: the series keeps what it holds of that day.
    Refused(Day, String),
    /// One that can, and the day is refused for a bar of it: an image without bars.
    Rejected(DayImage, String),
}

impl<'a> DayImages<'a> {
    /// Images of `days`, which are in increasing order.
    pub fn new(source: &'a ImageSource<'a>, days: &'a [Day]) -> Result<DayImages<'a>, StoreError> {
        let quarantined = source.lake.refused_among(source.symbol, days)?;
        Ok(DayImages { source, days, ready: VecDeque::new(), quarantined, tally: Tally::default() })
    }

    fn make_block(&mut self) {
        let (block, rest) = self.days.split_at(self.days.len().min(BLOCK_DAYS));
        self.days = rest;
        let made: Vec<_> = block.par_iter().map(|day| self.source.make(*day)).collect();
        for made in made {
            let image = made.and_then(|made| made.map_or(Ok(None), |made| self.note(made))).transpose();
            self.ready.extend(image);
        }
    }

    /// Keeps what was refused, and forgets what is no longer.
    fn note(&mut self, made: Made) -> Result<Option<DayImage>, IngestError> {
        self.tally.days += 1;
        match made {
            Made::Refused(day, reason) => {
                let reason = format!("{reason}; the next run asks the feed for that day again");
                self.tally.refused_days.push((day, reason));
                Ok(None)
            }
            Made::Rejected(image, reason) => {
                self.keep_refused_bars(image.day, &DayReport::default())?;
                let (symbol, day) = (self.source.symbol, image.day);
                let reason = format!("{reason}; `engine audit --release {symbol} {day}` takes the day in");
                self.tally.refused_days.push((day, reason));
                Ok(Some(image))
            }
            Made::Image(image, report) => {
                self.keep_refused_bars(image.day, &report)?;
                if self.quarantined.get(&image.day).is_some_and(|refused| refused.payload) {
                    let ImageSource { lake, settings, symbol, .. } = self.source;
                    lake.clear_older_refusal(symbol, settings.payload_symbol(symbol), image.day)?;
                }
                Ok(Some(image))
            }
        }
    }

    fn keep_refused_bars(&mut self, day: Day, report: &DayReport) -> Result<(), StoreError> {
        self.tally.refused_bars += report.refused.len() as u64;
        self.tally.suspects += report.suspects as u64;
        self.tally.odd_days.extend(odd_day(day, report));
        if report.refused.is_empty() && self.quarantined.get(&day).is_none_or(|refused| !refused.bars) {
            return Ok(());
        }
        let with_words = report
            .refused
            .iter()
            .map(|refused| RefusedBar { bar: refused.bar, rule: refused.rule.to_string() });
        let refused: Vec<RefusedBar> = with_words.collect();
        self.source.lake.write_refused_bars(self.source.symbol, day, &refused).map(drop)
    }
}

fn odd_day(day: Day, report: &DayReport) -> Option<OddDay> {
    let (refused, suspects) = (report.refused.len(), report.suspects);
    let mut rules: Vec<String> = report.refused.iter().map(|refused| refused.rule.to_string()).collect();
    rules.sort_unstable();
    rules.dedup();
    (refused + suspects > 0).then_some(OddDay { day, refused, rules, suspects })
}

impl Iterator for DayImages<'_> {
    type Item = Result<DayImage, IngestError>;

    fn next(&mut self) -> Option<Self::Item> {
        while self.ready.is_empty() && !self.days.is_empty() {
            self.make_block();
        }
        self.ready.pop_front()
    }
}

impl<'a> ImageSource<'a> {
    /// The source of a symbol's images; `server` is its server's clock.
    pub fn new(
        lake: &'a Lake,
        settings: &'a Settings,
        symbol: &'a Symbol,
        server: &'a Clock,
    ) -> ImageSource<'a> {
        let transform = &settings.transform;
        let recipe = DayRecipe {
            server,
            post: transform.symbols.get(symbol).map_or(&[][..], |own| &own.post),
            round_decimals: transform.round_decimals,
            validate: transform.validate,
        };
        ImageSource { lake, settings, symbol, recipe }
    }

    /// What a day's payload becomes by the rules and by what the user decided; it is left in `bytes`, and nothing is
    /// written.
    pub fn look(
        &self,
        day: Day,
        bytes: &mut Vec<u8>,
        scratch: &mut Scratch,
    ) -> Result<Option<Made>, StoreError> {
        let payloads_of = self.settings.payload_symbol(self.symbol);
        let Some(kind) = self.lake.read_payload(payloads_of, day, bytes)? else { return Ok(None) };
        let asked_ms = match kind {
            PayloadKind::Finished => None,
            PayloadKind::Running { asked_ms } => Some(asked_ms),
        };
        let is_released = || self.lake.is_released(self.symbol, day, bytes);
        let mut bars = Vec::new();
        let judged = image_as_decided(bytes, day, asked_ms, &self.recipe, is_released, scratch, &mut bars)?;
        Ok(Some(match judged {
            Ok(report) => Made::Image(DayImage { day, bars, finished: asked_ms.is_none() }, report),
            Err(refused @ DayRefused::Payload(_)) => Made::Refused(day, refused.to_string()),
            Err(refused @ DayRefused::Bar(_)) => {
                Made::Rejected(DayImage { day, bars, finished: false }, refused.to_string())
            }
        }))
    }

    fn make(&self, day: Day) -> Result<Option<Made>, IngestError> {
        BUFFERS.with_borrow_mut(|(bytes, scratch)| {
            let made = self.look(day, bytes, scratch)?;
            match &made {
                Some(Made::Image(image, _)) => self.export(image)?,
                Some(Made::Refused(day, reason) | Made::Rejected(DayImage { day, .. }, reason)) => {
                    self.lake.write_refused_payload(self.symbol, *day, bytes, reason)?;
                }
                None => {}
            }
            Ok(made)
        })
    }

    fn export(&self, image: &DayImage) -> Result<(), StoreError> {
        if !self.settings.transform.keep_days {
            return Ok(());
        }
        self.lake.write_day_image(self.symbol, image.day, &image.bars, self.settings.transform.fsync)
    }
}
