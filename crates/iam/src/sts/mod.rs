//! STS's operations, one a file.

mod assume_role;
mod credentials;
mod get_access_key_info;
mod get_caller_identity;
mod get_session_token;
mod tags;

use std::sync::Arc;

use keeptrail_operation::{AnyOperation, bind};

use crate::{ACCESS_DENIED, Iam, STS, ops::LongTerm};

const SESSION: &str = "Cannot call GetAccessKeyInfo with session credentials";

/// Every operation of STS.
pub(crate) fn operations(iam: &Arc<Iam>) -> Vec<Arc<dyn AnyOperation>> {
    vec![
        bind::<assume_role::AssumeRole>(&STS, iam),
        // A session of GetSessionToken may call AssumeRole and GetCallerIdentity, nothing else of STS.
        LongTerm::only(bind::<get_access_key_info::GetAccessKeyInfo>(&STS, iam), ACCESS_DENIED, SESSION),
        bind::<get_caller_identity::GetCallerIdentity>(&STS, iam),
        bind::<get_session_token::GetSessionToken>(&STS, iam),
    ]
}
