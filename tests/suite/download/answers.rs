//! What is believed of the answers, what is kept, and when asking ends.

use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering::SeqCst};
use std::time::Duration;

use engine::download::{DownloadError, Progress, SymbolPlan};
use engine::feed::FeedError;
use engine::feed::simulator::{Now, Simulator, SimulatorOptions};
use engine::model::day::DAY_MS;
use engine::store::{PayloadKind, RefusedBar, StoreError};

use super::day;
use super::server::{Answer, Bench, Seen, Server, broken, candles, each_day, empty, euro, ok, plan, status};

#[tokio::test]
async fn the_cache_gets_the_bytes_as_received() {
    let server = Server::start(each_day(|day, _| ok(candles(day)))).await;
    let bench = Bench::new(&server.url);
    let done = bench.run(plan("2024-01-08", "2024-01-31")).await;
    let outcome = &done.symbols[0];
    assert_eq!(outcome.fetched, [day("2024-01-08"), day("2024-01-09")]);
    assert!(outcome.running && done.is_complete() && !done.unreachable && !done.is_nonsense());
    let expected = [
        "cache/2024/01/EUR-USD_20240108.json",
        "cache/2024/01/EUR-USD_20240109.json",
        "temp/.EUR-USD_20240110.json.seal",
        "temp/EUR-USD_20240110.json",
    ];
    assert_eq!(bench.files(), expected);
    assert_eq!(bench.payload(day("2024-01-09")).unwrap(), candles(day("2024-01-09")).as_bytes());

    let again = bench.run(plan("2024-01-08", "2024-01-31")).await;
    assert!(again.symbols[0].fetched.is_empty() && again.symbols[0].running);
    assert_eq!(server.asked_for("/2024/1/"), 2, "what is held is not asked for again");
}

#[tokio::test]
async fn outcomes_come_in_the_plans_order() {
    let server = Server::start(each_day(|day, _| ok(candles(day)))).await;
    let bench = Bench::new(&server.url);
    // The first symbol has the most to do.
    let symbols = ["F", "E", "D", "C", "B", "A", "G", "H"];
    let plan = symbols.iter().zip((2..=9).rev()).map(|(name, days)| {
        let mut plan = plan("2024-01-01", "2024-01-09").remove(0);
        plan.symbol = name.parse().unwrap();
        plan.from = plan.to.plus(1 - days);
        plan
    });
    let done = bench.run(plan.collect()).await;
    let order: Vec<&str> = done.symbols.iter().map(|outcome| outcome.symbol.as_str()).collect();
    assert_eq!(order, symbols);
    let days: Vec<usize> = done.symbols.iter().map(|outcome| outcome.fetched.len()).collect();
    assert_eq!(days, [9, 8, 7, 6, 5, 4, 3, 2]);
}

#[tokio::test]
async fn asking_goes_on_until_the_answer_is_good() {
    let bad = |day, before: usize| match before {
        0 => status(400),
        1 => status(503),
        2 => Answer::Cut(candles(day).into_bytes()),
        3 => ok("{\"timestamp\":"),
        _ => ok(candles(day)),
    };
    let server = Server::start(each_day(bad)).await;
    let bench = Bench::new(&server.url);
    let done = bench.run(plan("2024-01-08", "2024-01-08")).await;
    assert_eq!(done.symbols[0].fetched, [day("2024-01-08")]);
    assert_eq!(server.asked_for("/BID/"), 5);
    assert_eq!((done.good_answers, done.refused_answers), (1, 1));
    assert_eq!(bench.payload(day("2024-01-08")).unwrap(), candles(day("2024-01-08")).as_bytes());
}

#[tokio::test]
async fn attempts_end_and_one_failed_day_stops_no_other() {
    let one_fails = |at, _| if at == day("2024-01-05") { status(500) } else { ok(candles(at)) };
    let server = Server::start(each_day(one_fails)).await;
    let mut bench = Bench::new(&server.url);
    bench.settings.max_retries = 3;
    let done = bench.run(plan("2024-01-01", "2024-01-09")).await;
    let outcome = &done.symbols[0];
    assert_eq!(server.asked_for("/2024/1/5"), 3);
    assert_eq!(outcome.fetched.len(), 8);
    let [(failed, DownloadError::Feed(FeedError::Busy { status: 500, .. }))] = &outcome.failed[..] else {
        panic!("{:?}", outcome.failed)
    };
    assert_eq!(*failed, day("2024-01-05"));
    assert!(!done.is_complete() && bench.payload(*failed).is_none());
}

