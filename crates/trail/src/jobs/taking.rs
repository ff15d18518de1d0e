//! The trails that may take the records at hand.

use std::{
    collections::{HashMap, hash_map},
    sync::Arc,
};

use keeptrail_journal::Entry;
use keeptrail_store::{StoreError, Tx};
use serde_json::Value;

use crate::model::{TrailSet, of_account};

/// The trails of the accounts that records belong to, as they are in a transaction.
pub(super) struct Sets(HashMap<String, Arc<TrailSet>>);

impl Sets {
    /// The trails of the accounts of `entries`.
    pub(super) async fn load(tx: &Tx, entries: &[Arc<Entry>]) -> Result<Self, StoreError> {
        let mut sets = HashMap::new();
        for entry in entries {
            if let hash_map::Entry::Vacant(place) = sets.entry(account(entry).to_owned()) {
                place.insert(of_account(tx, account(entry)).await?.unwrap_or_default());
            }
        }
        Ok(Self(sets))
    }

    /// The trails of the account that a record belongs to.
    pub(super) fn of(&self, entry: &Entry) -> Option<&TrailSet> {
        self.0.get(account(entry)).map(Arc::as_ref)
    }

    /// All of them, by account.
    pub(super) fn all(&self) -> impl Iterator<Item = (&str, &TrailSet)> {
        self.0.iter().map(|(account, set)| (account.as_str(), set.as_ref()))
    }
}

/// The account that a record belongs to.
pub(super) fn account(entry: &Entry) -> &str {
    text(entry, "recipientAccountId")
}

/// A member of a record; empty when it is no text.
pub(super) fn text<'a>(entry: &'a Entry, name: &str) -> &'a str {
    entry.json().get(name).and_then(Value::as_str).unwrap_or_default()
}
