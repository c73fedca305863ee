//! One symbol: what is known of it, what it lacks, and where each answer goes.

use std::sync::Mutex;
use std::sync::atomic::{AtomicU32, Ordering::Relaxed};

use futures_util::StreamExt;

use super::asking::{Answer, Asking, Content, NoAnswer, Question, content};
use super::outcome::{DownloadError, Progress, SymbolOutcome, SymbolPlan};
use super::worklist::{Held, Job, Why, Window, trades_on, worklist};
use crate::feed::{FeedError, Query};
use crate::model::day::{DAY_MS, MINUTE_MS};
use crate::model::instrument::Instrument;
use crate::model::{Day, Symbol};
use crate::store::{PayloadKind, StoreError};

/// Metadata older than this is asked for again.
const INSTRUMENT_AGE_MAX_MS: i64 = 7 * DAY_MS;
/// An empty day's payload has about 170 bytes; only files up to this size are opened to look for one.
const EMPTY_PAYLOAD_BYTES_MAX: u64 = 400;
/// So many 404s in a row, and the rest of a symbol whose metadata the feed does not know either is not asked for.
const NOT_FOUND_MAX_UNKNOWN: u32 = 3;
/// The same for a symbol the feed may well know: some days may be out of range without all being so.
const NOT_FOUND_MAX_KNOWN: u32 = 10;
/// The running day is expected to have candles once the instrument has traded for so long.
const FIRST_CANDLES_MS: i64 = 60 * MINUTE_MS;

/// Brings what one symbol lacks.
pub async fn download_symbol(asking: &Asking<'_>, plan: SymbolPlan) -> SymbolOutcome {
    let mut outcome = SymbolOutcome::of(plan.symbol.clone());
    match SymbolRun::prepare(asking, plan, &mut outcome).await {
        Ok((symbol_run, jobs)) => symbol_run.work_off(jobs, &mut outcome).await,
        Err(error) => outcome.store = Some(error),
    }
    outcome.sort();
    (asking.run.progress)(Progress::Symbol { outcome: &outcome });
    outcome
}

/// What the jobs of one symbol share.
struct SymbolRun<'a, 'r> {
    asking: &'a Asking<'r>,
    plan: SymbolPlan,
    instrument: Option<Instrument>,
    /// The earliest day of the window that may be written.
    earliest: Option<Day>,
    /// From which day on the commit record already says that older days are coming.
    announced: Mutex<Option<Day>>,
    /// 404s since the last answer.
    not_found: AtomicU32,
    not_found_max: u32,
}

/// How a job ended.
enum Settled {
    Written { content: Content, doubtful: bool },
    Unchanged { content: Content, doubtful: bool },
    Kept,
    Skipped,
}

impl<'a, 'r> SymbolRun<'a, 'r> {
    async fn prepare(
        asking: &'a Asking<'r>,
        plan: SymbolPlan,
        outcome: &mut SymbolOutcome,
    ) -> Result<(Self, Vec<Job>), StoreError> {
        let known = instrument(asking, &plan.symbol, outcome).await?;
        let unknown_to_feed =
            matches!(outcome.metadata, Some(DownloadError::Feed(FeedError::NotFound { .. })));
        let window =
            Window { from: plan.from, to: plan.to, today: asking.run.today, ask_again: plan.ask_again };
        let held = |day| held(asking, &plan.symbol, day);
        let mut jobs = worklist(window, known.as_ref(), held)?;
        let earliest = jobs.iter().map(|job| job.day()).min();
        outcome.beyond = still_refused(asking, &plan)?;
        jobs.extend(outcome.beyond.iter().rev().map(|day| Job::Finished { day: *day, why: Why::Damaged }));
        let symbol_run = SymbolRun {
            asking,
            instrument: known,
            earliest,
            announced: Mutex::new(None),
            not_found: AtomicU32::new(0),
            not_found_max: if unknown_to_feed { NOT_FOUND_MAX_UNKNOWN } else { NOT_FOUND_MAX_KNOWN },
            plan,
        };
        Ok((symbol_run, jobs))
    }

    async fn work_off(&self, jobs: Vec<Job>, outcome: &mut SymbolOutcome) {
        let (symbol, run) = (&self.plan.symbol, &self.asking.run);
        (run.progress)(Progress::Planned { symbol, days: jobs.len() });
        let mut settled = futures_util::stream::iter(jobs)
            .map(async |job| (job, self.settle(job).await))
            .buffer_unordered(run.settings.concurrency.max(1));
        while let Some((job, result)) = settled.next().await {
            let done = result.is_ok() && !matches!(result, Ok(Settled::Skipped));
            outcome.note(job, result);
            (run.progress)(Progress::Day { symbol, day: job.day(), done });
        }
    }

