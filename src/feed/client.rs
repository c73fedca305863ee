//! Asks the feed over HTTP, as a good guest: one rate limit and one number of connections for the whole process.

use std::error::Error;
use std::time::Duration;

use chrono::DateTime;
use reqwest::redirect::Policy;
use reqwest::{Client, Response, StatusCode, Url, header};
use tokio::sync::{Mutex, Semaphore};
use tokio::time::Instant;

use super::error::{Asked, FeedError};
use super::wire::CALLBACK;
use crate::model::settings::{DownloadSettings, PriceSide};
use crate::model::{Day, Symbol};

/// A candle answer may be this long after decompression; the longest possible day has about 60 KB.
pub const PAYLOAD_BYTES_MAX: usize = 4 << 20;
/// An instrument answer, one or all of them, may be this long after decompression.
pub const INSTRUMENTS_BYTES_MAX: usize = 16 << 20;
/// A wish to be left alone for longer is not obeyed in full: the next run comes anyway.
pub const RETRY_AFTER_MAX: Duration = Duration::from_secs(600);

const USER_AGENT: &str = concat!("engine/", env!("CARGO_PKG_VERSION"));
/// The list of rolls is made for pages of the provider's, and is given to what looks like one only.
const BROWSER: &str = concat!(
    "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0.0.0 Safari/537.36 engine/",
    env!("CARGO_PKG_VERSION")
);
/// What the page asks that shows the list.
const ROLLS: &str = "path=cfd_monthly_adjustment/getData&start=0000000000000&end=2006745599999&jp=0";
const ROLLS_PAGE: &str = "path=cfd_monthly_adjustment/index";
const CONNECT_TIMEOUT_MAX: Duration = Duration::from_secs(10);
const REDIRECTS_MAX: usize = 3;

/// Whoever reads the clock for us: milliseconds since 1970-01-01 UTC.
pub type Clock<'a> = &'a (dyn Fn() -> i64 + Sync);

/// Which candles are wanted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Query {
    /// A UTC day that is over.
    Finished(Day),
    /// The UTC day that is running.
    Running(Day),
}

/// An answer with status 200, not looked into yet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reply {
    /// The body, decompressed.
    pub bytes: Vec<u8>,
    /// The moment the request was sent, by our clock.
    pub sent_ms: i64,
    /// The answer's `Date` header.
    pub date_header_ms: Option<i64>,
}

/// One feed. To be shared by everything in the process that asks it.
pub struct FeedClient {
    http: Client,
    base_url: String,
    side: PriceSide,
    timeout: Duration,
    connections: Semaphore,
    pace: Mutex<Pace>,
}

/// Hands out moments at which a request may be sent, evenly spaced.
#[derive(Clone, Copy, Debug)]
pub struct Pace {
    spacing: Duration,
    free_from: Option<Instant>,
}

impl FeedClient {
    /// A client for `settings.base_url`; connects to nothing yet. The system's proxy is used unless the address is
    /// this machine's own.
    ///
    /// # Errors
    /// [`FeedError::Unusable`] when the address is no http(s) URL, or the system has no usable TLS roots.
    pub fn new(settings: &DownloadSettings) -> Result<FeedClient, FeedError> {
        let unusable = |reason: String| FeedError::Unusable { base_url: settings.base_url.clone(), reason };
        let url = Url::parse(&settings.base_url).map_err(|error| unusable(error.to_string()))?;
        if !matches!(url.scheme(), "http" | "https") || !url.has_host() {
            return Err(unusable("not an http or https address".to_owned()));
        }
        // A second client finds the provider already there, which is as good.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let concurrency = settings.concurrency.clamp(1, Semaphore::MAX_PERMITS);
        let builder = Client::builder()
            .user_agent(USER_AGENT)
            .gzip(true)
            .timeout(settings.timeout)
            .connect_timeout(settings.timeout.min(CONNECT_TIMEOUT_MAX))
            .pool_max_idle_per_host(concurrency)
            // Attempts are counted, spaced and reported by the download room alone.
            .retry(reqwest::retry::never())
            .redirect(at_home());
        let builder = if is_loopback(&url) { builder.no_proxy() } else { builder };
        Ok(FeedClient {
            http: builder.build().map_err(|error| unusable(chain(&error)))?,
            base_url: settings.base_url.trim_end_matches('/').to_owned(),
            side: settings.side,
            timeout: settings.timeout,
            connections: Semaphore::new(concurrency),
            pace: Mutex::new(Pace::new(settings.rate_limit_rps)),
        })
    }

