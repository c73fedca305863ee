//! A disk that forgets when the power is cut: what was not synced is lost, torn, or there before what came first.
//!
//! It works on real files, because readers map them, and remembers what a file system owes: of each file the bytes that
//! were synced, of each folder the names. [`ForgetfulDisk::cut`] then makes of the files what the medium might hold.
//! Bytes not synced are there, zero or rubbish, sector by sector, under any length between the synced one and the full
//! one; names given, changed or taken in a folder since it was synced are so or not, each by itself.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::fs::{self, File};
use std::io;
use std::num::NonZeroU32;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use engine::disk::{Append, Boot, Disk, Entry, RealDisk, Stamp};

use crate::textbook::Dice;

/// What arrives on a medium as a whole or not at all.
const SECTOR: u64 = 512;

/// How many ways to lose are told apart before the dice alone decide.
pub const POLICIES: u64 = 6;

#[derive(Clone, Debug)]
pub struct ForgetfulDisk {
    memory: Arc<Mutex<Memory>>,
    boot: Boot,
}

#[derive(Debug)]
struct Memory {
    /// Keeps a second name of every file, so that none is gone before the cut.
    morgue: tempfile::TempDir,
    files: Vec<KnownFile>,
    /// Which known file has a name now.
    names: BTreeMap<PathBuf, usize>,
    folders: BTreeMap<PathBuf, KnownFolder>,
    /// Folders that were removed with all they held, by the name they had.
    removed: BTreeMap<PathBuf, PathBuf>,
    removals: usize,
}

#[derive(Debug)]
struct KnownFile {
    kept: PathBuf,
    synced: u64,
}

#[derive(Debug, Default)]
struct KnownFolder {
    /// What the medium surely holds under the names that were touched.
    durable: BTreeMap<OsString, Thing>,
    /// What was done since the folder was synced; the parts of one step go together.
    pending: Vec<Vec<(OsString, Thing)>>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Thing {
    Nothing,
    File(usize),
    Folder,
}

impl ForgetfulDisk {
    /// A disk that so far owes nothing: whatever is there is on the medium. `near` is on the same file system.
    pub fn new(near: &Path, boot: u32) -> ForgetfulDisk {
        let memory = Memory {
            morgue: tempfile::tempdir_in(near.parent().expect("a folder above")).expect("a folder"),
            files: Vec::new(),
            names: BTreeMap::new(),
            folders: BTreeMap::new(),
            removed: BTreeMap::new(),
            removals: 0,
        };
        let boot = Boot(NonZeroU32::new(boot).expect("a boot"));
        ForgetfulDisk { memory: Arc::new(Mutex::new(memory)), boot }
    }

    /// The power goes: leaves what the medium might hold. The first seeds lose in ways worth a name, the others as the
    /// dice fall. Nobody may have a file open.
    pub fn cut(&self, seed: u64) {
        self.memory().cut(&mut Loss::new(seed));
    }

    fn memory(&self) -> std::sync::MutexGuard<'_, Memory> {
        self.memory.lock().expect("no holder of this lock panics")
    }

    fn new_file(&self, path: &Path, tail: Box<dyn Append>) -> Box<dyn Append> {
        let mut memory = self.memory();
        let id = memory.know_file(path, 0);
        memory.note(vec![(path, Thing::File(id))]);
        Box::new(ForgetfulTail { tail, id, memory: self.memory.clone() })
    }

    fn begin(
        &self,
        path: &Path,
        begin: impl FnOnce() -> io::Result<Box<dyn Append>>,
    ) -> io::Result<Box<dyn Append>> {
        let mut memory = self.memory();
        memory.make_folders(path);
        memory.before(path);
        // A file that is written over is another file here; the old one may be the one that comes back.
        if memory.names.remove(path).is_some() {
            fs::remove_file(path)?;
        }
        drop(memory);
        Ok(self.new_file(path, begin()?))
    }
}

impl Memory {
    fn know_file(&mut self, path: &Path, synced: u64) -> usize {
        let id = self.files.len();
        let kept = self.morgue.path().join(id.to_string());
        fs::hard_link(path, &kept).expect("a second name");
        self.files.push(KnownFile { kept, synced });
        self.names.insert(path.to_owned(), id);
        id
    }

    /// The file at a path; one that was never touched is wholly on the medium.
    fn file_at(&mut self, path: &Path) -> usize {
        match self.names.get(path) {
            Some(id) => *id,
            None => {
                let synced = fs::metadata(path).expect("a file").len();
                self.know_file(path, synced)
            }
        }
    }

    /// Remembers what the medium holds under a name, before the first step that touches it.
    fn before(&mut self, path: &Path) {
        let (folder, name) = place(path);
        if self.folders.get(&folder).is_some_and(|known| known.durable.contains_key(&name)) {
            return;
        }
        let thing = match fs::symlink_metadata(path) {
            Err(_) => Thing::Nothing,
            Ok(found) if found.is_dir() => Thing::Folder,
            Ok(_) => Thing::File(self.file_at(path)),
        };
        self.folders.entry(folder).or_default().durable.insert(name, thing);
    }

