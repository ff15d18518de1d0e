//! LookupEvents: finds management events of the last 90 days, newest first.

use keeptrail_operation::{Access, ApiError, Context, Meta, Operation};
use serde::{Deserialize, Serialize};

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use keeptrail_operation::Timestamp;

use super::shapes;
use crate::{
    Trails, errors,
    history::{self, Attribute, FoundPage, Position, Query, lookup},
};

const MOST: i64 = 50;
const LONGEST: usize = 2000;

/// An attribute to find events by.
#[derive(Deserialize, Serialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct LookupAttribute {
    attribute_key: String,
    attribute_value: String,
}

/// <https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_LookupEvents.html>
pub(crate) struct LookupEvents;

#[derive(Deserialize, Serialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct Input {
    #[serde(default)]
    lookup_attributes: Vec<LookupAttribute>,
    #[serde(default)]
    start_time: Option<Timestamp>,
    #[serde(default)]
    end_time: Option<Timestamp>,
    #[serde(default)]
    event_category: Option<String>,
    #[serde(default)]
    max_results: Option<i64>,
    #[serde(default)]
    next_token: Option<String>,
}

#[serde_with::skip_serializing_none]
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Output {
    events: Vec<shapes::Event>,
    next_token: Option<String>,
}

impl Operation for LookupEvents {
    type Service = Trails;
    type Input = Input;
    type Output = Output;

    const META: Meta = Meta::read(
        "LookupEvents",
        "cloudtrail:LookupEvents",
        &["LookupAttributes", "StartTime", "EndTime", "EventCategory", "MaxResults"],
    );

    async fn access(cx: &Context<'_, Trails>, input: &Input) -> Result<Vec<Access>, ApiError> {
        let _ = (cx, input);
        Ok(vec![Access::to(Self::META.action)])
    }

    async fn run(cx: &Context<'_, Trails>, input: &Input) -> Result<Output, ApiError> {
        if input.event_category.is_some() {
            return Err(ApiError::not_carried_out("CloudTrail Insights (EventCategory)"));
        }
        let attribute = attribute(&input.lookup_attributes)?;
        let limit = usize::try_from(input.max_results.unwrap_or(MOST)).ok().filter(|limit| (1..=50).contains(limit));
        let limit =
            limit.ok_or_else(|| ApiError::new(errors::INVALID_MAX_RESULTS, "MaxResults must be between 1 and 50."))?;
        let (from, to) = (input.start_time.map(seconds), input.end_time.map(seconds));
        if from.zip(to).is_some_and(|(from, to)| from > to) {
            return Err(ApiError::new(errors::INVALID_TIME_RANGE, "The start time must be before the end time."));
        }
        let parameters = format!("{attribute:?} {from:?} {to:?}");
        let after = input.next_token.as_deref().map(|token| open(token, &parameters)).transpose()?;
        let query =
            Query { account: cx.account().as_str(), region: cx.region().as_str(), attribute, from, to, after, limit };
        let FoundPage { events, next, opened } = lookup(cx.tx(), &query, &history::MOST).await?;
        tracing::debug!(opened, found = events.len(), "looked events up");
        let next_token = next.map(|next| seal(next, &parameters));
        Ok(Output { events: events.into_iter().map(shapes::Event::of).collect(), next_token })
    }
}

fn attribute(given: &[LookupAttribute]) -> Result<Option<Attribute>, ApiError> {
    let fault = |text: String| ApiError::new(errors::INVALID_ATTRIBUTES, text);
    let Some(attribute) = given.first() else { return Ok(None) };
    if given.len() > 1 {
        return Err(fault("You can specify only one lookup attribute.".to_owned()));
    }
    if attribute.attribute_value.is_empty() || attribute.attribute_value.len() > LONGEST {
        return Err(fault(format!("An attribute value must have 1 to {LONGEST} characters.")));
    }
    let named = Attribute::named(&attribute.attribute_key, attribute.attribute_value.clone());
    let known = named.ok_or_else(|| {
        fault("AttributeKey must be one of EventId, EventName, ReadOnly, Username, ResourceType, ResourceName, EventSource, AccessKeyId.".to_owned())
    })?;
    Ok(Some(known))
}

fn seconds(time: Timestamp) -> i64 {
    time.to_jiff().as_second()
}

/// A token holds the position and what was asked: it is valid only with the same parameters.
fn seal(at: Position, parameters: &str) -> String {
    URL_SAFE_NO_PAD.encode(format!("{} {} {parameters}", at.time, at.seq))
}

fn open(token: &str, parameters: &str) -> Result<Position, ApiError> {
    let invalid =
        || ApiError::new(errors::INVALID_NEXT_TOKEN, "The NextToken is invalid, or was given with other parameters.");
    let text =
        URL_SAFE_NO_PAD.decode(token).ok().and_then(|bytes| String::from_utf8(bytes).ok()).ok_or_else(invalid)?;
    let mut fields = text.splitn(3, ' ');
    let mut next = || fields.next().ok_or_else(invalid);
    let (time, seq) = (next()?.parse().map_err(|_| invalid())?, next()?.parse().map_err(|_| invalid())?);
    if next()? == parameters { Ok(Position { time, seq }) } else { Err(invalid()) }
}
