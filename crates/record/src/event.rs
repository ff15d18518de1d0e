//! One record.

use bytes::Bytes;
use jiff::{Timestamp, fmt::temporal::DateTimePrinter};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::{UserIdentity, cut};

/// The version of the record format that keeptrail writes.
pub const EVENT_VERSION: &str = "1.11";
/// `userAgent`, `errorCode` and `errorMessage` are cut at 1 KB.
const TEXT_LIMIT: usize = 1024;
/// `requestParameters` and `responseElements` are left out above 100 KB each.
const PARAMETERS_LIMIT: usize = 100 * 1024;

/// Writes times in whole seconds, cut off.
const SECONDS: DateTimePrinter = DateTimePrinter::new().precision(Some(0));

/// A record could not be written as JSON.
#[derive(Debug, thiserror::Error)]
#[error("the record cannot be written as JSON")]
pub struct RecordError(#[from] serde_json::Error);

/// What kind of happening a record tells of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum EventType {
    /// A call of the API.
    AwsApiCall,
    /// Something that a service did by itself.
    AwsServiceEvent,
}

/// Management events are about resources, data events about what is in them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Category {
    /// Control plane; on AWS the reads of secrets are here too.
    Management,
    /// Data plane, such as reading an object of a bucket.
    Data,
}

/// What went wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ErrorDetails {
    /// CloudTrail's `errorCode`; for a denied call that is `AccessDenied`, not the API's exception name.
    pub code: String,
    /// The message that the caller got.
    pub message: String,
}

/// A resource that the call touched.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Resource {
    /// The owner's account.
    #[serde(rename = "accountId")]
    pub account_id: String,
    /// The CloudFormation type, such as `AWS::SecretsManager::Secret`.
    #[serde(rename = "type")]
    pub kind: String,
    /// The ARN.
    #[serde(rename = "ARN")]
    pub arn: String,
}

/// How the connection was protected.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct TlsDetails {
    /// `TLSv1.3`, …
    pub tls_version: String,
    /// The cipher suite's name.
    pub cipher_suite: String,
    /// The Host header as the client sent it.
    pub client_provided_host_header: String,
}

/// All that a record says. [`Record::to_json`] puts it in CloudTrail's order and limits.
#[derive(Debug, Clone)]
pub struct Record<'a> {
    /// Who called.
    pub user_identity: &'a UserIdentity,
    /// When the call was completed.
    pub event_time: Timestamp,
    /// The service, as in `secretsmanager.amazonaws.com`.
    pub event_source: &'a str,
    /// The operation.
    pub event_name: &'a str,
    /// The region it was made in.
    pub aws_region: &'a str,
    /// The caller's address, or a service's DNS name.
    pub source_ip_address: &'a str,
    /// The client's `User-Agent`.
    pub user_agent: Option<&'a str>,
    /// What went wrong, if anything.
    pub error: Option<ErrorDetails>,
    /// Allow-listed request members, made by [`crate::parameters`].
    pub request_parameters: Option<Value>,
    /// Allow-listed response members.
    pub response_elements: Option<Value>,
    /// What the service adds.
    pub additional_event_data: Option<Value>,
    /// The request's id; absent when there was none.
    pub request_id: Option<&'a str>,
    /// The record's own id, a UUID.
    pub event_id: &'a str,
    /// Whether the call only read.
    pub read_only: bool,
    /// What it touched.
    pub resources: Vec<Resource>,
    /// API call or service event.
    pub event_type: EventType,
    /// Version of the API, for the services that write it.
    pub api_version: Option<&'a str>,
    /// The account that receives the record.
    pub recipient_account_id: &'a str,
    /// The same in all records of one event that went to several accounts.
    pub shared_event_id: Option<&'a str>,
    /// Management or data.
    pub category: Category,
    /// The connection's protection.
    pub tls_details: Option<TlsDetails>,
}

