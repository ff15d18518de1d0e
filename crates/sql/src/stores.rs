//! The event data stores that a query may read.

use std::{collections::HashMap, sync::Arc};

use datafusion::catalog::TableProvider;

/// Stores by each name they are called by: id, ARN, name. A query reaches these and nothing else.
///
/// Columns that a store has beyond [`crate::schema::lake_schema`] must begin with [`crate::schema::HIDDEN_PREFIX`].
#[derive(Clone, Debug, Default)]
pub struct Stores {
    named: HashMap<String, Arc<dyn TableProvider>>,
    every: Option<Arc<dyn TableProvider>>,
}

impl Stores {
    /// No stores.
    pub fn new() -> Self {
        Self::default()
    }

    /// One store under every name: for a query that was written for a store elsewhere.
    pub fn every(store: Arc<dyn TableProvider>) -> Self {
        Self { named: HashMap::new(), every: Some(store) }
    }

    /// Adds a store under a name, in any case.
    #[must_use]
    pub fn with(mut self, name: &str, store: Arc<dyn TableProvider>) -> Self {
        self.named.insert(name.to_lowercase(), store);
        self
    }

    pub(crate) fn find(&self, name: &str) -> Option<Arc<dyn TableProvider>> {
        self.named.get(&name.to_lowercase()).or(self.every.as_ref()).cloned()
    }
}
