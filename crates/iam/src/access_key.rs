//! Access keys: their ids, their sealed secrets.

use keeptrail_clock::{NoRandomness, Random};
use keeptrail_envelope::{EnvelopeError, Keyring, Sealed};
use zeroize::Zeroizing;

const ID_LETTERS: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
const SECRET_LETTERS: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/// A new id: `AKIA` for long-term keys, `ASIA` for temporary ones.
pub(crate) fn id(random: &Random, prefix: &str) -> Result<String, NoRandomness> {
    Ok(format!("{prefix}{}", random.text(ID_LETTERS, 16)?))
}

/// A new secret of 40 characters.
pub(crate) fn secret(random: &Random) -> Result<Zeroizing<String>, NoRandomness> {
    random.text(SECRET_LETTERS, 40).map(Zeroizing::new)
}

/// Seals the secret of the key `id`.
pub(crate) fn seal(keyring: &Keyring, random: &Random, id: &str, secret: &str) -> Result<Sealed, EnvelopeError> {
    keyring.seal(random, &keeptrail_envelope::associated_data(&["iam.key", id]), secret.as_bytes())
}

/// The secret of the key `id`.
pub(crate) fn open(keyring: &Keyring, id: &str, sealed: &Sealed) -> Result<Zeroizing<Vec<u8>>, EnvelopeError> {
    keyring.open(&keeptrail_envelope::associated_data(&["iam.key", id]), sealed)
}
