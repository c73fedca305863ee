//! Charts without time, as columns: what the chart shows at every bar.

use super::super::entry::{Args, Group, Indicator, Input, Param, Part, Values, WarmUp};

/// What is left of a price after a division by the size of a brick that is no whole number because of rounding.
const SLACK: f64 = 1e-9;

const LINES_MAX: usize = 100;

const BRICKS: &[&str] = &["close", "direction", "bricks"];

const RULE: &str = "a brick for every whole size the source leaves the last brick by, on its other side for two sizes: \
                    close of the last brick, its direction (1 or -1), bricks formed at the bar";

pub(super) const ENTRIES: &[Indicator] = &[
    Indicator::new("renko", "Renko bricks of a fixed size", Group::Patterns, |_| WarmUp::History, fixed)
        .params(&[Param::real("size", 1.0, 1e-9, 1e12)])
        .outputs(BRICKS)
        .overlay()
        .says(RULE, "Nison, Beyond Candlesticks, 1994"),
    Indicator::new("renko_atr", "Renko bricks of the average true range", Group::Patterns, |_| WarmUp::History, by_range)
        .params(&[Param::period(14, 1)])
        .inputs(&[Input::HIGH, Input::LOW, Input::CLOSE])
        .parts(&[Part { of: "atr", args: |args| vec![args.real(0)], inputs: &[0, 1, 2], output: 0 }])
        .outputs(BRICKS)
        .overlay()
        .says(
            "as renko, of the close, with bricks of the size that atr has at the bar where they form: no later bar has a \
             say, as it would with one size for all",
            "Nison, Beyond Candlesticks, 1994",
        ),
    Indicator::new("three_line_break", "Three-line break", Group::Patterns, |_| WarmUp::History, lines)
        .aliases(&["threelinebreak", "line_break", "linebreak"])
        .params(&[Param {
            name: "lines",
            values: Values::Whole(1.0, LINES_MAX as f64),
            default: 3.0,
            like: None,
        }])
        .outputs(&["open", "close", "direction", "lines"])
        .overlay()
        .says(
            "a line on from the last one where the source goes beyond it, a line of the other direction where it goes beyond \
             the last `lines` of them; lines is 1 where one is formed, else 0",
            "Nison, Beyond Candlesticks, 1994",
        ),
];

fn fixed(args: &Args, inputs: &[&[f64]], outputs: &mut [&mut [f64]]) {
    let (size, source) = (args.real(0), inputs[0]);
    let [close, direction, bricks] = outputs else { unreachable!("the entry has three outputs") };
    let Some(base) = source.first() else { return };
    // Levels are whole numbers of bricks from the first value, so that nothing adds up. No brick lies between them at
    // first.
    let (mut top, mut bottom, mut side) = (0.0, 0.0, f64::NAN);
    let mut last = f64::NAN;
    let columns = close.iter_mut().zip(direction.iter_mut()).zip(bricks.iter_mut());
    for (value, ((close, direction), bricks)) in source.iter().zip(columns) {
        let level = (value - base) / size;
        let mut formed = 0.0;
        if level + SLACK >= top + 1.0 {
            let to = (level + SLACK).floor();
            formed = to - top;
            (top, bottom, side, last) = (to, to - 1.0, 1.0, base + to * size);
        } else if level - SLACK <= bottom - 1.0 {
            let to = (level - SLACK).ceil();
            formed = bottom - to;
            (top, bottom, side, last) = (to + 1.0, to, -1.0, base + to * size);
        }
        (*close, *direction, *bricks) = (last, side, formed);
    }
}

fn by_range(_: &Args, inputs: &[&[f64]], outputs: &mut [&mut [f64]]) {
    let (source, sizes) = (inputs[2], inputs[3]);
    let [close, direction, bricks] = outputs else { unreachable!("the entry has three outputs") };
    let Some(base) = source.first() else { return };
    let (mut top, mut bottom, mut side, mut last) = (*base, *base, f64::NAN, f64::NAN);
    let columns = close.iter_mut().zip(direction.iter_mut()).zip(bricks.iter_mut());
    for ((value, size), ((close, direction), bricks)) in source.iter().zip(sizes).zip(columns) {
        let (up, down) = ((value - top) / size + SLACK, (bottom - value) / size + SLACK);
        let mut formed = 0.0;
        // Without a range there is no size to count by.
        if *size > 0.0 && up >= 1.0 {
            formed = up.floor();
            (last, side) = (top + formed * size, 1.0);
            (top, bottom) = (last, last - size);
        } else if *size > 0.0 && down >= 1.0 {
            formed = down.floor();
            (last, side) = (bottom - formed * size, -1.0);
            (top, bottom) = (last + size, last);
        }
        (*close, *direction, *bricks) = (last, side, formed);
    }
}

fn lines(args: &Args, inputs: &[&[f64]], outputs: &mut [&mut [f64]]) {
    let (most, source) = (args.whole(0), inputs[0]);
    let [out_open, out_close, out_direction, out_lines] = outputs else {
        unreachable!("there are four outputs")
    };
    let Some(base) = source.first() else { return };
    // The last lines, each as its lower and upper end, the newest at `made - 1`.
    let mut ends = [(*base, *base); LINES_MAX];
    let (mut made, mut side, mut open, mut close) = (0_usize, f64::NAN, f64::NAN, f64::NAN);
    let (mut floor, mut roof) = (*base, *base);
    for (row, value) in source.iter().enumerate() {
        let begins = if *value > roof {
            Some(1.0)
        } else if *value < floor {
            Some(-1.0)
        } else {
            None
        };
        if let Some(new) = begins {
            open = match () {
                () if made == 0 => *base,
                () if new == side => close,
                // A line that turns begins where the last one did.
                () => open,
            };
            (side, close) = (new, *value);
            ends[made % LINES_MAX] = (open.min(close), open.max(close));
            made += 1;
            let newest = ends[(made - 1) % LINES_MAX];
            let known = (1..=made.min(most)).map(|back| ends[(made - back) % LINES_MAX]);
            let (low, high) = known.fold(newest, |all, line| (all.0.min(line.0), all.1.max(line.1)));
            (floor, roof) = if side > 0.0 { (low, newest.1) } else { (newest.0, high) };
        }
        (out_open[row], out_close[row], out_direction[row]) = (open, close, side);
        out_lines[row] = if begins.is_some() { 1.0 } else { 0.0 };
    }
}
