//! Amazon SNS (API version 2010-03-31): topics, subscriptions by http, https and e-mail, signed and guarded delivery.
//!
//! Publishing writes one row for each delivery in the publisher's own transaction; [`Deliveries`] carries them out and
//! removes a row only when its message has arrived or was given up. So a message is never lost, and a crash repeats at
//! most the attempts in flight, under the same message id.

mod config;
mod deliver;
mod delivery_policy;
mod errors;
mod expire;
mod guard;
mod mail;
mod message;
mod message_attributes;
mod model;
mod names;
mod ops;
mod paging;
mod publish;
mod signer;
mod subscription_attributes;
#[cfg(test)]
mod tests;
mod tokens;
mod topic_attributes;
mod topic_policy;
mod webhook;

use std::sync::Arc;

use keeptrail_clock::{Clock, NoRandomness, Random};
use keeptrail_envelope::{EnvelopeError, Keyring};
use keeptrail_operation::{CommitError, ErrorCode, Ledger, Query, Service, ServiceMeta};
use keeptrail_store::StoreError;
use tokio::sync::{OnceCell, watch};

pub use config::NotifyConfig;
pub use deliver::Deliveries;
pub use expire::Expiries;
pub use publish::{PublishError, Publisher};

use guard::{Guard, Lookup, SystemLookup};
use mail::Mailer;
use signer::Signer;
use webhook::Webhooks;

/// What is fixed about the service.
pub static META: ServiceMeta = ServiceMeta {
    name: "sns",
    signing_name: "sns",
    event_source: "sns.amazonaws.com",
    api_version: None,
    global_region: None,
    json: None,
    query: Some(Query { version: "2010-03-31", namespace: "http://sns.amazonaws.com/doc/2010-03-31/" }),
    cbor: None,
    access_denied: errors::AUTHORIZATION,
    internal: ErrorCode::server("InternalErrorException").in_query("InternalError"),
};

/// Why notifications cannot be set up, or a message not be made.
#[derive(Debug, thiserror::Error)]
pub enum NotifyError {
    /// A setting is missing or cannot be used.
    #[error("{0}")]
    Setting(String),
    /// The signing key cannot be made, opened or used.
    #[error("the signing key of notifications cannot be used: {0}")]
    Signer(String),
    /// The signing key cannot be sealed or opened.
    #[error("the signing key of notifications cannot be opened")]
    Envelope(#[from] EnvelopeError),
    /// The HTTP client cannot be made.
    #[error("the client for webhooks cannot be made: {0}")]
    Client(String),
    /// A message cannot be written as JSON.
    #[error("a message cannot be encoded: {0}")]
    Encoding(String),
    /// The store failed.
    #[error("the store failed")]
    Store(#[from] StoreError),
    /// The signing key cannot be kept.
    #[error("the signing key of notifications cannot be stored")]
    Commit(#[from] CommitError),
    /// There is no randomness.
    #[error("there is no randomness")]
    Randomness(#[from] NoRandomness),
}

/// What notifications are made with.
#[derive(Clone)]
pub struct Parts {
    /// Where rows are kept.
    pub ledger: Arc<dyn Ledger>,
    /// What seals the signing key and tokens.
    pub keyring: Arc<Keyring>,
    /// The clock.
    pub clock: Clock,
    /// Randomness for ids and tokens.
    pub random: Random,
}

/// Topics, subscriptions and their deliveries: what the operations share.
pub struct Notify {
    ledger: Arc<dyn Ledger>,
    keyring: Arc<Keyring>,
    clock: Clock,
    random: Random,
    public_url: String,
    /// Made when the first message is signed: an RSA key takes longer to make than the whole server to start.
    signer: OnceCell<Signer>,
    guard: Guard,
    webhooks: Webhooks,
    mailer: Option<Mailer>,
    in_flight: watch::Sender<usize>,
}

impl Notify {
    /// Sets notifications up.
    ///
    /// # Errors
    /// When a setting cannot be used, or a signing key that was made before cannot be read.
    pub async fn open(parts: Parts, config: &NotifyConfig) -> Result<Arc<Self>, NotifyError> {
        Self::open_with(parts, config, Arc::new(SystemLookup)).await
    }

    async fn open_with(parts: Parts, config: &NotifyConfig, lookup: Arc<dyn Lookup>) -> Result<Arc<Self>, NotifyError> {
        let Parts { ledger, keyring, clock, random } = parts;
        let guard = Guard::new(&config.allow, lookup);
        let row = model::SIGNERS.get(&ledger.begin(clock.now()), &["current"]).await?;
        let signer = row.map(|row| Signer::open(&row, &keyring)).transpose()?;
        Ok(Arc::new(Self {
            signer: OnceCell::new_with(signer),
            webhooks: Webhooks::new(guard.clone(), config.timeout)?,
            mailer: Mailer::new(config)?,
            public_url: config.public_url.trim_end_matches('/').to_owned(),
            ledger,
            keyring,
            clock,
            random,
            guard,
            in_flight: watch::Sender::new(0),
        }))
    }

    /// The certificate that messages' signatures are verified with, in PEM, if `path` is its path. Public.
    #[must_use]
    pub fn certificate(&self, path: &str) -> Option<Vec<u8>> {
        let signer = self.signer.get().filter(|signer| signer.path() == path)?;
        Some(signer.certificate().as_bytes().to_vec())
    }

    /// The key that messages are signed with, made and stored before the first signature.
    async fn signer(&self) -> Result<&Signer, NotifyError> {
        self.signer.get_or_try_init(|| self.make_signer()).await
    }

    async fn make_signer(&self) -> Result<Signer, NotifyError> {
        loop {
            let tx = self.ledger.begin(self.clock.now());
            if let Some(row) = model::SIGNERS.get(&tx, &["current"]).await? {
                return Signer::open(&row, &self.keyring);
            }
            let (random, keyring) = (self.random.clone(), Arc::clone(&self.keyring));
            let made = tokio::task::spawn_blocking(move || Signer::generate(&random, &keyring));
            let row = made.await.map_err(|error| NotifyError::Signer(error.to_string()))??;
            model::SIGNERS.put(&tx, &["current"], &row)?;
            match self.ledger.commit(tx).await {
                Ok(()) => return Signer::open(&row, &self.keyring),
                // Another node was faster: its key is the one.
                Err(CommitError::Conflict) => {}
                Err(error) => return Err(error.into()),
            }
        }
    }

    /// Waits until no delivery is in flight: for tests and for a clean stop. Deliveries that wait for their next attempt
    /// do not count.
    pub async fn at_rest(&self) {
        // The sender lives as long as `self`, so waiting cannot fail.
        let _ = self.in_flight.subscribe().wait_for(|count| *count == 0).await;
    }
}

/// The service, ready to be served.
#[must_use]
pub fn service(notify: &Arc<Notify>) -> Service {
    Service::new(&META, ops::operations(notify))
}
