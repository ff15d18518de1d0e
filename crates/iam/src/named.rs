//! Tables of what people name: names that differ only in case are the same name, and the spelling is kept.
//!
//! "Names are not distinguished by case": <https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreateUser.html>

use std::sync::Arc;

use keeptrail_store::{Row, StoreError, Table, Tx};

/// Rows by account and name.
pub(crate) struct Named<T>(Table<T>);

impl<T: Row> Named<T> {
    pub(crate) const fn new(table: &'static str) -> Self {
        Self(Table::new(table))
    }

    pub(crate) async fn get(&self, tx: &Tx, account: &str, name: &str) -> Result<Option<Arc<T>>, StoreError> {
        self.0.get(tx, &[account, &folded(name)]).await
    }

    pub(crate) fn put(&self, tx: &Tx, account: &str, name: &str, row: &T) -> Result<(), StoreError> {
        self.0.put(tx, &[account, &folded(name)], row)
    }

    pub(crate) fn delete(&self, tx: &Tx, account: &str, name: &str) {
        self.0.delete(tx, &[account, &folded(name)]);
    }

    /// All of an account, in the order of their folded names.
    pub(crate) async fn all(&self, tx: &Tx, account: &str) -> Result<Vec<Arc<T>>, StoreError> {
        Ok(self.0.all(tx, &[account]).await?.into_iter().map(|(_, row)| row).collect())
    }
}

/// Names are ASCII.
pub(crate) fn folded(name: &str) -> String {
    name.to_ascii_lowercase()
}
