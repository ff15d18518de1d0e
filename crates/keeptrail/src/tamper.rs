//! The audit record that tells of tampering with the audit trail itself.

use std::sync::Arc;

use bytes::Bytes;
use keeptrail_arn::{AccountId, Region};
use keeptrail_clock::Random;
use keeptrail_journal::{Fault, OnFault, Record};
use keeptrail_record::{Category, EventType, UserIdentity};
use serde_json::json;

const SOURCE: &str = "keeptrail.amazonaws.com";

/// Makes a service event named `JournalTampered` of a fault, so that filters, rules and alarms see it like any other.
pub(crate) fn recorder(account: AccountId, region: Region, random: Random) -> OnFault {
    Arc::new(move |fault| {
        tracing::error!(segment = fault.segment, kind = %fault.kind, detail = fault.detail, "the journal was tampered with or damaged");
        match record(&account, &region, &random, fault) {
            Some((event_id, bytes)) => Some(Record { event_id, bytes }),
            None => {
                tracing::error!("no record of the fault could be made");
                None
            }
        }
    })
}

fn record(account: &AccountId, region: &Region, random: &Random, fault: &Fault) -> Option<(String, Bytes)> {
    let event_id = random.uuid().ok()?;
    let bytes = keeptrail_record::Record {
        user_identity: &UserIdentity::service_event(account.as_str(), SOURCE),
        event_time: fault.at,
        event_source: SOURCE,
        event_name: "JournalTampered",
        aws_region: region.as_str(),
        source_ip_address: SOURCE,
        user_agent: Some(SOURCE),
        error: None,
        request_parameters: None,
        response_elements: None,
        additional_event_data: Some(json!({
            "segment": fault.segment,
            "kind": fault.kind.to_string(),
            "detail": fault.detail,
        })),
        request_id: None,
        event_id: &event_id,
        read_only: false,
        resources: Vec::new(),
        event_type: EventType::AwsServiceEvent,
        api_version: None,
        recipient_account_id: account.as_str(),
        shared_event_id: None,
        category: Category::Management,
        tls_details: None,
    }
    .to_json()
    .ok()?;
    Some((event_id, bytes))
}
