//! The simulated feed over loopback, as a client sees it.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use chrono::DateTime;
use engine::feed::simulator::{Fault, Faults, Market, Now, Simulator, SimulatorOptions};
use engine::model::Day;
use serde_json::Value;

use super::{MINUTE, Minute, day, decode, is_sound, minutes, symbol};

#[test]
fn an_order_of_faults_is_read_or_refused_with_the_nearest_word() {
    let faults: Faults =
        "400=0.05,429=0.1, cut=0.2,backfill=1,seed=9,backfill_after=4,stall_ms=5,retry_after=7"
            .parse()
            .unwrap();
    assert_eq!(
        (faults.rate(Fault::BadRequest), faults.rate(Fault::TooMany), faults.rate(Fault::Cut)),
        (0.05, 0.1, 0.2)
    );
    assert_eq!((faults.seed, faults.backfill_after, faults.retry_after_s), (9, 4, 7));
    assert_eq!((faults.rate(Fault::Empty), faults.rate(Fault::Backfill)), (0.0, 1.0));
    let all: Faults = "all=0.05".parse().unwrap();
    assert_eq!((all.rate(Fault::Ohlc), all.rate(Fault::Backfill)), (0.05, 0.0));
    assert_eq!("".parse(), Ok(Faults::default()));
    let error = |text: &str| text.parse::<Faults>().unwrap_err().to_string();
    assert!(error("timeot=0.1").contains("did you mean 'timeout'"));
    assert!(error("404=0.1").contains("did you mean '40"), "{}", error("404=0.1"));
    assert!(error("cut=5").contains("from 0 to 1") && error("cut=x").contains("cut=0.05"));
    assert!(error("seed=x").contains("whole number"));
    assert!(error("all=0.2").contains("add up"));
}

fn start(now: Now, faults: &str) -> Simulator {
    Simulator::start(SimulatorOptions { seed: 1, port: 0, now, faults: faults.parse().unwrap() }).unwrap()
}

fn frozen(text: &str) -> Now {
    Now::Frozen(instant(text))
}

fn instant(text: &str) -> i64 {
    DateTime::parse_from_rfc3339(text).unwrap().timestamp_millis()
}

fn client() -> reqwest::Client {
    // A client cannot be built without a provider, even one that never speaks https; a second one is refused.
    let _ = rustls::crypto::ring::default_provider().install_default();
    reqwest::Client::builder().no_proxy().user_agent("engine-test/1").build().unwrap()
}

fn wait<T>(future: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(future)
}

async fn fetch(client: &reqwest::Client, url: String) -> (u16, String) {
    let answer = client.get(url).send().await.unwrap();
    (answer.status().as_u16(), answer.text().await.unwrap())
}

fn finished(feed: &Simulator, name: &str, date: Day) -> String {
    let (y, m, d) = date.ymd();
    format!("{}/candles/minute/{name}/BID/{y}/{m}/{d}", feed.base_url())
}

fn running(feed: &Simulator, name: &str, date: Day) -> String {
    format!("{}/candles/minute/{name}/BID?from={}", feed.base_url(), date.start_ms())
}

#[test]
fn the_server_speaks_the_feed_s_urls() {
    let feed = start(frozen("2024-05-15T12:30:20Z"), "");
    let (market, client, date) = (Market::new(1), client(), day("2024-05-14"));
    wait(async {
        let url = finished(&feed, "EUR-USD", date);
        let answer = client.get(&url).send().await.unwrap();
        assert_eq!(answer.headers()["date"], "Wed, 15 May 2024 12:30:20 GMT");
        let bid = decode(&answer.text().await.unwrap());
        assert_eq!(bid, minutes(&market, "EUR-USD", date));
        let ask = decode(&fetch(&client, url.replace("BID", "ASK")).await.1);
        assert!(ask.iter().all(is_sound) && ask.len() == bid.len());
        assert!(
            bid.iter().zip(&ask).all(|(b, a)| (0..4).all(|i| (1..40).contains(&(a.units[i] - b.units[i]))))
        );
        let saturday = fetch(&client, finished(&feed, "EUR-USD", day("2024-05-11"))).await;
        assert!(saturday.0 == 200 && decode(&saturday.1).is_empty());

        let one: Value =
            serde_json::from_str(&fetch(&client, format!("{}/instruments/XAU-USD", feed.base_url())).await.1)
                .unwrap();
        assert_eq!(one, market.instrument(&symbol("XAU-USD")));
        let all: Value =
            serde_json::from_str(&fetch(&client, format!("{}/instruments", feed.base_url())).await.1)
                .unwrap();
        assert_eq!(all["instruments"].as_array().unwrap().len(), market.known_symbols().len());
        let codes: Vec<_> =
            all["groups"].as_array().unwrap().iter().map(|group| group["code"].clone()).collect();
        assert!(all["instruments"].as_array().unwrap().iter().all(|one| codes.contains(&one["groupCode"])));

        let absent = [
            finished(&feed, "EUR-USD", day("2024-05-15")),
            finished(&feed, "EUR-USD", day("2003-05-03")),
            finished(&feed, ".hidden", date),
            finished(&feed, "EUR-USD", date).replace("/5/14", "/05/14"),
            finished(&feed, "EUR-USD", date).replace("/5/14", "/2/30"),
            finished(&feed, "EUR-USD", date).replace("BID", "MID"),
            format!("{}/nothing", feed.base_url()),
        ];
        for url in absent {
            assert_eq!(fetch(&client, url.clone()).await.0, 404, "{url}");
        }
    });
    assert_eq!(feed.requests_for(&symbol("EUR-USD"), date), 2);
    let log = feed.requests();
    assert!(
        log.iter()
            .all(|request| request.user_agent.as_deref() == Some("engine-test/1") && request.fault.is_none())
    );
    assert!(log.windows(2).all(|pair| pair[0].at <= pair[1].at) && feed.total_requests() == log.len() as u64);
    assert_eq!(log[0].path, "/v1/candles/minute/EUR-USD/BID/2024/5/14");
    let address = format!("127.0.0.1:{}", feed.port());
    drop(feed);
    assert!(std::net::TcpStream::connect(address).is_err(), "the port is free again");
}

