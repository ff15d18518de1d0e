//! AES-256-GCM with a random nonce before and the tag after the ciphertext.

use aws_lc_rs::aead::{AES_256_GCM, Aad, LessSafeKey, MAX_TAG_LEN, NONCE_LEN, Nonce, UnboundKey};
use keeptrail_clock::Random;
use zeroize::Zeroizing;

use crate::EnvelopeError;

/// An AES-256 key.
pub(crate) const KEY: usize = 32;
/// What encryption adds to a plaintext.
pub(crate) const OVERHEAD: usize = NONCE_LEN + MAX_TAG_LEN;
/// A wrapped key.
pub(crate) const WRAPPED: usize = KEY + OVERHEAD;

/// Key bytes that are wiped when dropped.
pub(crate) type KeyBytes = Zeroizing<[u8; KEY]>;

/// A key with its schedule computed. AWS-LC wipes the schedule when it is freed.
pub(crate) struct Cipher(LessSafeKey);

impl Cipher {
    pub(crate) fn new(key: &[u8; KEY]) -> Result<Self, EnvelopeError> {
        let key = UnboundKey::new(&AES_256_GCM, key).map_err(|_| EnvelopeError::Malformed)?;
        Ok(Self(LessSafeKey::new(key)))
    }

    /// `nonce | ciphertext | tag`, after what `out` already holds.
    pub(crate) fn seal(
        &self,
        nonce: [u8; NONCE_LEN],
        aad: &[u8],
        plaintext: &[u8],
        out: &mut Vec<u8>,
    ) -> Result<(), EnvelopeError> {
        out.reserve(plaintext.len() + OVERHEAD);
        out.extend(nonce);
        let start = out.len();
        out.extend(plaintext);
        let place = out.get_mut(start..).unwrap_or_default();
        let nonce = Nonce::assume_unique_for_key(nonce);
        let tag = self.0.seal_in_place_separate_tag(nonce, Aad::from(aad), place);
        let Ok(tag) = tag else {
            zeroize::Zeroize::zeroize(out);
            return Err(EnvelopeError::Refused);
        };
        out.extend(tag.as_ref());
        Ok(())
    }

    /// The plaintext of `nonce | ciphertext | tag`, into `out`, which has its length.
    fn open_into(&self, aad: &[u8], sealed: &[u8], out: &mut [u8]) -> Result<(), EnvelopeError> {
        let (nonce, rest) = sealed.split_first_chunk::<NONCE_LEN>().ok_or(EnvelopeError::Malformed)?;
        let (ciphertext, tag) = rest.split_last_chunk::<MAX_TAG_LEN>().ok_or(EnvelopeError::Malformed)?;
        let nonce = Nonce::assume_unique_for_key(*nonce);
        let opened = self.0.open_separate_gather(nonce, Aad::from(aad), ciphertext, tag, out);
        opened.map_err(|_| EnvelopeError::Refused)
    }

    pub(crate) fn open(&self, aad: &[u8], sealed: &[u8]) -> Result<Zeroizing<Vec<u8>>, EnvelopeError> {
        let length = sealed.len().checked_sub(OVERHEAD).ok_or(EnvelopeError::Malformed)?;
        let mut plaintext = Zeroizing::new(vec![0; length]);
        self.open_into(aad, sealed, &mut plaintext)?;
        Ok(plaintext)
    }

    pub(crate) fn open_key(&self, aad: &[u8], wrapped: &[u8]) -> Result<KeyBytes, EnvelopeError> {
        if wrapped.len() != WRAPPED {
            return Err(EnvelopeError::Malformed);
        }
        let mut key = KeyBytes::default();
        self.open_into(aad, wrapped, key.as_mut_slice())?;
        Ok(key)
    }

    pub(crate) fn wrap_key(&self, random: &Random, aad: &[u8], key: &[u8; KEY]) -> Result<Vec<u8>, EnvelopeError> {
        let mut wrapped = Vec::with_capacity(WRAPPED);
        self.seal(random.bytes()?, aad, key, &mut wrapped)?;
        Ok(wrapped)
    }
}

/// A random key.
pub(crate) fn random_key(random: &Random) -> Result<KeyBytes, EnvelopeError> {
    let mut key = KeyBytes::default();
    random.fill(key.as_mut_slice())?;
    Ok(key)
}
