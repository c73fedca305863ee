//! One process of somebody else's: fed, listened to, and ended with all it has started when its time is up.

use std::io::{self, BufWriter, Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::sleep;
use std::time::{Duration, Instant};

use super::ProgramError;

/// What is started, and what it may use up.
pub(super) struct Order<'a> {
    pub command: &'a [String],
    pub folder: &'a Path,
    pub environment: &'a [(&'a str, String)],
    pub timeout: Duration,
    /// More than any right answer has.
    pub answer_bytes_max: usize,
}

/// What a program that ended well has said.
pub(super) struct Heard {
    pub answer: Vec<u8>,
    /// Whether all of its input found a reader.
    pub was_fed: bool,
    /// The end of what it wrote on stderr.
    pub complaints: String,
}

/// The end of stderr that is kept: a traceback and a little more.
const COMPLAINTS_BYTES: usize = 16 << 10;
const BUFFER_BYTES: usize = 64 << 10;
/// Between looks at whether a program that has closed its output has ended.
const LOOK: Duration = Duration::from_millis(2);
/// For what is on its way through a pipe when a program has ended.
const GRACE: Duration = Duration::from_millis(200);

/// The numbers of the programs that are running now.
static RUNNING: Mutex<Vec<u32>> = Mutex::new(Vec::new());

/// Ends the user's programs that are running now, for a process that is about to end itself: they have groups of
/// their own, so that neither a terminal's Ctrl-C nor the end of this process reaches them.
pub fn end_programs() {
    RUNNING.lock().unwrap_or_else(PoisonError::into_inner).drain(..).for_each(end_group);
}

/// A program that is running, as long as this is held.
struct Running(u32);

impl Running {
    fn new(child: &Child) -> Running {
        RUNNING.lock().unwrap_or_else(PoisonError::into_inner).push(child.id());
        Running(child.id())
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        RUNNING.lock().unwrap_or_else(PoisonError::into_inner).retain(|id| *id != self.0);
    }
}

enum Event {
    Answered(io::Result<Vec<u8>>),
    /// Stderr was closed.
    Silent,
    Fed(io::Result<()>),
}

type Complaints = Arc<Mutex<Vec<u8>>>;

/// Starts a program, writes `feed` to its stdin and returns what it answers on stdout.
///
/// # Errors
/// When it does not start, ends badly, answers too much, or is not done in time.
pub(super) fn converse(
    order: &Order<'_>,
    feed: impl FnOnce(&mut dyn Write) -> io::Result<()> + Send + 'static,
) -> Result<Heard, ProgramError> {
    let mut child = start(order)?;
    let _running = Running::new(&child);
    let complaints = Complaints::default();
    let (tell, told) = channel();
    attend(&mut child, order.answer_bytes_max, &complaints, tell, feed);
    let ended = listen(&mut child, &told, Instant::now() + order.timeout, order.answer_bytes_max);
    let said =
        || String::from_utf8_lossy(&complaints.lock().unwrap_or_else(PoisonError::into_inner)).into_owned();
    match ended {
        Ok((status, answer, was_fed)) if status.success() => {
            Ok(Heard { answer, was_fed, complaints: said() })
        }
        Ok((status, _, was_fed)) => Err(bad_end(status, was_fed, said())),
        Err(gave_up) => {
            end_all(&mut child);
            // What it had to say is still on its way.
            told.recv_timeout(GRACE).ok();
            Err(match gave_up {
                GaveUp::TooLate => ProgramError::TooLate { after: order.timeout, said: said() },
                GaveUp::TooMuch => ProgramError::TooMuch { bytes_max: order.answer_bytes_max },
                GaveUp::Broken(error) => ProgramError::Pipe(error),
            })
        }
    }
}

fn start(order: &Order<'_>) -> Result<Child, ProgramError> {
    let program = program_path(order);
    let mut command = Command::new(&program);
    command.args(&order.command[1..]).current_dir(order.folder);
    command.envs(order.environment.iter().map(|(name, value)| (name, value)));
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    // A group of its own, so that what it starts can be ended with it.
    #[cfg(unix)]
    std::os::unix::process::CommandExt::process_group(&mut command, 0);
    command.spawn().map_err(|error| not_started(&program, order, error))
}

/// A name without a separator is looked for on the PATH, everything else from the configuration's folder.
fn program_path(order: &Order<'_>) -> PathBuf {
    let name = Path::new(&order.command[0]);
    if name.components().count() > 1 { order.folder.join(name) } else { name.to_path_buf() }
}

