//! AssumeRole: temporary credentials of a role.

use std::sync::Arc;

use keeptrail_arn::Arn;
use keeptrail_operation::{Access, ApiError, Authorisation, Context, Meta, Operation};
use keeptrail_policy::{PolicyKind, Principal};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::{
    credentials::{Credentials, Limits, issue},
    tags::SessionTags,
};
use crate::{
    Iam, limits,
    model::{ROLES, Role, Tag, managed_policy},
    ops::tagged,
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
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    policy_arns: Vec<PolicyArn>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    tags: Vec<Tag>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
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
            "TransitiveTagKeys",
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
        let tags = SessionTags::of(cx.identity(), &input.tags, &input.transitive_tag_keys)?;
        // Whether there is no such role or no right to it is not told apart.
        let role = find(cx, &input.role_arn).await?.ok_or_else(|| denied(cx, "sts:AssumeRole", &input.role_arn))?;
        let source_identity = source_identity(cx, input)?;
        permit(cx, input, &role, &tags, source_identity.as_deref())?;
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
            tags: tags.all,
            transitive: tags.transitive,
            source_identity: source_identity.clone(),
        };
        let credentials = issue(cx, of, seconds, limits)?;
        let assumed_role_user = AssumedRoleUser {
            assumed_role_id: format!("{}:{}", role.id, input.role_session_name),
            arn: format!("arn:aws:sts::{account}:assumed-role/{}/{}", role.name, input.role_session_name),
        };
        if !tags.inherited.is_empty() {
            let inherited = tags.inherited.into_iter().map(|tag| (tag.key, Value::from(tag.value)));
            cx.request_on_record("incomingTransitiveTags", Value::Object(inherited.collect()));
        }
        // AWS logs the session token, too; a record of ours never holds what lets somebody in.
        let mut answered = json!({
            "credentials": {
                "accessKeyId": credentials.access_key_id,
                "expiration": keeptrail_record::english_date(credentials.expiration.to_jiff()),
            },
            "assumedRoleUser": {"assumedRoleId": assumed_role_user.assumed_role_id, "arn": assumed_role_user.arn},
        });
        if let (Some(source), Some(members)) = (&source_identity, answered.as_object_mut()) {
            members.insert("sourceIdentity".to_owned(), Value::from(source.as_str()));
        }
        cx.respond_on_record(answered);
        Ok(Output { credentials, assumed_role_user, source_identity })
    }
}

fn check(input: &Input) -> Result<(), ApiError> {
    validate::session_name("roleSessionName", &input.role_session_name, 64)?;
    if let Some(external_id) = &input.external_id {
        validate::session_name("externalId", external_id, 1224)?;
    }
    if let Some(source_identity) = &input.source_identity {
        validate::session_name("sourceIdentity", source_identity, 64)?;
    }
    if input.serial_number.is_some() || input.token_code.is_some() {
        return Err(ApiError::not_carried_out("multi-factor authentication (SerialNumber, TokenCode)"));
    }
    if input.policy_arns.len() > limits::SESSION_ARNS {
        let must = format!("have length less than or equal to {}", limits::SESSION_ARNS);
        return Err(validate::constraint("policyArns", &input.policy_arns.len().to_string(), &must));
    }
    let Some(policy) = &input.policy else { return Ok(()) };
    if policy.chars().count() > limits::SESSION {
        let must = format!("have length less than or equal to {}", limits::SESSION);
        return Err(validate::constraint("policy", policy, &must));
    }
    validate::document(policy, PolicyKind::Session)
}

async fn find(cx: &Context<'_, Iam>, arn: &str) -> Result<Option<Arc<Role>>, ApiError> {
    let Ok(parsed) = Arn::parse(arn) else {
        return Err(ApiError::validation(format!("{arn} is invalid")));
    };
    let name = parsed.resource.strip_prefix("role/").and_then(|path| path.rsplit('/').next());
    let (Some(name), true) = (name, parsed.account == cx.account().as_str()) else { return Ok(None) };
    Ok(ROLES.get(cx.tx(), parsed.account, name).await?.filter(|role| role.arn == arn))
}

/// The trust policy must allow, and the caller's own policies must unless the trust policy names the caller itself.
fn permit(
    cx: &Context<'_, Iam>,
    input: &Input,
    role: &Role,
    tags: &SessionTags,
    source_identity: Option<&str>,
) -> Result<(), ApiError> {
    let identity = cx.identity();
    if matches!(identity.principal, Principal::AccountRoot { .. }) {
        return Err(ApiError::new(crate::ACCESS_DENIED, "Roles may not be assumed by root accounts."));
    }
    // Without a readable trust policy nobody gets in.
    let trust = role.trust().ok_or_else(|| denied(cx, "sts:AssumeRole", &role.arn))?;
    let mut actions = vec!["sts:AssumeRole"];
    actions.extend((!tags.all.is_empty()).then_some("sts:TagSession"));
    actions.extend(source_identity.is_some().then_some("sts:SetSourceIdentity"));
    for action in actions {
        let mut access = Access::to(action)
            .on(role.arn.as_str())
            .guarded_by(Some(Arc::clone(&trust.policy)))
            .when("sts:RoleSessionName", [input.role_session_name.clone()]);
        access = tagged(access, &role.rights.tags);
        if let Some(external_id) = &input.external_id {
            access = access.when("sts:ExternalId", [external_id.clone()]);
        }
        if let Some(source) = source_identity {
            access = access.when("sts:SourceIdentity", [source.to_owned()]);
        }
        // Inherited tags are asked for like passed ones: a trust policy that limits them limits both.
        for tag in &tags.all {
            access = access
                .when(format!("aws:RequestTag/{}", tag.key), [tag.value.clone()])
                .when("aws:TagKeys", [tag.key.clone()]);
        }
        if !input.transitive_tag_keys.is_empty() {
            access = access.when("sts:TransitiveTagKeys", input.transitive_tag_keys.clone());
        }
        cx.authorise(&access)?;
    }
    Ok(())
}

/// The source identity of the new session: once set, it stays for the whole chain.
/// <https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_temp_control-access_monitor.html>
fn source_identity(cx: &Context<'_, Iam>, input: &Input) -> Result<Option<String>, ApiError> {
    let session = cx.identity().user_identity.session_context.as_ref();
    match (session.and_then(|session| session.source_identity.as_ref()), &input.source_identity) {
        (Some(set), Some(asked)) if set != asked => Err(denied(cx, "sts:SetSourceIdentity", &input.role_arn)),
        (Some(set), _) => Ok(Some(set.clone())),
        (None, asked) => Ok(asked.clone()),
    }
}

fn denied(cx: &Context<'_, Iam>, action: &str, role: &str) -> ApiError {
    let caller = cx.identity().principal.arn();
    ApiError::new(
        crate::ACCESS_DENIED,
        format!("User: {caller} is not authorized to perform: {action} on resource: {role}"),
    )
}

fn duration(cx: &Context<'_, Iam>, input: &Input, role: &Role) -> Result<u32, ApiError> {
    let chained = matches!(cx.identity().principal, Principal::RoleSession { .. });
    let longest = if chained { role.max_session.min(CHAINED) } else { role.max_session };
    let asked = input.duration_seconds.unwrap_or(3600.min(longest));
    validate::seconds("durationSeconds", asked, 900, 43_200)?;
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
