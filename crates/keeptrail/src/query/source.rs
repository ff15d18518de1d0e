//! What is asked: a Lake, or an archive of log files that is taken into a Lake for the time of the query.

use std::{path::Path, sync::Arc};

use keeptrail_archive::Archive;
use keeptrail_clock::{Clock, Random};
use keeptrail_lake::{
    Access, DEFAULT_STORE, Lake, Layout, SearchColumns,
    import::{ImportOptions, Progress},
};
use keeptrail_sql::{Engine, Limits, SqlError, Stores};
use tempfile::TempDir;
use tokio::runtime::Runtime;

use super::QueryError;
use crate::import::{self, CommandError};

/// The stores, and the directory that goes with them.
pub(super) struct Source {
    pub(super) stores: Stores,
    /// The stores' names.
    pub(super) names: Vec<String>,
    _temporary: Option<TempDir>,
}

/// An engine that uses the Lake's columns for searching.
pub(super) fn engine(limits: Limits) -> Result<Engine, SqlError> {
    Engine::builder(limits).optimizer_rule(Arc::new(SearchColumns)).build()
}

/// Opens a Lake's directory as it is; anything else as an archive.
pub(super) fn open(place: &str, runtime: &Runtime) -> Result<Source, QueryError> {
    let catalog = Path::new(place).join("catalog.db");
    if catalog.try_exists().unwrap_or(false) {
        return runtime.block_on(async {
            let lake = Lake::open(Path::new(place), Access::Read, Clock::system(), Random::system()).await?;
            stores(&lake, None).await
        });
    }
    let archive = Archive::open(place).map_err(CommandError::from)?;
    let directory = tempfile::Builder::new().prefix("keeptrail-query-").tempdir()?;
    let open = Lake::open(directory.path(), Access::Create, Clock::system(), Random::system());
    let lake = runtime.block_on(open)?;
    let store = runtime.block_on(lake.event_store_or_new(DEFAULT_STORE, Layout { raw_record: true }))?;
    let progress = Arc::new(Progress::default());
    let shown = runtime.spawn(import::show(Clock::system(), Arc::clone(&progress)));
    let imported = store.import(&archive, place, &ImportOptions::default(), &progress, runtime.handle());
    shown.abort();
    // The bar is cleared when its task is dropped.
    drop(runtime.block_on(shown));
    let report = imported.map_err(CommandError::from)?;
    if report.failed_files > 0 {
        eprintln_quietly(&format!(
            "keeptrail: {} of {} log files could not be read whole; `keeptrail import` lists them",
            report.failed_files, report.files
        ));
    }
    runtime.block_on(stores(&lake, Some(directory)))
}

/// Standard error may be closed.
fn eprintln_quietly(text: &str) {
    use std::io::Write;
    drop(writeln!(std::io::stderr(), "{text}"));
}

/// The Lake's stores by name. If there is one, it answers under every name: queries written for another Lake run.
async fn stores(lake: &Lake, temporary: Option<TempDir>) -> Result<Source, QueryError> {
    let names = lake.stores().await?;
    let mut stores = Stores::new();
    if let [only] = names.as_slice() {
        stores = Stores::every(Arc::new(lake.event_store(only).await?.table()));
    }
    for name in &names {
        stores = stores.with(name, Arc::new(lake.event_store(name).await?.table()));
    }
    Ok(Source { stores, names, _temporary: temporary })
}
