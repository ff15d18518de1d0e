//! DeleteSecret: marks a secret for deletion, or deletes it at once.

use std::time::Duration;

use keeptrail_clock::after;
use keeptrail_operation::{Access, ApiError, Context, Meta, Operation, Timestamp};
use serde::{Deserialize, Serialize};

use crate::{
    Secrets, condition, errors,
    jobs::remove,
    model::{DELETIONS, Deletion, Secret, deletion_key, due_part, find},
    name,
};

const DEFAULT_WINDOW: u64 = 30;
const DAY: u64 = 24 * 3600;

/// <https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_DeleteSecret.html>
pub(crate) struct DeleteSecret;

#[derive(Deserialize, Serialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct Input {
    secret_id: String,
    #[serde(default)]
    recovery_window_in_days: Option<i64>,
    #[serde(default)]
    force_delete_without_recovery: Option<bool>,
}

#[serde_with::skip_serializing_none]
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Output {
    #[serde(rename = "ARN")]
    arn: String,
    name: String,
    deletion_date: Timestamp,
}

impl Operation for DeleteSecret {
    type Service = Secrets;
    type Input = Input;
    type Output = Output;

    const META: Meta = Meta::write(
        "DeleteSecret",
        "secretsmanager:DeleteSecret",
        &["SecretId", "RecoveryWindowInDays", "ForceDeleteWithoutRecovery"],
        &["ARN", "Name", "DeletionDate"],
    );

    async fn access(cx: &Context<'_, Secrets>, input: &Input) -> Result<Vec<Access>, ApiError> {
        let access = condition::on(cx, Self::META.action, &input.secret_id).await?;
        let access =
            condition::with(access, "secretsmanager:RecoveryWindowInDays", input.recovery_window_in_days.as_ref());
        let force = input.force_delete_without_recovery;
        Ok(vec![condition::with(access, "secretsmanager:ForceDeleteWithoutRecovery", force.as_ref())])
    }

    async fn run(cx: &Context<'_, Secrets>, input: &Input) -> Result<Output, ApiError> {
        name::check_id(&input.secret_id)?;
        let force = input.force_delete_without_recovery.unwrap_or(false);
        let window = window(input.recovery_window_in_days, force)?;
        match find(cx, &input.secret_id).await? {
            Some(secret) if force => {
                remove(cx.tx(), cx.random(), cx.account(), cx.region(), &secret, true).await?;
                Ok(Output { arn: secret.arn.clone(), name: secret.name.clone(), deletion_date: cx.now().into() })
            }
            Some(secret) => mark(cx, Secret::clone(&secret), window),
            // "…even if the secret doesn't exist": so that scripts can delete without looking first.
            None if force && !input.secret_id.starts_with("arn:") => {
                let arn = cx.arn(&name::resource(&input.secret_id, cx.random())?);
                Ok(Output { arn, name: input.secret_id.clone(), deletion_date: cx.now().into() })
            }
            None => Err(errors::no_secret()),
        }
    }
}

fn window(days: Option<i64>, force: bool) -> Result<Duration, ApiError> {
    if force && days.is_some() {
        return Err(errors::invalid_parameter(
            "You can't use ForceDeleteWithoutRecovery in conjunction with RecoveryWindowInDays.",
        ));
    }
    let days =
        days.map_or(Some(DEFAULT_WINDOW), |days| u64::try_from(days).ok().filter(|days| (7..=30).contains(days)));
    let days = days.ok_or_else(|| {
        errors::invalid_parameter("The RecoveryWindowInDays value must be between 7 and 30 days (inclusive).")
    })?;
    Ok(Duration::from_secs(days * DAY))
}

fn mark(cx: &Context<'_, Secrets>, mut secret: Secret, window: Duration) -> Result<Output, ApiError> {
    secret.alive()?;
    let due = after(cx.now(), window);
    secret.deletion = Some(Deletion { requested: cx.now(), due });
    secret.save(cx)?;
    let part = due_part(due);
    let key = deletion_key(&part, cx.account().as_str(), cx.region().as_str(), &secret.name);
    DELETIONS.put(cx.tx(), &key, &secret.arn)?;
    Ok(Output { arn: secret.arn, name: secret.name, deletion_date: due.into() })
}
