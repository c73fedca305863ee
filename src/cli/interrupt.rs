//! Ctrl-C and SIGTERM.

use tokio::runtime::{Builder, Runtime};

use super::exit::{self, Failure};
use crate::plan::end_programs;

/// A runtime on which the first signal ends the process with exit code 130, as long as it lives.
///
/// Nothing has to be tidied up: payloads and series are whole at every moment, and the system gives the lock back. Only
/// programs of the user's are ended too.
pub(super) fn runtime_that_ends() -> Result<Runtime, Failure> {
    let runtime = Builder::new_multi_thread().enable_all().build()?;
    runtime.spawn(async {
        if signal().await.is_ok() {
            end_programs();
            exit::end_interrupted();
        }
    });
    Ok(runtime)
}

/// Returns when the user asks to stop.
pub(super) fn wait() -> Result<(), Failure> {
    Ok(Builder::new_current_thread().enable_all().build()?.block_on(signal())?)
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