    /// One step, in one folder or in two; each folder keeps or loses its part by itself.
    fn note(&mut self, changes: Vec<(&Path, Thing)>) {
        let mut parts: BTreeMap<PathBuf, Vec<(OsString, Thing)>> = BTreeMap::new();
        for (path, thing) in changes {
            let (folder, name) = place(path);
            parts.entry(folder).or_default().push((name, thing));
        }
        for (folder, part) in parts {
            self.folders.entry(folder).or_default().pending.push(part);
        }
    }

    /// Makes the folders above a path, and remembers that their names are new.
    fn make_folders(&mut self, path: &Path) {
        let above: Vec<PathBuf> = path.ancestors().skip(1).map(Path::to_owned).collect();
        for folder in
            above.into_iter().rev().filter(|folder| !folder.as_os_str().is_empty() && !folder.exists())
        {
            self.before(&folder);
            fs::create_dir(&folder).expect("a folder");
            self.note(vec![(&folder, Thing::Folder)]);
        }
    }

    fn sync(&mut self, path: &Path) -> io::Result<()> {
        if fs::metadata(path)?.is_dir() {
            if let Some(folder) = self.folders.get_mut(path) {
                let pending = std::mem::take(&mut folder.pending);
                folder.durable.extend(pending.into_iter().flatten());
            }
        } else {
            let id = self.file_at(path);
            self.sync_file(id);
        }
        Ok(())
    }

    fn sync_file(&mut self, id: usize) {
        let file = &mut self.files[id];
        file.synced = fs::metadata(&file.kept).expect("the kept file").len();
    }

    fn cut(&mut self, loss: &mut Loss) {
        let mut left: Vec<Option<PathBuf>> = vec![None; self.files.len()];
        // A folder comes before what is in it.
        for (folder, known) in &self.folders {
            let mut names = known.durable.clone();
            for part in known.pending.iter().filter(|_| loss.name_arrives()) {
                names.extend(part.iter().cloned());
            }
            if !folder.is_dir() {
                continue;
            }
            for (name, thing) in names {
                let path = folder.join(name);
                match thing {
                    Thing::Nothing => remove(&path),
                    Thing::Folder if path.is_dir() => (),
                    Thing::Folder => match self.removed.get(&path) {
                        Some(kept) => fs::rename(kept, &path).expect("a folder comes back"),
                        None => fs::create_dir(&path).expect("an empty folder"),
                    },
                    Thing::File(id) => {
                        let what = left[id].get_or_insert_with(|| loss.what_is_left(&self.files[id]));
                        let beside = self.morgue.path().join("beside");
                        fs::hard_link(what, &beside).expect("another name");
                        fs::rename(&beside, &path).expect("a file under its name");
                        // Between two names of one file a rename does nothing.
                        fs::remove_file(&beside).ok();
                    }
                }
            }
        }
    }
}

/// What is lost in a cut.
struct Loss {
    dice: Dice,
    /// Names that arrive, of a hundred.
    names: u64,
    bytes: Bytes,
}

#[derive(Clone, Copy)]
enum Bytes {
    Whole,
    None,
    Zeros,
    Mixed,
}

impl Loss {
    fn new(seed: u64) -> Loss {
        let (names, bytes) = match seed % POLICIES {
            // Nothing arrives; names without bytes; bytes without names; and everything in between.
            0 => (0, Bytes::None),
            1 => (100, Bytes::Zeros),
            2 => (0, Bytes::Whole),
            3 => (50, Bytes::Whole),
            4 => (85, Bytes::Mixed),
            _ => (50, Bytes::Mixed),
        };
        Loss { dice: Dice(seed), names, bytes }
    }

    fn name_arrives(&mut self) -> bool {
        self.dice.below(100) < self.names
    }

    /// A file that holds what is left of one, its time included.
    fn what_is_left(&mut self, file: &KnownFile) -> PathBuf {
        let mut bytes = fs::read(&file.kept).expect("the kept file");
        let (synced, length) = (file.synced as usize, bytes.len());
        let lost = length - synced;
        if lost == 0 || matches!(self.bytes, Bytes::Whole) {
            return file.kept.clone();
        }
        match self.bytes {
            Bytes::None => bytes.truncate(synced),
            Bytes::Zeros => bytes[synced..].fill(0),
            _ => self.mix(&mut bytes, synced),
        }
        let left = file.kept.with_extension("left");
        fs::write(&left, bytes).expect("written");
        let time = fs::metadata(&file.kept).and_then(|found| found.modified()).expect("a time");
        File::options().write(true).open(&left).and_then(|left| left.set_modified(time)).expect("its time");
        left
    }

