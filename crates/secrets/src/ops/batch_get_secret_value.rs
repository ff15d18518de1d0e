//! BatchGetSecretValue: reads several secrets. Each leaves a GetSecretValue record of its own beside the batch's.

use keeptrail_operation::{Access, ApiError, Companion, Context, Meta, Operation, Resource};
use keeptrail_record::{Category, ErrorDetails};
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::get_secret_value::{Output as SecretValue, read};
use crate::{
    Secrets, condition, errors, list,
    model::{CURRENT, find},
};

const MOST: usize = 20;
const READ: &str = "secretsmanager:GetSecretValue";

/// <https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_BatchGetSecretValue.html>
pub(crate) struct BatchGetSecretValue;

#[derive(Deserialize, Serialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct Input {
    #[serde(default)]
    secret_id_list: Option<Vec<String>>,
    #[serde(default)]
    filters: Option<Vec<list::Filter>>,
    #[serde(default)]
    max_results: Option<usize>,
    #[serde(default)]
    next_token: Option<String>,
}

#[serde_with::skip_serializing_none]
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Output {
    secret_values: Vec<SecretValue>,
    next_token: Option<String>,
    errors: Vec<Failure>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Failure {
    secret_id: String,
    error_code: &'static str,
    message: String,
}

impl Operation for BatchGetSecretValue {
    type Service = Secrets;
    type Input = Input;
    type Output = Output;

    const META: Meta = Meta::read(
        "BatchGetSecretValue",
        "secretsmanager:BatchGetSecretValue",
        &["SecretIdList", "Filters", "MaxResults"],
    );

    async fn access(_: &Context<'_, Secrets>, input: &Input) -> Result<Vec<Access>, ApiError> {
        let mut needs = vec![Access::to(Self::META.action)];
        if input.filters.is_some() {
            needs.push(Access::to("secretsmanager:ListSecrets"));
        }
        Ok(needs)
    }

    async fn run(cx: &Context<'_, Secrets>, input: &Input) -> Result<Output, ApiError> {
        let (ids, next_token) = match (&input.secret_id_list, &input.filters) {
            (Some(ids), None) => {
                if input.max_results.is_some() {
                    return Err(errors::invalid_parameter(
                        "'Filters' not specified. 'Filters' must also be specified when 'MaxResults' is provided.",
                    ));
                }
                if ids.is_empty() || ids.len() > MOST {
                    return Err(errors::invalid_parameter("SecretIdList must have 1 to 20 secret ids."));
                }
                (ids.clone(), None)
            }
            (None, Some(filters)) => {
                let limit = input.max_results.unwrap_or(MOST);
                if !(1..=MOST).contains(&limit) {
                    return Err(errors::invalid_parameter("MaxResults must be between 1 and 20."));
                }
                let page = list::page(cx, filters, limit, input.next_token.as_deref(), list::Order::default()).await?;
                (page.secrets.iter().map(|secret| secret.arn.clone()).collect(), page.next_token)
            }
            _ => {
                return Err(errors::invalid_parameter(
                    "Either 'SecretIdList' or 'Filters' must be provided, but not both.",
                ));
            }
        };
        let mut output = Output { secret_values: Vec::new(), next_token, errors: Vec::new() };
        for id in ids {
            match one(cx, &id).await {
                Ok(value) => output.secret_values.push(value),
                Err(error) if error.code.status >= 500 => return Err(error),
                Err(error) => {
                    let message = error.message.to_string();
                    output.errors.push(Failure { secret_id: id, error_code: error.code.name, message });
                }
            }
        }
        Ok(output)
    }
}

/// Reads one of the secrets, under the caller's right to read it alone, and records that.
async fn one(cx: &Context<'_, Secrets>, id: &str) -> Result<SecretValue, ApiError> {
    let secret = find(cx, id).await?;
    let access = match &secret {
        Some(secret) => condition::on_secret(cx, READ, secret),
        None => Access::to(READ).on(id),
    };
    let permitted = cx.authorise(&access.when("secretsmanager:VersionStage", [CURRENT.to_owned()]));
    let denied = permitted.is_err();
    let result = match (permitted, &secret) {
        (Err(error), _) => Err(error),
        (Ok(()), None) => Err(errors::no_secret()),
        (Ok(()), Some(secret)) => match (secret.alive(), secret.labelled(CURRENT)) {
            (Err(error), _) => Err(error),
            (Ok(()), None) => Err(errors::no_label(CURRENT)),
            (Ok(()), Some(version)) => read(cx, secret, version, Some(CURRENT)).await,
        },
    };
    cx.also_record(Companion {
        event_name: "GetSecretValue",
        request_id: format!("{}:{id}", cx.call().request_id),
        read_only: true,
        category: Category::Management,
        request_parameters: (!denied).then(|| json!({ "secretId": id })),
        error: result.as_ref().err().map(|error| ErrorDetails {
            code: if denied { "AccessDenied".to_owned() } else { error.code.name.to_owned() },
            message: error.message.to_string(),
        }),
        resources: secret
            .iter()
            .map(|secret| Resource {
                account_id: cx.account().to_string(),
                kind: condition::SECRET.to_owned(),
                arn: secret.arn.clone(),
            })
            .collect(),
        additional_event_data: denied.then(|| json!({ "secretId": id })),
    });
    result
}
