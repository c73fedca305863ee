use super::super::entry::{Args, Group, Indicator, Param, WarmUp};
use super::super::kernels::{both_ends, highest, lowest};

const THIRTY: &[Param] = &[Param::period(30, 2)];

fn window(args: &Args) -> WarmUp {
    WarmUp::Rows(args.whole(0) - 1)
}

pub(super) const ENTRIES: &[Indicator] = &[
    Indicator::new("max", "Highest value", Group::Statistics, window, |args, inputs, outputs| {
        highest(inputs[0], args.whole(0), outputs[0]);
    })
    .params(THIRTY)
    .overlay()
    .says("highest of the last `period` values", "TA-Lib MAX"),
    Indicator::new("min", "Lowest value", Group::Statistics, window, |args, inputs, outputs| {
        lowest(inputs[0], args.whole(0), outputs[0]);
    })
    .params(THIRTY)
    .overlay()
    .says("lowest of the last `period` values", "TA-Lib MIN"),
    Indicator::new(
        "minmax",
        "Lowest and highest value",
        Group::Statistics,
        window,
        |args, inputs, outputs| {
            let [low, high] = outputs else { unreachable!("the entry has two outputs") };
            both_ends(inputs[0], inputs[0], args.whole(0), high, low);
        },
    )
    .params(THIRTY)
    .outputs(&["min", "max"])
    .overlay()
    .says("lowest and highest of the last `period` values", "TA-Lib MINMAX"),
];
