//! Typed tables: rows of one type under one prefix.

use std::{any::Any, marker::PhantomData, sync::Arc};

use bytes::Bytes;
use serde::{Serialize, de::DeserializeOwned};

use crate::{Key, Scan, StoreError, Stored, Tx};

/// What a table can hold. Rows are stored as JSON: people can read the file, and a field can be added with a default.
pub trait Row: Serialize + DeserializeOwned + Any + Send + Sync {}

impl<T: Serialize + DeserializeOwned + Any + Send + Sync> Row for T {}

/// A table of `T`, addressed by text parts such as account, region and name. Declared as a constant:
///
/// ```
/// # use keeptrail_store::Table;
/// # #[derive(serde::Serialize, serde::Deserialize)] struct Secret;
/// const SECRETS: Table<Secret> = Table::new("secrets.secret");
/// ```
pub struct Table<T> {
    name: &'static str,
    row: PhantomData<fn() -> T>,
}

impl<T: Row> Table<T> {
    /// The table named `name`: service, dot, thing.
    #[must_use]
    pub const fn new(name: &'static str) -> Self {
        Self { name, row: PhantomData }
    }

    /// The key of a row, or the prefix of several.
    #[must_use]
    pub fn key(&self, parts: &[&str]) -> Key {
        Key::under(self.name, parts)
    }

    fn decode(&self, row: &Stored) -> Result<Arc<T>, StoreError> {
        row.decoded(|bytes| {
            serde_json::from_slice(bytes)
                .map_err(|error| StoreError::Corrupt { table: self.name, reason: error.to_string() })
        })
    }

    /// The row at `parts`.
    ///
    /// # Errors
    /// When the store cannot be read or the row not decoded.
    pub async fn get(&self, tx: &Tx, parts: &[&str]) -> Result<Option<Arc<T>>, StoreError> {
        tx.read(self.key(parts)).await?.map(|row| self.decode(&row)).transpose()
    }

    /// Writes the row at `parts`.
    ///
    /// # Errors
    /// When the row cannot be encoded.
    pub fn put(&self, tx: &Tx, parts: &[&str], row: &T) -> Result<(), StoreError> {
        let bytes = serde_json::to_vec(row)
            .map_err(|error| StoreError::Corrupt { table: self.name, reason: error.to_string() })?;
        tx.put(self.key(parts), Bytes::from(bytes));
        Ok(())
    }

    /// Deletes the row at `parts`.
    pub fn delete(&self, tx: &Tx, parts: &[&str]) {
        tx.delete(self.key(parts));
    }

    /// All rows under `parts`, in key order.
    ///
    /// # Errors
    /// When the store cannot be read or a row not decoded.
    pub async fn all(&self, tx: &Tx, parts: &[&str]) -> Result<Vec<(Key, Arc<T>)>, StoreError> {
        self.page(tx, parts, None, usize::MAX).await
    }

    /// Up to `limit` rows under `parts` after the key `after`, in key order.
    ///
    /// # Errors
    /// When the store cannot be read or a row not decoded.
    pub async fn page(
        &self,
        tx: &Tx,
        parts: &[&str],
        after: Option<&Key>,
        limit: usize,
    ) -> Result<Vec<(Key, Arc<T>)>, StoreError> {
        let prefix = self.key(parts);
        let from = after.map_or_else(|| prefix.clone(), Key::next).max(prefix.clone());
        let scan = Scan { from, to: prefix.end(), limit, reverse: false };
        tx.scan(&scan).await?.into_iter().map(|(key, row)| Ok((key, self.decode(&row)?))).collect()
    }
}
