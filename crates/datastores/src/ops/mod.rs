//! The operations, one a file.

use std::sync::Arc;

use keeptrail_operation::{AnyOperation, ServiceMeta};

use crate::DataStores;

/// Every operation of the service.
pub(crate) fn operations(_meta: &'static ServiceMeta, _stores: &Arc<DataStores>) -> Vec<Arc<dyn AnyOperation>> {
    Vec::new()
}
