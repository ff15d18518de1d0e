//! AbortMultipartUpload: gives an upload in parts up.

use keeptrail_operation::{Access, ApiError, Context, Meta, Operation};
use keeptrail_store::{StoreError, Tx};
use s3s::dto;

use crate::{
    Buckets, access,
    asked::{Answer, Ask, Asked, Facts},
    content::refuse,
    errors::no_upload,
    model::{PARTS, UPLOADS, discard},
};

/// <https://docs.aws.amazon.com/AmazonS3/latest/API/API_AbortMultipartUpload.html>
pub(crate) struct AbortMultipartUpload;

impl Ask for AbortMultipartUpload {
    type Request = dto::AbortMultipartUploadInput;
    type Reply = dto::AbortMultipartUploadOutput;

    fn facts(request: &dto::AbortMultipartUploadInput) -> Facts {
        Facts { upload_id: Some(request.upload_id.clone()), ..Facts::object(&request.bucket, &request.key) }
    }
}

impl Operation for AbortMultipartUpload {
    type Service = Buckets;
    type Input = Asked<dto::AbortMultipartUploadInput>;
    type Output = Answer<dto::AbortMultipartUploadOutput>;

    const META: Meta =
        Meta::write("AbortMultipartUpload", "s3:AbortMultipartUpload", &["bucketName", "key", "uploadId"], &[]).data();

    async fn access(cx: &Context<'_, Buckets>, input: &Self::Input) -> Result<Vec<Access>, ApiError> {
        let request = &input.request;
        Ok(vec![access::object(cx, Self::META.action, &request.bucket, &request.key).await?])
    }

    async fn run(cx: &Context<'_, Buckets>, input: &Self::Input) -> Result<Self::Output, ApiError> {
        let request = &input.request;
        refuse(&[(request.if_match_initiated_time.is_some(), "conditions on an upload's time")])?;
        access::existing(cx, &request.bucket, request.expected_bucket_owner.as_deref()).await?;
        let upload = UPLOADS.get(cx.tx(), &[&request.bucket, &request.key, &request.upload_id]).await?;
        upload.ok_or_else(no_upload)?;
        abort(cx.tx(), &request.bucket, &request.key, &request.upload_id).await?;
        Ok(Answer(dto::AbortMultipartUploadOutput::default()))
    }
}

/// Removes an upload with its parts.
pub(super) async fn abort(tx: &Tx, bucket: &str, key: &str, upload: &str) -> Result<(), StoreError> {
    for (row, part) in PARTS.all(tx, &[upload]).await? {
        discard(tx, std::slice::from_ref(&part.piece))?;
        tx.delete(row);
    }
    UPLOADS.delete(tx, &[bucket, key, upload]);
    Ok(())
}
