//! Who calls, from where, and with which rights.

use std::sync::Arc;

use async_trait::async_trait;
use keeptrail_arn::{AccountId, Region};
use keeptrail_clock::Timestamp;
use keeptrail_policy::{NamedPolicy, Principal};
use keeptrail_record::{TlsDetails, UserIdentity};
use keeptrail_store::{StoreError, Tx};
use zeroize::Zeroizing;

/// What is known of a session for condition keys.
#[derive(Debug, Clone, Default)]
pub struct SessionFacts {
    /// `aws:username`, for IAM users.
    pub user_name: Option<String>,
    /// `aws:userid`.
    pub user_id: String,
    /// `aws:TokenIssueTime`, for temporary credentials.
    pub issued_at: Option<Timestamp>,
    /// `aws:MultiFactorAuthPresent`; absent for long-term credentials.
    pub mfa: Option<bool>,
    /// `aws:PrincipalTag/…`.
    pub tags: Vec<(String, String)>,
    /// Keys of those tags that sessions made from this one inherit.
    pub transitive_tags: Vec<String>,
}

/// An authenticated caller with its rights.
#[derive(Clone)]
pub struct Identity {
    /// The caller's account: the one that the call acts in.
    pub account: AccountId,
    /// The caller, for policy decisions.
    pub principal: Principal,
    /// The caller, for the record.
    pub user_identity: UserIdentity,
    /// Condition keys about the caller.
    pub facts: SessionFacts,
    /// Identity policies.
    pub identity_policies: Vec<NamedPolicy>,
    /// The permissions boundary.
    pub boundary: Option<NamedPolicy>,
    /// Session policies: when there are any, the session may do only what they allow, too.
    pub session_policies: Vec<NamedPolicy>,
}

impl Identity {
    /// Nobody: an unsigned call.
    #[must_use]
    pub fn anonymous(account: AccountId) -> Self {
        Self {
            account,
            principal: Principal::Anonymous,
            user_identity: UserIdentity {
                kind: Some("AWSAccount".to_owned()),
                principal_id: Some(String::new()),
                account_id: Some("ANONYMOUS_PRINCIPAL".to_owned()),
                ..UserIdentity::default()
            },
            facts: SessionFacts::default(),
            identity_policies: Vec::new(),
            boundary: None,
            session_policies: Vec::new(),
        }
    }
}

/// What a signature is verified with, and whose it is.
pub struct SigningCredential {
    /// The secret access key.
    pub secret: Zeroizing<Vec<u8>>,
    /// Its owner.
    pub identity: Arc<Identity>,
}

/// Why no caller could be found for an access key.
#[derive(Debug, Clone, thiserror::Error)]
pub enum IdentityError {
    /// No such key, or it is inactive, or the token is not its.
    #[error("the security token included in the request is invalid")]
    Unknown,
    /// Temporary credentials past their end.
    #[error("the security token included in the request is expired")]
    Expired,
    /// The store failed.
    #[error("the identity cannot be read")]
    Store(#[from] StoreError),
}

/// Finds callers. The `iam` service implements it.
#[async_trait]
pub trait Identities: Send + Sync + 'static {
    /// The owner and secret of an access key. Reads through `tx`, so that a change of the caller's rights and the call
    /// cannot pass each other unseen.
    async fn find(
        &self,
        tx: &Tx,
        access_key_id: &str,
        session_token: Option<&str>,
    ) -> Result<SigningCredential, IdentityError>;
}

/// One call: all that does not depend on the operation.
#[derive(Debug, Clone)]
pub struct Call {
    /// The request's id, also in the answer.
    pub request_id: String,
    /// The region of the signature's scope, or the server's own for unsigned calls.
    pub region: Region,
    /// The access key that signed; `None` for unsigned calls.
    pub access_key_id: Option<String>,
    /// The session token that came with it.
    pub session_token: Option<String>,
    /// The caller's address.
    pub source_ip: std::net::IpAddr,
    /// The `User-Agent` header.
    pub user_agent: Option<String>,
    /// The connection's protection; `None` without TLS.
    pub tls: Option<TlsDetails>,
}
