//! Events: the envelope around a `detail`.

use keeptrail_clock::Timestamp;
use keeptrail_pattern::document::Document;
use keeptrail_record::event_time;
use serde::Serialize;
use serde_json::{Value, value::RawValue};

/// An event for [`crate::Events::put`].
#[derive(Debug, Clone)]
pub struct EventEntry {
    /// Who tells of it, as in `aws.cloudwatch`.
    pub source: String,
    /// What kind of event it is.
    pub detail_type: String,
    /// When it happened.
    pub time: Timestamp,
    /// ARNs that it is about.
    pub resources: Vec<String>,
    /// The event itself, an object.
    pub detail: Value,
}

/// An event that has no envelope yet, with its detail as text.
pub(crate) struct Draft<'a> {
    pub(crate) source: &'a str,
    pub(crate) detail_type: &'a str,
    pub(crate) time: Timestamp,
    pub(crate) resources: &'a [String],
    pub(crate) detail: &'a RawValue,
}

/// An event in its envelope. The detail stays text, so that numbers come through as they were written.
#[derive(Serialize)]
pub(crate) struct Event<'a> {
    pub(crate) version: &'static str,
    pub(crate) id: &'a str,
    #[serde(rename = "detail-type")]
    pub(crate) detail_type: &'a str,
    pub(crate) source: &'a str,
    pub(crate) account: &'a str,
    #[serde(serialize_with = "time")]
    pub(crate) time: Timestamp,
    pub(crate) region: &'a str,
    pub(crate) resources: &'a [String],
    pub(crate) detail: &'a RawValue,
}

impl<'a> Event<'a> {
    /// The event as patterns see it; `time` is its time as text.
    pub(crate) fn document(&self, time: &'a str, detail: Document<'a>) -> Document<'a> {
        Document::object([
            ("version", self.version.into()),
            ("id", self.id.into()),
            ("detail-type", self.detail_type.into()),
            ("source", self.source.into()),
            ("account", self.account.into()),
            ("time", time.into()),
            ("region", self.region.into()),
            ("resources", Document::array(self.resources.iter().map(|arn| arn.as_str().into()))),
            ("detail", detail),
        ])
    }
}

/// What every event says of its form.
pub(crate) const VERSION: &str = "0";

fn time<S: serde::Serializer>(time: &Timestamp, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(&event_time(*time))
}
