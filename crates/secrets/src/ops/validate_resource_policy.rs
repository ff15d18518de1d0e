//! ValidateResourcePolicy: says what is wrong with a policy without attaching it.

use keeptrail_operation::{Access, ApiError, Context, Meta, Operation};
use keeptrail_policy::is_public;
use serde::{Deserialize, Serialize};

use super::put_resource_policy::check;
use crate::{Secrets, condition, errors, model::require};

/// <https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_ValidateResourcePolicy.html>
pub(crate) struct ValidateResourcePolicy;

#[derive(Deserialize, Serialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct Input {
    #[serde(default)]
    secret_id: Option<String>,
    resource_policy: String,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Output {
    policy_validation_passed: bool,
    validation_errors: Vec<Finding>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Finding {
    check_name: &'static str,
    error_message: String,
}

impl Operation for ValidateResourcePolicy {
    type Service = Secrets;
    type Input = Input;
    type Output = Output;

    const META: Meta =
        Meta::read("ValidateResourcePolicy", "secretsmanager:ValidateResourcePolicy", &["SecretId", "ResourcePolicy"]);

    async fn access(cx: &Context<'_, Secrets>, input: &Input) -> Result<Vec<Access>, ApiError> {
        match &input.secret_id {
            Some(id) => Ok(vec![condition::on(cx, Self::META.action, id).await?]),
            None => Ok(vec![Access::to(Self::META.action)]),
        }
    }

    async fn run(cx: &Context<'_, Secrets>, input: &Input) -> Result<Output, ApiError> {
        if let Some(id) = &input.secret_id {
            require(cx, id).await?;
        }
        let mut validation_errors = Vec::new();
        match check(&input.resource_policy) {
            Err(error) if error.code == errors::MALFORMED_POLICY => {
                validation_errors
                    .push(Finding { check_name: "POLICY_SYNTAX", error_message: error.message.to_string() });
            }
            Err(error) => return Err(error),
            Ok(policy) if is_public(&policy) => validation_errors.push(Finding {
                check_name: "PUBLIC_POLICY",
                error_message: "Resource policy allows broad access to the secret.".to_owned(),
            }),
            Ok(_) => {}
        }
        Ok(Output { policy_validation_passed: validation_errors.is_empty(), validation_errors })
    }
}
