//! Users, roles, policies and keys as answers show them.

use keeptrail_operation::Timestamp;
use serde::{Serialize, Serializer};
use zeroize::Zeroizing;

use super::encoded;
use crate::{
    model::{self, Tag},
    named::folded,
};

/// A managed policy that is a boundary.
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Boundary {
    permissions_boundary_type: &'static str,
    permissions_boundary_arn: String,
}

fn boundary(arn: Option<&String>) -> Option<Boundary> {
    arn.map(|arn| Boundary { permissions_boundary_type: "Policy", permissions_boundary_arn: arn.clone() })
}

fn tags(tags: &[Tag]) -> Option<Vec<Tag>> {
    Some(tags.to_vec()).filter(|tags| !tags.is_empty())
}

/// A user.
#[serde_with::skip_serializing_none]
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct User {
    path: String,
    user_name: Option<String>,
    user_id: String,
    arn: String,
    create_date: Timestamp,
    permissions_boundary: Option<Boundary>,
    tags: Option<Vec<Tag>>,
}

impl User {
    pub(crate) fn of(user: &model::User) -> Self {
        Self {
            path: user.path.clone(),
            user_name: Some(user.name.clone()),
            user_id: user.id.clone(),
            arn: user.arn.clone(),
            create_date: user.created.into(),
            permissions_boundary: boundary(user.rights.boundary.as_ref()),
            tags: tags(&user.rights.tags),
        }
    }

    pub(crate) fn root(account: &str, now: keeptrail_clock::Timestamp) -> Self {
        Self {
            path: "/".to_owned(),
            user_name: None,
            user_id: account.to_owned(),
            arn: format!("arn:aws:iam::{account}:root"),
            create_date: now.into(),
            permissions_boundary: None,
            tags: None,
        }
    }

    pub(crate) fn key(&self) -> String {
        folded(self.user_name.as_deref().unwrap_or_default())
    }
}

/// A role.
#[serde_with::skip_serializing_none]
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Role {
    path: String,
    role_name: String,
    role_id: String,
    arn: String,
    create_date: Timestamp,
    assume_role_policy_document: String,
    description: Option<String>,
    max_session_duration: u32,
    permissions_boundary: Option<Boundary>,
    tags: Option<Vec<Tag>>,
}

impl Role {
    pub(crate) fn of(role: &model::Role) -> Self {
        Self {
            path: role.path.clone(),
            role_name: role.name.clone(),
            role_id: role.id.clone(),
            arn: role.arn.clone(),
            create_date: role.created.into(),
            assume_role_policy_document: encoded(&role.trust),
            description: role.description.clone(),
            max_session_duration: role.max_session,
            permissions_boundary: boundary(role.rights.boundary.as_ref()),
            tags: tags(&role.rights.tags),
        }
    }

    pub(crate) fn key(&self) -> String {
        folded(&self.role_name)
    }
}

/// An attached policy.
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Attached {
    policy_name: String,
    policy_arn: String,
}

impl Attached {
    pub(crate) fn of(arn: &str) -> Self {
        let name = arn.rsplit('/').next().unwrap_or(arn);
        Self { policy_name: name.to_owned(), policy_arn: arn.to_owned() }
    }

    /// The policy's path: what stands between `policy` and the name.
    pub(crate) fn path(&self) -> String {
        let resource = self.policy_arn.split(":policy").nth(1).unwrap_or("/");
        resource.strip_suffix(self.policy_name.as_str()).unwrap_or("/").to_owned()
    }

    pub(crate) fn key(&self) -> String {
        self.policy_arn.clone()
    }
}

/// A managed policy.
#[serde_with::skip_serializing_none]
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Policy {
    policy_name: String,
    policy_id: String,
    arn: String,
    path: String,
    default_version_id: String,
    attachment_count: u32,
    permissions_boundary_usage_count: u32,
    is_attachable: bool,
    description: Option<String>,
    create_date: Timestamp,
    update_date: Timestamp,
    tags: Option<Vec<Tag>>,
}

impl Policy {
    pub(crate) fn of(policy: &model::ManagedPolicy) -> Self {
        Self {
            policy_name: policy.name.clone(),
            policy_id: policy.id.clone(),
            arn: policy.arn.clone(),
            path: policy.path.clone(),
            default_version_id: policy.default.clone(),
            attachment_count: policy.attachments,
            permissions_boundary_usage_count: policy.boundaries,
            is_attachable: true,
            description: policy.description.clone(),
            create_date: policy.created.into(),
            update_date: policy.updated.into(),
            tags: tags(&policy.tags),
        }
    }

    /// One of AWS's.
    pub(crate) fn built_in(arn: &str, now: keeptrail_clock::Timestamp) -> Self {
        let name = arn.rsplit('/').next().unwrap_or(arn);
        Self {
            policy_name: name.to_owned(),
            policy_id: format!("ANPA{}", name.to_ascii_uppercase()),
            arn: arn.to_owned(),
            path: "/".to_owned(),
            default_version_id: "v1".to_owned(),
            attachment_count: 0,
            permissions_boundary_usage_count: 0,
            is_attachable: true,
            description: None,
            create_date: now.into(),
            update_date: now.into(),
            tags: None,
        }
    }

    pub(crate) fn passes(&self, prefix: &str, only_attached: bool) -> bool {
        self.path.starts_with(prefix) && (!only_attached || self.attachment_count > 0)
    }

    pub(crate) fn key(&self) -> String {
        self.arn.clone()
    }
}

/// A version of a managed policy.
#[serde_with::skip_serializing_none]
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Version {
    document: Option<String>,
    version_id: String,
    is_default_version: bool,
    create_date: Timestamp,
}

impl Version {
    pub(crate) fn of(policy: &model::ManagedPolicy, version: &model::PolicyVersion, with_document: bool) -> Self {
        Self {
            document: with_document.then(|| encoded(&version.document)),
            version_id: version.id.clone(),
            is_default_version: policy.default == version.id,
            create_date: version.created.into(),
        }
    }

    /// The only version of one of AWS's.
    pub(crate) fn built_in(document: &str, now: keeptrail_clock::Timestamp) -> Self {
        Self {
            document: Some(encoded(document)),
            version_id: "v1".to_owned(),
            is_default_version: true,
            create_date: now.into(),
        }
    }

    /// The newest comes first.
    pub(crate) fn key(&self) -> String {
        let number = self.version_id.trim_start_matches('v').parse().unwrap_or(0_u32);
        format!("{:010}", u32::MAX - number)
    }
}

/// An access key without its secret.
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct AccessKey {
    user_name: String,
    access_key_id: String,
    status: &'static str,
    create_date: Timestamp,
}

impl AccessKey {
    pub(crate) fn of(user: &str, key: &model::AccessKey) -> Self {
        Self {
            user_name: user.to_owned(),
            access_key_id: key.id.clone(),
            status: if key.active { "Active" } else { "Inactive" },
            create_date: key.created.into(),
        }
    }

    pub(crate) fn key(&self) -> String {
        self.access_key_id.clone()
    }
}

/// A secret on its way to the caller who made it: only answers hold it, and no answer's member of this type is ever named
/// in a record's allow-list.
pub(crate) struct Shown(Zeroizing<String>);

impl Shown {
    pub(crate) fn new(secret: Zeroizing<String>) -> Self {
        Self(secret)
    }
}

impl Serialize for Shown {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0)
    }
}

/// An access key just made.
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct NewAccessKey {
    pub(crate) user_name: String,
    pub(crate) access_key_id: String,
    pub(crate) status: &'static str,
    pub(crate) secret_access_key: Shown,
    pub(crate) create_date: Timestamp,
}
