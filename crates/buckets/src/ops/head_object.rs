//! HeadObject: what GetObject would answer, without the content.

use keeptrail_operation::{Access, ApiError, Context, Meta, Operation};
use s3s::dto;

use crate::{
    Buckets, access,
    asked::{Answer, Ask, Asked, Facts},
    conditions::read_conditions,
    content::{check_version, etag, metadata, refuse, to_s3, with_checksums},
    model::Object,
    ops::get_object::{content_range, content_type, length, span},
};

/// <https://docs.aws.amazon.com/AmazonS3/latest/API/API_HeadObject.html>
pub(crate) struct HeadObject;

impl Ask for HeadObject {
    type Request = dto::HeadObjectInput;
    type Reply = dto::HeadObjectOutput;

    fn facts(request: &dto::HeadObjectInput) -> Facts {
        Facts::object(&request.bucket, &request.key)
    }
}

impl Operation for HeadObject {
    type Service = Buckets;
    type Input = Asked<dto::HeadObjectInput>;
    type Output = Answer<dto::HeadObjectOutput>;

    const META: Meta = Meta::read("HeadObject", "s3:GetObject", &["bucketName", "key"]).data();

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
            (request.response_cache_control.is_some(), "other headers than the object's in HeadObject"),
            (request.response_content_disposition.is_some(), "other headers than the object's in HeadObject"),
            (request.response_content_encoding.is_some(), "other headers than the object's in HeadObject"),
            (request.response_content_language.is_some(), "other headers than the object's in HeadObject"),
            (request.response_content_type.is_some(), "other headers than the object's in HeadObject"),
            (request.response_expires.is_some(), "other headers than the object's in HeadObject"),
        ])?;
        access::existing(cx, &request.bucket, request.expected_bucket_owner.as_deref()).await?;
        let Some(object) = Object::find(cx.tx(), &request.bucket, &request.key).await? else {
            return Err(access::missing(cx, &request.bucket).await);
        };
        read_conditions!(request).check_read(&object)?;
        let range = span(request.range.as_ref(), &object)?;
        let part = request.range.is_some();
        let headers = &object.headers;
        let output = dto::HeadObjectOutput {
            accept_ranges: Some("bytes".to_owned()),
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
            ..dto::HeadObjectOutput::default()
        };
        let asked = request.checksum_mode.as_ref().is_some_and(|mode| mode.as_str() == dto::ChecksumMode::ENABLED);
        if asked && !part {
            return Ok(Answer(with_checksums!(output, &object.checksums)));
        }
        Ok(Answer(output))
    }
}
