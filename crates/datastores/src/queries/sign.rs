//! The keys that results are signed with: one for each region, made when it is first needed.

use aws_lc_rs::{
    digest,
    encoding::{AsDer, Pkcs8V1Der},
    rand::SystemRandom,
    rsa::{KeyPair, KeySize},
    signature::{KeyPair as _, RSA_PKCS1_SHA256},
};
use base64::{Engine, engine::general_purpose::STANDARD};
use keeptrail_clock::{NoRandomness, Random, Timestamp, after};
use keeptrail_envelope::{EnvelopeError, Keyring, Sealed};
use keeptrail_journal::CommitError;
use keeptrail_store::{StoreError, Table, Tx};
use md5::{Digest, Md5};
use serde::{Deserialize, Serialize};
use std::{sync::Arc, time::Duration};

use super::{Queries, model::time_part};

/// The keys, by region and the time they are valid from.
const KEYS: Table<KeyRow> = Table::new("datastores.signing-key");
/// A key signs for a year; then another is made.
const VALIDITY: Duration = Duration::from_secs(365 * 86_400);

/// Why something cannot be signed.
#[derive(Debug, thiserror::Error)]
pub(crate) enum SignError {
    #[error("no signing key can be made")]
    Generate,
    #[error("the signing key cannot be used")]
    Key,
    #[error("the signing key cannot be sealed or opened")]
    Envelope(#[from] EnvelopeError),
    #[error("there is no randomness")]
    Randomness(#[from] NoRandomness),
    #[error("the store failed")]
    Store(#[from] StoreError),
    #[error("the signing key cannot be stored")]
    Commit(#[from] CommitError),
}

/// A key as the store keeps it.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct KeyRow {
    /// PKCS #8.
    sealed: Sealed,
    /// The public key in DER of PKCS #1, in base64.
    public: String,
    /// MD5 of the public key's DER in hex: the name that AWS gives it. No secret hangs on it.
    pub(crate) fingerprint: String,
    pub(crate) from: Timestamp,
    pub(crate) to: Timestamp,
}

/// A key that can sign.
pub(crate) struct Signer {
    key: KeyPair,
    pub(crate) fingerprint: String,
}

impl KeyRow {
    /// The public key in DER of PKCS #1.
    pub(crate) fn public(&self) -> Vec<u8> {
        STANDARD.decode(&self.public).unwrap_or_default()
    }

    fn generate(random: &Random, keyring: &Keyring, region: &str, now: Timestamp) -> Result<Self, SignError> {
        let key = KeyPair::generate(KeySize::Rsa2048).map_err(|_| SignError::Generate)?;
        let private: Pkcs8V1Der<'static> = key.as_der().map_err(|_| SignError::Generate)?;
        let public = key.public_key().as_ref();
        let fingerprint = hex::encode(Md5::digest(public));
        let sealed = keyring.seal(random, sealed_as(region, &fingerprint).as_bytes(), private.as_ref())?;
        Ok(Self { sealed, public: STANDARD.encode(public), fingerprint, from: now, to: after(now, VALIDITY) })
    }

    fn open(&self, keyring: &Keyring, region: &str) -> Result<Signer, SignError> {
        let private = keyring.open(sealed_as(region, &self.fingerprint).as_bytes(), &self.sealed)?;
        let key = KeyPair::from_pkcs8(&private).map_err(|_| SignError::Key)?;
        Ok(Signer { key, fingerprint: self.fingerprint.clone() })
    }
}

impl Signer {
    /// RSA (PKCS #1 v1.5) over SHA-256 of `text`, in hex.
    pub(crate) fn sign(&self, text: &str) -> Result<String, SignError> {
        let mut signature = vec![0; self.key.public_modulus_len()];
        let signed = self.key.sign(&RSA_PKCS1_SHA256, &SystemRandom::new(), text.as_bytes(), &mut signature);
        signed.map_err(|_| SignError::Key)?;
        Ok(hex::encode(signature))
    }
}

/// SHA-256 in hex.
pub(crate) fn hash(bytes: &[u8]) -> String {
    hex::encode(digest::digest(&digest::SHA256, bytes))
}

/// Binds a sealed key to its place.
fn sealed_as(region: &str, fingerprint: &str) -> String {
    format!("datastores.signing-key/{region}/{fingerprint}")
}

/// The keys of a region, oldest first.
pub(crate) async fn keys(tx: &Tx, region: &str) -> Result<Vec<Arc<KeyRow>>, StoreError> {
    Ok(KEYS.all(tx, &[region]).await?.into_iter().map(|(_, row)| row).collect())
}

impl Queries {
    /// The region's key; one is made when there is none that is valid now.
    pub(super) async fn signer(&self, region: &str) -> Result<Signer, SignError> {
        loop {
            let tx = self.ledger.begin();
            let now = tx.now();
            if let Some(row) = keys(&tx, region).await?.last().filter(|row| now < row.to) {
                return row.open(&self.keyring, region);
            }
            let (random, keyring, name) = (self.random.clone(), Arc::clone(&self.keyring), region.to_owned());
            let made = tokio::task::spawn_blocking(move || KeyRow::generate(&random, &keyring, &name, now));
            let row = made.await.map_err(|_| SignError::Generate)??;
            KEYS.put(&tx, &[region, &time_part(row.from)], &row)?;
            match self.ledger.commit(tx).await {
                // Another query was faster: its key is the one.
                Err(CommitError::Conflict) => {}
                Err(error) => return Err(error.into()),
                Ok(()) => return row.open(&self.keyring, region),
            }
        }
    }
}