#[test]
fn the_running_day_grows_with_the_clock() {
    let now = Arc::new(AtomicI64::new(instant("2024-05-15T09:00:00Z")));
    let hand = now.clone();
    let feed = start(Now::Function(Arc::new(move || hand.load(Ordering::SeqCst))), "");
    let (market, client, date) = (Market::new(1), client(), day("2024-05-15"));
    let whole = minutes(&market, "BTC-USD", date);
    wait(async {
        let mut before = 0;
        for text in [
            "2024-05-15T09:00:30Z",
            "2024-05-15T09:05:00Z",
            "2024-05-15T15:00:59.999Z",
            "2024-05-15T23:59:30Z",
        ] {
            now.store(instant(text), Ordering::SeqCst);
            let answer = decode(&fetch(&client, running(&feed, "BTC-USD", date)).await.1);
            assert_eq!(
                answer,
                decode(&fetch(&client, running(&feed, "BTC-USD", date)).await.1),
                "one instant, one answer"
            );
            let done = whole.iter().filter(|m| m.time_ms + MINUTE <= instant(text)).count();
            let begun = whole.iter().filter(|m| m.time_ms <= instant(text)).count();
            assert_eq!(answer[..done], whole[..done]);
            assert_eq!(answer.len(), begun);
            assert!(answer.iter().all(is_sound) && answer.len() > before);
            before = answer.len();
        }
        now.store(instant("2024-05-16T00:07:30Z"), Ordering::SeqCst);
        let late = decode(&fetch(&client, running(&feed, "BTC-USD", date)).await.1);
        assert_eq!(late[..whole.len()], whole);
        assert!(
            late.len() > whole.len() && late.iter().all(|m| m.time_ms <= instant("2024-05-16T00:07:00Z"))
        );
        assert_eq!(decode(&fetch(&client, finished(&feed, "BTC-USD", date)).await.1), whole);
    });
}

/// What a client can see of an answer, as the name of the fault it would suspect.
async fn verdict(client: &reqwest::Client, url: String, sound: &[Minute]) -> &'static str {
    let Ok(answer) = client.get(url).send().await else { return "timeout" };
    match answer.status().as_u16() {
        400 => return "400",
        429 if answer.headers()["retry-after"] == "3" => return "429",
        503 => return "503",
        status => assert_eq!(status, 200),
    }
    let announced = answer.content_length().unwrap() as usize;
    let mut body = Vec::new();
    let mut answer = answer;
    loop {
        match answer.chunk().await {
            Ok(Some(chunk)) => body.extend_from_slice(&chunk),
            Ok(None) => break,
            Err(_) if body.is_empty() => return "timeout",
            Err(_) => {
                assert!(body.len() < announced);
                return "cut";
            }
        }
    }
    let Ok(payload) = serde_json::from_slice::<Value>(&body) else { return "malformed" };
    let lengths = ["times", "opens", "highs", "lows", "closes", "volumes"]
        .map(|a| payload[a].as_array().unwrap().len());
    if lengths.iter().any(|length| *length != lengths[0]) {
        return "unequal";
    }
    let minutes = decode(std::str::from_utf8(&body).unwrap());
    match () {
        () if minutes == sound => "sound",
        () if minutes.is_empty() => "empty",
        () if minutes[0].time_ms < sound[0].time_ms - 3_600_000 => "wrongday",
        () => {
            let broken: Vec<_> = minutes.iter().zip(sound).filter(|(seen, sound)| seen != sound).collect();
            assert!(broken.len() == 1 && !is_sound(broken[0].0) && minutes.len() == sound.len());
            "ohlc"
        }
    }
}

