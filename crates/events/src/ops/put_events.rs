//! PutEvents: puts events of the caller's own on the default bus.

use keeptrail_operation::{Access, ApiError, Context, Meta, Operation, Timestamp};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use crate::{Events, EventsError, bus, errors, event::Draft, route::LONGEST_EVENT};

const MOST: usize = 10;

/// <https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_PutEvents.html>
pub(crate) struct PutEvents;

#[derive(Deserialize, Serialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct Input {
    entries: Vec<Entry>,
    #[serde(default)]
    endpoint_id: Option<String>,
}

/// An event in the request. Its detail is the caller's own and stays off the record.
#[serde_with::skip_serializing_none]
#[derive(Deserialize, Serialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct Entry {
    #[serde(default)]
    time: Option<Timestamp>,
    #[serde(default)]
    source: Option<String>,
    #[serde(default)]
    resources: Option<Vec<String>>,
    #[serde(default)]
    detail_type: Option<String>,
    #[serde(default, skip_serializing)]
    detail: Option<String>,
    #[serde(default)]
    event_bus_name: Option<String>,
    #[serde(default, skip_serializing)]
    trace_header: Option<String>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Output {
    failed_entry_count: usize,
    entries: Vec<Put>,
}

/// What became of an event: an id or an error.
#[serde_with::skip_serializing_none]
#[derive(Serialize, Default)]
#[serde(rename_all = "PascalCase")]
struct Put {
    event_id: Option<String>,
    error_code: Option<&'static str>,
    error_message: Option<String>,
}

/// Why one event is not put, while others may be.
struct Refusal {
    code: &'static str,
    message: String,
}

impl Operation for PutEvents {
    type Service = Events;
    type Input = Input;
    type Output = Output;

    /// A data event: AWS logs it as one of the resource type `AWS::Events::EventBus`.
    const META: Meta =
        Meta::write("PutEvents", "events:PutEvents", &["Entries"], &["FailedEntryCount", "Entries"]).data();

    async fn access(cx: &Context<'_, Events>, input: &Input) -> Result<Vec<Access>, ApiError> {
        let accesses = input.entries.iter().take(MOST).map(|entry| {
            let access = Access::to(Self::META.action).on(bus::arn(cx)).listing("AWS::Events::EventBus", cx.account());
            let access = entry.source.iter().fold(access, |access, it| access.when("events:source", [it.clone()]));
            entry.detail_type.iter().fold(access, |access, it| access.when("events:detail-type", [it.clone()]))
        });
        let accesses: Vec<_> = accesses.collect();
        Ok(if accesses.is_empty() { vec![Access::to(Self::META.action).on(bus::arn(cx))] } else { accesses })
    }

    async fn run(cx: &Context<'_, Events>, input: &Input) -> Result<Output, ApiError> {
        check(input)?;
        let mut entries = Vec::with_capacity(input.entries.len());
        for entry in &input.entries {
            entries.push(match put(cx, entry).await? {
                Ok(id) => Put { event_id: Some(id), ..Put::default() },
                Err(Refusal { code, message }) => {
                    Put { error_code: Some(code), error_message: Some(message), ..Put::default() }
                }
            });
        }
        let failed_entry_count = entries.iter().filter(|entry| entry.event_id.is_none()).count();
        Ok(Output { failed_entry_count, entries })
    }
}

fn check(input: &Input) -> Result<(), ApiError> {
    if input.endpoint_id.is_some() {
        return Err(ApiError::not_carried_out("the parameter EndpointId: global endpoints"));
    }
    if input.entries.is_empty() {
        return Err(errors::constraint("[]", "entries", "have length greater than or equal to 1"));
    }
    if input.entries.len() > MOST {
        let value = "[PutEventsRequestEntry]";
        return Err(errors::constraint(value, "entries", "have length less than or equal to 10"));
    }
    if input.entries.iter().any(|entry| entry.trace_header.is_some()) {
        return Err(ApiError::not_carried_out("the parameter TraceHeader"));
    }
    if input.entries.iter().map(Entry::size).sum::<usize>() > LONGEST_EVENT {
        return Err(ApiError::validation("Total size of the entries in the request is over the limit."));
    }
    Ok(())
}

impl Entry {
    /// As "Calculating PutEvents event entry size" in the user guide has it.
    fn size(&self) -> usize {
        let texts = [&self.source, &self.detail_type, &self.detail];
        let texts = texts.into_iter().flatten().chain(self.resources.iter().flatten()).map(String::len);
        self.time.map_or(0, |_| 14) + texts.sum::<usize>()
    }
}

async fn put(cx: &Context<'_, Events>, entry: &Entry) -> Result<Result<String, Refusal>, ApiError> {
    if let Some(name) = entry.event_bus_name.as_deref().filter(|name| !bus::is_default(cx, name)) {
        return Ok(refusal(errors::RESOURCE_NOT_FOUND.name, errors::no_bus_text(name)));
    }
    let (source, detail_type, detail) = match (given(&entry.source), given(&entry.detail_type), given(&entry.detail)) {
        (None, _, _) => return Ok(missing("Source")),
        (_, None, _) => return Ok(missing("DetailType")),
        (_, _, None) => return Ok(missing("Detail")),
        (Some(source), Some(detail_type), Some(detail)) => (source, detail_type, detail),
    };
    if source.starts_with("aws.") {
        return Ok(refusal("NotAuthorizedForSourceException", "Not authorized for the source."));
    }
    let malformed = || Ok(refusal("MalformedDetail", "Detail is malformed."));
    let Some(raw) = serde_json::from_str::<&RawValue>(detail).ok().filter(|raw| raw.get().starts_with('{')) else {
        return malformed();
    };
    let draft = Draft {
        source,
        detail_type,
        time: entry.time.map_or(cx.now(), Timestamp::to_jiff),
        resources: entry.resources.as_deref().unwrap_or_default(),
        detail: raw.get(),
    };
    match cx.service().put_draft(cx.tx(), cx.account(), cx.region(), &draft).await {
        Ok(id) => Ok(Ok(id)),
        Err(EventsError::Malformed(_)) => malformed(),
        Err(EventsError::Store(error)) => Err(error.into()),
        Err(EventsError::Randomness(error)) => Err(error.into()),
    }
}

fn given(member: &Option<String>) -> Option<&str> {
    member.as_deref().filter(|text| !text.is_empty())
}

fn missing(member: &str) -> Result<String, Refusal> {
    refusal("InvalidArgument", format!("Parameter {member} is not valid. Reason: {member} is a required argument."))
}

fn refusal(code: &'static str, message: impl Into<String>) -> Result<String, Refusal> {
    Err(Refusal { code, message: message.into() })
}
