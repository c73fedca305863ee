//! The user's arithmetic on a symbol's prices and volumes.

use super::decode::Columns;
use crate::model::clock::Clock;
use crate::model::settings::{AdjustOp, AdjustStep, PriceColumn};

/// Applies the steps in order. A step with dates changes the bars whose label on the server clock is within them,
/// both ends included.
pub(super) fn adjust(steps: &[AdjustStep], server: &Clock, columns: &mut Columns) {
    for step in steps {
        for column in &step.columns {
            let values = match column {
                PriceColumn::Open => &mut columns.prices[0],
                PriceColumn::High => &mut columns.prices[1],
                PriceColumn::Low => &mut columns.prices[2],
                PriceColumn::Close => &mut columns.prices[3],
                PriceColumn::Volume => &mut columns.volumes,
            };
            apply(step, server, &columns.times_ms, values);
        }
    }
}

fn apply(step: &AdjustStep, server: &Clock, times_ms: &[i64], values: &mut [f64]) {
    let always = step.from_wall_ms.is_none() && step.to_wall_ms.is_none();
    for (x, time_ms) in values.iter_mut().zip(times_ms) {
        if always || holds_at(step, server.wall_ms(*time_ms)) {
            *x = match step.op {
                AdjustOp::Multiply => *x * step.value,
                AdjustOp::Add => *x + step.value,
                AdjustOp::Subtract => *x - step.value,
                AdjustOp::Divide => *x / step.value,
            };
        }
    }
}

fn holds_at(step: &AdjustStep, wall_ms: i64) -> bool {
    step.from_wall_ms.is_none_or(|from| from <= wall_ms) && step.to_wall_ms.is_none_or(|to| wall_ms <= to)
}
