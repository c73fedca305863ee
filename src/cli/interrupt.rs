//! Ctrl-C and SIGTERM: the first asks to stop, the second stops.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use super::exit::Failure;

/// Whether the user wants to stop.
#[derive(Clone, Debug, Default)]
pub(super) struct Interrupt {
    asked: Arc<AtomicBool>,
}

impl Interrupt {
    /// Listens from now on, on a thread of its own.
    pub(super) fn listen() -> Interrupt {
        let interrupt = Interrupt::default();
        let asked = interrupt.asked.clone();
        std::thread::spawn(move || {
            while wait().is_ok() {
                if asked.swap(true, Ordering::SeqCst) {
                    // A series is whole at every moment, so leaving at once loses nothing that is committed.
                    std::process::exit(130);
                }
            }
        });
        interrupt
    }

    /// Whether the user has asked to stop.
    pub(super) fn is_asked(&self) -> bool {
        self.asked.load(Ordering::SeqCst)
    }

    /// For stages that look at it themselves.
    pub(super) fn flag(&self) -> &AtomicBool {
        &self.asked
    }
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
