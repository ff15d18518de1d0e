//! `userIdentity`: who called, as CloudTrail writes it.
//!
//! Source: "CloudTrail userIdentity element" in the AWS CloudTrail User Guide.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// The caller. Members that do not apply are left out; their order is CloudTrail's.
#[serde_with::skip_serializing_none]
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct UserIdentity {
    /// `Root`, `IAMUser`, `AssumedRole`, `FederatedUser`, `AWSService`, `AWSAccount`, `WebIdentityUser`, …; absent in
    /// service events.
    #[serde(rename = "type")]
    pub kind: Option<String>,
    /// `AIDA…`, `AROA…:session`, the account number for root.
    pub principal_id: Option<String>,
    /// The principal's ARN.
    pub arn: Option<String>,
    /// The principal's account.
    pub account_id: Option<String>,
    /// The access key that signed.
    pub access_key_id: Option<String>,
    /// The IAM user's name.
    pub user_name: Option<String>,
    /// For temporary credentials: where they come from.
    pub session_context: Option<SessionContext>,
    /// The service that called in the principal's name.
    pub invoked_by: Option<String>,
    /// For web identity: the provider.
    pub identity_provider: Option<String>,
}

/// Where temporary credentials come from.
#[serde_with::skip_serializing_none]
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct SessionContext {
    /// Who issued them.
    pub session_issuer: Option<SessionIssuer>,
    /// The web identity they were exchanged for.
    pub web_id_federation_data: Option<WebIdFederationData>,
    /// When, and whether with a second factor.
    pub attributes: Option<Attributes>,
    /// The source identity set when the role was assumed.
    pub source_identity: Option<String>,
}

/// The role, user or root that a session was issued for.
#[serde_with::skip_serializing_none]
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct SessionIssuer {
    /// `Role`, `IAMUser` or `Root`.
    #[serde(rename = "type")]
    pub kind: String,
    /// `AROA…`.
    pub principal_id: String,
    /// The issuer's IAM ARN, path included.
    pub arn: String,
    /// The issuer's account.
    pub account_id: String,
    /// The role's or user's name.
    pub user_name: Option<String>,
}

/// The web identity behind a session.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct WebIdFederationData {
    /// The provider's ARN or host.
    pub federated_provider: String,
    /// Claims that the provider passed on.
    pub attributes: Map<String, Value>,
}

/// A session's creation.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Attributes {
    /// ISO 8601, whole seconds.
    pub creation_date: String,
    /// `"true"` or `"false"`, as text.
    pub mfa_authenticated: String,
}

impl UserIdentity {
    /// The identity of a service that acts on its own, as service events show it.
    #[must_use]
    pub fn service_event(account: &str, service: &str) -> Self {
        Self { account_id: Some(account.to_owned()), invoked_by: Some(service.to_owned()), ..Self::default() }
    }

    /// The identity of a service that makes an API call.
    #[must_use]
    pub fn service(service: &str) -> Self {
        Self { kind: Some("AWSService".to_owned()), invoked_by: Some(service.to_owned()), ..Self::default() }
    }
}
