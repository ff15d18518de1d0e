//! Random bytes, identifiers and choices.

use std::{
    fmt,
    sync::{Arc, Mutex, PoisonError},
};

use aws_lc_rs::rand::{SecureRandom, SystemRandom};

/// A cheaply cloned source of randomness: the system's generator, or a seeded one for reproducible tests.
#[derive(Clone)]
pub struct Random(Kind);

#[derive(Clone)]
enum Kind {
    System(Arc<System>),
    Seeded(Arc<Mutex<u64>>),
}

/// The system's generator, with random bytes at hand for UUIDs: each draw costs about the same, whether it is for one or for
/// many. Secrets are never made of bytes that lay around.
struct System {
    generator: SystemRandom,
    ids: Mutex<Vec<[u8; 16]>>,
}

/// So many UUIDs' bytes are drawn at once.
const IDS: usize = 64;

impl System {
    fn fill(&self, bytes: &mut [u8]) -> Result<(), NoRandomness> {
        self.generator.fill(bytes).map_err(|_| NoRandomness)
    }

    fn id(&self) -> Result<[u8; 16], NoRandomness> {
        let mut ids = self.ids.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(id) = ids.pop() {
            return Ok(id);
        }
        let mut bytes = [[0; 16]; IDS];
        self.fill(bytes.as_flattened_mut())?;
        ids.extend(bytes);
        ids.pop().ok_or(NoRandomness)
    }
}

/// The system could not give random bytes; nothing secret may be made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NoRandomness;

impl fmt::Display for NoRandomness {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the system's random generator failed")
    }
}

impl std::error::Error for NoRandomness {}

impl Random {
    /// The system's cryptographic generator.
    #[must_use]
    pub fn system() -> Self {
        Self(Kind::System(Arc::new(System { generator: SystemRandom::new(), ids: Mutex::default() })))
    }

    /// A reproducible generator. Only for tests: its output can be guessed.
    #[must_use]
    pub fn seeded(seed: u64) -> Self {
        Self(Kind::Seeded(Arc::new(Mutex::new(seed))))
    }

    /// Fills `bytes`.
    ///
    /// # Errors
    /// When the system's generator fails.
    pub fn fill(&self, bytes: &mut [u8]) -> Result<(), NoRandomness> {
        match &self.0 {
            Kind::System(random) => random.fill(bytes),
            Kind::Seeded(state) => {
                let mut state = state.lock().unwrap_or_else(PoisonError::into_inner);
                for chunk in bytes.chunks_mut(8) {
                    let word = split_mix(&mut state).to_le_bytes();
                    for (to, from) in chunk.iter_mut().zip(word) {
                        *to = from;
                    }
                }
                Ok(())
            }
        }
    }

    /// `N` random bytes.
    ///
    /// # Errors
    /// When the system's generator fails.
    pub fn bytes<const N: usize>(&self) -> Result<[u8; N], NoRandomness> {
        let mut bytes = [0; N];
        self.fill(&mut bytes)?;
        Ok(bytes)
    }

    /// A random number below `bound` without bias; 0 when `bound` is 0.
    ///
    /// # Errors
    /// When the system's generator fails.
    pub fn below(&self, bound: u32) -> Result<u32, NoRandomness> {
        if bound == 0 {
            return Ok(0);
        }
        // Values at or above the largest multiple of `bound` would favour small results: draw again.
        let limit = (u64::from(u32::MAX) + 1) / u64::from(bound) * u64::from(bound);
        loop {
            let draw = u32::from_le_bytes(self.bytes()?);
            if u64::from(draw) < limit {
                return Ok(draw % bound);
            }
        }
    }

    /// `length` characters drawn from `alphabet`; empty when the alphabet is.
    ///
    /// # Errors
    /// When the system's generator fails.
    pub fn text(&self, alphabet: &[u8], length: usize) -> Result<String, NoRandomness> {
        let bound = u32::try_from(alphabet.len()).unwrap_or(u32::MAX);
        let mut text = String::with_capacity(length);
        for _ in 0..length {
            if let Some(byte) = alphabet.get(self.below(bound)? as usize) {
                text.push(char::from(*byte));
            }
        }
        Ok(text)
    }

    /// A random (version 4) UUID in lower-case text form (RFC 9562).
    ///
    /// # Errors
    /// When the system's generator fails.
    pub fn uuid(&self) -> Result<String, NoRandomness> {
        let bytes = match &self.0 {
            Kind::System(random) => random.id()?,
            Kind::Seeded(_) => self.bytes()?,
        };
        let id = uuid::Builder::from_random_bytes(bytes).into_uuid();
        Ok(id.hyphenated().encode_lower(&mut uuid::Uuid::encode_buffer()).to_owned())
    }
}

impl fmt::Debug for Random {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.0 {
            Kind::System(_) => "Random(system)",
            Kind::Seeded(_) => "Random(seeded)",
        })
    }
}

/// SplitMix64 (Steele, Lea, Flood 2014): small, well distributed, not secret.
fn split_mix(state: &mut u64) -> u64 {
    *state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let mut z = *state;
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_uuid_says_version_4_and_the_rfc_variant() {
        for random in [Random::system(), Random::seeded(7)] {
            let id = random.uuid().unwrap();
            assert_eq!(id.len(), 36);
            assert_eq!(id.as_bytes()[14], b'4', "{id}");
            assert!(b"89ab".contains(&id.as_bytes()[19]), "{id}");
        }
    }

    #[test]
    fn no_uuid_comes_twice() {
        let random = Random::system();
        let ids: std::collections::BTreeSet<_> = (0..3 * IDS).map(|_| random.uuid().unwrap()).collect();
        assert_eq!(ids.len(), 3 * IDS);
    }

    #[test]
    fn the_same_seed_gives_the_same_identifiers() {
        assert_eq!(Random::seeded(1).uuid().unwrap(), Random::seeded(1).uuid().unwrap());
        assert_ne!(Random::seeded(1).uuid().unwrap(), Random::seeded(2).uuid().unwrap());
    }

    #[test]
    fn a_bounded_draw_reaches_every_value_and_no_other() {
        let random = Random::seeded(3);
        let mut seen = [false; 6];
        for _ in 0..200 {
            seen[random.below(6).unwrap() as usize] = true;
        }
        assert_eq!(seen, [true; 6]);
    }
}
