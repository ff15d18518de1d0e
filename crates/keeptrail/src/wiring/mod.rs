//! What connects the services: each port's adapter, and the jobs.

mod notices;

use std::{path::PathBuf, sync::Arc, time::Duration};

use ipnet::IpNet;
use keeptrail_arn::{AccountId, Region};
use keeptrail_clock::{Clock, Random};
use keeptrail_envelope::Keyring;
use keeptrail_gateway::ObjectApi;
use keeptrail_jobs::Driver;
use keeptrail_journal::Ledger;
use keeptrail_notify::{Deliveries, Expiries, Notify, NotifyConfig};
use keeptrail_operation::{Identities, Service};
use keeptrail_secrets::{LastAccess, Secrets, VersionDeletion};

use crate::{config::Smtp, directory::Credentials, node::NodeError, pages::Certificates};

/// The settings that services know.
pub(crate) struct Settings {
    pub(crate) account: AccountId,
    pub(crate) region: Region,
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

    Ok(Wired {
        services: vec![keeptrail_secrets::service(&secrets), keeptrail_notify::service(&notify)],
        objects: None,
        identities: Arc::new(RootOnly),
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

struct RootOnly;
static ROOT: std::sync::OnceLock<(String, String, AccountId)> = std::sync::OnceLock::new();
#[async_trait::async_trait]
impl Identities for RootOnly {
    async fn find(
        &self,
        _: &keeptrail_store::Tx,
        key: &str,
        _: Option<&str>,
    ) -> Result<keeptrail_operation::SigningCredential, keeptrail_operation::IdentityError> {
        let (id, secret, account) = ROOT.get().ok_or(keeptrail_operation::IdentityError::Unknown)?;
        if id != key {
            return Err(keeptrail_operation::IdentityError::Unknown);
        }
        let mut identity = keeptrail_operation::Identity::anonymous(account.clone());
        identity.principal = keeptrail_policy::Principal::AccountRoot { account: account.to_string() };
        Ok(keeptrail_operation::SigningCredential {
            secret: zeroize::Zeroizing::new(secret.as_bytes().to_vec()),
            identity: Arc::new(identity),
        })
    }
}
pub(crate) async fn ensure_root(
    _: &Wired,
    _: &Ledger,
    account: &AccountId,
    credentials: &Credentials,
) -> Result<(), NodeError> {
    let _ = ROOT.set((credentials.access_key_id.clone(), credentials.secret_access_key.to_string(), account.clone()));
    Ok(())
}