    /// One job from the question to the file.
    async fn settle(&self, job: Job) -> Result<Settled, DownloadError> {
        if self.not_found.load(Relaxed) >= self.not_found_max {
            return Ok(Settled::Skipped);
        }
        let answer = self.asking.ask(&self.question(job)).await;
        match &answer {
            Err(NoAnswer { error: DownloadError::Feed(FeedError::NotFound { .. }), .. }) => {
                self.not_found.fetch_add(1, Relaxed);
            }
            Ok(_) => self.not_found.store(0, Relaxed),
            Err(_) => {}
        }
        let stored = match answer {
            Ok(answer) => self.keep(job, &answer),
            Err(no_answer) => return Err(self.set_aside(job.day(), no_answer)),
        };
        stored.map_err(|source| self.store_error(job.day(), source))
    }

    fn question(&self, job: Job) -> Question<'_> {
        let symbol = &self.plan.symbol;
        match job {
            Job::Finished { day, why } => Question::Candles {
                symbol,
                query: Query::Finished(day),
                expected: trades_on(self.instrument.as_ref(), day),
                // What was doubtful after all attempts of an earlier run is asked for once in each later one.
                patient: !matches!(why, Why::Suspicious | Why::RefusedBars),
            },
            Job::Running { day } => Question::Candles {
                symbol,
                query: Query::Running(day),
                expected: self.has_traded_for_long(day),
                patient: true,
            },
        }
    }

    /// Whether the running day must have candles by now. Without a schedule nobody can tell.
    fn has_traded_for_long(&self, day: Day) -> bool {
        let now_ms = (self.asking.run.clock)();
        let Some(instrument) = &self.instrument else { return false };
        let traded = |(start, end): (i64, i64)| (end.min(now_ms) - start).max(0);
        instrument.trading_intervals(day).into_iter().map(traded).sum::<i64>() >= FIRST_CANDLES_MS
    }

    fn keep(&self, job: Job, answer: &Answer) -> Result<Settled, StoreError> {
        let (symbol, day, lake) = (&self.plan.symbol, job.day(), self.asking.run.lake);
        let (content, doubtful) = (answer.content, answer.doubtful);
        let mut held = Vec::new();
        let kind = lake.read_payload(symbol, day, &mut held)?;
        let is_finished = kind == Some(PayloadKind::Finished);
        if is_finished && held == answer.bytes {
            lake.clear_refused_payload(symbol, day)?;
            return Ok(Settled::Unchanged { content, doubtful });
        }
        if kind.is_some() && is_worse(content, &held, day, is_finished) {
            return Ok(Settled::Kept);
        }
        self.announce(day)?;
        match job {
            Job::Finished { .. } => lake.write_finished(symbol, day, &answer.bytes)?,
            Job::Running { .. } => lake.write_running(symbol, day, &answer.bytes, answer.asked_ms)?,
        }
        lake.clear_refused_payload(symbol, day)?;
        Ok(Settled::Written { content, doubtful })
    }

    /// The order SPEC section 6 asks for: the commit record knows that a day must be compared again before the cache
    /// has the payload to compare it with.
    fn announce(&self, day: Day) -> Result<(), StoreError> {
        if self.plan.last_date.is_none_or(|last_date| day > last_date) {
            return Ok(());
        }
        let mut announced = self.announced.lock().expect("no holder of this lock panics");
        if announced.is_none_or(|announced| day < announced) {
            let earliest = self.earliest.map_or(day, |earliest| earliest.min(day));
            (self.asking.run.before_older_write)(&self.plan.symbol, earliest)?;
            *announced = Some(earliest);
        }
        Ok(())
    }

    /// Keeps what was refused to the last for people to look at.
    fn set_aside(&self, day: Day, no_answer: NoAnswer) -> DownloadError {
        let Some(bytes) = no_answer.refused else { return no_answer.error };
        let reason = no_answer.error.to_string();
        let kept = self.asking.run.lake.write_refused_payload(&self.plan.symbol, day, &bytes, &reason);
        kept.map_or_else(|source| self.store_error(day, source), |()| no_answer.error)
    }

    fn store_error(&self, day: Day, source: StoreError) -> DownloadError {
        DownloadError::Store { symbol: self.plan.symbol.clone(), day, source }
    }
}

