//! Lets old segments go.

use std::io;

use keeptrail_clock::Timestamp;

use crate::{
    error::JournalError,
    shared::{Catalog, Shared},
};

/// How many of the oldest segments lie wholly at or below `up_to` and were followed by another at or before
/// `older_than`.
fn retirable(catalog: &Catalog, up_to: u64, older_than: Timestamp) -> usize {
    let followers = catalog.sealed.iter().map(|segment| segment.header).chain(catalog.open).skip(1);
    catalog
        .sealed
        .iter()
        .zip(followers)
        .take_while(|(segment, next)| segment.last.seq <= up_to && next.created <= older_than)
        .count()
}

/// The first entry that would be kept; `None` when nothing can go.
pub(crate) fn first_kept(shared: &Shared, up_to: u64, older_than: Timestamp) -> Option<u64> {
    let catalog = shared.catalog();
    let gone = retirable(&catalog, up_to, older_than);
    let kept = catalog.sealed.get(gone).map(|segment| segment.header).or(catalog.open);
    kept.filter(|_| gone > 0).map(|header| header.first)
}

/// Removes what can go, oldest first, so that at any moment the rest is one chain.
pub(crate) fn retire(shared: &Shared, up_to: u64, older_than: Timestamp) -> Result<usize, JournalError> {
    let _care = shared.care();
    let gone = retirable(&shared.catalog(), up_to, older_than);
    for _ in 0..gone {
        let oldest = {
            let mut catalog = shared.catalog();
            if catalog.sealed.is_empty() {
                break;
            }
            // First from the catalog: a reader that finds no file must not take it for tampering.
            catalog.sealed.remove(0)
        };
        match shared.disk.remove(&shared.path(&oldest.name())) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => {
                shared.catalog().sealed.insert(0, oldest);
                return Err(JournalError::unavailable(&error));
            }
            _ => {}
        }
        shared.indexes().remove(&oldest.header.first);
    }
    if gone > 0 {
        shared.disk.sync_dir(&shared.dir).map_err(|error| JournalError::unavailable(&error))?;
    }
    Ok(gone)
}
