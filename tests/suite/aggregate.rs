//! The 1m series against a plain vector of bars: what a run over day images does to the file, the record and the report.

use std::collections::BTreeMap;

use engine::aggregate::reconcile::{Verdict, compare, difference};
use engine::aggregate::{DayImage, MinuteReport, Order, correction, note_older_payload, reconcile};
use engine::model::{Bar, Day};
use engine::store::StoreError;
use proptest::prelude::*;

use crate::textbook::clock::{Kind, TextClock};
use crate::textbook::series::{TextDay, image};
use crate::textbook::world::{World, assert_bars, candles};
use crate::textbook::{Dice, text};

const MINUTE: i64 = 60_000;

fn day(text: &str) -> Day {
    text.parse().expect("a day")
}

/// A bar of a minute, whose prices tell which version it is.
fn bar(minute: i64, price: f64) -> Bar {
    Bar {
        time_ms: (minute * MINUTE) as u64,
        open: price,
        high: price + 0.5,
        low: price - 0.5,
        close: price,
        volume: 1.0,
        count: 1,
        ..Bar::default()
    }
    .sealed()
}

fn bars(minutes: &[i64]) -> Vec<Bar> {
    minutes.iter().map(|minute| bar(*minute, 10.0)).collect()
}

#[test]
fn verdicts_by_table() {
    let correct = |minute: i64| Verdict::Correct { at_ms: minute * MINUTE };
    let end = |minute: i64| minute * MINUTE;
    type Row = (&'static str, &'static [i64], &'static [i64], bool, i64, Verdict);
    let table: [Row; 13] = [
        ("nothing in both", &[], &[], false, 0, Verdict::Same),
        ("nothing in both, newer held", &[], &[], true, end(99), Verdict::Same),
        ("equal", &[1, 2], &[1, 2], false, end(3), Verdict::Same),
        ("equal, newer held", &[1, 2], &[1, 2], true, end(99), Verdict::Same),
        ("a first day", &[], &[5, 6], false, 0, Verdict::Append { from: 0 }),
        ("goes on", &[1, 2], &[1, 2, 3], false, end(3), Verdict::Append { from: 2 }),
        ("goes on, newer held", &[1, 2], &[1, 2, 3], true, end(99), correct(3)),
        ("a day that was finished and empty", &[], &[5], false, end(1440), correct(5)),
        ("one missing at the end", &[1, 2, 3], &[1, 2], false, end(4), correct(3)),
        ("one missing at the start", &[1, 2, 3], &[2, 3], false, end(4), correct(1)),
        ("one inserted", &[1, 3], &[1, 2, 3], false, end(4), correct(2)),
        ("all gone", &[1, 3], &[], true, end(4), correct(1)),
        ("all others", &[3, 4], &[1, 2], true, end(5), correct(1)),
    ];
    for (what, held, image, newer_held, watermark_ms, expected) in table {
        assert_eq!(compare(&bars(held), &bars(image), newer_held, watermark_ms), expected, "{what}");
    }
    let (held, mut image) = (bars(&[1, 2, 3]), bars(&[1, 2, 3]));
    image[1] = bar(2, 10.25);
    assert_eq!(compare(&held, &image, false, end(4)), correct(2), "one changed");
    image[1] = Bar { flags: 1, ..bar(2, 10.0) }.sealed();
    assert_eq!(compare(&held, &image, false, end(4)), correct(2), "only a flag changed");
    image[1] = Bar { utc_offset_s: 3600, ..bar(2, 10.0) }.sealed();
    assert_eq!(compare(&held, &image, false, end(4)), correct(2), "only the server's clock changed");
}

#[test]
fn differences_by_table() {
    let count = |held: &[Bar], image: &[Bar]| {
        let made = difference(held, image);
        assert_eq!(made.bars, made.added + made.removed + made.changed());
        (made.added, made.removed, made.changed(), made.days, made.price)
    };
    assert_eq!(count(&bars(&[1, 2]), &bars(&[1, 2])), (0, 0, 0, 0, 0.0));
    assert_eq!(count(&bars(&[1, 3]), &bars(&[1, 2, 3])), (1, 0, 0, 1, 0.0), "inserted");
    assert_eq!(count(&bars(&[1, 2, 3]), &bars(&[3])), (0, 2, 0, 1, 0.0), "removed");
    assert_eq!(count(&bars(&[1, 2]), &bars(&[5, 6, 7])), (3, 2, 0, 1, 0.0), "all others");
    assert_eq!(count(&[], &bars(&[5])), (1, 0, 0, 1, 0.0));
    assert_eq!(count(&bars(&[1439, 1440, 4000]), &bars(&[1440])), (0, 2, 0, 2, 0.0), "of two days");
    assert_eq!(count(&bars(&[1439]), &bars(&[1440])), (1, 1, 0, 2, 0.0), "around midnight");
    let mut image = bars(&[1, 2, 3]);
    image[1] = bar(2, 10.25);
    image[2] = bar(3, 9.0);
    assert_eq!(count(&bars(&[1, 2, 3]), &image), (0, 0, 2, 1, 1.0));
    let both = difference(&bars(&[1, 2, 3]), &image).and(difference(&bars(&[1500]), &[]));
    assert_eq!((both.bars, both.removed, both.days, both.price), (3, 1, 2, 1.0));
}

#[test]
fn what_one_series_corrects_of_another() {
    let told = |held: &[i64], made: &[i64], common: usize, known: i64| {
        let (held, made) = (bars(held), bars(made));
        let made: Vec<Bar> = made.iter().map(|bar| Bar { utc_offset_s: 7200, ..*bar }).collect();
        let correction = correction(&held, &made, common, (known * MINUTE) as u64)?;
        Some((correction.from_ms / MINUTE, correction.utc_offset_s, correction.difference.bars))
    };
    assert_eq!(told(&[1, 2], &[1, 2], 2, 3), None, "the same");
    assert_eq!(told(&[1, 2], &[1, 2, 3, 4], 2, 3), None, "longer: that is new");
    assert_eq!(told(&[1, 2], &[1, 2, 3, 4], 2, 4), Some((3, 7200, 1)), "one of them was known not to be");
    assert_eq!(told(&[1, 2, 5], &[1, 2], 2, 6), Some((5, 0, 1)), "shorter");
    assert_eq!(told(&[1, 4], &[1, 3, 4], 1, 5), Some((3, 7200, 2)), "inserted, and another clock");
    assert_eq!(told(&[], &[1, 2], 0, 0), None, "nothing was known");
}

/// A 1m series of the engine, and what it should hold.
struct Beside {
    world: World,
    /// By day: the bars, and whether the day was over.
    truth: BTreeMap<Day, (Vec<Bar>, bool)>,
    /// What the last call of `before_correction` said.
    back_to: Vec<i64>,
}

impl Beside {
    fn new() -> Beside {
        Beside { world: World::new(|_| ()), truth: BTreeMap::new(), back_to: Vec::new() }
    }

    fn bars(&self) -> Vec<Bar> {
        self.truth.values().flat_map(|(bars, _)| bars).copied().collect()
    }

    fn watermark_ms(&self) -> i64 {
        let finished = self.truth.iter().rev().find(|(_, (_, finished))| *finished);
        let last = self.bars().last().map_or(0, |bar| bar.time_ms as i64 + MINUTE);
        last.max(finished.map_or(0, |(day, _)| day.end_ms()))
    }

    fn held(&self) -> Vec<Bar> {
        let view = self.world.lake.read_series(&self.world.minute_key()).expect("a sound series");
        view.map_or(Vec::new(), |view| view.bars().to_vec())
    }

    /// Reconciles these images and holds file, record and report to the vector.
    fn go(&mut self, images: &[DayImage], reconcile_from: Option<Day>, what: &str) -> MinuteReport {
        let (old, old_ms) = (self.bars(), self.watermark_ms());
        for image in images {
            self.truth.insert(image.day, (image.bars.clone(), image.finished));
        }
        let new = self.bars();
        let differs = (0..old.len().max(new.len())).find(|i| old.get(*i) != new.get(*i));
        let time = |bars: &[Bar], i: usize| bars.get(i).map(|bar| bar.time_ms as i64);
        let t = differs.and_then(|i| time(&old, i).into_iter().chain(time(&new, i)).min());
        let is_new = self.world.lake.read_commit(&self.world.minute_key()).expect("a sound record").is_none();
        // Nothing can be folded from a series that was never committed, so everything coarser goes back to nothing.
        let expected: Vec<i64> = is_new.then_some(0).into_iter().chain(t.filter(|t| *t < old_ms)).collect();

        let order = Order { symbol: &self.world.symbol, fingerprint: 77, sync: false, reconcile_from };
        let mut told = Vec::new();
        let held_then = self.held();
        let report = reconcile::<StoreError>(
            &self.world.lake,
            &order,
            &mut images.iter().cloned().map(Ok),
            &mut |at_ms| {
                // Nothing that is to be replaced may be gone before the coarser series have been taken back.
                assert_eq!(self.held(), held_then, "{what}: changed before its time");
                told.push(at_ms);
                Ok(())
            },
        )
        .expect("a sound lake");
        let worded: Vec<String> = told.iter().map(|ms| text(*ms)).collect();
        assert_eq!(worded, expected.iter().map(|ms| text(*ms)).collect::<Vec<_>>(), "{what}: corrections");
        assert_eq!(
            report.correction.map(|correction| correction.from_ms),
            t.filter(|t| *t < old_ms),
            "{what}"
        );
        self.back_to = told.split_off(usize::from(is_new));
        self.assert_held(reconcile_from, what);
        assert_eq!(report.bars as usize, new.len(), "{what}");
        assert!(!report.stale && report.repaired.is_none(), "{what}");
        report
    }

    fn assert_held(&self, reconcile_from: Option<Day>, what: &str) {
        assert_bars(&self.bars(), self.held(), what);
        let commit = self.world.commit(&self.world.minute_key());
        assert_eq!(text(commit.watermark_ms as i64), text(self.watermark_ms()), "{what}: watermark");
        assert_eq!(commit.reconcile_from, reconcile_from, "{what}: reconcile_from");
        assert_eq!((commit.in_pos, commit.fingerprint), (0, 77), "{what}");
        let file = std::fs::read(self.world.lake.series_path(&self.world.minute_key())).unwrap_or_default();
        assert_eq!(file.len() as u64, commit.out_pos, "{what}: bytes beyond the committed ones");
    }
}

fn made(dice: &mut Dice, date: Day, per_mille: u64) -> Vec<Bar> {
    let day = TextDay { candles: candles(dice, date, per_mille), asked_ms: None };
    image(&day, &TextClock::new(Kind::Fixed(0)), 8)
}

fn finished(date: Day, bars: &[Bar]) -> DayImage {
    DayImage { day: date, bars: bars.to_vec(), finished: true }
}

fn running(date: Day, bars: &[Bar]) -> DayImage {
    DayImage { day: date, bars: bars.to_vec(), finished: false }
}

#[test]
fn one_thing_at_a_time() {
    let mut series = Beside::new();
    let dice = &mut Dice(1);
    let (a, b, c) = (day("2024-01-02"), day("2024-01-03"), day("2024-01-04"));
    let (first, second, third) = (made(dice, a, 40), made(dice, b, 40), made(dice, c, 40));
    let report = series.go(&[finished(a, &first), finished(b, &second)], None, "append to nothing");
    assert_eq!(report.new_bars as usize, first.len() + second.len());
    assert_eq!(series.world.commit(&series.world.minute_key()).last_date, Some(b));

    let report = series.go(&[finished(a, &first), finished(b, &second)], None, "the same again");
    assert_eq!(report.new_bars, 0);

    let report = series.go(&[running(c, &third[..10])], None, "a running day begins");
    assert_eq!(report.new_bars, 10);
    let report = series.go(&[running(c, &third[..20])], None, "a running day goes on");
    assert_eq!(report.new_bars, 10);
    let report =
        series.go(&[finished(c, &third)], None, "the finished day goes on where the running one ended");
    assert_eq!(report.new_bars as usize, third.len() - 20);

    let mut changed = second.clone();
    changed[5].close += 0.001;
    changed[5] = changed[5].sealed();
    let report = series.go(&[finished(b, &changed)], None, "a changed bar");
    let correction = report.correction.expect("a correction");
    assert_eq!(correction.difference.bars, 1);
    assert!((correction.difference.price - 0.001).abs() < 1e-9);

    changed.remove(7);
    series.go(&[finished(b, &changed)], None, "a removed bar");
    series.go(&[finished(b, &second)], None, "an inserted bar, and a changed one");
    series.go(&[finished(b, &[])], None, "a day that turns out empty");
    series.go(&[finished(b, &second)], None, "and comes back");
    let old = day("2023-12-20");
    series.go(&[finished(old, &made(dice, old, 30))], None, "older than everything");
    let between = day("2023-12-27");
    series.go(&[finished(between, &made(dice, between, 30))], None, "between two days");
    series.go(&[finished(day("2023-12-28"), &[])], None, "an empty late day");
    assert_eq!(series.world.commit(&series.world.minute_key()).last_date, Some(c));
}

#[test]
fn a_running_day_counts_until_the_finished_one_replaces_it() {
    let mut series = Beside::new();
    let dice = &mut Dice(2);
    let (a, b, c) = (day("2024-01-02"), day("2024-01-03"), day("2024-01-04"));
    let (first, second) = (made(dice, a, 40), made(dice, b, 40));
    series.go(&[finished(a, &first), running(b, &second[..30])], None, "one finished, one running");
    series.go(
        &[finished(c, &made(dice, c, 40))],
        None,
        "the next day, and nobody fetched the end of the last one",
    );
    series.go(&[running(b, &second[..30])], None, "the running payload is still there");
    let mut late = second.clone();
    late[12].open += 0.01;
    late[12] = late[12].sealed();
    series.go(&[finished(b, &late)], None, "it ends at last, and otherwise than it began");
    series.go(&[], None, "a window without any payload");
}

#[test]
fn several_corrections_in_one_window_go_back_once_and_to_the_first() {
    let mut series = Beside::new();
    let dice = &mut Dice(3);
    let days: Vec<Day> = day("2024-01-01").through(day("2024-01-10")).collect();
    let mut images: Vec<DayImage> = days.iter().map(|date| finished(*date, &made(dice, *date, 30))).collect();
    series.go(&images, None, "ten days");
    for i in [2, 5, 8] {
        images[i].bars.remove(4);
        images[i].bars[9].high += 1.0;
        images[i].bars[9] = images[i].bars[9].sealed();
    }
    let new = day("2024-01-11");
    images.push(finished(new, &made(dice, new, 30)));
    let report = series.go(&images, None, "three corrections and a new day");
    assert_eq!(report.correction.expect("a correction").difference.bars, 6);
    assert_eq!(series.back_to.len(), 1);
}

#[test]
fn a_note_stays_until_its_day_was_reconciled() {
    let mut series = Beside::new();
    let dice = &mut Dice(4);
    let (a, b) = (day("2024-01-05"), day("2024-01-09"));
    series.go(&[finished(b, &made(dice, b, 30))], None, "a day");
    let note = |series: &Beside, date: Day| {
        note_older_payload(&series.world.lake, &series.world.symbol, date).expect("a sound lake");
        series.world.commit(&series.world.minute_key()).reconcile_from
    };
    assert_eq!(note(&series, b), Some(b));
    assert_eq!(note(&series, a), Some(a), "the earliest counts");
    assert_eq!(note(&series, b), Some(a), "a later note does not hide it");
    series.assert_held(Some(a), "notes change nothing else");
    series.go(&[], Some(a), "a run that could not reconcile it");
    series.go(&[finished(a, &made(dice, a, 30))], None, "a run that did");
}

#[test]
fn a_series_of_another_configuration_is_not_touched() {
    let mut series = Beside::new();
    // The stage alone is at work here, and it keeps no texts.
    series.world.settings.csv = false;
    let dice = &mut Dice(5);
    let a = day("2024-01-05");
    series.go(&[finished(a, &made(dice, a, 30))], None, "a day");
    let before = series.world.files();
    let order = Order { symbol: &series.world.symbol, fingerprint: 78, sync: false, reconcile_from: None };
    let images = [finished(a, &made(dice, a, 30)), finished(a.plus(1), &made(dice, a.plus(1), 30))];
    let report =
        reconcile::<StoreError>(&series.world.lake, &order, &mut images.into_iter().map(Ok), &mut |_| {
            panic!("nothing may be taken back")
        })
        .expect("a sound lake");
    assert!(report.stale);
    assert_eq!(series.world.files(), before);
}

/// A random change of what one day holds.
fn change(dice: &mut Dice, bars: &mut Vec<Bar>, date: Day) {
    match dice.below(6) {
        0 => *bars = made(dice, date, 20),
        1 => bars.clear(),
        2 if !bars.is_empty() => {
            bars.remove(dice.below(bars.len() as u64) as usize);
        }
        3 if !bars.is_empty() => {
            let i = dice.below(bars.len() as u64) as usize;
            bars[i] = Bar { volume: bars[i].volume + 1.0, ..bars[i] }.sealed();
        }
        4 => bars.truncate(dice.below(bars.len() as u64 + 1) as usize),
        _ => {}
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 30, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_history_of_images_leaves_what_the_vector_holds(seed: u64) {
        let dice = &mut Dice(seed);
        let mut series = Beside::new();
        let first = day("2024-02-26");
        for round in 0..12 {
            let mut images = Vec::new();
            for i in 0..8 {
                let date = first.plus(i);
                if dice.once_in(3) {
                    continue;
                }
                let known = series.truth.get(&date).cloned();
                let (mut bars, was_finished) = known.unwrap_or_else(|| (made(dice, date, 20), false));
                change(dice, &mut bars, date);
                let finished = was_finished || !dice.once_in(4);
                images.push(DayImage { day: date, bars, finished });
            }
            series.go(&images, None, &format!("seed {seed} round {round}"));
        }
    }
}

#[test]
fn an_older_day_looked_at_alone_does_not_take_the_watermark_back() {
    let mut series = Beside::new();
    let dice = &mut Dice(6);
    let (a, b) = (day("2024-01-05"), day("2024-01-08"));
    let (first, second) = (made(dice, a, 30), made(dice, b, 30));
    series.go(&[finished(a, &first), running(b, &second)], None, "a finished and a running day");
    series.go(&[finished(a, &first)], None, "the older one again, and nothing else");
}
