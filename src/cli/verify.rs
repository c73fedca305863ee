use std::path::Path;
use std::time::Instant;

use serde_json::{Value, json};

use super::context::{Context, Place};
use super::exit::{Exit, Failure};
use super::output::{self, grouped};
use super::progress::StageBar;
use super::work::lock;
use crate::audit::verify::{Finding, Progress, Repair, Report, Stage, Verify, Weight};
use crate::ingest::IngestError;

/// Findings shown as a table; a script that wants them all asks for `--json`.
const LINES_MAX: usize = 500;

/// Proves that the store is whole, or says what is not.
///
/// Every record and commit record is held to its checksum, every coarser series is folded once more from its source
/// and compared byte for byte, every other file below the data folders is held to its seal. All symbols that lie in the
/// lake are looked at, listed or not. What an interrupted run has left is told and is no damage. Exit code 0: nothing is
/// damaged; 1: nothing is damaged as far as can be proven, and something could not be (another tool's records, another
/// configuration's series), or a repair had to leave something; 5: something is damaged.
#[derive(clap::Args, Debug)]
#[command(
    after_help = "Example:\n  engine verify\n  engine verify --deep --symbols EUR-USD,XAU-USD\n  engine verify --repair"
)]
pub(super) struct Args {
    /// Compares the 1m series with the payloads of the cache, too, and reads every one of them
    #[arg(long)]
    deep: bool,
    /// Puts right what is damaged, from what it was made of, and verifies again
    #[arg(long)]
    repair: bool,
    /// Only these symbols, with commas between them [default: all that lie in the lake]
    #[arg(long, value_name = "A,B", value_delimiter = ',')]
    symbols: Vec<crate::model::Symbol>,
    /// Waits for an engine that is writing to the same lake, instead of ending with exit code 3
    #[arg(long)]
    wait: bool,
}

pub(super) fn run(context: &Context, args: Args) -> Result<Exit, Failure> {
    let place = context.place()?;
    let _lock = lock(context, &place.lake, args.wait)?;
    let began = Instant::now();
    let bar = StageBar::new(context);
    let progress = |progress: Progress<'_>| match progress {
        Progress::Stage(Stage::Verify, symbols) => bar.begin("verify", symbols),
        Progress::Stage(Stage::Repair, symbols) => bar.begin("repair", symbols),
        Progress::Symbol(symbol) => bar.step(symbol.as_str()),
    };
    let verify = Verify {
        lake: &place.lake,
        settings: &place.loaded.settings,
        symbols: &args.symbols,
        deep: args.deep,
        progress: &progress,
    };
    let before = verify.check()?;
    bar.end(&stage_line(&before, began));
    let wanted = args.repair && before.findings.iter().any(is_repaired);
    let (repairs, after) = if wanted {
        let repairs = verify.repair(&before)?;
        bar.end(&format!("repair: {} repairs", repairs.len()));
        let after = verify.check()?;
        bar.end(&stage_line(&after, began));
        (repairs, Some(after))
    } else {
        (Vec::new(), None)
    };
    show(context, &place, &before, &repairs, after.as_ref())?;
    exit(args.repair, after.as_ref().unwrap_or(&before), &repairs)
}

fn is_repaired(finding: &Finding) -> bool {
    use crate::audit::verify::Wrong;
    finding.is_damage()
        || matches!(finding.wrong, Wrong::Garbage(_) | Wrong::LeftOver | Wrong::Unsealed | Wrong::Foreign)
}

fn exit(repairing: bool, report: &Report, repairs: &[Repair]) -> Result<Exit, Failure> {
    let damaged = report.of_weight(Weight::Damage).count();
    if damaged > 0 {
        let failure = Failure::store(format!("the store needs care: {}", things(damaged, "damaged")));
        return Err(if repairing {
            failure.hint("what could not be repaired is named above, with what to do about it")
        } else {
            failure.hint("`engine verify --repair` puts it right from what it was made of")
        });
    }
    let left = report.of_weight(Weight::Unproven).next().is_some();
    let unhealed = repairs.iter().any(|repair| !repair.how.is_healed());
    Ok(if left || unhealed { Exit::LeftOut } else { Exit::Done })
}

fn things(count: usize, state: &str) -> String {
    format!("{} {} {state}", grouped(count as u64), if count == 1 { "thing is" } else { "things are" })
}

fn stage_line(report: &Report, began: Instant) -> String {
    let tally = report.tally;
    format!(
        "verify: {} series, {} records, {} folded again, {} other files, {} payloads; {} damaged, {} unproven, {} remarks ({:.1} s)",
        grouped(tally.series),
        grouped(tally.records),
        grouped(tally.refolded),
        grouped(tally.files),
        grouped(tally.payloads),
        grouped(report.of_weight(Weight::Damage).count() as u64),
        grouped(report.of_weight(Weight::Unproven).count() as u64),
        grouped(report.of_weight(Weight::Remark).count() as u64),
        began.elapsed().as_secs_f64(),
    )
}