    fn mix(&mut self, bytes: &mut Vec<u8>, synced: usize) {
        match self.dice.below(4) {
            0 => bytes.truncate(synced + self.dice.below((bytes.len() - synced) as u64 + 1) as usize),
            1 => return,
            _ => (),
        }
        let mut at = synced;
        while at < bytes.len() {
            let end = bytes.len().min(((at as u64 / SECTOR + 1) * SECTOR) as usize);
            match self.dice.below(4) {
                0 => bytes[at..end].fill(0),
                1 => bytes[at..end].fill_with(|| self.dice.roll() as u8),
                _ => (),
            }
            at = end;
        }
    }
}

fn place(path: &Path) -> (PathBuf, OsString) {
    (path.parent().expect("a folder").to_owned(), path.file_name().expect("a name").to_owned())
}

fn remove(path: &Path) {
    if path.is_dir() {
        fs::remove_dir_all(path).expect("removed");
    } else if path.exists() {
        fs::remove_file(path).expect("removed");
    }
}

impl Disk for ForgetfulDisk {
    fn read_into(&self, path: &Path, bytes: &mut Vec<u8>) -> io::Result<Option<Stamp>> {
        RealDisk.read_into(path, bytes)
    }

    fn stamp(&self, path: &Path) -> io::Result<Option<Stamp>> {
        RealDisk.stamp(path)
    }

    fn open(&self, path: &Path) -> io::Result<Option<File>> {
        RealDisk.open(path)
    }

    fn open_lock(&self, path: &Path) -> io::Result<File> {
        RealDisk.open_lock(path)
    }

    fn list(&self, folder: &Path) -> io::Result<Vec<Entry>> {
        RealDisk.list(folder)
    }

    fn create(&self, path: &Path) -> io::Result<Box<dyn Append>> {
        self.begin(path, || RealDisk.create(path))
    }

    fn begin_with(&self, path: &Path, source: &Path, length: u64) -> io::Result<Box<dyn Append>> {
        self.begin(path, || RealDisk.begin_with(path, source, length))
    }

    fn append(&self, path: &Path, length: u64) -> io::Result<Box<dyn Append>> {
        if !path.exists() {
            return self.begin(path, || RealDisk.append(path, length));
        }
        let mut memory = self.memory();
        memory.before(path);
        let id = memory.file_at(path);
        drop(memory);
        let tail = RealDisk.append(path, length)?;
        Ok(Box::new(ForgetfulTail { tail, id, memory: self.memory.clone() }))
    }

    fn sync(&self, path: &Path) -> io::Result<()> {
        self.memory().sync(path)
    }

    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        let mut memory = self.memory();
        memory.make_folders(to);
        memory.before(from);
        memory.before(to);
        let id = memory.file_at(from);
        RealDisk.rename(from, to)?;
        memory.names.remove(from);
        memory.names.insert(to.to_owned(), id);
        memory.note(vec![(from, Thing::Nothing), (to, Thing::File(id))]);
        Ok(())
    }

    fn remove_file(&self, path: &Path) -> io::Result<bool> {
        let mut memory = self.memory();
        if !path.exists() {
            return Ok(false);
        }
        memory.before(path);
        // Known from here on, so that it can come back.
        memory.file_at(path);
        memory.names.remove(path);
        memory.note(vec![(path, Thing::Nothing)]);
        RealDisk.remove_file(path)
    }

    fn remove_folder(&self, path: &Path) -> io::Result<bool> {
        let mut memory = self.memory();
        if !path.exists() {
            return Ok(false);
        }
        memory.before(path);
        memory.removals += 1;
        let kept = memory.morgue.path().join(format!("folder{}", memory.removals));
        fs::rename(path, &kept)?;
        memory.names.retain(|name, _| !name.starts_with(path));
        memory.folders.retain(|folder, _| !folder.starts_with(path));
        memory.removed.insert(path.to_owned(), kept);
        memory.note(vec![(path, Thing::Nothing)]);
        Ok(true)
    }

    fn create_folders(&self, path: &Path) -> io::Result<()> {
        self.memory().make_folders(&path.join("below"));
        Ok(())
    }

    fn set_mtime_ms(&self, path: &Path, mtime_ms: i64) -> io::Result<()> {
        RealDisk.set_mtime_ms(path, mtime_ms)
    }

    fn boot(&self) -> Option<Boot> {
        Some(self.boot)
    }
}

#[derive(Debug)]
struct ForgetfulTail {
    tail: Box<dyn Append>,
    id: usize,
    memory: Arc<Mutex<Memory>>,
}

impl Append for ForgetfulTail {
    fn append(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.tail.append(bytes)
    }

    fn sync(&mut self) -> io::Result<()> {
        self.memory.lock().expect("no holder of this lock panics").sync_file(self.id);
        Ok(())
    }
}
