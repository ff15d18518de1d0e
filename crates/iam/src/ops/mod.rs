//! IAM's operations, one a file.

mod attach_role_policy;
mod attach_user_policy;
mod create_access_key;
mod create_policy;
mod create_policy_version;
mod create_role;
mod create_user;
mod delete_access_key;
mod delete_policy;
mod delete_policy_version;
mod delete_role;
mod delete_role_permissions_boundary;
mod delete_role_policy;
mod delete_user;
mod delete_user_permissions_boundary;
mod delete_user_policy;
mod detach_role_policy;
mod detach_user_policy;
mod get_access_key_last_used;
mod get_account_summary;
mod get_policy;
mod get_policy_version;
mod get_role;
mod get_role_policy;
mod get_user;
mod get_user_policy;
mod list_access_keys;
mod list_account_aliases;
mod list_attached_role_policies;
mod list_attached_user_policies;
mod list_groups_for_user;
mod list_instance_profiles_for_role;
mod list_policies;
mod list_policy_tags;
mod list_policy_versions;
mod list_role_policies;
mod list_role_tags;
mod list_roles;
mod list_user_policies;
mod list_user_tags;
mod list_users;
mod long_term;
mod put_role_permissions_boundary;
mod put_role_policy;
mod put_user_permissions_boundary;
mod put_user_policy;
mod set_default_policy_version;
mod shapes;
mod shared;
mod tag_policy;
mod tag_role;
mod tag_user;
mod untag_policy;
mod untag_role;
mod untag_user;
mod update_access_key;
mod update_assume_role_policy;
mod update_role;
mod update_role_description;
mod update_user;

use std::sync::Arc;

use keeptrail_operation::{AnyOperation, bind};

use crate::{IAM, Iam, errors};
pub(crate) use long_term::LongTerm;
pub(crate) use shapes::Shown;
pub(crate) use shared::tagged;
use shared::{
    count_attachment, encoded, key_of, named_or_caller, on_new, on_policy, on_role, on_user, page, root_keys,
    set_boundary, with_tags,
};

/// What AWS says to a session without a second factor.
const INVALID_TOKEN: &str = "The security token included in the request is invalid";

/// Every operation of IAM.
pub(crate) fn operations(iam: &Arc<Iam>) -> Vec<Arc<dyn AnyOperation>> {
    let operations = vec![
        bind::<attach_role_policy::AttachRolePolicy>(&IAM, iam),
        bind::<attach_user_policy::AttachUserPolicy>(&IAM, iam),
        bind::<create_access_key::CreateAccessKey>(&IAM, iam),
        bind::<create_policy::CreatePolicy>(&IAM, iam),
        bind::<create_policy_version::CreatePolicyVersion>(&IAM, iam),
        bind::<create_role::CreateRole>(&IAM, iam),
        bind::<create_user::CreateUser>(&IAM, iam),
        bind::<delete_access_key::DeleteAccessKey>(&IAM, iam),
        bind::<delete_policy::DeletePolicy>(&IAM, iam),
        bind::<delete_policy_version::DeletePolicyVersion>(&IAM, iam),
        bind::<delete_role::DeleteRole>(&IAM, iam),
        bind::<delete_role_permissions_boundary::DeleteRolePermissionsBoundary>(&IAM, iam),
        bind::<delete_role_policy::DeleteRolePolicy>(&IAM, iam),
        bind::<delete_user::DeleteUser>(&IAM, iam),
        bind::<delete_user_permissions_boundary::DeleteUserPermissionsBoundary>(&IAM, iam),
        bind::<delete_user_policy::DeleteUserPolicy>(&IAM, iam),
        bind::<detach_role_policy::DetachRolePolicy>(&IAM, iam),
        bind::<detach_user_policy::DetachUserPolicy>(&IAM, iam),
        bind::<get_access_key_last_used::GetAccessKeyLastUsed>(&IAM, iam),
        bind::<get_account_summary::GetAccountSummary>(&IAM, iam),
        bind::<get_policy::GetPolicy>(&IAM, iam),
        bind::<get_policy_version::GetPolicyVersion>(&IAM, iam),
        bind::<get_role::GetRole>(&IAM, iam),
        bind::<get_role_policy::GetRolePolicy>(&IAM, iam),
        bind::<get_user::GetUser>(&IAM, iam),
        bind::<get_user_policy::GetUserPolicy>(&IAM, iam),
        bind::<list_access_keys::ListAccessKeys>(&IAM, iam),
        bind::<list_account_aliases::ListAccountAliases>(&IAM, iam),
        bind::<list_attached_role_policies::ListAttachedRolePolicies>(&IAM, iam),
        bind::<list_attached_user_policies::ListAttachedUserPolicies>(&IAM, iam),
        bind::<list_groups_for_user::ListGroupsForUser>(&IAM, iam),
        bind::<list_instance_profiles_for_role::ListInstanceProfilesForRole>(&IAM, iam),
        bind::<list_policies::ListPolicies>(&IAM, iam),
        bind::<list_policy_tags::ListPolicyTags>(&IAM, iam),
        bind::<list_policy_versions::ListPolicyVersions>(&IAM, iam),
        bind::<list_role_policies::ListRolePolicies>(&IAM, iam),
        bind::<list_role_tags::ListRoleTags>(&IAM, iam),
        bind::<list_roles::ListRoles>(&IAM, iam),
        bind::<list_user_policies::ListUserPolicies>(&IAM, iam),
        bind::<list_user_tags::ListUserTags>(&IAM, iam),
        bind::<list_users::ListUsers>(&IAM, iam),
        bind::<put_role_permissions_boundary::PutRolePermissionsBoundary>(&IAM, iam),
        bind::<put_role_policy::PutRolePolicy>(&IAM, iam),
        bind::<put_user_permissions_boundary::PutUserPermissionsBoundary>(&IAM, iam),
        bind::<put_user_policy::PutUserPolicy>(&IAM, iam),
        bind::<set_default_policy_version::SetDefaultPolicyVersion>(&IAM, iam),
        bind::<tag_policy::TagPolicy>(&IAM, iam),
        bind::<tag_role::TagRole>(&IAM, iam),
        bind::<tag_user::TagUser>(&IAM, iam),
        bind::<untag_policy::UntagPolicy>(&IAM, iam),
        bind::<untag_role::UntagRole>(&IAM, iam),
        bind::<untag_user::UntagUser>(&IAM, iam),
        bind::<update_access_key::UpdateAccessKey>(&IAM, iam),
        bind::<update_assume_role_policy::UpdateAssumeRolePolicy>(&IAM, iam),
        bind::<update_role::UpdateRole>(&IAM, iam),
        bind::<update_role_description::UpdateRoleDescription>(&IAM, iam),
        bind::<update_user::UpdateUser>(&IAM, iam),
    ];
    let closed = |operation| LongTerm::only(operation, errors::INVALID_TOKEN, INVALID_TOKEN);
    operations.into_iter().map(closed).collect()
}