#[tokio::test]
async fn other_statuses_are_not_asked_twice() {
    let server = Server::start(each_day(|_, _| status(403))).await;
    let bench = Bench::new(&server.url);
    let done = bench.run(plan("2024-01-08", "2024-01-08")).await;
    assert_eq!(server.asked_for("/BID/"), 1);
    assert!(matches!(
        done.symbols[0].failed[0].1,
        DownloadError::Feed(FeedError::Declined { status: 403, .. })
    ));
}

#[tokio::test]
async fn the_feeds_wish_to_be_left_alone_is_obeyed_and_dropping_leaves_nothing_half_done() {
    let throttled = |at, _| match at == day("2024-01-08") {
        true => Answer::Says(429, "Retry-After: 120\r\n".to_owned(), Vec::new()),
        false => ok(candles(at)),
    };
    let server = Server::start(each_day(throttled)).await;
    let bench = Bench::new(&server.url);
    let waiting = tokio::sync::Semaphore::new(0);
    let pauses = Mutex::new(Vec::new());
    let progress = |told: Progress<'_>| {
        if let Progress::Waiting { pause, attempt, .. } = told {
            pauses.lock().unwrap().push((attempt, pause));
            waiting.add_permits(1);
        }
    };
    let all_is_well = |_: &_, _| Ok(());
    tokio::select! {
        done = bench.run_with(plan("2024-01-08", "2024-01-08"), &all_is_well, &progress) => panic!("ended: {done:?}"),
        _ = waiting.acquire() => {}
    }
    assert_eq!(*pauses.lock().unwrap(), [(1, Duration::from_secs(120))]);
    assert_eq!(server.asked_for("/2024/1/8"), 1);
    assert_eq!(bench.files(), Vec::<String>::new());
}

#[tokio::test]
async fn an_unknown_symbol_is_asked_about_a_few_times_only() {
    let server = Server::start(|_: &Seen, _| status(404)).await;
    let bench = Bench::new(&server.url);
    let done = bench.run(plan("2023-01-01", "2024-01-09")).await;
    let outcome = &done.symbols[0];
    assert!(outcome.is_unknown() && !done.is_complete());
    assert_eq!(outcome.not_found.len() + outcome.skipped.len(), 365 + 9);
    // Three in a row end it; those under way on the other connections are let in.
    assert!(server.seen().len() <= 1 + 3 + bench.settings.concurrency, "{:?}", server.paths());
    let mut paths = server.paths();
    paths.sort();
    paths.dedup();
    assert_eq!(paths.len(), server.seen().len(), "nothing was asked twice");
    assert_eq!(bench.files(), Vec::<String>::new());
}

#[tokio::test]
async fn days_without_a_page_stop_no_other() {
    // Four in a row are unknown, of a symbol whose metadata the feed has.
    let server = Server::start(|seen, _| match super::server::asked_day(&seen.path) {
        None => ok("{}"),
        Some(at) if (day("2024-01-03")..=day("2024-01-06")).contains(&at) => status(404),
        Some(at) => ok(candles(at)),
    })
    .await;
    let bench = Bench::new(&server.url);
    let done = bench.run(plan("2024-01-01", "2024-01-09")).await;
    let outcome = &done.symbols[0];
    assert_eq!(outcome.not_found, day("2024-01-03").through(day("2024-01-06")).collect::<Vec<_>>());
    assert_eq!((outcome.fetched.len(), outcome.skipped.len(), outcome.is_unknown()), (5, 0, false));
}

