//! The trails that may take the records at hand.

use std::{collections::HashMap, sync::Arc};

use keeptrail_jobs::Parsed;
use keeptrail_store::{StoreError, Tx};

use crate::model::{TrailSet, of_account};

/// The account that a record belongs to.
fn account<'r>(record: &'r Parsed<'_>) -> &'r str {
    record.member("recipientAccountId")
}

/// The trails of the accounts that records belong to, as they are in a transaction.
pub(super) struct Sets(HashMap<String, Arc<TrailSet>>);

impl Sets {
    /// The trails of the accounts of `records`.
    pub(super) async fn load(tx: &Tx, records: &[Parsed<'_>]) -> Result<Self, StoreError> {
        let mut sets = HashMap::new();
        for record in records {
            let account = account(record);
            if !sets.contains_key(account) {
                sets.insert(account.to_owned(), of_account(tx, account).await?.unwrap_or_default());
            }
        }
        Ok(Self(sets))
    }

    /// The trails of the account that a record belongs to.
    pub(super) fn of(&self, record: &Parsed<'_>) -> Option<&TrailSet> {
        self.0.get(account(record)).map(Arc::as_ref)
    }

    /// All of them, by account.
    pub(super) fn all(&self) -> impl Iterator<Item = (&str, &TrailSet)> {
        self.0.iter().map(|(account, set)| (account.as_str(), set.as_ref()))
    }
}