fn not_started(program: &Path, order: &Order<'_>, error: io::Error) -> ProgramError {
    let shown = program.display().to_string();
    let is_path = program.components().count() > 1;
    let here = order.folder.join(program);
    match error.kind() {
        io::ErrorKind::NotFound if is_path && here.exists() => ProgramError::NotStarted {
            program: shown,
            reason: "the interpreter that its first line names is not there".to_owned(),
        },
        io::ErrorKind::NotFound if is_path => {
            ProgramError::NotFound { program: shown, hint: "there is no such file".to_owned() }
        }
        io::ErrorKind::NotFound => {
            let hint = if here.exists() {
                format!("it is not on the PATH; for the file beside the configuration write ./{shown}")
            } else {
                "it is not on the PATH".to_owned()
            };
            ProgramError::NotFound { program: shown, hint }
        }
        io::ErrorKind::PermissionDenied => ProgramError::NotStarted {
            reason: format!("it may not be executed: chmod +x {shown}, or name its interpreter first"),
            program: shown,
        },
        _ => ProgramError::NotStarted {
            reason: format!("{error}; a script needs a first line such as #!/usr/bin/env python3"),
            program: shown,
        },
    }
}

/// Three threads, each at one pipe. They are not waited for: what a program has started may hold a pipe for ever.
fn attend(
    child: &mut Child,
    answer_bytes_max: usize,
    complaints: &Complaints,
    tell: Sender<Event>,
    feed: impl FnOnce(&mut dyn Write) -> io::Result<()> + Send + 'static,
) {
    let (Some(stdin), Some(stdout), Some(mut stderr)) =
        (child.stdin.take(), child.stdout.take(), child.stderr.take())
    else {
        unreachable!("all three are pipes");
    };
    let feeds = tell.clone();
    std::thread::spawn(move || {
        let mut pipe = BufWriter::with_capacity(BUFFER_BYTES, stdin);
        let fed = feed(&mut pipe).and_then(|()| pipe.flush());
        // Nobody may be left to hear it.
        feeds.send(Event::Fed(fed)).ok();
    });
    let answers = tell.clone();
    std::thread::spawn(move || {
        let mut answer = Vec::new();
        let most = answer_bytes_max as u64 + 1;
        let read = stdout.take(most).read_to_end(&mut answer);
        answers.send(Event::Answered(read.map(|_| answer))).ok();
    });
    let complaints = complaints.clone();
    std::thread::spawn(move || {
        let mut piece = [0; 4096];
        while let Ok(length @ 1..) = stderr.read(&mut piece) {
            let mut kept = complaints.lock().unwrap_or_else(PoisonError::into_inner);
            kept.extend_from_slice(&piece[..length]);
            let surplus = kept.len().saturating_sub(COMPLAINTS_BYTES);
            kept.drain(..surplus);
        }
        tell.send(Event::Silent).ok();
    });
}

enum GaveUp {
    TooLate,
    TooMuch,
    Broken(io::Error),
}

/// Waits until both outputs are closed and the program has ended.
fn listen(
    child: &mut Child,
    told: &Receiver<Event>,
    deadline: Instant,
    answer_bytes_max: usize,
) -> Result<(ExitStatus, Vec<u8>, bool), GaveUp> {
    let (mut answer, mut silent, mut fed) = (None, false, None);
    while answer.is_none() || !silent {
        let left = deadline.saturating_duration_since(Instant::now());
        match told.recv_timeout(left) {
            Ok(Event::Answered(Ok(bytes))) if bytes.len() > answer_bytes_max => return Err(GaveUp::TooMuch),
            Ok(Event::Answered(Ok(bytes))) => answer = Some(bytes),
            Ok(Event::Answered(Err(error))) => return Err(GaveUp::Broken(error)),
            Ok(Event::Silent) => silent = true,
            Ok(Event::Fed(how)) => fed = Some(how.is_ok()),
            Err(RecvTimeoutError::Timeout | RecvTimeoutError::Disconnected) => return Err(GaveUp::TooLate),
        }
    }
    let status = loop {
        match child.try_wait() {
            Ok(Some(status)) => break status,
            Ok(None) if Instant::now() >= deadline => return Err(GaveUp::TooLate),
            Ok(None) => sleep(LOOK),
            Err(error) => return Err(GaveUp::Broken(error)),
        }
    };
    if fed.is_none()
        && let Ok(Event::Fed(how)) = told.recv_timeout(GRACE)
    {
        fed = Some(how.is_ok());
    }
    Ok((status, answer.unwrap_or_default(), fed.unwrap_or(false)))
}

/// The program and, where processes have groups, everything it has started.
fn end_all(child: &mut Child) {
    // Its number is still its own: nobody has waited for it.
    end_group(child.id());
    child.kill().ok();
    child.wait().ok();
}

#[cfg(unix)]
fn end_group(id: u32) {
    use rustix::process::{Pid, Signal, kill_process_group};
    let group = i32::try_from(id).ok().and_then(Pid::from_raw);
    // A group that has ended already needs no end.
    group.map(|group| kill_process_group(group, Signal::KILL));
}

#[cfg(not(unix))]
fn end_group(_: u32) {}

fn bad_end(status: ExitStatus, was_fed: bool, said: String) -> ProgramError {
    #[cfg(unix)]
    if let Some(signal) = std::os::unix::process::ExitStatusExt::signal(&status) {
        return ProgramError::Killed { signal, was_fed, said };
    }
    ProgramError::Failed { code: status.code().unwrap_or(-1), was_fed, said }
}
