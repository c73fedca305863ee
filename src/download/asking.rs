//! One question until it is answered well enough, and the knowledge whether anybody answers at all.

use std::sync::atomic::{AtomicBool, AtomicU32, AtomicU64, Ordering::Relaxed};
use std::time::Duration;

use tokio::sync::Semaphore;

use super::outcome::{DownloadError, Downloaded, Progress, SymbolOutcome};
use super::{DownloadRun, retry};
use crate::feed::wire::{self, Payload};
use crate::feed::{Asked, FeedError, Query, Reply};
use crate::model::instrument::Instrument;
use crate::model::{Day, Symbol};

/// So many requests without any answer are needed before the feed counts as unreachable.
const SILENCES_MIN: u32 = 3;

/// What is asked.
pub enum Question<'a> {
    /// Candles of one day.
    Candles {
        /// Of this symbol.
        symbol: &'a Symbol,
        /// Which day.
        query: Query,
        /// Whether candles are to be expected: an empty answer is suspicious then.
        expected: bool,
        /// Whether suspicious and broken answers are asked for again at once.
        patient: bool,
    },
    /// Metadata.
    Instrument {
        /// Of this symbol.
        symbol: &'a Symbol,
    },
}

/// What a payload holds, from worst to best.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Content {
    /// No candle.
    Empty,
    /// A candle that cannot be, such as one whose high lies below its low.
    Broken,
    /// Candles.
    Candles,
}

/// An answer that was looked into.
pub struct Answer {
    /// As received.
    pub bytes: Vec<u8>,
    /// When it was asked for.
    pub asked_ms: i64,
    /// What it holds.
    pub content: Content,
    /// Whether a better one may exist.
    pub doubtful: bool,
}

/// Why there is no answer; a refused one comes along so that it can be set aside.
pub struct NoAnswer {
    /// Why.
    pub error: DownloadError,
    /// What was refused, when that was the last word.
    pub refused: Option<Vec<u8>>,
}

/// Asks for all symbols of a run.
pub struct Asking<'a> {
    pub run: DownloadRun<'a>,
    /// Whether anybody has answered anything.
    answered: AtomicBool,
    /// Requests that ended without any answer.
    silences: AtomicU32,
    /// Closed when the feed is given up; whoever waits on it wakes.
    given_up: Semaphore,
    good_answers: AtomicU64,
    refused_answers: AtomicU64,
    busy_answers: AtomicU64,
}

