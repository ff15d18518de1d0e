//! CloudTrail's errors, with AWS's literal texts.

use keeptrail_operation::{ApiError, ErrorCode};

pub(crate) const TRAIL_NOT_FOUND: ErrorCode = ErrorCode::sender("TrailNotFoundException");
pub(crate) const TRAIL_EXISTS: ErrorCode = ErrorCode::sender("TrailAlreadyExistsException");
pub(crate) const TOO_MANY_TRAILS: ErrorCode = ErrorCode::sender("MaximumNumberOfTrailsExceededException");
pub(crate) const INVALID_NAME: ErrorCode = ErrorCode::sender("InvalidTrailNameException");
pub(crate) const INVALID_ARN: ErrorCode = ErrorCode::sender("CloudTrailARNInvalidException");
pub(crate) const INVALID_HOME_REGION: ErrorCode = ErrorCode::sender("InvalidHomeRegionException");
pub(crate) const INVALID_SELECTORS: ErrorCode = ErrorCode::sender("InvalidEventSelectorsException");
pub(crate) const INVALID_COMBINATION: ErrorCode = ErrorCode::sender("InvalidParameterCombinationException");
pub(crate) const NO_BUCKET: ErrorCode = ErrorCode::sender("S3BucketDoesNotExistException");
pub(crate) const BUCKET_POLICY: ErrorCode = ErrorCode::sender("InsufficientS3BucketPolicyException");
pub(crate) const INVALID_PREFIX: ErrorCode = ErrorCode::sender("InvalidS3PrefixException");
pub(crate) const INVALID_GROUP: ErrorCode = ErrorCode::sender("InvalidCloudWatchLogsLogGroupArnException");
pub(crate) const INVALID_ROLE: ErrorCode = ErrorCode::sender("InvalidCloudWatchLogsRoleArnException");
pub(crate) const INVALID_TOPIC: ErrorCode = ErrorCode::sender("InvalidSnsTopicNameException");
pub(crate) const TOPIC_POLICY: ErrorCode = ErrorCode::sender("InsufficientSnsTopicPolicyException");
pub(crate) const NO_INSIGHTS: ErrorCode = ErrorCode::sender("InsightNotEnabledException");
pub(crate) const INVALID_ATTRIBUTES: ErrorCode = ErrorCode::sender("InvalidLookupAttributesException");
pub(crate) const INVALID_TIME_RANGE: ErrorCode = ErrorCode::sender("InvalidTimeRangeException");
pub(crate) const INVALID_MAX_RESULTS: ErrorCode = ErrorCode::sender("InvalidMaxResultsException");
pub(crate) const INVALID_NEXT_TOKEN: ErrorCode = ErrorCode::sender("InvalidNextTokenException");
pub(crate) const INVALID_TAG: ErrorCode = ErrorCode::sender("InvalidTagParameterException");
pub(crate) const NO_RESOURCE: ErrorCode = ErrorCode::sender("ResourceNotFoundException");

pub(crate) fn unknown_trail(name: &str, account: &str) -> ApiError {
    ApiError::new(TRAIL_NOT_FOUND, format!("Unknown trail: {name} for the user: {account}"))
}
