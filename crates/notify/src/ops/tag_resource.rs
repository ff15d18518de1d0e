//! TagResource: adds tags to a topic, or changes their values.

use keeptrail_operation::{Access, ApiError, Context, Meta, Operation};
use serde::{Deserialize, Serialize};

use crate::{
    Notify,
    errors::{TAG_LIMIT, invalid, no_resource},
    model::{Tag, Topic},
    names::TopicName,
    topic_policy,
};

/// Tags of a topic, at most.
const MOST: usize = 50;

/// <https://docs.aws.amazon.com/sns/latest/api/API_TagResource.html>
pub(crate) struct TagResource;

#[derive(Deserialize, Serialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct Input {
    resource_arn: String,
    tags: Vec<Tag>,
}

/// An answer without members.
#[derive(Serialize)]
pub(crate) struct Output {}

impl Operation for TagResource {
    type Service = Notify;
    type Input = Input;
    type Output = Output;

    const META: Meta = Meta::write("TagResource", "SNS:TagResource", &["ResourceArn", "Tags"], &[]);

    async fn access(cx: &Context<'_, Notify>, input: &Input) -> Result<Vec<Access>, ApiError> {
        let name = TopicName::parse(&input.resource_arn, "ResourceArn")?;
        Ok(vec![conditions(topic_policy::access(cx, &name, Self::META.action).await?, &input.tags)])
    }

    async fn run(cx: &Context<'_, Notify>, input: &Input) -> Result<Output, ApiError> {
        let name = TopicName::parse(&input.resource_arn, "ResourceArn")?;
        check(&input.tags)?;
        let topic = Topic::find(cx.tx(), &name).await?.ok_or_else(no_resource)?;
        let mut topic = Topic::clone(&topic);
        for tag in &input.tags {
            match topic.tags.iter_mut().find(|existing| existing.key == tag.key) {
                Some(existing) => existing.value.clone_from(&tag.value),
                None => topic.tags.push(tag.clone()),
            }
        }
        if topic.tags.len() > MOST {
            return Err(too_many());
        }
        topic.save(cx.tx(), &name)?;
        Ok(Output {})
    }
}

fn too_many() -> ApiError {
    ApiError::new(TAG_LIMIT, "Could not complete request: tag quota of per resource exceeded")
}

/// Checks new tags.
pub(super) fn check(tags: &[Tag]) -> Result<(), ApiError> {
    for (index, tag) in tags.iter().enumerate() {
        if !(1..=128).contains(&tag.key.chars().count()) || tag.key.to_ascii_lowercase().starts_with("aws:") {
            return Err(invalid("Tags Reason: a tag key has 1 to 128 characters and does not begin with aws:"));
        }
        if tag.value.chars().count() > 256 {
            return Err(invalid("Tags Reason: a tag value has at most 256 characters"));
        }
        if tags.iter().skip(index + 1).any(|other| other.key == tag.key) {
            return Err(invalid("Duplicated keys are not allowed."));
        }
    }
    if tags.len() > MOST { Err(too_many()) } else { Ok(()) }
}

/// The condition keys of a request that brings tags.
pub(super) fn conditions(mut access: Access, tags: &[Tag]) -> Access {
    for tag in tags {
        access = access.when(format!("aws:RequestTag/{}", tag.key), [tag.value.clone()]);
    }
    access.when("aws:TagKeys", tags.iter().map(|tag| tag.key.clone()))
}
