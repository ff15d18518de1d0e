//! CreateMultipartUpload: begins an upload in parts.

use keeptrail_operation::{Access, ApiError, Context, Meta, Operation};
use s3s::dto;

use crate::{
    Buckets, access,
    asked::{Answer, Ask, Asked, Facts},
    content::{headers, refuse_options},
    model::{UPLOADS, Upload},
};

/// <https://docs.aws.amazon.com/AmazonS3/latest/API/API_CreateMultipartUpload.html>
pub(crate) struct CreateMultipartUpload;

impl Ask for CreateMultipartUpload {
    type Request = dto::CreateMultipartUploadInput;
    type Reply = dto::CreateMultipartUploadOutput;

    fn facts(request: &dto::CreateMultipartUploadInput) -> Facts {
        Facts {
            acl: request.acl.as_ref().map(|acl| acl.as_str().to_owned()),
            ..Facts::object(&request.bucket, &request.key)
        }
    }
}

impl Operation for CreateMultipartUpload {
    type Service = Buckets;
    type Input = Asked<dto::CreateMultipartUploadInput>;
    type Output = Answer<dto::CreateMultipartUploadOutput>;

    const META: Meta =
        Meta::write("CreateMultipartUpload", "s3:PutObject", &["bucketName", "key", "x-amz-acl"], &[]).data();

    async fn access(cx: &Context<'_, Buckets>, input: &Self::Input) -> Result<Vec<Access>, ApiError> {
        let request = &input.request;
        let access = access::object(cx, Self::META.action, &request.bucket, &request.key).await?;
        Ok(vec![access.when("s3:x-amz-acl", request.acl.as_ref().map(|acl| acl.as_str().to_owned()))])
    }

    async fn run(cx: &Context<'_, Buckets>, input: &Self::Input) -> Result<Self::Output, ApiError> {
        let request = &input.request;
        refuse_options!(request);
        access::existing(cx, &request.bucket, request.expected_bucket_owner.as_deref()).await?;
        let upload = Upload { initiated: cx.now().into(), headers: headers!(request)? };
        let id = hex::encode(cx.random().bytes::<32>()?);
        UPLOADS.put(cx.tx(), &[&request.bucket, &request.key, &id], &upload)?;
        Ok(Answer(dto::CreateMultipartUploadOutput {
            bucket: Some(request.bucket.clone()),
            key: Some(request.key.clone()),
            upload_id: Some(id),
            ..dto::CreateMultipartUploadOutput::default()
        }))
    }
}
