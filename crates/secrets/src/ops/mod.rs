//! The operations, one a file.

mod batch_get_secret_value;
mod create_secret;
mod delete_resource_policy;
mod delete_secret;
mod describe_secret;
mod get_random_password;
mod get_resource_policy;
mod get_secret_value;
mod list_secret_version_ids;
mod list_secrets;
mod put_resource_policy;
mod put_secret_value;
mod restore_secret;
mod tag_resource;
mod untag_resource;
mod update_secret;
mod update_secret_version_stage;
mod validate_resource_policy;

use std::sync::Arc;

use keeptrail_operation::{AnyOperation, bind};

use crate::{META, Secrets};

/// Every operation of the service.
pub(crate) fn operations(secrets: &Arc<Secrets>) -> Vec<Arc<dyn AnyOperation>> {
    vec![
        bind::<batch_get_secret_value::BatchGetSecretValue>(&META, secrets),
        bind::<create_secret::CreateSecret>(&META, secrets),
        bind::<delete_resource_policy::DeleteResourcePolicy>(&META, secrets),
        bind::<delete_secret::DeleteSecret>(&META, secrets),
        bind::<describe_secret::DescribeSecret>(&META, secrets),
        bind::<get_random_password::GetRandomPassword>(&META, secrets),
        bind::<get_resource_policy::GetResourcePolicy>(&META, secrets),
        bind::<get_secret_value::GetSecretValue>(&META, secrets),
        bind::<list_secret_version_ids::ListSecretVersionIds>(&META, secrets),
        bind::<list_secrets::ListSecrets>(&META, secrets),
        bind::<put_resource_policy::PutResourcePolicy>(&META, secrets),
        bind::<put_secret_value::PutSecretValue>(&META, secrets),
        bind::<restore_secret::RestoreSecret>(&META, secrets),
        bind::<tag_resource::TagResource>(&META, secrets),
        bind::<untag_resource::UntagResource>(&META, secrets),
        bind::<update_secret::UpdateSecret>(&META, secrets),
        bind::<update_secret_version_stage::UpdateSecretVersionStage>(&META, secrets),
        bind::<validate_resource_policy::ValidateResourcePolicy>(&META, secrets),
    ]
}