fn show(
    context: &Context,
    place: &Place,
    before: &Report,
    repairs: &[Repair],
    after: Option<&Report>,
) -> Result<(), Failure> {
    if context.global.json {
        let last = after.unwrap_or(before);
        return output::print_json(&json!({
            "whole": last.is_whole(),
            "findings": before.findings.iter().map(finding_json).collect::<Vec<_>>(),
            "repairs": repairs.iter().map(repair_json).collect::<Vec<_>>(),
            "after_repair": after.map(|after| after.findings.iter().map(finding_json).collect::<Vec<_>>()),
            "looked_at": {
                "series": last.tally.series, "records": last.tally.records, "refolded": last.tally.refolded,
                "files": last.tally.files, "payloads": last.tally.payloads,
            },
        }));
    }
    if context.global.quiet {
        return Ok(());
    }
    let root = place.loaded.settings.paths.aggregate.clone();
    let mut text = findings_table(before, &root);
    if !repairs.is_empty() {
        text += "\nrepaired:\n";
        repairs
            .iter()
            .for_each(|repair| text += &format!("  {}: {}\n", short(&repair.path, &root), repair.how));
    }
    match after {
        Some(after) if after.findings.is_empty() => text += "\nverified again: the store is whole\n",
        Some(after) => text += &format!("\nverified again:\n{}", findings_table(after, &root)),
        None => {}
    }
    output::print(&text)
}

fn findings_table(report: &Report, root: &Path) -> String {
    if report.findings.is_empty() {
        return "the store is whole\n".to_owned();
    }
    let mut findings: Vec<&Finding> = report.findings.iter().collect();
    findings.sort_by_key(|finding| std::cmp::Reverse(finding.weight()));
    let mut text = String::new();
    for finding in findings.iter().take(LINES_MAX) {
        text += &format!("{}: {}\n", finding.weight().word(), line(finding, root));
    }
    if findings.len() > LINES_MAX {
        text += &format!("and {} more: --json has them all\n", grouped((findings.len() - LINES_MAX) as u64));
    }
    text
}

/// `EUR-USD 5m, data/resample/5m/EUR-USD.bin, record 12 (2024-01-02 03:05 server time): what`.
fn line(finding: &Finding, root: &Path) -> String {
    let whose = [
        finding.symbol.as_ref().map(ToString::to_string),
        finding.timeframe.as_ref().map(ToString::to_string),
        finding.day.map(|day| day.to_string()),
    ];
    let whose = whose.into_iter().flatten().collect::<Vec<_>>().join(" ");
    let mut parts: Vec<String> = [whose].into_iter().filter(|whose| !whose.is_empty()).collect();
    parts.push(short(&finding.path, root));
    if let Some(place) = finding.records {
        let last = place.first + place.count.max(1) - 1;
        let which = if place.count > 1 {
            format!("records {} to {last}", place.first)
        } else {
            format!("record {last}")
        };
        let time = place.server_ms.map(|ms| format!(" ({} server time)", output::second(ms)));
        parts.push(which + &time.unwrap_or_default());
    }
    format!("{}: {}", parts.join(", "), finding.wrong)
}

/// A path from the folder that all of the lake's default folders share.
fn short(path: &Path, aggregate: &Path) -> String {
    let root = aggregate.ancestors().nth(3).unwrap_or(aggregate);
    path.strip_prefix(root).unwrap_or(path).display().to_string()
}

fn finding_json(finding: &Finding) -> Value {
    json!({
        "weight": finding.weight().word(),
        "wrong": finding.wrong.word(),
        "text": finding.wrong.to_string(),
        "symbol": finding.symbol.as_ref().map(|symbol| symbol.as_str()),
        "timeframe": finding.timeframe.as_ref().map(|timeframe| timeframe.as_str()),
        "day": finding.day.map(|day| day.to_string()),
        "file": finding.path.display().to_string(),
        "record": finding.records.map(|place| place.first),
        "records": finding.records.map(|place| place.count),
        "server_time": finding.records.and_then(|place| place.server_ms).map(output::second),
    })
}

fn repair_json(repair: &Repair) -> Value {
    json!({
        "healed": repair.how.is_healed(),
        "text": repair.how.to_string(),
        "symbol": repair.symbol.as_ref().map(|symbol| symbol.as_str()),
        "timeframe": repair.timeframe.as_ref().map(|timeframe| timeframe.as_str()),
        "day": repair.day.map(|day| day.to_string()),
        "file": repair.path.display().to_string(),
    })
}

impl From<IngestError> for Failure {
    fn from(error: IngestError) -> Failure {
        match &error {
            IngestError::Store(error) => error.into(),
            IngestError::Order(_) => Failure::usage(error.to_string()),
            _ => Failure::store(error.to_string()),
        }
    }
}
