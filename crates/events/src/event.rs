//! Events: the envelope around a `detail`.

use keeptrail_clock::Timestamp;
use keeptrail_record::event_time;
use serde::Serialize;
use serde_json::Value;

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
    pub(crate) detail: &'a str,
}

/// An event in its envelope.
pub(crate) struct Event<'a> {
    pub(crate) id: &'a str,
    pub(crate) detail_type: &'a str,
    pub(crate) source: &'a str,
    pub(crate) account: &'a str,
    pub(crate) time: Timestamp,
    pub(crate) region: &'a str,
    pub(crate) resources: &'a [String],
    /// JSON, which stays as it is: numbers come through as they were written.
    pub(crate) detail: &'a str,
}

/// All but the detail, which stands at the end.
#[derive(Serialize)]
#[serde(rename_all = "kebab-case")]
struct Envelope<'a> {
    version: &'static str,
    id: &'a str,
    detail_type: &'a str,
    source: &'a str,
    account: &'a str,
    time: String,
    region: &'a str,
    resources: &'a [String],
}

impl Event<'_> {
    /// The event as JSON.
    pub(crate) fn text(&self) -> Result<String, serde_json::Error> {
        let Self { id, detail_type, source, account, time, region, resources, detail } = *self;
        let time = event_time(time);
        let envelope = Envelope { version: VERSION, id, detail_type, source, account, time, region, resources };
        let mut text = serde_json::to_string(&envelope)?;
        // The envelope's closing brace.
        text.pop();
        text.reserve(detail.len() + 12);
        text.push_str(",\"detail\":");
        text.push_str(detail);
        text.push('}');
        Ok(text)
    }
}

/// What every event says of its form.
const VERSION: &str = "0";
