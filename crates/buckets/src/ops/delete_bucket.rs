//! DeleteBucket: removes an empty bucket, with the uploads that were not completed.

use keeptrail_operation::{Access, ApiError, Context, Meta, Operation};
use s3s::dto;

use crate::{
    Buckets, access,
    asked::{Answer, Ask, Asked, Facts},
    errors::BUCKET_NOT_EMPTY,
    model::{BUCKETS, OBJECTS, OWNED, UPLOADS},
    ops::abort_multipart_upload::abort,
};

/// <https://docs.aws.amazon.com/AmazonS3/latest/API/API_DeleteBucket.html>
pub(crate) struct DeleteBucket;

impl Ask for DeleteBucket {
    type Request = dto::DeleteBucketInput;
    type Reply = dto::DeleteBucketOutput;

    fn facts(request: &dto::DeleteBucketInput) -> Facts {
        Facts::bucket(&request.bucket)
    }
}

impl Operation for DeleteBucket {
    type Service = Buckets;
    type Input = Asked<dto::DeleteBucketInput>;
    type Output = Answer<dto::DeleteBucketOutput>;

    const META: Meta = Meta::write("DeleteBucket", "s3:DeleteBucket", &["bucketName"], &[]);

    async fn access(cx: &Context<'_, Buckets>, input: &Self::Input) -> Result<Vec<Access>, ApiError> {
        Ok(vec![access::bucket(cx, Self::META.action, &input.request.bucket).await?])
    }

    async fn run(cx: &Context<'_, Buckets>, input: &Self::Input) -> Result<Self::Output, ApiError> {
        let request = &input.request;
        let bucket = access::existing(cx, &request.bucket, request.expected_bucket_owner.as_deref()).await?;
        if !OBJECTS.page(cx.tx(), &[&request.bucket], None, 1).await?.is_empty() {
            return Err(ApiError::new(BUCKET_NOT_EMPTY, "The bucket you tried to delete is not empty"));
        }
        for (key, _) in UPLOADS.all(cx.tx(), &[&request.bucket]).await? {
            let parts = key.parts();
            if let [_, bucket, key, upload] = parts.as_slice() {
                abort(cx.tx(), bucket, key, upload).await?;
            }
        }
        BUCKETS.delete(cx.tx(), &[&request.bucket]);
        OWNED.delete(cx.tx(), &[bucket.account.as_str(), &request.bucket]);
        Ok(Answer(dto::DeleteBucketOutput::default()))
    }
}
