//! AssumeRole: temporary credentials of a role.

use std::sync::Arc;

use keeptrail_arn::Arn;
use keeptrail_operation::{Access, ApiError, Authorisation, Context, Meta, Operation};
use keeptrail_policy::{PolicyKind, Principal};
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::credentials::{Credentials, Limits, issue};
use crate::{
    Iam,
    model::{ROLES, Role, Tag, managed_policy},
    session::Of,
    validate,
};

/// A session of a role that itself was assumed lasts an hour at the most ("role chaining").
const CHAINED: u32 = 3600;

/// <https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html>
pub(crate) struct AssumeRole;

#[derive(Deserialize, Serialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct Input {
    role_arn: String,
    role_session_name: String,
    #[serde(default)]
    duration_seconds: Option<u32>,
    #[serde(default)]
    external_id: Option<String>,
    #[serde(default)]
    policy: Option<String>,
    #[serde(default)]
    policy_arns: Vec<PolicyArn>,
    #[serde(default)]
    tags: Vec<Tag>,
    #[serde(default)]
    transitive_tag_keys: Vec<String>,
    #[serde(default)]
    source_identity: Option<String>,
    #[serde(default)]
    serial_number: Option<String>,
    #[serde(default, skip_serializing)]
    token_code: Option<String>,
}

#[derive(Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
struct PolicyArn {
    arn: String,
}

