//! STS's operations, one a file.

mod assume_role;
mod credentials;
mod get_access_key_info;
mod get_caller_identity;
mod get_session_token;

use std::sync::Arc;

use keeptrail_operation::{AnyOperation, bind};

use crate::{Iam, STS};

/// Every operation of STS.
pub(crate) fn operations(iam: &Arc<Iam>) -> Vec<Arc<dyn AnyOperation>> {
    vec![
        bind::<assume_role::AssumeRole>(&STS, iam),
        bind::<get_access_key_info::GetAccessKeyInfo>(&STS, iam),
        bind::<get_caller_identity::GetCallerIdentity>(&STS, iam),
        bind::<get_session_token::GetSessionToken>(&STS, iam),
    ]
}
