//! Prices of zero and below, which adding can lead to: allowed, and said.

use super::context::Context;
use super::output;
use crate::model::Bar;
use crate::model::rollover::Adjustment;
use crate::query::Select;

/// How many bars of an adjusted series have such a price.
#[derive(Default)]
pub(super) struct BelowZero {
    bars: u64,
}

impl BelowZero {
    /// Counts further bars.
    pub(super) fn look_at(&mut self, bars: &[Bar]) {
        self.bars += bars.iter().filter(|bar| bar.low <= 0.0).count() as u64;
    }

    /// Says so, if a series was adjusted and there are any.
    pub(super) fn tell(self, context: &Context, select: &Select) {
        let remedy = match select.adjustment {
            None => return,
            Some(Adjustment::Panama) => {
                "the gaps after them add up to more than was paid; :ratio keeps what was positive positive"
            }
            Some(Adjustment::Ratio) => "they were traded so",
        };
        if self.bars > 0 {
            let bars = output::grouped(self.bars);
            context.say(format!("{select}: {bars} bars have prices of zero or below: {remedy}"));
        }
    }
}
