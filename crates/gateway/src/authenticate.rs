//! Who signed the request.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};

use aws_lc_rs::constant_time::verify_slices_are_equal;
use http::request::Parts;
use keeptrail_operation::{Attempt, Dispatcher, IdentityError};
use keeptrail_sigv4::{PayloadHash, Presented, RequestParts, SigError, SigningKey, Verified};
use zeroize::Zeroizing;

/// Keys kept at most; a key is good for one day, region and service.
const KEPT: usize = 8192;

/// Derived signing keys: deriving one costs four HMACs, verifying with it one.
#[derive(Default)]
pub(crate) struct SigningKeys(Mutex<HashMap<Scope, Derived>>);

/// What a signing key is derived for: access key, day, region and service, by newlines.
type Scope = String;

/// A key and the secret that it was derived from: with another secret it is worth nothing.
struct Derived {
    secret: Zeroizing<Vec<u8>>,
    key: SigningKey,
}

impl SigningKeys {
    fn get(&self, presented: &Presented, secret: &[u8]) -> SigningKey {
        let scope = [presented.access_key_id(), presented.day(), presented.region(), presented.service()].join("\n");
        if let Some(known) = self.0.lock().unwrap_or_else(PoisonError::into_inner).get(&scope)
            && verify_slices_are_equal(&known.secret, secret).is_ok()
        {
            return known.key.clone();
        }
        let key = SigningKey::derive(secret, presented.day(), presented.region(), presented.service());
        let mut keys = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if keys.len() >= KEPT {
            keys.clear();
        }
        // Only the keys of known access keys get here, so a stranger cannot fill the map.
        keys.insert(scope, Derived { secret: Zeroizing::new(secret.to_vec()), key: key.clone() });
        key
    }
}

/// Why a caller was not accepted.
pub(crate) enum Refused {
    /// The signature.
    Signature(SigError),
    /// The store failed.
    Store(keeptrail_store::StoreError),
}

impl From<SigError> for Refused {
    fn from(error: SigError) -> Self {
        Self::Signature(error)
    }
}

/// A caller whose signature holds.
pub(crate) struct Authenticated {
    pub(crate) attempt: Attempt,
    pub(crate) verified: Verified,
    pub(crate) key: SigningKey,
}

/// The head of a request as the verifier wants it.
pub(crate) fn head(parts: &Parts) -> RequestParts<'_> {
    RequestParts {
        method: parts.method.as_str(),
        path: parts.uri.path(),
        query: parts.uri.query().unwrap_or_default(),
        headers: &parts.headers,
        authority: parts.uri.authority().map(http::uri::Authority::as_str),
    }
}

/// Finds the caller in a new transaction and verifies the signature. `service` is the signing name of the service that
/// the request was routed to.
pub(crate) async fn authenticate(
    dispatcher: &Dispatcher,
    keys: &SigningKeys,
    parts: &Parts,
    presented: &Presented,
    service: &str,
    payload: PayloadHash,
) -> Result<Authenticated, Refused> {
    let tx = dispatcher.begin();
    let found = dispatcher.identities().find(&tx, presented.access_key_id(), presented.session_token()).await;
    let credential = found.map_err(|error| match error {
        IdentityError::Unknown => Refused::Signature(SigError::UnknownKey),
        IdentityError::Expired => Refused::Signature(SigError::ExpiredToken),
        IdentityError::Store(error) => Refused::Store(error),
    })?;
    let key = keys.get(presented, &credential.secret);
    let verified = presented.verify(&key, service, &head(parts), payload, dispatcher.clock().now())?;
    Ok(Authenticated { attempt: Attempt { tx, identity: Arc::clone(&credential.identity) }, verified, key })
}

#[cfg(test)]
mod tests {
    use http::HeaderMap;

    use super::*;

    fn presented() -> Presented {
        let mut headers = HeaderMap::new();
        let credential = "AKIA/20150830/us-east-1/iam/aws4_request";
        let signature = "0".repeat(64);
        let value = format!("AWS4-HMAC-SHA256 Credential={credential}, SignedHeaders=host, Signature={signature}");
        headers.insert("authorization", value.parse().unwrap());
        headers.insert("x-amz-date", "20150830T123600Z".parse().unwrap());
        headers.insert("host", "localhost".parse().unwrap());
        let parts = RequestParts { method: "GET", path: "/", query: "", headers: &headers, authority: None };
        keeptrail_sigv4::parse(&parts).unwrap().unwrap()
    }

    fn held(keys: &SigningKeys) -> Vec<u8> {
        let keys = keys.0.lock().unwrap();
        assert_eq!(keys.len(), 1);
        keys.values().next().unwrap().secret.to_vec()
    }

    #[test]
    fn a_key_derived_from_another_secret_is_not_used() {
        let keys = SigningKeys::default();
        let presented = presented();
        for secret in [b"one".as_slice(), b"one", b"two"] {
            keys.get(&presented, secret);
            assert_eq!(held(&keys), secret);
        }
    }
}
