//! How the client behaves on somebody else's server.

use std::process::Command;
use std::sync::Arc;
use std::time::{Duration, Instant};

use engine::feed::client::{PAYLOAD_BYTES_MAX, Pace};
use engine::feed::{FeedClient, FeedError, Query, Reply};
use tokio::sync::Barrier;

use super::day;
use super::server::{Answer, Bench, Server, candles, each_day, euro, ok, plan, status};

async fn ask(bench: &Bench, query: Query) -> Result<Reply, FeedError> {
    FeedClient::new(&bench.settings).unwrap().candles(&euro(), query, &|| bench.now_ms).await
}

fn finished() -> Query {
    Query::Finished(day("2024-01-02"))
}

#[tokio::test]
async fn questions_are_spelled_as_the_contract_says() {
    let server = Server::start(|_, _| ok("{}")).await;
    let bench = Bench::new(&format!("{}/", server.url));
    let client = FeedClient::new(&bench.settings).unwrap();
    let clock = || bench.now_ms;
    client.candles(&euro(), finished(), &clock).await.unwrap();
    client.candles(&euro(), Query::Running(day("2024-01-10")), &clock).await.unwrap();
    client.instrument(&euro(), &clock).await.unwrap();
    client.instruments(&clock).await.unwrap();
    let expected = [
        "/candles/minute/EUR-USD/BID/2024/1/2",
        "/candles/minute/EUR-USD/BID?from=1704844800000",
        "/instruments/EUR-USD",
        "/instruments",
    ];
    assert_eq!(server.paths(), expected);
    for seen in server.seen() {
        let head = seen.head.to_lowercase();
        assert!(head.contains("user-agent: engine/"), "{head}");
        assert!(head.contains("accept-encoding:") && head.contains("gzip"), "{head}");
    }
}

#[tokio::test]
async fn a_packed_answer_is_unpacked() {
    let text = candles(day("2024-01-02"));
    let packed = gzip(text.as_bytes());
    let server =
        Server::start(move |_, _| Answer::Says(200, "Content-Encoding: gzip\r\n".to_owned(), packed.clone()))
            .await;
    let reply = ask(&Bench::new(&server.url), finished()).await.unwrap();
    assert_eq!(String::from_utf8(reply.bytes).unwrap(), text);
}

#[tokio::test]
async fn an_answer_without_end_is_left_at_the_limit() {
    let server = Server::start(|_, _| Answer::Endless).await;
    let error = ask(&Bench::new(&server.url), finished()).await.unwrap_err();
    assert!(matches!(error, FeedError::TooLarge { limit_bytes: PAYLOAD_BYTES_MAX, .. }), "{error}");
    assert!(!error.is_passing());
}

#[tokio::test]
async fn the_limit_counts_unpacked_bytes() {
    let fits = Server::start(|_, _| ok(vec![b' '; PAYLOAD_BYTES_MAX])).await;
    assert_eq!(ask(&Bench::new(&fits.url), finished()).await.unwrap().bytes.len(), PAYLOAD_BYTES_MAX);
    let packed = gzip(&vec![b' '; PAYLOAD_BYTES_MAX + 1]);
    let server =
        Server::start(move |_, _| Answer::Says(200, "Content-Encoding: gzip\r\n".to_owned(), packed.clone()))
            .await;
    let error = ask(&Bench::new(&server.url), finished()).await.unwrap_err();
    assert!(matches!(error, FeedError::TooLarge { .. }), "{error}");
}

#[tokio::test]
async fn errors_are_told_apart() {
    let cut = Server::start(|_, _| Answer::Cut(b"{\"timestamp\"".to_vec())).await;
    let error = ask(&Bench::new(&cut.url), finished()).await.unwrap_err();
    assert!(matches!(error, FeedError::CutShort { .. }), "{error}");

    let silent = Server::start(|_, _| Answer::Silence).await;
    let mut bench = Bench::new(&silent.url);
    bench.settings.timeout = Duration::from_millis(50);
    let error = ask(&bench, finished()).await.unwrap_err();
    assert!(matches!(error, FeedError::TimedOut { .. }), "{error}");
    let text = error.to_string();
    assert!(text.contains("EUR-USD 2024-01-02") && text.contains(&silent.url), "{text}");

    let garbled =
        Server::start(|_, _| Answer::Says(200, "Content-Encoding: gzip\r\n".to_owned(), b"{}".to_vec()))
            .await;
    let error = ask(&Bench::new(&garbled.url), finished()).await.unwrap_err();
    assert!(matches!(error, FeedError::CutShort { .. }), "{error}");

    let error = ask(&Bench::new("http://127.0.0.1:1"), finished()).await.unwrap_err();
    assert!(matches!(error, FeedError::Unreachable { .. }), "{error}");

    let busy = Server::start(|_, _| Answer::Says(429, "Retry-After: 7\r\n".to_owned(), Vec::new())).await;
    let error = ask(&Bench::new(&busy.url), finished()).await.unwrap_err();
    assert_eq!(error.retry_after(), Some(Duration::from_secs(7)));
}

#[tokio::test]
async fn a_retry_date_is_seen_from_the_servers_own_clock() {
    let headers = "Date: Sun, 06 Nov 1994 08:49:37 GMT\r\nRetry-After: Sun, 06 Nov 1994 08:50:07 GMT\r\n";
    let server = Server::start(move |_, _| Answer::Says(503, headers.to_owned(), Vec::new())).await;
    let error = ask(&Bench::new(&server.url), finished()).await.unwrap_err();
    assert_eq!(error.retry_after(), Some(Duration::from_secs(30)));
}

