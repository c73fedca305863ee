use super::super::entry::{Args, Group, Indicator, Param, WarmUp};
use super::super::kernels::{
    CHUNK, Ema, Row, SMA, SeededEma, average, average_lead, average_reach, blank, ema_weight, kind_param,
    last_part, seated, settled_rows, side_by_side,
};

const LINES: &[&str] = &["macd", "signal", "hist"];

pub(super) const ENTRIES: &[Indicator] = &[
    Indicator::new(
        "macd",
        "Moving average convergence divergence",
        Group::Momentum,
        |args| WarmUp::ema(args.whole(0).max(args.whole(1))).plus(WarmUp::ema(args.whole(2))),
        |args, inputs, outputs| {
            let (fast, slow) = (args.whole(0).min(args.whole(1)), args.whole(0).max(args.whole(1)));
            macd([(fast, ema_weight(fast)), (slow, ema_weight(slow))], args.whole(2), inputs[0], outputs);
        },
    )
    .params(&[Param::whole("fast", 12, 2), Param::whole("slow", 26, 2), Param::whole("signal", 9, 1)])
    .outputs(LINES)
    .says(
        "macd = ema(fast) - ema(slow), both begun at the slow one's first value; signal = ema(macd); hist = macd - signal",
        "Appel 1979; TA-Lib MACD",
    ),
    Indicator::new(
        "macdfix",
        "Moving average convergence divergence 12/26",
        Group::Momentum,
        |args| WarmUp::ema(26).plus(WarmUp::ema(args.whole(0))),
        |args, inputs, outputs| macd([(12, 0.15), (26, 0.075)], args.whole(0), inputs[0], outputs),
    )
    .params(&[Param::whole("signal", 9, 1)])
    .outputs(LINES)
    .says("macd with weights 0.15 and 0.075 instead of 2 / 13 and 2 / 27", "Appel 1979; TA-Lib MACDFIX"),
    Indicator::new(
        "macdext",
        "Moving average convergence divergence with averages of one's choice",
        Group::Momentum,
        |args| {
            let [fast, slow, signal] = kinds(args).map(|(kind, period)| average_reach(kind, period));
            fast.max(slow).plus(WarmUp::Rows(lead(args))).plus(signal)
        },
        of_kinds,
    )
    .params(&[
        Param::whole("fast", 12, 2),
        kind_param("fast_kind", SMA),
        Param::whole("slow", 26, 2),
        kind_param("slow_kind", SMA),
        Param::whole("signal", 9, 1),
        kind_param("signal_kind", SMA),
    ])
    .outputs(LINES)
    .says(
        "average(fast) - average(slow), both begun so that their first values meet; its average; the difference",
        "TA-Lib MACDEXT",
    ),
];

/// Periods and weights of the two averages, period of the signal.
fn macd(averages: [(usize, f64); 2], signal: usize, input: &[f64], outputs: &mut [&mut [f64]]) {
    let [macd, line, hist] = outputs else { unreachable!("the entry has three outputs") };
    let first = averages[0].0.max(averages[1].0) - 1;
    for output in [&mut *macd, line, hist] {
        blank(output, first);
    }
    if input.len() <= first {
        return;
    }
    let seed =
        |(period, _): (usize, f64)| input[first + 1 - period..=first].iter().sum::<f64>() / period as f64;
    let mut both = averages.map(|average| Ema::new(seed(average), average.1));
    let mut signal = SeededEma::new(signal);
    (macd[first], line[first]) = (both[0].mean - both[1].mean, both[0].mean - both[1].mean);
    finish(&mut signal, &mut macd[first..=first], &mut line[first..=first], &mut hist[first..=first]);
    let mut done = first + 1;
    while done < input.len() {
        if signal.is_begun() {
            let columns = [&mut macd[done..], &mut line[done..], &mut hist[done..]];
            done += in_parts(&mut both, &mut signal, &input[done - 1..], columns);
        }
        let rows = done..(done + CHUNK).min(input.len());
        done = rows.end;
        let (macd, line, hist) = (&mut macd[rows.clone()], &mut line[rows.clone()], &mut hist[rows.clone()]);
        both[0].run(&input[rows.clone()], macd);
        both[1].run(&input[rows], line);
        for (macd, line) in macd.iter_mut().zip(line.iter_mut()) {
            *macd -= *line;
            *line = *macd;
        }
        finish(&mut signal, macd, line, hist);
    }
}

