//! DeleteObject: removes an object; succeeds when there is none.

use keeptrail_operation::{Access, ApiError, Context, Meta, Operation};
use s3s::dto;

use crate::{
    Buckets, access,
    asked::{Answer, Ask, Asked, Facts},
    conditions::Conditions,
    content::{check_version, refuse},
    model::Object,
};

/// <https://docs.aws.amazon.com/AmazonS3/latest/API/API_DeleteObject.html>
pub(crate) struct DeleteObject;

impl Ask for DeleteObject {
    type Request = dto::DeleteObjectInput;
    type Reply = dto::DeleteObjectOutput;

    fn facts(request: &dto::DeleteObjectInput) -> Facts {
        Facts::object(&request.bucket, &request.key)
    }
}

impl Operation for DeleteObject {
    type Service = Buckets;
    type Input = Asked<dto::DeleteObjectInput>;
    type Output = Answer<dto::DeleteObjectOutput>;

    const META: Meta = Meta::write("DeleteObject", "s3:DeleteObject", &["bucketName", "key"], &[]).data();

    async fn access(cx: &Context<'_, Buckets>, input: &Self::Input) -> Result<Vec<Access>, ApiError> {
        let request = &input.request;
        Ok(vec![access::object(cx, Self::META.action, &request.bucket, &request.key).await?])
    }

    async fn run(cx: &Context<'_, Buckets>, input: &Self::Input) -> Result<Self::Output, ApiError> {
        let request = &input.request;
        check_version(request.version_id.as_deref())?;
        refuse(&[
            (request.mfa.is_some(), "deleting with a second factor"),
            (request.if_match_size.is_some(), "conditions on an object's size"),
            (request.if_match_last_modified_time.is_some(), "conditions on an object's time"),
        ])?;
        access::existing(cx, &request.bucket, request.expected_bucket_owner.as_deref()).await?;
        if request.if_match.is_some() {
            let conditions = Conditions { if_match: request.if_match.as_ref(), ..Conditions::default() };
            conditions.check_write(Object::find(cx.tx(), &request.bucket, &request.key).await?.as_deref())?;
        }
        Object::remove(cx.tx(), &request.bucket, &request.key).await?;
        Ok(Answer(dto::DeleteObjectOutput::default()))
    }
}
