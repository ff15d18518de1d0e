//! ListEventBuses: the buses, of which there is one.

use keeptrail_operation::{Access, ApiError, Context, Meta, Operation};
use serde::{Deserialize, Serialize};

use crate::{Events, bus, paging};

/// <https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_ListEventBuses.html>
pub(crate) struct ListEventBuses;

#[derive(Deserialize, Serialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct Input {
    #[serde(default)]
    name_prefix: Option<String>,
    #[serde(default)]
    next_token: Option<String>,
    #[serde(default)]
    limit: Option<usize>,
}

#[serde_with::skip_serializing_none]
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Output {
    event_buses: Vec<Listed>,
    next_token: Option<String>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Listed {
    name: &'static str,
    arn: String,
}

impl Operation for ListEventBuses {
    type Service = Events;
    type Input = Input;
    type Output = Output;

    const META: Meta = Meta::read("ListEventBuses", "events:ListEventBuses", &["NamePrefix", "Limit"]);

    async fn access(_: &Context<'_, Events>, _: &Input) -> Result<Vec<Access>, ApiError> {
        Ok(vec![Access::to(Self::META.action)])
    }

    async fn run(cx: &Context<'_, Events>, input: &Input) -> Result<Output, ApiError> {
        let prefix = input.name_prefix.as_deref().unwrap_or_default();
        let buses = std::iter::once(bus::DEFAULT).filter(|name| name.starts_with(prefix));
        let (page, next_token) = paging::page(buses, |name| name, input.limit, input.next_token.as_deref())?;
        let event_buses = page.into_iter().map(|name| Listed { name, arn: bus::arn(cx) }).collect();
        Ok(Output { event_buses, next_token })
    }
}
