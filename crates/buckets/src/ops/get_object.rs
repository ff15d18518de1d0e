//! GetObject: the content of an object, or a range of it.

use keeptrail_operation::{Access, ApiError, Context, Meta, Operation};
use s3s::dto;

use crate::{
    Buckets, access,
    asked::{Answer, Ask, Asked, Facts},
    conditions::read_conditions,
    content::{check_version, etag, metadata, refuse, to_s3, with_checksums},
    errors::INVALID_RANGE,
    model::Object,
};

/// <https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetObject.html>
pub(crate) struct GetObject;

impl Ask for GetObject {
    type Request = dto::GetObjectInput;
    type Reply = dto::GetObjectOutput;

    fn facts(request: &dto::GetObjectInput) -> Facts {
        Facts::object(&request.bucket, &request.key)
    }
}

impl Operation for GetObject {
    type Service = Buckets;
    type Input = Asked<dto::GetObjectInput>;
    type Output = Answer<dto::GetObjectOutput>;

    const META: Meta = Meta::read("GetObject", "s3:GetObject", &["bucketName", "key"]).data();

    async fn access(cx: &Context<'_, Buckets>, input: &Self::Input) -> Result<Vec<Access>, ApiError> {
        let request = &input.request;
        Ok(vec![access::object(cx, Self::META.action, &request.bucket, &request.key).await?])
    }

    async fn run(cx: &Context<'_, Buckets>, input: &Self::Input) -> Result<Self::Output, ApiError> {
        let request = &input.request;
        check_version(request.version_id.as_deref())?;
        refuse(&[
            (request.part_number.is_some(), "reading an object by its parts"),
            (request.sse_customer_algorithm.is_some(), "encryption with keys of the customer"),
        ])?;
        access::existing(cx, &request.bucket, request.expected_bucket_owner.as_deref()).await?;
        let Some(object) = Object::find(cx.tx(), &request.bucket, &request.key).await? else {
            return Err(access::missing(cx, &request.bucket).await);
        };
        read_conditions!(request).check_read(&object)?;
        let range = span(request.range.as_ref(), &object)?;
        let part = request.range.is_some();
        let headers = &object.headers;
        let output = dto::GetObjectOutput {
            accept_ranges: Some("bytes".to_owned()),
            body: Some(dto::StreamingBlob::wrap(cx.service().blobs.read(&object.pieces, range.clone()))),
            cache_control: headers.cache_control.clone(),
            content_disposition: headers.content_disposition.clone(),
            content_encoding: headers.content_encoding.clone(),
            content_language: headers.content_language.clone(),
            content_length: Some(length(range.end - range.start)),
            content_range: part.then(|| content_range(&range, &object)),
            content_type: Some(content_type(&object)),
            e_tag: Some(etag(&object.etag)),
            expires: headers.expires.map(to_s3),
            last_modified: Some(to_s3(object.modified)),
            metadata: metadata(&headers.metadata),
            ..dto::GetObjectOutput::default()
        };
        // A checksum is that of the whole content: a client would hold it against a part of it.
        let asked = request.checksum_mode.as_ref().is_some_and(|mode| mode.as_str() == dto::ChecksumMode::ENABLED);
        if asked && !part {
            return Ok(Answer(with_checksums!(output, &object.checksums)));
        }
        Ok(Answer(output))
    }
}

/// The bytes that a range header asks for; all without one.
pub(super) fn span(range: Option<&dto::Range>, object: &Object) -> Result<std::ops::Range<u64>, ApiError> {
    match range {
        None => Ok(0..object.size),
        Some(range) => {
            range.check(object.size).map_err(|_| ApiError::new(INVALID_RANGE, "The requested range is not satisfiable"))
        }
    }
}

/// `bytes first-last/size`
pub(super) fn content_range(range: &std::ops::Range<u64>, object: &Object) -> String {
    format!("bytes {}-{}/{}", range.start, range.end.saturating_sub(1), object.size)
}

/// The type that the uploader gave, or S3's default.
pub(super) fn content_type(object: &Object) -> String {
    object.headers.content_type.clone().unwrap_or_else(|| "binary/octet-stream".to_owned())
}

/// A length as s3s writes it.
pub(super) fn length(bytes: u64) -> i64 {
    i64::try_from(bytes).unwrap_or(i64::MAX)
}
