//! AddTags: adds tags to a trail or an event data store.

use keeptrail_operation::{Access, ApiError, Context, Meta, Operation};
use serde::{Deserialize, Serialize};

use super::tagging;
use crate::{Trails, errors, model::Tag};

/// <https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_AddTags.html>
pub(crate) struct AddTags;

#[derive(Deserialize, Serialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct Input {
    resource_id: String,
    #[serde(default)]
    tags_list: Vec<Tag>,
}

#[derive(Serialize)]
pub(crate) struct Output {}

impl Operation for AddTags {
    type Service = Trails;
    type Input = Input;
    type Output = Output;

    const META: Meta = Meta::write("AddTags", "cloudtrail:AddTags", &["ResourceId", "TagsList"], &[]);

    async fn access(cx: &Context<'_, Trails>, input: &Input) -> Result<Vec<Access>, ApiError> {
        Ok(vec![tagging::on_resource(cx, Self::META.action, &input.resource_id).await?])
    }

    async fn run(cx: &Context<'_, Trails>, input: &Input) -> Result<Output, ApiError> {
        if input.tags_list.iter().any(|tag| tag.key.is_empty() || tag.key.chars().count() > 128) {
            return Err(ApiError::new(errors::INVALID_TAG, "A tag key has 1 to 128 characters."));
        }
        let add = |tags: &mut Vec<Tag>| {
            tags.retain(|tag| !input.tags_list.iter().any(|new| new.key == tag.key));
            tags.extend(input.tags_list.iter().cloned());
        };
        tagging::change(cx, &input.resource_id, add).await?;
        Ok(Output {})
    }
}
