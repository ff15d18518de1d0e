//! ListTags: lists the tags of trails and event data stores.

use keeptrail_operation::{Access, ApiError, Context, Meta, Operation};
use serde::{Deserialize, Serialize};

use super::tagging;
use crate::{Trails, model::Tag};

/// <https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_ListTags.html>
pub(crate) struct ListTags;

#[derive(Deserialize, Serialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct Input {
    #[serde(default)]
    resource_id_list: Vec<String>,
    #[serde(default)]
    next_token: Option<String>,
}

#[serde_with::skip_serializing_none]
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Output {
    resource_tag_list: Vec<ResourceTag>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct ResourceTag {
    resource_id: String,
    tags_list: Vec<Tag>,
}

impl Operation for ListTags {
    type Service = Trails;
    type Input = Input;
    type Output = Output;

    const META: Meta = Meta::read("ListTags", "cloudtrail:ListTags", &["ResourceIdList"]);

    async fn access(cx: &Context<'_, Trails>, input: &Input) -> Result<Vec<Access>, ApiError> {
        let mut needs = Vec::new();
        for arn in &input.resource_id_list {
            needs.push(tagging::on_resource(cx, Self::META.action, arn).await?);
        }
        Ok(needs)
    }

    async fn run(cx: &Context<'_, Trails>, input: &Input) -> Result<Output, ApiError> {
        if input.next_token.is_some() {
            return Err(ApiError::validation(
                "The NextToken is not one of this operation's: its list always fits one page.",
            ));
        }
        let mut resource_tag_list = Vec::new();
        for arn in &input.resource_id_list {
            let tags_list = tagging::tags(cx, arn).await?;
            resource_tag_list.push(ResourceTag { resource_id: arn.clone(), tags_list });
        }
        Ok(Output { resource_tag_list })
    }
}