#[test]
fn every_fault_comes_at_its_rate_and_nothing_else_does() {
    let order = "400=0.05,429=0.05,503=0.05,timeout=0.05,cut=0.05,empty=0.05,malformed=0.05,unequal=0.05,wrongday=0.05,ohlc=0.05,seed=4,stall_ms=1,retry_after=3";
    let feed = start(frozen("2024-05-15T12:30:20Z"), order);
    let (market, client) = (Market::new(1), client());
    let mut seen: HashMap<&str, usize> = HashMap::new();
    let days = day("2023-01-02").through(day("2024-05-10")).filter(|date| date.weekday() < 5).take(300);
    let mut second_chances = 0;
    wait(async {
        for date in days {
            let sound = minutes(&market, "AAPL.US-USD", date);
            if sound.is_empty() {
                continue;
            }
            let mut first = "";
            for _ in 0..4 {
                let verdict = verdict(&client, finished(&feed, "AAPL.US-USD", date), &sound).await;
                *seen.entry(verdict).or_default() += 1;
                second_chances += usize::from(verdict == "sound" && first != "sound" && !first.is_empty());
                first = verdict;
            }
        }
    });
    let asked = feed.total_requests() as f64;
    for fault in ["400", "429", "503", "timeout", "cut", "empty", "malformed", "unequal", "wrongday", "ohlc"]
    {
        let expected = asked * 0.05;
        let off = (seen[fault] as f64 - expected).abs() / (expected * 0.95).sqrt();
        assert!(off < 4.0, "{fault}: {} of {asked}", seen[fault]);
    }
    assert_eq!(seen.len(), 11);
    assert!(second_chances > 100);
    let noted = feed.requests().iter().filter(|request| request.fault.is_some()).count();
    assert_eq!(noted, asked as usize - seen["sound"]);
}

#[test]
fn faults_are_the_same_for_the_same_seed_and_strike_instruments_too() {
    let run = |order: &str| {
        let feed = start(frozen("2024-05-15T12:30:20Z"), order);
        let client = client();
        let statuses: Vec<u16> = wait(async {
            let mut statuses = Vec::new();
            for date in day("2024-04-01").through(day("2024-04-30")) {
                statuses.push(fetch(&client, finished(&feed, "EUR-USD", date)).await.0);
                statuses.push(fetch(&client, format!("{}/instruments/EUR-USD", feed.base_url())).await.0);
            }
            statuses
        });
        statuses
    };
    let first = run("503=0.3,400=0.3,seed=1");
    assert_eq!(first, run("503=0.3,400=0.3,seed=1"));
    assert_ne!(first, run("503=0.3,400=0.3,seed=2"));
    let instruments: Vec<_> = first.iter().skip(1).step_by(2).collect();
    assert!([200, 400, 503].iter().all(|status| instruments.contains(&status)));
    assert!(run("malformed=0.9").iter().all(|status| *status == 200));
}

#[test]
fn a_backfill_changes_a_day_from_the_kth_request_on() {
    let feed = start(frozen("2024-05-15T12:30:20Z"), "backfill=0.5,backfill_after=3,seed=2");
    let (market, client) = (Market::new(1), client());
    let (mut changed, mut days) = (0, 0);
    wait(async {
        for date in day("2024-03-04").through(day("2024-05-10")).filter(|date| date.weekday() < 5) {
            let sound = minutes(&market, "EUR-CHF", date);
            let mut answers = Vec::new();
            for _ in 0..4 {
                answers.push(decode(&fetch(&client, finished(&feed, "EUR-CHF", date)).await.1));
            }
            assert!(answers[0] == sound && answers[1] == sound && answers[2] == answers[3]);
            days += 1;
            if answers[2] != sound {
                changed += 1;
                assert!(answers[2].iter().all(is_sound));
                let news = answers[2].iter().filter(|m| !sound.contains(m)).count();
                assert_eq!(news, 1, "one candle changed or one more");
            }
        }
    });
    assert!(changed * 4 > days && changed * 4 < 3 * days, "{changed} of {days}");
}

#[test]
fn the_ledger_knows_how_many_came_at_once() {
    let feed = start(frozen("2024-05-15T12:30:20Z"), "latency_ms=200");
    let client = client();
    wait(async {
        let dates = day("2024-05-06").through(day("2024-05-10"));
        let all = dates.map(|date| fetch(&client, finished(&feed, "EUR-USD", date)));
        futures_util::future::join_all(all).await;
    });
    assert_eq!((feed.most_at_once(), feed.total_requests()), (5, 5));
    let taken = Simulator::start(SimulatorOptions {
        seed: 1,
        port: feed.port(),
        now: Now::Frozen(0),
        faults: Faults::default(),
    });
    assert!(taken.err().unwrap().to_string().contains(&feed.port().to_string()));
}
