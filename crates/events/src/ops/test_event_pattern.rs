//! TestEventPattern: whether an event matches a pattern.

use keeptrail_operation::{Access, ApiError, Context, Meta, Operation};
use keeptrail_pattern::{document::Document, event::EventPattern};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::{Events, errors};

/// Members that an event must have, by the API reference.
const MANDATORY: [&str; 7] = ["id", "account", "source", "time", "region", "resources", "detail-type"];

/// <https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_TestEventPattern.html>
pub(crate) struct TestEventPattern;

#[derive(Deserialize, Serialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct Input {
    event_pattern: String,
    event: String,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Output {
    result: bool,
}

impl Operation for TestEventPattern {
    type Service = Events;
    type Input = Input;
    type Output = Output;

    const META: Meta = Meta::read("TestEventPattern", "events:TestEventPattern", &["EventPattern"]);

    async fn access(_: &Context<'_, Events>, _: &Input) -> Result<Vec<Access>, ApiError> {
        Ok(vec![Access::to(Self::META.action)])
    }

    async fn run(_: &Context<'_, Events>, input: &Input) -> Result<Output, ApiError> {
        let invalid = || ApiError::validation("Parameter Event is not valid.");
        let pattern = EventPattern::parse(&input.event_pattern).map_err(|error| errors::invalid_pattern(&error))?;
        let members: Map<String, Value> = serde_json::from_str(&input.event).map_err(|_| invalid())?;
        if !MANDATORY.iter().all(|name| members.contains_key(*name)) {
            return Err(invalid());
        }
        let event = Document::parse(&input.event).map_err(|_| invalid())?;
        Ok(Output { result: pattern.matches_document(&event) })
    }
}
