//! A server: store, journal, services and gateway, started and stopped as one.

use std::{net::SocketAddr, path::PathBuf, sync::Arc, time::Duration};

use keeptrail_arn::AccountId;
use keeptrail_clock::{Clock, Random, before};
use keeptrail_envelope::{EnvelopeError, Keyring, RootKey, WrappedKeyring};
use keeptrail_gateway::{Gateway, Limits, Server, ServerError, TlsError};
use keeptrail_jobs::{Driver, Running};
use keeptrail_journal::{CommitError, Journal, JournalError, Ledger, Options};
use keeptrail_operation::{ApiError, Dispatcher};
use keeptrail_store::{Sqlite, Store, StoreError, Table};
use metrics_exporter_prometheus::{PrometheusBuilder, PrometheusHandle};
use tokio::{sync::watch, task::JoinHandle};
use zeroize::Zeroizing;

use crate::{
    config::{Config, Tls},
    directory::{Credentials, Directory, DirectoryError, Endpoint},
    pages::ServerPages,
    tamper,
    wiring::{self, Settings},
};

/// Memory for hot rows.
const CACHE: usize = 24 << 20;
/// Readers of the journal commit at most about so often while there is always something to read.
const GATHERING: Duration = Duration::from_millis(50);
/// How often old journal segments are looked for.
const RETENTION_INTERVAL: Duration = Duration::from_secs(60);

const ACCOUNT: Table<AccountId> = Table::new("node.account");
const KEYRING: Table<WrappedKeyring> = Table::new("node.keyring");

const KEY_LETTERS: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
const SECRET_LETTERS: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

