//! RemoveTags: takes tags from a trail or an event data store.

use keeptrail_operation::{Access, ApiError, Context, Meta, Operation};
use serde::{Deserialize, Serialize};

use super::tagging;
use crate::{Trails, model::Tag};

/// <https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_RemoveTags.html>
pub(crate) struct RemoveTags;

#[derive(Deserialize, Serialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct Input {
    resource_id: String,
    #[serde(default)]
    tags_list: Vec<Tag>,
}

#[derive(Serialize)]
pub(crate) struct Output {}

impl Operation for RemoveTags {
    type Service = Trails;
    type Input = Input;
    type Output = Output;

    const META: Meta = Meta::write("RemoveTags", "cloudtrail:RemoveTags", &["ResourceId", "TagsList"], &[]);

    async fn access(cx: &Context<'_, Trails>, input: &Input) -> Result<Vec<Access>, ApiError> {
        Ok(vec![tagging::on_resource(cx, Self::META.action, &input.resource_id).await?])
    }

    async fn run(cx: &Context<'_, Trails>, input: &Input) -> Result<Output, ApiError> {
        let remove = |tags: &mut Vec<Tag>| tags.retain(|tag| !input.tags_list.iter().any(|old| old.key == tag.key));
        tagging::change(cx, &input.resource_id, remove).await?;
        Ok(Output {})
    }
}