    /// The candles of one symbol and one UTC day, as received.
    ///
    /// # Errors
    /// Every [`FeedError`] but `Refused`, which is for whoever looks into the bytes.
    pub async fn candles(&self, symbol: &Symbol, query: Query, clock: Clock<'_>) -> Result<Reply, FeedError> {
        let asked = self.candles_asked(symbol, query);
        self.get(asked, PAYLOAD_BYTES_MAX, clock).await
    }

    /// The metadata of one symbol, as received.
    ///
    /// # Errors
    /// As [`FeedClient::candles`].
    pub async fn instrument(&self, symbol: &Symbol, clock: Clock<'_>) -> Result<Reply, FeedError> {
        self.get(self.instrument_asked(symbol), INSTRUMENTS_BYTES_MAX, clock).await
    }

    /// The metadata of all instruments, as received.
    ///
    /// # Errors
    /// As [`FeedClient::candles`].
    pub async fn instruments(&self, clock: Clock<'_>) -> Result<Reply, FeedError> {
        let asked = Asked { symbol: None, day: None, url: format!("{}/instruments", self.base_url) };
        self.get(asked, INSTRUMENTS_BYTES_MAX, clock).await
    }

    /// The provider's list of the rolls of all its futures, as received. `base_url` has to be that list's.
    ///
    /// # Errors
    /// As [`FeedClient::candles`].
    pub async fn rolls(&self, clock: Clock<'_>) -> Result<Reply, FeedError> {
        let page = format!("{}/?{ROLLS_PAGE}", self.base_url);
        let headers = [
            (header::USER_AGENT, BROWSER),
            (header::REFERER, page.as_str()),
            (header::ACCEPT, "text/javascript, application/javascript, */*;q=0.8"),
            (header::ACCEPT_LANGUAGE, "en-US,en;q=0.9"),
        ];
        self.get_as(&headers, self.rolls_asked(), INSTRUMENTS_BYTES_MAX, clock).await
    }

    /// The question for the list of rolls, as errors name it.
    pub fn rolls_asked(&self) -> Asked {
        Asked { symbol: None, day: None, url: format!("{}/?{ROLLS}&jsonp={CALLBACK}", self.base_url) }
    }

    /// The question for a symbol's metadata, as errors name it.
    pub fn instrument_asked(&self, symbol: &Symbol) -> Asked {
        let url = format!("{}/instruments/{symbol}", self.base_url);
        Asked { symbol: Some(symbol.clone()), day: None, url }
    }

    /// The question for candles, as errors name it.
    pub fn candles_asked(&self, symbol: &Symbol, query: Query) -> Asked {
        let side = match self.side {
            PriceSide::Bid => "BID",
            PriceSide::Ask => "ASK",
        };
        let common = format!("{}/candles/minute/{symbol}/{side}", self.base_url);
        let (day, url) = match query {
            Query::Finished(day) => {
                let (y, m, d) = day.ymd();
                (day, format!("{common}/{y}/{m}/{d}"))
            }
            Query::Running(day) => (day, format!("{common}?from={}", day.start_ms())),
        };
        Asked { symbol: Some(symbol.clone()), day: Some(day), url }
    }

    async fn get(&self, asked: Asked, limit_bytes: usize, clock: Clock<'_>) -> Result<Reply, FeedError> {
        self.get_as(&[], asked, limit_bytes, clock).await
    }

    async fn get_as(
        &self,
        headers: &[(header::HeaderName, &str)],
        asked: Asked,
        limit_bytes: usize,
        clock: Clock<'_>,
    ) -> Result<Reply, FeedError> {
        // The connection comes first: who waited for a moment to send must not then wait for a connection.
        let _connection = self.connections.acquire().await.expect("the semaphore is never closed");
        let send_at = self.pace.lock().await.reserve(Instant::now());
        tokio::time::sleep_until(send_at).await;
        let sent_ms = clock();
        let question = self.http.get(&asked.url);
        let question = headers.iter().fold(question, |question, (name, value)| question.header(name, *value));
        let answer = question.send().await.map_err(|error| self.worded(&asked, &error))?;
        let date_header_ms = date_of(&answer, header::DATE);
        if answer.status() != StatusCode::OK {
            let retry_after = retry_after(&answer, date_header_ms.unwrap_or(sent_ms));
            return Err(FeedError::of_status(asked, answer.status().as_u16(), retry_after));
        }
        let bytes = self.body(answer, &asked, limit_bytes).await?;
        Ok(Reply { bytes, sent_ms, date_header_ms })
    }

