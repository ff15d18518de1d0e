//! RestoreSecret: takes a deletion back.

use keeptrail_operation::{Access, ApiError, Context, Meta, Operation};
use serde::{Deserialize, Serialize};

use crate::{
    Secrets, condition,
    model::{DELETIONS, Secret, deletion_key, due_part, require},
    name,
    service_events::{VersionDeletionEvent, record},
};

/// <https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_RestoreSecret.html>
pub(crate) struct RestoreSecret;

#[derive(Deserialize, Serialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct Input {
    secret_id: String,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Output {
    #[serde(rename = "ARN")]
    arn: String,
    name: String,
}

impl Operation for RestoreSecret {
    type Service = Secrets;
    type Input = Input;
    type Output = Output;

    const META: Meta = Meta::write("RestoreSecret", "secretsmanager:RestoreSecret", &["SecretId"], &["ARN", "Name"]);

    async fn access(cx: &Context<'_, Secrets>, input: &Input) -> Result<Vec<Access>, ApiError> {
        Ok(vec![condition::on(cx, Self::META.action, &input.secret_id).await?])
    }

    async fn run(cx: &Context<'_, Secrets>, input: &Input) -> Result<Output, ApiError> {
        name::check_id(&input.secret_id)?;
        let mut secret = Secret::clone(&*require(cx, &input.secret_id).await?);
        // Restoring a secret that is not deleted changes nothing and succeeds.
        if let Some(deletion) = secret.deletion.take() {
            let due = due_part(deletion.due);
            let (account, region) = (cx.account(), cx.region());
            DELETIONS.delete(cx.tx(), &deletion_key(&due, account.as_str(), region.as_str(), &secret.name));
            secret.save(cx)?;
            for _ in &secret.versions {
                record(cx.tx(), cx.random(), account, region, &secret, VersionDeletionEvent::Cancel)?;
            }
        }
        Ok(Output { arn: secret.arn, name: secret.name })
    }
}
