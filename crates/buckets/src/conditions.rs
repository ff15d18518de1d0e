//! Conditional requests (RFC 9110, section 13).

use keeptrail_operation::{ApiError, Timestamp};
use s3s::dto;

use crate::{
    errors::{NOT_MODIFIED, PRECONDITION_FAILED},
    model::Object,
};

/// The conditions of a request.
#[derive(Default)]
pub(crate) struct Conditions<'a> {
    pub(crate) if_match: Option<&'a dto::ETagCondition>,
    pub(crate) if_none_match: Option<&'a dto::ETagCondition>,
    pub(crate) if_modified_since: Option<&'a dto::Timestamp>,
    pub(crate) if_unmodified_since: Option<&'a dto::Timestamp>,
}

/// The conditions of a reading request.
macro_rules! read_conditions {
    ($request:expr) => {
        $crate::conditions::Conditions {
            if_match: $request.if_match.as_ref(),
            if_none_match: $request.if_none_match.as_ref(),
            if_modified_since: $request.if_modified_since.as_ref(),
            if_unmodified_since: $request.if_unmodified_since.as_ref(),
        }
    };
}
pub(crate) use read_conditions;

impl Conditions<'_> {
    /// Whether the object may be read: an error says that it has not changed, or has.
    pub(crate) fn check_read(&self, object: &Object) -> Result<(), ApiError> {
        let failed = |condition: &str| {
            let text = "At least one of the pre-conditions you specified did not hold";
            tracing::debug!(condition, "a condition did not hold");
            Err(ApiError::new(PRECONDITION_FAILED, text))
        };
        match (self.if_match, self.if_unmodified_since) {
            (Some(wanted), _) if !matches(wanted, object) => return failed("If-Match"),
            (None, Some(time)) if modified_after(object, time) => return failed("If-Unmodified-Since"),
            _ => {}
        }
        let unchanged = match (self.if_none_match, self.if_modified_since) {
            (Some(known), _) => matches(known, object),
            (None, Some(time)) => !modified_after(object, time),
            (None, None) => false,
        };
        if unchanged { Err(ApiError::new(NOT_MODIFIED, "Not Modified")) } else { Ok(()) }
    }

    /// Whether an object may be written in the place of `current`.
    pub(crate) fn check_write(&self, current: Option<&Object>) -> Result<(), ApiError> {
        let wanted = self.if_match.is_none_or(|wanted| current.is_some_and(|current| matches(wanted, current)));
        let absent = self.if_none_match.is_none_or(|known| !current.is_some_and(|current| matches(known, current)));
        if wanted && absent {
            return Ok(());
        }
        Err(ApiError::new(PRECONDITION_FAILED, "At least one of the pre-conditions you specified did not hold"))
    }
}

fn matches(condition: &dto::ETagCondition, object: &Object) -> bool {
    condition.as_etag().is_none_or(|etag| etag.value() == object.etag)
}

/// HTTP dates have whole seconds.
fn modified_after(object: &Object, time: &dto::Timestamp) -> bool {
    let seconds = |time: Timestamp| time.as_millis().div_euclid(1000);
    seconds(object.modified) > seconds(crate::content::from_s3(time))
}
