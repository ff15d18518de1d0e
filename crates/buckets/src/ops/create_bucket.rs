//! CreateBucket: makes a bucket; its name is unique over all accounts.

use keeptrail_operation::{Access, ApiError, Context, Meta, Operation};
use s3s::dto;

use crate::{
    Buckets,
    access::{self, bucket_arn},
    asked::{Answer, Ask, Asked, Facts},
    content::refuse,
    errors::{ACL_NOT_SUPPORTED, BUCKET_EXISTS, BUCKET_OWNED, ILLEGAL_LOCATION, INVALID_BUCKET_NAME},
    model::{Bucket, OWNED},
};

/// <https://docs.aws.amazon.com/AmazonS3/latest/API/API_CreateBucket.html>
pub(crate) struct CreateBucket;

impl Ask for CreateBucket {
    type Request = dto::CreateBucketInput;
    type Reply = dto::CreateBucketOutput;

    fn facts(request: &dto::CreateBucketInput) -> Facts {
        Facts { acl: request.acl.as_ref().map(|acl| acl.as_str().to_owned()), ..Facts::bucket(&request.bucket) }
    }
}

impl Operation for CreateBucket {
    type Service = Buckets;
    type Input = Asked<dto::CreateBucketInput>;
    type Output = Answer<dto::CreateBucketOutput>;

    const META: Meta = Meta::write("CreateBucket", "s3:CreateBucket", &["bucketName", "x-amz-acl"], &[]);

    async fn access(cx: &Context<'_, Buckets>, input: &Self::Input) -> Result<Vec<Access>, ApiError> {
        let request = &input.request;
        let location = request.create_bucket_configuration.as_ref().and_then(|one| one.location_constraint.as_ref());
        let access = access::bucket(cx, Self::META.action, &request.bucket).await?;
        Ok(vec![access.when("s3:LocationConstraint", location.map(|location| location.as_str().to_owned()))])
    }

    async fn run(cx: &Context<'_, Buckets>, input: &Self::Input) -> Result<Self::Output, ApiError> {
        let request = &input.request;
        check_name(&request.bucket)?;
        check_options(cx, request)?;
        if let Some(existing) = Bucket::find(cx.tx(), &request.bucket).await? {
            if existing.account != *cx.account() {
                let text = "The requested bucket name is not available. The bucket namespace is shared by all users of the \
                            system. Please select a different name and try again.";
                return Err(ApiError::new(BUCKET_EXISTS, text));
            }
            // As in AWS's oldest region: making it again there succeeds.
            if cx.region().as_str() != "us-east-1" || existing.region != *cx.region() {
                let text = "Your previous request to create the named bucket succeeded and you already own it.";
                return Err(ApiError::new(BUCKET_OWNED, text));
            }
        } else {
            let bucket = Bucket::new(cx.account().clone(), cx.region().clone(), cx.now().into());
            bucket.save(cx.tx(), &request.bucket)?;
            OWNED.put(cx.tx(), &[cx.account().as_str(), &request.bucket], &())?;
        }
        cx.touch("AWS::S3::Bucket", &bucket_arn(&request.bucket));
        Ok(Answer(dto::CreateBucketOutput { location: Some(format!("/{}", request.bucket)) }))
    }
}

/// s3s checks the general rules; these names are reserved ("Bucket naming rules" in the S3 user guide).
fn check_name(name: &str) -> Result<(), ApiError> {
    let reserved = ["xn--", "sthree-", "amzn-s3-demo-"].iter().any(|start| name.starts_with(start))
        || ["-s3alias", "--ol-s3", ".mrap", "--x-s3", "--table-s3"].iter().any(|end| name.ends_with(end));
    if reserved || !s3s::path::check_bucket_name(name) {
        return Err(ApiError::new(INVALID_BUCKET_NAME, "The specified bucket is not valid."));
    }
    Ok(())
}

fn check_options(cx: &Context<'_, Buckets>, request: &dto::CreateBucketInput) -> Result<(), ApiError> {
    let configuration = request.create_bucket_configuration.as_ref();
    let constraint = configuration.and_then(|configuration| configuration.location_constraint.as_ref());
    if constraint
        .is_some_and(|constraint| !constraint.as_str().is_empty() && constraint.as_str() != cx.region().as_str())
    {
        let text = "The unspecified location constraint is incompatible for the region specific endpoint this request was \
                    sent to.";
        return Err(ApiError::new(ILLEGAL_LOCATION, text));
    }
    if request.acl.as_ref().is_some_and(|acl| acl.as_str() != dto::BucketCannedACL::PRIVATE) {
        return Err(ApiError::new(ACL_NOT_SUPPORTED, "The bucket does not allow ACLs"));
    }
    let ownership = request.object_ownership.as_ref().map(dto::ObjectOwnership::as_str);
    refuse(&[
        (request.object_lock_enabled_for_bucket == Some(true), "object lock"),
        (ownership.is_some_and(|one| one != dto::ObjectOwnership::BUCKET_OWNER_ENFORCED), "object ownership by others"),
        (request.grant_full_control.is_some(), "grants"),
        (request.grant_read.is_some(), "grants"),
        (request.grant_read_acp.is_some(), "grants"),
        (request.grant_write.is_some(), "grants"),
        (request.grant_write_acp.is_some(), "grants"),
        (configuration.is_some_and(|one| one.bucket.is_some() || one.location.is_some()), "directory buckets"),
    ])
}
