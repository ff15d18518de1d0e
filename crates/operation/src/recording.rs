//! The call's record.

use std::sync::Arc;

use bytes::Bytes;
use keeptrail_clock::{Random, Timestamp};
use keeptrail_record::{Category, ErrorDetails, EventType, Record, Resource, parameters};
use serde::Serialize;
use serde_json::Value;

use crate::{ApiError, Call, Companion, Identity, Meta, ServiceMeta};

/// What is the same in all records of one call.
pub(crate) struct Recorder<'a> {
    pub(crate) service: &'static ServiceMeta,
    pub(crate) call: &'a Call,
    pub(crate) identity: &'a Arc<Identity>,
    pub(crate) random: &'a Random,
    pub(crate) now: Timestamp,
}

/// What differs.
pub(crate) struct Entry<'a> {
    pub(crate) event_name: &'a str,
    pub(crate) request_id: &'a str,
    pub(crate) read_only: bool,
    pub(crate) category: Category,
    pub(crate) request_parameters: Option<Value>,
    pub(crate) response_elements: Option<Value>,
    pub(crate) additional_event_data: Option<Value>,
    pub(crate) error: Option<ErrorDetails>,
    pub(crate) resources: Vec<Resource>,
}

impl Recorder<'_> {
    /// The record's eventID and bytes.
    pub(crate) fn record(&self, entry: Entry<'_>) -> Result<(String, Bytes), ApiError> {
        let event_id = self.random.uuid()?;
        let source_ip = self.call.source_ip.to_string();
        let bytes = Record {
            user_identity: &self.identity.user_identity,
            event_time: self.now,
            event_source: self.service.event_source,
            event_name: entry.event_name,
            aws_region: self.service.region(self.call),
            source_ip_address: &source_ip,
            user_agent: self.call.user_agent.as_deref(),
            error: entry.error,
            request_parameters: entry.request_parameters,
            response_elements: entry.response_elements,
            additional_event_data: entry.additional_event_data,
            request_id: Some(entry.request_id),
            event_id: &event_id,
            read_only: entry.read_only,
            resources: entry.resources,
            event_type: EventType::AwsApiCall,
            api_version: self.service.api_version,
            recipient_account_id: self.identity.account.as_str(),
            shared_event_id: None,
            category: entry.category,
            tls_details: self.call.tls.clone(),
        }
        .to_json()
        .map_err(ApiError::internal)?;
        Ok((event_id, bytes))
    }

    pub(crate) fn companion(&self, companion: Companion) -> Result<(String, Bytes), ApiError> {
        self.record(Entry {
            event_name: companion.event_name,
            request_id: &companion.request_id,
            read_only: companion.read_only,
            category: companion.category,
            request_parameters: companion.request_parameters,
            response_elements: None,
            additional_event_data: companion.additional_event_data,
            error: companion.error,
            resources: companion.resources,
        })
    }
}

/// The error as CloudTrail shows it: a denied call says `AccessDenied`, whatever the API's exception is called.
pub(crate) fn details(service: &ServiceMeta, error: &ApiError) -> ErrorDetails {
    let code = if error.code == service.access_denied { "AccessDenied" } else { error.code.name };
    ErrorDetails { code: code.to_owned(), message: error.message.to_string() }
}

/// The allow-listed members of a call's input.
pub(crate) fn request_parameters<T: Serialize>(meta: &Meta, input: &T) -> Result<Option<Value>, ApiError> {
    parameters(input, meta.request).map_err(ApiError::internal)
}

/// The allow-listed members of a call's output.
pub(crate) fn response_elements<T: Serialize>(meta: &Meta, output: &T) -> Result<Option<Value>, ApiError> {
    parameters(output, meta.response).map_err(ApiError::internal)
}
