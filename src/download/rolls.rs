//! The provider's list of rolls: one question for all symbols.

use std::time::Duration;

use super::retry;
use crate::feed::client::Clock;
use crate::feed::wire::Rolls;
use crate::feed::{FeedClient, FeedError};
use crate::model::settings::DownloadSettings;

/// What is told while the list is waited for: attempt, pause, reason.
pub type Waiting<'a> = &'a (dyn Fn(u32, Duration, &FeedError) + Sync);

/// Asks for the list until it is one, or the attempts are used up.
///
/// # Errors
/// That of the last attempt; [`FeedError::Refused`] when the provider answered and it was no list.
pub async fn rolls(
    client: &FeedClient,
    settings: &DownloadSettings,
    clock: Clock<'_>,
    waiting: Waiting<'_>,
) -> Result<Rolls, FeedError> {
    let asked = client.rolls_asked();
    for attempt in 1.. {
        let read = |reply: crate::feed::Reply| {
            let refuse = |reason: crate::feed::wire::NotRolls| FeedError::Refused {
                asked: asked.clone(),
                reason: reason.to_string(),
            };
            Rolls::parse(&reply.bytes).map_err(refuse)
        };
        let error = match client.rolls(clock).await.and_then(read) {
            Ok(rolls) => return Ok(rolls),
            Err(error) => error,
        };
        if attempt >= settings.max_retries.max(1) || !error.is_passing() {
            return Err(error);
        }
        let chance = retry::random(clock() as u64 ^ u64::from(attempt));
        let pause = retry::pause(attempt, settings.backoff_factor, error.retry_after(), chance);
        waiting(attempt, pause, &error);
        tokio::time::sleep(pause).await;
    }
    unreachable!("the last attempt returns")
}