#[tokio::test]
async fn what_stays_nonsense_goes_to_quarantine_until_a_good_answer_comes() {
    let good = std::sync::Arc::new(AtomicBool::new(false));
    let switch = good.clone();
    // Candles of the day before: well formed, and not what was asked for.
    let script = each_day(move |day, _| ok(candles(if switch.load(SeqCst) { day } else { day.plus(-1) })));
    let server = Server::start(script).await;
    let bench = Bench::new(&server.url);
    let at = day("2024-01-08");
    let done = bench.run(plan("2024-01-08", "2024-01-08")).await;
    assert_eq!(server.asked_for("/BID/"), 5);
    assert!(matches!(done.symbols[0].failed[0].1, DownloadError::Feed(FeedError::Refused { .. })));
    assert!(done.is_nonsense() && done.refused_answers == 5);
    assert!(bench.payload(at).is_none());
    let refused = bench.lake.read_refused_payload(&euro(), at).unwrap().unwrap();
    assert_eq!(refused.bytes, candles(at.plus(-1)).as_bytes());
    assert!(refused.reason.contains("2024-01-08"), "{}", refused.reason);

    good.store(true, SeqCst);
    let done = bench.run(plan("2024-01-08", "2024-01-08")).await;
    assert!(done.is_complete() && !done.is_nonsense());
    assert_eq!(bench.files(), ["cache/2024/01/EUR-USD_20240108.json"]);
}

#[tokio::test]
async fn a_feed_that_is_busy_in_between_is_no_feed_of_nonsense() {
    let script = each_day(|day, before| if before == 2 { status(503) } else { ok(candles(day.plus(-1))) });
    let server = Server::start(script).await;
    let done = Bench::new(&server.url).run(plan("2024-01-08", "2024-01-08")).await;
    assert_eq!((done.good_answers, done.refused_answers, done.busy_answers), (0, 4, 1));
    assert!(!done.is_nonsense() && !done.is_complete() && !done.unreachable);
}

#[tokio::test]
async fn an_empty_trading_day_is_doubted_accepted_and_asked_for_again_later() {
    let full = std::sync::Arc::new(AtomicBool::new(false));
    let switch = full.clone();
    let script = each_day(move |day, _| ok(if switch.load(SeqCst) { candles(day) } else { empty(day) }));
    let server = Server::start(script).await;
    let bench = Bench::new(&server.url);
    // 2024-01-05 is a Friday, the two days after it are no trading days.
    let done = bench.run(plan("2024-01-05", "2024-01-07")).await;
    let outcome = &done.symbols[0];
    assert_eq!(outcome.suspicious, [day("2024-01-05")]);
    assert_eq!(outcome.fetched.len(), 3);
    assert!(done.is_complete());
    let asked = |part| server.asked_for(part);
    assert_eq!((asked("/2024/1/5"), asked("/2024/1/6"), asked("/2024/1/7")), (5, 1, 1));

    let done = bench.run(plan("2024-01-05", "2024-01-07")).await;
    assert_eq!(
        (&done.symbols[0].unchanged, &done.symbols[0].suspicious),
        (&vec![day("2024-01-05")], &vec![day("2024-01-05")])
    );
    assert_eq!((asked("/2024/1/5"), asked("/2024/1/6")), (6, 1), "one attempt, for the suspicious day only");

    full.store(true, SeqCst);
    let done = bench.run(plan("2024-01-05", "2024-01-07")).await;
    assert_eq!(done.symbols[0].fetched, [day("2024-01-05")]);
    bench.run(plan("2024-01-05", "2024-01-07")).await;
    assert_eq!(asked("/2024/1/5"), 7, "a day with candles is not asked for again");
}

#[tokio::test]
async fn a_doubtful_answer_is_better_than_none_and_a_good_one_better_than_it() {
    let script = each_day(|at, before| match (at == day("2024-01-08"), before) {
        (true, 1) => ok(empty(at)),
        (true, 3) => ok(broken(at)),
        (true, _) => status(503),
        (false, 0) => ok(broken(at)),
        (false, 1) => ok(empty(at)),
        (false, _) => ok(candles(at)),
    });
    let server = Server::start(script).await;
    let bench = Bench::new(&server.url);
    let done = bench.run(plan("2024-01-08", "2024-01-09")).await;
    assert_eq!(done.symbols[0].broken, [day("2024-01-08")]);
    assert_eq!(bench.payload(day("2024-01-08")).unwrap(), broken(day("2024-01-08")).as_bytes());
    assert_eq!(bench.payload(day("2024-01-09")).unwrap(), candles(day("2024-01-09")).as_bytes());
    assert_eq!((server.asked_for("/2024/1/8"), server.asked_for("/2024/1/9")), (5, 3));
}

