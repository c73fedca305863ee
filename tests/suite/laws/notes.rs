//! Notes of days that must be compared again: who is told of them, and how long they last.

use std::time::Duration;

use engine::download::Downloaded;
use engine::feed::FeedClient;
use engine::feed::simulator::{Now, Simulator, SimulatorOptions};
use engine::ingest::{Ingest, Rebuild, Request, Stages};
use engine::model::settings::{DownloadSettings, Settings, TransformSymbol};
use engine::model::{Day, Symbol};

use super::day;
use crate::textbook::world::{World, assert_sound};

/// A Wednesday.
const TODAY: &str = "2024-03-20";

/// A symbol and another name for it, in one lake: the same payloads, no steps of its own, so the same bars.
struct Pair {
    euro: World,
    alias: World,
}

impl Pair {
    fn new() -> Pair {
        let euro = World::new(|settings| {
            let source = Some("EUR-USD".parse().expect("a symbol"));
            let own = TransformSymbol { source, ..TransformSymbol::default() };
            settings.transform.symbols.insert("EURO".parse().expect("a symbol"), own);
        });
        let mut alias = euro.on(euro.lake.disk().clone());
        alias.symbol = "EURO".parse().expect("a symbol");
        Pair { euro, alias }
    }

    /// The download of a run, in which every answer may go wrong.
    fn download(&self, request: &Request, faults: &str) -> Downloaded {
        let faults = faults.parse().expect("an order of faults");
        let feed = SimulatorOptions { seed: 0, port: 0, now: Now::Frozen(now_ms()), faults };
        let feed = Simulator::start(feed).expect("a port");
        let settings = asking(&self.euro.settings, feed.base_url());
        let client = FeedClient::new(&settings.download).expect("an address");
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
        let ingest = Ingest { lake: &self.euro.lake, settings: &settings, clock: &now_ms, progress: &|_| {} };
        runtime.block_on(ingest.download(request, &client))
    }

    fn process(&self, request: &Request, downloaded: Downloaded) {
        let settings = &self.euro.settings;
        let ingest = Ingest { lake: &self.euro.lake, settings, clock: &now_ms, progress: &|_| {} };
        assert_sound(&ingest.process(request, Some(downloaded)));
    }

    /// A run in which nothing goes wrong.
    fn run(&self, symbols: &[&World], from: Option<&str>) {
        let request = request(symbols, from);
        let downloaded = self.download(&request, "");
        assert!(downloaded.is_complete());
        self.process(&request, downloaded);
    }

    fn assert_notes(&self, euro: Option<Day>, alias: Option<Day>, when: &str) {
        let notes = [&self.euro, &self.alias].map(|world| world.commit(&world.minute_key()).reconcile_from);
        assert_eq!(notes, [euro, alias], "{when}");
    }
}

fn now_ms() -> i64 {
    day(TODAY).start_ms() + 12 * 3_600_000
}

fn asking(settings: &Settings, base_url: String) -> Settings {
    let download = DownloadSettings {
        base_url,
        max_retries: 2,
        backoff_factor: 1e-4,
        timeout: Duration::from_secs(30),
        concurrency: 4,
        ..settings.download.clone()
    };
    Settings { download, ..settings.clone() }
}

fn request(worlds: &[&World], from: Option<&str>) -> Request {
    let symbols: Vec<Symbol> = worlds.iter().map(|world| world.symbol.clone()).collect();
    let stages = Stages { download: true, aggregate: true, resample: true };
    Request { symbols, from: from.map(day), stages, ..worlds[0].request(day(TODAY)) }
}

#[test]
fn aliases_outside_a_run_are_told_of_older_days() {
    let pair = Pair::new();
    let Pair { euro, alias } = &pair;
    pair.run(&[euro, alias], Some("2024-03-12"));
    pair.assert_notes(None, None, "nothing was older");
    let held = alias.files();
    assert_eq!(held, euro.files());

    let older = request(&[euro], Some("2024-03-05"));
    let downloaded = pair.download(&older, "");
    let told = Some(day("2024-03-05"));
    pair.assert_notes(told, told, "the payloads are there");
    pair.process(&older, downloaded);
    pair.assert_notes(None, told, "the run was not about the alias");
    assert_eq!(alias.files(), held);
    assert_ne!(euro.files(), held);

    // The usual window begins on 2024-03-13; the note takes the run further back.
    pair.run(&[alias], None);
    pair.assert_notes(None, None, "both have seen every payload");
    assert_eq!(alias.files(), euro.files());
}

#[test]
fn days_that_did_not_come_stay_noted_through_every_rebuild() {
    let pair = Pair::new();
    let Pair { euro, alias } = &pair;
    pair.run(&[euro, alias], Some("2024-03-12"));
    let held = euro.files();

    let older = request(&[euro], Some("2024-03-05"));
    let downloaded = pair.download(&older, "503=1");
    assert_eq!(downloaded.symbols[0].failed.len(), 8, "seven finished days and the running one");
    let missing = Some(day("2024-03-05"));
    pair.assert_notes(missing, missing, "the download has failed");
    pair.process(&older, downloaded);
    pair.assert_notes(missing, missing, "the run is over");
    for what in [Rebuild::Aggregate, Rebuild::Full, Rebuild::Resample] {
        euro.rebuild(what);
        alias.rebuild(what);
        pair.assert_notes(missing, missing, &format!("{what:?}"));
        assert_eq!([euro.files(), alias.files()], [held.clone(), held.clone()], "{what:?}");
    }

    // However long ago that was by now: the next run asks for them without being told to.
    pair.run(&[euro], None);
    pair.assert_notes(None, missing, "they came");
    assert_ne!(euro.files(), held);
    // Now that the payloads are there a rebuild sees them all.
    alias.rebuild(Rebuild::Full);
    pair.assert_notes(None, None, "the rebuild has compared them");
    assert_eq!(alias.files(), euro.files());
}
