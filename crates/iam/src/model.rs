//! The stored rows. IAM is global: account, not region, is part of each key.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, OnceLock, PoisonError},
};

use keeptrail_clock::{NoRandomness, Random, Timestamp};
use keeptrail_envelope::Sealed;
use keeptrail_operation::{ApiError, Identity, NamedPolicy};
use keeptrail_policy::{Policy, PolicyKind};
use keeptrail_store::{StoreError, Table, Tx};
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use crate::{errors, managed, named::Named, validate};

/// Access keys by id.
pub(crate) const KEYS: Table<AccessKey> = Table::new("iam.key");
/// The id of the root user's key by account.
pub(crate) const ROOT_KEY: Table<String> = Table::new("iam.root-key");
/// When access keys were last used, by id. The journal's reader writes them.
pub(crate) const KEY_USES: Table<KeyUse> = Table::new("iam.key-use");
/// Users.
pub(crate) const USERS: Named<User> = Named::new("iam.user");
/// Roles.
pub(crate) const ROLES: Named<Role> = Named::new("iam.role");
/// Customer-managed policies.
pub(crate) const POLICIES: Named<ManagedPolicy> = Named::new("iam.policy");

/// A tag.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct Tag {
    pub(crate) key: String,
    #[serde(default)]
    pub(crate) value: String,
}

/// An access key. Its secret is sealed with the key's id as associated data.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct AccessKey {
    pub(crate) id: String,
    pub(crate) account: String,
    /// `None` for the root user.
    pub(crate) user: Option<String>,
    pub(crate) secret: Sealed,
    pub(crate) active: bool,
    pub(crate) created: Timestamp,
    /// What was made of the row: for as long as the store keeps the decoded row.
    #[serde(skip)]
    pub(crate) cached: Cached,
}

/// What finding a key's owner need not do again while the rows are the same.
#[derive(Default)]
pub(crate) struct Cached {
    /// The secret, opened.
    pub(crate) secret: OnceLock<Zeroizing<Vec<u8>>>,
    /// The owner, and the row that it was made from.
    owner: Mutex<Option<(Arc<User>, Arc<Identity>)>>,
}

/// A copy of a row is made to be changed.
impl Clone for Cached {
    fn clone(&self) -> Self {
        Self::default()
    }
}

impl Cached {
    /// The owner as it was last made, if it was made from this row of the user and of these very policies.
    pub(crate) fn owner(&self, user: &Arc<User>, held: &Held) -> Option<Arc<Identity>> {
        let known = self.owner.lock().unwrap_or_else(PoisonError::into_inner);
        let (from, identity) = known.as_ref()?;
        (Arc::ptr_eq(from, user) && held.are_of(identity)).then(|| Arc::clone(identity))
    }

    /// Keeps the owner for the next time.
    pub(crate) fn keep(&self, user: Arc<User>, identity: Arc<Identity>) {
        *self.owner.lock().unwrap_or_else(PoisonError::into_inner) = Some((user, identity));
    }
}

/// The policies that rights amount to, compiled.
pub(crate) struct Held {
    pub(crate) policies: Vec<NamedPolicy>,
    pub(crate) boundary: Option<NamedPolicy>,
}

impl Held {
    /// Reads what `rights` name.
    pub(crate) async fn read(tx: &Tx, account: &str, rights: &Rights) -> Result<Self, StoreError> {
        Ok(Self {
            policies: rights.identity_policies(tx, account).await?,
            boundary: rights.boundary(tx, account).await?,
        })
    }

    /// Whether an identity was made with these very policies: compiled ones are shared until their row changes.
    fn are_of(&self, identity: &Identity) -> bool {
        let same = |one: &NamedPolicy, other: &NamedPolicy| Arc::ptr_eq(&one.policy, &other.policy);
        let own = &identity.identity_policies;
        self.policies.len() == own.len()
            && self.policies.iter().zip(own).all(|(one, other)| same(one, other))
            && match (&self.boundary, &identity.boundary) {
                (Some(one), Some(other)) => same(one, other),
                (None, None) => true,
                _ => false,
            }
    }
}

/// An access key's last use.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct KeyUse {
    /// The minute.
    pub(crate) time: Timestamp,
    /// As in `secretsmanager`.
    pub(crate) service: String,
    pub(crate) region: String,
}

