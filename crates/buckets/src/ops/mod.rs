//! The operations of S3, one in each file. s3s names them to the front.

mod abort_multipart_upload;
mod complete_multipart_upload;
mod copy_object;
mod create_bucket;
mod create_multipart_upload;
mod delete_bucket;
mod delete_bucket_policy;
mod delete_bucket_tagging;
mod delete_object;
mod delete_objects;
mod get_bucket_accelerate_configuration;
mod get_bucket_acl;
mod get_bucket_cors;
mod get_bucket_encryption;
mod get_bucket_lifecycle_configuration;
mod get_bucket_location;
mod get_bucket_logging;
mod get_bucket_ownership_controls;
mod get_bucket_policy;
mod get_bucket_replication;
mod get_bucket_request_payment;
mod get_bucket_tagging;
mod get_bucket_versioning;
mod get_bucket_website;
mod get_object;
mod get_object_lock_configuration;
mod get_public_access_block;
mod head_bucket;
mod head_object;
mod list_buckets;
mod list_object_versions;
mod list_objects;
mod list_objects_v2;
mod list_parts;
mod put_bucket_ownership_controls;
mod put_bucket_policy;
mod put_bucket_tagging;
mod put_object;
mod put_public_access_block;
mod upload_part;

pub(crate) use self::{
    abort_multipart_upload::AbortMultipartUpload, complete_multipart_upload::CompleteMultipartUpload,
    copy_object::CopyObject, create_bucket::CreateBucket, create_multipart_upload::CreateMultipartUpload,
    delete_bucket::DeleteBucket, delete_bucket_policy::DeleteBucketPolicy, delete_bucket_tagging::DeleteBucketTagging,
    delete_object::DeleteObject, delete_objects::DeleteObjects,
    get_bucket_accelerate_configuration::GetBucketAccelerateConfiguration, get_bucket_acl::GetBucketAcl,
    get_bucket_cors::GetBucketCors, get_bucket_encryption::GetBucketEncryption,
    get_bucket_lifecycle_configuration::GetBucketLifecycleConfiguration, get_bucket_location::GetBucketLocation,
    get_bucket_logging::GetBucketLogging, get_bucket_ownership_controls::GetBucketOwnershipControls,
    get_bucket_policy::GetBucketPolicy, get_bucket_replication::GetBucketReplication,
    get_bucket_request_payment::GetBucketRequestPayment, get_bucket_tagging::GetBucketTagging,
    get_bucket_versioning::GetBucketVersioning, get_bucket_website::GetBucketWebsite, get_object::GetObject,
    get_object_lock_configuration::GetObjectLockConfiguration, get_public_access_block::GetPublicAccessBlock,
    head_bucket::HeadBucket, head_object::HeadObject, list_buckets::ListBuckets,
    list_object_versions::ListObjectVersions, list_objects::ListObjects, list_objects_v2::ListObjectsV2,
    list_parts::ListParts, put_bucket_ownership_controls::PutBucketOwnershipControls,
    put_bucket_policy::PutBucketPolicy, put_bucket_tagging::PutBucketTagging, put_object::PutObject,
    put_public_access_block::PutPublicAccessBlock, upload_part::UploadPart,
};
