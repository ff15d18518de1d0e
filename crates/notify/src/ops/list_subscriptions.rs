//! ListSubscriptions: the subscriptions of the account's topics in the region.

use keeptrail_operation::{Access, ApiError, Context, Meta, Operation};
use serde::{Deserialize, Serialize};

use crate::{
    Notify,
    model::{SUBSCRIPTIONS, Subscription},
    paging,
};

/// <https://docs.aws.amazon.com/sns/latest/api/API_ListSubscriptions.html>
pub(crate) struct ListSubscriptions;

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
    pub(crate) subscriptions: Vec<Entry>,
    pub(crate) next_token: Option<String>,
}

/// A subscription as lists show it.
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Entry {
    pub(crate) subscription_arn: String,
    owner: String,
    protocol: &'static str,
    endpoint: String,
    topic_arn: String,
}

impl Entry {
    pub(crate) fn of(subscription: &Subscription) -> Self {
        let arn = if subscription.confirmed { subscription.name.arn() } else { "PendingConfirmation".to_owned() };
        Self {
            subscription_arn: arn,
            owner: subscription.owner.clone(),
            protocol: subscription.protocol.as_str(),
            endpoint: subscription.endpoint.clone(),
            topic_arn: subscription.name.topic.arn(),
        }
    }
}

impl Operation for ListSubscriptions {
    type Service = Notify;
    type Input = Input;
    type Output = Output;

    const META: Meta = Meta::read("ListSubscriptions", "SNS:ListSubscriptions", &["NextToken"]);

    async fn access(cx: &Context<'_, Notify>, _: &Input) -> Result<Vec<Access>, ApiError> {
        Ok(vec![Access::to(Self::META.action).on(cx.arn("*"))])
    }

    async fn run(cx: &Context<'_, Notify>, input: &Input) -> Result<Output, ApiError> {
        let parts = [cx.account().as_str(), cx.region().as_str()];
        let (rows, next_token) = paging::page(cx.tx(), &SUBSCRIPTIONS, &parts, input.next_token.as_deref()).await?;
        Ok(Output { subscriptions: rows.iter().map(|(_, row)| Entry::of(row)).collect(), next_token })
    }
}
