//! A file system in memory that fails on demand and forgets, in a crash, what was not synced.

use std::{
    any::Any,
    collections::{BTreeMap, HashMap},
    io,
    path::{Path, PathBuf},
    sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError},
};

use crate::disk::{Disk, DiskFile, Stat};

#[derive(Clone, Default)]
pub(crate) struct FakeDisk(Arc<(Mutex<State>, Condvar)>);

/// What is to go wrong.
#[derive(Debug, Clone, Default)]
pub(crate) struct Faults {
    /// Bytes that fit on the disk.
    pub(crate) capacity: Option<usize>,
    pub(crate) read_only: bool,
    /// So many of the next syncs fail, and what they were to make durable is lost for good.
    pub(crate) syncs: usize,
    /// So many of the next writes fail half-way.
    pub(crate) writes: usize,
    /// No write takes more than so many bytes at once.
    pub(crate) short: Option<usize>,
    /// After so many more operations nothing works until the crash.
    pub(crate) fuse: Option<usize>,
    /// Syncs wait.
    pub(crate) hold: bool,
}

#[derive(Default)]
struct State {
    faults: Faults,
    nodes: HashMap<u64, Node>,
    names: BTreeMap<PathBuf, u64>,
    durable_names: BTreeMap<PathBuf, u64>,
    undurable: Vec<NameChange>,
    next: u64,
    time: i128,
    locked: bool,
    syncs: usize,
}

#[derive(Default, Clone)]
struct Node {
    durable: Vec<u8>,
    current: Vec<u8>,
    undurable: Vec<Change>,
    changed: i128,
}

#[derive(Clone)]
enum Change {
    Write(usize, Vec<u8>),
    Truncate(usize),
}

#[derive(Clone)]
enum NameChange {
    Set(PathBuf, u64),
    Remove(PathBuf),
}

impl Change {
    fn apply(&self, to: &mut Vec<u8>) {
        match self {
            Self::Write(at, bytes) => {
                if to.len() < at + bytes.len() {
                    to.resize(at + bytes.len(), 0);
                }
                to[*at..at + bytes.len()].copy_from_slice(bytes);
            }
            Self::Truncate(size) => to.resize(*size, 0),
        }
    }
}

impl NameChange {
    fn apply(self, to: &mut BTreeMap<PathBuf, u64>) {
        match self {
            Self::Set(path, node) => to.insert(path, node),
            Self::Remove(path) => to.remove(&path),
        };
    }
}

fn broken() -> io::Error {
    io::Error::other("input/output error")
}

impl State {
    fn step(&mut self) -> io::Result<()> {
        match &mut self.faults.fuse {
            Some(0) => Err(broken()),
            Some(left) => {
                *left -= 1;
                Ok(())
            }
            None => Ok(()),
        }
    }

    fn writable(&mut self) -> io::Result<()> {
        self.step()?;
        if self.faults.read_only { Err(io::ErrorKind::ReadOnlyFilesystem.into()) } else { Ok(()) }
    }

    fn rename(&mut self, change: NameChange) {
        change.clone().apply(&mut self.names);
        self.undurable.push(change);
    }

    fn change(&mut self, node: u64, change: Change) {
        self.time += 1;
        let time = self.time;
        let node = self.nodes.get_mut(&node).unwrap();
        change.apply(&mut node.current);
        node.undurable.push(change);
        node.changed = time;
    }

    fn stat(&self, id: u64) -> Stat {
        let node = &self.nodes[&id];
        let links = self.names.values().filter(|named| **named == id).count() as u64;
        Stat { id: (1, id), links, size: node.current.len() as u64, changed: (node.changed, node.changed) }
    }
}

impl FakeDisk {
    fn state(&self) -> MutexGuard<'_, State> {
        self.0.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn fail(&self, set: impl FnOnce(&mut Faults)) {
        set(&mut self.state().faults);
        self.0.1.notify_all();
    }

    /// Bytes on the disk.
    pub(crate) fn used(&self) -> usize {
        let state = self.state();
        state.names.values().map(|node| state.nodes[node].current.len()).sum()
    }

    pub(crate) fn syncs(&self) -> usize {
        self.state().syncs
    }

    /// The power goes and comes back: what was synced is there; of the rest, whatever `chance` (a number below its
    /// argument) decides.
    pub(crate) fn crash(&self, mut chance: impl FnMut(usize) -> usize) {
        let mut state = self.state();
        state.faults = Faults::default();
        let undurable = std::mem::take(&mut state.undurable);
        let kept = chance(undurable.len() + 1);
        for change in undurable.into_iter().take(kept) {
            change.apply(&mut state.durable_names);
        }
        state.names = state.durable_names.clone();
        let ids: Vec<u64> = state.nodes.keys().copied().collect();
        for id in ids {
            let node = state.nodes.get_mut(&id).unwrap();
            for change in std::mem::take(&mut node.undurable) {
                match change {
                    // Pages reach the disk in any order.
                    Change::Write(at, bytes) if chance(2) == 1 => {
                        let (from, to) = (chance(bytes.len() + 1), chance(bytes.len() + 1));
                        if from < to {
                            Change::Write(at + from, bytes[from..to].to_vec()).apply(&mut node.durable);
                        }
                    }
                    Change::Truncate(_) if chance(2) == 1 => change.apply(&mut node.durable),
                    _ => {}
                }
            }
            node.current = node.durable.clone();
        }
    }
}

