//! The market on a loopback port, in the feed's own URLs, running days growing with a clock, faults as ordered.

use std::fmt;
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::sync::{Arc, OnceLock};
use std::thread::JoinHandle;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::{Path, Query, State};
use axum::http::{HeaderMap, StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum::serve::ListenerExt;
use futures_util::stream;
use tokio::sync::watch;

use super::faults::{self, Fault, Faults};
use super::ledger::{Asked, Ledger, Request, Visit};
use super::market::{Market, MarketDay};
use crate::feed::wire;
use crate::model::day::MINUTE_MS;
use crate::model::{Day, Symbol};

/// How long answers under way may take once the server is told to stop.
const FAREWELL: Duration = Duration::from_millis(500);

/// Days a running-day answer goes on for, at most.
const RUNNING_DAYS_MAX: i32 = 2;

/// The server's clock.
#[derive(Clone)]
pub enum Now {
    /// Always this instant, in UTC milliseconds.
    Frozen(i64),
    /// Asked at every request, in UTC milliseconds.
    Function(Arc<dyn Fn() -> i64 + Send + Sync>),
}

/// What kind of feed to start.
#[derive(Clone, Debug)]
pub struct SimulatorOptions {
    /// Decides every price.
    pub seed: u64,
    /// Of 127.0.0.1; 0 for any free one.
    pub port: u16,
    /// What the server takes for the present.
    pub now: Now,
    /// What goes wrong.
    pub faults: Faults,
}

/// Why the simulated feed did not start.
#[derive(Debug, thiserror::Error)]
pub enum SimulatorError {
    /// Someone else has the port, or it may not be taken.
    #[error("cannot listen on 127.0.0.1:{port}: {source}")]
    Listen {
        /// The port asked for.
        port: u16,
        /// What the system said.
        source: std::io::Error,
    },
    /// The machine has no thread or event queue left.
    #[error("cannot start the simulated feed: {0}")]
    Start(std::io::Error),
}

/// A running simulated feed; dropping it stops it.
pub struct Simulator {
    address: SocketAddr,
    ledger: Ledger,
    /// Dropping the sender tells the server to stop.
    stop: Option<watch::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

/// What every request handler needs.
struct Exchange {
    market: Market,
    now: Now,
    faults: Faults,
    ledger: Ledger,
    listing: OnceLock<String>,
}

impl Simulator {
    /// Starts the feed on a thread of its own; when this returns it answers.
    pub fn start(options: SimulatorOptions) -> Result<Simulator, SimulatorError> {
        let refuse = |source| SimulatorError::Listen { port: options.port, source };
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, options.port)).map_err(refuse)?;
        listener.set_nonblocking(true).map_err(SimulatorError::Start)?;
        let address = listener.local_addr().map_err(SimulatorError::Start)?;
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .map_err(SimulatorError::Start)?;
        let ledger = Ledger::new();
        let exchange = Arc::new(Exchange {
            market: Market::new(options.seed),
            now: options.now,
            faults: options.faults,
            ledger: ledger.clone(),
            listing: OnceLock::new(),
        });
        let (stop, stopped) = watch::channel(());
        let work = move || {
            runtime.block_on(serve(listener, exchange, stopped));
            runtime.shutdown_background();
        };
        let thread = std::thread::Builder::new().name("simulated feed".to_owned()).spawn(work);
        let thread = thread.map_err(SimulatorError::Start)?;
        Ok(Simulator { address, ledger, stop: Some(stop), thread: Some(thread) })
    }

    /// The feed's base address, such as `http://127.0.0.1:4711/v1`.
    pub fn base_url(&self) -> String {
        format!("http://{}/v1", self.address)
    }

    /// The port it listens on.
    pub fn port(&self) -> u16 {
        self.address.port()
    }

    /// Requests so far, of every kind.
    pub fn total_requests(&self) -> u64 {
        self.ledger.total()
    }

    /// Requests so far about one symbol's candles of one day, running or finished, bid or ask.
    pub fn requests_for(&self, symbol: &Symbol, day: Day) -> u32 {
        self.ledger.asked(symbol, day)
    }

    /// The most requests that waited for an answer at one time.
    pub fn most_at_once(&self) -> usize {
        self.ledger.most_present()
    }

    /// The first 100,000 requests in the order they came in.
    pub fn requests(&self) -> Vec<Request> {
        self.ledger.log()
    }
}

