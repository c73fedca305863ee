//! A whole history of payloads at once, on all cores, for whoever wants to put them somewhere.

use rayon::prelude::*;

use super::damage::{Damage, DamagePlan};
use super::market::Market;
use crate::model::{Day, Symbol};

/// Which payloads to make.
#[derive(Clone, Copy)]
pub struct Filling<'a> {
    /// Whose prices.
    pub market: &'a Market,
    /// For these symbols.
    pub symbols: &'a [Symbol],
    /// Of these days, in increasing order.
    pub days: &'a [Day],
    /// Which of them are damaged.
    pub plan: &'a DamagePlan,
    /// Decides which candles are struck.
    pub seed: u64,
    /// Threads; 0 for all cores.
    pub threads: usize,
}

impl Filling<'_> {
    /// Hands over the payload of every symbol and day, from many threads at once; the first error ends it. Returns
    /// the damage done, by symbol and day.
    ///
    /// One thread stays within one month of one symbol, and different threads begin far apart, so that they seldom
    /// work in the same folder: a file system does one thing at a time in each.
    pub fn hand_over<E: Send>(
        &self,
        take: impl Fn(&Symbol, Day, &[u8]) -> Result<(), E> + Sync,
    ) -> Result<Vec<Damage>, E> {
        let month = |day: &Day| day.yyyymmdd() / 100;
        let months = self.days.chunk_by(|a, b| month(a) == month(b));
        let tasks: Vec<_> =
            months.flat_map(|days| self.symbols.iter().map(move |symbol| (symbol, days))).collect();
        let work = || -> Result<Vec<Vec<Damage>>, E> {
            tasks.par_iter().map(|(symbol, days)| self.month(symbol, days, &take)).collect()
        };
        let done = match rayon::ThreadPoolBuilder::new().num_threads(self.threads).build() {
            Ok(pool) => pool.install(work),
            // A system without a thread to spare still gets its work done.
            Err(_) => work(),
        };
        let mut damage: Vec<Damage> = done?.into_iter().flatten().collect();
        damage.sort_by(|a, b| (&a.symbol, a.day).cmp(&(&b.symbol, b.day)));
        Ok(damage)
    }

    fn month<E>(
        &self,
        symbol: &Symbol,
        days: &[Day],
        take: &impl Fn(&Symbol, Day, &[u8]) -> Result<(), E>,
    ) -> Result<Vec<Damage>, E> {
        let mut damage = Vec::new();
        for &day in days {
            match self.plan.kind_of(symbol, day) {
                None => {
                    take(symbol, day, self.market.day(symbol, day).payload(day.start_ms()).as_bytes())?;
                }
                Some(kind) => {
                    let (bytes, minutes_ms) = self.market.damaged(symbol, day, kind, self.seed);
                    take(symbol, day, &bytes)?;
                    damage.push(Damage { symbol: symbol.clone(), day, kind, minutes_ms });
                }
            }
        }
        Ok(damage)
    }
}
