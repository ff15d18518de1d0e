//! The records at hand, and the trails that may take them.

use std::{
    collections::{HashMap, hash_map},
    sync::Arc,
};

use keeptrail_journal::Entry;
use keeptrail_pattern::document::Document;
use keeptrail_store::{StoreError, Tx};

use crate::model::{TrailSet, of_account};

/// A record with its place in the journal.
pub(super) struct Parsed<'a> {
    pub(super) seq: u64,
    pub(super) text: &'a str,
    pub(super) document: Document<'a>,
}

impl<'a> Parsed<'a> {
    /// The records of `entries`, taken apart.
    pub(super) fn of(entries: &'a [Arc<Entry>]) -> Vec<Self> {
        entries.iter().filter_map(|entry| Self::one(entry)).collect()
    }

    fn one(entry: &'a Entry) -> Option<Self> {
        let text = std::str::from_utf8(&entry.record).ok()?;
        let document = Document::parse(text).inspect_err(
            |error| tracing::error!(seq = entry.seq, %error, "a record cannot be read and is not delivered"),
        );
        Some(Self { seq: entry.seq, text, document: document.ok()? })
    }

    /// A member of the record; empty when it is no text.
    pub(super) fn member(&self, name: &str) -> &str {
        self.document.text(name).unwrap_or_default()
    }

    /// The account that the record belongs to.
    pub(super) fn account(&self) -> &str {
        self.member("recipientAccountId")
    }
}

/// The trails of the accounts that records belong to, as they are in a transaction.
pub(super) struct Sets(HashMap<String, Arc<TrailSet>>);

impl Sets {
    /// The trails of the accounts of `records`.
    pub(super) async fn load(tx: &Tx, records: &[Parsed<'_>]) -> Result<Self, StoreError> {
        let mut sets = HashMap::new();
        for record in records {
            if let hash_map::Entry::Vacant(place) = sets.entry(record.account().to_owned()) {
                place.insert(of_account(tx, record.account()).await?.unwrap_or_default());
            }
        }
        Ok(Self(sets))
    }

    /// The trails of the account that a record belongs to.
    pub(super) fn of(&self, record: &Parsed<'_>) -> Option<&TrailSet> {
        self.0.get(record.account()).map(Arc::as_ref)
    }

    /// All of them, by account.
    pub(super) fn all(&self) -> impl Iterator<Item = (&str, &TrailSet)> {
        self.0.iter().map(|(account, set)| (account.as_str(), set.as_ref()))
    }
}