/// Most of columns that are long enough, in four parts side by side; how many rows that makes. `input` has one row
/// more, before them.
fn in_parts(both: &mut [Ema; 2], signal: &mut SeededEma, input: &[f64], columns: [&mut [f64]; 3]) -> usize {
    let weights = [both[0].weight(), both[1].weight(), signal.weight()];
    let settled = settled_rows(weights[0].min(weights[1]), 1) + settled_rows(weights[2], 1);
    let seats = [both[0].mean, both[1].mean, signal.mean()];
    let mut means: [Row; 3] = seats.map(Row::splat);
    let done = side_by_side(
        [input],
        columns,
        settled,
        &mut means,
        |_, [now]| now,
        |means, values| step(means, weights, values),
        |means| means.iter_mut().zip(seats).for_each(|(lanes, seat)| *lanes = seated(*lanes, seat)),
    );
    if done > 0 {
        let [fast, slow, last] = means.map(last_part);
        [both[0].mean, both[1].mean] = [fast, slow];
        signal.go_on(last);
    }
    done
}

/// One row on in every part: macd, signal and difference.
#[inline(always)]
fn step([fast, slow, signal]: &mut [Row; 3], weights: [f64; 3], values: Row) -> [Row; 3] {
    *fast += (values - *fast) * weights[0];
    *slow += (values - *slow) * weights[1];
    let macd = *fast - *slow;
    *signal += (macd - *signal) * weights[2];
    [macd, *signal, macd - *signal]
}

/// The signal in the place of the copy of macd that `line` is, and the difference.
fn finish(signal: &mut SeededEma, macd: &mut [f64], line: &mut [f64], hist: &mut [f64]) {
    let skipped = signal.run_over(line);
    // TA-Lib gives all three from the row on at which the signal begins.
    macd[..skipped].fill(f64::NAN);
    for ((hist, macd), line) in hist.iter_mut().zip(macd.iter()).zip(line.iter()) {
        *hist = macd - line;
    }
}

/// Kinds and periods, the fast one first.
fn kinds(args: &Args) -> [(usize, usize); 3] {
    let [a, b, signal] = [0, 2, 4].map(|n| (args.whole(n + 1), args.whole(n)));
    if a.1 <= b.1 { [a, b, signal] } else { [b, a, signal] }
}

fn lead(args: &Args) -> usize {
    let [fast, slow, _] = kinds(args).map(|(kind, period)| average_lead(kind, period));
    fast.max(slow)
}

fn of_kinds(args: &Args, inputs: &[&[f64]], outputs: &mut [&mut [f64]]) {
    let [macd, line, hist] = outputs else { unreachable!("the entry has three outputs") };
    let [fast, slow, signal] = kinds(args);
    let rows = macd.len();
    let lead = lead(args).min(rows);
    // Each begins so late that its first value is where the later one's is.
    let from = |(kind, period): (usize, usize)| lead.saturating_sub(average_lead(kind, period));
    average(fast.0, &inputs[0][from(fast)..], fast.1, &mut macd[from(fast)..]);
    average(slow.0, &inputs[0][from(slow)..], slow.1, &mut line[from(slow)..]);
    macd[lead..].iter_mut().zip(&line[lead..]).for_each(|(macd, slow)| *macd -= slow);
    average(signal.0, &macd[lead..], signal.1, &mut line[lead..]);
    let first = (lead + average_lead(signal.0, signal.1)).min(rows);
    macd[..first].fill(f64::NAN);
    line[..first].fill(f64::NAN);
    hist.iter_mut().zip(macd.iter().zip(line.iter())).for_each(|(hist, (macd, line))| *hist = macd - line);
}
