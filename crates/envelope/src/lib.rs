//! Envelope encryption: every stored secret has a data key of its own, data keys are wrapped by a keyring, the keyring is
//! wrapped by a root key that lives outside the store.
//!
//! AES-256-GCM throughout (NIST SP 800-38D), keys from [`keeptrail_clock::Random`]. Replacing the root key wraps the few ring
//! keys again ([`Keyring::wrapped_by`]); replacing the ring key adds a generation ([`Keyring::next_generation`]) and wraps data
//! keys again ([`Keyring::rewrap`]); stored values are never encrypted a second time.
//!
//! INVARIANT: a value opens only with the associated data it was sealed with, so a row moved to another secret, version or
//! account does not open.

mod associated;
mod cipher;
mod error;
mod keyring;
mod root;
mod sealed;

pub use associated::associated_data;
pub use error::EnvelopeError;
pub use keyring::{Keyring, WrappedKey, WrappedKeyring};
pub use root::{KeyWrap, RootKey};
pub use sealed::Sealed;
