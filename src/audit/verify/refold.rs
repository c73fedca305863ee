//! A coarser series folded once more from its source, and held beside what is committed.

use super::finding::Wrong;
use super::series::{Looked, source_name};
use crate::model::Bar;
use crate::model::bar::BAR_SIZE;
use crate::model::cascade::Step;
use crate::model::fold::{Fold, Recipe};
use crate::store::Lake;

/// Source rows folded in one go.
const PIECE: usize = 64 * 1024;

/// Bars of what comes next that are compared with what folding on would give.
const NEXT_MAX: usize = 256;

/// What a series would be if it were folded now.
#[derive(Debug)]
struct Refolded {
    /// Bars it would have.
    bars: usize,
    /// Its watermark.
    watermark_ms: i64,
    /// The first records of the series that are not what the source folds into.
    differs: Option<(usize, usize)>,
    /// The first bars beyond those committed.
    next: Vec<Bar>,
}

/// Compares a series with its source, and says what is wrong. Both are sound in themselves.
pub fn compare(lake: &Lake, looked: &mut Looked, step: &Step, source: &Looked) {
    let made = refold(looked, step, source);
    let commit = looked.commit();
    let held = looked.bars().len();
    let name = source_name(&looked.key);
    if let Some((first, count)) = made.differs {
        looked.say_at(lake, Wrong::NotItsSource(name), first, count);
    } else if held > made.bars {
        looked.say_at(lake, Wrong::NotItsSource(name), made.bars, held - made.bars);
    } else if let Some(claim) = impossible(looked, step, source, &made) {
        let path = lake.commit_path(&looked.key);
        looked.say(lake, Wrong::Claim(claim));
        looked.findings.last_mut().expect("it was said just now").path = path;
    } else if held < made.bars {
        looked.say(lake, Wrong::Behind(format!("{} bars are to come", made.bars - held)));
    } else if (commit.watermark_ms as i64) < made.watermark_ms {
        looked.say(lake, Wrong::Behind("its watermark stands earlier".to_owned()));
    }
}

fn refold(looked: &Looked, step: &Step, source: &Looked) -> Refolded {
    let mut made = Refolded { bars: 0, watermark_ms: 0, differs: None, next: Vec::new() };
    let (held, rows) = (looked.bars(), source.bars());
    source.evidence.read_ahead();
    let mut fold = Fold::resume(&step.recipe, 0, None);
    let mut done = Vec::new();
    for (index, piece) in rows.chunks(PIECE).enumerate() {
        fold.push(piece);
        fold.take_done(&mut done);
        made.take(held, &done);
        done.clear();
        source.evidence.release(index * PIECE + piece.len());
        looked.evidence.release(made.bars.min(held.len()));
    }
    let (remainder, rest) = fold.finish(source.commit().watermark_ms as i64);
    made.take(held, &rest);
    made.watermark_ms = remainder.watermark_ms;
    made
}

impl Refolded {
    fn take(&mut self, held: &[Bar], done: &[Bar]) {
        let beside = &held[self.bars.min(held.len())..];
        let shared = beside.len().min(done.len());
        if self.differs.is_none()
            && bytemuck::cast_slice::<Bar, u8>(&beside[..shared])
                != bytemuck::cast_slice::<Bar, u8>(&done[..shared])
        {
            let differs = |(held, made): (&Bar, &Bar)| !same(held, made);
            let first = beside.iter().zip(done).position(differs);
            let count = |first: usize| {
                beside[first..shared].iter().zip(&done[first..]).take_while(|pair| differs(*pair)).count()
            };
            self.differs = first.map(|first| (self.bars + first, count(first)));
        }
        let room = NEXT_MAX - self.next.len();
        self.next.extend(done[shared..].iter().take(room));
        self.bars += done.len();
    }
}

/// A record of another tool has the same first 48 bytes.
fn same(held: &Bar, made: &Bar) -> bool {
    let of = |bar: &Bar| -> [u8; BAR_SIZE] { bytemuck::cast(*bar) };
    match held.is_unsealed() {
        true => of(held)[..48] == of(made)[..48],
        false => of(held) == of(made),
    }
}

/// What the commit record says that its source does not bear out.
fn impossible(looked: &Looked, step: &Step, source: &Looked, made: &Refolded) -> Option<String> {
    let commit = looked.commit();
    if commit.watermark_ms as i64 > made.watermark_ms {
        return Some(format!("its watermark is later than {} allows", step.spec.source));
    }
    if commit.in_pos > source.commit().out_pos {
        return Some(format!("it resumes beyond the end of {}", step.spec.source));
    }
    if resumed(looked, &step.recipe, source, made.next.len()) != made.next {
        return Some(format!("folding on from where it says does not give what {} has", step.spec.source));
    }
    None
}

/// The first bars that come of folding on from where the commit record says.
fn resumed(looked: &Looked, recipe: &Recipe, source: &Looked, count: usize) -> Vec<Bar> {
    let commit = looked.commit();
    let first_row = commit.in_pos as usize / BAR_SIZE;
    let after_ms = commit.known_until(looked.bars());
    let mut fold = Fold::resume(recipe, first_row, after_ms);
    let mut bars = Vec::new();
    for (index, piece) in source.bars()[first_row..].chunks(PIECE).enumerate() {
        fold.push(piece);
        fold.take_done(&mut bars);
        source.evidence.release(first_row + index * PIECE + piece.len());
        if bars.len() >= count.max(1) && count > 0 {
            bars.truncate(count);
            return bars;
        }
    }
    let (_, rest) = fold.finish(source.commit().watermark_ms as i64);
    bars.extend(rest);
    // With nothing to come there must be nothing; with something, what lies beyond it was not asked for.
    if count > 0 {
        bars.truncate(count);
    }
    bars
}
