//! DeleteObjects: removes up to 1,000 objects. What the caller may not remove stays, and is named in the answer.

use keeptrail_operation::{Access, ApiError, Context, Meta, Operation};
use s3s::dto;

use crate::{
    Buckets, access,
    asked::{Answer, Ask, Asked, Facts},
    content::refuse,
    errors::MALFORMED_XML,
    model::Object,
};

/// <https://docs.aws.amazon.com/AmazonS3/latest/API/API_DeleteObjects.html>
pub(crate) struct DeleteObjects;

impl Ask for DeleteObjects {
    type Request = dto::DeleteObjectsInput;
    type Reply = dto::DeleteObjectsOutput;

    fn facts(request: &dto::DeleteObjectsInput) -> Facts {
        Facts::bucket(&request.bucket)
    }
}

impl Operation for DeleteObjects {
    type Service = Buckets;
    type Input = Asked<dto::DeleteObjectsInput>;
    type Output = Answer<dto::DeleteObjectsOutput>;

    const META: Meta = Meta::write("DeleteObjects", "s3:DeleteObject", &["bucketName"], &[]).data();

    async fn access(cx: &Context<'_, Buckets>, input: &Self::Input) -> Result<Vec<Access>, ApiError> {
        access::existing(cx, &input.request.bucket, input.request.expected_bucket_owner.as_deref()).await?;
        // Each key is a right of its own: `run` asks for them.
        Ok(Vec::new())
    }

    async fn run(cx: &Context<'_, Buckets>, input: &Self::Input) -> Result<Self::Output, ApiError> {
        let request = &input.request;
        let objects = &request.delete.objects;
        if objects.is_empty() || objects.len() > MOST {
            let text = "The XML you provided was not well-formed or did not validate against our published schema";
            return Err(ApiError::new(MALFORMED_XML, text));
        }
        refuse(&[
            (request.mfa.is_some(), "deleting with a second factor"),
            (objects.iter().any(|object| object.e_tag.is_some()), "conditions in DeleteObjects"),
            (objects.iter().any(|object| object.size.is_some()), "conditions in DeleteObjects"),
            (objects.iter().any(|object| object.last_modified_time.is_some()), "conditions in DeleteObjects"),
        ])?;
        let (mut deleted, mut errors) = (Vec::new(), Vec::new());
        for object in objects {
            match delete(cx, &request.bucket, object).await {
                Ok(()) => deleted.push(dto::DeletedObject {
                    key: Some(object.key.clone()),
                    version_id: object.version_id.clone(),
                    ..dto::DeletedObject::default()
                }),
                Err(error) if error.code.status < 500 => errors.push(dto::Error {
                    code: Some(error.code.name.to_owned()),
                    key: Some(object.key.clone()),
                    message: Some(error.message.into_owned()),
                    version_id: object.version_id.clone(),
                }),
                Err(error) => return Err(error),
            }
        }
        let quiet = request.delete.quiet == Some(true);
        Ok(Answer(dto::DeleteObjectsOutput {
            deleted: (!quiet).then_some(deleted),
            errors: Some(errors).filter(|errors| !errors.is_empty()),
            request_charged: None,
        }))
    }
}

/// Objects in one call, at most.
const MOST: usize = 1000;

async fn delete(cx: &Context<'_, Buckets>, bucket: &str, object: &dto::ObjectIdentifier) -> Result<(), ApiError> {
    crate::content::check_version(object.version_id.as_deref())?;
    cx.authorise(&access::object(cx, DeleteObjects::META.action, bucket, &object.key).await?)?;
    Object::remove(cx.tx(), bucket, &object.key).await?;
    Ok(())
}