impl SymbolOutcome {
    fn note(&mut self, job: Job, result: Result<Settled, DownloadError>) {
        let day = job.day();
        match result {
            Ok(Settled::Written { content, doubtful }) => {
                match job {
                    Job::Finished { .. } => self.fetched.push(day),
                    Job::Running { .. } => self.running = true,
                }
                self.note_doubt(day, content, doubtful);
            }
            Ok(Settled::Unchanged { content, doubtful }) => {
                self.unchanged.push(day);
                self.note_doubt(day, content, doubtful);
            }
            Ok(Settled::Kept) => self.kept.push(day),
            Ok(Settled::Skipped) => self.skipped.push(day),
            Err(DownloadError::Feed(FeedError::NotFound { .. })) => self.not_found.push(day),
            Err(error) => self.failed.push((day, error)),
        }
    }

    fn note_doubt(&mut self, day: Day, content: Content, doubtful: bool) {
        match content {
            Content::Empty if doubtful => self.suspicious.push(day),
            Content::Broken => self.broken.push(day),
            _ => {}
        }
    }
}

/// The symbol's metadata: from the cache, refreshed when old; stale rather than none, and none rather than stopping.
async fn instrument(
    asking: &Asking<'_>,
    symbol: &Symbol,
    outcome: &mut SymbolOutcome,
) -> Result<Option<Instrument>, StoreError> {
    let (lake, now_ms) = (asking.run.lake, (asking.run.clock)());
    let cached = lake.read_instrument(symbol)?;
    let cached = cached.and_then(|(bytes, at_ms)| Some((Instrument::from_json(&bytes).ok()?, at_ms)));
    if let Some((instrument, at_ms)) = &cached
        && now_ms - at_ms <= INSTRUMENT_AGE_MAX_MS
    {
        return Ok(Some(instrument.clone()));
    }
    match asking.ask(&Question::Instrument { symbol }).await {
        Ok(answer) => {
            lake.write_instrument(symbol, &answer.bytes, now_ms)?;
            Ok(Instrument::from_json(&answer.bytes).ok())
        }
        Err(no_answer) => {
            outcome.metadata = Some(no_answer.error);
            Ok(cached.map(|(instrument, _)| instrument))
        }
    }
}

/// What the lake holds of a finished day; only small files are opened.
fn held(asking: &Asking<'_>, symbol: &Symbol, day: Day) -> Result<Held, StoreError> {
    let lake = asking.run.lake;
    let Some(length) = lake.finished_len(symbol, day)? else { return Ok(Held::Nothing) };
    if lake.refused_day(symbol, day)?.is_some() {
        return Ok(Held::RefusedBars);
    }
    if length > EMPTY_PAYLOAD_BYTES_MAX {
        return Ok(Held::Candles);
    }
    let mut bytes = Vec::new();
    lake.read_payload(symbol, day, &mut bytes)?;
    Ok(match content(&bytes, day, false) {
        Ok(Content::Empty) => Held::Empty,
        Ok(_) => Held::Candles,
        Err(_) => Held::Damaged,
    })
}

/// The days outside the window that have no payload that can be read, because it was refused; in increasing order.
fn still_refused(asking: &Asking<'_>, plan: &SymbolPlan) -> Result<Vec<Day>, StoreError> {
    let lake = asking.run.lake;
    let mut days = Vec::new();
    let mut bytes = Vec::new();
    let outside = |day: &Day| *day < asking.run.today && !(plan.from..=plan.to).contains(day);
    for day in plan.refused.iter().copied().filter(outside) {
        let kind = lake.read_payload(&plan.symbol, day, &mut bytes)?;
        if kind != Some(PayloadKind::Finished) || content(&bytes, day, false).is_err() {
            days.push(day);
        }
    }
    days.sort_unstable();
    days.dedup();
    Ok(days)
}

/// Whether an answer must not take the place of what is held: an empty one never that of candles, and one that cannot
/// be right never that of a finished day that can.
fn is_worse(answer: Content, held: &[u8], day: Day, held_is_finished: bool) -> bool {
    match content(held, day, !held_is_finished) {
        Ok(held) if held_is_finished => answer < held,
        Ok(held) => answer == Content::Empty && held != Content::Empty,
        Err(_) => false,
    }
}
