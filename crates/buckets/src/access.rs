//! What callers need to be allowed, and the buckets they name.

use std::sync::Arc;

use keeptrail_operation::{Access, ApiError, Context};

use crate::{
    Buckets,
    asked::Facts,
    errors::{denied, no_bucket},
    model::Bucket,
};

pub(crate) fn bucket_arn(bucket: &str) -> String {
    format!("arn:aws:s3:::{bucket}")
}

pub(crate) fn object_arn(bucket: &str, key: &str) -> String {
    format!("arn:aws:s3:::{bucket}/{key}")
}

/// The right to `action` on a bucket; the bucket's policy takes part.
pub(crate) async fn bucket(cx: &Context<'_, Buckets>, action: &'static str, bucket: &str) -> Result<Access, ApiError> {
    on(cx, action, bucket, bucket_arn(bucket), "AWS::S3::Bucket").await
}

/// The right to list a bucket's keys, and what of them is asked for.
pub(crate) async fn listing(
    cx: &Context<'_, Buckets>,
    action: &'static str,
    bucket_name: &str,
    asked: &Facts,
) -> Result<Access, ApiError> {
    let access = bucket(cx, action, bucket_name).await?;
    Ok(access
        .when("s3:prefix", asked.prefix.clone())
        .when("s3:delimiter", asked.delimiter.clone())
        .when("s3:max-keys", asked.max_keys.map(|limit| limit.to_string())))
}

/// The right to `action` on an object; the bucket's policy takes part.
pub(crate) async fn object(
    cx: &Context<'_, Buckets>,
    action: &'static str,
    bucket: &str,
    key: &str,
) -> Result<Access, ApiError> {
    let access = on(cx, action, bucket, object_arn(bucket, key), "AWS::S3::Object").await?;
    if Bucket::find(cx.tx(), bucket).await?.is_some_and(|found| found.account == *cx.account()) {
        cx.touch("AWS::S3::Bucket", &bucket_arn(bucket));
    }
    Ok(access)
}

async fn on(
    cx: &Context<'_, Buckets>,
    action: &'static str,
    bucket: &str,
    arn: String,
    kind: &'static str,
) -> Result<Access, ApiError> {
    let access = Access::to(action).on(arn);
    match Bucket::find(cx.tx(), bucket).await? {
        Some(found) => {
            let policy = found.compiled_policy()?;
            Ok(access.owned_by(found.account.clone()).guarded_by(policy).listing(kind, &found.account))
        }
        None => Ok(access),
    }
}

/// The bucket of this name, which belongs to `owner` if that was asked.
pub(crate) async fn existing(
    cx: &Context<'_, Buckets>,
    bucket: &str,
    owner: Option<&str>,
) -> Result<Arc<Bucket>, ApiError> {
    let found = Bucket::find(cx.tx(), bucket).await?.ok_or_else(no_bucket)?;
    if owner.is_some_and(|owner| owner != found.account.as_str()) {
        return Err(denied());
    }
    Ok(found)
}

/// The error for a key that is not there: only who may list the bucket learns so.
pub(crate) async fn missing(cx: &Context<'_, Buckets>, bucket_name: &str) -> ApiError {
    match bucket(cx, "s3:ListBucket", bucket_name).await {
        Ok(access) => cx.authorise(&access).err().unwrap_or_else(crate::errors::no_key),
        Err(error) => error,
    }
}
