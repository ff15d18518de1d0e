//! `keeptrail operations`: every operation that is carried out, what its record shows, and what of AWS's is refused.

mod page;
mod table;

use std::{io::Write, sync::Arc};

use keeptrail_clock::{Clock, Random};
use keeptrail_envelope::{Keyring, RootKey};
use keeptrail_jobs::Driver;
use keeptrail_journal::{Journal, Ledger, Options};
use keeptrail_store::{Sqlite, Store};

use crate::{
    node::NodeError,
    wiring::{self, Settings},
};
use table::Service;

/// Prints the table: the page of the documentation, or JSON.
pub(crate) fn run(as_json: bool, out: &mut impl Write) -> Result<(), NodeError> {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    let services = runtime.block_on(services())?;
    let text = if as_json {
        serde_json::to_string(&services).map_err(|error| NodeError::Start(error.to_string()))? + "\n"
    } else {
        page::page(&services)
    };
    // A closed pipe ends the output; there is nothing to tell anybody then.
    drop(out.write_all(text.as_bytes()));
    Ok(())
}

/// The services as the server wires them, over an empty store that is thrown away.
async fn services() -> Result<Vec<Service>, NodeError> {
    let directory = tempfile::tempdir()?;
    let data = directory.path().to_owned();
    let (clock, random) = (Clock::system(), Random::system());
    let store = Store::new(Sqlite::open(&data.join("store.db"))?, 1 << 20);
    let journal = Journal::open(&data.join("journal"), Options::default(), clock.clone())?;
    let ledger = Ledger::open(store, journal, clock.clone()).await?;
    let path = data.join("master.key");
    let master = |source| NodeError::MasterKey { path: path.clone(), source };
    let root = RootKey::create(&path, &random).map_err(master)?;
    let (keyring, _) = Keyring::generate(&random, &root).map_err(master)?;
    let settings = Settings {
        public_url: "http://127.0.0.1".to_owned(),
        data,
        trail_interval: std::time::Duration::from_secs(300),
        smtp: None,
        notify_allow: Vec::new(),
    };
    let mut driver = Driver::new(ledger.clone(), clock.clone());
    let wired = wiring::wire(settings, &ledger, &Arc::new(keyring), &clock, &random, &mut driver).await?;
    Ok(table::table(&wired.services))
}