#[tokio::test]
async fn days_with_bars_in_quarantine_are_asked_for_once_in_each_run() {
    let server = Server::start(each_day(|day, _| ok(broken(day)))).await;
    let bench = Bench::new(&server.url);
    let at = day("2024-01-08");
    bench.run(plan("2024-01-08", "2024-01-08")).await;
    assert_eq!(server.asked_for("/BID/"), 5);
    let refused = RefusedBar { bar: engine::model::Bar::default(), rule: "high below low".to_owned() };
    bench.lake.write_refused_bars(&euro(), at, &[refused]).unwrap();
    let done = bench.run(plan("2024-01-08", "2024-01-08")).await;
    assert_eq!(server.asked_for("/BID/"), 6);
    assert_eq!((&done.symbols[0].unchanged, &done.symbols[0].broken), (&vec![at], &vec![at]));
}

fn again(from: &str, to: &str) -> Vec<SymbolPlan> {
    vec![SymbolPlan { ask_again: true, ..plan(from, to).remove(0) }]
}

#[tokio::test]
async fn asking_again_replaces_by_better_and_never_by_worse() {
    let round = std::sync::Arc::new(AtomicU32::new(0));
    let current = round.clone();
    let script = each_day(move |at, _| {
        let better = candles(at).replace("[1.5,", "[2.5,");
        ok(match (current.load(SeqCst), at) {
            (0, _) => candles(at),
            (_, at) if at == day("2024-01-05") => empty(at),
            (_, at) if at == day("2024-01-08") => broken(at),
            (_, at) if at == day("2024-01-09") => better,
            _ => candles(at),
        })
    });
    let server = Server::start(script).await;
    let bench = Bench::new(&server.url);
    bench.run(plan("2024-01-04", "2024-01-09")).await;
    let held: Vec<_> = day("2024-01-04").through(day("2024-01-08")).map(|day| bench.payload(day)).collect();

    round.store(1, SeqCst);
    let done = bench.run(again("2024-01-04", "2024-01-09")).await;
    let outcome = &done.symbols[0];
    assert_eq!(outcome.kept, [day("2024-01-05"), day("2024-01-08")]);
    assert_eq!(outcome.fetched, [day("2024-01-09")]);
    assert_eq!(outcome.unchanged, [day("2024-01-04"), day("2024-01-06"), day("2024-01-07")]);
    let now: Vec<_> = day("2024-01-04").through(day("2024-01-08")).map(|day| bench.payload(day)).collect();
    assert_eq!(now, held);
    assert!(String::from_utf8(bench.payload(day("2024-01-09")).unwrap()).unwrap().contains("[2.5,"));
}

#[tokio::test]
async fn the_commit_record_is_told_before_an_older_day_is_written() {
    let server = Server::start(each_day(|day, _| ok(candles(day)))).await;
    let bench = Bench::new(&server.url);
    let told = Mutex::new(Vec::new());
    let before = |symbol: &_, earliest| {
        let older = bench
            .files()
            .iter()
            .filter(|file| file.starts_with("cache") && !file.contains("20240109"))
            .count();
        told.lock().unwrap().push((euro() == *symbol, earliest, older));
        Ok(())
    };
    let mut plan = plan("2024-01-03", "2024-01-10");
    plan[0].last_date = Some(day("2024-01-08"));
    let done = bench.run_with(plan.clone(), &before, &|_| {}).await;
    assert_eq!(done.symbols[0].fetched.len(), 7);
    assert_eq!(
        *told.lock().unwrap(),
        [(true, day("2024-01-03"), 0)],
        "once, and before the first older file"
    );

    // Nothing is missing any more, and what is asked for again has not changed: nothing to tell.
    plan[0].to = day("2024-01-08");
    plan[0].ask_again = true;
    let done = bench.run_with(plan, &before, &|_| {}).await;
    assert_eq!((done.symbols[0].unchanged.len(), told.lock().unwrap().len()), (6, 1));
}

