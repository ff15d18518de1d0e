//! The request context: condition keys and their values.

use std::borrow::Cow;

use crate::principal::Principal;

/// Condition keys of one request, each with one or several values.
///
/// Names are compared without regard to ASCII case, as AWS does, tag keys included. Insertion order is kept. Values may be
/// borrowed, so a context is cheap to build for every request.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Context<'a> {
    entries: Vec<(Cow<'a, str>, Values<'a>)>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Values<'a> {
    One(Cow<'a, str>),
    Many(Vec<Cow<'a, str>>),
}

impl<'a> Context<'a> {
    /// A context without keys.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// The keys that follow from the caller alone: `aws:PrincipalArn` (for a role session the ARN of the role),
    /// `aws:PrincipalAccount`, `aws:PrincipalType`, `aws:username` for users, `aws:PrincipalIsAWSService` and
    /// `aws:PrincipalServiceName` for services.
    #[must_use]
    pub fn for_principal(principal: &'a Principal) -> Self {
        let mut context = Self { entries: Vec::with_capacity(24) };
        let service = matches!(principal, Principal::Service { .. });
        context.set("aws:PrincipalIsAWSService", if service { "true" } else { "false" });
        if let Some(account) = principal.account() {
            context.set("aws:PrincipalAccount", account);
        }
        match principal {
            Principal::AccountRoot { .. } => {
                context.set("aws:PrincipalArn", principal.arn());
                context.set("aws:PrincipalType", "Account");
            }
            Principal::User { arn, .. } => {
                context.set("aws:PrincipalArn", arn);
                context.set("aws:PrincipalType", "User");
                if let Some((_, name)) = arn.rsplit_once('/') {
                    context.set("aws:username", name);
                }
            }
            Principal::RoleSession { role_arn, .. } => {
                context.set("aws:PrincipalArn", role_arn);
                context.set("aws:PrincipalType", "AssumedRole");
            }
            Principal::FederatedUser { arn, .. } => {
                context.set("aws:PrincipalArn", arn);
                context.set("aws:PrincipalType", "FederatedUser");
            }
            Principal::Service { name } => context.set("aws:PrincipalServiceName", name),
            Principal::Federated { .. } => {}
            Principal::Anonymous => context.set("aws:PrincipalType", "Anonymous"),
        }
        context
    }

    /// Gives a key one value, in place of any it has.
    pub fn set(&mut self, key: impl Into<Cow<'a, str>>, value: impl Into<Cow<'a, str>>) {
        let (key, value) = (key.into(), Values::One(value.into()));
        match self.find(&key) {
            Some(values) => *values = value,
            None => self.entries.push((key, value)),
        }
    }

    /// Adds a value to a key, for keys that can have several, such as `aws:TagKeys`.
    ///
    /// Tags are best pushed: two tag keys that differ only in case are one condition key, and `push` loses neither value.
    pub fn push(&mut self, key: impl Into<Cow<'a, str>>, value: impl Into<Cow<'a, str>>) {
        let (key, value) = (key.into(), value.into());
        match self.find(&key) {
            Some(Values::Many(values)) => values.push(value),
            Some(values) => {
                let mut many = Vec::with_capacity(4);
                if let Values::One(first) = std::mem::replace(values, Values::Many(Vec::new())) {
                    many.push(first);
                }
                many.push(value);
                *values = Values::Many(many);
            }
            None => self.entries.push((key, Values::One(value))),
        }
    }

    /// The values of a key; none when the request does not have it.
    #[must_use]
    pub fn get(&self, key: &str) -> &[Cow<'a, str>] {
        let entry = self.entries.iter().find(|(name, _)| name.eq_ignore_ascii_case(key));
        match entry {
            Some((_, Values::One(value))) => std::slice::from_ref(value),
            Some((_, Values::Many(values))) => values,
            None => &[],
        }
    }

    /// All keys with their values, in the order they came.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &[Cow<'a, str>])> {
        self.entries.iter().map(|(key, values)| match values {
            Values::One(value) => (&**key, std::slice::from_ref(value)),
            Values::Many(values) => (&**key, values.as_slice()),
        })
    }

    fn find(&mut self, key: &str) -> Option<&mut Values<'a>> {
        self.entries.iter_mut().find(|(name, _)| name.eq_ignore_ascii_case(key)).map(|(_, values)| values)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn key_names_ignore_case_and_set_replaces() {
        let mut context = Context::new();
        context.set("aws:SourceIp", "10.0.0.1");
        context.set("AWS:sourceip", "10.0.0.2");
        assert_eq!(context.get("aws:SOURCEIP"), ["10.0.0.2"]);
        assert_eq!(context.iter().count(), 1);
    }

    #[test]
    fn push_collects_values_in_order() {
        let mut context = Context::new();
        for key in ["env", "team", "cost"] {
            context.push("aws:TagKeys", key);
        }
        assert_eq!(context.get("aws:TagKeys"), ["env", "team", "cost"]);
        assert!(context.get("aws:RequestTag/env").is_empty());
    }

    #[test]
    fn a_role_session_is_known_by_the_arn_of_its_role() {
        let principal = Principal::RoleSession {
            account: "111122223333".into(),
            role_arn: "arn:aws:iam::111122223333:role/app".into(),
            session_arn: "arn:aws:sts::111122223333:assumed-role/app/one".into(),
        };
        let context = Context::for_principal(&principal);
        assert_eq!(context.get("aws:PrincipalArn"), ["arn:aws:iam::111122223333:role/app"]);
        assert!(context.get("aws:username").is_empty());
    }
}
