//! GetBucketWebsite: no bucket is a website.

use keeptrail_operation::{Access, ApiError, Context, Meta, Operation};
use s3s::dto;

use crate::{
    Buckets, access,
    asked::{Answer, Ask, Asked, Facts},
    errors::NO_WEBSITE,
};

/// <https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetBucketWebsite.html>
pub(crate) struct GetBucketWebsite;

impl Ask for GetBucketWebsite {
    type Request = dto::GetBucketWebsiteInput;
    type Reply = dto::GetBucketWebsiteOutput;

    fn facts(request: &dto::GetBucketWebsiteInput) -> Facts {
        Facts::bucket(&request.bucket)
    }
}

impl Operation for GetBucketWebsite {
    type Service = Buckets;
    type Input = Asked<dto::GetBucketWebsiteInput>;
    type Output = Answer<dto::GetBucketWebsiteOutput>;

    const META: Meta = Meta::read("GetBucketWebsite", "s3:GetBucketWebsite", &["bucketName"]);

    async fn access(cx: &Context<'_, Buckets>, input: &Self::Input) -> Result<Vec<Access>, ApiError> {
        Ok(vec![access::bucket(cx, Self::META.action, &input.request.bucket).await?])
    }

    async fn run(cx: &Context<'_, Buckets>, input: &Self::Input) -> Result<Self::Output, ApiError> {
        access::existing(cx, &input.request.bucket, input.request.expected_bucket_owner.as_deref()).await?;
        Err(ApiError::new(NO_WEBSITE, "The specified bucket does not have a website configuration"))
    }
}
