//! Temporary credentials: the token is the session.
//!
//! A token is JSON, sealed: access key, secret, whose session it is, until when, and with which session policies. It
//! needs no row, so AssumeRole changes nothing and a token cannot outlive the key it is sealed under.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use keeptrail_clock::{Random, Timestamp};
use keeptrail_envelope::{Keyring, Sealed};
use serde::{Deserialize, Serialize};
use zeroize::{Zeroize, ZeroizeOnDrop, Zeroizing};

use crate::model::Tag;

const ASSOCIATED: &[&str] = &["sts.token"];
/// Longer than any token we make.
const LONGEST: usize = 64 * 1024;

/// Whose session it is.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) enum Of {
    /// A role's, by name; with the role's unique id, so that a role made anew under the name is another.
    Role { name: String, id: String, session: String },
    /// A user's (GetSessionToken).
    User { name: String, id: String },
    /// The root user's (GetSessionToken).
    Root,
}

/// What a token holds.
#[derive(Serialize, Deserialize)]
pub(crate) struct Session {
    pub(crate) access_key_id: String,
    pub(crate) secret: SecretKey,
    pub(crate) account: String,
    pub(crate) of: Of,
    pub(crate) issued: Timestamp,
    pub(crate) expires: Timestamp,
    /// Session policies' documents.
    pub(crate) policies: Vec<String>,
    /// ARNs of managed policies that limit the session, too.
    pub(crate) policy_arns: Vec<String>,
    pub(crate) tags: Vec<Tag>,
    /// Keys of those tags that sessions made from this one inherit.
    #[serde(default)]
    pub(crate) transitive: Vec<String>,
    pub(crate) source_identity: Option<String>,
}

/// A secret inside a token. It is serialised only into what is sealed.
#[derive(Serialize, Deserialize, Zeroize, ZeroizeOnDrop)]
#[serde(transparent)]
pub(crate) struct SecretKey(pub(crate) String);

/// Seals a session into its token.
pub(crate) fn seal(keyring: &Keyring, random: &Random, session: &Session) -> Option<String> {
    let plain = Zeroizing::new(serde_json::to_vec(session).ok()?);
    let sealed = keyring.seal(random, &keeptrail_envelope::associated_data(ASSOCIATED), &plain).ok()?;
    Some(URL_SAFE_NO_PAD.encode(serde_json::to_vec(&sealed).ok()?))
}

/// The session of a token; `None` when it is not one of ours.
pub(crate) fn open(keyring: &Keyring, token: &str) -> Option<Session> {
    if token.len() > LONGEST {
        return None;
    }
    let sealed: Sealed = serde_json::from_slice(&URL_SAFE_NO_PAD.decode(token).ok()?).ok()?;
    let plain = keyring.open(&keeptrail_envelope::associated_data(ASSOCIATED), &sealed).ok()?;
    serde_json::from_slice(&plain).ok()
}