#[tokio::test]
async fn without_the_commit_record_no_older_day_is_written() {
    let server = Server::start(each_day(|day, _| ok(candles(day)))).await;
    let bench = Bench::new(&server.url);
    let refuse = |_: &_, _| Err(StoreError::Busy { path: "x.bin".into() });
    let mut plan = plan("2024-01-07", "2024-01-09");
    plan[0].last_date = Some(day("2024-01-08"));
    let done = bench.run_with(plan, &refuse, &|_| {}).await;
    let failed: Vec<_> = done.symbols[0].failed.iter().map(|(day, _)| *day).collect();
    assert_eq!(failed, [day("2024-01-07"), day("2024-01-08")]);
    assert_eq!(bench.files(), ["cache/2024/01/EUR-USD_20240109.json"]);
}

#[tokio::test]
async fn the_running_day_carries_the_moment_it_was_asked_for() {
    let date = std::sync::Arc::new(Mutex::new("Wed, 10 Jan 2024 11:59:30 GMT"));
    let said = date.clone();
    let server = Server::start(each_day(move |day, _| {
        Answer::Says(200, format!("Date: {}\r\n", said.lock().unwrap()), candles(day).into_bytes())
    }))
    .await;
    let bench = Bench::new(&server.url);
    let asked_ms = || match bench.lake.read_payload(&euro(), day("2024-01-10"), &mut Vec::new()).unwrap() {
        Some(PayloadKind::Running { asked_ms }) => asked_ms,
        other => panic!("{other:?}"),
    };
    bench.run(plan("2024-01-10", "2024-01-10")).await;
    assert_eq!(asked_ms(), bench.now_ms - 30_000, "the feed's clock is behind ours");
    *date.lock().unwrap() = "Wed, 10 Jan 2024 12:00:30 GMT";
    bench.run(plan("2024-01-10", "2024-01-10")).await;
    assert_eq!(asked_ms(), bench.now_ms, "the feed's clock is ahead of ours");
}

#[tokio::test]
async fn an_empty_running_day_never_replaces_candles() {
    let server =
        Server::start(each_day(|day, before| ok(if before == 0 { candles(day) } else { empty(day) }))).await;
    let bench = Bench::new(&server.url);
    bench.run(plan("2024-01-10", "2024-01-10")).await;
    let done = bench.run(plan("2024-01-10", "2024-01-10")).await;
    assert_eq!(done.symbols[0].kept, [day("2024-01-10")]);
    assert_eq!(bench.payload(day("2024-01-10")).unwrap(), candles(day("2024-01-10")).as_bytes());
}

#[tokio::test]
async fn metadata_is_kept_for_a_week_and_never_stops_a_download() {
    let broken_feed = std::sync::Arc::new(AtomicBool::new(false));
    let switch = broken_feed.clone();
    let server = Server::start(move |seen, _| match super::server::asked_day(&seen.path) {
        Some(at) => ok(candles(at)),
        None if switch.load(SeqCst) => status(500),
        // 1-minute history from 2024-01-08.
        None => ok(r#"{"code":"EUR-USD","histories":[{"period":"MINUTE","from":1704672000000}]}"#),
    })
    .await;
    let mut bench = Bench::new(&server.url);
    let done = bench.run(plan("2024-01-01", "2024-01-09")).await;
    assert_eq!(done.symbols[0].fetched, [day("2024-01-08"), day("2024-01-09")]);
    assert!(bench.files().contains(&"cache/instruments/EUR-USD.json".to_owned()));
    bench.now_ms += 7 * DAY_MS;
    bench.run(plan("2024-01-01", "2024-01-09")).await;
    assert_eq!(server.asked_for("/instruments/"), 1);

    bench.now_ms += 1;
    broken_feed.store(true, SeqCst);
    let done = bench.run(plan("2024-01-01", "2024-01-11")).await;
    assert_eq!(server.asked_for("/instruments/"), 6);
    assert_eq!(
        done.symbols[0].fetched,
        [day("2024-01-10"), day("2024-01-11")],
        "the old metadata still holds"
    );
    assert!(done.symbols[0].metadata.is_some() && done.is_complete());
}

#[tokio::test]
async fn a_feed_that_is_not_there_is_given_up_soon() {
    let mut bench = Bench::new("http://127.0.0.1:1/v1");
    let attempts = AtomicU32::new(0);
    let progress = |told: Progress<'_>| {
        if matches!(told, Progress::Waiting { .. }) {
            attempts.fetch_add(1, SeqCst);
        }
    };
    let symbols: Vec<SymbolPlan> = (0..40)
        .map(|n| SymbolPlan {
            symbol: format!("S{n}").parse().unwrap(),
            ..plan("2023-01-01", "2024-01-10").remove(0)
        })
        .collect();
    for max_retries in [1, 5] {
        bench.settings.max_retries = max_retries;
        attempts.store(0, SeqCst);
        let done = bench.run_with(symbols.clone(), &|_, _| Ok(()), &progress).await;
        assert!(done.unreachable && !done.is_complete() && !done.is_nonsense());
        assert!(done.symbols.iter().all(|outcome| outcome.failed.len() == 375));
        assert!(attempts.load(SeqCst) <= 5 * 6, "{} attempts were repeated", attempts.load(SeqCst));
        let given_up =
            done.symbols[39].failed.iter().all(|(_, why)| matches!(why, DownloadError::Unreachable { .. }));
        assert!(given_up, "the last symbol was not even asked for");
    }
    assert_eq!(bench.files(), Vec::<String>::new());
}

