//! What a power cut leaves of a stream of events.
//!
//! | What | Survives |
//! |---|---|
//! | bytes and lengths before the last sync of their file | always |
//! | each sector of a later write, each later change of length | as chosen: nothing, everything, or by dice |
//! | a new or deleted entry of the folder before the folder was synced | as chosen |
//! | device keys | as they were: their store is durable |
//!
//! A sector is written whole or not at all, and bytes of it that were not written stay: what SQLite's unix
//! file system counts on (SQLITE_IOCAP_POWERSAFE_OVERWRITE).

use std::sync::Arc;

use softtoken_core::testing::KeyCopy;

use crate::Dice;
use crate::stream::{Event, FileId};
use crate::world::Snapshot;

/// What becomes of everything that was not synced.
pub enum Survives {
    Nothing,
    Everything,
    /// Sectors of this size, by the dice.
    Some(Dice, usize),
}

/// The disk after some events of a stream.
pub struct Disk {
    files: [File; 2],
    keys: Arc<KeyCopy>,
    /// Pages of the database when its journal was begun, and those that the synced journal holds.
    pub faults: Vec<String>,
}

#[derive(Default)]
struct File {
    synced: Vec<u8>,
    pending: Vec<Change>,
    /// Whether the folder surely has it, and whether it has it while the power stays on.
    entry: bool,
    live: bool,
    /// A deleted file that the folder may still have.
    ghost: Option<Vec<u8>>,
}

enum Change {
    Write(usize, Vec<u8>),
    Length(usize),
}

impl Disk {
    pub fn new(start: &Snapshot) -> Self {
        let file = |content: &Option<Vec<u8>>| File {
            synced: content.clone().unwrap_or_default(),
            pending: Vec::new(),
            entry: content.is_some(),
            live: content.is_some(),
            ghost: None,
        };
        Self {
            files: [file(&start.db), file(&start.journal)],
            keys: Arc::new(start.keys.clone()),
            faults: Vec::new(),
        }
    }

    pub fn apply(&mut self, event: &Event) {
        match event {
            Event::Open(id) => self.file(*id).live = true,
            Event::Write(id, at, bytes) => {
                if *id == FileId::Db {
                    self.check_order(*at);
                }
                self.file(*id).pending.push(Change::Write(*at, bytes.clone()));
            }
            Event::Truncate(id, size) => self.file(*id).pending.push(Change::Length(*size)),
            Event::Sync(id) => {
                let file = self.file(*id);
                file.synced = file.content(&mut Survives::Everything);
                file.pending.clear();
            }
            Event::SyncFolder => self.files.iter_mut().for_each(|file| {
                file.entry = file.live;
                file.ghost = None;
            }),
            Event::Delete(id, durable) => {
                let file = self.file(*id);
                let old = std::mem::take(file);
                let ghost = if old.entry { Some(old.synced) } else { old.ghost };
                file.ghost = ghost.filter(|_| !durable);
            }
            Event::Keys(keys) => self.keys = Arc::clone(keys),
            Event::Guess | Event::Issued(_) => {}
        }
    }

    /// True when it depends on the cut what survives.
    pub fn is_open(&self) -> bool {
        self.files
            .iter()
            .any(|file| !file.pending.is_empty() || file.entry != file.live || file.ghost.is_some())
    }

    pub fn image(&self, survives: &mut Survives) -> Snapshot {
        let [db, journal] = [0, 1].map(|n: usize| {
            let file = &self.files[n];
            let moved = match survives {
                Survives::Nothing => false,
                Survives::Everything => true,
                Survives::Some(dice, _) => dice.chance(128),
            };
            // Before the folder is synced it may still have what was deleted, or not yet have what is new.
            match moved || file.entry {
                true => file.live.then(|| file.content(survives)),
                false => file.ghost.clone(),
            }
        });
        Snapshot { db, journal, keys: KeyCopy::clone(&self.keys) }
    }

    fn file(&mut self, id: FileId) -> &mut File {
        &mut self.files[id as usize]
    }

    /// A page that was there when the transaction began may be overwritten only after the journal with
    /// its content, and the journal's name, are on the disk.
    fn check_order(&mut self, at: usize) {
        let page = u32::try_from(at / PAGE + 1).unwrap_or(u32::MAX);
        let journal = &self.files[FileId::Journal as usize];
        let held = Journal::read(&journal.synced).filter(|_| journal.entry);
        let before = self.files[FileId::Db as usize].synced.len() / PAGE;
        let safe = match held {
            Some(held) => page > held.pages_before || held.pages.contains(&page),
            None => before == 0,
        };
        // While a hot journal is played back its pages are written from it.
        if !safe {
            self.faults.push(format!("page {page} of {before} was written before its journal was synced"));
        }
    }
}

impl File {
    fn content(&self, survives: &mut Survives) -> Vec<u8> {
        let mut content = self.synced.clone();
        // Every cut has a luck of its own.
        let luck = match survives {
            Survives::Some(dice, _) => [32, 128, 224][usize::try_from(dice.roll() % 3).unwrap_or(0)],
            _ => 0,
        };
        for change in &self.pending {
            match (change, &mut *survives) {
                (_, Survives::Nothing) => {}
                (Change::Length(size), Survives::Everything) => content.resize(*size, 0),
                (Change::Length(size), Survives::Some(dice, _)) => {
                    if dice.chance(luck) {
                        content.resize(*size, 0);
                    }
                }
                (Change::Write(at, bytes), Survives::Everything) => put(&mut content, *at, bytes),
                (Change::Write(at, bytes), Survives::Some(dice, sector)) => {
                    let mut from = 0;
                    while from < bytes.len() {
                        let to = bytes.len().min(from + *sector - (at + from) % *sector);
                        if dice.chance(luck) {
                            put(&mut content, at + from, &bytes[from..to]);
                        }
                        from = to;
                    }
                }
            }
        }
        content
    }
}

fn put(content: &mut Vec<u8>, at: usize, bytes: &[u8]) {
    if content.len() < at + bytes.len() {
        content.resize(at + bytes.len(), 0);
    }
    content[at..at + bytes.len()].copy_from_slice(bytes);
}

/// A rollback journal as sqlite.org/fileformat2.html section 3 has it.
struct Journal {
    pages_before: u32,
    pages: Vec<u32>,
}

impl Journal {
    fn read(bytes: &[u8]) -> Option<Self> {
        let number = |at: usize| Some(u32::from_be_bytes(bytes.get(at..at + 4)?.try_into().ok()?));
        if !bytes.starts_with(&[0xd9, 0xd5, 0x05, 0xf9, 0x20, 0xa1, 0x63, 0xd7]) {
            return None;
        }
        let (count, pages_before, sector) = (number(8)?, number(16)?, number(20)?);
        let first = usize::try_from(sector).ok()?;
        let record = |n: u32| number(first + usize::try_from(n).ok()? * (PAGE + 8));
        Some(Self { pages_before, pages: (0..count).filter_map(record).collect() })
    }
}

const PAGE: usize = 4096;
