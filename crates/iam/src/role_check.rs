//! Whether a role lets a service do something: for services that act under a role that they were given.

use keeptrail_arn::Arn;
use keeptrail_policy::{Context, NamedPolicy, PolicySet, Principal, Request, evaluate, evaluate_service};
use keeptrail_store::{StoreError, Tx};

use crate::model::ROLES;

/// Why a service cannot act under a role.
#[derive(Debug, thiserror::Error)]
pub enum RoleProblem {
    /// There is no such role.
    #[error("the role {0} does not exist")]
    NoRole(String),
    /// The role does not trust the service.
    #[error("the role does not trust {0}")]
    Trust(String),
    /// The role may not do it.
    #[error("the role may not do {0}")]
    Permission(String),
    /// The store failed.
    #[error("the store failed")]
    Store(#[from] StoreError),
}

/// What a service wants to do under a role, for a resource of its own such as a trail.
#[derive(Clone, Copy)]
pub struct ServiceCall<'a> {
    /// The service's principal, such as `cloudtrail.amazonaws.com`.
    pub service: &'a str,
    /// The resource's ARN: `aws:SourceArn` in the role's trust policy, its account `aws:SourceAccount` (the guard against a
    /// confused deputy, <https://docs.aws.amazon.com/IAM/latest/UserGuide/confused-deputy.html>).
    pub source_arn: &'a str,
    /// The role.
    pub role_arn: &'a str,
    /// What it wants to do.
    pub action: &'a str,
    /// On what.
    pub resource: &'a str,
    /// The policy of what it is done on.
    pub resource_policy: Option<&'a NamedPolicy>,
}

/// Whether a service may assume a role and then do what it wants to.
///
/// # Errors
/// The first thing that is missing, or is denied.
pub async fn service_may(tx: &Tx, call: &ServiceCall<'_>) -> Result<(), RoleProblem> {
    let ServiceCall { service, source_arn, role_arn, action, resource, resource_policy } = *call;
    let none = || RoleProblem::NoRole(role_arn.to_owned());
    let arn = Arn::parse(role_arn).map_err(|_| none())?;
    let name = arn.resource.strip_prefix("role/").and_then(|path| path.rsplit('/').next()).ok_or_else(none)?;
    let role = ROLES.get(tx, arn.account, name).await?.filter(|role| role.arn == role_arn).ok_or_else(none)?;
    let trusted = role.trust().is_some_and(|trust| {
        let principal = Principal::Service { name: service.to_owned() };
        let mut context = Context::for_principal(&principal);
        context.set("aws:SourceArn", source_arn);
        if let Ok(source) = Arn::parse(source_arn) {
            context.set("aws:SourceAccount", source.account);
        }
        evaluate_service(trust, service, "sts:AssumeRole", role_arn, &context).allowed
    });
    if !trusted {
        return Err(RoleProblem::Trust(service.to_owned()));
    }
    let identity = role.rights.identity_policies(tx, arn.account).await?;
    let boundary = role.rights.boundary(tx, arn.account).await?;
    let principal = Principal::RoleSession {
        account: arn.account.to_owned(),
        role_arn: role_arn.to_owned(),
        session_arn: format!("arn:aws:sts::{}:assumed-role/{}/{service}", arn.account, role.name),
    };
    let context = Context::for_principal(&principal);
    let request = Request {
        principal: &principal,
        action,
        resource: Some(resource),
        resource_account: Some(arn.account),
        context: &context,
    };
    let boundary = boundary.as_ref();
    let set = PolicySet { identity: &identity, boundary, resource: resource_policy, ..PolicySet::default() };
    if evaluate(&request, &set).allowed { Ok(()) } else { Err(RoleProblem::Permission(action.to_owned())) }
}
