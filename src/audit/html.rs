//! The report: one file with tables and pictures that needs no network, no other file and no server.

use std::io::{self, Write};

use serde_json::json;

use super::clusters::Cluster;
use super::counts::{Counts, Period, percent_text};
use super::coverage::{Audit, Order, SymbolAudit};
use super::findings::{Damage, DayState, Gap, Spike};
use super::page;
use super::picture::{COLOURS, Overview, packed};

/// Rows of a list; a page with more is of no use to people, and `--json` has all.
const ROWS_MAX: usize = 500;

/// What stands above it all.
#[derive(Clone, Copy, Debug)]
pub struct Title<'a> {
    /// When the report was made, UTC milliseconds.
    pub made_ms: i64,
    /// What was asked.
    pub order: &'a Order,
}

/// Writes the page. Names, reasons and everything else that came from outside is written as text, never as markup, and the
/// page itself forbids the browser to fetch anything.
pub fn write(audit: &Audit, title: &Title<'_>, out: &mut dyn Write) -> io::Result<()> {
    let total = audit.total();
    head(out, title)?;
    tiles(out, &total)?;
    pictures(out)?;
    numbers(out, audit, &total)?;
    clusters(out, audit)?;
    damages(out, audit)?;
    gaps(out, audit)?;
    spikes(out, audit)?;
    out.write_all(b"</main>\n")?;
    scripts(out, audit)?;
    out.write_all(b"</body>\n</html>\n")
}

/// Text as it has to stand in markup.
pub fn escaped(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '&' => safe.push_str("&amp;"),
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '"' => safe.push_str("&quot;"),
            '\'' => safe.push_str("&#39;"),
            _ => safe.push(letter),
        }
    }
    safe
}

fn head(out: &mut dyn Write, title: &Title<'_>) -> io::Result<()> {
    let Order { symbols, from, to, gap_minutes, deep, .. } = title.order;
    let from = from.map_or_else(|| "the first day held".to_owned(), |from| from.to_string());
    let depth = if *deep { ", every payload read again" } else { "" };
    let sub = format!(
        "{} symbols, {from} to {to} (UTC), gaps above {gap_minutes} minutes{depth}; made {} UTC by engine {}",
        symbols.len(),
        minute(title.made_ms),
        env!("CARGO_PKG_VERSION"),
    );
    writeln!(
        out,
        "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; script-src 'unsafe-inline'; \
         style-src 'unsafe-inline'; img-src data: blob:\">\n\
         <title>engine audit to {to}</title>\n<style>\n{}</style>\n</head>\n<body>\n<main>\n\
         <h1>What the lake holds, and what it lacks</h1>\n<p class=\"sub\">{}</p>",
        include_str!("html.css"),
        escaped(&sub),
    )
}

fn tiles(out: &mut dyn Write, total: &Counts) -> io::Result<()> {
    let tiles = [
        ("day-files clean", format!("{} %", percent_text(total.success_percent())), total.damaged_files > 0),
        ("trading days there", format!("{} %", percent_text(total.coverage_percent())), false),
        ("day-files", grouped(total.files), false),
        ("1m bars", grouped(total.bars), false),
        ("missing days", grouped(total.missing), total.missing > 0),
        ("suspicious days", grouped(total.suspicious), total.suspicious > 0),
        ("days without payload", grouped(total.unbacked), total.unbacked > 0),
        ("damaged days", grouped(total.damaged), total.damaged > 0),
        ("gaps", grouped(total.gaps), false),
        ("spikes", grouped(total.spikes), false),
    ];
    out.write_all(b"<div class=\"tiles\">\n")?;
    for (name, number, bad) in tiles {
        let class = if bad { "tile bad" } else { "tile" };
        writeln!(out, "<div class=\"{class}\"><b>{number}</b><span>{name}</span></div>")?;
    }
    out.write_all(b"</div>\n")
}

fn pictures(out: &mut dyn Write) -> io::Result<()> {
    out.write_all(
        b"<h2>Symbols by month</h2>\n<p class=\"sub\">Share of expected days on which nothing is missing, suspicious or \
          damaged. Click a row for its calendar.</p>\n<div id=\"overview\"></div>\n<h2>Calendar</h2>\n\
          <p class=\"controls\"><label>Symbol <select id=\"symbol\"></select></label> <label>Rows \
          <select id=\"rows\"><option value=\"year\">years</option><option value=\"month\">months</option></select>\
          </label></p>\n<p class=\"legend\">\n",
    )?;
    for (state, colour) in DayState::ALL.iter().zip(COLOURS) {
        writeln!(out, "<span><i style=\"background:{colour}\"></i>{}</span>", escaped(state.words()))?;
    }
    out.write_all(
        b"</p>\n<div id=\"calendar\"></div>\n<noscript><p>The pictures need JavaScript.</p></noscript>\n",
    )
}

