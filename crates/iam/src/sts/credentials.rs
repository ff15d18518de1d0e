//! Temporary credentials as answers carry them.

use std::time::Duration;

use keeptrail_clock::after;
use keeptrail_operation::{ApiError, Context, Timestamp};
use serde::Serialize;
use zeroize::Zeroizing;

use crate::{
    Iam, access_key,
    model::Tag,
    ops::Shown,
    session::{self, Of, SecretKey, Session},
};

/// New credentials.
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Credentials {
    pub(super) access_key_id: String,
    secret_access_key: Shown,
    session_token: Shown,
    pub(super) expiration: Timestamp,
}

/// What limits a session.
#[derive(Default)]
pub(super) struct Limits {
    pub(super) policies: Vec<String>,
    pub(super) policy_arns: Vec<String>,
    pub(super) tags: Vec<Tag>,
    /// Keys of those tags that sessions made from this one inherit.
    pub(super) transitive: Vec<String>,
    pub(super) source_identity: Option<String>,
}

/// Makes the credentials of a new session.
pub(super) fn issue(cx: &Context<'_, Iam>, of: Of, seconds: u32, limits: Limits) -> Result<Credentials, ApiError> {
    let secret = access_key::secret(cx.random())?;
    let expires = after(cx.now(), Duration::from_secs(seconds.into()));
    let session = Session {
        access_key_id: access_key::id(cx.random(), "ASIA")?,
        secret: SecretKey(secret.to_string()),
        account: cx.account().to_string(),
        of,
        issued: cx.now(),
        expires,
        policies: limits.policies,
        policy_arns: limits.policy_arns,
        tags: limits.tags,
        transitive: limits.transitive,
        source_identity: limits.source_identity,
    };
    let token = session::seal(&cx.service().keyring, cx.random(), &session);
    let token = token.ok_or_else(|| ApiError::new(crate::INTERNAL, "The session token cannot be made."))?;
    Ok(Credentials {
        access_key_id: session.access_key_id.clone(),
        secret_access_key: Shown::new(secret),
        session_token: Shown::new(Zeroizing::new(token)),
        expiration: expires.into(),
    })
}