/// What a user or a role may do.
#[derive(Clone, Default, Serialize, Deserialize)]
pub(crate) struct Rights {
    /// Inline policies by name.
    pub(crate) inline: BTreeMap<String, String>,
    /// ARNs of attached policies, in the order of their attachment.
    pub(crate) attached: Vec<String>,
    /// The permissions boundary's ARN.
    pub(crate) boundary: Option<String>,
    pub(crate) tags: Vec<Tag>,
    #[serde(skip)]
    compiled: OnceLock<Vec<NamedPolicy>>,
}

/// A user.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct User {
    pub(crate) name: String,
    pub(crate) path: String,
    pub(crate) id: String,
    pub(crate) arn: String,
    pub(crate) created: Timestamp,
    /// Ids of the user's access keys.
    pub(crate) keys: Vec<String>,
    pub(crate) rights: Rights,
}

/// A role.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct Role {
    pub(crate) name: String,
    pub(crate) path: String,
    pub(crate) id: String,
    pub(crate) arn: String,
    pub(crate) created: Timestamp,
    pub(crate) description: Option<String>,
    /// Seconds.
    pub(crate) max_session: u32,
    /// The trust policy.
    pub(crate) trust: String,
    pub(crate) rights: Rights,
    #[serde(skip)]
    compiled_trust: OnceLock<Option<NamedPolicy>>,
}

/// A customer-managed policy.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct ManagedPolicy {
    pub(crate) name: String,
    pub(crate) path: String,
    pub(crate) id: String,
    pub(crate) arn: String,
    pub(crate) description: Option<String>,
    pub(crate) created: Timestamp,
    pub(crate) updated: Timestamp,
    /// Users and roles that it is attached to.
    pub(crate) attachments: u32,
    /// Users and roles whose boundary it is.
    #[serde(default)]
    pub(crate) boundaries: u32,
    pub(crate) default: String,
    pub(crate) next: u32,
    pub(crate) versions: Vec<PolicyVersion>,
    pub(crate) tags: Vec<Tag>,
    #[serde(skip)]
    compiled: OnceLock<Option<Arc<Policy>>>,
}

/// A version of a managed policy.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct PolicyVersion {
    pub(crate) id: String,
    pub(crate) document: String,
    pub(crate) created: Timestamp,
}

/// A stored document, compiled. It was checked when it was put; one that cannot be read any more grants nothing, and
/// nobody who depends on it gets in, because it might have denied.
fn compile(name: &str, text: &str, kind: PolicyKind) -> Option<Arc<Policy>> {
    match Policy::parse(text, kind) {
        Ok(policy) => Some(Arc::new(policy)),
        Err(error) => {
            tracing::error!(policy = name, %error, "a stored policy cannot be read");
            None
        }
    }
}

impl Rights {
    /// The inline policies, compiled. An unreadable one is replaced by one that denies everything.
    pub(crate) fn inline(&self) -> &[NamedPolicy] {
        self.compiled.get_or_init(|| {
            let named = |(name, text): (&String, &String)| {
                let policy = compile(name, text, PolicyKind::Identity).or_else(managed::deny_all);
                policy.map(|policy| NamedPolicy::new(name.as_str(), policy))
            };
            self.inline.iter().filter_map(named).collect()
        })
    }

    /// The size of all inline policies.
    pub(crate) fn inline_size(&self) -> usize {
        self.inline.values().map(|document| validate::size(document)).sum()
    }

    /// Forgets what was compiled, after a change.
    pub(crate) fn changed(&mut self) {
        self.compiled = OnceLock::new();
    }

    /// All identity policies: inline, then attached.
    pub(crate) async fn identity_policies(&self, tx: &Tx, account: &str) -> Result<Vec<NamedPolicy>, StoreError> {
        let mut policies = self.inline().to_vec();
        for arn in &self.attached {
            // A policy that has gone might have denied: until it is detached, it denies everything.
            let found = managed_policy(tx, account, arn).await?;
            policies.extend(found.or_else(|| managed::deny_all().map(|policy| NamedPolicy::new(arn.as_str(), policy))));
        }
        Ok(policies)
    }

    /// The boundary, compiled.
    pub(crate) async fn boundary(&self, tx: &Tx, account: &str) -> Result<Option<NamedPolicy>, StoreError> {
        match &self.boundary {
            // A boundary that has gone allows nothing, rather than everything.
            Some(arn) => {
                let found = managed_policy(tx, account, arn).await?;
                Ok(found.or_else(|| managed::deny_all().map(|policy| NamedPolicy::new(arn.as_str(), policy))))
            }
            None => Ok(None),
        }
    }
}

