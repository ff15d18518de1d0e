//! The Lake: a directory of event data stores and the catalog that names their files.

use std::{
    collections::HashMap,
    fs::File,
    path::{Path, PathBuf},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use keeptrail_clock::{Clock, Random};
use keeptrail_store::{Sqlite, Store, Tx};

use crate::{
    EventStore, LakeError, Layout,
    catalog::{self, DELETED, DeletedRow, STORES, StoreRow},
    disk::{Disk, SystemDisk},
};

/// The catalog's file in a Lake that stands alone.
const CATALOG: &str = "catalog.db";
/// The catalog's rows that are kept in memory.
const CATALOG_CACHE: usize = 4 << 20;
/// The store that `keeptrail import` writes to, unless another is named.
pub const DEFAULT_STORE: &str = "events";

/// A cheaply cloned handle to a Lake.
#[derive(Clone)]
pub struct Lake(Arc<Shared>);

pub(crate) struct Shared {
    pub(crate) root: PathBuf,
    pub(crate) store: Store,
    pub(crate) clock: Clock,
    pub(crate) disk: Arc<dyn Disk>,
    random: Random,
    opened: Mutex<HashMap<String, EventStore>>,
    /// Held as long as this process may write.
    _lock: Option<File>,
}

/// What a process wants of a Lake that stands alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Access {
    /// Queries. Others may write meanwhile; what they add is seen by opening again.
    Read,
    /// Changes: one process at a time.
    Write,
    /// The same, and the Lake is made when there is none.
    Create,
}

impl Shared {
    pub(crate) fn file_name(&self) -> Result<String, LakeError> {
        let id = self.random.uuid().map_err(|error| LakeError::Columns(error.to_string()))?;
        Ok(format!("{id}.parquet"))
    }

    pub(crate) fn scratch(&self) -> PathBuf {
        self.root.join("tmp")
    }

    pub(crate) fn begin(&self) -> Tx {
        self.store.begin(self.clock.now())
    }

    fn opened(&self) -> MutexGuard<'_, HashMap<String, EventStore>> {
        self.opened.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The catalog's name of a store that is being rebuilt; no store can be given it.
fn rebuilding(name: &str) -> String {
    format!("{name}.rebuild")
}

impl Lake {
    /// A Lake in the directory `root` with its catalog in `store`: the server's. Call [`Lake::sweep`] once at the start,
    /// before anything is appended.
    #[must_use]
    pub fn new(root: PathBuf, store: Store, clock: Clock, random: Random) -> Self {
        Self::on(Arc::new(SystemDisk), root, store, clock, random, None)
    }

    pub(crate) fn on(
        disk: Arc<dyn Disk>,
        root: PathBuf,
        store: Store,
        clock: Clock,
        random: Random,
        lock: Option<File>,
    ) -> Self {
        Self(Arc::new(Shared { root, store, clock, disk, random, opened: Mutex::default(), _lock: lock }))
    }

    /// A Lake that stands alone in the directory `root`, its catalog in `catalog.db`.
    ///
    /// # Errors
    /// When it cannot be opened, or another process writes to it.
    pub async fn open(root: &Path, access: Access, clock: Clock, random: Random) -> Result<Self, LakeError> {
        let catalog = root.join(CATALOG);
        if access == Access::Create {
            SystemDisk.prepare(root).map_err(LakeError::file(root))?;
        } else if !catalog.try_exists().map_err(LakeError::file(&catalog))? {
            return Err(LakeError::NoLake(root.to_owned()));
        }
        let lock = match access {
            Access::Read => None,
            Access::Write | Access::Create => {
                let lock = File::open(root).map_err(LakeError::file(root))?;
                lock.try_lock().map_err(|_| LakeError::Busy(root.to_owned()))?;
                Some(lock)
            }
        };
        let store = Store::new(Sqlite::open(&catalog)?, CATALOG_CACHE);
        let lake = Self::on(Arc::new(SystemDisk), root.to_owned(), store, clock, random, lock);
        if access != Access::Read {
            lake.sweep().await?;
        }
        Ok(lake)
    }

    /// The Lake's directory.
    #[must_use]
    pub fn root(&self) -> &Path {
        &self.0.root
    }

    /// An empty directory for what does not fit into memory; what an earlier process left in it goes. One that writes calls it,
    /// once, at the start.
    ///
    /// # Errors
    /// When the directory cannot be made or emptied.
    pub fn scratch(&self) -> Result<PathBuf, LakeError> {
        let scratch = self.0.scratch();
        match std::fs::remove_dir_all(&scratch) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => return Err(LakeError::file(scratch)(error)),
            _ => {}
        }
        self.0.disk.prepare(&scratch).map_err(LakeError::file(&scratch))?;
        Ok(scratch)
    }

