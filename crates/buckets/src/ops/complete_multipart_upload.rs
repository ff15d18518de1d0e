//! CompleteMultipartUpload: makes the parts of an upload an object.

use keeptrail_operation::{Access, ApiError, Context, Meta, Operation};
use s3s::crypto::{Checksum as _, Md5};
use s3s::dto;

use crate::{
    Buckets, access,
    asked::{Answer, Ask, Asked, Facts},
    conditions::Conditions,
    content::{etag, refuse},
    errors::{ENTITY_TOO_SMALL, INVALID_PART, INVALID_PART_ORDER, INVALID_REQUEST, MALFORMED_XML, no_upload},
    model::{Object, PARTS, Part, UPLOADS, discard, part_number},
};

/// <https://docs.aws.amazon.com/AmazonS3/latest/API/API_CompleteMultipartUpload.html>
pub(crate) struct CompleteMultipartUpload;

/// The answer. s3s's own type may hold a future, which cannot be shared.
pub(crate) struct Completed {
    bucket: String,
    key: String,
    etag: String,
}

impl From<Completed> for dto::CompleteMultipartUploadOutput {
    fn from(completed: Completed) -> Self {
        Self {
            location: Some(format!("/{}/{}", completed.bucket, completed.key)),
            bucket: Some(completed.bucket),
            key: Some(completed.key),
            e_tag: Some(etag(&completed.etag)),
            ..Self::default()
        }
    }
}

impl Ask for CompleteMultipartUpload {
    type Request = dto::CompleteMultipartUploadInput;
    type Reply = Completed;

    fn facts(request: &dto::CompleteMultipartUploadInput) -> Facts {
        Facts { upload_id: Some(request.upload_id.clone()), ..Facts::object(&request.bucket, &request.key) }
    }
}

impl Operation for CompleteMultipartUpload {
    type Service = Buckets;
    type Input = Asked<dto::CompleteMultipartUploadInput>;
    type Output = Answer<Completed>;

    const META: Meta =
        Meta::write("CompleteMultipartUpload", "s3:PutObject", &["bucketName", "key", "uploadId"], &[]).data();

    async fn access(cx: &Context<'_, Buckets>, input: &Self::Input) -> Result<Vec<Access>, ApiError> {
        let request = &input.request;
        Ok(vec![access::object(cx, Self::META.action, &request.bucket, &request.key).await?])
    }

    async fn run(cx: &Context<'_, Buckets>, input: &Self::Input) -> Result<Self::Output, ApiError> {
        let request = &input.request;
        // Checksums of the whole were not computed over the parts, so they cannot be vouched for.
        refuse(&[
            (request.sse_customer_algorithm.is_some(), "encryption with keys of the customer"),
            (request.checksum_crc32.is_some(), "checksums of whole uploads in parts"),
            (request.checksum_crc32c.is_some(), "checksums of whole uploads in parts"),
            (request.checksum_crc64nvme.is_some(), "checksums of whole uploads in parts"),
            (request.checksum_sha1.is_some(), "checksums of whole uploads in parts"),
            (request.checksum_sha256.is_some(), "checksums of whole uploads in parts"),
        ])?;
        access::existing(cx, &request.bucket, request.expected_bucket_owner.as_deref()).await?;
        let upload_key = [request.bucket.as_str(), request.key.as_str(), request.upload_id.as_str()];
        let upload = UPLOADS.get(cx.tx(), &upload_key).await?.ok_or_else(no_upload)?;
        let conditions = Conditions {
            if_match: request.if_match.as_ref(),
            if_none_match: request.if_none_match.as_ref(),
            ..Conditions::default()
        };
        if request.if_match.is_some() || request.if_none_match.is_some() {
            conditions.check_write(Object::find(cx.tx(), &request.bucket, &request.key).await?.as_deref())?;
        }
        let present = PARTS.all(cx.tx(), &[&request.upload_id]).await?;
        let present: Vec<&Part> = present.iter().map(|(_, part)| &**part).collect();
        let chosen = choose(request.multipart_upload.as_ref(), &present)?;
        let size = chosen.iter().map(|part| part.piece.size).sum();
        if request.mpu_object_size.is_some_and(|claimed| u64::try_from(claimed) != Ok(size)) {
            let text = "The provided 'x-amz-mp-object-size' header value does not match what was computed.";
            return Err(ApiError::new(INVALID_REQUEST, text));
        }
        let object = Object {
            pieces: chosen.iter().map(|part| part.piece.clone()).collect(),
            size,
            etag: combined(&chosen),
            modified: cx.now().into(),
            headers: upload.headers.clone(),
            checksums: std::collections::BTreeMap::new(),
        };
        object.put(cx.tx(), &request.bucket, &request.key).await?;
        for part in &present {
            PARTS.delete(cx.tx(), &[&request.upload_id, &part_number(part.number)]);
            if !chosen.iter().any(|chosen| chosen.number == part.number) {
                discard(cx.tx(), std::slice::from_ref(&part.piece))?;
            }
        }
        UPLOADS.delete(cx.tx(), &upload_key);
        Ok(Answer(Completed { bucket: request.bucket.clone(), key: request.key.clone(), etag: object.etag }))
    }
}

/// A part smaller than this may only be the last.
const SMALLEST: u64 = 5 << 20;

/// The parts that the caller names, in their order.
fn choose<'p>(asked: Option<&dto::CompletedMultipartUpload>, present: &[&'p Part]) -> Result<Vec<&'p Part>, ApiError> {
    let asked = asked.and_then(|asked| asked.parts.as_deref()).unwrap_or_default();
    if asked.is_empty() {
        let text = "The XML you provided was not well-formed or did not validate against our published schema";
        return Err(ApiError::new(MALFORMED_XML, text));
    }
    let mut chosen: Vec<&Part> = Vec::with_capacity(asked.len());
    for part in asked {
        let number = part.part_number.and_then(|number| u16::try_from(number).ok());
        let found = present.iter().find(|present| Some(present.number) == number);
        let found = found.filter(|found| part.e_tag.as_ref().is_none_or(|etag| etag.value() == found.etag));
        let found = found.ok_or_else(|| {
            let text = "One or more of the specified parts could not be found.  The part may not have been uploaded, or the \
                        specified entity tag may not match the part's entity tag.";
            ApiError::new(INVALID_PART, text)
        })?;
        if let Some(last) = chosen.last() {
            if last.number >= found.number {
                let text = "The list of parts was not in ascending order. Parts must be ordered by part number.";
                return Err(ApiError::new(INVALID_PART_ORDER, text));
            }
            if last.piece.size < SMALLEST {
                let text = "Your proposed upload is smaller than the minimum allowed size";
                return Err(ApiError::new(ENTITY_TOO_SMALL, text));
            }
        }
        chosen.push(found);
    }
    Ok(chosen)
}

/// The MD5 of the parts' MD5s, and how many there are.
fn combined(parts: &[&Part]) -> String {
    let mut md5 = Md5::new();
    for part in parts {
        md5.update(&hex::decode(&part.etag).unwrap_or_default());
    }
    format!("{}-{}", hex::encode(md5.finalize()), parts.len())
}