    /// Reads to the end, or to the limit: a reply without end costs no more memory than the limit.
    async fn body(
        &self,
        mut answer: Response,
        asked: &Asked,
        limit_bytes: usize,
    ) -> Result<Vec<u8>, FeedError> {
        let mut bytes = Vec::new();
        while let Some(chunk) = answer.chunk().await.map_err(|error| self.worded(asked, &error))? {
            if bytes.len() + chunk.len() > limit_bytes {
                return Err(FeedError::TooLarge { asked: asked.clone(), limit_bytes });
            }
            bytes.extend_from_slice(&chunk);
        }
        Ok(bytes)
    }

    fn worded(&self, asked: &Asked, error: &reqwest::Error) -> FeedError {
        let (asked, reason) = (asked.clone(), chain(error));
        if error.is_connect() {
            FeedError::Unreachable { asked, reason }
        } else if error.is_timeout() {
            FeedError::TimedOut { asked, limit: self.timeout }
        } else {
            FeedError::CutShort { asked, reason }
        }
    }
}

impl Reply {
    /// The moment the running day was asked for: our clock's, or the answer's `Date` when that is earlier.
    pub fn asked_ms(&self) -> i64 {
        self.date_header_ms.map_or(self.sent_ms, |date_ms| date_ms.min(self.sent_ms))
    }
}

impl Pace {
    /// So many requests per second; `None` (or no positive number) for no limit.
    pub fn new(rate_limit_rps: Option<f64>) -> Pace {
        let spacing = rate_limit_rps.filter(|rps| *rps > 0.0).map(f64::recip);
        let spacing = spacing.and_then(|seconds| Duration::try_from_secs_f64(seconds).ok());
        Pace { spacing: spacing.unwrap_or_default(), free_from: None }
    }

    /// Takes the next moment, `now` or later: at least one spacing after the moment taken before.
    pub fn reserve(&mut self, now: Instant) -> Instant {
        let moment = self.free_from.map_or(now, |free| free.max(now));
        self.free_from = Some(moment + self.spacing);
        moment
    }
}

/// What a `Retry-After` header asks for: seconds, or an HTTP date seen from `now_ms`. At most [`RETRY_AFTER_MAX`].
pub fn read_retry_after(text: &str, now_ms: i64) -> Option<Duration> {
    let wish = match text.trim().parse::<u64>() {
        Ok(seconds) => Duration::from_secs(seconds),
        Err(_) => Duration::from_millis(u64::try_from(http_date_ms(text)? - now_ms).unwrap_or(0)),
    };
    Some(wish.min(RETRY_AFTER_MAX))
}

fn retry_after(answer: &Response, now_ms: i64) -> Option<Duration> {
    read_retry_after(answer.headers().get(header::RETRY_AFTER)?.to_str().ok()?, now_ms)
}

fn date_of(answer: &Response, name: header::HeaderName) -> Option<i64> {
    http_date_ms(answer.headers().get(name)?.to_str().ok()?)
}

fn http_date_ms(text: &str) -> Option<i64> {
    Some(DateTime::parse_from_rfc2822(text.trim()).ok()?.timestamp_millis())
}

/// Follows a redirect only where the configured host itself leads, and never away from encryption.
fn at_home() -> Policy {
    Policy::custom(|attempt| {
        let first = &attempt.previous()[0];
        let next = attempt.url();
        let stays = first.host() == next.host() && (first.scheme() == "http" || next.scheme() == "https");
        if stays && attempt.previous().len() <= REDIRECTS_MAX { attempt.follow() } else { attempt.stop() }
    })
}

fn is_loopback(url: &Url) -> bool {
    let host = url.host_str().unwrap_or_default().trim_matches(['[', ']']);
    let address = host.parse::<std::net::IpAddr>();
    host.eq_ignore_ascii_case("localhost") || address.is_ok_and(|address| address.is_loopback())
}

/// An error and its causes in one line; the network's errors hide the cause behind two layers. The address is left
/// out, [`Asked`] already names it.
fn chain(error: &reqwest::Error) -> String {
    let mut text = String::new();
    let mut cause: Option<&dyn Error> = error.source();
    while let Some(error) = cause {
        text = if text.is_empty() { error.to_string() } else { format!("{text}: {error}") };
        cause = error.source();
    }
    if text.is_empty() { error.to_string() } else { text }
}