impl Role {
    pub(crate) fn new(name: String, path: String, id: String, arn: String, created: Timestamp, trust: String) -> Self {
        Self {
            name,
            path,
            id,
            arn,
            created,
            description: None,
            max_session: 3600,
            trust,
            rights: Rights::default(),
            compiled_trust: OnceLock::new(),
        }
    }

    /// The trust policy, compiled.
    pub(crate) fn trust(&self) -> Option<&NamedPolicy> {
        let compiled = self.compiled_trust.get_or_init(|| {
            compile(&self.arn, &self.trust, PolicyKind::Trust)
                .map(|policy| NamedPolicy::new("the role's trust policy", policy))
        });
        compiled.as_ref()
    }
}

impl ManagedPolicy {
    pub(crate) fn new(
        name: String,
        path: String,
        id: String,
        arn: String,
        created: Timestamp,
        document: String,
    ) -> Self {
        let first = PolicyVersion { id: "v1".to_owned(), document, created };
        Self {
            name,
            path,
            id,
            arn,
            description: None,
            created,
            updated: created,
            attachments: 0,
            boundaries: 0,
            default: first.id.clone(),
            next: 2,
            versions: vec![first],
            tags: Vec::new(),
            compiled: OnceLock::new(),
        }
    }

    pub(crate) fn version(&self, id: &str) -> Option<&PolicyVersion> {
        self.versions.iter().find(|version| version.id == id)
    }

    fn compiled(&self) -> Option<Arc<Policy>> {
        let compiled = self.compiled.get_or_init(|| {
            let text = self.version(&self.default).map(|version| version.document.as_str()).unwrap_or_default();
            compile(&self.arn, text, PolicyKind::Managed).or_else(managed::deny_all)
        });
        compiled.clone()
    }
}

/// A managed policy of AWS or of the account.
pub(crate) async fn managed_policy(tx: &Tx, account: &str, arn: &str) -> Result<Option<NamedPolicy>, StoreError> {
    if let Some(policy) = managed::policy(arn) {
        return Ok(Some(NamedPolicy::new(arn, policy)));
    }
    let row = find_policy(tx, account, arn).await?;
    Ok(row.and_then(|row| row.compiled()).map(|policy| NamedPolicy::new(arn, policy)))
}

/// The customer's policy of this ARN.
pub(crate) async fn find_policy(tx: &Tx, account: &str, arn: &str) -> Result<Option<Arc<ManagedPolicy>>, StoreError> {
    let name = arn.rsplit('/').next().unwrap_or(arn);
    Ok(POLICIES.get(tx, account, name).await?.filter(|policy| policy.arn == arn))
}

/// The user of this name, to be changed.
pub(crate) async fn user(tx: &Tx, account: &str, name: &str) -> Result<User, ApiError> {
    let row = USERS.get(tx, account, name).await?.ok_or_else(|| errors::no_user(name))?;
    Ok(User::clone(&row))
}

/// The role of this name, to be changed.
pub(crate) async fn role(tx: &Tx, account: &str, name: &str) -> Result<Role, ApiError> {
    let row = ROLES.get(tx, account, name).await?.ok_or_else(|| errors::no_role(name))?;
    Ok(Role::clone(&row))
}

/// The customer's policy of this ARN, to be changed.
pub(crate) async fn policy(tx: &Tx, account: &str, arn: &str) -> Result<ManagedPolicy, ApiError> {
    let row = find_policy(tx, account, arn).await?.ok_or_else(|| errors::no_policy(arn))?;
    let mut row = ManagedPolicy::clone(&row);
    row.compiled = OnceLock::new();
    Ok(row)
}

/// Writes a user's row after a change.
pub(crate) fn save_user(tx: &Tx, account: &str, mut user: User) -> Result<(), StoreError> {
    user.rights.changed();
    USERS.put(tx, account, &user.name, &user)
}

/// Writes a role's row after a change.
pub(crate) fn save_role(tx: &Tx, account: &str, mut role: Role) -> Result<(), StoreError> {
    role.rights.changed();
    role.compiled_trust = OnceLock::new();
    ROLES.put(tx, account, &role.name, &role)
}

/// Writes a policy's row after a change.
pub(crate) fn save_policy(tx: &Tx, account: &str, policy: &ManagedPolicy) -> Result<(), StoreError> {
    POLICIES.put(tx, account, &policy.name, policy)
}

/// A unique id as IAM makes them: a prefix that tells the kind and 17 characters.
pub(crate) fn unique_id(random: &Random, prefix: &str) -> Result<String, NoRandomness> {
    Ok(format!("{prefix}{}", random.text(b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567", 17)?))
}
