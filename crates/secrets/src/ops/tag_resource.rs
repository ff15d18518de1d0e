//! TagResource: adds tags to a secret, or changes their values.

use keeptrail_operation::{Access, ApiError, Context, Meta, Operation};
use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::{
    Secrets, condition, errors,
    model::{Tag, change},
    name,
};

const MOST_TAGS: usize = 50;

/// <https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_TagResource.html>
pub(crate) struct TagResource;

#[derive(Deserialize, Serialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct Input {
    secret_id: String,
    tags: Vec<Tag>,
}

impl Operation for TagResource {
    type Service = Secrets;
    type Input = Input;
    type Output = ();

    const META: Meta = Meta::write("TagResource", "secretsmanager:TagResource", &["SecretId", "Tags"], &[]);

    async fn access(cx: &Context<'_, Secrets>, input: &Input) -> Result<Vec<Access>, ApiError> {
        let access = condition::on(cx, Self::META.action, &input.secret_id).await?;
        Ok(vec![condition::with_tags(access, &input.tags)])
    }

    async fn run(cx: &Context<'_, Secrets>, input: &Input) -> Result<(), ApiError> {
        name::check_id(&input.secret_id)?;
        check(&input.tags)?;
        let mut secret = change(cx, &input.secret_id).await?;
        let mut tags = secret.tags.take().unwrap_or_default();
        tags.retain(|tag| !input.tags.iter().any(|new| new.key == tag.key));
        tags.extend(input.tags.iter().cloned());
        if tags.len() > MOST_TAGS {
            return Err(errors::invalid_parameter("You've exceeded the quota of 50 tags for the secret."));
        }
        secret.tags = Some(tags);
        secret.save(cx)?;
        cx.respond_on_record(json!({ "arn": secret.arn }));
        Ok(())
    }
}

/// Checks new tags (Tag in the API reference).
pub(crate) fn check(tags: &[Tag]) -> Result<(), ApiError> {
    for (index, tag) in tags.iter().enumerate() {
        if tag.key.is_empty() || tag.key.chars().count() > 128 {
            return Err(errors::invalid_parameter("A tag key must have 1 to 128 characters."));
        }
        if tag.key.to_ascii_lowercase().starts_with("aws:") {
            return Err(errors::invalid_parameter("Tag keys that start with aws: are reserved."));
        }
        if tag.value.chars().count() > 256 {
            return Err(errors::too_long("tags.value", 256));
        }
        if tags.iter().skip(index + 1).any(|other| other.key == tag.key) {
            return Err(errors::invalid_parameter(
                "Duplicate tag keys found. Please note that Tag keys are case insensitive.",
            ));
        }
    }
    if tags.len() > MOST_TAGS {
        return Err(errors::invalid_parameter("You've exceeded the quota of 50 tags for the secret."));
    }
    Ok(())
}