    /// The store with the catalog, for transactions that change more than the Lake.
    #[must_use]
    pub fn catalog(&self) -> &Store {
        &self.0.store
    }

    pub(crate) fn shared(&self) -> &Arc<Shared> {
        &self.0
    }

    /// Begins a transaction on the catalog.
    #[must_use]
    pub fn begin(&self) -> Tx {
        self.0.begin()
    }

    /// The stores' names.
    ///
    /// # Errors
    /// When the catalog cannot be read.
    pub async fn stores(&self) -> Result<Vec<String>, LakeError> {
        let rows = STORES.all(&self.begin(), &[]).await?;
        let names = rows.into_iter().filter_map(|(key, _)| key.parts().into_iter().nth(1));
        Ok(names.filter(|name| !name.contains('.')).collect())
    }

    /// Makes the store `name` with the commit of `tx`.
    ///
    /// # Errors
    /// When there is one, or the name is no good.
    pub async fn create(&self, tx: &Tx, name: &str, layout: Layout) -> Result<(), LakeError> {
        let good = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
        if name.is_empty() || name.len() > 128 || !name.bytes().all(good) {
            return Err(LakeError::StoreName(name.to_owned()));
        }
        if STORES.get(tx, &[name]).await?.is_some() || DELETED.get(tx, &[name]).await?.is_some() {
            return Err(LakeError::StoreExists(name.to_owned()));
        }
        Ok(STORES.put(tx, &[name], &StoreRow { layout, directory: name.to_owned() })?)
    }

    /// Deletes the store `name` with the commit of `tx`. Its files go with [`Lake::clear_deleted`].
    ///
    /// # Errors
    /// When there is none.
    pub async fn delete(&self, tx: &Tx, name: &str) -> Result<(), LakeError> {
        let row = STORES.get(tx, &[name]).await?.ok_or_else(|| LakeError::NoSuchStore(name.to_owned()))?;
        STORES.delete(tx, &[name]);
        DELETED.put(tx, &[&row.directory], &DeletedRow {})?;
        self.0.opened().remove(&row.directory);
        Ok(())
    }

    /// The store `name`. Everybody in the process gets the same one, so that all see one tail.
    ///
    /// # Errors
    /// When there is none.
    pub async fn event_store(&self, name: &str) -> Result<EventStore, LakeError> {
        let tx = self.begin();
        let row = STORES.get(&tx, &[name]).await?.ok_or_else(|| LakeError::NoSuchStore(name.to_owned()))?;
        if let Some(store) = self.0.opened().get(&row.directory) {
            return Ok(store.clone());
        }
        let files = catalog::files(&tx, &row.directory).await?;
        let store = EventStore::new(Arc::clone(&self.0), name, &row, files);
        Ok(self.0.opened().entry(row.directory.clone()).or_insert(store).clone())
    }

    /// A store to build `name` anew in, beside the one that is there; the same one again when an earlier rebuild was stopped.
    ///
    /// # Errors
    /// When the catalog fails.
    pub async fn rebuilding(&self, name: &str, layout: Layout) -> Result<EventStore, LakeError> {
        let tx = self.begin();
        let building = rebuilding(name);
        if STORES.get(&tx, &[&building]).await?.is_none() {
            let id = self.0.random.uuid().map_err(|error| LakeError::Columns(error.to_string()))?;
            STORES.put(&tx, &[&building], &StoreRow { layout, directory: format!("{name}.{id}") })?;
            self.0.store.commit(tx).await?;
        }
        self.event_store(&building).await
    }

    /// Puts the rebuilt store in the place of `name`.
    ///
    /// # Errors
    /// When there is no rebuilt store, or the catalog fails.
    pub async fn replace(&self, name: &str) -> Result<EventStore, LakeError> {
        let tx = self.begin();
        let building = rebuilding(name);
        let row = STORES.get(&tx, &[&building]).await?.ok_or_else(|| LakeError::NoSuchStore(building.clone()))?;
        if STORES.get(&tx, &[name]).await?.is_some() {
            self.delete(&tx, name).await?;
        }
        STORES.put(&tx, &[name], &row)?;
        STORES.delete(&tx, &[&building]);
        self.0.store.commit(tx).await?;
        self.0.opened().remove(&row.directory);
        self.event_store(name).await
    }

    /// The store `name`, made when there is none.
    ///
    /// # Errors
    /// When the catalog fails.
    pub async fn event_store_or_new(&self, name: &str, layout: Layout) -> Result<EventStore, LakeError> {
        let tx = self.begin();
        match self.create(&tx, name, layout).await {
            Ok(()) => drop(self.0.store.commit(tx).await?),
            Err(LakeError::StoreExists(_)) => {}
            Err(error) => return Err(error),
        }
        self.event_store(name).await
    }
}
