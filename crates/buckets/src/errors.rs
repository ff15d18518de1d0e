//! S3's errors, with AWS's literal texts ("Error responses" in the S3 API reference).

use keeptrail_operation::{ApiError, ErrorCode, codes};
use s3s::{S3Error, S3ErrorCode};

macro_rules! codes {
    ($($constant:ident = $name:literal $status:literal;)*) => {
        $(pub(crate) const $constant: ErrorCode = ErrorCode::sender($name).with_status($status);)*

        /// The code of this name, for errors that s3s itself makes.
        pub(crate) fn known(name: &str) -> Option<ErrorCode> {
            [$($constant),*].into_iter().find(|code| code.name == name)
        }
    };
}

codes! {
    ACCESS_DENIED = "AccessDenied" 403;
    ACL_NOT_SUPPORTED = "AccessControlListNotSupported" 400;
    BAD_DIGEST = "BadDigest" 400;
    BUCKET_EXISTS = "BucketAlreadyExists" 409;
    BUCKET_OWNED = "BucketAlreadyOwnedByYou" 409;
    BUCKET_NOT_EMPTY = "BucketNotEmpty" 409;
    ENTITY_TOO_LARGE = "EntityTooLarge" 400;
    ENTITY_TOO_SMALL = "EntityTooSmall" 400;
    ILLEGAL_LOCATION = "IllegalLocationConstraintException" 400;
    INCOMPLETE_BODY = "IncompleteBody" 400;
    INVALID_ARGUMENT = "InvalidArgument" 400;
    INVALID_BUCKET_NAME = "InvalidBucketName" 400;
    INVALID_PART = "InvalidPart" 400;
    INVALID_PART_ORDER = "InvalidPartOrder" 400;
    INVALID_RANGE = "InvalidRange" 416;
    INVALID_REQUEST = "InvalidRequest" 400;
    INVALID_TAG = "InvalidTag" 400;
    INVALID_URI = "InvalidURI" 400;
    KEY_TOO_LONG = "KeyTooLongError" 400;
    MALFORMED_POLICY = "MalformedPolicy" 400;
    MALFORMED_XML = "MalformedXML" 400;
    MESSAGE_TOO_LONG = "MaxMessageLengthExceeded" 400;
    METADATA_TOO_LARGE = "MetadataTooLarge" 400;
    METHOD_NOT_ALLOWED = "MethodNotAllowed" 405;
    MISSING_LENGTH = "MissingContentLength" 411;
    NOT_IMPLEMENTED = "NotImplemented" 501;
    NOT_MODIFIED = "NotModified" 304;
    NO_BUCKET = "NoSuchBucket" 404;
    NO_CORS = "NoSuchCORSConfiguration" 404;
    NO_ENCRYPTION = "ServerSideEncryptionConfigurationNotFoundError" 404;
    NO_KEY = "NoSuchKey" 404;
    NO_LIFECYCLE = "NoSuchLifecycleConfiguration" 404;
    NO_OBJECT_LOCK = "ObjectLockConfigurationNotFoundError" 404;
    NO_POLICY = "NoSuchBucketPolicy" 404;
    NO_REPLICATION = "ReplicationConfigurationNotFoundError" 404;
    NO_TAGS = "NoSuchTagSet" 404;
    NO_UPLOAD = "NoSuchUpload" 404;
    NO_WEBSITE = "NoSuchWebsiteConfiguration" 404;
    PRECONDITION_FAILED = "PreconditionFailed" 412;
    SIGNATURE_MISMATCH = "XAmzContentSHA256Mismatch" 400;
}

/// The service's failure inside.
pub(crate) const INTERNAL: ErrorCode = ErrorCode::server("InternalError");

pub(crate) fn no_bucket() -> ApiError {
    ApiError::new(NO_BUCKET, "The specified bucket does not exist")
}

pub(crate) fn no_key() -> ApiError {
    ApiError::new(NO_KEY, "The specified key does not exist.")
}

pub(crate) fn no_upload() -> ApiError {
    let text = "The specified upload does not exist. The upload ID may be invalid, or the upload may have been aborted or \
                completed.";
    ApiError::new(NO_UPLOAD, text)
}

pub(crate) fn denied() -> ApiError {
    ApiError::new(ACCESS_DENIED, "Access Denied")
}

pub(crate) fn invalid(text: impl Into<std::borrow::Cow<'static, str>>) -> ApiError {
    ApiError::new(INVALID_ARGUMENT, text)
}

/// A header or element that keeptrail does not carry out.
pub(crate) fn not_carried_out(what: &str) -> ApiError {
    ApiError::new(NOT_IMPLEMENTED, format!("keeptrail does not carry out {what}."))
}

/// An error in s3s's form, for the wire.
pub(crate) fn to_s3(error: &ApiError, request_id: &str) -> S3Error {
    let code = match error.code {
        code if code == codes::INTERNAL => INTERNAL,
        code if code == codes::THROTTLING => ErrorCode::server("SlowDown").with_status(503),
        code => code,
    };
    // Names that s3s does not know become custom ones.
    let name = S3ErrorCode::from_bytes(code.name.as_bytes()).unwrap_or(S3ErrorCode::InternalError);
    let mut answer = S3Error::with_message(name, error.message.clone().into_owned());
    answer.set_request_id(request_id);
    if let Ok(status) = http::StatusCode::from_u16(code.status) {
        answer.set_status_code(status);
    }
    answer
}
