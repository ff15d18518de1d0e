//! The operations, one a file.

mod create_event_data_store;
mod delete_event_data_store;
mod get_event_data_store;
mod list_event_data_stores;
mod restore_event_data_store;
mod settings;
mod shapes;
mod shared;
mod start_event_data_store_ingestion;
mod stop_event_data_store_ingestion;
mod update_event_data_store;

use std::sync::Arc;

use keeptrail_operation::{AnyOperation, ServiceMeta, bind};

use crate::DataStores;

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
