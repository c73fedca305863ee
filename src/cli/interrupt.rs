//! Ctrl-C and SIGTERM.

use super::exit::{self, Failure};

/// From now on the first signal ends the process with exit code 130.
///
/// Nothing has to be tidied up: payloads and series are whole at every moment, and the system gives the lock back.
pub(super) fn end_at_once() {
    std::thread::spawn(|| {
        if wait().is_ok() {
            exit::end_interrupted();
        }
    });
}

/// Returns when the user asks to stop.
pub(super) fn wait() -> Result<(), Failure> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    Ok(runtime.block_on(signal())?)
}

#[cfg(unix)]
async fn signal() -> std::io::Result<()> {
    use tokio::signal::unix;
    let mut terminate = unix::signal(unix::SignalKind::terminate())?;
    tokio::select! {
        interrupted = tokio::signal::ctrl_c() => interrupted,
        _ = terminate.recv() => Ok(()),
    }
}

#[cfg(not(unix))]
async fn signal() -> std::io::Result<()> {
    tokio::signal::ctrl_c().await
}