/// One column of numbers: its head, what stands in it, and whether it stands there when all is 0.
type Column = (&'static str, fn(&Counts) -> u64, bool);

const COLUMNS: [Column; 16] = [
    ("expected", |counts| counts.expected, true),
    ("present", |counts| counts.present, true),
    ("missing", |counts| counts.missing, true),
    ("suspicious", |counts| counts.suspicious, true),
    ("damaged", |counts| counts.damaged, true),
    ("refused", Counts::damaged_payloads, true),
    ("bad bars", Counts::quarantined_bars, true),
    ("strange bars", Counts::suspect_bars, true),
    ("released", |counts| counts.released, false),
    ("unfinished", |counts| counts.unfinished, false),
    ("unbacked", |counts| counts.unbacked, false),
    ("empty", |counts| counts.empty, true),
    ("thin", |counts| counts.thin, false),
    ("gaps", |counts| counts.gaps, true),
    ("spikes", |counts| counts.spikes, true),
    ("bars", |counts| counts.bars, true),
];

/// Numbers of symbols or periods: the words on the left, then the columns in which anything is to be seen.
fn number_table(
    out: &mut dyn Write,
    heads: &[&str],
    rows: &[(Vec<String>, Counts)],
    total: &Counts,
) -> io::Result<()> {
    let columns: Vec<&Column> = COLUMNS.iter().filter(|(_, of, always)| *always || of(total) > 0).collect();
    let row = |(words, counts): &(Vec<String>, Counts)| {
        let mut row = words.clone();
        row.extend([counts.success_percent(), counts.coverage_percent()].map(percent_text));
        row.extend(columns.iter().map(|(_, of, _)| grouped(of(counts))));
        row
    };
    let mut all = heads.to_vec();
    all.extend(["success %", "coverage %"]);
    all.extend(columns.iter().map(|(head, _, _)| *head));
    table(out, &all, heads.len(), &rows.iter().map(row).collect::<Vec<_>>())
}

fn numbers(out: &mut dyn Write, audit: &Audit, total: &Counts) -> io::Result<()> {
    out.write_all(b"<h2>Numbers</h2>\n")?;
    let of_symbol = |symbol: &SymbolAudit| (vec![named(symbol)], Counts::of(symbol));
    let mut rows: Vec<_> = audit.symbols.iter().map(of_symbol).collect();
    rows.push((vec![format!("total of {}", audit.symbols.len())], total.clone()));
    number_table(out, &["symbol"], &rows, total)?;
    if audit.symbols.iter().any(|symbol| !symbol.schedule_known) {
        out.write_all(
            b"<p class=\"sub\">* no schedule is known: Monday to Friday are taken as trading days.</p>\n",
        )?;
    }
    let of_year = |symbol: &SymbolAudit| {
        let years = Counts::by_period(symbol, Period::Year).into_iter();
        let name = named(symbol);
        years.map(move |(begins, counts)| (vec![name.clone(), Period::Year.of(begins)], counts))
    };
    let rows: Vec<_> = audit.symbols.iter().flat_map(of_year).collect();
    out.write_all(b"<details><summary>by year</summary>\n")?;
    number_table(out, &["symbol", "year"], &rows, total)?;
    out.write_all(b"</details>\n")
}

fn named(symbol: &SymbolAudit) -> String {
    format!("{}{}", symbol.symbol, if symbol.schedule_known { "" } else { " *" })
}

fn clusters(out: &mut dyn Write, audit: &Audit) -> io::Result<()> {
    let row = |cluster: &&Cluster| {
        let names: Vec<&str> = cluster.symbols.iter().map(|symbol| symbol.as_str()).collect();
        let what = cluster.troubles.iter().map(|(trouble, days)| format!("{days} {}", trouble.words()));
        vec![
            names.join(", "),
            what.collect::<Vec<_>>().join(", "),
            cluster.from.to_string(),
            cluster.to.to_string(),
            grouped(cluster.days),
            grouped(cluster.bars),
        ]
    };
    let rows: Vec<Vec<String>> = audit.clusters_by_size().iter().map(row).collect();
    list(out, "Clusters", &["symbols", "what (days)", "from", "to", "days", "bars"], 2, &rows)
}

fn damages(out: &mut dyn Write, audit: &Audit) -> io::Result<()> {
    let of = |symbol: &SymbolAudit, damage: &Damage| {
        let mut what = damage.kind.words().to_owned();
        if damage.released {
            what.push_str(" (released)");
        }
        vec![
            symbol.symbol.to_string(),
            damage.day.to_string(),
            what,
            damage.reason.clone().unwrap_or_default(),
            damage.first_ms.map_or_else(String::new, minute),
            grouped(u64::from(damage.bars)),
        ]
    };
    let rows: Vec<Vec<String>> = audit
        .symbols
        .iter()
        .flat_map(|symbol| symbol.damages.iter().map(move |damage| of(symbol, damage)))
        .collect();
    list(out, "Damage", &["symbol", "day", "rule", "reason", "first (UTC)", "bars"], 5, &rows)
}

fn gaps(out: &mut dyn Write, audit: &Audit) -> io::Result<()> {
    let row = |(symbol, gap): &(&SymbolAudit, &Gap)| {
        let minutes = grouped(gap.minutes() as u64);
        vec![symbol.symbol.to_string(), minute(gap.from_ms), minute(gap.until_ms), minutes]
    };
    let rows: Vec<Vec<String>> = audit.gaps_by_length().iter().map(row).collect();
    list(out, "Gaps, longest first", &["symbol", "from (UTC)", "until", "minutes"], 3, &rows)
}

fn spikes(out: &mut dyn Write, audit: &Audit) -> io::Result<()> {
    let row = |(symbol, spike): &(&SymbolAudit, &Spike)| {
        let deviations =
            spike.deviations.map_or_else(|| "-".to_owned(), |deviations| format!("{deviations:.0}"));
        vec![
            symbol.symbol.to_string(),
            minute(spike.time_ms),
            format!("{:.2} %", spike.excursion * 100.0),
            deviations,
        ]
    };
    let rows: Vec<Vec<String>> = audit.spikes_by_reach().iter().map(row).collect();
    list(out, "Spikes, farthest first", &["symbol", "time (UTC)", "excursion", "deviations"], 2, &rows)
}

fn list(
    out: &mut dyn Write,
    name: &str,
    heads: &[&str],
    left: usize,
    rows: &[Vec<String>],
) -> io::Result<()> {
    writeln!(out, "<h2>{name}</h2>")?;
    if rows.is_empty() {
        return writeln!(out, "<p class=\"sub\">none</p>");
    }
    table(out, heads, left, &rows[..rows.len().min(ROWS_MAX)])?;
    if rows.len() > ROWS_MAX {
        let more = grouped((rows.len() - ROWS_MAX) as u64);
        writeln!(out, "<p class=\"sub\">and {more} more: engine audit --json has them all</p>")?;
    }
    Ok(())
}

/// A table whose first `left` columns are words and whose others are numbers.
fn table(out: &mut dyn Write, heads: &[&str], left: usize, rows: &[Vec<String>]) -> io::Result<()> {
    let row = |tag: &str, cells: &mut dyn Iterator<Item = &str>| {
        let mut text = String::from("<tr>");
        for (place, cell) in cells.enumerate() {
            let class = match (place < left, cell == "0") {
                (true, _) => " class=\"l\"",
                (false, true) => " class=\"z\"",
                (false, false) => "",
            };
            text.push_str(&format!("<{tag}{class}>{}</{tag}>", escaped(cell)));
        }
        text + "</tr>\n"
    };
    out.write_all(b"<div class=\"wide\"><table>\n<thead>")?;
    out.write_all(row("th", &mut heads.iter().copied()).as_bytes())?;
    out.write_all(b"</thead>\n<tbody>\n")?;
    for cells in rows {
        out.write_all(row("td", &mut cells.iter().map(String::as_str)).as_bytes())?;
    }
    out.write_all(b"</tbody>\n</table></div>\n")
}

fn scripts(out: &mut dyn Write, audit: &Audit) -> io::Result<()> {
    let data = json!({
        "overview": Overview::of(audit).as_ref().map(page::overview),
        "calendar": page::calendar(),
        "states": DayState::ALL.map(DayState::words),
        "symbols": audit.symbols.iter().map(packed).collect::<Vec<_>>(),
    });
    // Inside a script nothing but its end is markup.
    let data = data.to_string().replace('<', "\\u003c");
    out.write_all(page::library().as_bytes())?;
    writeln!(out, "<script>\n\"use strict\";\nconst AUDIT = {data};\n{}</script>", include_str!("html.js"))
}

fn minute(time_ms: i64) -> String {
    let time = chrono::DateTime::from_timestamp_millis(time_ms);
    time.map_or_else(|| "-".to_owned(), |time| time.format("%Y-%m-%d %H:%M").to_string())
}

/// A number with its thousands apart.
fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::with_capacity(digits.len() * 4 / 3);
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}
