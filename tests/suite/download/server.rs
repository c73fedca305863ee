//! A feed that does as it is told: one closure answers, everything asked is written down.

use std::future::Future;
use std::pin::Pin;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use engine::download::{DownloadRun, Downloaded, Progress, SymbolPlan, download};
use engine::feed::FeedClient;
use engine::model::settings::{DownloadSettings, Paths, PriceSide};
use engine::model::{Day, Symbol};
use engine::store::{Lake, StoreError};
use tokio::net::{TcpListener, TcpStream};

/// One request as it came.
#[derive(Clone, Debug)]
pub struct Seen {
    pub path: String,
    pub head: String,
    pub at: Instant,
}

/// What the server does with a request.
pub enum Answer {
    /// Status, extra header lines (each ended by CRLF), body.
    Says(u16, String, Vec<u8>),
    /// The first bytes of a body that was announced longer.
    Cut(Vec<u8>),
    /// Nothing, and the line stays open.
    Silence,
    /// A body without end.
    Endless,
}

pub fn ok(body: impl Into<Vec<u8>>) -> Answer {
    Answer::Says(200, String::new(), body.into())
}

pub fn status(status: u16) -> Answer {
    Answer::Says(status, String::new(), Vec::new())
}

type Script = dyn Fn(&Seen, usize) -> Answer + Send + Sync;
type Hold = dyn Fn() -> Pin<Box<dyn Future<Output = ()> + Send>> + Send + Sync;

pub struct Server {
    pub url: String,
    seen: Arc<Mutex<Vec<Seen>>>,
    busiest: Arc<AtomicUsize>,
}

impl Server {
    /// `script` gets the request and how often its path was asked for before.
    pub async fn start(script: impl Fn(&Seen, usize) -> Answer + Send + Sync + 'static) -> Server {
        Server::holding(|| Box::pin(async {}), script).await
    }

    /// As `start`; every answer first waits for `hold`.
    pub async fn holding(
        hold: impl Fn() -> Pin<Box<dyn Future<Output = ()> + Send>> + Send + Sync + 'static,
        script: impl Fn(&Seen, usize) -> Answer + Send + Sync + 'static,
    ) -> Server {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/v1", listener.local_addr().unwrap());
        let server = Server { url, seen: Arc::default(), busiest: Arc::default() };
        let (seen, busiest) = (server.seen.clone(), server.busiest.clone());
        let (script, hold): (Arc<Script>, Arc<Hold>) = (Arc::new(script), Arc::new(hold));
        let busy = Arc::new(AtomicUsize::new(0));
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let (seen, busiest, busy) = (seen.clone(), busiest.clone(), busy.clone());
                let (script, hold) = (script.clone(), hold.clone());
                tokio::spawn(async move {
                    let Some(request) = read_head(&stream).await else { return };
                    busiest.fetch_max(busy.fetch_add(1, SeqCst) + 1, SeqCst);
                    hold().await;
                    let before = {
                        let mut seen = seen.lock().unwrap();
                        seen.push(request.clone());
                        seen.iter().filter(|other| other.path == request.path).count() - 1
                    };
                    // Counted out before the answer leaves: the next request may come in before we run again.
                    busy.fetch_sub(1, SeqCst);
                    answer(&stream, script(&request, before)).await;
                });
            }
        });
        server
    }

    pub fn seen(&self) -> Vec<Seen> {
        self.seen.lock().unwrap().clone()
    }

    /// The paths asked for, in order, below `/v1`.
    pub fn paths(&self) -> Vec<String> {
        self.seen().iter().map(|seen| seen.path.trim_start_matches("/v1").to_owned()).collect()
    }

    pub fn asked_for(&self, part: &str) -> usize {
        self.paths().iter().filter(|path| path.contains(part)).count()
    }

    /// The most requests that were under way at once.
    pub fn busiest(&self) -> usize {
        self.busiest.load(SeqCst)
    }
}

async fn read_head(stream: &TcpStream) -> Option<Seen> {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        stream.readable().await.ok()?;
        let mut chunk = [0; 4096];
        match stream.try_read(&mut chunk) {
            Ok(0) => return None,
            Ok(n) => head.extend_from_slice(&chunk[..n]),
            Err(error) if error.kind() == std::io::ErrorKind::WouldBlock => {}
            Err(_) => return None,
        }
    }
    let head = String::from_utf8(head).ok()?;
    let path = head.split(' ').nth(1)?.to_owned();
    Some(Seen { path, head, at: Instant::now() })
}

