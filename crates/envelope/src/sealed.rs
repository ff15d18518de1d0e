//! A sealed value, as the store keeps it.

use std::fmt;

use base64::{Engine, engine::general_purpose::STANDARD_NO_PAD};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use crate::{
    EnvelopeError,
    cipher::{OVERHEAD, WRAPPED},
};

/// The first byte of a sealed value's bytes.
const FORMAT: u8 = 1;

/// A value under a data key of its own, which is wrapped by one generation of a keyring. In text form it is base64 without
/// padding of [`Sealed::to_bytes`].
#[derive(Clone, PartialEq, Eq)]
pub struct Sealed {
    pub(crate) generation: u32,
    /// Nonce, wrapped data key, tag.
    pub(crate) key: [u8; WRAPPED],
    /// Nonce, ciphertext, tag.
    pub(crate) body: Vec<u8>,
}

impl Sealed {
    /// The generation of the keyring that the value's data key is wrapped by.
    #[must_use]
    pub fn generation(&self) -> u32 {
        self.generation
    }

    /// Format (1 byte), generation (4, big-endian), data key (nonce 12, wrapped key 32, tag 16), value (nonce 12, ciphertext,
    /// tag 16).
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(5 + WRAPPED + self.body.len());
        bytes.push(FORMAT);
        bytes.extend(self.generation.to_be_bytes());
        bytes.extend(self.key);
        bytes.extend(&self.body);
        bytes
    }

    /// Reads what [`Sealed::to_bytes`] wrote.
    ///
    /// # Errors
    /// [`EnvelopeError::Malformed`] when the bytes have not that form.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, EnvelopeError> {
        let read = || {
            let rest = bytes.strip_prefix(&[FORMAT])?;
            let (generation, rest) = rest.split_first_chunk()?;
            let (key, body) = rest.split_first_chunk()?;
            let generation = u32::from_be_bytes(*generation);
            (body.len() >= OVERHEAD).then(|| Self { generation, key: *key, body: body.to_vec() })
        };
        read().ok_or(EnvelopeError::Malformed)
    }
}

impl fmt::Debug for Sealed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Sealed {{ generation: {}, {} bytes }}", self.generation, self.body.len())
    }
}

impl Serialize for Sealed {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&STANDARD_NO_PAD.encode(self.to_bytes()))
    }
}

impl<'de> Deserialize<'de> for Sealed {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
        let bytes = STANDARD_NO_PAD.decode(text.as_bytes()).map_err(|_| de::Error::custom(EnvelopeError::Malformed))?;
        Self::from_bytes(&bytes).map_err(de::Error::custom)
    }
}