/// The record as it is written: the field order is CloudTrail's.
#[serde_with::skip_serializing_none]
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Written<'a> {
    event_version: &'a str,
    user_identity: &'a UserIdentity,
    event_time: String,
    event_source: &'a str,
    event_name: &'a str,
    aws_region: &'a str,
    #[serde(rename = "sourceIPAddress")]
    source_ip_address: &'a str,
    user_agent: Option<String>,
    error_code: Option<String>,
    error_message: Option<String>,
    #[serialize_always]
    request_parameters: Option<&'a Value>,
    #[serialize_always]
    response_elements: Option<&'a Value>,
    additional_event_data: Option<&'a Value>,
    #[serde(rename = "requestID")]
    request_id: Option<&'a str>,
    #[serde(rename = "eventID")]
    event_id: &'a str,
    read_only: bool,
    #[serde(skip_serializing_if = "<[Resource]>::is_empty")]
    resources: &'a [Resource],
    event_type: EventType,
    api_version: Option<&'a str>,
    management_event: bool,
    recipient_account_id: &'a str,
    #[serde(rename = "sharedEventID")]
    shared_event_id: Option<&'a str>,
    event_category: Category,
    tls_details: Option<&'a TlsDetails>,
}

impl Record<'_> {
    /// The record as one line of compact JSON.
    ///
    /// # Errors
    /// When a value cannot be written as JSON.
    pub fn to_json(&self) -> Result<Bytes, RecordError> {
        let request_parameters = within(self.request_parameters.as_ref())?;
        let response_elements = within(self.response_elements.as_ref())?;
        let written = Written {
            event_version: EVENT_VERSION,
            user_identity: self.user_identity,
            event_time: event_time(self.event_time),
            event_source: self.event_source,
            event_name: self.event_name,
            aws_region: self.aws_region,
            source_ip_address: self.source_ip_address,
            user_agent: self.user_agent.map(|agent| cut(agent, TEXT_LIMIT)),
            error_code: self.error.as_ref().map(|error| cut(&error.code, TEXT_LIMIT)),
            error_message: self.error.as_ref().map(|error| cut(&error.message, TEXT_LIMIT)),
            request_parameters,
            response_elements,
            additional_event_data: self.additional_event_data.as_ref(),
            request_id: self.request_id,
            event_id: self.event_id,
            read_only: self.read_only,
            resources: &self.resources,
            event_type: self.event_type,
            api_version: self.api_version,
            management_event: self.category == Category::Management,
            recipient_account_id: self.recipient_account_id,
            shared_event_id: self.shared_event_id,
            event_category: self.category,
            tls_details: self.tls_details.as_ref(),
        };
        Ok(Bytes::from(serde_json::to_vec(&written)?))
    }
}

/// `value`, unless it is larger than a record may hold. Small values, the common case, are not measured exactly.
fn within(value: Option<&Value>) -> Result<Option<&Value>, RecordError> {
    match value {
        Some(Value::Object(members)) if members.values().all(|member| member.is_string() || member.is_boolean()) => {
            let size: usize =
                members.iter().map(|(name, member)| name.len() + member.as_str().map_or(8, str::len)).sum();
            Ok(value.filter(|_| size <= PARAMETERS_LIMIT))
        }
        Some(value) => Ok((serde_json::to_vec(value)?.len() <= PARAMETERS_LIMIT).then_some(value)),
        None => Ok(None),
    }
}

/// `eventTime`: UTC in whole seconds, as in `2023-07-10T12:07:59Z`.
#[must_use]
pub fn event_time(time: Timestamp) -> String {
    SECONDS.timestamp_to_string(&time)
}

/// A date inside `responseElements`: English text, as in `Jul 10, 2023, 12:07:59 PM`.
#[must_use]
pub fn english_date(time: Timestamp) -> String {
    time.strftime("%b %-d, %Y, %-I:%M:%S %p").to_string()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn a_time_is_written_in_whole_seconds_cut_off(second in 0_i64..4_102_444_800, nano in 0_i32..1_000_000_000) {
            let time = Timestamp::new(second, nano).unwrap();
            prop_assert_eq!(event_time(time), time.strftime("%Y-%m-%dT%H:%M:%SZ").to_string());
        }
    }
}
