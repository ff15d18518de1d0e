//! AWS CloudTrail Lake (2013-11-01): event data stores, queries over them, imports into them.
//!
//! The API is CloudTrail's: the binary joins these operations to those of trails under one name. The files and the SQL are
//! those of `keeptrail-lake` and `keeptrail-sql`; here is what belongs to accounts: who may do what, what a store takes, what
//! became of a query.

mod errors;
mod model;
mod ops;

use std::sync::Arc;

use keeptrail_lake::Lake;
use keeptrail_operation::{AnyOperation, ServiceMeta};

/// What the operations share.
pub struct DataStores {
    lake: Lake,
}

impl DataStores {
    /// Event data stores whose files are in `lake`.
    #[must_use]
    pub fn new(lake: Lake) -> Arc<Self> {
        Arc::new(Self { lake })
    }
}

/// Every operation, under `meta`: CloudTrail's.
#[must_use]
pub fn operations(meta: &'static ServiceMeta, stores: &Arc<DataStores>) -> Vec<Arc<dyn AnyOperation>> {
    ops::operations(meta, stores)
}