async fn answer(stream: &TcpStream, answer: Answer) {
    match answer {
        Answer::Says(status, headers, body) => {
            let head = format!(
                "HTTP/1.1 {status} Said\r\n{headers}Content-Length: {}\r\nConnection: close\r\n\r\n",
                body.len()
            );
            write(stream, &[head.as_bytes(), &body].concat()).await;
        }
        Answer::Cut(body) => {
            let head = format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n", body.len() + 100);
            write(stream, &[head.as_bytes(), &body].concat()).await;
        }
        Answer::Silence => std::future::pending().await,
        Answer::Endless => {
            write(stream, b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n").await;
            while write(stream, &[b' '; 65_536]).await {}
        }
    }
}

/// Whether all of it left.
async fn write(stream: &TcpStream, mut bytes: &[u8]) -> bool {
    while !bytes.is_empty() {
        if stream.writable().await.is_err() {
            return false;
        }
        match stream.try_write(bytes) {
            Ok(n) => bytes = &bytes[n..],
            Err(error) if error.kind() == std::io::ErrorKind::WouldBlock => {}
            Err(_) => return false,
        }
    }
    true
}

/// A lake in a folder of its own, and the settings and the clock of a run.
pub struct Bench {
    pub root: tempfile::TempDir,
    pub lake: Lake,
    pub settings: DownloadSettings,
    pub now_ms: i64,
}

impl Bench {
    /// Asks `url` without limit, five attempts with hardly a pause; it is noon of 2024-01-10, a Wednesday.
    pub fn new(url: &str) -> Bench {
        let root = tempfile::tempdir().unwrap();
        let at = |name: &str| root.path().join(name);
        let paths = Paths {
            cache: at("cache"),
            live: at("temp"),
            transform: at("transform"),
            aggregate: at("aggregate"),
            resample: at("resample"),
            quarantine: at("quarantine"),
            locks: at("locks"),
            rollover: at("rollover"),
        };
        let settings = DownloadSettings {
            base_url: url.to_owned(),
            side: PriceSide::Bid,
            max_retries: 5,
            backoff_factor: 1e-4,
            timeout: Duration::from_secs(60),
            rate_limit_rps: None,
            concurrency: 4,
            history_start: None,
        };
        let now_ms = super::day("2024-01-10").start_ms() + 12 * 3_600_000;
        Bench { lake: Lake::new(paths), settings, now_ms, root }
    }

    pub async fn run(&self, plan: Vec<SymbolPlan>) -> Downloaded {
        self.run_with(plan, &|_, _| Ok(()), &|_| {}).await
    }

    pub async fn run_with(
        &self,
        plan: Vec<SymbolPlan>,
        before_older_write: &(dyn Fn(&Symbol, Day) -> Result<(), StoreError> + Sync),
        progress: &(dyn Fn(Progress<'_>) + Sync),
    ) -> Downloaded {
        let client = FeedClient::new(&self.settings).unwrap();
        let run = DownloadRun {
            lake: &self.lake,
            client: &client,
            settings: &self.settings,
            today: Day::of_ms(self.now_ms),
            clock: &|| self.now_ms,
            before_older_write,
            progress,
        };
        download(run, plan).await
    }

    pub fn payload(&self, day: Day) -> Option<Vec<u8>> {
        let mut bytes = Vec::new();
        self.lake.read_payload(&euro(), day, &mut bytes).unwrap().map(|_| bytes)
    }

    /// Every file below the root, relative, in order.
    pub fn files(&self) -> Vec<String> {
        let mut files = Vec::new();
        let mut folders = vec![self.root.path().to_owned()];
        while let Some(folder) = folders.pop() {
            for entry in std::fs::read_dir(folder).unwrap() {
                let path = entry.unwrap().path();
                if path.is_dir() {
                    folders.push(path);
                } else {
                    files.push(path.strip_prefix(self.root.path()).unwrap().display().to_string());
                }
            }
        }
        files.sort();
        files
    }
}

pub fn euro() -> Symbol {
    "EUR-USD".parse().unwrap()
}

pub fn plan(from: &str, to: &str) -> Vec<SymbolPlan> {
    let (from, to) = (super::day(from), super::day(to));
    vec![SymbolPlan { symbol: euro(), from, to, ask_again: false, refused: Vec::new(), last_date: None }]
}

/// Two candles at 00:00 and 00:03, as the feed writes them.
pub fn candles(day: Day) -> String {
    payload(day, "0,3", "0,2", "0,1", "0,-3", "0,1")
}

/// The second candle's high is below its low.
pub fn broken(day: Day) -> String {
    payload(day, "0,3", "0,2", "0,-90", "0,-3", "0,1")
}

fn payload(day: Day, times: &str, opens: &str, highs: &str, lows: &str, closes: &str) -> String {
    format!(
        r#"{{"timestamp":{},"multiplier":1.0E-5,"open":1.1,"high":1.1001,"low":1.0999,"close":1.1,"shift":60000,"times":[{times}],"opens":[{opens}],"highs":[{highs}],"lows":[{lows}],"closes":[{closes}],"volumes":[1.5,3.0E-4]}}"#,
        day.start_ms()
    )
}

/// A day without candles, letter by letter as the real feed writes it.
pub fn empty(day: Day) -> String {
    format!(
        r#"{{"timestamp":{},"multiplier":1.0E-5,"open":null,"high":null,"low":null,"close":null,"shift":60000,"times":[],"opens":[],"highs":[],"lows":[],"closes":[],"volumes":[]}}"#,
        day.start_ms()
    )
}

/// The day of a candle request.
pub fn asked_day(path: &str) -> Option<Day> {
    if let Some((_, from)) = path.split_once("?from=") {
        return Some(Day::of_ms(from.parse().ok()?));
    }
    let (_, date) = path.split_once("/BID/")?;
    let parts: Vec<i32> = date.split('/').filter_map(|part| part.parse().ok()).collect();
    Day::from_yyyymmdd(parts[0] * 10_000 + parts[1] * 100 + parts[2])
}

/// Answers every candle request with `of`, instruments with 404.
pub fn each_day(
    of: impl Fn(Day, usize) -> Answer + Send + Sync,
) -> impl Fn(&Seen, usize) -> Answer + Send + Sync {
    move |seen, before| asked_day(&seen.path).map_or_else(|| status(404), |day| of(day, before))
}
