//! TagResource: adds tags to a rule, or changes their values.

use keeptrail_operation::{Access, ApiError, Context, Meta, Operation};
use serde::{Deserialize, Serialize};

use crate::{
    Events, bus,
    model::{RuleSet, Tag, read},
    tags,
};

/// <https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_TagResource.html>
pub(crate) struct TagResource;

#[derive(Deserialize, Serialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct Input {
    #[serde(rename = "ResourceARN")]
    resource_arn: String,
    tags: Vec<Tag>,
}

impl Operation for TagResource {
    type Service = Events;
    type Input = Input;
    type Output = ();

    const META: Meta = Meta::write("TagResource", "events:TagResource", &["ResourceARN", "Tags"], &[]);

    async fn access(cx: &Context<'_, Events>, input: &Input) -> Result<Vec<Access>, ApiError> {
        let name = bus::rule_of_arn(cx, &input.resource_arn)?;
        Ok(vec![tags::conditions(bus::on_rule(cx, Self::META.action, &name).await?, &input.tags)])
    }

    async fn run(cx: &Context<'_, Events>, input: &Input) -> Result<(), ApiError> {
        let name = bus::rule_of_arn(cx, &input.resource_arn)?;
        tags::check(&input.tags)?;
        let mut rules = RuleSet::clone(&*read(cx).await?);
        tags::add(&mut rules.rule_mut(&name)?.tags, &input.tags)?;
        Ok(rules.save(cx)?)
    }
}
