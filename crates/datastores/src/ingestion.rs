//! Takes records from the journal into event data stores.
//!
//! A record is visible to queries as soon as it has been followed: it is in the store's tail, in memory. Now and then the
//! tails of all stores are written to files, which count with the same commit that moves the cursor; a restart follows again
//! from there. So nothing is lost and nothing doubled, wherever the process is stopped.

use std::{
    collections::{BTreeMap, BTreeSet, HashMap, hash_map},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use async_trait::async_trait;
use keeptrail_jobs::{Follower, JobError, Load, Writing, Written};
use keeptrail_journal::Entry;
use keeptrail_lake::{BatchBuilder, EventStore, LakeError, Layout, Sealed, Staged};
use keeptrail_pattern::document::Document;
use keeptrail_store::{StoreError, Tx};
use tokio::task::spawn_blocking;

use crate::{
    DataStores,
    model::{self, StoreSet},
};

/// Tails are written when they are so old.
const INTERVAL: Duration = Duration::from_secs(300);
/// Tails are written when they take up so many bytes of memory.
const DUE_BYTES: usize = 64 << 20;
/// Nothing more is followed while they take up so many.
const FULL_BYTES: usize = 128 << 20;

/// The follower that fills event data stores.
pub struct Ingestion {
    stores: Arc<DataStores>,
    interval: Duration,
    due_bytes: usize,
    full_bytes: usize,
    builder: Mutex<BatchBuilder>,
    open: Arc<Mutex<Open>>,
}

/// The stores that may have a tail, by id.
type Open = BTreeMap<String, Filled>;

/// A store that was followed into.
#[derive(Clone)]
struct Filled {
    account: String,
    store: EventStore,
}

/// Records for one store.
struct Taken<'a> {
    account: String,
    texts: Vec<&'a str>,
}

impl Ingestion {
    /// The follower that fills these stores.
    ///
    /// # Errors
    /// When the Lake's schema cannot be filled, which would be a fault of the Lake.
    pub fn new(stores: Arc<DataStores>) -> Result<Self, LakeError> {
        let builder = Mutex::new(BatchBuilder::new(Layout::default())?);
        let (due_bytes, full_bytes) = (DUE_BYTES, FULL_BYTES);
        Ok(Self { stores, interval: INTERVAL, due_bytes, full_bytes, builder, open: Arc::default() })
    }

    /// The same with tails that are written when they are older than `interval`.
    #[must_use]
    pub fn every(self, interval: Duration) -> Self {
        Self { interval, ..self }
    }

    /// The same with tails that are written at `due` bytes of memory; beyond `full` nothing more is followed.
    #[must_use]
    pub fn within(self, due: usize, full: usize) -> Self {
        Self { due_bytes: due, full_bytes: full, ..self }
    }

    /// The stores that `ids` name, opened. One that is gone meanwhile is left out.
    async fn opened(&self, taken: &BTreeMap<String, Taken<'_>>) -> Result<Vec<EventStore>, JobError> {
        let mut stores = Vec::with_capacity(taken.len());
        for id in taken.keys() {
            match self.stores.lake.event_store(id).await {
                Ok(store) => stores.push(store),
                Err(LakeError::NoSuchStore(_)) => {}
                Err(error) => return Err(failed(error)),
            }
        }
        Ok(stores)
    }
}

