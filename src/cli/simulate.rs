use super::context::{Context, wall_clock_ms};
use super::exit::{Exit, Failure};
use super::{interrupt, output, simulate_cache};
use crate::feed::simulator::{Faults, Now, Simulator, SimulatorOptions};

/// Serves a simulated feed on this machine until Ctrl-C (exit code 0), or fills a cache with it.
///
/// It speaks the feed's language: the same addresses below the base address it prints, any symbol, any day, and a
/// running day that grows with the clock (frozen by --now). The same seed gives the same bytes, on every machine.
#[derive(clap::Args, Debug)]
#[command(after_help = "Example:\n  \
    engine simulate --port 4711 --seed 7 --faults 429=0.05,cut=0.05\n  \
    engine run --feed http://127.0.0.1:4711/v1\n  \
    engine simulate cache --from 2024-01-01 --to 2024-12-31")]
pub(super) struct Args {
    #[command(subcommand)]
    what: Option<What>,
    /// Port of 127.0.0.1; 0 takes any free one
    #[arg(long, value_name = "P", default_value_t = 0)]
    port: u16,
    #[command(flatten)]
    market: MarketArgs,
}

#[derive(clap::Subcommand, Debug)]
enum What {
    Cache(simulate_cache::Args),
}

#[derive(clap::Args, Clone, Debug)]
pub(super) struct MarketArgs {
    /// Decides every price of the simulated feed [default: 0]
    #[arg(long, value_name = "N")]
    seed: Option<u64>,
    /// What goes wrong in the simulated feed, and how often: 400 429 503 timeout cut empty malformed unequal wrongday
    /// ohlc backfill, or all, each with =RATE (5 % without), with commas between them
    #[arg(long, value_name = "LIST")]
    faults: Option<Faults>,
}

impl MarketArgs {
    /// Whether anything was said about the market.
    pub(super) fn is_given(&self) -> bool {
        self.seed.is_some() || self.faults.is_some()
    }

    /// Starts the feed these options describe.
    pub(super) fn start(&self, context: &Context, port: u16) -> Result<Simulator, Failure> {
        let now = match context.global.now {
            Some(now_ms) => Now::Frozen(now_ms),
            None => Now::Function(std::sync::Arc::new(wall_clock_ms)),
        };
        let faults = self.faults.clone().unwrap_or_default();
        Ok(Simulator::start(SimulatorOptions { seed: self.seed.unwrap_or(0), port, now, faults })?)
    }
}

pub(super) fn run(context: &Context, args: Args) -> Result<Exit, Failure> {
    if let Some(What::Cache(cache)) = args.what {
        return match args.port == 0 && !args.market.is_given() {
            true => simulate_cache::run(context, cache),
            false => {
                Err(Failure::usage("--port, --seed and --faults before `cache` shape a feed that is served")
                    .hint("write the seed behind it: engine simulate cache --seed 7"))
            }
        };
    }
    let simulator = args.market.start(context, args.port)?;
    if context.global.json {
        output::print_json(
            &serde_json::json!({ "base_url": simulator.base_url(), "port": simulator.port() }),
        )?;
    } else {
        output::print(&simulator.base_url())?;
    }
    context.say("serving until Ctrl-C");
    interrupt::wait()?;
    context.say(format!("{} requests answered", output::grouped(simulator.total_requests())));
    Ok(Exit::Done)
}
