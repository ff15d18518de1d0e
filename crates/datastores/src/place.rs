//! Where a query or an import stands.

use keeptrail_operation::Context;
use keeptrail_store::Key;

/// An account, a region and an id.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct Place {
    pub(crate) account: String,
    pub(crate) region: String,
    pub(crate) id: String,
}

impl Place {
    /// The place of an id in the call's account and region.
    pub(crate) fn in_call<S>(cx: &Context<'_, S>, id: &str) -> Self {
        Self { account: cx.account().to_string(), region: cx.region().to_string(), id: id.to_owned() }
    }

    pub(crate) fn parts(&self) -> [&str; 3] {
        [&self.account, &self.region, &self.id]
    }

    /// The place that the last three parts of a key name.
    pub(crate) fn of(key: &Key) -> Option<Self> {
        let parts = key.parts();
        let [.., account, region, id] = parts.as_slice() else { return None };
        Some(Self { account: account.clone(), region: region.clone(), id: id.clone() })
    }

    /// The ARN of an event data store of the same account and region.
    pub(crate) fn store_arn(&self, store: &str) -> String {
        keeptrail_arn::arn("cloudtrail", &self.region, &self.account, &format!("eventdatastore/{store}"))
    }
}
