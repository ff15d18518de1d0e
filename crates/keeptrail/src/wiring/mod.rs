//! What connects the services: each port's adapter, and the jobs.

mod alarm_events;
mod data_store_tags;
mod import_buckets;
mod metric_values;
mod notices;
mod objects;
#[cfg(test)]
mod tests;
mod trail_logs;

use std::{path::PathBuf, sync::Arc, time::Duration};

use ipnet::IpNet;
use keeptrail_arn::AccountId;
use keeptrail_buckets::{Buckets, Gate};
use keeptrail_clock::{Clock, Random};
use keeptrail_datastores::{
    DataStores, ImportParts, ImportRuns, Imports, Ingestion, Queries, QueryParts, QueryRetention, QueryRuns, Upkeep,
};
use keeptrail_envelope::Keyring;
use keeptrail_events::{Events, RuleReader};
use keeptrail_gateway::ObjectApi;
use keeptrail_iam::{Iam, KeyUses};
use keeptrail_jobs::Driver;
use keeptrail_journal::Ledger;
use keeptrail_lake::Lake;
use keeptrail_logs::Logs;
use keeptrail_metrics::Metrics;
use keeptrail_notify::{Deliveries, Expiries, Notify, NotifyConfig};
use keeptrail_operation::{Identities, Service};
use keeptrail_secrets::{LastAccess, Secrets, VersionDeletion};
use keeptrail_trail::Trails;

use self::{
    alarm_events::Bus,
    data_store_tags::StoreTags,
    import_buckets::ImportBuckets,
    metric_values::MetricValues,
    notices::Topics,
    objects::{Front, LogFileBuckets, ResultBuckets},
    trail_logs::TrailLogs,
};
use crate::{config::Smtp, directory::Credentials, node::NodeError, pages::Certificates};

/// The settings that services know.
pub(crate) struct Settings {
    pub(crate) public_url: String,
    pub(crate) data: PathBuf,
    pub(crate) trail_interval: Duration,
    pub(crate) smtp: Option<Smtp>,
    pub(crate) notify_allow: Vec<IpNet>,
}

/// The services, ready to be served.
pub(crate) struct Wired {
    pub(crate) services: Vec<Service>,
    pub(crate) objects: Option<Arc<dyn ObjectApi>>,
    pub(crate) identities: Arc<dyn Identities>,
    pub(crate) iam: Arc<Iam>,
    pub(crate) certificates: Arc<dyn Certificates>,
}

