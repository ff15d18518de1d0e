//! What IAM allows at most: <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html>. Sizes count
//! characters that are not white space.

/// Access keys of a user.
pub(crate) const ACCESS_KEYS: usize = 2;
/// Managed policies attached to a user or a role.
pub(crate) const ATTACHED: usize = 10;
/// Versions of a managed policy.
pub(crate) const VERSIONS: usize = 5;
/// A managed policy's document.
pub(crate) const MANAGED: usize = 6144;
/// All inline policies of a user.
pub(crate) const USER_INLINE: usize = 2048;
/// All inline policies of a role.
pub(crate) const ROLE_INLINE: usize = 10_240;
/// A role's trust policy.
pub(crate) const TRUST: usize = 2048;
/// A session's policy; its managed policies.
pub(crate) const SESSION: usize = 2048;
pub(crate) const SESSION_ARNS: usize = 10;
/// Tags of anything.
pub(crate) const TAGS: usize = 50;