struct Unlock(FakeDisk);

impl Drop for Unlock {
    fn drop(&mut self) {
        self.0.state().locked = false;
    }
}

impl Disk for FakeDisk {
    fn prepare(&self, _: &Path) -> io::Result<()> {
        Ok(())
    }

    fn lock(&self, _: &Path) -> io::Result<Option<Box<dyn Any + Send + Sync>>> {
        let mut state = self.state();
        if std::mem::replace(&mut state.locked, true) {
            return Ok(None);
        }
        Ok(Some(Box::new(Unlock(self.clone()))))
    }

    fn list(&self, _: &Path) -> io::Result<Vec<String>> {
        let name = |path: &PathBuf| path.file_name().unwrap().to_str().unwrap().to_owned();
        Ok(self.state().names.keys().map(name).collect())
    }

    fn create(&self, path: &Path) -> io::Result<Box<dyn DiskFile>> {
        let mut state = self.state();
        state.writable()?;
        if state.names.contains_key(path) {
            return Err(io::ErrorKind::AlreadyExists.into());
        }
        state.next += 1;
        let node = state.next;
        state.nodes.insert(node, Node::default());
        state.rename(NameChange::Set(path.to_owned(), node));
        Ok(Box::new(FakeFile { disk: self.clone(), node }))
    }

    fn open(&self, path: &Path, write: bool) -> io::Result<Box<dyn DiskFile>> {
        let mut state = self.state();
        if write {
            state.writable()?;
        }
        let node = *state.names.get(path).ok_or(io::ErrorKind::NotFound)?;
        Ok(Box::new(FakeFile { disk: self.clone(), node }))
    }

    fn stat(&self, path: &Path) -> io::Result<Option<Stat>> {
        let state = self.state();
        Ok(state.names.get(path).map(|node| state.stat(*node)))
    }

    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        let mut state = self.state();
        state.writable()?;
        let node = *state.names.get(from).ok_or(io::ErrorKind::NotFound)?;
        state.rename(NameChange::Remove(from.to_owned()));
        state.rename(NameChange::Set(to.to_owned(), node));
        Ok(())
    }

    fn remove(&self, path: &Path) -> io::Result<()> {
        let mut state = self.state();
        state.writable()?;
        state.names.get(path).ok_or(io::ErrorKind::NotFound)?;
        state.rename(NameChange::Remove(path.to_owned()));
        Ok(())
    }

    fn sync_dir(&self, _: &Path) -> io::Result<()> {
        let mut state = self.state();
        state.writable()?;
        if state.faults.syncs > 0 {
            state.faults.syncs -= 1;
            return Err(broken());
        }
        for change in std::mem::take(&mut state.undurable) {
            change.apply(&mut state.durable_names);
        }
        Ok(())
    }
}

struct FakeFile {
    disk: FakeDisk,
    node: u64,
}

impl DiskFile for FakeFile {
    fn read_at(&self, bytes: &mut [u8], at: u64) -> io::Result<usize> {
        let state = self.disk.state();
        let content = &state.nodes[&self.node].current;
        let rest = content.get(usize::try_from(at).unwrap_or(usize::MAX)..).unwrap_or_default();
        let count = rest.len().min(bytes.len());
        bytes[..count].copy_from_slice(&rest[..count]);
        Ok(count)
    }

    fn write_at(&self, bytes: &[u8], at: u64) -> io::Result<usize> {
        let used = self.disk.used();
        let mut state = self.disk.state();
        state.writable()?;
        let at = usize::try_from(at).unwrap();
        if state.faults.writes > 0 {
            state.faults.writes -= 1;
            state.change(self.node, Change::Write(at, bytes[..bytes.len() / 2].to_vec()));
            return Err(broken());
        }
        let grows = (at + bytes.len()).saturating_sub(state.nodes[&self.node].current.len());
        let room = state.faults.capacity.map_or(usize::MAX, |capacity| capacity.saturating_sub(used));
        let mut count = bytes.len().min(state.faults.short.unwrap_or(usize::MAX));
        if grows > room {
            count = count.min(bytes.len() - (grows - room));
            if count == 0 {
                return Err(io::ErrorKind::StorageFull.into());
            }
        }
        state.change(self.node, Change::Write(at, bytes[..count].to_vec()));
        Ok(count)
    }

    fn truncate(&self, size: u64) -> io::Result<()> {
        let mut state = self.disk.state();
        state.writable()?;
        state.change(self.node, Change::Truncate(usize::try_from(size).unwrap()));
        Ok(())
    }

    fn sync(&self) -> io::Result<()> {
        let mut state = self.disk.state();
        while state.faults.hold {
            state = self.disk.0.1.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
        state.writable()?;
        state.syncs += 1;
        let fails = state.faults.syncs > 0;
        let node = state.nodes.get_mut(&self.node).unwrap();
        // A failed sync marks the pages clean all the same: they are read from the cache, and gone after a crash.
        for change in std::mem::take(&mut node.undurable) {
            if !fails {
                change.apply(&mut node.durable);
            }
        }
        if fails {
            state.faults.syncs -= 1;
            return Err(broken());
        }
        Ok(())
    }

    fn stat(&self) -> io::Result<Stat> {
        Ok(self.disk.state().stat(self.node))
    }
}
