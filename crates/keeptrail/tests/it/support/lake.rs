//! What stands in the Lake of a server that was stopped.

use std::{path::Path, sync::Arc};

use keeptrail_clock::{Clock, Random};
use keeptrail_lake::Lake;
use keeptrail_sql::{Engine, Limits, Stores};
use keeptrail_store::{Sqlite, Store};

/// Asks an event data store, which the statement calls `s`.
pub(crate) async fn query(data: &Path, arn: &str, statement: &str) -> Vec<Vec<String>> {
    let store = Store::new(Sqlite::open(&data.join("store.db")).unwrap(), 1 << 20);
    let lake = Lake::new(data.join("lake"), store, Clock::system(), Random::system());
    let (_, id) = arn.rsplit_once('/').unwrap();
    let store = lake.event_store(id).await.unwrap();
    let stores = Stores::new().with("s", Arc::new(store.table()));
    let mut answer = Engine::new(Limits::default()).unwrap().query(statement, &stores).await.unwrap();
    let mut rows = Vec::new();
    while let Some(page) = answer.next_rows().await.unwrap() {
        rows.extend(page.into_iter().map(|row| row.into_iter().map(Option::unwrap_or_default).collect()));
    }
    rows
}
