//! An object's headers and times, between s3s's types and ours.

use std::{
    collections::BTreeMap,
    time::{Duration, SystemTime},
};

use keeptrail_operation::{ApiError, Timestamp};
use s3s::dto;

use crate::{
    errors::{ACL_NOT_SUPPORTED, METADATA_TOO_LARGE, invalid, not_carried_out},
    model::Headers,
};

/// The most metadata an object may have, in bytes of names and values.
const MOST_METADATA: usize = 2048;

/// A time as s3s writes it.
pub(crate) fn to_s3(time: Timestamp) -> dto::Timestamp {
    let since = Duration::from_millis(u64::try_from(time.as_millis()).unwrap_or(0));
    (SystemTime::UNIX_EPOCH + since).into()
}

/// A time that s3s read.
pub(crate) fn from_s3(time: &dto::Timestamp) -> Timestamp {
    let mut text = Vec::new();
    let written = time.format(dto::TimestampFormat::DateTime, &mut text);
    let parsed = String::from_utf8(text).ok().filter(|_| written.is_ok()).and_then(|text| text.parse().ok());
    keeptrail_clock::Timestamp::into(parsed.unwrap_or(keeptrail_clock::Timestamp::UNIX_EPOCH))
}

/// An entity tag as s3s writes it.
pub(crate) fn etag(value: &str) -> dto::ETag {
    dto::ETag::Strong(value.to_owned())
}

/// The content headers that a request's members are.
macro_rules! headers {
    ($request:expr) => {{
        let request = $request;
        let headers = $crate::model::Headers {
            content_type: request.content_type.clone(),
            cache_control: request.cache_control.clone(),
            content_disposition: request.content_disposition.clone(),
            content_encoding: request.content_encoding.clone(),
            content_language: request.content_language.clone(),
            expires: request.expires.as_ref().map($crate::content::from_s3),
            metadata: request.metadata.clone().unwrap_or_default().into_iter().collect(),
        };
        $crate::content::check(headers)
    }};
}
pub(crate) use headers;

/// Checks what the uploader says about the content.
pub(crate) fn check(headers: Headers) -> Result<Headers, ApiError> {
    let size: usize = headers.metadata.iter().map(|(name, value)| name.len() + value.len()).sum();
    if size > MOST_METADATA {
        let text = "Your metadata headers exceed the maximum allowed metadata size";
        return Err(ApiError::new(METADATA_TOO_LARGE, text));
    }
    Ok(headers)
}

/// Refuses the members of an uploading request that keeptrail does not carry out.
macro_rules! refuse_options {
    ($request:expr) => {{
        let request = $request;
        $crate::content::check_acl(request.acl.as_ref())?;
        $crate::content::check_storage_class(request.storage_class.as_ref())?;
        $crate::content::refuse(&[
            (request.server_side_encryption.is_some(), "the header x-amz-server-side-encryption"),
            (request.ssekms_key_id.is_some(), "the header x-amz-server-side-encryption-aws-kms-key-id"),
            (request.sse_customer_algorithm.is_some(), "encryption with keys of the customer"),
            (request.sse_customer_key.is_some(), "encryption with keys of the customer"),
            (request.bucket_key_enabled == Some(true), "bucket keys"),
            (request.tagging.is_some(), "tags of objects"),
            (request.object_lock_mode.is_some(), "object lock"),
            (request.object_lock_legal_hold_status.is_some(), "object lock"),
            (request.object_lock_retain_until_date.is_some(), "object lock"),
            (request.website_redirect_location.is_some(), "the header x-amz-website-redirect-location"),
            (request.grant_full_control.is_some(), "grants"),
            (request.grant_read.is_some(), "grants"),
            (request.grant_read_acp.is_some(), "grants"),
            (request.grant_write_acp.is_some(), "grants"),
        ])?;
    }};
}
pub(crate) use refuse_options;

/// Refuses what is set and not carried out.
pub(crate) fn refuse(options: &[(bool, &str)]) -> Result<(), ApiError> {
    match options.iter().find(|(set, _)| *set) {
        Some((_, what)) => Err(not_carried_out(what)),
        None => Ok(()),
    }
}

/// The bucket's owner owns and controls every object: only the canned ACLs that say so are taken.
pub(crate) fn check_acl(acl: Option<&dto::ObjectCannedACL>) -> Result<(), ApiError> {
    match acl.map(dto::ObjectCannedACL::as_str) {
        None | Some("" | "private" | "bucket-owner-full-control") => Ok(()),
        Some(_) => Err(ApiError::new(ACL_NOT_SUPPORTED, "The bucket does not allow ACLs")),
    }
}

pub(crate) fn check_storage_class(class: Option<&dto::StorageClass>) -> Result<(), ApiError> {
    match class.map(dto::StorageClass::as_str) {
        None | Some("STANDARD") => Ok(()),
        Some(_) => Err(not_carried_out("storage classes other than STANDARD")),
    }
}

/// There is one version of each object, whose id is `null`.
pub(crate) fn check_version(version: Option<&str>) -> Result<(), ApiError> {
    match version {
        None | Some("null") => Ok(()),
        Some(_) => Err(invalid("Invalid version id specified")),
    }
}

/// Checksums as an answer's members.
macro_rules! with_checksums {
    ($output:expr, $checksums:expr) => {{
        let checksums: &std::collections::BTreeMap<String, String> = $checksums;
        let mut output = $output;
        output.checksum_crc32 = checksums.get("CRC32").cloned();
        output.checksum_crc32c = checksums.get("CRC32C").cloned();
        output.checksum_crc64nvme = checksums.get("CRC64NVME").cloned();
        output.checksum_sha1 = checksums.get("SHA1").cloned();
        output.checksum_sha256 = checksums.get("SHA256").cloned();
        if !checksums.is_empty() {
            output.checksum_type = Some(s3s::dto::ChecksumType::from_static(s3s::dto::ChecksumType::FULL_OBJECT));
        }
        output
    }};
}
pub(crate) use with_checksums;

/// Metadata as s3s writes it; none when there is none.
pub(crate) fn metadata(metadata: &BTreeMap<String, String>) -> Option<dto::Metadata> {
    Some(metadata.iter().map(|(name, value)| (name.clone(), value.clone())).collect::<dto::Metadata>())
        .filter(|metadata| !metadata.is_empty())
}
