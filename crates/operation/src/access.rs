//! What a call needs to be allowed.

use std::{borrow::Cow, sync::Arc};

use keeptrail_arn::AccountId;
use keeptrail_policy::{NamedPolicy, Policy};
use keeptrail_record::Resource;

/// One question to the policies: may the caller do `action` on `resource`?
#[derive(Clone)]
pub struct Access {
    pub(crate) action: Cow<'static, str>,
    pub(crate) resource: Option<String>,
    pub(crate) resource_account: Option<AccountId>,
    pub(crate) resource_policy: Option<NamedPolicy>,
    pub(crate) conditions: Vec<(Cow<'static, str>, Vec<String>)>,
    pub(crate) listed: Option<Resource>,
    pub(crate) note: Option<(&'static str, String)>,
}

impl Access {
    /// May the caller do `action`, which is about no particular resource?
    pub fn to(action: impl Into<Cow<'static, str>>) -> Self {
        Self {
            action: action.into(),
            resource: None,
            resource_account: None,
            resource_policy: None,
            conditions: Vec::new(),
            listed: None,
            note: None,
        }
    }

    /// …on the resource with this ARN, or with the name that the caller gave when there is no such resource.
    #[must_use]
    pub fn on(mut self, resource: impl Into<String>) -> Self {
        self.resource = Some(resource.into());
        self
    }

    /// …which belongs to `account`, when that is not the caller's own.
    #[must_use]
    pub fn owned_by(mut self, account: AccountId) -> Self {
        self.resource_account = Some(account);
        self
    }

    /// …and carries a policy of its own.
    #[must_use]
    pub fn guarded_by(mut self, policy: Option<Arc<Policy>>) -> Self {
        self.resource_policy = policy.map(|policy| NamedPolicy::new("the resource's policy", policy));
        self
    }

    /// A condition key of this request, as in `secretsmanager:VersionStage`. A key may have several values.
    #[must_use]
    pub fn when(mut self, key: impl Into<Cow<'static, str>>, values: impl IntoIterator<Item = String>) -> Self {
        self.conditions.push((key.into(), values.into_iter().collect()));
        self
    }

    /// Lists the resource in the record's `resources`, as `kind`. Only for resources that exist.
    #[must_use]
    pub fn listing(mut self, kind: &'static str, account: &AccountId) -> Self {
        if let Some(arn) = &self.resource {
            self.listed = Some(Resource { account_id: account.to_string(), kind: kind.to_owned(), arn: arn.clone() });
        }
        self
    }

    /// Puts `value` under `additionalEventData.<name>` when the call is denied: the record of a denied call has no
    /// `requestParameters`, and this keeps it findable.
    #[must_use]
    pub fn noting(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.note = Some((name, value.into()));
        self
    }
}
