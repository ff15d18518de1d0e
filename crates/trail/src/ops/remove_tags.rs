//! RemoveTags: takes tags from a trail.

use keeptrail_operation::{Access, ApiError, Context, Meta, Operation};
use serde::{Deserialize, Serialize};

use super::shared;
use crate::{
    Trails,
    model::{self, Tag},
};

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
        Ok(vec![shared::on_trail(cx, Self::META.action, &input.resource_id).await?])
    }

    async fn run(cx: &Context<'_, Trails>, input: &Input) -> Result<Output, ApiError> {
        let mut set = model::set(cx).await?;
        let trail = set.change(cx, &input.resource_id)?;
        trail.tags.retain(|tag| !input.tags_list.iter().any(|old| old.key == tag.key));
        model::save(cx, &set)?;
        Ok(Output {})
    }
}
