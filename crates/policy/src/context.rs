//! The request context: condition keys and their values.

use std::borrow::Cow;

use crate::principal::Principal;

/// Condition keys of one request, each with one or several values.
///
/// Names are compared without regard to ASCII case, as AWS does, tag keys included. Insertion order is kept. Values may be
/// borrowed, so a context is cheap to build for every request.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Context<'a> {
    entries: Vec<Entry<'a>>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Entry<'a> {
    fingerprint: u64,
    key: Cow<'a, str>,
    values: Values<'a>,
}

/// The name of a condition key in a policy. Its fingerprint is taken once, so that looking it up compares numbers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Key {
    fingerprint: u64,
    name: Box<str>,
}

impl Key {
    pub(crate) fn new(name: &str) -> Self {
        Self { fingerprint: fingerprint(name), name: name.into() }
    }
}

impl std::ops::Deref for Key {
    type Target = str;

    fn deref(&self) -> &str {
        &self.name
    }
}

/// A number that is equal for names that differ only in ASCII case, and hardly ever for others: those must be compared.
fn fingerprint(name: &str) -> u64 {
    /// Sets the bit in which an ASCII letter's cases differ, in each of eight bytes.
    const FOLD: u64 = 0x2020_2020_2020_2020;
    const SPREAD: u64 = 0x9e37_79b9_7f4a_7c15;
    name.as_bytes().chunks(8).fold(name.len() as u64, |hash, chunk| {
        let mut word = [0; 8];
        word.iter_mut().zip(chunk).for_each(|(place, byte)| *place = *byte);
        let mixed = (hash ^ (u64::from_le_bytes(word) | FOLD)).wrapping_mul(SPREAD);
        mixed ^ (mixed >> 32)
    })
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
        let fingerprint = fingerprint(&key);
        match self.find(fingerprint, &key) {
            Some(entry) => entry.values = value,
            None => self.entries.push(Entry { fingerprint, key, values: value }),
        }
    }

    /// Adds a value to a key, for keys that can have several, such as `aws:TagKeys`.
    ///
    /// Tags are best pushed: two tag keys that differ only in case are one condition key, and `push` loses neither value.
    pub fn push(&mut self, key: impl Into<Cow<'a, str>>, value: impl Into<Cow<'a, str>>) {
        let (key, value) = (key.into(), value.into());
        let fingerprint = fingerprint(&key);
        match self.find(fingerprint, &key) {
            Some(entry) => entry.values.push(value),
            None => self.entries.push(Entry { fingerprint, key, values: Values::One(value) }),
        }
    }

    /// The values of a key; none when the request does not have it.
    #[must_use]
    pub fn get(&self, key: &str) -> &[Cow<'a, str>] {
        self.values(fingerprint(key), key)
    }

    /// The values of a key that a policy names.
    #[inline]
    pub(crate) fn look_up(&self, key: &Key) -> &[Cow<'a, str>] {
        self.values(key.fingerprint, key)
    }

    #[inline]
    fn values(&self, fingerprint: u64, key: &str) -> &[Cow<'a, str>] {
        self.entries.iter().find(|entry| entry.is(fingerprint, key)).map_or(&[], |entry| entry.values.as_slice())
    }

    /// All keys with their values, in the order they came.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &[Cow<'a, str>])> {
        self.entries.iter().map(|entry| (&*entry.key, entry.values.as_slice()))
    }

    fn find(&mut self, fingerprint: u64, key: &str) -> Option<&mut Entry<'a>> {
        self.entries.iter_mut().find(|entry| entry.is(fingerprint, key))
    }
}

impl Entry<'_> {
    #[inline]
    fn is(&self, fingerprint: u64, key: &str) -> bool {
        // Mostly both are written alike, which is sooner compared.
        self.fingerprint == fingerprint && (*self.key == *key || self.key.eq_ignore_ascii_case(key))
    }
}

impl<'a> Values<'a> {
    fn as_slice(&self) -> &[Cow<'a, str>] {
        match self {
            Self::One(value) => std::slice::from_ref(value),
            Self::Many(values) => values,
        }
    }

    fn push(&mut self, value: Cow<'a, str>) {
        match self {
            Self::Many(values) => values.push(value),
            Self::One(first) => {
                let mut many = Vec::with_capacity(4);
                many.push(std::mem::take(first));
                many.push(value);
                *self = Self::Many(many);
            }
        }
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
    fn names_that_differ_only_in_case_have_one_fingerprint() {
        assert_eq!(fingerprint("aws:PrincipalTag/Team"), fingerprint("AWS:principaltag/TEAM"));
        assert_ne!(fingerprint("aws:PrincipalTag/team"), fingerprint("aws:PrincipalTag/teams"));
        // A byte that the fold confuses with a letter's case is told apart by the comparison.
        let mut context = Context::new();
        context.set("aws:PrincipalTag/@", "at");
        assert!(context.get("aws:PrincipalTag/`").is_empty());
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
