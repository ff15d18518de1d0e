//! The operations, one a file.

mod cancel_query;
mod create_event_data_store;
mod delete_event_data_store;
mod describe_query;
mod get_event_data_store;
mod get_import;
mod get_query_results;
mod list_event_data_stores;
mod list_import_failures;
mod list_imports;
mod list_public_keys;
mod list_queries;
mod restore_event_data_store;
mod search_sample_queries;
mod settings;
mod shapes;
mod shared;
mod start_event_data_store_ingestion;
mod start_import;
mod start_query;
mod stop_event_data_store_ingestion;
mod stop_import;
mod update_event_data_store;

use std::sync::Arc;

use keeptrail_operation::{AnyOperation, ServiceMeta, bind};

use crate::{DataStores, Imports, Queries};

/// Every operation of the service.
pub(crate) fn operations(meta: &'static ServiceMeta, stores: &Arc<DataStores>) -> Vec<Arc<dyn AnyOperation>> {
    vec![
        bind::<create_event_data_store::CreateEventDataStore>(meta, stores),
        bind::<delete_event_data_store::DeleteEventDataStore>(meta, stores),
        bind::<get_event_data_store::GetEventDataStore>(meta, stores),
        bind::<list_event_data_stores::ListEventDataStores>(meta, stores),
        bind::<restore_event_data_store::RestoreEventDataStore>(meta, stores),
        bind::<start_event_data_store_ingestion::StartEventDataStoreIngestion>(meta, stores),
        bind::<stop_event_data_store_ingestion::StopEventDataStoreIngestion>(meta, stores),
        bind::<update_event_data_store::UpdateEventDataStore>(meta, stores),
    ]
}

/// Every operation on queries.
pub(crate) fn query_operations(meta: &'static ServiceMeta, queries: &Arc<Queries>) -> Vec<Arc<dyn AnyOperation>> {
    vec![
        bind::<cancel_query::CancelQuery>(meta, queries),
        bind::<describe_query::DescribeQuery>(meta, queries),
        bind::<get_query_results::GetQueryResults>(meta, queries),
        bind::<list_public_keys::ListPublicKeys>(meta, queries),
        bind::<list_queries::ListQueries>(meta, queries),
        bind::<search_sample_queries::SearchSampleQueries>(meta, queries),
        bind::<start_query::StartQuery>(meta, queries),
    ]
}

/// Every operation on imports.
pub(crate) fn import_operations(meta: &'static ServiceMeta, imports: &Arc<Imports>) -> Vec<Arc<dyn AnyOperation>> {
    vec![
        bind::<get_import::GetImport>(meta, imports),
        bind::<list_import_failures::ListImportFailures>(meta, imports),
        bind::<list_imports::ListImports>(meta, imports),
        bind::<start_import::StartImport>(meta, imports),
        bind::<stop_import::StopImport>(meta, imports),
    ]
}
