//! The pattern that is tested.

use std::path::Path;

use keeptrail_pattern::document::{Document, DocumentError};
use keeptrail_pattern::event::EventPattern;
use keeptrail_pattern::filter::{FilterPattern, Kind};
use keeptrail_pattern::selector::{AdvancedEventSelector, EventSelector, Selectors};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::PatternTestError;
use crate::cli::PatternTestArgs;

pub(super) enum Pattern {
    Filter(FilterPattern),
    Event(EventPattern),
    Selectors(Selectors),
}

const READS_SECRET_ID: &str = "the pattern reads requestParameters.secretId, which holds what the caller sent: a name, \
    an ARN or a part of one, and nothing at all when the call was denied. Calls that name the secret the other way are \
    missed; `$.resources[0].ARN` always has the ARN, and `$.additionalEventData.secretId` is there for denied calls.";
const RECORDS_BARE: &str = "the events look like CloudTrail records as a trail delivers them, and the pattern names \
    `detail`: on the event bus a record is the `detail` of an event, beside `source` and `detail-type`.";

impl Pattern {
    /// The pattern that the arguments give.
    pub(super) fn new(args: &PatternTestArgs) -> Result<Self, PatternTestError> {
        if let Some(pattern) = &args.filter {
            return Ok(Self::Filter(FilterPattern::parse(pattern)?));
        }
        if let Some(given) = &args.event_pattern {
            return Ok(Self::Event(EventPattern::parse(&json_or_file(given)?)?));
        }
        let given = json_or_file(args.selectors.as_deref().unwrap_or_default())?;
        selectors(&given, args.data_store).map(Self::Selectors)
    }

    /// The values that the pattern finds in an event, if it matches. Filter patterns take any text, the others JSON.
    pub(super) fn values(&self, event: &str) -> Result<Option<Vec<(String, String)>>, DocumentError> {
        Ok(match self {
            Self::Filter(pattern) => pattern.matches(event).map(|found| found.extracted_values()),
            Self::Event(pattern) => pattern.matches_document(&Document::parse(event)?).then(Vec::new),
            Self::Selectors(selectors) => selectors.selects_document(&Document::parse(event)?).then(Vec::new),
        })
    }

    /// What is likely not meant.
    pub(super) fn warnings(&self, matched: usize, events: &str) -> Vec<String> {
        let names = match self {
            Self::Filter(pattern) if pattern.kind() == Kind::Json => pattern.names(),
            Self::Event(pattern) => pattern.names(),
            Self::Filter(_) | Self::Selectors(_) => return Vec::new(),
        };
        let reads = |end: &str| names.iter().any(|name| name.ends_with(end));
        let mut warnings = Vec::new();
        if reads("requestParameters.secretId") && !reads(".ARN") && !reads("additionalEventData.secretId") {
            warnings.push(READS_SECRET_ID.to_owned());
        }
        let in_detail = names.iter().any(|name| name.trim_start_matches("$.").starts_with("detail"));
        if matched == 0 && in_detail && events.contains("\"eventName\"") && !events.contains("\"detail") {
            warnings.push(RECORDS_BARE.to_owned());
        }
        warnings
    }
}

/// JSON as it is given, or the file it stands in.
fn json_or_file(given: &str) -> Result<String, PatternTestError> {
    if given.trim_start().starts_with(['{', '[']) {
        return Ok(given.to_owned());
    }
    let path = Path::new(given);
    std::fs::read_to_string(path).map_err(|cause| PatternTestError::Read { path: path.to_owned(), cause })
}

/// A list of selectors, also as the member of the calls that set and get them. Those with `FieldSelectors` are advanced.
fn selectors(text: &str, data_store: bool) -> Result<Selectors, PatternTestError> {
    let shape = |message: String| PatternTestError::SelectorShape(message);
    let mut given: Value = serde_json::from_str(text).map_err(|error| shape(error.to_string()))?;
    for member in ["AdvancedEventSelectors", "EventSelectors"] {
        if let Some(list) = given.get_mut(member).map(Value::take) {
            given = list;
            break;
        }
    }
    let list = given.as_array().ok_or_else(|| shape("expected `[` or a member EventSelectors".to_owned()))?;
    let is_advanced = list.iter().any(|selector| selector.get("FieldSelectors").is_some());
    Ok(match (is_advanced || data_store, data_store) {
        (false, _) => Selectors::basic(&exactly::<Vec<EventSelector>>(&given)?)?,
        (true, false) => Selectors::advanced(&exactly::<Vec<AdvancedEventSelector>>(&given)?)?,
        (true, true) => Selectors::data_store(&exactly::<Vec<AdvancedEventSelector>>(&given)?)?,
    })
}

/// Reads a value, and refuses members that it does not have.
fn exactly<T: DeserializeOwned + Serialize>(given: &Value) -> Result<T, PatternTestError> {
    let failed = |error: serde_json::Error| PatternTestError::SelectorShape(error.to_string());
    let read: T = serde_json::from_value(given.clone()).map_err(failed)?;
    match unknown_member(given, &serde_json::to_value(&read).map_err(failed)?) {
        Some(name) => Err(PatternTestError::SelectorShape(format!("there is no member `{name}`"))),
        None => Ok(read),
    }
}

/// A member of `given` that `kept` lacks.
fn unknown_member<'g>(given: &'g Value, kept: &Value) -> Option<&'g str> {
    match (given, kept) {
        (Value::Object(given), Value::Object(kept)) => given.iter().find_map(|(name, value)| match kept.get(name) {
            Some(kept) => unknown_member(value, kept),
            None if value.is_null() => None,
            None => Some(name.as_str()),
        }),
        (Value::Array(given), Value::Array(kept)) => {
            given.iter().zip(kept).find_map(|(given, kept)| unknown_member(given, kept))
        }
        _ => None,
    }
}