impl Drop for Simulator {
    fn drop(&mut self) {
        drop(self.stop.take());
        if let Some(thread) = self.thread.take() {
            // A panic of the server has been printed by its thread; a drop must not add another.
            let _ = thread.join();
        }
    }
}

impl Now {
    fn ms(&self) -> i64 {
        match self {
            Now::Frozen(ms) => *ms,
            Now::Function(clock) => clock(),
        }
    }
}

impl fmt::Debug for Now {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Now::Frozen(ms) => write!(f, "Frozen({ms})"),
            Now::Function(_) => f.write_str("Function"),
        }
    }
}

async fn serve(listener: TcpListener, exchange: Arc<Exchange>, stopped: watch::Receiver<()>) {
    let listener =
        tokio::net::TcpListener::from_std(listener).expect("the listener is non-blocking, in a runtime");
    // An answer goes out at once; should that fail, it only goes out later.
    let listener = listener.tap_io(|connection| drop(connection.set_nodelay(true)));
    let told = |mut stopped: watch::Receiver<()>| async move { while stopped.changed().await.is_ok() {} };
    let graceful = axum::serve(listener, router(exchange)).with_graceful_shutdown(told(stopped.clone()));
    let impatient = async {
        told(stopped).await;
        tokio::time::sleep(FAREWELL).await;
    };
    // Errors of single connections end those connections only; axum's server has none of its own.
    tokio::select! { _ = graceful => {}, () = impatient => {} }
}

fn router(exchange: Arc<Exchange>) -> Router {
    Router::new()
        .route("/v1/candles/minute/{symbol}/{side}/{year}/{month}/{day}", get(finished_day))
        .route("/v1/candles/minute/{symbol}/{side}", get(running_day))
        .route("/v1/instruments/{symbol}", get(instrument))
        .route("/v1/instruments", get(listing))
        .route("/v1/", get(rolls))
        .route("/2.0/", get(rolls))
        .with_state(exchange)
}

type Handed = State<Arc<Exchange>>;

async fn finished_day(
    State(exchange): Handed,
    Path((symbol, side, year, month, day)): Path<(String, String, String, String, String)>,
    uri: Uri,
    headers: HeaderMap,
) -> Response {
    let Some((symbol, side)) = book(&symbol, &side) else { return exchange.not_found() };
    let Some(day) = date(&year, &month, &day) else { return exchange.not_found() };
    let visit = exchange.enter(Asked::Candles(symbol.clone(), day), uri.to_string(), &headers);
    let asked = Question { symbol, side, day, from_ms: day.start_ms(), running: false };
    exchange.answer_candles(&visit, &asked).await
}

async fn running_day(
    State(exchange): Handed,
    Path((symbol, side)): Path<(String, String)>,
    Query(query): Query<Vec<(String, String)>>,
    uri: Uri,
    headers: HeaderMap,
) -> Response {
    let Some((symbol, side)) = book(&symbol, &side) else { return exchange.not_found() };
    let from_ms = query.iter().find(|(name, _)| name == "from").and_then(|(_, value)| value.parse().ok());
    let Some(from_ms) = from_ms.filter(|ms: &i64| (0..LAST_INSTANT_MS).contains(ms)) else {
        return exchange.plain(StatusCode::BAD_REQUEST, "from: milliseconds since 1970");
    };
    let (day, from_ms) = (Day::of_ms(from_ms), from_ms - from_ms % MINUTE_MS);
    let visit = exchange.enter(Asked::Candles(symbol.clone(), day), uri.to_string(), &headers);
    exchange.answer_candles(&visit, &Question { symbol, side, day, from_ms, running: true }).await
}

async fn instrument(
    State(exchange): Handed,
    Path(symbol): Path<String>,
    uri: Uri,
    headers: HeaderMap,
) -> Response {
    let Some(symbol) = legal(&symbol) else { return exchange.not_found() };
    let asked = Asked::Instrument(symbol.clone());
    let visit = exchange.enter(asked.clone(), uri.to_string(), &headers);
    let body = exchange.market.instrument(&symbol).to_string();
    exchange.answer_instruments(&visit, &asked, body).await
}

async fn listing(State(exchange): Handed, uri: Uri, headers: HeaderMap) -> Response {
    let visit = exchange.enter(Asked::Listing, uri.to_string(), &headers);
    let body = exchange.listing.get_or_init(|| exchange.market.instruments().to_string()).clone();
    exchange.answer_instruments(&visit, &Asked::Listing, body).await
}

