use super::super::entry::{Args, Group, Indicator, Input, Param, WarmUp};
use super::super::kernels::{blank, ranges};

pub(super) const ENTRIES: &[Indicator] = &[
    Indicator::new("ichimoku", "Ichimoku", Group::Trend, |args| {
        let longest = args.whole(0).max(args.whole(1)).max(args.whole(2));
        WarmUp::Rows(longest - 1 + args.whole(3))
    }, cloud)
        .aliases(&["ichimoku_cloud", "ichimoku_kinko_hyo"])
        .params(&[
            Param::whole("conversion", 9, 1),
            Param::whole("base", 26, 1),
            Param::whole("span", 52, 1),
            Param::whole("shift", 26, 0).like(1),
        ])
        .inputs(&[Input::HIGH, Input::LOW])
        .outputs(&["conversion", "base", "span_a", "span_b"])
        .overlay()
        .says(
            "middles of the ranges of `conversion` and of `base` bars; span_a = their mean and span_b = the middle of `span` bars, both \
             of `shift` bars ago, where a chart draws them. The lagging span is chikou: it is drawn back and so sees the future",
            "Hosoda 1969; Stock.Indicators GetIchimoku",
        ),
    Indicator::new("chikou", "Lagging span of Ichimoku", Group::Trend, |_| WarmUp::Rows(0), |args, inputs, outputs| {
        let (shift, rows) = (args.whole(0), inputs[0].len());
        let kept = rows.saturating_sub(shift);
        outputs[0][..kept].copy_from_slice(&inputs[0][rows - kept..]);
        outputs[0][kept..].fill(f64::NAN);
    })
        .aliases(&["lagging_span", "chikou_span"])
        .params(&[Param::whole("shift", 26, 1)])
        .overlay()
        .seeing_future()
        .says("the close of `shift` bars later, as a chart draws it: for pictures, not for decisions", "Hosoda 1969; Stock.Indicators GetIchimoku"),
];

/// Middle of the range of the last `period` bars.
fn middle(inputs: &[&[f64]], period: usize, output: &mut [f64]) {
    blank(output, period - 1);
    ranges(inputs[0], inputs[1], period, |first, tops, bottoms| {
        for (out, (top, bottom)) in output[first..].iter_mut().zip(tops.iter().zip(bottoms)) {
            *out = (top + bottom) / 2.0;
        }
    });
}

fn cloud(args: &Args, inputs: &[&[f64]], outputs: &mut [&mut [f64]]) {
    let [conversion, base, span_a, span_b] = outputs else { unreachable!("the entry has four outputs") };
    middle(inputs, args.whole(0), conversion);
    middle(inputs, args.whole(1), base);
    let shift = args.whole(3);
    if blank(span_a, shift) & blank(span_b, shift) {
        let lines = conversion.iter().zip(base.iter());
        span_a[shift..].iter_mut().zip(lines).for_each(|(out, (a, b))| *out = (a + b) / 2.0);
        let rows = inputs[0].len() - shift;
        middle(&[&inputs[0][..rows], &inputs[1][..rows]], args.whole(2), &mut span_b[shift..]);
    }
}