#[tokio::test]
async fn a_feed_that_answered_once_is_not_given_up() {
    // One day is cut off every time; a server that answers at all is there.
    let server = Server::start(each_day(|at, _| match at == day("2024-01-08") {
        true => Answer::Cut(Vec::new()),
        false => ok(candles(at)),
    }))
    .await;
    let bench = Bench::new(&server.url);
    let done = bench.run(plan("2024-01-01", "2024-01-09")).await;
    assert!(!done.unreachable);
    assert_eq!((done.symbols[0].fetched.len(), done.symbols[0].failed.len()), (8, 1));
}

/// Every file of the cache with its bytes, metadata aside: it carries no candles.
fn cache(bench: &Bench) -> Vec<(String, Vec<u8>)> {
    let days = bench.files().into_iter().filter(|file| file.starts_with("cache/2"));
    days.map(|file| (file.clone(), std::fs::read(bench.root.path().join(&file)).unwrap())).collect()
}

#[tokio::test]
async fn all_faults_at_once_end_in_the_same_cache_as_none() {
    let window: Vec<SymbolPlan> = ["EUR-USD", "BTC-USD", "XAU-USD"]
        .map(|name| SymbolPlan {
            symbol: name.parse().unwrap(),
            ..plan("2023-12-18", "2024-01-10").remove(0)
        })
        .to_vec();
    let start = |bench: &Bench, faults: &str| {
        let faults = faults.parse().unwrap();
        Simulator::start(SimulatorOptions { seed: 1, port: 0, now: Now::Frozen(bench.now_ms), faults })
            .unwrap()
    };
    let mut calm = Bench::new("");
    let simulator = start(&calm, "");
    calm.settings.base_url = simulator.base_url();
    assert!(calm.run(window.clone()).await.is_complete());

    let mut rough = Bench::new("");
    rough.settings.max_retries = 2;
    let simulator = start(&rough, "all=0.05,stall_ms=1,retry_after=0,seed=3");
    rough.settings.base_url = simulator.base_url();
    let (mut doubted, mut failed) = (0, 0);
    for run in 0.. {
        let done = rough.run(window.clone()).await;
        for outcome in &done.symbols {
            // What the transform room does: bars that cannot be lie in quarantine as long as the payload has them.
            let refused =
                RefusedBar { bar: engine::model::Bar::default(), rule: "high below low".to_owned() };
            for day in &outcome.fetched {
                let bars = if outcome.broken.contains(day) { &[refused.clone()][..] } else { &[] };
                rough.lake.write_refused_bars(&outcome.symbol, *day, bars).unwrap();
            }
            doubted += outcome.broken.len() + outcome.suspicious.len();
            failed += outcome.failed.len();
        }
        if done.is_complete() && cache(&rough) == cache(&calm) {
            break;
        }
        assert!(run < 30, "still different after {run} runs");
    }
    assert!(doubted > 0 && failed > 0, "the faults were felt: {doubted} doubted, {failed} failed");
}
