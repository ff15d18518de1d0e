//! Signatures of messages, and the certificate that subscribers verify them with.
//!
//! Source: "Verifying the signatures of Amazon SNS messages" in the SNS developer guide.

use aws_lc_rs::{digest, rand::SystemRandom, rsa::KeyPair, signature::RSA_PKCS1_SHA256};
use base64::{Engine, engine::general_purpose::STANDARD};
use keeptrail_clock::Random;
use keeptrail_envelope::Keyring;
use rsa::{Pkcs1v15Sign, PrivateKey, pkcs8::DecodePrivateKey};
use zeroize::Zeroizing;

use crate::{
    NotifyError,
    model::{SignatureVersion, SignerRow},
};

/// What stands before a SHA-1 hash in a signature (RFC 8017, section 9.2, note 1).
const SHA1_PREFIX: [u8; 15] =
    [0x30, 0x21, 0x30, 0x09, 0x06, 0x05, 0x2b, 0x0e, 0x03, 0x02, 0x1a, 0x05, 0x00, 0x04, 0x14];
/// Binds the sealed key to its place.
const SEALED_AS: &[u8] = b"notify.signer/current";

/// The RSA key that messages are signed with.
pub(crate) struct Signer {
    key: KeyPair,
    /// The same key for version 1: aws-lc-rs does not sign with SHA-1.
    legacy: PrivateKey,
    certificate: String,
    path: String,
}

impl Signer {
    /// A new 2048-bit key with its certificate, as the store keeps it.
    pub(crate) fn generate(random: &Random, keyring: &Keyring) -> Result<SignerRow, NotifyError> {
        let failed = |error: rcgen::Error| NotifyError::Signer(error.to_string());
        let key = rcgen::KeyPair::generate_for(&rcgen::PKCS_RSA_SHA256).map_err(failed)?;
        let mut params = rcgen::CertificateParams::default();
        params.distinguished_name = rcgen::DistinguishedName::new();
        params.distinguished_name.push(rcgen::DnType::CommonName, "keeptrail notifications");
        let certificate = params.self_signed(&key).map_err(failed)?.pem();
        let der = Zeroizing::new(key.serialize_der());
        Ok(SignerRow { key: keyring.seal(random, SEALED_AS, &der)?, certificate })
    }

    /// Opens a stored key.
    pub(crate) fn open(row: &SignerRow, keyring: &Keyring) -> Result<Self, NotifyError> {
        let der = keyring.open(SEALED_AS, &row.key)?;
        let key = KeyPair::from_pkcs8(&der).map_err(|error| NotifyError::Signer(error.to_string()))?;
        let legacy = PrivateKey::from_pkcs8_der(&der).map_err(|error| NotifyError::Signer(error.to_string()))?;
        let name = digest::digest(&digest::SHA256, row.certificate.as_bytes());
        let name = hex::encode(name.as_ref().iter().take(16).copied().collect::<Vec<u8>>());
        let path = format!("/SimpleNotificationService-{name}.pem");
        Ok(Self { key, legacy, certificate: row.certificate.clone(), path })
    }

    /// The path at which the certificate is served.
    pub(crate) fn path(&self) -> &str {
        &self.path
    }

    /// The certificate in PEM.
    pub(crate) fn certificate(&self) -> &str {
        &self.certificate
    }

    /// The signature of `text` in base64.
    pub(crate) fn sign(&self, version: SignatureVersion, text: &str) -> Result<String, NotifyError> {
        let signature = match version {
            SignatureVersion::One => {
                let hash = digest::digest(&digest::SHA1_FOR_LEGACY_USE_ONLY, text.as_bytes());
                let form = Pkcs1v15Sign { hash_len: Some(hash.as_ref().len()), prefix: Box::new(SHA1_PREFIX) };
                self.legacy.sign(form, hash.as_ref()).map_err(|error| NotifyError::Signer(error.to_string()))?
            }
            SignatureVersion::Two => {
                let mut signature = vec![0; self.key.public_modulus_len()];
                self.key
                    .sign(&RSA_PKCS1_SHA256, &SystemRandom::new(), text.as_bytes(), &mut signature)
                    .map_err(|error| NotifyError::Signer(error.to_string()))?;
                signature
            }
        };
        Ok(STANDARD.encode(signature))
    }
}
