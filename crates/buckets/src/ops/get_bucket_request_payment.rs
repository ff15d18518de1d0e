//! GetBucketRequestPayment: the bucket's owner pays.

use keeptrail_operation::{Access, ApiError, Context, Meta, Operation};
use s3s::dto;

use crate::{
    Buckets, access,
    asked::{Answer, Ask, Asked, Facts},
};

/// <https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetBucketRequestPayment.html>
pub(crate) struct GetBucketRequestPayment;

impl Ask for GetBucketRequestPayment {
    type Request = dto::GetBucketRequestPaymentInput;
    type Reply = dto::GetBucketRequestPaymentOutput;

    fn facts(request: &dto::GetBucketRequestPaymentInput) -> Facts {
        Facts::bucket(&request.bucket)
    }
}

impl Operation for GetBucketRequestPayment {
    type Service = Buckets;
    type Input = Asked<dto::GetBucketRequestPaymentInput>;
    type Output = Answer<dto::GetBucketRequestPaymentOutput>;

    const META: Meta = Meta::read("GetBucketRequestPayment", "s3:GetBucketRequestPayment", &["bucketName"]);

    async fn access(cx: &Context<'_, Buckets>, input: &Self::Input) -> Result<Vec<Access>, ApiError> {
        Ok(vec![access::bucket(cx, Self::META.action, &input.request.bucket).await?])
    }

    async fn run(cx: &Context<'_, Buckets>, input: &Self::Input) -> Result<Self::Output, ApiError> {
        access::existing(cx, &input.request.bucket, input.request.expected_bucket_owner.as_deref()).await?;
        let payer = dto::Payer::from_static(dto::Payer::BUCKET_OWNER);
        Ok(Answer(dto::GetBucketRequestPaymentOutput { payer: Some(payer) }))
    }
}
