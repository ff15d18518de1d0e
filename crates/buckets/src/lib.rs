//! Amazon S3: buckets and objects, over s3s and object_store
