//! UntagResource: takes tags from a secret.

use keeptrail_operation::{Access, ApiError, Context, Meta, Operation};
use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::{Secrets, condition, model::change, name};

/// <https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_UntagResource.html>
pub(crate) struct UntagResource;

#[derive(Deserialize, Serialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct Input {
    secret_id: String,
    tag_keys: Vec<String>,
}

impl Operation for UntagResource {
    type Service = Secrets;
    type Input = Input;
    type Output = ();

    const META: Meta = Meta::write("UntagResource", "secretsmanager:UntagResource", &["SecretId", "TagKeys"], &[]);

    async fn access(cx: &Context<'_, Secrets>, input: &Input) -> Result<Vec<Access>, ApiError> {
        let access = condition::on(cx, Self::META.action, &input.secret_id).await?;
        Ok(vec![access.when("aws:TagKeys", input.tag_keys.clone())])
    }

    async fn run(cx: &Context<'_, Secrets>, input: &Input) -> Result<(), ApiError> {
        name::check_id(&input.secret_id)?;
        let mut secret = change(cx, &input.secret_id).await?;
        if let Some(tags) = &mut secret.tags {
            tags.retain(|tag| !input.tag_keys.contains(&tag.key));
        }
        secret.save(cx)?;
        cx.respond_on_record(json!({ "arn": secret.arn }));
        Ok(())
    }
}
