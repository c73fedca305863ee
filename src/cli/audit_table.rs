//! An audit for people at a terminal.

use super::output::{self, grouped};
use crate::audit::clusters::Cluster;
use crate::audit::counts::{Counts, Period, percent_text};
use crate::audit::coverage::{Audit, SymbolAudit};

/// Rows of a list that are shown; `--json` has all.
const ROWS_MAX: usize = 20;
/// Symbols that are named in one row.
const NAMES_MAX: usize = 3;

/// One column of the table of numbers: its head, what stands in it, and whether it stands there when all is 0.
type Column = (&'static str, fn(&Counts) -> u64, bool);

const COLUMNS: [Column; 14] = [
    ("expected", |counts| counts.expected, true),
    ("present", |counts| counts.present, true),
    ("missing", |counts| counts.missing, true),
    ("suspicious", |counts| counts.suspicious, true),
    ("damaged", |counts| counts.damaged, true),
    ("refused", Counts::damaged_payloads, false),
    ("bad bars", Counts::quarantined_bars, false),
    ("strange", Counts::suspect_bars, false),
    ("released", |counts| counts.released, false),
    ("unfinished", |counts| counts.unfinished, false),
    ("unbacked", |counts| counts.unbacked, false),
    ("empty", |counts| counts.empty, false),
    ("gaps", |counts| counts.gaps, false),
    ("spikes", |counts| counts.spikes, false),
];

/// Everything: numbers, what was found, and one line that sums it up.
pub(super) fn text(audit: &Audit, by: Option<Period>, seconds: f64) -> String {
    let total = audit.total();
    let mut text = numbers(audit, by, &total);
    section(&mut text, "clusters", &clusters(audit));
    section(&mut text, "longest gaps", &gaps(audit));
    section(&mut text, "farthest spikes", &spikes(audit));
    remarks(&mut text, audit);
    text.push_str(&summary(audit, &total, seconds));
    text
}

/// Columns in which all is 0 are left out, so that the table fits a terminal.
fn numbers(audit: &Audit, by: Option<Period>, total: &Counts) -> String {
    let columns: Vec<&Column> = COLUMNS.iter().filter(|(_, of, always)| *always || of(total) > 0).collect();
    let row = |name: &str, period: Option<String>, counts: &Counts| {
        let mut row = vec![name.to_owned()];
        row.extend(period);
        row.extend(columns.iter().map(|(_, of, _)| grouped(of(counts))));
        row.push(percent_text(counts.success_percent()));
        row
    };
    let mut header = vec!["symbol"];
    header.extend(by.map(|by| if by == Period::Year { "year" } else { "month" }));
    header.extend(columns.iter().map(|(head, _, _)| *head));
    header.push("success %");
    let mut rows = Vec::new();
    for symbol in &audit.symbols {
        match by {
            None => rows.push(row(symbol.symbol.as_str(), None, &Counts::of(symbol))),
            Some(by) => {
                let periods = Counts::by_period(symbol, by);
                let of = |(begins, counts): &(_, Counts)| {
                    row(symbol.symbol.as_str(), Some(by.of(*begins)), counts)
                };
                rows.extend(periods.iter().map(of));
            }
        }
    }
    let all = by.map(|_| String::new());
    rows.push(row(&format!("total of {}", audit.symbols.len()), all, total));
    output::table(&header, rows)
}

/// So many columns of words, the header, the rows.
type Section = (usize, Vec<&'static str>, Vec<Vec<String>>);

fn section(text: &mut String, name: &str, (words, header, rows): &Section) {
    if rows.is_empty() {
        return;
    }
    text.push_str(&format!("\n{name}\n"));
    text.push_str(&output::table_of_words(*words, header, rows.iter().take(ROWS_MAX).cloned()));
    if rows.len() > ROWS_MAX {
        let more = grouped((rows.len() - ROWS_MAX) as u64);
        text.push_str(&format!("and {more} more: --json has them all, --html the first hundreds\n"));
    }
}

fn clusters(audit: &Audit) -> Section {
    let rows = audit.clusters_by_size().into_iter().map(|cluster| {
        vec![
            names(cluster),
            what(cluster),
            cluster.from.to_string(),
            cluster.to.to_string(),
            grouped(cluster.days),
            grouped(cluster.bars),
        ]
    });
    (4, vec!["symbol", "what", "from", "to", "days", "bars"], rows.collect())
}

/// The symbols of a cluster, as many as fit a row.
fn names(cluster: &Cluster) -> String {
    let names: Vec<&str> = cluster.symbols.iter().take(NAMES_MAX).map(|symbol| symbol.as_str()).collect();
    let more = cluster.symbols.len().saturating_sub(NAMES_MAX);
    let more = if more > 0 { format!(" and {more} more") } else { String::new() };
    names.join(", ") + &more
}

fn what(cluster: &Cluster) -> String {
    let one = cluster.troubles.len() == 1;
    let words = cluster.troubles.iter().map(|(trouble, days)| match one {
        true => trouble.words().to_owned(),
        false => format!("{} {}", days, trouble.words()),
    });
    words.collect::<Vec<_>>().join(", ")
}

fn gaps(audit: &Audit) -> Section {
    let rows = audit.gaps_by_length().into_iter().map(|(symbol, gap)| {
        vec![
            symbol.symbol.to_string(),
            output::minute(gap.from_ms),
            output::minute(gap.until_ms),
            grouped(gap.minutes() as u64),
        ]
    });
    (3, vec!["symbol", "from (UTC)", "until", "minutes"], rows.collect())
}

fn spikes(audit: &Audit) -> Section {
    let rows = audit.spikes_by_reach().into_iter().map(|(symbol, spike)| {
        vec![
            symbol.symbol.to_string(),
            output::minute(spike.time_ms),
            format!("{:.2}", spike.excursion * 100.0),
            spike.deviations.map_or_else(|| "-".to_owned(), |deviations| format!("{deviations:.0}")),
        ]
    });
    (2, vec!["symbol", "time (UTC)", "percent", "deviations"], rows.collect())
}

/// What has to be known to read the numbers.
fn remarks(text: &mut String, audit: &Audit) {
    let mut say = |of: &dyn Fn(&SymbolAudit) -> bool, what: &str| {
        let names: Vec<&str> =
            audit.symbols.iter().filter(|symbol| of(symbol)).map(|symbol| symbol.symbol.as_str()).collect();
        if !names.is_empty() {
            text.push_str(&format!("\n{what}: {}\n", names.join(", ")));
        }
    };
    say(&|symbol| symbol.days.is_empty(), "nothing is held (`engine run --from DAY` brings it)");
    say(
        &|symbol| !symbol.days.is_empty() && !symbol.schedule_known,
        "no schedule is known, so Monday to Friday are taken as trading days (`engine download` brings the schedule)",
    );
    say(
        &|symbol| symbol.series_error.is_some(),
        "the 1m series cannot be read, so the payloads were (`engine verify` says what is wrong)",
    );
}

fn summary(audit: &Audit, total: &Counts, seconds: f64) -> String {
    let speed = match audit.files_read() {
        0 => format!("looked through in {seconds:.1} s"),
        read => format!(
            "{} payloads read in {seconds:.1} s, {} a second",
            grouped(read),
            grouped((read as f64 / seconds.max(1e-3)) as u64)
        ),
    };
    format!(
        "\n{} of {} day-files are clean ({} %), {} of {} trading days are there ({} %); {speed}\n",
        grouped(total.files - total.damaged_files),
        grouped(total.files),
        percent_text(total.success_percent()),
        grouped(total.present),
        grouped(total.expected),
        percent_text(total.coverage_percent()),
    )
}
