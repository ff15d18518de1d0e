//! s3s's trait: each call becomes an operation.

use std::sync::{Arc, PoisonError};

use keeptrail_operation::{Meta, Operation};
use s3s::{S3, S3Request, S3Response, S3Result, dto, s3_error};

use crate::{
    Buckets, META,
    asked::{Answer, Ask, Asked},
    errors, ops,
    serve::Signed,
};

/// The buckets as s3s sees them.
pub(crate) struct Front(pub(crate) Arc<Buckets>);

impl Front {
    async fn run<O: Ask, T>(&self, mut asked: S3Request<O::Request>) -> S3Result<S3Response<T>>
    where
        O::Reply: Into<T>,
    {
        // Both are there: `Gate::serve` is the only way to s3s, and s3s calls once for each request.
        let signed = asked.extensions.remove::<Arc<Signed>>().ok_or_else(|| s3_error!(InternalError))?;
        let attempt = signed.attempt.lock().unwrap_or_else(PoisonError::into_inner).take();
        let attempt = attempt.ok_or_else(|| s3_error!(InternalError))?;
        let facts = O::facts(&asked.input);
        let body = O::body(&mut asked.input);
        let input = Asked::new(asked.input, facts, body, Arc::clone(&signed.trailers));
        let done = signed.dispatcher.execute::<O>(&META, &self.0, &signed.call, attempt, &input).await;
        match done {
            Ok(Answer(reply)) => Ok(S3Response::new(reply.into())),
            Err(error) => Err(errors::to_s3(&error, &signed.call.request_id)),
        }
    }
}

macro_rules! front {
    ($($method:ident $operation:ident: $input:ident => $output:ident;)*) => {
        /// What is fixed about each operation, by the API's name; records have CloudTrail's, which differ.
        pub(crate) const OPERATIONS: &[(&str, &Meta)] =
            &[$((stringify!($operation), &<ops::$operation as Operation>::META)),*];

        #[async_trait::async_trait]
        impl S3 for Front {
            $(
                async fn $method(
                    &self,
                    asked: S3Request<dto::$input>,
                ) -> S3Result<S3Response<dto::$output>> {
                    self.run::<ops::$operation, dto::$output>(asked).await
                }
            )*
        }
    };
}

front! {
    abort_multipart_upload AbortMultipartUpload: AbortMultipartUploadInput => AbortMultipartUploadOutput;
    complete_multipart_upload CompleteMultipartUpload: CompleteMultipartUploadInput => CompleteMultipartUploadOutput;
    copy_object CopyObject: CopyObjectInput => CopyObjectOutput;
    create_bucket CreateBucket: CreateBucketInput => CreateBucketOutput;
    create_multipart_upload CreateMultipartUpload: CreateMultipartUploadInput => CreateMultipartUploadOutput;
    delete_bucket DeleteBucket: DeleteBucketInput => DeleteBucketOutput;
    delete_bucket_policy DeleteBucketPolicy: DeleteBucketPolicyInput => DeleteBucketPolicyOutput;
    delete_bucket_tagging DeleteBucketTagging: DeleteBucketTaggingInput => DeleteBucketTaggingOutput;
    delete_object DeleteObject: DeleteObjectInput => DeleteObjectOutput;
    delete_objects DeleteObjects: DeleteObjectsInput => DeleteObjectsOutput;
    get_bucket_accelerate_configuration GetBucketAccelerateConfiguration:
        GetBucketAccelerateConfigurationInput => GetBucketAccelerateConfigurationOutput;
    get_bucket_acl GetBucketAcl: GetBucketAclInput => GetBucketAclOutput;
    get_bucket_cors GetBucketCors: GetBucketCorsInput => GetBucketCorsOutput;
    get_bucket_encryption GetBucketEncryption: GetBucketEncryptionInput => GetBucketEncryptionOutput;
    get_bucket_lifecycle_configuration GetBucketLifecycleConfiguration:
        GetBucketLifecycleConfigurationInput => GetBucketLifecycleConfigurationOutput;
    get_bucket_location GetBucketLocation: GetBucketLocationInput => GetBucketLocationOutput;
    get_bucket_logging GetBucketLogging: GetBucketLoggingInput => GetBucketLoggingOutput;
    get_bucket_ownership_controls GetBucketOwnershipControls:
        GetBucketOwnershipControlsInput => GetBucketOwnershipControlsOutput;
    get_bucket_policy GetBucketPolicy: GetBucketPolicyInput => GetBucketPolicyOutput;
    get_bucket_replication GetBucketReplication: GetBucketReplicationInput => GetBucketReplicationOutput;
    get_bucket_request_payment GetBucketRequestPayment:
        GetBucketRequestPaymentInput => GetBucketRequestPaymentOutput;
    get_bucket_tagging GetBucketTagging: GetBucketTaggingInput => GetBucketTaggingOutput;
    get_bucket_versioning GetBucketVersioning: GetBucketVersioningInput => GetBucketVersioningOutput;
    get_bucket_website GetBucketWebsite: GetBucketWebsiteInput => GetBucketWebsiteOutput;
    get_object GetObject: GetObjectInput => GetObjectOutput;
    get_object_lock_configuration GetObjectLockConfiguration:
        GetObjectLockConfigurationInput => GetObjectLockConfigurationOutput;
    get_public_access_block GetPublicAccessBlock: GetPublicAccessBlockInput => GetPublicAccessBlockOutput;
    head_bucket HeadBucket: HeadBucketInput => HeadBucketOutput;
    head_object HeadObject: HeadObjectInput => HeadObjectOutput;
    list_buckets ListBuckets: ListBucketsInput => ListBucketsOutput;
    list_object_versions ListObjectVersions: ListObjectVersionsInput => ListObjectVersionsOutput;
    list_objects ListObjects: ListObjectsInput => ListObjectsOutput;
    list_objects_v2 ListObjectsV2: ListObjectsV2Input => ListObjectsV2Output;
    list_parts ListParts: ListPartsInput => ListPartsOutput;
    put_bucket_ownership_controls PutBucketOwnershipControls:
        PutBucketOwnershipControlsInput => PutBucketOwnershipControlsOutput;
    put_bucket_policy PutBucketPolicy: PutBucketPolicyInput => PutBucketPolicyOutput;
    put_bucket_tagging PutBucketTagging: PutBucketTaggingInput => PutBucketTaggingOutput;
    put_object PutObject: PutObjectInput => PutObjectOutput;
    put_public_access_block PutPublicAccessBlock: PutPublicAccessBlockInput => PutPublicAccessBlockOutput;
    upload_part UploadPart: UploadPartInput => UploadPartOutput;
}
