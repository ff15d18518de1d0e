//! Finds the caller of a request: two rows at the most, three with a managed policy.

use std::sync::Arc;

use async_trait::async_trait;
use aws_lc_rs::constant_time::verify_slices_are_equal;
use keeptrail_arn::AccountId;
use keeptrail_clock::{Random, Timestamp};
use keeptrail_envelope::EnvelopeError;
use keeptrail_operation::{Identities, Identity, IdentityError, NamedPolicy, SessionFacts, SigningCredential};
use keeptrail_policy::{Policy, PolicyKind, Principal};
use keeptrail_record::{Attributes, SessionContext, SessionIssuer, UserIdentity, event_time};
use keeptrail_store::{StoreError, Tx};
use zeroize::Zeroizing;

use crate::{
    Iam, access_key,
    model::{AccessKey, Cached, Held, KEYS, ROLES, ROOT_KEY, Rights, USERS, User, managed_policy},
    session::{self, Of, Session},
};

/// The root user's key cannot be set.
#[derive(Debug, thiserror::Error)]
pub enum RootError {
    /// The store failed.
    #[error("the root user's key cannot be stored")]
    Store(#[from] StoreError),
    /// The secret cannot be sealed.
    #[error("the root user's key cannot be sealed")]
    Seal(#[from] EnvelopeError),
    /// The id is a user's.
    #[error("the access key id is in use by a user")]
    Taken,
}

/// Makes `id` with `secret` the root user's key, unless it is so already; a root key of another id stops working. The
/// caller commits.
///
/// # Errors
/// When the key cannot be stored or the id belongs to a user.
pub async fn ensure_root(
    iam: &Iam,
    tx: &Tx,
    random: &Random,
    account: &AccountId,
    id: &str,
    secret: &str,
) -> Result<(), RootError> {
    if let Some(known) = KEYS.get(tx, &[id]).await? {
        if known.user.is_some() || known.account != account.as_str() {
            return Err(RootError::Taken);
        }
        let opened = access_key::open(&iam.keyring, id, &known.secret)?;
        if verify_slices_are_equal(&opened, secret.as_bytes()).is_ok() {
            return Ok(());
        }
    }
    let key = AccessKey {
        id: id.to_owned(),
        account: account.to_string(),
        user: None,
        secret: access_key::seal(&iam.keyring, random, id, secret)?,
        active: true,
        created: tx.now(),
        cached: Cached::default(),
    };
    KEYS.put(tx, &[id], &key)?;
    let before = ROOT_KEY.get(tx, &[account.as_str()]).await?;
    if let Some(old) = before.filter(|old| old.as_str() != id) {
        KEYS.delete(tx, &[&old]);
    }
    ROOT_KEY.put(tx, &[account.as_str()], &id.to_owned())?;
    Ok(())
}

#[async_trait]
impl Identities for Iam {
    async fn find(
        &self,
        tx: &Tx,
        access_key_id: &str,
        session_token: Option<&str>,
    ) -> Result<SigningCredential, IdentityError> {
        match session_token {
            Some(token) => self.session(tx, access_key_id, token).await,
            None => self.long_term(tx, access_key_id).await,
        }
    }
}

impl Iam {
    async fn long_term(&self, tx: &Tx, id: &str) -> Result<SigningCredential, IdentityError> {
        let key = KEYS.get(tx, &[id]).await?.filter(|key| key.active).ok_or(IdentityError::Unknown)?;
        let secret = match key.cached.secret.get() {
            Some(secret) => secret.clone(),
            None => {
                let secret = access_key::open(&self.keyring, id, &key.secret).map_err(|error| {
                    tracing::error!(access_key = id, %error, "an access key's secret cannot be opened");
                    IdentityError::Unknown
                })?;
                key.cached.secret.get_or_init(|| secret).clone()
            }
        };
        let identity = match &key.user {
            None => Arc::new(root(&key.account, id)?),
            Some(name) => {
                let user = USERS.get(tx, &key.account, name).await?.ok_or(IdentityError::Unknown)?;
                let held = Held::read(tx, &key.account, &user.rights).await?;
                match key.cached.owner(&user, &held) {
                    Some(known) => known,
                    None => {
                        let identity = Arc::new(user_identity(&key.account, &user, id, None, held)?);
                        key.cached.keep(user, Arc::clone(&identity));
                        identity
                    }
                }
            }
        };
        Ok(SigningCredential { secret, identity })
    }

    async fn session(&self, tx: &Tx, id: &str, token: &str) -> Result<SigningCredential, IdentityError> {
        let session = session::open(&self.keyring, token).ok_or(IdentityError::Unknown)?;
        if verify_slices_are_equal(session.access_key_id.as_bytes(), id.as_bytes()).is_err() {
            return Err(IdentityError::Unknown);
        }
        if session.expires <= tx.now() {
            return Err(IdentityError::Expired);
        }
        let mut identity = match &session.of {
            Of::Root => {
                let mut identity = root(&session.account, id)?;
                identity.user_identity.session_context = Some(context(session.issued, None));
                identity
            }
            Of::User { name, id: unique } => {
                let user = USERS.get(tx, &session.account, name).await?.ok_or(IdentityError::Unknown)?;
                // A user made anew under the same name is another.
                if *unique != user.id {
                    return Err(IdentityError::Unknown);
                }
                let held = Held::read(tx, &session.account, &user.rights).await?;
                user_identity(&session.account, &user, id, Some(&session), held)?
            }
            Of::Role { name, id: unique, session: session_name } => {
                self.role(tx, &session, name, unique, session_name).await?
            }
        };
        identity.facts.issued_at = Some(session.issued);
        identity.facts.mfa = Some(false);
        let limits = session_policies(tx, &session).await?;
        identity.session_policies = limits;
        Ok(SigningCredential {
            secret: Zeroizing::new(session.secret.0.as_bytes().to_vec()),
            identity: Arc::new(identity),
        })
    }

    async fn role(
        &self,
        tx: &Tx,
        session: &Session,
        name: &str,
        unique: &str,
        session_name: &str,
    ) -> Result<Identity, IdentityError> {
        let account = session.account.as_str();
        let role =
            ROLES.get(tx, account, name).await?.filter(|role| role.id == unique).ok_or(IdentityError::Unknown)?;
        let session_arn = format!("arn:aws:sts::{account}:assumed-role/{}/{session_name}", role.name);
        let user_id = format!("{}:{session_name}", role.id);
        let issuer = SessionIssuer {
            kind: "Role".to_owned(),
            principal_id: role.id.clone(),
            arn: role.arn.clone(),
            account_id: account.to_owned(),
            user_name: Some(role.name.clone()),
        };
        let mut session_context = context(session.issued, Some(issuer));
        session_context.source_identity.clone_from(&session.source_identity);
        let user_identity = UserIdentity {
            kind: Some("AssumedRole".to_owned()),
            principal_id: Some(user_id.clone()),
            arn: Some(session_arn.clone()),
            account_id: Some(account.to_owned()),
            access_key_id: Some(session.access_key_id.clone()),
            session_context: Some(session_context),
            ..UserIdentity::default()
        };
        let principal = Principal::RoleSession { account: account.to_owned(), role_arn: role.arn.clone(), session_arn };
        let mut tags = pairs(&role.rights);
        tags.retain(|(key, _)| !session.tags.iter().any(|tag| tag.key.eq_ignore_ascii_case(key)));
        tags.extend(session.tags.iter().map(|tag| (tag.key.clone(), tag.value.clone())));
        let facts =
            SessionFacts { user_id, tags, transitive_tags: session.transitive.clone(), ..SessionFacts::default() };
        let held = Held::read(tx, account, &role.rights).await?;
        identity(account, principal, user_identity, facts, held)
    }
}

/// A user who signed with `key`, or with the temporary credentials of a session.
fn user_identity(
    account: &str,
    user: &User,
    key: &str,
    session: Option<&Session>,
    held: Held,
) -> Result<Identity, IdentityError> {
    let on_record = UserIdentity {
        kind: Some("IAMUser".to_owned()),
        principal_id: Some(user.id.clone()),
        arn: Some(user.arn.clone()),
        account_id: Some(account.to_owned()),
        access_key_id: Some(key.to_owned()),
        user_name: Some(user.name.clone()),
        session_context: session.map(|session| context(session.issued, None)),
        ..UserIdentity::default()
    };
    let principal = Principal::User { account: account.to_owned(), arn: user.arn.clone() };
    let facts = SessionFacts {
        user_name: Some(user.name.clone()),
        user_id: user.id.clone(),
        tags: pairs(&user.rights),
        ..SessionFacts::default()
    };
    identity(account, principal, on_record, facts, held)
}

fn identity(
    account: &str,
    principal: Principal,
    user_identity: UserIdentity,
    facts: SessionFacts,
    held: Held,
) -> Result<Identity, IdentityError> {
    Ok(Identity {
        account: account.parse().map_err(|_| IdentityError::Unknown)?,
        principal,
        user_identity,
        facts,
        identity_policies: held.policies,
        boundary: held.boundary,
        session_policies: Vec::new(),
    })
}

fn root(account: &str, key: &str) -> Result<Identity, IdentityError> {
    let arn = format!("arn:aws:iam::{account}:root");
    Ok(Identity {
        account: account.parse().map_err(|_| IdentityError::Unknown)?,
        principal: Principal::AccountRoot { account: account.to_owned() },
        user_identity: UserIdentity {
            kind: Some("Root".to_owned()),
            principal_id: Some(account.to_owned()),
            arn: Some(arn),
            account_id: Some(account.to_owned()),
            access_key_id: Some(key.to_owned()),
            ..UserIdentity::default()
        },
        facts: SessionFacts { user_id: account.to_owned(), ..SessionFacts::default() },
        identity_policies: Vec::new(),
        boundary: None,
        session_policies: Vec::new(),
    })
}

/// The session's own policies. One that cannot be read any more makes the session worthless, not unlimited.
async fn session_policies(tx: &Tx, session: &Session) -> Result<Vec<NamedPolicy>, IdentityError> {
    let mut policies = Vec::new();
    for text in &session.policies {
        let policy = Policy::parse(text, PolicyKind::Session).map_err(|_| IdentityError::Unknown)?;
        policies.push(NamedPolicy::new("the session's policy", Arc::new(policy)));
    }
    for arn in &session.policy_arns {
        let policy = managed_policy(tx, &session.account, arn).await?;
        policies.push(policy.ok_or(IdentityError::Unknown)?);
    }
    Ok(policies)
}

fn context(issued: Timestamp, issuer: Option<SessionIssuer>) -> SessionContext {
    SessionContext {
        session_issuer: issuer,
        attributes: Some(Attributes { creation_date: event_time(issued), mfa_authenticated: "false".to_owned() }),
        ..SessionContext::default()
    }
}

fn pairs(rights: &Rights) -> Vec<(String, String)> {
    rights.tags.iter().map(|tag| (tag.key.clone(), tag.value.clone())).collect()
}