/// Makes the services and gives their jobs to the driver.
pub(crate) async fn wire(
    settings: Settings,
    ledger: &Ledger,
    keyring: &Arc<Keyring>,
    clock: &Clock,
    random: &Random,
    driver: &mut Driver,
) -> Result<Wired, NodeError> {
    let secrets = Secrets::new(Arc::clone(keyring));
    driver.reader(LastAccess);
    driver.task(VersionDeletion::new(ledger.clone(), random.clone()));

    let notify = notify(&settings, ledger, keyring, clock, random).await?;
    driver.task(Deliveries::new(Arc::clone(&notify)));
    driver.task(Expiries::new(Arc::clone(&notify)));

    let events = Events::new(Arc::new(Topics(Arc::clone(&notify))), random.clone());
    driver.reader(RuleReader::new(Arc::clone(&events)));

    let metrics = Metrics::new(Arc::new(Topics(Arc::clone(&notify))), Arc::new(Bus(Arc::clone(&events))));
    driver.task(keeptrail_metrics::tasks::Evaluation::new(ledger.clone(), metrics.clone()));
    driver.task(keeptrail_metrics::tasks::Retention::new(ledger.clone()));

    let logs = Logs::new(Arc::new(MetricValues(metrics.clone())), random.clone());
    driver.task(keeptrail_logs::tasks::Merge::new(ledger.clone()));
    driver.task(keeptrail_logs::tasks::Purge::new(ledger.clone()));
    driver.task(keeptrail_logs::tasks::Retention::new(ledger.clone()));

    let buckets =
        Buckets::open(Arc::new(ledger.clone()), clock.clone(), random.clone(), &settings.data.join("objects"))
            .await
            .map_err(|error| NodeError::Start(error.to_string()))?;
    driver.task(keeptrail_buckets::Sweep::new(Arc::clone(&buckets)));

    let trails = Trails::new(
        Arc::new(LogFileBuckets(Arc::clone(&buckets))),
        Arc::new(TrailLogs(logs.clone())),
        Arc::new(Topics(Arc::clone(&notify))),
        Arc::new(StoreTags),
    );
    driver.reader(keeptrail_trail::jobs::LogDelivery::new(Arc::clone(&trails)));
    driver.reader(keeptrail_trail::history::HistoryReader);
    driver.reader(keeptrail_trail::jobs::LogFileReader::default());
    let interval = settings.trail_interval;
    driver.task(keeptrail_trail::jobs::LogFiles::new(Arc::clone(&trails), ledger.clone(), random.clone(), interval));
    driver.task(keeptrail_trail::history::HistoryRetention::new(ledger.clone()));

    let lake = Lake::new(settings.data.join("lake"), ledger.store().clone(), clock.clone(), random.clone());
    let start = |error: &dyn std::fmt::Display| NodeError::Start(error.to_string());
    let stores = DataStores::open(lake, clock.clone()).await.map_err(|error| start(&error))?;
    driver.follower(Ingestion::new(Arc::clone(&stores)).map_err(|error| start(&error))?);
    driver.task(Upkeep::new(Arc::clone(&stores), ledger.clone()));

    let parts = QueryParts {
        ledger: ledger.clone(),
        keyring: Arc::clone(keyring),
        clock: clock.clone(),
        random: random.clone(),
        stores: Arc::clone(&stores),
        sink: Arc::new(ResultBuckets(Arc::clone(&buckets))),
        directory: settings.data.join("query-results"),
    };
    let queries = Queries::open(parts).await.map_err(|error| start(&error))?;
    driver.task(QueryRuns::new(Arc::clone(&queries)));
    driver.task(QueryRetention::new(Arc::clone(&queries)));
    let parts = ImportParts {
        ledger: ledger.clone(),
        clock: clock.clone(),
        stores: Arc::clone(&stores),
        source: Arc::new(ImportBuckets { buckets: Arc::clone(&buckets), ledger: ledger.clone() }),
    };
    let imports = Imports::open(parts).map_err(|error| start(&error))?;
    driver.task(ImportRuns::new(Arc::clone(&imports)));

    let iam = Iam::new(Arc::clone(keyring));
    driver.reader(KeyUses);
    let mut services = keeptrail_iam::services(&iam);
    services.push(keeptrail_secrets::service(&secrets));
    services.push(keeptrail_notify::service(&notify));
    services.push(keeptrail_events::service(&events));
    let mut cloudtrail = keeptrail_trail::operations(&trails);
    cloudtrail.extend(keeptrail_datastores::operations(&keeptrail_trail::META, &stores));
    cloudtrail.extend(keeptrail_datastores::query_operations(&keeptrail_trail::META, &queries));
    cloudtrail.extend(keeptrail_datastores::import_operations(&keeptrail_trail::META, &imports));
    services.push(Service::new(&keeptrail_trail::META, cloudtrail));
    services.push(keeptrail_metrics::service(Arc::new(metrics)));
    services.push(keeptrail_logs::service(Arc::new(logs)));
    Ok(Wired {
        services,
        objects: Some(Arc::new(Front(Gate::new(&buckets)))),
        identities: Arc::clone(&iam) as Arc<dyn Identities>,
        iam,
        certificates: notify,
    })
}

async fn notify(
    settings: &Settings,
    ledger: &Ledger,
    keyring: &Arc<Keyring>,
    clock: &Clock,
    random: &Random,
) -> Result<Arc<Notify>, NodeError> {
    let config = NotifyConfig {
        smtp_url: settings.smtp.as_ref().map(|smtp| smtp.url.to_string()),
        smtp_from: settings.smtp.as_ref().map(|smtp| smtp.from.clone()),
        allow: settings.notify_allow.clone(),
        ..NotifyConfig::new(settings.public_url.clone())
    };
    let parts = keeptrail_notify::Parts {
        ledger: Arc::new(ledger.clone()),
        keyring: Arc::clone(keyring),
        clock: clock.clone(),
        random: random.clone(),
    };
    Notify::open(parts, &config).await.map_err(|error| NodeError::Start(error.to_string()))
}

impl Certificates for Notify {
    fn certificate(&self, path: &str) -> Option<Vec<u8>> {
        Notify::certificate(self, path)
    }
}

/// Makes the root user's key the one in the credentials file.
pub(crate) async fn ensure_root(
    wired: &Wired,
    ledger: &Ledger,
    random: &Random,
    account: &AccountId,
    credentials: &Credentials,
) -> Result<(), NodeError> {
    let tx = ledger.begin();
    let (id, secret) = (&credentials.access_key_id, &credentials.secret_access_key);
    keeptrail_iam::ensure_root(&wired.iam, &tx, random, account, id, secret)
        .await
        .map_err(|error| NodeError::Start(error.to_string()))?;
    ledger.commit(tx).await?;
    Ok(())
}
