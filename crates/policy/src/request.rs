//! What is asked: who wants to do what to which resource, in which circumstances.

use crate::{context::Context, principal::Principal};

/// One question to the policies.
#[derive(Debug, Clone, Copy)]
pub struct Request<'a> {
    /// Who asks.
    pub principal: &'a Principal,
    /// The action with its service prefix, such as `secretsmanager:GetSecretValue`.
    pub action: &'a str,
    /// The resource's ARN, or its name as given when it has no ARN yet. `None` for an action without a resource, which
    /// policies can only allow on `*`.
    pub resource: Option<&'a str>,
    /// The account that owns the resource. `None` means the one in the resource's ARN, or the caller's own when there is
    /// none in it, as in the ARNs of buckets.
    pub resource_account: Option<&'a str>,
    /// The condition keys of the request.
    pub context: &'a Context<'a>,
}

impl Request<'_> {
    /// Whether the resource belongs to another account than the caller.
    pub(crate) fn crosses_accounts(&self) -> bool {
        let owner = self.resource_account.or_else(|| account_in_arn(self.resource?));
        match (self.principal.account(), owner) {
            (Some(caller), Some(owner)) => caller != owner,
            _ => false,
        }
    }
}

fn account_in_arn(resource: &str) -> Option<&str> {
    let account = resource.strip_prefix("arn:")?.split(':').nth(3)?;
    (account.len() == 12 && account.bytes().all(|byte| byte.is_ascii_digit())).then_some(account)
}

/// A request's action with its letters folded, cut at the colon: actions are compared without regard to case.
pub(crate) struct FoldedAction {
    buffer: [u8; Self::INLINE],
    length: usize,
    long: Option<String>,
}

impl FoldedAction {
    /// Longer than every action name AWS has; a longer one costs an allocation.
    const INLINE: usize = 128;

    pub(crate) fn new(action: &str) -> Self {
        let mut buffer = [0; Self::INLINE];
        match buffer.get_mut(..action.len()) {
            Some(place) => {
                place.copy_from_slice(action.as_bytes());
                place.make_ascii_lowercase();
                Self { buffer, length: action.len(), long: None }
            }
            None => Self { buffer, length: 0, long: Some(action.to_ascii_lowercase()) },
        }
    }

    /// The service prefix and the action's name; the prefix is empty when there is no colon.
    pub(crate) fn parts(&self) -> (&str, &str) {
        let text = match &self.long {
            Some(long) => long,
            // Lower-casing ASCII letters keeps UTF-8 valid, so the default is never taken.
            None => self.buffer.get(..self.length).and_then(|bytes| str::from_utf8(bytes).ok()).unwrap_or_default(),
        };
        text.split_once(':').unwrap_or(("", text))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn actions_are_folded_whatever_their_length() {
        assert_eq!(FoldedAction::new("SecretsManager:GetSecretValue").parts(), ("secretsmanager", "getsecretvalue"));
        let long = format!("S3:{}", "Get".repeat(100));
        assert_eq!(FoldedAction::new(&long).parts(), ("s3", "get".repeat(100).as_str()));
        assert_eq!(FoldedAction::new("nothing").parts(), ("", "nothing"));
    }
}
