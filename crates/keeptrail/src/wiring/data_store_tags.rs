//! CloudTrail's tagging operations reach event data stores.

use async_trait::async_trait;
use keeptrail_operation::ApiError;
use keeptrail_store::Tx;
use keeptrail_trail::{DataStoreTags, Tags};

/// The event data stores' tags, as trails see them.
pub(super) struct StoreTags;

#[async_trait]
impl DataStoreTags for StoreTags {
    async fn tags(&self, tx: &Tx, account: &str, region: &str, arn: &str) -> Result<Tags, ApiError> {
        keeptrail_datastores::tags(tx, account, region, arn).await
    }

    async fn set_tags(&self, tx: &Tx, account: &str, region: &str, arn: &str, tags: Tags) -> Result<(), ApiError> {
        keeptrail_datastores::set_tags(tx, account, region, arn, tags).await
    }
}
