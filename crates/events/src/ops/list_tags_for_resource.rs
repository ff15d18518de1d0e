//! ListTagsForResource: the tags of a rule.

use keeptrail_operation::{Access, ApiError, Context, Meta, Operation};
use serde::{Deserialize, Serialize};

use crate::{
    Events, bus,
    model::{Tag, read},
};

/// <https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_ListTagsForResource.html>
pub(crate) struct ListTagsForResource;

#[derive(Deserialize, Serialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct Input {
    #[serde(rename = "ResourceARN")]
    resource_arn: String,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Output {
    tags: Vec<Tag>,
}

impl Operation for ListTagsForResource {
    type Service = Events;
    type Input = Input;
    type Output = Output;

    const META: Meta = Meta::read("ListTagsForResource", "events:ListTagsForResource", &["ResourceARN"]);

    async fn access(cx: &Context<'_, Events>, input: &Input) -> Result<Vec<Access>, ApiError> {
        let name = bus::rule_of_arn(cx, &input.resource_arn)?;
        Ok(vec![bus::on_rule(cx, Self::META.action, &name).await?])
    }

    async fn run(cx: &Context<'_, Events>, input: &Input) -> Result<Output, ApiError> {
        let name = bus::rule_of_arn(cx, &input.resource_arn)?;
        Ok(Output { tags: read(cx).await?.rule(&name)?.tags.clone() })
    }
}
