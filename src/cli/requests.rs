//! Requests for indicators out of arguments and files.

use std::io::Read;
use std::path::{Path, PathBuf};

use super::exit::Failure;
use crate::disk::Disk;

/// A file of requests may be long, but not as long as a series.
const BYTES_MAX: u64 = 16 << 20;

/// What the arguments say, then what the files say, with commas between them.
pub(super) fn all(typed: &[String], files: &[PathBuf], disk: &dyn Disk) -> Result<String, Failure> {
    let mut all = typed.to_vec();
    for file in files {
        let text = read(file, disk).map_err(|reason| {
            Failure::usage(format!("--indicators-from {}: {reason}", file.display())).hint(
                "write requests such as sma_20 into it, with commas or line breaks between them, comments after #",
            )
        })?;
        all.push(one_line(&text));
    }
    Ok(all.join(","))
}

/// Comments left out; a line break is a comma, but not within brackets.
fn one_line(text: &str) -> String {
    let (mut line, mut depth) = (String::new(), 0_i64);
    for part in text.lines().map(|line| line.split('#').next().unwrap_or_default().trim()) {
        line += part;
        depth += part.chars().map(|c| i64::from(c == '(') - i64::from(c == ')')).sum::<i64>();
        line.push(if depth > 0 { ' ' } else { ',' });
    }
    line
}

fn read(file: &Path, disk: &dyn Disk) -> Result<String, String> {
    let said = |error: std::io::Error| error.to_string();
    let too_long = || format!("it has more than {BYTES_MAX} bytes");
    let mut bytes = Vec::new();
    if file == Path::new("-") {
        std::io::stdin().lock().take(BYTES_MAX + 1).read_to_end(&mut bytes).map_err(said)?;
    } else {
        let length = disk.file_length(file).map_err(said)?.ok_or("there is no such file")?;
        if length > BYTES_MAX {
            return Err(too_long());
        }
        bytes = disk.read(file).map_err(said)?.unwrap_or_default();
    }
    if bytes.len() as u64 > BYTES_MAX {
        return Err(too_long());
    }
    String::from_utf8(bytes).map_err(|_| "it is no text".to_owned())
}
