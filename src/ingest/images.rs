//! Day images of a symbol, made from its payloads on all cores, handed out in date order.

use std::cell::RefCell;
use std::collections::{BTreeSet, VecDeque};

use rayon::prelude::*;

use super::report::IngestError;
use crate::aggregate::DayImage;
use crate::model::clock::Clock;
use crate::model::{Day, Settings, Symbol};
use crate::store::{Lake, PayloadKind, RefusedBar, StoreError};
use crate::transform::{DayRecipe, DayReport, Scratch, image_of};

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

/// The images of some days, in order; days without payload or image are left out.
pub struct DayImages<'a> {
    source: &'a ImageSource<'a>,
    days: &'a [Day],
    ready: VecDeque<Result<DayImage, IngestError>>,
    /// Days with bars in quarantine when this began.
    quarantined: BTreeSet<Day>,
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
    /// Days without image, and why.
    pub refused_days: Vec<(Day, String)>,
    /// Bars flagged.
    pub suspects: u64,
}

/// What becomes of one day's payload.
#[derive(Debug)]
pub enum Made {
    /// An image, and what was not as it should be.
    Image(DayImage, DayReport),
    /// No image, and why.
    Refused(Day, String),
}

impl<'a> DayImages<'a> {
    /// Images of `days`, which are in increasing order.
    pub fn new(source: &'a ImageSource<'a>, days: &'a [Day]) -> Result<DayImages<'a>, StoreError> {
        let refused = source.lake.refused_days(source.symbol)?;
        let quarantined = refused.into_iter().filter(|day| day.bars).map(|day| day.day).collect();
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
        let (image, report) = match made {
            Made::Image(image, report) => (image, report),
            Made::Refused(day, reason) => {
                self.tally.refused_days.push((day, reason));
                return Ok(None);
            }
        };
        self.tally.refused_bars += report.refused.len() as u64;
        self.tally.suspects += report.suspects as u64;
        if !report.refused.is_empty() || self.quarantined.contains(&image.day) {
            let refused: Vec<RefusedBar> = report
                .refused
                .iter()
                .map(|refused| RefusedBar { bar: refused.bar, rule: refused.rule.to_string() })
                .collect();
            self.source.lake.write_refused_bars(self.source.symbol, image.day, &refused)?;
        }
        Ok(Some(image))
    }
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

    /// What a day's payload becomes, which is left in `bytes`; nothing is written.
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
        let mut bars = Vec::new();
        Ok(Some(match image_of(bytes, day, asked_ms, &self.recipe, scratch, &mut bars) {
            Ok(report) => Made::Image(DayImage { day, bars, finished: asked_ms.is_none() }, report),
            Err(refused) => Made::Refused(day, refused.to_string()),
        }))
    }

    fn make(&self, day: Day) -> Result<Option<Made>, IngestError> {
        BUFFERS.with_borrow_mut(|(bytes, scratch)| {
            let made = self.look(day, bytes, scratch)?;
            match &made {
                Some(Made::Image(image, _)) => self.export(image)?,
                Some(Made::Refused(day, reason)) => {
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
