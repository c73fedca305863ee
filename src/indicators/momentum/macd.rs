use super::super::entry::{Args, Group, Indicator, Param, WarmUp};
use super::super::kernels::{
    CHUNK, Ema, PARTS, SMA, SeededEma, average, average_lead, average_reach, blank, ema_weight, kind_param,
    quarters, settled_rows,
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
            done += in_parts(&mut both, &mut signal, &input[done..], columns);
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

/// Most of columns that are long enough, in four parts side by side, each but the first begun some rows early; how
/// many rows that makes.
fn in_parts(both: &mut [Ema; 2], signal: &mut SeededEma, input: &[f64], columns: [&mut [f64]; 3]) -> usize {
    let weights = [both[0].weight(), both[1].weight(), signal.weight()];
    let settled = settled_rows(weights[0].min(weights[1]), 1) + settled_rows(weights[2], 1);
    let rows = input.len() / PARTS;
    if rows < 8 * settled {
        return 0;
    }
    let begins = [0, 1, 2, 3].map(|n| n * rows);
    let early = begins.map(|begin| begin.saturating_sub(settled));
    let level = early.map(|begin| input[begin]);
    let mut means = [level, level, [0.0; PARTS]];
    for row in 0..settled {
        step(&mut means, weights, early.map(|begin| input[begin + row]));
    }
    // What the first part did so far was its own rows once; it begins where the averages are.
    [means[0][0], means[1][0], means[2][0]] = [both[0].mean, both[1].mean, signal.mean()];
    let [macd, line, hist] = columns.map(|column| quarters(&mut column[..PARTS * rows]));
    let ins = begins.map(|begin| &input[begin..begin + rows]);
    let ([m0, m1, m2, m3], [l0, l1, l2, l3], [h0, h1, h2, h3]) = (macd, line, hist);
    for row in 0..rows {
        let off = step(&mut means, weights, ins.map(|values| values[row]));
        let last = means[2];
        (m0[row], m1[row], m2[row], m3[row]) = (off[0], off[1], off[2], off[3]);
        (l0[row], l1[row], l2[row], l3[row]) = (last[0], last[1], last[2], last[3]);
        (h0[row], h1[row], h2[row], h3[row]) =
            (off[0] - last[0], off[1] - last[1], off[2] - last[2], off[3] - last[3]);
    }
    both[0].mean = means[0][PARTS - 1];
    both[1].mean = means[1][PARTS - 1];
    signal.go_on(means[2][PARTS - 1]);
    PARTS * rows
}

/// One row on in every part: fast, slow, signal; the difference of the first two.
#[inline(always)]
fn step(means: &mut [[f64; PARTS]; 3], weights: [f64; 3], values: [f64; PARTS]) -> [f64; PARTS] {
    let mut off = [0.0; PARTS];
    for n in 0..PARTS {
        for average in 0..2 {
            means[average][n] += weights[average] * (values[n] - means[average][n]);
        }
        off[n] = means[0][n] - means[1][n];
        means[2][n] += weights[2] * (off[n] - means[2][n]);
    }
    off
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
