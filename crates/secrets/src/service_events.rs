//! What Secrets Manager records of its own accord ("non-API service events" in the user guide).

use keeptrail_arn::{AccountId, Region};
use keeptrail_clock::Random;
use keeptrail_operation::ApiError;
use keeptrail_record::{Category, EventType, Record, UserIdentity, event_time};
use keeptrail_store::Tx;
use serde_json::json;

use crate::model::Secret;

const SERVICE: &str = "secretsmanager.amazonaws.com";

/// The service events about versions.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum VersionDeletionEvent {
    /// The deletion of a version begins.
    Start { forced: bool },
    /// The version is gone.
    End { forced: bool },
    /// A secret was restored; one for each version.
    Cancel,
}

/// Puts the record of a service event into the transaction whose change it tells of.
pub(crate) fn record(
    tx: &Tx,
    random: &Random,
    account: &AccountId,
    region: &Region,
    secret: &Secret,
    event: VersionDeletionEvent,
) -> Result<(), ApiError> {
    let message = |forced: bool| {
        let suffix = if forced { ":Forced" } else { "" };
        format!("SecretDeleteMessage:{}:{}{suffix}", secret.arn, event_time(tx.now()))
    };
    let (event_name, request_id) = match event {
        VersionDeletionEvent::Start { forced } => ("StartSecretVersionDelete", Some(message(forced))),
        VersionDeletionEvent::End { forced } => ("EndSecretVersionDelete", Some(message(forced))),
        VersionDeletionEvent::Cancel => ("CancelSecretVersionDelete", None),
    };
    let event_id = random.uuid()?;
    let record = Record {
        user_identity: &UserIdentity::service_event(account.as_str(), SERVICE),
        event_time: tx.now(),
        event_source: SERVICE,
        event_name,
        aws_region: region.as_str(),
        source_ip_address: SERVICE,
        user_agent: Some(SERVICE),
        error: None,
        request_parameters: None,
        response_elements: None,
        additional_event_data: Some(json!({ "ARN": secret.arn, "Name": secret.name })),
        request_id: request_id.as_deref(),
        event_id: &event_id,
        read_only: false,
        resources: Vec::new(),
        event_type: EventType::AwsServiceEvent,
        api_version: None,
        recipient_account_id: account.as_str(),
        shared_event_id: None,
        category: Category::Management,
        tls_details: None,
    };
    let bytes = record.to_json().map_err(ApiError::internal)?;
    tx.record(event_id, bytes);
    Ok(())
}