async fn rolls(
    State(exchange): Handed,
    Query(query): Query<Vec<(String, String)>>,
    uri: Uri,
    headers: HeaderMap,
) -> Response {
    let asked = |key: &str| query.iter().find(|(name, _)| name == key).map(|(_, value)| value.as_str());
    let is_name = |name: &&str| {
        !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
    };
    let (Some("cfd_monthly_adjustment/getData"), Some(callback)) =
        (asked("path"), asked("jsonp").filter(is_name))
    else {
        return exchange.not_found();
    };
    let visit = exchange.enter(Asked::Rolls, uri.to_string(), &headers);
    // The page this list is made for is a browser's.
    let is_browser =
        headers.get(header::USER_AGENT).is_some_and(|agent| agent.as_bytes().starts_with(b"Mozilla/"));
    if !is_browser || !headers.contains_key(header::REFERER) {
        return exchange.plain(StatusCode::FORBIDDEN, "forbidden");
    }
    exchange.answer_rolls(&visit, callback).await
}

/// Which candles a request is about.
struct Question {
    symbol: Symbol,
    side: Side,
    day: Day,
    from_ms: i64,
    running: bool,
}

#[derive(Clone, Copy, PartialEq)]
enum Side {
    Bid,
    Ask,
}

/// 2200-01-01, the end of the days this program knows.
const LAST_INSTANT_MS: i64 = 7_258_118_400_000;

fn book(symbol: &str, side: &str) -> Option<(Symbol, Side)> {
    let side = match side {
        "BID" => Side::Bid,
        "ASK" => Side::Ask,
        _ => return None,
    };
    Some((legal(symbol)?, side))
}

/// A symbol exactly as it stands in a URL: nothing to be trimmed or replaced.
fn legal(text: &str) -> Option<Symbol> {
    text.parse().ok().filter(|symbol: &Symbol| symbol.as_str() == text)
}

/// Year, month and day without leading zeros, as the feed wants them.
fn date(year: &str, month: &str, day: &str) -> Option<Day> {
    let plain = |text: &str| text.parse::<i32>().ok().filter(|number| number.to_string() == text);
    let (year, month, day) = (plain(year)?, plain(month)?, plain(day)?);
    let sound = (1970..2200).contains(&year) && (1..=12).contains(&month) && (1..=31).contains(&day);
    sound.then(|| Day::from_yyyymmdd(year * 10_000 + month * 100 + day))?
}

impl Exchange {
    fn enter(&self, asked: Asked, path: String, headers: &HeaderMap) -> Visit {
        let agent = headers.get(header::USER_AGENT).and_then(|value| value.to_str().ok());
        self.ledger.enter(asked, path, agent.map(str::to_owned))
    }

    /// Even a sleep of no length costs a tick of the timer.
    async fn hold_back(&self) {
        if !self.faults.latency.is_zero() {
            tokio::time::sleep(self.faults.latency).await;
        }
    }

    async fn answer_instruments(&self, visit: &Visit, asked: &Asked, body: String) -> Response {
        self.hold_back().await;
        match self.faults.draw(asked, visit.nth) {
            Some(fault) => {
                visit.note(fault);
                self.transport(fault, body).await
            }
            None => self.json(body),
        }
    }

    async fn answer_rolls(&self, visit: &Visit, callback: &str) -> Response {
        self.hold_back().await;
        let fault = self.faults.draw(&Asked::Rolls, visit.nth);
        fault.into_iter().for_each(|fault| visit.note(fault));
        let list = self.market.rolls(Day::of_ms(self.now.ms())).to_string();
        let script = |list: &str| format!("{callback}({list})");
        match fault {
            Some(Fault::Empty) => self.json(script("[]")),
            Some(Fault::Malformed) => {
                self.json(faults::garble(&script(&list), &mut self.faults.dice(&Asked::Rolls)))
            }
            Some(fault) => self.transport(fault, script(&list)).await,
            None => self.json(script(&list)),
        }
    }

    async fn answer_candles(&self, visit: &Visit, asked: &Question) -> Response {
        self.hold_back().await;
        let now_ms = self.now.ms();
        let first = self.market.history_start(&asked.symbol);
        if asked.day < first || !asked.running && asked.day.end_ms() > now_ms {
            return self.not_found();
        }
        let key = Asked::Candles(asked.symbol.clone(), asked.day);
        let fault = self.faults.draw(&key, visit.nth);
        let day = self.candles(asked, &key, visit, now_ms);
        match fault {
            // A day without candles can be neither emptied nor contradicted: its answer stays sound.
            Some(Fault::Empty | Fault::Ohlc) | None if day.candles.is_empty() => {
                self.json(day.payload(asked.from_ms))
            }
            Some(fault) => {
                visit.note(fault);
                self.spoil(fault, asked, &key, day).await
            }
            None => self.json(day.payload(asked.from_ms)),
        }
    }

