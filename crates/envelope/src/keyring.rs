//! Ring keys: the generations that wrap data keys.

use std::collections::BTreeMap;

use base64::{Engine, engine::general_purpose::STANDARD_NO_PAD};
use keeptrail_clock::Random;
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use crate::{
    EnvelopeError, KeyWrap, Sealed, associated_data,
    cipher::{Cipher, KeyBytes, OVERHEAD, WRAPPED, random_key},
};

/// The keys that wrap data keys: one for each generation, the newest for new values. Each may wrap up to 2^32 values before a
/// new generation is due (NIST SP 800-38D, section 8.3).
pub struct Keyring {
    keys: BTreeMap<u32, RingKey>,
}

struct RingKey {
    bytes: KeyBytes,
    cipher: Cipher,
}

/// A keyring as the store keeps it: useless without the root key that wrapped it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct WrappedKeyring {
    /// The [`KeyWrap::id`] of the root key.
    pub root: String,
    /// The wrapped keys.
    pub keys: Vec<WrappedKey>,
}

/// One wrapped generation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct WrappedKey {
    /// The generation, from 1.
    pub generation: u32,
    /// What the root key made of it, in base64 without padding.
    pub wrapped: String,
}

impl Keyring {
    /// A keyring of one random key.
    ///
    /// # Errors
    /// Without randomness, or when the root key cannot wrap it.
    pub fn generate(random: &Random, root: &dyn KeyWrap) -> Result<(Self, WrappedKeyring), EnvelopeError> {
        let keyring = Self { keys: BTreeMap::from([(1, RingKey::new(random_key(random)?)?)]) };
        let wrapped = keyring.wrapped_by(random, root)?;
        Ok((keyring, wrapped))
    }

    /// The keyring that `root` wrapped.
    ///
    /// # Errors
    /// When another root key wrapped it, or it was changed.
    pub fn unwrap(wrapped: &WrappedKeyring, root: &dyn KeyWrap) -> Result<Self, EnvelopeError> {
        if wrapped.root != root.id() {
            return Err(EnvelopeError::OtherRootKey { wrapped_by: wrapped.root.clone(), given: root.id().to_owned() });
        }
        let mut keys = BTreeMap::new();
        for key in &wrapped.keys {
            let bytes = STANDARD_NO_PAD.decode(&key.wrapped).map_err(|_| EnvelopeError::Malformed)?;
            let opened = RingKey::new(root.unwrap(&ring_data(key.generation), &bytes)?)?;
            if keys.insert(key.generation, opened).is_some() {
                return Err(EnvelopeError::Keyring);
            }
        }
        if keys.is_empty() { Err(EnvelopeError::Keyring) } else { Ok(Self { keys }) }
    }

    /// The keyring for the store, wrapped by `root`: also how a root key is replaced by another.
    ///
    /// # Errors
    /// Without randomness, or when the root key cannot wrap it.
    pub fn wrapped_by(&self, random: &Random, root: &dyn KeyWrap) -> Result<WrappedKeyring, EnvelopeError> {
        let wrap = |(generation, key): (&u32, &RingKey)| {
            let wrapped = root.wrap(random, &ring_data(*generation), &key.bytes)?;
            Ok(WrappedKey { generation: *generation, wrapped: STANDARD_NO_PAD.encode(wrapped) })
        };
        let keys = self.keys.iter().map(wrap).collect::<Result<_, EnvelopeError>>()?;
        Ok(WrappedKeyring { root: root.id().to_owned(), keys })
    }

    /// The same keyring with a fresh key for new values. Store what [`Keyring::wrapped_by`] gives before it is used.
    ///
    /// # Errors
    /// Without randomness.
    pub fn next_generation(&self, random: &Random) -> Result<Self, EnvelopeError> {
        let copy = |(generation, key): (&u32, &RingKey)| Ok((*generation, RingKey::new(key.bytes.clone())?));
        let mut keys = self.keys.iter().map(copy).collect::<Result<BTreeMap<_, _>, EnvelopeError>>()?;
        let (newest, _) = self.newest()?;
        let next = newest.checked_add(1).ok_or(EnvelopeError::Keyring)?;
        keys.insert(next, RingKey::new(random_key(random)?)?);
        Ok(Self { keys })
    }

    /// Seals `plaintext` under a data key of its own. It opens only with the same `aad`.
    ///
    /// # Errors
    /// Without randomness.
    pub fn seal(&self, random: &Random, aad: &[u8], plaintext: &[u8]) -> Result<Sealed, EnvelopeError> {
        let (generation, ring) = self.newest()?;
        let data_key = random_key(random)?;
        let mut body = Vec::with_capacity(plaintext.len() + OVERHEAD);
        Cipher::new(&data_key)?.seal(random.bytes()?, aad, plaintext, &mut body)?;
        Ok(Sealed { generation, key: ring.wrap_data_key(random, generation, aad, &data_key)?, body })
    }

    /// Opens what was sealed with the same `aad`.
    ///
    /// # Errors
    /// When it was changed, or sealed with other associated data or by another keyring.
    pub fn open(&self, aad: &[u8], sealed: &Sealed) -> Result<Zeroizing<Vec<u8>>, EnvelopeError> {
        let data_key = self.data_key(aad, sealed)?;
        Cipher::new(&data_key)?.open(aad, &sealed.body)
    }

    /// The same value with its data key wrapped by the newest generation; `None` when it already is. The value itself is not
    /// touched.
    ///
    /// # Errors
    /// When the data key cannot be unwrapped.
    pub fn rewrap(&self, random: &Random, aad: &[u8], sealed: &Sealed) -> Result<Option<Sealed>, EnvelopeError> {
        let (generation, ring) = self.newest()?;
        if sealed.generation == generation {
            return Ok(None);
        }
        let data_key = self.data_key(aad, sealed)?;
        let key = ring.wrap_data_key(random, generation, aad, &data_key)?;
        Ok(Some(Sealed { generation, key, body: sealed.body.clone() }))
    }

    fn data_key(&self, aad: &[u8], sealed: &Sealed) -> Result<KeyBytes, EnvelopeError> {
        let ring = self.keys.get(&sealed.generation).ok_or(EnvelopeError::Generation(sealed.generation))?;
        ring.cipher.open_key(&data_key_data(sealed.generation, aad), &sealed.key)
    }

    fn newest(&self) -> Result<(u32, &RingKey), EnvelopeError> {
        let newest = self.keys.last_key_value().map(|(generation, key)| (*generation, key));
        newest.ok_or(EnvelopeError::Keyring)
    }
}

impl RingKey {
    fn new(bytes: KeyBytes) -> Result<Self, EnvelopeError> {
        let cipher = Cipher::new(&bytes)?;
        Ok(Self { bytes, cipher })
    }

    fn wrap_data_key(
        &self,
        random: &Random,
        generation: u32,
        aad: &[u8],
        data_key: &KeyBytes,
    ) -> Result<[u8; WRAPPED], EnvelopeError> {
        let wrapped = self.cipher.wrap_key(random, &data_key_data(generation, aad), data_key)?;
        wrapped.try_into().map_err(|_| EnvelopeError::Malformed)
    }
}

/// What a ring key is bound to.
fn ring_data(generation: u32) -> Vec<u8> {
    associated_data(&[b"keeptrail ring key".as_slice(), &generation.to_be_bytes()])
}

/// What a data key is bound to.
fn data_key_data(generation: u32, aad: &[u8]) -> Vec<u8> {
    associated_data(&[b"keeptrail data key".as_slice(), &generation.to_be_bytes(), aad])
}