#[test]
fn addresses_that_are_none_are_refused_at_once() {
    for address in ["", "jetta", "ftp://feed", "file:///feed"] {
        let error = FeedClient::new(&Bench::new(address).settings).err();
        assert!(matches!(error, Some(FeedError::Unusable { .. })), "{address}");
    }
}

#[tokio::test]
async fn redirects_do_not_lead_to_other_hosts() {
    let stranger = Server::start(|_, _| ok("{}")).await;
    let elsewhere = stranger.url.replace("127.0.0.1", "localhost");
    let server = Server::start(move |seen, _| match seen.path.contains("/2024/1/2") {
        true => Answer::Says(302, format!("Location: {elsewhere}/x\r\n"), Vec::new()),
        false if seen.path == "/v1/here" => ok("moved"),
        false => Answer::Says(302, "Location: /v1/here\r\n".to_owned(), Vec::new()),
    })
    .await;
    let bench = Bench::new(&server.url);
    let error = ask(&bench, finished()).await.unwrap_err();
    assert!(matches!(error, FeedError::Declined { status: 302, .. }), "{error}");
    assert_eq!(stranger.seen().len(), 0);
    let reply = ask(&bench, Query::Finished(day("2024-01-03"))).await.unwrap();
    assert_eq!(reply.bytes, b"moved", "the same host may redirect");
}

#[test]
fn moments_to_send_are_evenly_spaced_and_not_saved_up() {
    let start = tokio::time::Instant::now();
    let at = |ms: u64| start + Duration::from_millis(ms);
    let mut pace = Pace::new(Some(4.0));
    let asked = [(0, 0), (0, 250), (0, 500), (600, 750), (5_000, 5_000), (5_001, 5_250)];
    for (now, expected) in asked {
        assert_eq!(pace.reserve(at(now)), at(expected), "asked at {now}");
    }
    for rps in [None, Some(0.0), Some(-1.0), Some(f64::NAN)] {
        let mut free = Pace::new(rps);
        assert!((0..3).all(|_| free.reserve(at(9)) == at(9)), "{rps:?} is no limit");
    }
}

#[tokio::test]
async fn one_rate_limit_holds_for_all_requests() {
    let server = Server::start(each_day(|day, _| ok(candles(day)))).await;
    let mut bench = Bench::new(&server.url);
    bench.settings.rate_limit_rps = Some(200.0);
    let start = Instant::now();
    let done = bench.run(plan("2024-01-01", "2024-01-09")).await;
    assert!(done.symbols[0].fetched.len() == 9 && done.is_complete());
    let seen = server.seen();
    // Requests can be late but never early: the n-th is sent n spacings of 5 ms after the first at the earliest.
    for (n, seen) in seen.iter().enumerate() {
        assert!(seen.at - start >= Duration::from_millis(5) * n as u32, "request {n} came early");
    }
}

#[tokio::test]
async fn connections_are_never_more_than_allowed() {
    // Answers are held back until three requests are there: fewer than three would wait forever, more would be seen.
    let barrier = Arc::new(Barrier::new(3));
    let hold = move || {
        let barrier = barrier.clone();
        Box::pin(async move {
            barrier.wait().await;
        }) as std::pin::Pin<Box<dyn Future<Output = ()> + Send>>
    };
    let server = Server::holding(hold, |_, _| status(404)).await;
    let mut bench = Bench::new(&server.url);
    bench.settings.concurrency = 3;
    let client = FeedClient::new(&bench.settings).unwrap();
    let (symbol, clock) = (euro(), || bench.now_ms);
    let days = day("2024-01-01").through(day("2024-01-09"));
    let all = days.map(|day| client.candles(&symbol, Query::Finished(day), &clock));
    let answers = futures_util::future::join_all(all).await;
    assert!(answers.iter().all(|answer| matches!(answer, Err(FeedError::NotFound { .. }))));
    assert_eq!((server.seen().len(), server.busiest()), (9, 3));
}

/// Runs one of the tests above in a process whose proxy is a closed port: it passes only when nobody asks the proxy.
#[test]
fn proxies_are_not_asked_about_this_machine() {
    let mut child = Command::new(std::env::current_exe().unwrap());
    child.args(["--exact", "download::guest::questions_are_spelled_as_the_contract_says"]);
    for name in ["http_proxy", "HTTP_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"] {
        child.env(name, "http://127.0.0.1:1");
    }
    child.env_remove("NO_PROXY").env_remove("no_proxy").env_remove("REQUEST_METHOD");
    let output = child.output().unwrap();
    let text = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success() && text.contains("1 passed"), "{text}");
}

/// RFC 1952 with stored blocks only (RFC 1951, 3.2.4).
fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut out = vec![0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255];
    let mut blocks = bytes.chunks(65_535).peekable();
    while let Some(block) = blocks.next() {
        out.push(u8::from(blocks.peek().is_none()));
        out.extend((block.len() as u16).to_le_bytes());
        out.extend((!(block.len() as u16)).to_le_bytes());
        out.extend(block);
    }
    let crc = !bytes.iter().fold(!0u32, |crc, byte| {
        (0..8).fold(
            crc ^ u32::from(*byte),
            |crc, _| if crc & 1 == 1 { (crc >> 1) ^ 0xEDB8_8320 } else { crc >> 1 },
        )
    });
    out.extend(crc.to_le_bytes());
    out.extend((bytes.len() as u32).to_le_bytes());
    out
}
