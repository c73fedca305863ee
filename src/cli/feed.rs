//! Which feed is asked: the configured one, another address, or a simulated one inside this process.

use std::str::FromStr;

use super::context::Context;
use super::exit::Failure;
use super::simulate::MarketArgs;
use crate::feed::simulator::Simulator;
use crate::model::settings::DownloadSettings;

#[derive(clap::Args, Clone, Debug)]
pub(super) struct FeedArgs {
    /// Base address of the feed, or 'simulated' for one inside this process [default: download.base_url]
    #[arg(long, value_name = "URL|simulated")]
    feed: Option<FeedWord>,
    #[command(flatten)]
    market: MarketArgs,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum FeedWord {
    Simulated,
    Url(String),
}

/// A word that is neither.
#[derive(Debug, thiserror::Error)]
#[error(
    "write 'simulated' or an address that begins with http:// or https:// (for example http://127.0.0.1:4711/v1)"
)]
struct NotAFeed;

/// Connections to a feed that costs nobody anything.
const SIMULATED_CONCURRENCY: usize = 16;
/// Seconds before the second attempt; the simulated feed is no stranger who wants to be left alone.
const SIMULATED_BACKOFF_S: f64 = 0.02;

impl FromStr for FeedWord {
    type Err = NotAFeed;

    fn from_str(text: &str) -> Result<FeedWord, NotAFeed> {
        let address = text.trim().trim_end_matches('/');
        match address {
            "simulated" => Ok(FeedWord::Simulated),
            _ if address.starts_with("http://") || address.starts_with("https://") => {
                Ok(FeedWord::Url(address.to_owned()))
            }
            _ => Err(NotAFeed),
        }
    }
}

impl FeedArgs {
    /// Points the settings at the feed asked for. A simulated one serves as long as what is returned lives.
    pub(super) fn choose(
        &self,
        context: &Context,
        settings: &mut DownloadSettings,
    ) -> Result<Option<Simulator>, Failure> {
        if self.market.is_given() && self.feed != Some(FeedWord::Simulated) {
            return Err(Failure::usage("--seed and --faults shape the simulated feed only")
                .hint("add --feed simulated, or give them to `engine simulate`"));
        }
        match &self.feed {
            None => Ok(None),
            Some(FeedWord::Url(url)) => {
                settings.base_url.clone_from(url);
                Ok(None)
            }
            Some(FeedWord::Simulated) => {
                let simulator = self.market.start(context, 0)?;
                settings.base_url = simulator.base_url();
                settings.rate_limit_rps = None;
                settings.concurrency = settings.concurrency.max(SIMULATED_CONCURRENCY);
                settings.backoff_factor = settings.backoff_factor.min(SIMULATED_BACKOFF_S);
                Ok(Some(simulator))
            }
        }
    }
}