#[serde_with::skip_serializing_none]
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Output {
    credentials: Credentials,
    assumed_role_user: AssumedRoleUser,
    source_identity: Option<String>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct AssumedRoleUser {
    assumed_role_id: String,
    arn: String,
}

impl Operation for AssumeRole {
    type Service = Iam;
    type Input = Input;
    type Output = Output;

    const META: Meta = Meta::read(
        "AssumeRole",
        "sts:AssumeRole",
        &[
            "RoleArn",
            "RoleSessionName",
            "DurationSeconds",
            "ExternalId",
            "Policy",
            "PolicyArns",
            "Tags",
            "SourceIdentity",
        ],
    )
    // The trust policy decides together with the caller's own: see `permit`.
    .authorised(Authorisation::Signed);

    async fn access(cx: &Context<'_, Iam>, input: &Input) -> Result<Vec<Access>, ApiError> {
        let access = Access::to(Self::META.action).on(input.role_arn.as_str());
        let found = find(cx, &input.role_arn).await?.is_some();
        Ok(vec![if found { access.listing("AWS::IAM::Role", cx.account()) } else { access }])
    }

    async fn run(cx: &Context<'_, Iam>, input: &Input) -> Result<Output, ApiError> {
        check(input)?;
        // Whether there is no such role or no right to it is not told apart.
        let role = find(cx, &input.role_arn).await?.ok_or_else(|| denied(cx, &input.role_arn))?;
        permit(cx, input, &role)?;
        let seconds = duration(cx, input, &role)?;
        let account = cx.account().as_str();
        for arn in &input.policy_arns {
            managed_policy(cx.tx(), account, &arn.arn)
                .await?
                .ok_or_else(|| ApiError::validation(format!("The policy {} does not exist.", arn.arn)))?;
        }
        let of = Of::Role { name: role.name.clone(), id: role.id.clone(), session: input.role_session_name.clone() };
        let limits = Limits {
            policies: input.policy.iter().cloned().collect(),
            policy_arns: input.policy_arns.iter().map(|policy| policy.arn.clone()).collect(),
            tags: input.tags.clone(),
            source_identity: input.source_identity.clone(),
        };
        let credentials = issue(cx, of, seconds, limits)?;
        let assumed_role_user = AssumedRoleUser {
            assumed_role_id: format!("{}:{}", role.id, input.role_session_name),
            arn: format!("arn:aws:sts::{account}:assumed-role/{}/{}", role.name, input.role_session_name),
        };
        // AWS logs the session token, too; a record of ours never holds what lets somebody in.
        cx.respond_on_record(json!({
            "credentials": {
                "accessKeyId": credentials.access_key_id,
                "expiration": keeptrail_record::english_date(credentials.expiration.to_jiff()),
            },
            "assumedRoleUser": {"assumedRoleId": assumed_role_user.assumed_role_id, "arn": assumed_role_user.arn},
        }));
        Ok(Output { credentials, assumed_role_user, source_identity: input.source_identity.clone() })
    }
}

fn check(input: &Input) -> Result<(), ApiError> {
    validate::name("roleSessionName", &input.role_session_name, 64)?;
    if input.role_session_name.len() < 2 {
        return Err(ApiError::validation("RoleSessionName must have at least 2 characters."));
    }
    if input.serial_number.is_some() || input.token_code.is_some() {
        return Err(ApiError::not_carried_out("multi-factor authentication (SerialNumber, TokenCode)"));
    }
    if !input.transitive_tag_keys.is_empty() {
        return Err(ApiError::not_carried_out("transitive session tags (TransitiveTagKeys)"));
    }
    validate::tags(&input.tags)?;
    match &input.policy {
        Some(text) => validate::document(text, PolicyKind::Session, 2048),
        None => Ok(()),
    }
}

async fn find(cx: &Context<'_, Iam>, arn: &str) -> Result<Option<Arc<Role>>, ApiError> {
    let Ok(parsed) = Arn::parse(arn) else {
        return Err(ApiError::validation(format!("{arn} is invalid")));
    };
    let name = parsed.resource.strip_prefix("role/").and_then(|path| path.rsplit('/').next());
    let (Some(name), true) = (name, parsed.account == cx.account().as_str()) else { return Ok(None) };
    Ok(ROLES.get(cx.tx(), &[parsed.account, name]).await?.filter(|role| role.arn == arn))
}

/// The trust policy must allow, and the caller's own policies must unless the trust policy names the caller itself.
fn permit(cx: &Context<'_, Iam>, input: &Input, role: &Role) -> Result<(), ApiError> {
    let identity = cx.identity();
    if matches!(identity.principal, Principal::AccountRoot { .. }) {
        return Err(ApiError::new(crate::ACCESS_DENIED, "Roles may not be assumed by root accounts."));
    }
    // Without a readable trust policy nobody gets in.
    let trust = role.trust().ok_or_else(|| denied(cx, &role.arn))?;
    let mut actions = vec!["sts:AssumeRole"];
    actions.extend((!input.tags.is_empty()).then_some("sts:TagSession"));
    actions.extend(input.source_identity.is_some().then_some("sts:SetSourceIdentity"));
    for action in actions {
        let mut access = Access::to(action)
            .on(role.arn.as_str())
            .guarded_by(Some(Arc::clone(&trust.policy)))
            .when("sts:RoleSessionName", [input.role_session_name.clone()]);
        if let Some(external_id) = &input.external_id {
            access = access.when("sts:ExternalId", [external_id.clone()]);
        }
        if let Some(source) = &input.source_identity {
            access = access.when("sts:SourceIdentity", [source.clone()]);
        }
        for tag in &input.tags {
            access = access
                .when(format!("aws:RequestTag/{}", tag.key), [tag.value.clone()])
                .when("aws:TagKeys", [tag.key.clone()]);
        }
        cx.authorise(&access)?;
    }
    Ok(())
}

fn denied(cx: &Context<'_, Iam>, role: &str) -> ApiError {
    let caller = cx.identity().principal.arn();
    ApiError::new(
        crate::ACCESS_DENIED,
        format!("User: {caller} is not authorized to perform: sts:AssumeRole on resource: {role}"),
    )
}

fn duration(cx: &Context<'_, Iam>, input: &Input, role: &Role) -> Result<u32, ApiError> {
    let chained = matches!(cx.identity().principal, Principal::RoleSession { .. });
    let longest = if chained { role.max_session.min(CHAINED) } else { role.max_session };
    let asked = input.duration_seconds.unwrap_or(3600.min(longest));
    if asked < 900 {
        return Err(ApiError::validation("DurationSeconds must be at least 900."));
    }
    if asked > longest {
        let text = if chained {
            "The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by role chaining"
        } else {
            "The requested DurationSeconds exceeds the MaxSessionDuration set for this role."
        };
        return Err(ApiError::validation(text));
    }
    Ok(asked)
}