/// Why the server did not start.
#[derive(Debug, thiserror::Error)]
pub(crate) enum NodeError {
    #[error(transparent)]
    Directory(#[from] DirectoryError),
    #[error("the store cannot be opened: {0}")]
    Store(#[from] StoreError),
    #[error("the journal cannot be opened: {0}")]
    Journal(#[from] JournalError),
    #[error("store and journal cannot be joined: {0}")]
    Ledger(#[from] CommitError),
    #[error("master key {path}: {source}")]
    MasterKey { path: PathBuf, source: EnvelopeError },
    #[error("the keyring cannot be opened: {0}; is {1} the master key of this data directory?")]
    Keyring(EnvelopeError, PathBuf),
    #[error("account-id: this data directory belongs to account {0}")]
    OtherAccount(AccountId),
    #[error(transparent)]
    Tls(#[from] TlsError),
    #[error(transparent)]
    Listen(#[from] ServerError),
    #[error("{0}")]
    Start(String),
}

impl From<ApiError> for NodeError {
    fn from(error: ApiError) -> Self {
        Self::Start(error.to_string())
    }
}

impl From<std::io::Error> for NodeError {
    fn from(error: std::io::Error) -> Self {
        Self::Start(error.to_string())
    }
}

impl From<keeptrail_clock::NoRandomness> for NodeError {
    fn from(error: keeptrail_clock::NoRandomness) -> Self {
        Self::Start(error.to_string())
    }
}

/// A running server.
pub(crate) struct Node {
    url: String,
    account: AccountId,
    credentials: Credentials,
    ledger: Ledger,
    jobs: Arc<Running>,
    stop: watch::Sender<bool>,
    serving: JoinHandle<bool>,
    background: Vec<JoinHandle<()>>,
    _directory: Directory,
}

/// The recorder of metrics, for the whole process.
pub(crate) fn prometheus() -> PrometheusHandle {
    let recorder = PrometheusBuilder::new().build_recorder();
    let handle = recorder.handle();
    if metrics::set_global_recorder(recorder).is_err() {
        tracing::warn!("metrics are recorded elsewhere already");
    }
    handle
}

impl Node {
    /// Starts a server and returns when it accepts requests.
    pub(crate) async fn start(config: Config, metrics: Option<PrometheusHandle>) -> Result<Self, NodeError> {
        let (clock, random) = (Clock::system(), Random::system());
        let directory = Directory::open(&config.data)?;
        let store = Store::new(Sqlite::open(&directory.join("store.db"))?, CACHE);
        let account = account(&store, &clock, &random, config.account).await?;
        let keyring = Arc::new(keyring(&store, &clock, &random, &config.master_key).await?);
        let options = Options {
            on_fault: Some(tamper::recorder(account.clone(), config.region.clone(), random.clone())),
            ..Options::default()
        };
        let journal = Journal::open(&directory.join("journal"), options, clock.clone())?;
        let ledger = Ledger::open(store, journal.clone(), clock.clone()).await?;

        let tls = match &config.tls {
            Tls::None => None,
            Tls::Files { certificate, key } => Some(keeptrail_gateway::server_config(certificate, key)?),
            Tls::SelfSigned(names) => {
                let (certificate, key) = keeptrail_gateway::self_signed(&config.data, names.clone())?;
                Some(keeptrail_gateway::server_config(&certificate, &key)?)
            }
        };
        let scheme = if tls.is_some() { "https" } else { "http" };
        let limits = Limits::default();
        // The address is known only when it is bound (port 0), and the services' links need it: bind first.
        let listener = Server::bind(config.listen, tls, limits.clone()).await?;
        let address = listener.address()?;
        let url = config.public_url.clone().unwrap_or_else(|| format!("{scheme}://{}", reachable(address)));

        let settings = Settings {
            public_url: url.clone(),
            data: config.data.clone(),
            trail_interval: config.trail_interval,
            smtp: config.smtp,
            notify_allow: config.notify_allow,
        };
        let mut driver = Driver::new(ledger.clone(), clock.clone()).gathering(GATHERING).apart();
        let wired = wiring::wire(settings, &ledger, &keyring, &clock, &random, &mut driver).await?;
        driver.recall().await.map_err(|error| NodeError::Start(error.to_string()))?;
        let credentials = root(&directory, &random, config.root)?;
        wiring::ensure_root(&wired, &ledger, &random, &account, &credentials).await?;

        let jobs = Arc::new(driver.start());
        let pages = ServerPages {
            ledger: ledger.clone(),
            jobs: Arc::clone(&jobs),
            metrics: metrics.clone(),
            certificates: wired.certificates,
        };
        let dispatcher = Dispatcher::new(Arc::new(ledger.clone()), wired.identities, clock.clone(), random.clone());
        let gateway = Gateway::new(keeptrail_gateway::Parts {
            dispatcher,
            services: wired.services,
            objects: wired.objects,
            pages: Arc::new(pages),
            account: account.clone(),
            region: config.region.clone(),
            limits,
        });
        directory.write_credentials(&credentials)?;
        directory.write_endpoint(&Endpoint { url: url.clone(), region: config.region.to_string() })?;
        let stop = watch::Sender::new(false);
        let serving = tokio::spawn(listener.serve(Arc::new(gateway), stop.subscribe(), Duration::from_secs(10)));
        let background = vec![
            tokio::spawn({
                let journal = journal.clone();
                async move { journal.watch().await }
            }),
            tokio::spawn(retire(ledger.clone(), Arc::clone(&jobs), clock, config.journal_retention)),
            tokio::spawn(upkeep(metrics)),
        ];
        Ok(Self { url, account, credentials, ledger, jobs, stop, serving, background, _directory: directory })
    }

    /// The URL that clients reach the server by.
    pub(crate) fn url(&self) -> &str {
        &self.url
    }

    /// The account.
    pub(crate) fn account(&self) -> &AccountId {
        &self.account
    }

    /// The root user's key.
    pub(crate) fn credentials(&self) -> &Credentials {
        &self.credentials
    }

    /// Stops: no new requests, those in flight finish, then the background work. Returns whether all finished in time.
    pub(crate) async fn stop(self, grace: Duration) -> bool {
        self.stop.send_replace(true);
        let served = self.serving.await.unwrap_or(false);
        let drained = tokio::time::timeout(grace, async {
            self.jobs.drain().await;
            self.ledger.settled().await;
            self.ledger.remember().await;
        })
        .await
        .is_ok();
        for task in self.background {
            task.abort();
        }
        served && drained
    }
}

/// The account: the given one at the first start, else drawn; later always the same.
async fn account(
    store: &Store,
    clock: &Clock,
    random: &Random,
    given: Option<AccountId>,
) -> Result<AccountId, NodeError> {
    let tx = store.begin(clock.now());
    if let Some(known) = ACCOUNT.get(&tx, &[]).await? {
        return match given {
            Some(given) if given != *known => Err(NodeError::OtherAccount(AccountId::clone(&known))),
            _ => Ok(AccountId::clone(&known)),
        };
    }
    let account = match given {
        Some(given) => given,
        // No leading zero, so that it survives spreadsheets.
        None => format!("{}{}", random.text(b"123456789", 1)?, random.text(b"0123456789", 11)?)
            .parse()
            .map_err(|error: keeptrail_arn::ArnError| NodeError::Start(error.to_string()))?,
    };
    ACCOUNT.put(&tx, &[], &account)?;
    store.commit(tx).await?;
    Ok(account)
}

/// The keyring, unwrapped by the master key; both are made at the first start.
async fn keyring(store: &Store, clock: &Clock, random: &Random, path: &std::path::Path) -> Result<Keyring, NodeError> {
    let master = |source| NodeError::MasterKey { path: path.to_owned(), source };
    let tx = store.begin(clock.now());
    if let Some(wrapped) = KEYRING.get(&tx, &[]).await? {
        let root = RootKey::read(path).map_err(master)?;
        return Keyring::unwrap(&wrapped, &root).map_err(|error| NodeError::Keyring(error, path.to_owned()));
    }
    let root = if path.try_exists()? { RootKey::read(path) } else { RootKey::create(path, random) }.map_err(master)?;
    let (keyring, wrapped) = Keyring::generate(random, &root).map_err(master)?;
    KEYRING.put(&tx, &[], &wrapped)?;
    store.commit(tx).await?;
    Ok(keyring)
}

/// The root user's key: the given one, else the one in the credentials file, else a new one.
fn root(
    directory: &Directory,
    random: &Random,
    given: Option<crate::config::RootKey>,
) -> Result<Credentials, NodeError> {
    if let Some(given) = given {
        return Ok(Credentials { access_key_id: given.access_key_id, secret_access_key: given.secret_access_key });
    }
    if directory.join("credentials").try_exists()? {
        return Ok(directory.credentials()?);
    }
    Ok(Credentials {
        access_key_id: format!("AKIA{}", random.text(KEY_LETTERS, 16)?),
        secret_access_key: Zeroizing::new(random.text(SECRET_LETTERS, 40)?),
    })
}

/// An address that a client on this machine can use: one that listens everywhere is reached by loopback.
fn reachable(address: SocketAddr) -> SocketAddr {
    if address.ip().is_unspecified() { SocketAddr::from(([127, 0, 0, 1], address.port())) } else { address }
}

/// Removes journal segments that every reader has passed and that are older than the retention.
async fn retire(ledger: Ledger, jobs: Arc<Running>, clock: Clock, keep: Duration) {
    loop {
        clock.sleep(RETENTION_INTERVAL).await;
        if let Err(error) = ledger.retire(jobs.passed_by_all(), before(clock.now(), keep)).await {
            tracing::warn!(%error, "old journal segments could not be removed");
        }
    }
}

/// Lets the metrics recorder fold what it has buffered.
async fn upkeep(metrics: Option<PrometheusHandle>) {
    let clock = Clock::system();
    while let Some(metrics) = &metrics {
        clock.sleep(Duration::from_secs(5)).await;
        metrics.run_upkeep();
    }
}
