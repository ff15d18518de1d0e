//! GetBucketLocation: the region of a bucket; none stands for us-east-1.

use keeptrail_operation::{Access, ApiError, Context, Meta, Operation};
use s3s::dto;

use crate::{
    Buckets, access,
    asked::{Answer, Ask, Asked, Facts},
};

/// <https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetBucketLocation.html>
pub(crate) struct GetBucketLocation;

impl Ask for GetBucketLocation {
    type Request = dto::GetBucketLocationInput;
    type Reply = dto::GetBucketLocationOutput;

    fn facts(request: &dto::GetBucketLocationInput) -> Facts {
        Facts::bucket(&request.bucket)
    }
}

impl Operation for GetBucketLocation {
    type Service = Buckets;
    type Input = Asked<dto::GetBucketLocationInput>;
    type Output = Answer<dto::GetBucketLocationOutput>;

    const META: Meta = Meta::read("GetBucketLocation", "s3:GetBucketLocation", &["bucketName"]);

    async fn access(cx: &Context<'_, Buckets>, input: &Self::Input) -> Result<Vec<Access>, ApiError> {
        Ok(vec![access::bucket(cx, Self::META.action, &input.request.bucket).await?])
    }

    async fn run(cx: &Context<'_, Buckets>, input: &Self::Input) -> Result<Self::Output, ApiError> {
        let request = &input.request;
        let bucket = access::existing(cx, &request.bucket, request.expected_bucket_owner.as_deref()).await?;
        let region = Some(bucket.region.to_string()).filter(|region| region != "us-east-1");
        Ok(Answer(dto::GetBucketLocationOutput { location_constraint: region.map(Into::into) }))
    }
}
