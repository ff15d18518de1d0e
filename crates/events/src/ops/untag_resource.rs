//! UntagResource: takes tags from a rule.

use keeptrail_operation::{Access, ApiError, Context, Meta, Operation};
use serde::{Deserialize, Serialize};

use crate::{
    Events, bus,
    model::{RuleSet, read},
};

/// <https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_UntagResource.html>
pub(crate) struct UntagResource;

#[derive(Deserialize, Serialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct Input {
    #[serde(rename = "ResourceARN")]
    resource_arn: String,
    tag_keys: Vec<String>,
}

impl Operation for UntagResource {
    type Service = Events;
    type Input = Input;
    type Output = ();

    const META: Meta = Meta::write("UntagResource", "events:UntagResource", &["ResourceARN", "TagKeys"], &[]);

    async fn access(cx: &Context<'_, Events>, input: &Input) -> Result<Vec<Access>, ApiError> {
        let name = bus::rule_of_arn(cx, &input.resource_arn)?;
        let access = bus::on_rule(cx, Self::META.action, &name).await?;
        Ok(vec![access.when("aws:TagKeys", input.tag_keys.iter().cloned())])
    }

    async fn run(cx: &Context<'_, Events>, input: &Input) -> Result<(), ApiError> {
        let name = bus::rule_of_arn(cx, &input.resource_arn)?;
        let mut rules = RuleSet::clone(&*read(cx).await?);
        rules.rule_mut(&name)?.tags.retain(|tag| !input.tag_keys.contains(&tag.key));
        Ok(rules.save(cx)?)
    }
}