    /// The sound answer: bid or ask, first or second truth, up to now.
    fn candles(&self, asked: &Question, key: &Asked, visit: &Visit, now_ms: i64) -> MarketDay {
        let mut day = self.market.day(&asked.symbol, asked.day);
        if self.faults.backfills(key, visit.nth) {
            faults::backfill(&mut day, &mut self.faults.dice(key));
            visit.note(Fault::Backfill);
        }
        if asked.running {
            for later in (1..RUNNING_DAYS_MAX).map(|days| asked.day.plus(days)) {
                if later.start_ms() <= now_ms {
                    day.extend(self.market.day(&asked.symbol, later));
                }
            }
            day = day.as_of(now_ms);
            day.candles.retain(|candle| candle.time_ms >= asked.from_ms);
        }
        if asked.side == Side::Ask { day.ask() } else { day }
    }

    async fn spoil(&self, fault: Fault, asked: &Question, key: &Asked, mut day: MarketDay) -> Response {
        let mut dice = self.faults.dice(key);
        let timestamp_ms = asked.from_ms;
        match fault {
            Fault::Empty => self.json(wire::encode(timestamp_ms, day.multiplier, &[])),
            Fault::Malformed => self.json(faults::garble(&day.payload(timestamp_ms), &mut dice)),
            Fault::Unequal => self.json(faults::unbalance(&day.payload(timestamp_ms), &mut dice)),
            Fault::WrongDay => self.json(self.market.earlier_payload(&asked.symbol, asked.day)),
            Fault::Ohlc => {
                faults::contradict(&mut day, &mut dice);
                self.json(day.payload(timestamp_ms))
            }
            Fault::Backfill => self.json(day.payload(timestamp_ms)),
            _ => self.transport(fault, day.payload(timestamp_ms)).await,
        }
    }

    async fn transport(&self, fault: Fault, body: String) -> Response {
        match fault {
            Fault::BadRequest => self.plain(StatusCode::BAD_REQUEST, "bad request"),
            Fault::TooMany => {
                let mut answer = self.plain(StatusCode::TOO_MANY_REQUESTS, "slow down");
                answer.headers_mut().insert(header::RETRY_AFTER, self.faults.retry_after_s.into());
                answer
            }
            Fault::Timeout => {
                tokio::time::sleep(self.faults.stall).await;
                self.broken_off(&body, 0)
            }
            Fault::Cut => self.broken_off(&body, body.len() / 2),
            _ => self.plain(StatusCode::SERVICE_UNAVAILABLE, "back soon"),
        }
    }

    /// Announces the whole body, sends its beginning and breaks the connection.
    fn broken_off(&self, body: &str, sent: usize) -> Response {
        let part = body.as_bytes()[..sent].to_vec();
        let pieces = stream::unfold(Some(part), async |part| match part {
            Some(part) if !part.is_empty() => Some((Ok(part), None)),
            _ => {
                // One turn of the event loop, in which the server writes out what it has.
                tokio::task::yield_now().await;
                Some((Err(std::io::Error::from(std::io::ErrorKind::BrokenPipe)), None))
            }
        });
        let mut answer = self.dated(Body::from_stream(pieces).into_response());
        answer.headers_mut().insert(header::CONTENT_LENGTH, body.len().into());
        answer.headers_mut().insert(header::CONTENT_TYPE, header::HeaderValue::from_static(JSON));
        answer
    }

    fn json(&self, body: String) -> Response {
        self.dated(([(header::CONTENT_TYPE, JSON)], body).into_response())
    }

    fn not_found(&self) -> Response {
        self.plain(StatusCode::NOT_FOUND, "not found")
    }

    fn plain(&self, status: StatusCode, text: &'static str) -> Response {
        self.dated((status, text).into_response())
    }

    /// Every answer tells the time of the server's own clock, frozen or not.
    fn dated(&self, mut answer: Response) -> Response {
        let now = chrono::DateTime::from_timestamp_millis(self.now.ms()).unwrap_or_default();
        let text = now.format("%a, %d %b %Y %H:%M:%S GMT").to_string();
        let value = text.try_into().expect("a formatted date is plain ASCII");
        answer.headers_mut().insert(header::DATE, value);
        answer
    }
}

const JSON: &str = "application/json;charset=UTF-8";
