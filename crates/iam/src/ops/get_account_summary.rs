//! GetAccountSummary: how many of each there are, and the limits that are kept.

use std::collections::BTreeMap;

use keeptrail_operation::{Access, ApiError, Context, Meta, Operation};
use serde::{Deserialize, Serialize};

use crate::{
    Iam, limits,
    model::{POLICIES, ROLES, ROOT_KEY, USERS},
};

/// <https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetAccountSummary.html>
pub(crate) struct GetAccountSummary;

#[derive(Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Input {}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Output {
    /// What exists, and the limits that keeptrail enforces; AWS's limits on whole accounts are not among them.
    summary_map: BTreeMap<&'static str, usize>,
}

impl Operation for GetAccountSummary {
    type Service = Iam;
    type Input = Input;
    type Output = Output;

    const META: Meta = Meta::read("GetAccountSummary", "iam:GetAccountSummary", &[]);

    async fn access(_: &Context<'_, Iam>, _: &Input) -> Result<Vec<Access>, ApiError> {
        Ok(vec![Access::to(Self::META.action)])
    }

    async fn run(cx: &Context<'_, Iam>, _: &Input) -> Result<Output, ApiError> {
        let (tx, account) = (cx.tx(), cx.account().as_str());
        let policies = POLICIES.all(tx, account).await?;
        let root_key = ROOT_KEY.get(tx, &[account]).await?;
        let summary_map = BTreeMap::from([
            ("Users", USERS.all(tx, account).await?.len()),
            ("Roles", ROLES.all(tx, account).await?.len()),
            ("Policies", policies.len()),
            ("PolicyVersionsInUse", policies.iter().map(|policy| policy.versions.len()).sum()),
            ("Groups", 0),
            ("InstanceProfiles", 0),
            ("Providers", 0),
            ("ServerCertificates", 0),
            ("MFADevices", 0),
            ("MFADevicesInUse", 0),
            ("AccountMFAEnabled", 0),
            ("AccountPasswordPresent", 0),
            ("AccountAccessKeysPresent", usize::from(root_key.is_some())),
            ("AccountSigningCertificatesPresent", 0),
            ("AccessKeysPerUserQuota", limits::ACCESS_KEYS),
            ("AttachedPoliciesPerUserQuota", limits::ATTACHED),
            ("AttachedPoliciesPerRoleQuota", limits::ATTACHED),
            ("VersionsPerPolicyQuota", limits::VERSIONS),
            ("PolicySizeQuota", limits::MANAGED),
            ("UserPolicySizeQuota", limits::USER_INLINE),
            ("RolePolicySizeQuota", limits::ROLE_INLINE),
            ("AssumeRolePolicySizeQuota", limits::TRUST),
        ]);
        Ok(Output { summary_map })
    }
}
