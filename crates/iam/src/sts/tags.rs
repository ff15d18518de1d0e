//! The tags of a session: those passed, and those inherited from the session that asks.
//!
//! <https://docs.aws.amazon.com/IAM/latest/UserGuide/id_session-tags.html>

use keeptrail_operation::{ApiError, Identity};

use crate::{errors, model::Tag, validate};

/// A new session's tags.
pub(super) struct SessionTags {
    /// Inherited first, then passed.
    pub(super) all: Vec<Tag>,
    /// Keys of those that go on to the next session.
    pub(super) transitive: Vec<String>,
    /// The inherited ones.
    pub(super) inherited: Vec<Tag>,
}

impl SessionTags {
    /// The tags of a session that `caller` asks for with `passed`, of which those with the keys `transitive` go on.
    pub(super) fn of(caller: &Identity, passed: &[Tag], transitive: &[String]) -> Result<Self, ApiError> {
        validate::tags(passed)?;
        let mut all: Vec<Tag> = inherited(caller);
        let inherited = all.clone();
        if passed.iter().any(|tag| inherited.iter().any(|other| same(&other.key, &tag.key))) {
            return Err(ApiError::new(
                errors::INVALID_VALUE,
                "One of the specified tag keys can't be set because it conflicts with a transitive tag key from the calling session.",
            ));
        }
        if transitive.iter().any(|key| !passed.iter().any(|tag| same(&tag.key, key))) {
            return Err(ApiError::new(
                errors::INVALID_VALUE,
                "The specified transitive tag key must be included in the requested tags.",
            ));
        }
        all.extend_from_slice(passed);
        validate::tags(&all)?;
        let transitive = inherited.iter().map(|tag| tag.key.clone()).chain(transitive.iter().cloned()).collect();
        Ok(Self { all, transitive, inherited })
    }
}

/// The caller's transitive tags. Their values are those of the caller's session, which no role's tag overrides.
fn inherited(caller: &Identity) -> Vec<Tag> {
    let facts = &caller.facts;
    let goes_on = |key: &str| facts.transitive_tags.iter().any(|other| same(other, key));
    let tags = facts.tags.iter().filter(|(key, _)| goes_on(key));
    tags.map(|(key, value)| Tag { key: key.clone(), value: value.clone() }).collect()
}

/// Keys that differ only in case are the same key.
fn same(one: &str, other: &str) -> bool {
    one.eq_ignore_ascii_case(other)
}