impl<'a> Asking<'a> {
    pub fn new(run: &DownloadRun<'a>) -> Asking<'a> {
        Asking {
            run: *run,
            answered: AtomicBool::new(false),
            silences: AtomicU32::new(0),
            given_up: Semaphore::new(0),
            good_answers: AtomicU64::new(0),
            refused_answers: AtomicU64::new(0),
            busy_answers: AtomicU64::new(0),
        }
    }

    /// Asks until the answer is beyond doubt, or the attempts are used up: then the best of those that came counts.
    pub async fn ask(&self, question: &Question<'_>) -> Result<Answer, NoAnswer> {
        let asked = self.asked(question);
        let attempts = self.run.settings.max_retries.max(1);
        let mut best: Option<Answer> = None;
        for attempt in 1.. {
            if self.is_given_up() {
                break;
            }
            let (error, refused) = match self.ask_once(question, &asked).await {
                Ok(answer) => {
                    let settled = !answer.doubtful || !question.is_patient();
                    let better = best.take().filter(|best| best.content > answer.content).unwrap_or(answer);
                    if settled || attempt >= attempts {
                        return Ok(better);
                    }
                    best = Some(better);
                    (None, None)
                }
                Err((error, refused)) => (Some(error), refused),
            };
            if let Some(error) = &error {
                self.note_silence(error, attempt >= attempts);
            }
            match error {
                Some(error) if attempt >= attempts || !error.is_passing() => {
                    return best.ok_or(NoAnswer { error: error.into(), refused });
                }
                error => self.wait(&asked, attempt, error.as_ref()).await,
            }
        }
        best.ok_or(NoAnswer { error: DownloadError::Unreachable { asked }, refused: None })
    }

    /// Whether the feed has been found unreachable.
    pub fn is_given_up(&self) -> bool {
        self.given_up.is_closed()
    }

    pub fn summed_up(&self, symbols: Vec<SymbolOutcome>) -> Downloaded {
        Downloaded {
            symbols,
            good_answers: self.good_answers.load(Relaxed),
            refused_answers: self.refused_answers.load(Relaxed),
            busy_answers: self.busy_answers.load(Relaxed),
            unreachable: self.is_given_up(),
        }
    }

    async fn ask_once(
        &self,
        question: &Question<'_>,
        asked: &Asked,
    ) -> Result<Answer, (FeedError, Option<Vec<u8>>)> {
        let (client, clock) = (self.run.client, self.run.clock);
        let reply = match question {
            Question::Candles { symbol, query, .. } => client.candles(symbol, *query, clock).await,
            Question::Instrument { symbol } => client.instrument(symbol, clock).await,
        };
        if matches!(reply, Err(FeedError::Busy { .. })) {
            self.busy_answers.fetch_add(1, Relaxed);
        }
        let reply = reply.map_err(|error| (error, None))?;
        self.answered.store(true, Relaxed);
        let judged = question.judge(&reply.bytes);
        if matches!(question, Question::Candles { .. }) {
            let count = if judged.is_ok() { &self.good_answers } else { &self.refused_answers };
            count.fetch_add(1, Relaxed);
        }
        match judged {
            Ok((content, doubtful)) => Ok(answer(reply, content, doubtful)),
            Err(reason) => Err((FeedError::Refused { asked: asked.clone(), reason }, Some(reply.bytes))),
        }
    }

    /// Whether anybody is there at all. One request that stayed without answer to its last attempt, while no other
    /// was ever answered, is enough to stop: every further one would wait as long for nothing.
    fn note_silence(&self, error: &FeedError, was_last: bool) {
        if !matches!(error, FeedError::Unreachable { .. } | FeedError::TimedOut { .. }) {
            self.answered.store(true, Relaxed);
        }
        let silences = if self.answered.load(Relaxed) { 0 } else { self.silences.fetch_add(1, Relaxed) + 1 };
        if was_last && silences >= SILENCES_MIN {
            self.given_up.close();
        }
    }

    async fn wait(&self, asked: &Asked, attempt: u32, error: Option<&FeedError>) {
        let reason = error.map_or("a doubtful answer".to_owned(), ToString::to_string);
        let chance = retry::random(self.seed(asked, attempt));
        let retry_after = error.and_then(FeedError::retry_after);
        let pause = retry::pause(attempt, self.run.settings.backoff_factor, retry_after, chance);
        (self.run.progress)(Progress::Waiting { asked, attempt, pause, reason: &reason });
        self.sleep(pause).await;
    }

    /// Sleeps, but not on when the feed is given up meanwhile.
    async fn sleep(&self, pause: Duration) {
        tokio::select! {
            () = tokio::time::sleep(pause) => {}
            _ = self.given_up.acquire() => {}
        }
    }

    /// Differs for every question, attempt and run.
    fn seed(&self, asked: &Asked, attempt: u32) -> u64 {
        let start = (self.run.clock)() as u64 ^ u64::from(attempt).rotate_left(48);
        asked.url.bytes().fold(start, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01B3))
    }

    fn asked(&self, question: &Question<'_>) -> Asked {
        match question {
            Question::Candles { symbol, query, .. } => self.run.client.candles_asked(symbol, *query),
            Question::Instrument { symbol } => self.run.client.instrument_asked(symbol),
        }
    }
}

impl Question<'_> {
    fn is_patient(&self) -> bool {
        matches!(self, Question::Candles { patient: true, .. })
    }

    /// What the bytes hold and whether that is doubtful, or why they are refused.
    fn judge(&self, bytes: &[u8]) -> Result<(Content, bool), String> {
        match self {
            Question::Candles { query, expected, .. } => {
                let (day, running) = match query {
                    Query::Finished(day) => (*day, false),
                    Query::Running(day) => (*day, true),
                };
                let content = content(bytes, day, running).map_err(|refusal| refusal.to_string())?;
                Ok((content, content == Content::Broken || content == Content::Empty && *expected))
            }
            Question::Instrument { .. } => match Instrument::from_json(bytes) {
                Ok(_) => Ok((Content::Candles, false)),
                Err(error) => Err(format!("not an instrument: {error}")),
            },
        }
    }
}

/// What a payload of a day holds, or why it is none.
pub fn content(bytes: &[u8], day: Day, running: bool) -> Result<Content, wire::Refusal> {
    let mut payload = Payload::default();
    wire::parse(bytes, &mut payload)?;
    payload.check(day, running)?;
    if payload.is_empty() {
        return Ok(Content::Empty);
    }
    Ok(if payload.breaks_hard_rule() { Content::Broken } else { Content::Candles })
}

fn answer(reply: Reply, content: Content, doubtful: bool) -> Answer {
    Answer { asked_ms: reply.asked_ms(), bytes: reply.bytes, content, doubtful }
}
