//! Users, keys, roles, policies and sessions: what they may do, what stops them, what their records show.
#![expect(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "tests")]

mod access_keys;
mod caching;
mod chains;
mod names;
mod policies;
mod realm;
mod records;
mod rights;
mod roles;
mod session_tokens;
mod sessions;
mod users;
