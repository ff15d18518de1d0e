//! What can go wrong with keys and sealed values.

use std::{io, path::PathBuf};

/// Why something could not be sealed, opened or read. No message holds key material or plaintext.
#[derive(Debug, thiserror::Error)]
pub enum EnvelopeError {
    /// The system gave no random bytes, so nothing was sealed.
    #[error("no randomness for a key")]
    Randomness(#[from] keeptrail_clock::NoRandomness),
    /// The value was changed, or belongs to other associated data or another key.
    #[error("the value does not open with this key and associated data")]
    Refused,
    /// The value was sealed under a generation that the keyring does not have.
    #[error("the keyring has no generation {0}")]
    Generation(u32),
    /// The bytes are no sealed value or wrapped key.
    #[error("not a sealed value")]
    Malformed,
    /// The keyring was wrapped by another root key.
    #[error("the keyring was wrapped by the root key {wrapped_by}, and this is {given}")]
    OtherRootKey {
        /// The [`KeyWrap::id`](crate::KeyWrap::id) that the keyring was wrapped by.
        wrapped_by: String,
        /// The id of the root key at hand.
        given: String,
    },
    /// The keyring holds no key, or a generation twice.
    #[error("the keyring has no keys or a generation twice")]
    Keyring,
    /// The root key's file cannot be read or made.
    #[error("the root key {path} cannot be read or made")]
    RootKeyFile {
        /// The file.
        path: PathBuf,
        /// What the operating system said.
        source: io::Error,
    },
    /// Others than the file's owner may read the root key.
    #[error("the root key {path} has mode {mode:03o}: only its owner may read it (chmod 600)")]
    RootKeyMode {
        /// The file.
        path: PathBuf,
        /// Its permission bits.
        mode: u32,
    },
    /// The root key's file has not 32 bytes.
    #[error("the root key {path} has not 32 bytes")]
    RootKeyLength {
        /// The file.
        path: PathBuf,
    },
}
