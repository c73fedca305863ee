//! What the payload of one day says, read again: its bars, and whatever is wrong with it.

use std::cell::RefCell;
use std::collections::BTreeMap;

use super::findings::{Damage, DamageKind};
use crate::feed::wire::Refusal;
use crate::model::bar::FLAG_SUSPECT;
use crate::model::clock::Clock;
use crate::model::settings::Validate;
use crate::model::{Bar, Day, Settings, Symbol};
use crate::store::{Lake, PayloadKind, RefusedPayload};
use crate::transform::{DayRecipe, DayRefused, Scratch, image_of, released_image_of};

thread_local! {
    static BUFFERS: RefCell<(Vec<u8>, Scratch)> = RefCell::default();
}

/// Reads payloads of one symbol.
#[derive(Debug)]
pub struct Reader<'a> {
    lake: &'a Lake,
    payloads_of: &'a Symbol,
    server: Clock,
    settings: &'a Settings,
    symbol: &'a Symbol,
}

/// One payload, judged.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Evidence {
    /// Bars that can be, in time order; those that are merely strange are flagged.
    pub bars: Vec<Bar>,
    /// Bars that cannot be.
    pub refused: Vec<Bar>,
    /// Why there is neither.
    pub refusal: Option<(DamageKind, String)>,
    /// Whether the user has decided that these very bytes are right: bars that cannot be are among the others then.
    pub released: bool,
}

impl<'a> Reader<'a> {
    /// Of a symbol, or of the one whose payloads an alias is made of.
    pub fn new(lake: &'a Lake, settings: &'a Settings, symbol: &'a Symbol) -> Reader<'a> {
        let server = Clock::of_symbol(symbol, &settings.transform);
        Reader { lake, payloads_of: settings.payload_symbol(symbol), server, settings, symbol }
    }

    /// The newest payload of a day, `None` where there is none. Files that cannot be read are evidence as well.
    /// `decided`: there is a decision of the user about that day, whichever payload it was made about.
    pub fn read(&self, day: Day, decided: bool) -> Option<Evidence> {
        BUFFERS.with_borrow_mut(|(bytes, scratch)| {
            match self.lake.read_payload(self.payloads_of, day, bytes) {
                Ok(None) => None,
                Ok(Some(PayloadKind::Finished)) => {
                    // A decision that cannot be read is none: what it was about is named then.
                    let is_about = || self.lake.is_released(self.symbol, day, bytes).unwrap_or(false);
                    let released = decided && is_about();
                    Some(self.judge(bytes, day, None, released, scratch))
                }
                Ok(Some(PayloadKind::Running { asked_ms })) => {
                    Some(self.judge(bytes, day, Some(asked_ms), false, scratch))
                }
                Err(error) => {
                    let refusal = Some((DamageKind::FileUnreadable, error.to_string()));
                    Some(Evidence { refusal, ..Evidence::default() })
                }
            }
        })
    }

    /// A refused payload that lies in quarantine. What makes it one is found anew; where nothing does any more, the
    /// words that were left beside it stand.
    pub fn judge_refused(&self, day: Day, refused: &RefusedPayload) -> (DamageKind, String) {
        BUFFERS.with_borrow_mut(|(_, scratch)| {
            let said = if refused.reason.is_empty() { "nobody said why" } else { &refused.reason };
            let found = self.judge(&refused.bytes, day, None, false, scratch).refusal;
            found.unwrap_or_else(|| (DamageKind::PayloadRefused, said.to_owned()))
        })
    }

    /// Damage is named whatever the user decided to do with it, so the rules are always applied. Bars that the series
    /// would hold all the same stay, flagged.
    fn judge(
        &self,
        bytes: &[u8],
        day: Day,
        asked_ms: Option<i64>,
        released: bool,
        scratch: &mut Scratch,
    ) -> Evidence {
        let validate = match self.settings.transform.validate {
            Validate::Flag | Validate::Off => Validate::Flag,
            Validate::Quarantine | Validate::Reject => Validate::Quarantine,
        };
        let recipe = DayRecipe {
            server: &self.server,
            post: self.settings.transform.symbols.get(self.symbol).map_or(&[], |own| &own.post),
            round_decimals: self.settings.transform.round_decimals,
            validate,
        };
        let mut bars = Vec::new();
        let image = match released {
            true => released_image_of(bytes, day, &recipe, scratch, &mut bars),
            false => image_of(bytes, day, asked_ms, &recipe, scratch, &mut bars),
        };
        match image {
            Ok(report) => {
                let refused = report.refused.iter().map(|refused| refused.bar).collect();
                Evidence { bars, refused, refusal: None, released }
            }
            Err(refused) => {
                let kind = match refused {
                    DayRefused::Payload(Refusal::SharedMinute { .. }) => DamageKind::DuplicateMinute,
                    _ => DamageKind::PayloadRefused,
                };
                Evidence { refusal: Some((kind, refused.to_string())), ..Evidence::default() }
            }
        }
    }
}

impl Evidence {
    /// Everything wrong with the day.
    pub fn damages(&self, day: Day) -> Vec<Damage> {
        let released = self.released;
        let mut damages = damages_of(day, self.refused.iter(), released);
        damages.extend(suspects(day, &self.bars, released));
        damages.extend(self.refusal.clone().map(|refusal| of_file(day, refusal)));
        damages
    }
}

/// A file that was refused as a whole.
pub fn of_file(day: Day, (kind, reason): (DamageKind, String)) -> Damage {
    Damage { day, kind, bars: 0, first_ms: None, reason: Some(reason), released: false }
}

/// Damage among bars that carry the flag `suspect`.
pub fn suspects(day: Day, bars: &[Bar], released: bool) -> Vec<Damage> {
    // Nearly always there is none, and this looks at 327 million bars.
    let flags = bars.iter().fold(0, |flags, bar| flags | bar.flags);
    if flags & FLAG_SUSPECT == 0 {
        return Vec::new();
    }
    damages_of(day, bars.iter().filter(|bar| bar.flags & FLAG_SUSPECT != 0), released)
}

/// Bars that break rules, summed up by rule.
pub fn damages_of<'a>(day: Day, bars: impl Iterator<Item = &'a Bar>, released: bool) -> Vec<Damage> {
    let mut kinds: BTreeMap<DamageKind, (u32, i64)> = BTreeMap::new();
    for bar in bars {
        // A bar that came out of rounding as sound was refused or flagged all the same: somebody had a reason.
        let kind = DamageKind::of_bar(bar).unwrap_or(DamageKind::WideRange);
        let (count, first_ms) = kinds.entry(kind).or_insert((0, bar.time_ms as i64));
        *count += 1;
        *first_ms = (*first_ms).min(bar.time_ms as i64);
    }
    let damage = |(kind, (bars, first_ms))| Damage {
        day,
        kind,
        bars,
        first_ms: Some(first_ms),
        reason: None,
        released,
    };
    kinds.into_iter().map(damage).collect()
}
