//! ListTopics: the account's topics in the region.

use keeptrail_operation::{Access, ApiError, Context, Meta, Operation};
use serde::{Deserialize, Serialize};

use crate::{Notify, model::TOPICS, paging};

/// <https://docs.aws.amazon.com/sns/latest/api/API_ListTopics.html>
pub(crate) struct ListTopics;

#[derive(Deserialize, Serialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct Input {
    #[serde(default)]
    next_token: Option<String>,
}

#[serde_with::skip_serializing_none]
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Output {
    pub(crate) topics: Vec<TopicEntry>,
    pub(crate) next_token: Option<String>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct TopicEntry {
    pub(crate) topic_arn: String,
}

impl Operation for ListTopics {
    type Service = Notify;
    type Input = Input;
    type Output = Output;

    const META: Meta = Meta::read("ListTopics", "SNS:ListTopics", &["NextToken"]);

    async fn access(cx: &Context<'_, Notify>, _: &Input) -> Result<Vec<Access>, ApiError> {
        Ok(vec![Access::to(Self::META.action).on(cx.arn("*"))])
    }

    async fn run(cx: &Context<'_, Notify>, input: &Input) -> Result<Output, ApiError> {
        let parts = [cx.account().as_str(), cx.region().as_str()];
        let (rows, next_token) = paging::page(cx.tx(), &TOPICS, &parts, input.next_token.as_deref()).await?;
        let topics = rows.into_iter().filter_map(|(key, _)| key.parts().pop());
        Ok(Output { topics: topics.map(|name| TopicEntry { topic_arn: cx.arn(&name) }).collect(), next_token })
    }
}
