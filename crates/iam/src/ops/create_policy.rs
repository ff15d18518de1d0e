//! CreatePolicy: makes a managed policy.

use keeptrail_operation::{Access, ApiError, Context, Meta, Operation};
use serde::{Deserialize, Serialize};

use super::shapes;
use crate::{
    Iam, errors,
    model::{self, ManagedPolicy, POLICIES, Tag},
    validate,
};

/// <https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreatePolicy.html>
pub(crate) struct CreatePolicy;

#[derive(Deserialize, Serialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct Input {
    policy_name: String,
    policy_document: String,
    #[serde(default)]
    path: Option<String>,
    #[serde(default)]
    description: Option<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    tags: Vec<Tag>,
}

#[serde_with::skip_serializing_none]
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Output {
    policy: shapes::Policy,
}

impl Operation for CreatePolicy {
    type Service = Iam;
    type Input = Input;
    type Output = Output;

    const META: Meta = Meta::write(
        "CreatePolicy",
        "iam:CreatePolicy",
        &["PolicyName", "PolicyDocument", "Path", "Description", "Tags"],
        &["Policy"],
    );

    async fn access(cx: &Context<'_, Iam>, input: &Input) -> Result<Vec<Access>, ApiError> {
        let path = input.path.as_deref().unwrap_or("/");
        let access = super::on_new(cx, Self::META.action, &format!("policy{path}{}", input.policy_name));
        Ok(vec![super::with_tags(access, &input.tags)])
    }

    async fn run(cx: &Context<'_, Iam>, input: &Input) -> Result<Output, ApiError> {
        validate::name("policyName", &input.policy_name, 128)?;
        let path = validate::path(input.path.as_deref())?;
        validate::description(input.description.as_deref())?;
        validate::tags(&input.tags)?;
        validate::managed(&input.policy_document)?;
        let account = cx.account().as_str();
        let arn = format!("arn:aws:iam::{account}:policy{path}{}", input.policy_name);
        if POLICIES.get(cx.tx(), account, &input.policy_name).await?.is_some() {
            let text =
                format!("A policy called {} already exists. Duplicate names are not allowed.", input.policy_name);
            return Err(ApiError::new(errors::ENTITY_ALREADY_EXISTS, text));
        }
        let id = model::unique_id(cx.random(), "ANPA")?;
        let document = input.policy_document.clone();
        let mut policy = ManagedPolicy::new(input.policy_name.clone(), path, id, arn, cx.now(), document);
        policy.description.clone_from(&input.description);
        policy.tags.clone_from(&input.tags);
        model::save_policy(cx.tx(), account, &policy)?;
        Ok(Output { policy: shapes::Policy::of(&policy) })
    }
}
