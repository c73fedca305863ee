//! What the commands that write to the lake have in common: the lock, the feed, the stages, the summary.

use std::time::Instant;

use tokio::runtime::Runtime;

use super::context::{Context, Place};
use super::exit::{Exit, Failure};
use super::interrupt;
use super::progress::Reporter;
use super::summary::Summary;
use crate::feed::FeedClient;
use crate::ingest::{Ingest, Rebuild, Request, RunReport};
use crate::model::{Settings, Symbol};
use crate::store::{Lake, RunLock, StoreError};

/// That texts lie beside series which nobody keeps up any more, if any do.
pub(super) fn left_texts(lake: &Lake, settings: &Settings) -> Result<Option<String>, StoreError> {
    if settings.csv {
        return Ok(None);
    }
    let left = lake.kept_csvs()?;
    let Some(first) = left.first() else { return Ok(None) };
    let (files, them) = if left.len() == 1 { ("file", "it") } else { ("files", "them") };
    Ok(Some(format!(
        "store.csv is false: {} CSV {files} of an earlier run ({}{}) will not follow the series any more: remove {them}, or write `store: {{csv: true}}`",
        left.len(),
        first.display(),
        if left.len() == 1 { "" } else { ", ..." },
    )))
}

#[derive(clap::Args, Clone, Debug)]
pub(super) struct WorkArgs {
    /// Waits for another engine that is writing to the same lake, instead of ending with exit code 3
    #[arg(long)]
    pub wait: bool,
    /// Symbols worked on at once [default: orchestrator.num_processes, else all cores]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..))]
    pub jobs: Option<u16>,
    /// Bars in quarantine that are no reason for exit code 1
    #[arg(long, value_name = "N", default_value_t = 0)]
    pub max_suspect: u64,
}

/// One command at work on a lake that it has locked.
pub(super) struct Work<'a> {
    context: &'a Context,
    place: &'a Place,
    max_suspect: u64,
    began: Instant,
    reporter: Reporter,
    runtime: Runtime,
    _lock: RunLock,
}

/// Takes the lock of the lake, waiting for it if `wait`.
pub(super) fn lock(context: &Context, lake: &Lake, wait: bool) -> Result<RunLock, StoreError> {
    match lake.try_lock(context.now_ms()) {
        Err(StoreError::Locked { .. }) if wait => {
            context.say("another engine is at work here; waiting for it");
            lake.wait_lock(|| context.now_ms())
        }
        result => result,
    }
}

impl<'a> Work<'a> {
    /// Begins; from here on Ctrl-C ends the process at once, which costs nothing that is committed.
    pub(super) fn begin(
        context: &'a Context,
        place: &'a mut Place,
        args: &WorkArgs,
    ) -> Result<Work<'a>, Failure> {
        let lock = lock(context, &place.lake, args.wait)?;
        Work::holding(context, place, args, lock)
    }

    /// Begins with a lock that is held already.
    pub(super) fn holding(
        context: &'a Context,
        place: &'a mut Place,
        args: &WorkArgs,
        lock: RunLock,
    ) -> Result<Work<'a>, Failure> {
        if let Some(jobs) = args.jobs {
            place.loaded.settings.num_processes = Some(usize::from(jobs));
        }
        let reporter = Reporter::new(context);
        Ok(Work {
            context,
            place,
            max_suspect: args.max_suspect,
            began: Instant::now(),
            reporter,
            runtime: interrupt::runtime_that_ends()?,
            _lock: lock,
        })
    }

    /// Goes through the stages the request names and tells what came of them.
    pub(super) fn run(&self, request: &Request) -> Result<Exit, Failure> {
        let clock = || self.context.now_ms();
        let progress = |event: crate::ingest::Event<'_>| self.reporter.event(&event);
        let settings = &self.place.loaded.settings;
        let ingest = Ingest { lake: &self.place.lake, settings, clock: &clock, progress: &progress };
        let mut downloaded = None;
        if request.stages.download {
            let outcome = self.runtime.block_on(async {
                let client = FeedClient::new(&settings.download)?;
                Ok::<_, Failure>(ingest.download(request, &client).await)
            })?;
            self.reporter.downloaded(&outcome);
            downloaded = Some(outcome);
        }
        let report = ingest.process(request, downloaded);
        self.end(report)
    }

    /// Makes series anew from what the lake holds.
    pub(super) fn rebuild(&self, what: Rebuild, symbols: &[Symbol]) -> Result<Exit, Failure> {
        let clock = || self.context.now_ms();
        let progress = |event: crate::ingest::Event<'_>| self.reporter.event(&event);
        let settings = &self.place.loaded.settings;
        let ingest = Ingest { lake: &self.place.lake, settings, clock: &clock, progress: &progress };
        let report = ingest.rebuild(what, symbols)?;
        self.end(report)
    }

    fn end(&self, report: RunReport) -> Result<Exit, Failure> {
        let mut summary = Summary::of(&report, self.began.elapsed());
        summary.note(left_texts(&self.place.lake, &self.place.loaded.settings)?);
        self.reporter.processed(&summary);
        for line in summary.remarks() {
            self.context.say(line);
        }
        let printed = summary.print(self.context);
        // A reader of the figures who has left takes nothing away from what the exit code has to say.
        match summary.exit(self.max_suspect)? {
            Exit::Done => printed.map(|()| Exit::Done),
            Exit::LeftOut => Ok(Exit::LeftOut),
        }
    }
}
