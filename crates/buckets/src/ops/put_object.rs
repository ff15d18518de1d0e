//! PutObject: stores an object. Its content is durable before its name is.

use keeptrail_operation::{Access, ApiError, Context, Meta, Operation};
use s3s::dto;

use crate::{
    Buckets, access,
    asked::{Answer, Ask, Asked, Facts, claims},
    conditions::Conditions,
    content::{etag, headers, refuse_options, with_checksums},
    errors::not_carried_out,
    model::Object,
};

/// <https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutObject.html>
pub(crate) struct PutObject;

impl Ask for PutObject {
    type Request = dto::PutObjectInput;
    type Reply = dto::PutObjectOutput;

    fn facts(request: &dto::PutObjectInput) -> Facts {
        Facts {
            acl: request.acl.as_ref().map(|acl| acl.as_str().to_owned()),
            ..Facts::object(&request.bucket, &request.key)
        }
    }

    fn body(request: &mut dto::PutObjectInput) -> Option<dto::StreamingBlob> {
        request.body.take()
    }
}

impl Operation for PutObject {
    type Service = Buckets;
    type Input = Asked<dto::PutObjectInput>;
    type Output = Answer<dto::PutObjectOutput>;

    const META: Meta = Meta::write("PutObject", "s3:PutObject", &["bucketName", "key", "x-amz-acl"], &[]).data();

    async fn access(cx: &Context<'_, Buckets>, input: &Self::Input) -> Result<Vec<Access>, ApiError> {
        let request = &input.request;
        let access = access::object(cx, Self::META.action, &request.bucket, &request.key).await?;
        Ok(vec![access.when("s3:x-amz-acl", request.acl.as_ref().map(|acl| acl.as_str().to_owned()))])
    }

    async fn run(cx: &Context<'_, Buckets>, input: &Self::Input) -> Result<Self::Output, ApiError> {
        let request = &input.request;
        refuse_options!(request);
        if request.write_offset_bytes.is_some() {
            return Err(not_carried_out("appending to objects"));
        }
        access::existing(cx, &request.bucket, request.expected_bucket_owner.as_deref()).await?;
        let headers = headers!(request)?;
        let conditions = Conditions {
            if_match: request.if_match.as_ref(),
            if_none_match: request.if_none_match.as_ref(),
            ..Conditions::default()
        };
        conditions.check_write(Object::find(cx.tx(), &request.bucket, &request.key).await?.as_deref())?;
        let written = input.store(cx, claims!(request)).await?;
        let object = Object {
            pieces: vec![written.piece.clone()],
            size: written.piece.size,
            etag: written.md5.clone(),
            modified: cx.now().into(),
            headers,
            checksums: written.checksums.clone(),
        };
        object.put(cx.tx(), &request.bucket, &request.key).await?;
        let output = dto::PutObjectOutput { e_tag: Some(etag(&object.etag)), ..dto::PutObjectOutput::default() };
        Ok(Answer(with_checksums!(output, &object.checksums)))
    }
}