#[async_trait]
impl Follower for Ingestion {
    fn name(&self) -> &'static str {
        "datastores.ingestion"
    }

    async fn follow(&self, tx: &Tx, entries: &[Arc<Entry>]) -> Result<(), JobError> {
        if model::accounts(tx).await?.0.is_empty() {
            return Ok(());
        }
        let taken = take(tx, entries).await?;
        let stores = self.opened(&taken).await?;
        let last = entries.last().map_or(0, |entry| entry.seq);
        let mut builder = lock(&self.builder);
        for store in stores {
            let Some(Taken { account, texts }) = taken.get(store.name()) else { continue };
            for text in texts {
                if let Err(error) = builder.push(text) {
                    tracing::error!(%error, "a record cannot be taken into an event data store");
                }
            }
            store.follow(last, &mut builder).map_err(failed)?;
            let filled = Filled { account: account.clone(), store };
            lock(&self.open).insert(filled.store.name().to_owned(), filled);
        }
        Ok(())
    }

    fn write(&self) -> Writing {
        let mut sealed = Vec::new();
        lock(&self.open).retain(|_, filled| {
            let tail = filled.store.seal();
            let held = tail.last().is_some();
            sealed.extend(held.then(|| (filled.clone(), tail)));
            held
        });
        let open = Arc::clone(&self.open);
        Box::pin(async move {
            let mut parts = Vec::with_capacity(sealed.len());
            for (filled, tail) in sealed {
                let (up_to, store) = (tail.last(), filled.store.clone());
                let staged = spawn_blocking(move || stage(&store, &tail)).await.map_err(JobError::failed)?;
                parts.push(Part { filled, up_to, staged: staged.map_err(failed)? });
            }
            Ok(Box::new(Files { parts, gone: Mutex::default(), open }) as Box<dyn Written>)
        })
    }

    fn load(&self) -> Load {
        let tails =
            lock(&self.open).values().filter_map(|filled| filled.store.tail()).map(|tail| tail.bytes).sum::<usize>();
        match tails {
            bytes if bytes >= self.full_bytes => Load::Full,
            bytes if bytes >= self.due_bytes => Load::Due,
            _ => Load::Light,
        }
    }

    fn interval(&self) -> Duration {
        self.interval
    }
}

/// What of `entries` which store takes, by the store's id.
async fn take<'a>(tx: &Tx, entries: &'a [Arc<Entry>]) -> Result<BTreeMap<String, Taken<'a>>, StoreError> {
    let mut sets: HashMap<String, Arc<StoreSet>> = HashMap::new();
    let mut taken: BTreeMap<String, Taken<'a>> = BTreeMap::new();
    for entry in entries {
        let Ok(text) = std::str::from_utf8(&entry.record) else { continue };
        let Ok(record) = Document::parse(text).inspect_err(
            |error| tracing::error!(seq = entry.seq, %error, "a record cannot be read and is in no event data store"),
        ) else {
            continue;
        };
        let account = record.text("recipientAccountId").unwrap_or_default();
        let set = match sets.entry(account.to_owned()) {
            hash_map::Entry::Occupied(set) => set.into_mut(),
            hash_map::Entry::Vacant(place) => place.insert(model::of_account(tx, account).await?),
        };
        for store in set.stores.values().filter(|store| store.takes(&record)) {
            let begin = || Taken { account: account.to_owned(), texts: Vec::new() };
            taken.entry(store.id.clone()).or_insert_with(begin).texts.push(text);
        }
    }
    Ok(taken)
}

fn stage(store: &EventStore, tail: &Sealed) -> Result<Staged, LakeError> {
    let mut appender = store.appender();
    appender.append_tail(tail)?;
    appender.stage()
}

/// Files that hold what tails held.
struct Files {
    parts: Vec<Part>,
    /// Stores that were deleted for good meanwhile.
    gone: Mutex<BTreeSet<String>>,
    open: Arc<Mutex<Open>>,
}

/// The files of one store.
struct Part {
    filled: Filled,
    /// What was followed up to here is in the files.
    up_to: Option<u64>,
    staged: Staged,
}

#[async_trait]
impl Written for Files {
    async fn name(&self, tx: &Tx) -> Result<(), JobError> {
        for Part { filled, staged, .. } in &self.parts {
            let id = filled.store.name();
            if model::of_account(tx, &filled.account).await?.stores.contains_key(id) {
                staged.name(tx).map_err(failed)?;
            } else {
                lock(&self.gone).insert(id.to_owned());
            }
        }
        Ok(())
    }

    fn adopt(self: Box<Self>) {
        let gone = lock(&self.gone).clone();
        for Part { filled, up_to, staged } in self.parts {
            if gone.contains(filled.store.name()) {
                lock(&self.open).remove(filled.store.name());
            } else {
                staged.adopt(up_to);
            }
        }
    }
}

/// The Lake's error as a job's.
pub(crate) fn failed(error: LakeError) -> JobError {
    match error {
        LakeError::Catalog(error) => error.into(),
        error => JobError::failed(error),
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
