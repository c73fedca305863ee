use super::super::entry::{Args, Field, Group, Indicator, Input, Param, WarmUp};
use super::super::kernels::{SMA, average, average_lead, average_reach, blank, kind_param};

pub(super) const ENTRIES: &[Indicator] = &[Indicator::new(
    "mavp",
    "Moving average with variable period",
    Group::Trend,
    |args| {
        let longest = args.whole(1).max(args.whole(0));
        average_reach(args.whole(2), longest).max(WarmUp::Rows(average_lead(args.whole(2), longest)))
    },
    kernel,
)
.params(&[Param::whole("least", 2, 1), Param::whole("most", 30, 1), kind_param("kind", 0)])
.inputs(&[Input::SOURCE, Input { name: "periods", default: Field::Volume }])
.overlay()
.says(
    "the average of the kind that is named whose period is the row's value of `periods`, its digits behind the point cut \
     off, not below `least` and not above `most`",
    "TA-Lib MAVP",
)];

fn kernel(args: &Args, inputs: &[&[f64]], outputs: &mut [&mut [f64]]) {
    let (input, output) = (inputs[0], &mut *outputs[0]);
    let (least, most) = (args.whole(0).min(args.whole(1)), args.whole(1).max(args.whole(0)));
    let kind = args.whole(2);
    let first = average_lead(kind, most);
    if !blank(output, first) {
        return;
    }
    let periods: Vec<usize> =
        inputs[1][first..].iter().map(|period| (*period as usize).clamp(least, most)).collect();
    if kind == SMA {
        return means(input, &periods, most, &mut output[first..]);
    }
    let mut rows_of = vec![0_usize; most + 1];
    periods.iter().for_each(|period| rows_of[*period] += 1);
    let mut averages = vec![0.0; input.len()];
    for period in (least..=most).filter(|period| rows_of[*period] > 0) {
        // Every average has its first value at the row where the longest has it, and begins no earlier than it must.
        let begin = first - average_lead(kind, period);
        average(kind, &input[begin..], period, &mut averages[begin..]);
        for ((out, value), of) in output[first..].iter_mut().zip(&averages[first..]).zip(&periods) {
            if *of == period {
                *out = *value;
            }
        }
    }
}

/// Rows after which running sums are made anew.
const FRESH_ROWS: usize = 1024;

/// Plain means of the last values, as many as the row says: differences of running sums. The output begins at the row
/// whose longest window is full.
fn means(input: &[f64], periods: &[usize], most: usize, output: &mut [f64]) {
    let parts: Vec<f64> = (0..=most).map(|period| 1.0 / period as f64).collect();
    let step = FRESH_ROWS.max(8 * most);
    let mut sums = Vec::with_capacity(step + most + 1);
    for (begin, out) in (0..).step_by(step).zip(output.chunks_mut(step)) {
        let values = &input[begin..begin + out.len() + most - 1];
        let centre = values[0];
        let mut sum = 0.0;
        sums.clear();
        sums.push(0.0);
        sums.extend(values.iter().map(|value| {
            sum += value - centre;
            sum
        }));
        for ((n, out), period) in (most..).zip(out).zip(&periods[begin..]) {
            *out = centre + (sums[n] - sums[n - period]) * parts[*period];
        }
    }
}
